import { describe, expect, it } from 'vitest'
import type { LabelCarrier } from '../context/labels.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fixed } from '../fallback/steps.ts'
import { createIntegration } from '../integration/create-integration.ts'
import { fakeClock, recordEvents, scriptedOperation } from '../testing/index.ts'
import { createRegistry } from './registry.ts'

describe('a registry', () => {
  it('makes an integration when it is first asked for, and gives the same one again', async () => {
    const registry = createRegistry()
    const first = registry.integration('database', 'robots')
    expect(first).toMatchObject({ name: 'robots', kind: 'database' })
    expect(registry.integration('database', 'robots')).toBe(first)
    expect(registry.integration('cache', 'robots')).not.toBe(first)
    expect(registry.size).toBe(2)
  })

  it('makes guarded calls in one line, and operations to keep', async () => {
    const clock = fakeClock()
    const registry = createRegistry({ clock })
    await expect(registry.call('database', 'robots', () => ['r2'])).resolves.toMatchObject({ ok: true, value: ['r2'] })
    const robotsOf = registry.operation(
      'database',
      'robots',
      ({ attempt }, owner: string) => {
        if (owner === 'nobody') throw Object.assign(new Error('down'), { status: 501 })
        return [`${owner}, attempt ${attempt}`]
      },
      { fallbacks: [fixed<string[]>([])] },
    )
    await expect(robotsOf('Ada')).resolves.toMatchObject({ ok: true, value: ['Ada, attempt 1'], degraded: false })
    await expect(robotsOf('nobody')).resolves.toMatchObject({ ok: true, value: [], servedBy: 'static', degraded: true })
    expect(registry.snapshots()).toMatchObject([{ name: 'robots', totals: { calls: 3 } }])
  })

  it('gives each what its options say besides the preset', async () => {
    const clock = fakeClock()
    const registry = createRegistry({
      clock,
      options: (kind) => (kind === 'cache' ? { deadlineMs: 100, attemptTimeoutMs: 100 } : {}),
    })
    const call = registry.call('cache', 'fast', scriptedOperation(clock, [{ hangs: true }]))
    await clock.advance(100)
    await expect(call).resolves.toMatchObject({ ok: false, error: { category: 'timeout' } })
  })

  it('puts options over those of the preset, one by one', async () => {
    const clock = fakeClock()
    const registry = createRegistry({
      clock,
      options: () => ({
        idempotent: true,
        deadlineMs: undefined,
        retry: { maxRetries: 1, jitter: 'none' },
        breaker: { halfOpenProbes: 1, openJitter: 0 },
      }),
    })
    const crm = registry.integration('database', 'crm')
    const operation = scriptedOperation(clock, [{ error: { status: 500 } }])
    const calls = Array.from({ length: 3 }, () => crm.call(operation).catch(() => undefined))
    await clock.advance(1_000)
    await Promise.all(calls)
    // The preset waits for 500 ms, and opens after five failures for a second.
    expect(operation.attempts.map(({ at }) => at)).toEqual([0, 0, 0, 500, 500])
    expect(crm.snapshot()).toMatchObject({ circuit: 'open', nextProbeInMs: 1_000 - 500 })
    const hung = scriptedOperation(clock, [{ hangs: true }])
    crm.circuit.close()
    const call = crm.call(hung).catch(() => clock.now())
    await clock.advance(40_000)
    expect(await call, 'the deadline of the preset').toBe(31_000)
  })

  it('can switch off a part of the preset', async () => {
    const registry = createRegistry({ clock: fakeClock(), options: () => ({ breaker: false }) })
    const crm = registry.integration('database', 'crm')
    for (let call = 0; call < 30; call++) await crm.call(() => Promise.reject({ status: 500 })).catch(() => undefined)
    expect(crm.circuit.state).toBe('closed')
  })

  it('reports a fallback with the labels of its carrier, where the call does not bring them', async () => {
    const store = { tenant: 'acme', session: 's-1', apiKey: 'sk-live-123' }
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const carrier: LabelCarrier = { getStore: () => store, run: (_labels, work) => work() }
    const registry = createRegistry({ events, carrier, clock: fakeClock() })
    const fallbacks = [fixed(0)]
    const failing = (): Promise<never> => Promise.reject({ status: 501 })
    await registry.call('cache', 'prices', failing, { fallbacks, session: 's-2' })
    await registry.operation('cache', 'prices', failing, { fallbacks })()
    expect(record.of('fallback-served')).toMatchObject([
      { tenant: 'acme', session: 's-2' },
      { tenant: 'acme', session: 's-1' },
    ])
    expect(JSON.stringify(record.all)).not.toContain('sk-live-123')
  })

  it('makes calls with its own clock and events, also where the call leaves them undefined', async () => {
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const clock = fakeClock({ wallTime: 5 })
    const registry = createRegistry({ events, clock })
    const failing = (): Promise<never> => Promise.reject({ status: 501 })
    const options = { fallbacks: [fixed(0)], clock: undefined, events: undefined }
    await expect(registry.call('cache', 'prices', failing, options)).resolves.toMatchObject({ durationMs: 0 })
    expect(record.of('fallback-served')).toMatchObject([{ at: 5 }])
  })

  it('keeps a bounded number, and drops the one asked for longest ago: a million names stay bounded (B31)', () => {
    const registry = createRegistry({ maxIntegrations: 10 })
    const kept = registry.integration('cache', 'kept')
    for (let name = 0; name < 20_000; name++) {
      registry.integration('cache', `n${name}`)
      if (name % 5 === 0) registry.integration('cache', 'kept')
    }
    expect(registry.size).toBe(10)
    expect(registry.integration('cache', 'kept')).toBe(kept)
  })

  it('lets the calls of one that was dropped go on, and makes a new one for the next', async () => {
    const clock = fakeClock()
    const registry = createRegistry({ clock, maxIntegrations: 1 })
    const first = registry.integration('cache', 'first')
    const call = registry.call('cache', 'first', scriptedOperation(clock, [{ value: 'yes', afterMs: 100 }]))
    registry.integration('cache', 'second')
    await clock.advance(100)
    await expect(call).resolves.toMatchObject({ ok: true, value: 'yes' })
    expect(registry.integration('cache', 'first')).not.toBe(first)
  })

  it('rejects a call it cannot make, and refuses to make an operation of it', async () => {
    const registry = createRegistry()
    const fail = (): never => expect.unreachable()
    await expect(registry.call('toaster' as never, 'one', fail)).rejects.toThrow(/registry.kind must be/)
    await expect(registry.call('cache', 'No Name', fail)).rejects.toThrow(/registry.name must be 1 to 64/)
    expect(() => registry.operation('toaster' as never, 'one', fail)).toThrow(/registry.kind must be/)
    expect(() => registry.operation('cache', 'No Name', fail)).toThrow(/registry.name must be 1 to 64/)
    expect(registry.size).toBe(0)
  })

  it('refuses what it cannot use', () => {
    expect(() => createRegistry(null as never)).toThrow(/registry must be an object of options, but is null/)
    expect(() => createIntegration(null as never)).toThrow(/integration must be an object of options, but is null/)
    expect(() => createRegistry({ maxIntegrations: 0 })).toThrow(
      /registry.maxIntegrations must be a whole number from 1/,
    )
    expect(() => createRegistry().integration('database', 'No Name')).toThrow(/name must be 1 to 64/)
    expect(() => createRegistry().integration('toaster' as never, 'one')).toThrow(/kind must be/)
  })
})
