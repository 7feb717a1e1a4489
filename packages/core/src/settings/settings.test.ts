import { describe, expect, it } from 'vitest'
import { createBreaker } from '../breaker/create-breaker.ts'
import { createHealthMonitor } from '../health/create-monitor.ts'
import { createRetry } from '../retry/retry.ts'
import { type Settings, settingsFrom } from './settings.ts'

const integration = { name: 'crm', snapshot: () => ({ status: 'healthy' as const }) }

/** Every number: its range, what takes it, and the values there for both ends and for one beyond each. */
const RECEIVERS: readonly [
  variable: string,
  range: readonly [least: number, most: number],
  receiver: (settings: Settings) => unknown,
  below: Settings,
  above: Settings,
][] = [
  [
    'HEALTH_CHECK_INTERVAL',
    [1_000, 3_600_000],
    ({ checkIntervalMs: intervalMs = 0 }) => createHealthMonitor({ integrations: [{ integration, intervalMs }] }),
    { checkIntervalMs: 999 },
    { checkIntervalMs: 3_600_001 },
  ],
  [
    'CIRCUIT_BREAKER_FAILURE_THRESHOLD',
    [0, 1_000_000],
    ({ breaker }) => createBreaker({ name: 'crm', ...breaker }),
    { breaker: { consecutiveFailures: -1 } },
    { breaker: { consecutiveFailures: 1_000_001 } },
  ],
  [
    'RETRY_MAX_ATTEMPTS',
    [1, 101],
    ({ retry }) => createRetry(retry),
    { retry: { maxRetries: -1 } },
    { retry: { maxRetries: 101 } },
  ],
  [
    'DEGRADATION_ASSESSMENT_INTERVAL',
    [1, 60],
    ({ assessmentIntervalMs: assessMs = 0 }) => createHealthMonitor({ integrations: [], assessMs }),
    { assessmentIntervalMs: 9 },
    { assessmentIntervalMs: 60_001 },
  ],
]

describe('settings from the environment', () => {
  it('come in the units that the variables have', () => {
    expect(
      settingsFrom({
        HEALTH_CHECK_INTERVAL: '30000',
        CIRCUIT_BREAKER_FAILURE_THRESHOLD: '3',
        RETRY_MAX_ATTEMPTS: '3',
        DEGRADATION_ASSESSMENT_INTERVAL: '60',
        LOG_LEVEL: 'INFO',
      }),
    ).toEqual({
      checkIntervalMs: 30_000,
      breaker: { consecutiveFailures: 3 },
      retry: { maxRetries: 2 },
      assessmentIntervalMs: 60_000,
      logLevel: 'info',
    })
  })

  it('leave out what is missing or empty', () => {
    expect(settingsFrom({ RETRY_MAX_ATTEMPTS: ' ', OTHER: '1' })).toEqual({})
  })

  it('take one attempt as no retry', () => {
    expect(settingsFrom({ RETRY_MAX_ATTEMPTS: '1' })).toEqual({ retry: { maxRetries: 0 } })
  })

  it.each([
    [{ RETRY_MAX_ATTEMPTS: '0' }, /RETRY_MAX_ATTEMPTS must be a whole number from 1 to 101, but is '0'/],
    [{ RETRY_MAX_ATTEMPTS: 'three' }, /but is 'three'/],
    [
      { HEALTH_CHECK_INTERVAL: '30s' },
      /HEALTH_CHECK_INTERVAL must be a whole number from 1000 to 3600000, but is '30s'/,
    ],
    [{ CIRCUIT_BREAKER_FAILURE_THRESHOLD: '-1' }, /CIRCUIT_BREAKER_FAILURE_THRESHOLD/],
    [{ DEGRADATION_ASSESSMENT_INTERVAL: '1.5' }, /DEGRADATION_ASSESSMENT_INTERVAL/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL must be 'error' or 'warn'/],
  ])('refuse what they cannot read: %j', (environment, message) => {
    expect(() => settingsFrom(environment)).toThrow(message)
  })

  it('are read from an object', () => {
    expect(() => settingsFrom(undefined as never)).toThrow('environment must be an object, but is undefined')
  })

  it.each(RECEIVERS)('hold %s to the range of what takes it: %j', (variable, [least, most], receiver, below, above) => {
    for (const value of [least, most]) {
      expect(() => receiver(settingsFrom({ [variable]: String(value) })), String(value)).not.toThrow()
    }
    for (const value of [least - 1, most + 1]) {
      expect(() => settingsFrom({ [variable]: String(value) })).toThrow(`${variable} must be a whole number from`)
    }
    for (const settings of [below, above]) expect(() => receiver(settings)).toThrow(/must be/)
  })
})
