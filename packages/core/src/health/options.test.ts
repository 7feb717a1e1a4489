import { describe, expect, it } from 'vitest'
import type { HealthStatus } from '../integration/integration.ts'
import { fakeClock } from '../testing/index.ts'
import { createHealthMonitor } from './create-monitor.ts'
import { HEALTH_DEFAULTS, type HealthOptions } from './options.ts'

const integration = { name: 'crm', snapshot: (): { status: HealthStatus } => ({ status: 'healthy' }) }

describe('the options of a health monitor', () => {
  it.each([
    [{}, 'health.integrations must be a list, but is undefined'],
    [{ integrations: [{ integration: {} }] }, 'health.integrations[0].integration must be an object with snapshot'],
    [{ integrations: [{ integration: { ...integration, name: 'A B' } }] }, 'integration.name must be 1 to 64'],
    [
      { integrations: [{ integration }, { integration }] },
      'health.integrations[1].integration.name must be a name of its own',
    ],
    [{ integrations: [{ integration, intervalMs: 999 }] }, '[0].intervalMs must be a number from 1,000 to 3,600,000'],
    [{ integrations: [{ integration, timeoutMs: 30_001 }] }, '[0].timeoutMs must be a number from 1 to 30,000'],
    [{ integrations: [{ integration, priority: 'top' }] }, "[0].priority must be 'high' or 'medium' or 'low'"],
    [{ integrations: [], dwellMs: -1 }, 'health.dwellMs must be'],
    [{ integrations: [], weights: { top: 1 } }, 'health.weights.top is not an option'],
    [{ integrations: [], shares: { FULL: 2 } }, 'health.shares.FULL must be a number from 0 to 1, but is 2'],
    [{ integrations: [], interval: 1 }, 'health.interval is not an option'],
  ])('refuse %j', (options, message) => {
    expect(() => createHealthMonitor(options as unknown as HealthOptions)).toThrow(message)
  })

  it('take zero for a value', () => {
    const monitor = createHealthMonitor({
      integrations: [{ integration, weight: 0 }],
      jitter: 0,
      dwellMs: 0,
      shares: { FULL: 0 },
    })
    expect([monitor.share, monitor.snapshot().integrations[0]?.weight]).toEqual([0, 0])
  })

  it('cut the time limit to a short interval', async () => {
    const clock = fakeClock()
    const check = (): Promise<void> => new Promise(() => undefined)
    const monitor = createHealthMonitor({ clock, integrations: [{ integration, check, intervalMs: 1_000 }] })
    const results = monitor.checkNow()
    await clock.advance(1_000)
    expect(await results).toMatchObject([{ durationMs: 1_000 }])
  })

  it('have defaults that nobody can change', () => {
    expect(Object.isFrozen(HEALTH_DEFAULTS) && Object.isFrozen(HEALTH_DEFAULTS.weights)).toBe(true)
    const monitor = createHealthMonitor({ integrations: [{ integration }] })
    expect(monitor.snapshot().integrations[0]).toMatchObject({ priority: 'medium', weight: 2 })
  })
})
