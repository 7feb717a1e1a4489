import { afterEach, describe, expect, it, vi } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CircuitState, CoreEvent } from '../events/events.ts'
import type { HealthStatus } from '../integration/integration.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import { createHealthMonitor } from './create-monitor.ts'
import type { HealthOptions, HealthSource, HealthTarget } from './options.ts'

interface Traffic {
  status: HealthStatus
  circuit: CircuitState
  nextProbeInMs?: number
  totals: { succeeded: number }
}

/** A monitor of one integration, whose traffic and check do what the test wants. */
function setUp(options: Partial<HealthOptions> = {}, target: Partial<HealthTarget> = {}) {
  const clock = fakeClock()
  const traffic: Traffic = { status: 'healthy', circuit: 'closed', totals: { succeeded: 0 } }
  const checks: number[] = []
  const state: { check: (signal: AbortSignal) => unknown } = { check: () => undefined }
  const monitor = createHealthMonitor({
    clock,
    random: () => 0.5,
    integrations: [
      {
        integration: { name: 'crm', snapshot: () => ({ ...traffic }) },
        check: ({ signal }) => {
          checks.push(clock.now())
          return state.check(signal)
        },
        ...target,
      },
    ],
    ...options,
  })
  return { clock, traffic, checks, state, monitor }
}

const fails = (): never => {
  throw new Error('down')
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a monitor that nobody listens to', () => {
  it.each([
    ['without events', undefined],
    ['with events that are not active', { active: false, emit: vi.fn<() => void>(), on: () => () => undefined }],
  ])('builds no event, %s', async (_title, events) => {
    const freeze = vi.spyOn(Object, 'freeze')
    const { clock, traffic, state, monitor } = setUp({ dwellMs: 0, ...(events === undefined ? {} : { events }) })
    monitor.start()
    state.check = fails
    await clock.advance(60_000)
    traffic.status = 'critical'
    await clock.advance(1_000)
    traffic.status = 'healthy'
    state.check = () => undefined
    monitor.enterMaintenance({ level: 'LIMITED', by: 'ops', reason: 'new database', forMs: 1_000 })
    await clock.advance(60_000)
    await monitor.forceRecovery({ by: 'ops', reason: 'try' })
    expect([monitor.level, monitor.snapshot().spentMs.LIMITED > 0]).toEqual(['FULL', true])
    monitor.stop()
    expect(freeze.mock.calls.filter(([value]) => 'type' in (value as object))).toEqual([])
    expect(events?.emit.mock.calls ?? []).toEqual([])
  })

  it('still tells its own listeners', async () => {
    const { monitor, state } = setUp()
    const heard: string[] = []
    monitor.on(({ type }) => void heard.push(type))
    state.check = fails
    await monitor.checkNow()
    expect(heard).toEqual(['health-checked', 'health-changed', 'level-changed'])
  })
})

describe('a check that stop() has called off', () => {
  it('does not count as hanging when another is asked for before it has ended', async () => {
    const { clock, checks, state, monitor } = setUp()
    state.check = () => clock.sleep(1_000)
    void monitor.checkNow()
    await clock.advance(100)
    monitor.stop()
    expect(await monitor.checkNow()).toMatchObject([{ outcome: 'ignored', code: 'CANCELLED' }])
    expect([monitor.status('crm'), checks.length]).toEqual(['healthy', 1])
    await clock.advance(900)
    expect(await Promise.all([monitor.checkNow(), clock.advance(1_000)])).toMatchObject([
      [{ outcome: 'passed' }],
      undefined,
    ])
  })

  it('counts as hanging once its time is over', async () => {
    const { clock, state, monitor } = setUp({}, { timeoutMs: 2_000 })
    state.check = () => new Promise(() => undefined)
    void monitor.checkNow()
    await clock.advance(100)
    monitor.stop()
    await clock.advance(1_900)
    expect(await monitor.checkNow()).toMatchObject([{ outcome: 'failed', code: 'ATTEMPT_TIMEOUT' }])
  })
})

describe('a check that throws what cannot be looked at', () => {
  it('has failed', async () => {
    const { clock, state, monitor } = setUp()
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    state.check = () => Promise.reject(proxy)
    const results = monitor.checkNow()
    await clock.advance(100)
    expect(await results).toMatchObject([{ outcome: 'failed', code: 'UNKNOWN', durationMs: 0 }])
    expect(clock.pending).toBe(0)
  })
})

describe('the timer of a monitor', () => {
  it('is set for the probe of a circuit that has just opened, however seldom traffic is looked at', async () => {
    const events = createEvents<CoreEvent>()
    const { clock, traffic, checks, monitor } = setUp({ events, assessMs: 60_000, jitter: 0 })
    monitor.start()
    await clock.advance(30_000)
    Object.assign(traffic, { status: 'critical', circuit: 'open', nextProbeInMs: 5_000 })
    const change = { at: 0, integration: 'crm', from: 'closed', to: 'open', reason: 'failures' } as const
    events.emit({ type: 'circuit-opened', ...change })
    await clock.advance(9_000)
    expect(checks).toEqual([15_000, 35_000])
  })

  it('is set for the next probe as soon as one has passed', async () => {
    const { clock, traffic, checks, monitor } = setUp({ assessMs: 60_000, jitter: 0 })
    monitor.start()
    await clock.advance(14_000)
    Object.assign(traffic, { status: 'critical', circuit: 'half-open' })
    await clock.advance(1_500)
    expect(checks).toEqual([15_000, 15_250, 15_500])
  })

  it('is set for the end of a maintenance', async () => {
    const { clock, monitor } = setUp({ assessMs: 60_000 })
    const events: string[] = []
    monitor.on(({ type, at }) => void events.push(`${type} ${at - 1_767_225_600_000}`))
    monitor.start()
    monitor.enterMaintenance({ level: 'LIMITED', by: 'ops', reason: 'new database', forMs: 5_000 })
    await clock.advance(10_000)
    expect(events).toContain('override-ended 5000')
    monitor.stop()
    expect(clock.pending).toBe(0)
  })

  it.each([Number.NaN, undefined])('survives a source that tells %s for a time', async (nextProbeInMs) => {
    const { clock, traffic, checks, monitor } = setUp({ jitter: 0 })
    Object.assign(traffic, { status: 'critical', circuit: 'open', nextProbeInMs })
    monitor.start()
    await clock.advance(50_000)
    expect(checks).toEqual([15_000, 45_000])
  })
})

