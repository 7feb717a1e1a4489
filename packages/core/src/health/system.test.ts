import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CircuitState, CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { HealthStatus } from '../integration/integration.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import { createHealthMonitor } from './create-monitor.ts'
import type { LevelChanged } from './events.ts'
import { createFeatures, type FeaturesOptions } from './features.ts'
import type { Maintenance } from './monitor.ts'
import type { HealthOptions } from './options.ts'

type Dial = { status: HealthStatus; circuit?: CircuitState; check: () => unknown }

/** Four integrations whose health is dialled by hand, `llm` and `store` of them of high priority. */
function system(options: Partial<HealthOptions> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const dials: Record<'llm' | 'store' | 'smtp' | 'analytics', Dial> = {
    llm: { status: 'healthy', check: () => undefined },
    store: { status: 'healthy', check: () => undefined },
    smtp: { status: 'healthy', check: () => undefined },
    analytics: { status: 'healthy', check: () => undefined },
  }
  const shares: number[] = []
  const watch = (name: keyof typeof dials, priority: 'high' | 'medium' | 'low') => ({
    integration: { name, snapshot: () => ({ ...dials[name] }) },
    priority,
    check: () => dials[name].check(),
  })
  const monitor = createHealthMonitor({
    clock,
    events,
    random: () => 0.5,
    integrations: [watch('llm', 'high'), watch('store', 'high'), watch('smtp', 'medium'), watch('analytics', 'low')],
    onLevelChange: ({ share }) => void shares.push(share),
    ...options,
  })
  const steps = (): string[] => record.of('level-changed').map(({ to, at }) => `${to} ${at - 1_767_225_600_000}`)
  return { clock, dials, events, record, monitor, shares, steps }
}

const WORK: Maintenance = { level: 'LIMITED', by: 'ops', reason: 'new database', forMs: 600_000 }

describe('the level of a system', () => {
  it('falls at once over several steps, and comes back step by step within one dwell', async () => {
    const { clock, dials, monitor, steps, shares, record } = system()
    monitor.start()
    expect([monitor.level, monitor.score, monitor.share]).toEqual(['FULL', 1, 1])
    dials.llm.status = 'critical'
    dials.store.status = 'critical'
    await clock.advance(1_000)
    expect(record.of('level-changed')).toEqual<LevelChanged[]>([
      {
        type: 'level-changed',
        at: 1_767_225_601_000,
        from: 'FULL',
        to: 'EMERGENCY',
        score: 3 / 11,
        share: 0.25,
        reason: 'score',
      },
    ])
    dials.llm.status = 'healthy'
    dials.store.status = 'healthy'
    await clock.advance(200_000)
    expect(steps()).toEqual(['EMERGENCY 1000', 'LIMITED 10000', 'DEGRADED 18000', 'FULL 26000'])
    expect(shares).toEqual([0.25, 0.5, 0.75, 1])
    expect(monitor.snapshot()).toMatchObject({
      level: 'FULL',
      since: 1_767_225_626_000,
      spentMs: { FULL: 1_000 + 175_000, DEGRADED: 8_000, LIMITED: 8_000, EMERGENCY: 9_000 },
      maintenance: undefined,
    })
  })

  it('is capped by the loss of one high-priority integration, whatever the score', async () => {
    const { clock, dials, monitor, record } = system({ weights: { high: 1, medium: 100 } })
    monitor.start()
    dials.llm.status = 'critical'
    await clock.advance(1_000)
    expect(monitor.score).toBeGreaterThan(0.98)
    expect(record.of('level-changed')).toMatchObject([{ to: 'LIMITED', reason: 'high-priority-lost' }])
  })

  it('does not flap with its integrations', async () => {
    const { clock, dials, monitor, steps, record } = system()
    monitor.start()
    for (let i = 0; i < 60; i++) {
      dials.smtp.status = i % 2 === 0 ? 'critical' : 'healthy'
      await clock.advance(10_000)
    }
    expect(record.of('health-changed')).toHaveLength(60)
    expect(steps()).toEqual(['DEGRADED 1000'])
    await clock.advance(60_000)
    expect(steps()).toHaveLength(2)
  })

  it('falls further while it is coming back, and then waits anew', async () => {
    const { clock, dials, monitor, steps } = system()
    monitor.start()
    dials.llm.status = 'critical'
    await clock.advance(1_000)
    dials.llm.status = 'healthy'
    await clock.advance(18_000)
    dials.store.status = 'critical'
    await clock.advance(10_000)
    dials.store.status = 'healthy'
    await clock.advance(70_000)
    expect(steps()).toEqual(['LIMITED 1000', 'DEGRADED 18000', 'LIMITED 20000', 'DEGRADED 46000', 'FULL 54000'])
  })

  it('goes by the time it is asked at when nothing was started, and sets no timer', async () => {
    const { clock, dials, monitor } = system()
    dials.llm.status = 'critical'
    await clock.advance(5_000)
    expect(monitor.level).toBe('LIMITED')
    dials.llm.status = 'healthy'
    await clock.advance(100_000)
    expect(monitor.level).toBe('LIMITED')
    await clock.advance(100_000)
    expect(monitor.level).toBe('DEGRADED')
    await clock.advance(30_000)
    expect(monitor.level).toBe('FULL')
    expect(clock.pending).toBe(0)
  })

  it('needs no time to come back when there is no dwell', async () => {
    const { clock, dials, monitor, steps } = system({ dwellMs: 0 })
    monitor.start()
    dials.llm.status = 'critical'
    await clock.advance(1_000)
    dials.llm.status = 'healthy'
    await clock.advance(3_000)
    expect(steps()).toEqual(['LIMITED 1000', 'DEGRADED 2000', 'FULL 3000'])
  })
})

