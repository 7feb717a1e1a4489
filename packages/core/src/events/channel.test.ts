import { describe, expect, it } from 'vitest'
import { recordEvents } from '../testing/index.ts'
import { createEvents } from './channel.ts'

interface Ping {
  readonly type: 'ping' | 'pong'
  readonly n: number
}

describe('a channel of events', () => {
  it('is active only while somebody listens', () => {
    const events = createEvents<Ping>()
    expect(events.active).toBe(false)
    const remove = events.on(() => undefined)
    expect(events.active).toBe(true)
    remove()
    remove()
    expect(events.active).toBe(false)
    events.emit({ type: 'ping', n: 1 })
  })

  it('calls listeners at once and in the order they came', () => {
    const events = createEvents<Ping>()
    const calls: string[] = []
    events.on(() => void calls.push('first'))
    events.on(() => void calls.push('second'))
    events.emit({ type: 'ping', n: 1 })
    expect(calls).toEqual(['first', 'second'])
  })

  it('removes one registration of a function that was added twice', () => {
    const events = createEvents<Ping>()
    let calls = 0
    const listener = (): void => void (calls += 1)
    const remove = events.on(listener)
    events.on(listener)
    remove()
    events.emit({ type: 'ping', n: 1 })
    expect(calls).toBe(1)
  })

  it('swallows what a listener throws or rejects with, and goes on', async () => {
    const events = createEvents<Ping>()
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    events.on(() => {
      throw new Error('a listener that fails')
    })
    const rejects = (): unknown => Promise.reject(new Error('a listener that fails later'))
    events.on(rejects)
    const record = recordEvents(events)
    events.emit({ type: 'ping', n: 1 })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', onUnhandled)
    expect(record.types).toEqual(['ping'])
    expect(unhandled).toEqual([])
  })

  it('delivers an event that a listener causes after the one that caused it, to everybody in the same order', () => {
    const events = createEvents<Ping>()
    events.on(({ type, n }) => {
      if (type === 'ping') events.emit({ type: 'pong', n })
    })
    const record = recordEvents(events)
    events.emit({ type: 'ping', n: 1 })
    events.emit({ type: 'ping', n: 2 })
    expect(record.all.map(({ type, n }) => `${type} ${n}`)).toEqual(['ping 1', 'pong 1', 'ping 2', 'pong 2'])
  })

  it('lets a listener leave, and another come, while an event is delivered', () => {
    const events = createEvents<Ping>()
    const calls: string[] = []
    const remove = events.on(() => {
      calls.push('once')
      remove()
      events.on(() => void calls.push('new'))
    })
    events.on(() => void calls.push('other'))
    events.emit({ type: 'ping', n: 1 })
    events.emit({ type: 'ping', n: 2 })
    expect(calls).toEqual(['once', 'other', 'other', 'new'])
  })

  it('ends a circle of events', () => {
    const events = createEvents<Ping>()
    let calls = 0
    events.on(({ n }) => {
      calls += 1
      events.emit({ type: 'ping', n: n + 1 })
    })
    events.emit({ type: 'ping', n: 0 })
    expect(calls).toBe(1_000)
    events.emit({ type: 'ping', n: 0 })
    expect(calls).toBe(2_000)
  })
})
