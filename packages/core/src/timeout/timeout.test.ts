import { describe, expect, it } from 'vitest'
import { fakeClock, scriptedOperation } from '../testing/index.ts'
import { createTimeout } from './timeout.ts'

describe('a timeout on its own', () => {
  it('ends an operation that takes too long, whether or not it heeds its signal', async () => {
    for (const ignoresSignal of [false, true]) {
      const clock = fakeClock()
      const timeout = createTimeout({ timeoutMs: 100, clock })
      const operation = scriptedOperation(clock, [{ hangs: true, ignoresSignal }])
      const call = timeout.execute(operation).catch((reason: unknown) => reason)
      await clock.advance(99)
      expect(clock.pending).toBe(1)
      await clock.advance(1)
      const error = await call
      expect(error).toMatchObject({ code: 'ATTEMPT_TIMEOUT', category: 'timeout', retryable: true })
      if (!ignoresSignal) expect(operation.attempts[0]?.abortReason).toBe(error)
    }
  })

  it('is never mistaken for its caller’s abort, whose reason comes back unchanged (B13)', async () => {
    const clock = fakeClock()
    const timeout = createTimeout({ timeoutMs: 100, clock })
    const controller = new AbortController()
    const operation = scriptedOperation(clock, [{ hangs: true }])
    const call = timeout.execute(operation, { signal: controller.signal }).catch((reason: unknown) => reason)
    const reason = new Error('left')
    controller.abort(reason)
    expect(await call).toBe(reason)
    expect(operation.attempts[0]?.abortReason).toBe(reason)
    expect(clock.pending).toBe(0)
    await expect(timeout.execute(operation, { signal: controller.signal })).rejects.toBe(reason)
    expect(operation.attempts).toHaveLength(1)
  })

  it('gives what the operation gives or throws, and clears its timer', async () => {
    const clock = fakeClock()
    const timeout = createTimeout({ timeoutMs: 100, clock })
    await expect(timeout.execute(({ attempt, timeLeftMs }) => [attempt, timeLeftMs])).resolves.toEqual([1, 100])
    const error = new Error('own')
    await expect(timeout.execute(() => Promise.reject(error))).rejects.toBe(error)
    expect(clock.pending).toBe(0)
  })

  it('hears a late rejection and lets it pass (B25)', async () => {
    const clock = fakeClock()
    const timeout = createTimeout({ timeoutMs: 100, clock })
    const operation = scriptedOperation(clock, [{ error: new Error('late'), afterMs: 200, ignoresSignal: true }])
    const call = timeout.execute(operation).catch((reason: unknown) => reason)
    await clock.advance(300)
    expect(await call).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
  })

  it('refuses what cannot be called', async () => {
    const timeout = createTimeout({ timeoutMs: 100, clock: fakeClock() })
    await expect(timeout.execute(1 as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'operation must be a function, but is 1',
    })
  })

  it.each([[{}], [{ timeoutMs: 0 }], [{ timeoutMs: Number.NaN }], [{ timeout: 5 }]])('refuses %j', (options) => {
    expect(() => createTimeout(options as never)).toThrow(
      /^timeout\.timeout(Ms must be| is not an option; the options are timeoutMs, )/,
    )
  })
})