describe('the validation before FULL', () => {
  it('keeps the level when one check fails, and is made again after a dwell', async () => {
    const { clock, dials, monitor, record, steps } = system({ weights: { low: 0 } })
    // What has no weight does not keep the score down by itself.
    dials.analytics.check = () => Promise.reject(new Error('down'))
    dials.smtp.status = 'degraded'
    monitor.start()
    await clock.advance(1_000)
    dials.smtp.status = 'healthy'
    await clock.advance(89_000)
    expect(monitor.score).toBe(1)
    expect(
      record.of('recovery-validated').map(({ passed, failed, at }) => [passed, failed, at - 1_767_225_600_000]),
    ).toEqual([
      [false, ['analytics'], 26_000],
      [false, ['analytics'], 50_000],
      [false, ['analytics'], 74_000],
    ])
    dials.analytics.check = () => undefined
    await clock.advance(10_000)
    expect(steps()).toEqual(['DEGRADED 0', 'FULL 98000'])
  })

  it('finds out what the intervals have not shown yet', async () => {
    const { clock, dials, monitor, record, steps } = system()
    monitor.start()
    await clock.advance(15_000)
    dials.smtp.status = 'critical'
    await clock.advance(1_000)
    dials.smtp.status = 'healthy'
    await clock.advance(24_000)
    // The checks at 15 s have passed, and the next ones are due at 45 s; the dwell ends at 41 s.
    dials.store.check = () => Promise.reject(new Error('down'))
    await clock.advance(1_000)
    expect(record.of('recovery-validated')).toMatchObject([{ passed: false, failed: ['store'] }])
    expect(monitor.status('store')).toBe('degraded')
    dials.store.check = () => undefined
    await clock.advance(30_000)
    expect(monitor.status('store')).toBe('healthy')
    expect(steps()).toEqual(['DEGRADED 16000'])
    await clock.advance(60_000)
    expect(record.of('recovery-validated').at(-1)).toMatchObject({ passed: true })
    expect(steps()).toEqual(['DEGRADED 16000', 'FULL 95000'])
  })

  it('goes on for as long as a check takes, and does not begin twice', async () => {
    const { clock, dials, monitor, record, steps } = system({ dwellMs: 0 })
    let calls = 0
    dials.llm.check = () => {
      calls += 1
      return clock.sleep(4_000)
    }
    monitor.start()
    dials.smtp.status = 'degraded'
    await clock.advance(1_000)
    dials.smtp.status = 'healthy'
    await clock.advance(4_999)
    expect([calls, steps().length]).toEqual([1, 1])
    await clock.advance(1)
    expect(record.of('recovery-validated')).toHaveLength(1)
    expect(steps()).toEqual(['DEGRADED 1000', 'FULL 6000'])
  })

  it('does not say FULL when something broke while it ran', async () => {
    const { clock, dials, monitor, steps } = system({ dwellMs: 0 })
    dials.llm.check = () => clock.sleep(4_000)
    monitor.start()
    dials.smtp.status = 'degraded'
    await clock.advance(1_000)
    dials.smtp.status = 'healthy'
    await clock.advance(2_000)
    dials.smtp.status = 'degraded'
    await clock.advance(6_000)
    expect(steps()).toEqual(['DEGRADED 1000'])
  })

  it('is called off when the monitor stops', async () => {
    const { clock, dials, monitor, record, steps } = system({ dwellMs: 0 })
    dials.llm.check = () => new Promise(() => undefined)
    monitor.start()
    dials.smtp.status = 'degraded'
    await clock.advance(1_000)
    dials.smtp.status = 'healthy'
    await clock.advance(2_000)
    monitor.stop()
    await clock.advance(60_000)
    expect([record.of('recovery-validated').length, steps().length, clock.pending]).toEqual([0, 1, 0])
  })
})

