import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BreakerOptions } from '../breaker/options.ts'
import type { Random } from '../clock/clock.ts'
import { createEvents } from '../events/channel.ts'
import type { CircuitState, CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { HealthStatus } from '../integration/integration.ts'
import { fakeClock, recordEvents, seededRandom } from '../testing/index.ts'
import { createHealthMonitor } from './create-monitor.ts'
import { createFeatures } from './features.ts'
import { LEVELS, rate } from './level.ts'

/** A source whose traffic says what the test wants. */
function source(name: string) {
  const traffic: {
    status: HealthStatus
    circuit: CircuitState
    nextProbeInMs?: number
    totals: { succeeded: number }
  } = {
    status: 'healthy',
    circuit: 'closed',
    totals: { succeeded: 0 },
  }
  return { name, traffic, snapshot: () => ({ ...traffic }) }
}

/** A monitor of a real integration, whose check goes through it. */
function guarded(breaker: BreakerOptions, environment: { random?: Random } = {}, tells = true) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const random = environment.random ?? (() => 0.5)
  const integration = createIntegration({ name: 'crm', clock, random, events, retry: { maxRetries: 0 }, breaker })
  const crm = {
    integration,
    isDown: false,
    takesMs: 0,
    /** When it was asked. */
    calls: [] as number[],
    ping: (signal?: AbortSignal): Promise<string> =>
      integration.call(
        async () => {
          crm.calls.push(clock.now())
          if (crm.takesMs > 0) await clock.sleep(crm.takesMs)
          if (crm.isDown) throw new Error('down')
          return 'pong'
        },
        signal === undefined ? {} : { signal },
      ),
  }
  const monitor = createHealthMonitor({
    clock,
    random,
    integrations: [{ integration, check: ({ signal }) => crm.ping(signal) }],
    ...(tells ? { events } : {}),
  })
  return { clock, crm, monitor }
}

