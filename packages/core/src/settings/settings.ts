import type { BreakerOptions } from '../breaker/options.ts'
import type { RetryOptions } from '../retry/options.ts'
import { anObject, check, oneOf, type Rule } from '../validation/validate.ts'

/** What the environment says about resilience. What it does not say is left out. */
export interface Settings {
  /** From `HEALTH_CHECK_INTERVAL`, in ms. */
  readonly checkIntervalMs?: number
  /** From `CIRCUIT_BREAKER_FAILURE_THRESHOLD`: failures in a row. */
  readonly breaker?: Pick<BreakerOptions, 'consecutiveFailures'>
  /** From `RETRY_MAX_ATTEMPTS`, which counts the first. */
  readonly retry?: Pick<RetryOptions, 'maxRetries'>
  /** From `DEGRADATION_ASSESSMENT_INTERVAL`, which is in seconds. */
  readonly assessmentIntervalMs?: number
  /** From `LOG_LEVEL`. */
  readonly logLevel?: LogLevel
}

/** How much is logged. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace'

/** A whole number of so many digits, as text. */
function digits(least: number, most: number): Rule {
  return {
    allowed: `a whole number from ${least} to ${most}`,
    accepts: (value) => /^\d{1,9}$/.test(String(value)) && Number(value) >= least && Number(value) <= most,
  }
}

/**
 * Reads settings from environment variables: `HEALTH_CHECK_INTERVAL` (ms, 1,000 to 3,600,000), `CIRCUIT_BREAKER_FAILURE_THRESHOLD` (0 to 1,000,000; 0 for
 * never), `RETRY_MAX_ATTEMPTS` (1 to 101), `DEGRADATION_ASSESSMENT_INTERVAL` (seconds, 1 to 60), `LOG_LEVEL` (error, warn, info, debug or trace; case does
 * not matter). One that is missing or empty is left out. The ranges are those of the options they are for; an integration refuses as many retries as its
 * deadline has no room for.
 *
 * @example
 * ```ts
 * import { createIntegration } from '@holdfast/core'
 * import { settingsFrom } from '@holdfast/core/presets'
 *
 * const { retry = {}, breaker = {} } = settingsFrom({ RETRY_MAX_ATTEMPTS: '3', CIRCUIT_BREAKER_FAILURE_THRESHOLD: '5' })
 * console.log(createIntegration({ name: 'crm', retry, breaker }).name, retry.maxRetries)
 * ```
 * @throws HoldfastError `INVALID_OPTION`, which names the variable and what is allowed.
 */
export function settingsFrom(environment: Readonly<Record<string, string | undefined>>): Settings {
  check('environment', environment, anObject)
  const read = (name: string, rule: Rule): string | undefined => {
    const value = environment[name]?.trim().toLowerCase()
    if (value === undefined || value === '') return undefined
    check(name, value, rule)
    return value
  }
  // The ranges are those of the options: `settings.test.ts` holds them together.
  const checkIntervalMs = read('HEALTH_CHECK_INTERVAL', digits(1_000, 3_600_000))
  const failures = read('CIRCUIT_BREAKER_FAILURE_THRESHOLD', digits(0, 1_000_000))
  const attempts = read('RETRY_MAX_ATTEMPTS', digits(1, 101))
  const assessment = read('DEGRADATION_ASSESSMENT_INTERVAL', digits(1, 60))
  const logLevel = read('LOG_LEVEL', oneOf('error', 'warn', 'info', 'debug', 'trace'))
  return {
    ...(checkIntervalMs === undefined ? {} : { checkIntervalMs: Number(checkIntervalMs) }),
    ...(failures === undefined ? {} : { breaker: { consecutiveFailures: Number(failures) } }),
    ...(attempts === undefined ? {} : { retry: { maxRetries: Number(attempts) - 1 } }),
    ...(assessment === undefined ? {} : { assessmentIntervalMs: Number(assessment) * 1_000 }),
    ...(logLevel === undefined ? {} : { logLevel: logLevel as LogLevel }),
  }
}