describe('a maintenance', () => {
  it('holds the level down until its time is over, and then it comes back step by step', async () => {
    const { clock, monitor, record, steps } = system()
    monitor.start()
    monitor.enterMaintenance(WORK)
    expect([monitor.level, monitor.score]).toEqual(['LIMITED', 1])
    expect(record.of('level-changed')).toMatchObject([{ to: 'LIMITED', reason: 'maintenance' }])
    expect(monitor.snapshot().maintenance).toEqual({ ...WORK, until: 1_767_225_600_000 + 600_000 })
    await clock.advance(599_999)
    expect(monitor.level).toBe('LIMITED')
    await clock.advance(61_001)
    expect(steps()).toEqual(['LIMITED 0', 'DEGRADED 616000', 'FULL 624000'])
    expect(record.all.filter(({ type }) => type.startsWith('override-'))).toEqual([
      {
        type: 'override-set',
        at: 1_767_225_600_000,
        level: 'LIMITED',
        by: 'ops',
        reason: 'new database',
        until: 1_767_226_200_000,
      },
      {
        type: 'override-ended',
        at: 1_767_226_200_000,
        level: 'LIMITED',
        by: 'ops',
        reason: 'new database',
        how: 'expired',
      },
    ])
  })

  it('never makes things look better than they are', async () => {
    const { clock, dials, monitor } = system()
    monitor.start()
    monitor.enterMaintenance({ ...WORK, level: 'DEGRADED' })
    dials.llm.status = 'critical'
    await clock.advance(1_000)
    expect(monitor.level).toBe('LIMITED')
  })

  it('may be ended before, and replaced, each with who and why', () => {
    const { monitor, record } = system()
    expect(monitor.endMaintenance({ by: 'eve', reason: 'there is none' })).toBe(false)
    monitor.enterMaintenance(WORK)
    monitor.enterMaintenance({ ...WORK, level: 'EMERGENCY', by: 'bob', reason: 'worse than thought' })
    expect(monitor.level).toBe('EMERGENCY')
    expect(monitor.endMaintenance({ by: 'eve', reason: 'done' })).toBe(true)
    expect(monitor.snapshot().maintenance).toBeUndefined()
    expect(record.of('override-ended')).toMatchObject([
      { level: 'LIMITED', by: 'bob', reason: 'worse than thought', how: 'replaced' },
      { level: 'EMERGENCY', by: 'eve', reason: 'done', how: 'ended' },
    ])
  })

  it('does not go by the wall clock (B7)', async () => {
    const { clock, monitor } = system()
    monitor.start()
    monitor.enterMaintenance(WORK)
    clock.setWallTime(clock.wallTime() + 3_600_000)
    await clock.advance(100_000)
    expect(monitor.level).toBe('LIMITED')
    clock.setWallTime(0)
    await clock.advance(600_000)
    expect(monitor.level).toBe('FULL')
  })

  it.each([
    [{ ...WORK, level: 'FULL' }, "maintenance.level must be 'DEGRADED' or 'LIMITED' or 'EMERGENCY'"],
    [{ ...WORK, by: '' }, 'maintenance.by must be a text of 1 to 200 characters'],
    [{ ...WORK, reason: undefined }, 'maintenance.reason must be'],
    [{ ...WORK, forMs: Infinity }, 'maintenance.forMs must be a number from 1 to 604,800,000'],
  ])('is refused when it is %j', (maintenance, message) => {
    const { monitor, record } = system()
    expect(() => monitor.enterMaintenance(maintenance as Maintenance)).toThrow(message)
    expect(() => monitor.endMaintenance({ by: '', reason: 'x' })).toThrow('maintenance.by')
    expect([monitor.level, record.types.filter((type) => type.startsWith('override'))]).toEqual(['FULL', []])
  })
})

