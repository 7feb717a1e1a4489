import { describe, expect, it } from 'vitest'
import type { BreakerRecord } from '../breaker/record.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents, scriptedOperation } from '../testing/index.ts'
import { createIntegration } from './create-integration.ts'
import type { IntegrationOptions } from './options.ts'

const BREAKER = { minimumCalls: 1, openMs: 10_000, maxOpenMs: 60_000 }

/** An integration of a process that began at this wall time. */
function start(wallTime: number, options: Partial<IntegrationOptions> = {}) {
  const clock = fakeClock({ wallTime })
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const crm = createIntegration({
    name: 'crm',
    clock,
    events,
    random: () => 0.5,
    retry: { maxRetries: 0 },
    breaker: BREAKER,
    ...options,
  })
  const fail = (): Promise<unknown> => crm.call(() => Promise.reject({ status: 503 })).catch(() => undefined)
  return { clock, record, crm, fail }
}

/** Through a file and back. */
function saved(record: BreakerRecord): BreakerRecord {
  return JSON.parse(JSON.stringify(record)) as BreakerRecord
}

describe('the circuit of an integration', () => {
  it('is recorded, and restored in another process for the rest of its time', async () => {
    const before = start(1_000_000)
    await before.fail()
    const record = saved(before.crm.circuit.record())
    expect(record).toEqual({ state: 'open', since: 1_000_000, openUntil: 1_010_000, reopenings: 1 })
    const after = start(1_004_000)
    after.crm.circuit.restore(record)
    expect(after.crm.snapshot()).toMatchObject({ circuit: 'open', status: 'critical', nextProbeInMs: 6_000 })
    await expect(after.crm.call(() => 1)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterMs: 6_000 })
    expect(after.record.of('circuit-opened')).toMatchObject([{ integration: 'crm', reason: 'restored', openMs: 6_000 }])
    await after.clock.advance(6_000)
    await after.fail()
    expect(after.crm.snapshot().nextProbeInMs, 'the second time').toBe(20_000)
  })

  it('is in trouble from the moment it is restored open, and well again when a closed one is restored', async () => {
    const { clock, crm } = start(1_000_000)
    const well = crm.circuit.record()
    crm.circuit.restore({ state: 'isolated', since: 5, reopenings: 0 })
    await clock.advance(500)
    expect(crm.snapshot()).toMatchObject({ circuit: 'isolated', troubledSince: 1_000_000 })
    crm.circuit.restore(well)
    expect(crm.snapshot()).toMatchObject({ circuit: 'closed', status: 'healthy' })
    expect(crm.snapshot()).not.toHaveProperty('troubledSince')
  })

  it('no longer counts the calls that were under way', async () => {
    const { clock, crm } = start(1_000_000)
    const call = crm.call(scriptedOperation(clock, [{ error: { status: 503 }, afterMs: 100 }])).catch(() => undefined)
    crm.circuit.restore(crm.circuit.record())
    await clock.advance(100)
    await call
    expect(crm.snapshot()).toMatchObject({ circuit: 'closed', window: { calls: 0 } })
  })

  it('is recorded and restored without a breaker too, where it was switched by hand', () => {
    const { crm } = start(1_000_000, { breaker: false })
    crm.circuit.isolate()
    const { crm: other } = start(1_000_000, { breaker: false })
    other.circuit.restore(saved(crm.circuit.record()))
    expect(other.circuit.state).toBe('isolated')
  })

  it('stays as it is when the record is none', () => {
    const { crm } = start(1_000_000)
    crm.circuit.isolate()
    expect(() => crm.circuit.restore({ state: 'ajar', since: 0, reopenings: 0 } as never)).toThrow(
      /record.state must be/,
    )
    expect(crm.circuit.state).toBe('isolated')
  })
})