describe('automatic recovery', () => {
  it('closes a circuit without any traffic when the check goes through the integration', async () => {
    const clock = fakeClock()
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    let isDown = true
    const integration = createIntegration({
      name: 'crm',
      clock,
      events,
      random: () => 0.5,
      retry: { maxRetries: 0 },
      breaker: { openMs: 5_000, maxOpenMs: 60_000, rampUpMs: 30_000 },
    })
    const ping = (): Promise<string> =>
      integration.call(() => (isDown ? Promise.reject(new Error('down')) : Promise.resolve('pong')))
    const monitor = createHealthMonitor({
      clock,
      events,
      random: () => 0.5,
      integrations: [{ integration, priority: 'high', check: ping }],
    })
    monitor.start()
    for (let i = 0; i < 5; i++) await ping().catch(() => undefined)
    expect(monitor.level).toBe('EMERGENCY')
    expect(integration.circuit.state).toBe('open')
    isDown = false
    await clock.advance(5_250)
    expect(integration.circuit.state, 'probes at 5 s and 5.25 s').toBe('ramping')
    expect(monitor.status('crm')).toBe('degraded')
    await clock.advance(150_000)
    expect(monitor.level).toBe('FULL')
    expect(record.of('level-changed').map(({ to }) => to)).toEqual(['EMERGENCY', 'LIMITED', 'DEGRADED', 'FULL'])
    monitor.stop()
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['that tells its events', true],
    ['that is looked at now and then', false],
  ])('closes a circuit %s within a second of the end of an outage without any traffic', async (_title, tells) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { clock, crm, monitor } = guarded({}, { random: seededRandom(seed) }, tells)
      crm.isDown = true
      monitor.start()
      for (let i = 0; i < 5; i++) await crm.ping().catch(() => undefined)
      await clock.advance(60_000 + seed * 97)
      expect(crm.integration.circuit.state).not.toBe('closed')
      crm.isDown = false
      await clock.advance(600 + 250)
      expect(crm.integration.circuit.state).toBe('closed')
      expect(monitor.status('crm')).toBe('healthy')
      monitor.stop()
    }
  })

  it.each([
    ['of the defaults', {}, 400],
    ['that opens for a millisecond', { openMs: 1, maxOpenMs: 1 }, 250],
    ['that lets ten through', { halfOpenProbes: 10, halfOpenSuccesses: 10, openMs: 1, maxOpenMs: 1 }, 250],
  ])(
    'does not check a dependency that stays down more often than a circuit %s asks for',
    async (_title, breaker, ms) => {
      const { clock, crm, monitor } = guarded(breaker, { random: seededRandom(5) })
      crm.isDown = true
      monitor.start()
      for (let i = 0; i < 5; i++) await crm.ping().catch(() => undefined)
      crm.calls.length = 0
      await clock.advance(60_000)
      const gaps = crm.calls.slice(1).map((at, index) => at - (crm.calls[index] ?? 0))
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(ms)
      expect(gaps.length).toBeGreaterThan(100)
    },
  )

  it('keeps to its pace when a circuit flaps', async () => {
    const { clock, crm, monitor } = guarded({ openMs: 1, maxOpenMs: 1, halfOpenSuccesses: 3 })
    monitor.start()
    for (let i = 0; i < 2_000; i++) {
      crm.isDown = i % 3 !== 0
      crm.integration.circuit[i % 2 === 0 ? 'open' : 'close']()
      await clock.advance(7)
    }
    const gaps = crm.calls.slice(1).map((at, index) => at - (crm.calls[index] ?? 0))
    expect(gaps.length).toBeGreaterThan(20)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250)
  })

  it('waits for the end of a rate limit before it probes', async () => {
    const { clock, crm, monitor } = guarded({ openMs: 1_000, openJitter: 0 })
    monitor.start()
    const limited = { status: 429, headers: { 'retry-after': '20' } }
    await crm.integration.call(() => Promise.reject(limited)).catch(() => undefined)
    crm.integration.circuit.open()
    await clock.advance(19_999)
    expect(crm.calls).toEqual([])
    expect(crm.integration.snapshot().totals.rejected, 'the check that was due anyway').toBe(1)
    await clock.advance(251)
    expect(crm.calls).toEqual([20_000, 20_250])
    expect(crm.integration.circuit.state).toBe('closed')
  })

  it('begins no check of a half-open circuit while one is under way, and the next as soon as it has passed', async () => {
    const { clock, crm, monitor } = guarded({ halfOpenSuccesses: 3, halfOpenProbes: 3 })
    crm.takesMs = 1_900
    crm.integration.circuit.open()
    monitor.start()
    await clock.advance(10_000)
    const [first = 0, second, third, ...others] = crm.calls
    expect(first).toBeLessThanOrEqual(250)
    expect([second, third]).toEqual([first + 1_900, first + 3_800])
    expect([others, crm.integration.circuit.state]).toEqual([[], 'closed'])
  })

  it.each(['pass', 'fail'])('makes checks that %s and are no probes of a circuit ever more seldom', async (does) => {
    const clock = fakeClock()
    const crm = source('crm')
    let calls = 0
    const monitor = createHealthMonitor({
      clock,
      random: () => 0.5,
      integrations: [
        { integration: crm, check: () => (++calls, does === 'pass' ? undefined : Promise.reject(new Error('down'))) },
      ],
    })
    Object.assign(crm.traffic, { status: 'critical', circuit: 'half-open' })
    monitor.start()
    await clock.advance(60_000)
    expect(calls).toBeGreaterThanOrEqual(20)
    expect(calls).toBeLessThanOrEqual(does === 'pass' ? 30 : 21)
    monitor.stop()
  })

  it('asks what is critical by its checks alone every tenth of the interval, and at its usual pace when it is well again', async () => {
    const clock = fakeClock()
    const random = () => 0.5
    let isDown = true
    const calls: number[] = []
    const check = async (): Promise<void> => {
      calls.push(clock.now())
      if (isDown) throw new Error('down')
    }
    // Of no weight, so that the level asks for no checks of its own.
    const integrations = [{ integration: source('crm'), check, intervalMs: 30_000, weight: 0 }]
    const monitor = createHealthMonitor({ clock, random, integrations })
    monitor.start()
    await clock.advance(52_000)
    expect(monitor.status('crm')).toBe('critical')
    isDown = false
    await clock.advance(3_000)
    expect(monitor.status('crm')).toBe('healthy')
    await clock.advance(33_000)
    // One failed check tells too little to be in a hurry.
    expect(calls).toEqual([15_000, 45_000, 48_000, 51_000, 54_000, 84_000])
    monitor.stop()
  })

  it.each([
    ['traffic, every tenth of the interval', 'closed', 14],
    ['a hand that has isolated it, at its usual pace', 'isolated', 2],
  ] as const)('asks what is critical by %s', async (_title, circuit, most) => {
    const clock = fakeClock()
    const crm = source('crm')
    let calls = 0
    const check = (): void => void calls++
    const monitor = createHealthMonitor({ clock, random: () => 0.5, integrations: [{ integration: crm, check }] })
    monitor.start()
    await clock.advance(15_000)
    Object.assign(crm.traffic, { status: 'critical', circuit })
    calls = 0
    await clock.advance(42_000)
    expect(calls).toBeGreaterThanOrEqual(most - 1)
    expect(calls).toBeLessThanOrEqual(most)
    monitor.stop()
  })

  it.each([
    ['that go the way of the calls', true, [/^LIMITED (8|9|10)$/, /^DEGRADED (16|17|18)$/, /^FULL (24|25|26)$/]],
    ['that go another way', false, [/^LIMITED (8|9|1[0-2])$/, /^DEGRADED (1[6-9]|20)$/, /^FULL 2[4-8]$/]],
  ] as const)('has the whole system back within half a minute of the end of an outage by checks %s', async (...row) => {
    const [, areProbes, expected] = row
    for (const seed of [1, 2, 3]) {
      const clock = fakeClock()
      const random = seededRandom(seed)
      let isDown = true
      const levels: string[] = []
      const monitor = createHealthMonitor({
        clock,
        random,
        integrations: (['high', 'medium', 'low'] as const).map((priority) => {
          const integration = createIntegration({ name: priority, clock, random, retry: { maxRetries: 0 } })
          const ping = () => (isDown ? Promise.reject({ status: 503 }) : 'pong')
          const check = () => (areProbes ? integration.call(ping) : ping())
          return { integration, priority, check }
        }),
        onLevelChange: ({ to }) => void levels.push(`${to} ${Math.floor((clock.now() - healedAt) / 1_000)}`),
      })
      const features = createFeatures({ monitor, clock, features: { analytics: { atLeast: 'FULL' } } })
      let healedAt = 0
      monitor.start()
      await clock.advance(300_000)
      expect(monitor.level).toBe('EMERGENCY')
      levels.length = 0
      isDown = false
      healedAt = clock.now()
      await clock.advance(30_000)
      expect(levels).toEqual(expected.map((level) => expect.stringMatching(level)))
      expect(features.isEnabled('analytics')).toBe(true)
      monitor.stop()
    }
  })

  it('makes a half-open circuit worth a try after two checks have passed', async () => {
    const crm = source('crm')
    const monitor = createHealthMonitor({ integrations: [{ integration: crm, check: () => undefined }] })
    crm.traffic.status = 'critical'
    crm.traffic.circuit = 'half-open'
    await monitor.checkNow()
    expect([monitor.status('crm'), monitor.isUsable('crm')]).toEqual(['critical', true])
    await monitor.checkNow()
    expect(monitor.status('crm')).toBe('degraded')
  })
})