describe('a maintenance that has run out', () => {
  it('is over at once on access, and is neither replaced nor ended by hand any more', async () => {
    const { clock, monitor } = setUp({ assessMs: 60_000 })
    const ended: unknown[] = []
    monitor.on((event) => (event.type === 'override-ended' ? void ended.push([event.how, event.by]) : undefined))
    const work = { level: 'LIMITED', by: 'ops', reason: 'new database', forMs: 5_000 } as const
    monitor.enterMaintenance(work)
    await clock.advance(5_000)
    monitor.enterMaintenance({ ...work, by: 'eve' })
    await clock.advance(5_000)
    expect(monitor.endMaintenance({ by: 'bob', reason: 'done' })).toBe(false)
    monitor.enterMaintenance(work)
    await clock.advance(5_000)
    expect(monitor.snapshot().maintenance).toBeUndefined()
    expect(ended).toEqual([
      ['expired', 'ops'],
      ['expired', 'eve'],
      ['expired', 'ops'],
    ])
  })
})

describe('the validation before FULL', () => {
  it('does not count when the monitor was stopped meanwhile, be it started again', async () => {
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const { clock, traffic, state, monitor } = setUp({ events, dwellMs: 0 })
    monitor.start()
    traffic.status = 'degraded'
    await clock.advance(1_000)
    traffic.status = 'healthy'
    state.check = () => {
      monitor.stop()
      monitor.start()
      state.check = () => undefined
    }
    await clock.advance(1_000)
    expect(record.of('recovery-validated')).toEqual([])
    expect(monitor.level).toBe('DEGRADED')
    await clock.advance(1_000)
    expect(record.of('recovery-validated')).toMatchObject([{ passed: true }])
    expect(monitor.level).toBe('FULL')
  })

  it('does not say FULL when something broke and healed while it ran: the dwell begins anew', async () => {
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const { clock, traffic, state, monitor } = setUp({ events, dwellMs: 10_000 })
    monitor.start()
    traffic.status = 'degraded'
    await clock.advance(1_000)
    traffic.status = 'healthy'
    await clock.advance(9_000)
    state.check = () => clock.sleep(4_000)
    await clock.advance(3_000)
    traffic.status = 'degraded'
    await clock.advance(1_000)
    traffic.status = 'healthy'
    await clock.advance(2_000)
    expect(record.of('recovery-validated')).toHaveLength(1)
    expect(monitor.level).toBe('DEGRADED')
    await clock.advance(20_000)
    expect(monitor.level).toBe('FULL')
  })
})

describe('what checks and traffic say of each other', () => {
  it('leaves a circuit critical when the checks that passed did so before it opened', async () => {
    const { traffic, monitor } = setUp()
    for (let i = 0; i < 5; i++) await monitor.checkNow()
    Object.assign(traffic, { status: 'critical', circuit: 'half-open' })
    await monitor.checkNow()
    expect(monitor.status('crm')).toBe('critical')
    await monitor.checkNow()
    expect(monitor.status('crm')).toBe('degraded')
    Object.assign(traffic, { status: 'healthy', circuit: 'closed' })
    await monitor.checkNow()
    Object.assign(traffic, { status: 'critical', circuit: 'half-open' })
    await monitor.checkNow()
    expect(monitor.status('crm')).toBe('critical')
  })

  it('does not take calls that succeeded before it was made for calls that succeed now', async () => {
    const integration = { name: 'crm', snapshot: () => ({ status: 'healthy' as const, totals: { succeeded: 1_000 } }) }
    const { monitor } = setUp({ criticalAfter: 1 }, { integration, check: fails })
    await monitor.checkNow()
    expect(monitor.status('crm')).toBe('critical')
  })
})

describe('a source of somebody else', () => {
  it.each([
    ['a status that there is not', { status: 'fine' }],
    ['nothing', undefined],
    ['a promise', Promise.resolve({ status: 'healthy' })],
    ['a name every object has', { status: 'toString' }],
  ])('is critical when it gives %s', (_title, snapshot) => {
    const integration = { name: 'crm', snapshot: () => snapshot } as unknown as HealthSource
    const { monitor } = setUp({}, { integration })
    expect([monitor.status('crm'), monitor.score, monitor.level]).toEqual(['critical', 0, 'EMERGENCY'])
  })

  it('does not keep the others from a forced recovery when its reset throws', async () => {
    let resets = 0
    const integrations = ['a', 'b', 'c'].map((name) => ({
      integration: {
        name,
        snapshot: () => ({ status: 'healthy' as const }),
        circuit: { reset: () => (name === 'b' ? fails() : void (resets += 1)) },
      },
    }))
    const monitor = createHealthMonitor({ integrations })
    const report = await monitor.forceRecovery({ by: 'ops', reason: 'mended' })
    expect([report.integrations.length, resets]).toEqual([3, 2])
  })
})
