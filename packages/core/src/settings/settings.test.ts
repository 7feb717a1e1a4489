import { describe, expect, it } from 'vitest'
import { settingsFrom } from './settings.ts'

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
    [{ HEALTH_CHECK_INTERVAL: '30s' }, /HEALTH_CHECK_INTERVAL must be a whole number from 1000 to 86400000/],
    [{ CIRCUIT_BREAKER_FAILURE_THRESHOLD: '-1' }, /CIRCUIT_BREAKER_FAILURE_THRESHOLD/],
    [{ DEGRADATION_ASSESSMENT_INTERVAL: '1.5' }, /DEGRADATION_ASSESSMENT_INTERVAL/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL must be 'error' or 'warn'/],
  ])('refuse what they cannot read: %j', (environment, message) => {
    expect(() => settingsFrom(environment)).toThrow(message)
  })
})