describe('a monitor under any weather', () => {
  it('never runs two checks of one integration at once, never calls things better than they are, and stops clean', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const step = fc.record({
      who: fc.nat(names.length - 1),
      status: fc.constantFrom<HealthStatus>('healthy', 'degraded', 'critical'),
      check: fc.constantFrom('pass', 'fail', 'hang', 'slow', 'ignore-abort'),
      act: fc.constantFrom('none', 'none', 'none', 'check', 'stop', 'start', 'maintain', 'recover'),
      ms: fc.integer({ min: 1, max: 45_000 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), fc.nat(), async (steps, seed) => {
        const clock = fakeClock()
        const running = new Map<string, number>()
        let most = 0
        const dials = names.map((name) => ({ ...source(name), check: 'pass' }))
        const monitor = createHealthMonitor({
          clock,
          random: seededRandom(seed),
          assessMs: 5_000,
          integrations: dials.map((dial, index) => ({
            integration: dial,
            priority: index === 0 ? 'high' : 'medium',
            check: async ({ signal }) => {
              const { check, name } = dial
              running.set(name, (running.get(name) ?? 0) + 1)
              most = Math.max(most, running.get(name) ?? 0)
              try {
                if (check === 'fail') throw new Error('down')
                if (check === 'hang') await clock.sleep(1e9, signal)
                if (check === 'slow') await clock.sleep(4_000, signal)
                if (check === 'ignore-abort') await clock.sleep(20_000)
              } finally {
                running.set(name, (running.get(name) ?? 0) - 1)
              }
            },
          })),
        })
        monitor.start()
        const waiting: Promise<unknown>[] = []
        for (const { who, status, check, act, ms } of steps) {
          const dial = dials[who]!
          dial.traffic.status = status
          dial.check = check
          if (act === 'check') waiting.push(monitor.checkNow())
          if (act === 'stop') monitor.stop()
          if (act === 'start') monitor.start()
          if (act === 'maintain')
            monitor.enterMaintenance({ level: 'LIMITED', by: 'ops', reason: 'try', forMs: 20_000 })
          if (act === 'recover') waiting.push(monitor.forceRecovery({ by: 'ops', reason: 'try' }))
          await clock.advance(ms)
          const { level, integrations, score } = monitor.snapshot()
          const rating = rate(integrations)
          expect(rating.score).toBe(score)
          expect(LEVELS.indexOf(level)).toBeLessThanOrEqual(rating.rank)
        }
        monitor.stop()
        await clock.advance(20_000)
        await Promise.all(waiting)
        expect(most).toBeLessThanOrEqual(1)
        expect(clock.pending).toBe(0)
        const results = names.flatMap((name) => monitor.results(name).length)
        await clock.advance(300_000)
        expect(names.flatMap((name) => monitor.results(name).length)).toEqual(results)
        const { spentMs, integrations } = monitor.snapshot()
        const spent = Object.values(spentMs).reduce((sum, ms) => sum + ms, 0)
        expect(spent).toBeCloseTo(clock.now(), 3)
        for (const { uptime } of integrations) {
          expect(uptime.availability).toBeGreaterThanOrEqual(0)
          expect(uptime.uptimeMs + uptime.downtimeMs).toBeCloseTo(clock.now(), 3)
        }
      }),
      { numRuns: 25 },
    )
  })
})