describe('a forced recovery', () => {
  it('resets circuits, runs the checks and tells what came of it', async () => {
    const clock = fakeClock()
    const events = createEvents<CoreEvent>()
    const crm = createIntegration({ name: 'crm', clock, events })
    const smtp = createIntegration({ name: 'smtp', clock, events })
    const monitor = createHealthMonitor({
      clock,
      events,
      integrations: [
        { integration: crm, check: () => crm.call(() => 'pong') },
        { integration: smtp },
        { integration: { name: 'memory', snapshot: () => ({ status: 'healthy' }) } },
      ],
    })
    const record = recordEvents(events)
    crm.circuit.isolate()
    smtp.circuit.open()
    await clock.advance(1_000)
    expect(monitor.level).toBe('EMERGENCY')
    const report = await monitor.forceRecovery({ by: 'ops', reason: 'the network is back' })
    expect(report).toEqual({
      level: 'EMERGENCY',
      integrations: [
        { name: 'crm', before: 'critical', after: 'healthy', check: expect.objectContaining({ outcome: 'passed' }) },
        { name: 'smtp', before: 'critical', after: 'healthy', check: undefined },
        { name: 'memory', before: 'healthy', after: 'healthy', check: undefined },
      ],
    })
    expect([crm.circuit.state, smtp.circuit.state]).toEqual(['closed', 'closed'])
    expect(record.of('recovery-forced')).toMatchObject([
      { by: 'ops', reason: 'the network is back', integrations: ['crm', 'smtp', 'memory'] },
    ])
  })

  it('touches only the integrations it names', async () => {
    const clock = fakeClock()
    const crm = createIntegration({ name: 'crm', clock })
    const smtp = createIntegration({ name: 'smtp', clock })
    const monitor = createHealthMonitor({ clock, integrations: [{ integration: crm }, { integration: smtp }] })
    crm.circuit.isolate()
    smtp.circuit.isolate()
    const report = await monitor.forceRecovery({ by: 'ops', reason: 'mended', integrations: ['crm'] })
    expect(report.integrations).toMatchObject([{ name: 'crm', before: 'critical', after: 'healthy' }])
    expect([crm.circuit.state, smtp.circuit.state]).toEqual(['closed', 'isolated'])
  })

  it('does nothing when it is refused, or its caller has left before', async () => {
    const { monitor, record } = system()
    const request = { by: 'ops', reason: 'mended' }
    await expect(monitor.forceRecovery({ ...request, by: '' })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    await expect(monitor.forceRecovery({ ...request, integrations: ['erp'] })).rejects.toThrow("is 'erp'")
    const gone = AbortSignal.abort('gone')
    await expect(monitor.forceRecovery({ ...request, signal: gone })).rejects.toBe('gone')
    expect(record.all).toEqual([])
  })
})

describe('features', () => {
  const needs = {
    chat: {},
    analytics: { atLeast: 'FULL' },
    email: { atLeast: 'DEGRADED', requires: ['smtp'] },
    quotes: { requires: ['llm', 'store'] },
  } as const

  it('go with the level and with what they require', async () => {
    const { clock, dials, monitor, events, record } = system()
    const features = createFeatures({ monitor, events, clock, features: needs })
    const on = (): string[] => features.list().flatMap(({ name, isEnabled }) => (isEnabled ? [name] : []))
    monitor.start()
    expect(on()).toEqual(['chat', 'analytics', 'email', 'quotes'])
    dials.analytics.status = 'critical'
    await clock.advance(1_000)
    expect(on()).toEqual(['chat', 'email', 'quotes'])
    dials.llm.status = 'critical'
    await clock.advance(1_000)
    expect(on()).toEqual(['chat'])
    expect(features.isEnabled('quotes')).toBe(false)
    expect(features.list()[3]).toEqual({ name: 'quotes', isEnabled: false, missing: ['llm'] })
    dials.llm.status = 'healthy'
    dials.analytics.status = 'healthy'
    await clock.advance(200_000)
    expect(on()).toEqual(['chat', 'analytics', 'email', 'quotes'])
    const switched = record.all.flatMap((event) =>
      event.type === 'feature-disabled' || event.type === 'feature-enabled'
        ? [`${event.type} ${event.feature} ${event.level} ${event.missing.join()}`]
        : [],
    )
    expect(switched).toEqual([
      'feature-disabled analytics DEGRADED ',
      'feature-disabled quotes DEGRADED llm',
      'feature-disabled email LIMITED ',
      'feature-enabled quotes LIMITED ',
      'feature-enabled email DEGRADED ',
      'feature-enabled analytics FULL ',
    ])
  })

  it('that require an integration are on again when its circuit waits for a probe, or nobody would make one', async () => {
    const { clock, dials, monitor, events, record } = system()
    const features = createFeatures({ monitor, events, features: { email: { requires: ['smtp'] } } })
    Object.assign(dials.smtp, { status: 'critical', circuit: 'open' })
    await clock.advance(1_000)
    expect(features.isEnabled('email')).toBe(false)
    dials.smtp.circuit = 'half-open'
    await clock.advance(1_000)
    expect(features.isEnabled('email')).toBe(true)
    expect(record.of('feature-enabled')).toHaveLength(1)
  })

  it('are refused when they name what there is not', () => {
    const { monitor } = system()
    const make = (features: unknown) => () => createFeatures({ monitor, features } as FeaturesOptions)
    expect(make({ email: { requires: ['fax'] } })).toThrow("is 'fax'")
    const alone = createHealthMonitor({ integrations: [], clock: fakeClock() })
    expect(() => createFeatures({ monitor: alone, features: { chat: { requires: ['llm'] } } })).toThrow(
      "integration must be a name there is, and there are none, but is 'llm'",
    )
    expect(make({ email: { atLeast: 'GOOD' } })).toThrow('features.email.atLeast must be')
    expect(make({ email: { needs: [] } })).toThrow('features.email.needs is not an option')
    expect(make(undefined)).toThrow('features.features must be')
    expect(() => createFeatures({ features: {} } as FeaturesOptions)).toThrow('features.monitor must be')
    const features = createFeatures<string>({ monitor, features: needs })
    expect(() => features.isEnabled('fax')).toThrow(
      "feature must be one of chat, analytics, email, quotes, but is 'fax'",
    )
  })
})
