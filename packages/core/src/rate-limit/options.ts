import type { Environment } from '../integration/integration.ts'
import {
  aName,
  check,
  ENVIRONMENT_RULES,
  numberFrom,
  oneOf,
  type Rule,
  type Rules,
  validate,
  wholeFrom,
} from '../validation/validate.ts'

/** How many calls may begin in a time. */
export interface RateLimitOptions {
  /**
   * `token-bucket`: a steady rate, and bursts up to `burst` after a quiet time; up to `burst + limit` calls in some
   * `intervalMs`. `sliding-window`: never more than `limit` calls in any `intervalMs`; a call is counted for up to a
   * fifteenth longer. Default: `token-bucket`.
   */
  readonly algorithm?: 'token-bucket' | 'sliding-window' | undefined
  /** Calls per `intervalMs`. 1 to 1,000,000,000. */
  readonly limit: number
  /** In ms. 1 to 86,400,000. Default: 1,000. */
  readonly intervalMs?: number | undefined
  /** Calls that may begin at once after a quiet time; `token-bucket` only. 1 to 1,000,000,000. Default: `limit`. */
  readonly burst?: number | undefined
  /** Longest time to wait for a turn, in ms; 0: who comes too early is refused. 0 to 86,400,000. Default: 0. */
  readonly maxWaitMs?: number | undefined
}

/** A rate limiter needs a name, for its errors and events. */
export interface RateLimiterConfiguration extends RateLimitOptions, Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
}

/** Rate limiters by key, of one configuration. */
export interface RateLimitersConfiguration extends RateLimiterConfiguration {
  /** Keys that are remembered; the least recently used goes first. 1 to 1,000,000. Default: 10,000. */
  readonly maxKeys?: number | undefined
}

/** How a rate limiter works when nothing else is said. */
export const RATE_LIMIT_DEFAULTS: {
  readonly algorithm: 'token-bucket'
  readonly intervalMs: number
  readonly maxWaitMs: number
  readonly maxKeys: number
} = Object.freeze({ algorithm: 'token-bucket', intervalMs: 1_000, maxWaitMs: 0, maxKeys: 10_000 })

const DAY_MS = 86_400_000
const A_COUNT: Rule = /* @__PURE__ */ wholeFrom(1, 1_000_000_000)

export const RATE_LIMITER_RULES: Rules<RateLimiterConfiguration> = {
  name: aName,
  ...ENVIRONMENT_RULES,
  algorithm: /* @__PURE__ */ oneOf('token-bucket', 'sliding-window'),
  limit: A_COUNT,
  intervalMs: /* @__PURE__ */ numberFrom(1, DAY_MS),
  burst: A_COUNT,
  maxWaitMs: /* @__PURE__ */ numberFrom(0, DAY_MS),
}

/**
 * Checks the options one by one, and what must not be left out or go together.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function checkRateLimiter<Configuration extends RateLimiterConfiguration>(
  owner: string,
  configuration: Configuration,
  rules: Rules<Configuration>,
): void {
  validate(owner, configuration, rules)
  check(`${owner}.name`, configuration.name, aName)
  check(`${owner}.limit`, configuration.limit, A_COUNT)
  if (configuration.algorithm === 'sliding-window') {
    check(`${owner}.burst`, configuration.burst, { allowed: 'left out with a sliding window', accepts: isLeftOut })
  }
}

function isLeftOut(value: unknown): boolean {
  return value === undefined
}
