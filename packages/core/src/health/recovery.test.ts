import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CircuitState, CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { HealthStatus } from '../integration/integration.ts'
import { fakeClock, recordEvents, seededRandom } from '../testing/index.ts'
import { createHealthMonitor } from './create-monitor.ts'
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
    await clock.advance(9_000)
    expect(integration.circuit.state, 'probes at 5 s and 8 s').toBe('ramping')
    expect(monitor.status('crm')).toBe('degraded')
    await clock.advance(150_000)
    expect(monitor.level).toBe('FULL')
    expect(record.of('level-changed').map(({ to }) => to)).toEqual(['EMERGENCY', 'LIMITED', 'DEGRADED', 'FULL'])
    monitor.stop()
    expect(clock.pending).toBe(0)
  })

  it('does not check a dependency that stays down more often than its circuit would', async () => {
    const clock = fakeClock()
    const crm = source('crm')
    let calls = 0
    const monitor = createHealthMonitor({
      clock,
      random: () => 0.5,
      integrations: [{ integration: crm, check: () => Promise.reject(new Error(`down ${(calls += 1)}`)) }],
    })
    crm.traffic.status = 'critical'
    crm.traffic.circuit = 'open'
    crm.traffic.nextProbeInMs = 0
    monitor.start()
    await clock.advance(60_000)
    expect(calls).toBeLessThanOrEqual(21)
    crm.traffic.circuit = 'half-open'
    calls = 0
    await clock.advance(60_000)
    expect(calls).toBeLessThanOrEqual(3)
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
