import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import { createDedupe } from './dedupe.ts'

function setUp() {
  const clock = fakeClock()
  const dedupe = createDedupe()
  let calls = 0
  const signals: AbortSignal[] = []
  const operation = async (signal: AbortSignal): Promise<number> => {
    signals.push(signal)
    const call = (calls += 1)
    await clock.sleep(100, signal)
    return call
  }
  return { clock, dedupe, operation, signals, calls: () => calls }
}

describe('identical calls', () => {
  it('under way at the same time are one, and later ones are made again', async () => {
    const { clock, dedupe, operation } = setUp()
    const calls = Promise.all(Array.from({ length: 1_000 }, () => dedupe.run('k', operation)))
    expect(dedupe.size).toBe(1)
    await clock.advance(100)
    expect(new Set(await calls)).toEqual(new Set([1]))
    expect(dedupe.size).toBe(0)
    const again = dedupe.run('k', operation)
    await clock.advance(100)
    expect(await again).toBe(2)
  })

  it('with other keys, or of other tenants, are not identical', async () => {
    const { clock, dedupe, operation } = setUp()
    const scopes = [{}, { tenant: 'a' }, { tenant: 'b' }, { tenant: '' }]
    const calls = [...scopes.map((scope) => dedupe.run('k', operation, scope)), dedupe.run('@1@ak', operation)]
    expect(dedupe.size).toBe(5)
    await clock.advance(100)
    expect(await Promise.all(calls)).toEqual([1, 2, 3, 4, 5])
  })

  it('share a failure, by identity, and it is not remembered (B32, B35)', async () => {
    const { clock, dedupe } = setUp()
    const error = new Error('down')
    let calls = 0
    const fails = async (): Promise<never> => {
      calls += 1
      await clock.sleep(10)
      throw error
    }
    const failed = Promise.all(
      Array.from({ length: 50 }, () => dedupe.run('k', fails).catch((reason: unknown) => reason)),
    )
    await clock.advance(10)
    expect(new Set(await failed)).toEqual(new Set([error]))
    expect([calls, dedupe.size]).toEqual([1, 0])
    expect(await dedupe.run('k', () => 'up')).toBe('up')
  })

  it('free their key also when the operation throws at once, or gives undefined (B18, B34)', async () => {
    const { dedupe } = setUp()
    const throws = (): never => {
      throw new Error('at once')
    }
    await expect(dedupe.run('k', throws)).rejects.toThrow('at once')
    expect(dedupe.size).toBe(0)
    expect(await dedupe.run('k', () => undefined)).toBe(undefined)
    expect(dedupe.size).toBe(0)
  })

  it('go on while one waits, and end when the last has left, with its reason (B33)', async () => {
    const { clock, dedupe, operation, signals } = setUp()
    const controllers = [new AbortController(), new AbortController()]
    const calls = controllers.map(({ signal }) =>
      dedupe.run('k', operation, { signal }).catch((reason: unknown) => reason),
    )
    controllers[0]?.abort('first')
    expect(signals[0]?.aborted).toBe(false)
    controllers[1]?.abort('second')
    expect(signals[0]?.reason).toBe('second')
    expect(await Promise.all(calls)).toEqual(['first', 'second'])
    expect([dedupe.size, clock.pending]).toEqual([0, 0])
  })

  it('that come after everybody has left are made anew, and the end of the old one does not touch them', async () => {
    const { clock, dedupe } = setUp()
    const controller = new AbortController()
    const stubborn = (): Promise<string> => clock.sleep(100).then(() => 'old')
    const left = dedupe.run('k', stubborn, { signal: controller.signal }).catch((reason: unknown) => reason)
    controller.abort('gone')
    expect(await left).toBe('gone')
    await clock.advance(50)
    const fresh = dedupe.run('k', () => clock.sleep(100).then(() => 'new'))
    await clock.advance(50)
    expect(dedupe.size).toBe(1)
    await clock.advance(50)
    expect(await fresh).toBe('new')
  })

  it('are not made for a signal that has aborted already, and leave no listener (B23)', async () => {
    const { dedupe, operation, calls, clock } = setUp()
    await expect(dedupe.run('k', operation, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    expect(calls()).toBe(0)
    const { signal } = new AbortController()
    const waiting = Promise.all(Array.from({ length: 100 }, () => dedupe.run('k', operation, { signal })))
    expect(getEventListeners(signal, 'abort')).toHaveLength(100)
    await clock.advance(100)
    await waiting
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('whose only caller left leave nothing unhandled when they fail later (B25)', async () => {
    const { clock, dedupe } = setUp()
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    const controller = new AbortController()
    const late = (): Promise<never> => clock.sleep(100).then(() => Promise.reject(new Error('late')))
    const call = dedupe.run('k', late, { signal: controller.signal }).catch(() => undefined)
    controller.abort()
    await call
    await clock.advance(100)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', onUnhandled)
    expect(unhandled).toEqual([])
  })

  it('that are made with an option that does not exist are refused: a misspelt tenant would share them', async () => {
    const { dedupe, operation, calls } = setUp()
    const misspelt = { tennant: 'acme' } as object
    await expect(dedupe.run('k', operation, misspelt)).rejects.toThrow('call.tennant is not an option')
    expect([calls(), dedupe.size]).toEqual([0, 0])
  })

  it('for which there is nothing to call are refused, under way or not', async () => {
    const { clock, dedupe, operation } = setUp()
    for (const wrong of [undefined, Promise.resolve(1), 'ask']) {
      await expect(dedupe.run('k', wrong as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
      expect(dedupe.size).toBe(0)
    }
    const call = dedupe.run('k', operation)
    await expect(dedupe.run('k', undefined as never)).rejects.toThrow('operation must be a function, but is undefined')
    await clock.advance(100)
    expect(await call).toBe(1)
  })

  it('that one of them makes itself wait for it like any other', async () => {
    const { clock, dedupe } = setUp()
    let inner: Promise<string> | undefined
    const outer = dedupe.run('k', async () => {
      inner = dedupe.run('k', () => 'not needed')
      await clock.sleep(10)
      return 'a'
    })
    await clock.advance(10)
    expect([await outer, await inner]).toEqual(['a', 'a'])
  })
})
