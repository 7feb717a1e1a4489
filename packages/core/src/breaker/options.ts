import { type Complete, withDefaults } from '../validation/defaults.ts'
import {
  invalidOption,
  numberFrom,
  oneOf,
  positiveShare,
  type Rules,
  validate,
  wholeFrom,
} from '../validation/validate.ts'

/** When a circuit opens, how it is tried again, and how traffic comes back. */
export interface BreakerOptions {
  /** Length of the rolling window in ms. 10 to 86,400,000. Default: 30,000. */
  readonly windowMs?: number | undefined
  /** Counts the last so many calls, whenever they were, in place of those of `windowMs`; 0 for a window of time. 0 to 100,000. Default: 0. */
  readonly windowCalls?: number | undefined
  /**
   * When a share of bad calls is too much. `ratio`: when it reaches its bound among at least `minimumCalls`. `wilson`: when it is above its bound
   * with 95 % confidence (the lower bound of the Wilson score interval), however few the calls: for agents at a call a minute, with a window to
   * match. Four failures of four are above 0.5, two of two above 0.3. Default: `ratio`.
   */
  readonly rule?: 'ratio' | 'wilson' | undefined
  /** No verdict on fewer calls than this in the window. 1 to 1,000,000. Default: 5. */
  readonly minimumCalls?: number | undefined
  /** Opens when this share of the calls failed. 0 < ratio <= 1. Default: 0.5. */
  readonly failureRatio?: number | undefined
  /** A call (for a stream: its first output) slower than this counts as slow, in ms. 0 to `Infinity` (never). Default: 5,000. */
  readonly slowCallMs?: number | undefined
  /** Opens when this share of the calls failed or was slow. 0 < ratio <= 1. Default: 0.5, or `failureRatio` if that is more. */
  readonly slowRatio?: number | undefined
  /** Opens at once after this many failures (or slow calls) in a row, whatever the ratio; 0 for never. Default: 10. */
  readonly consecutiveFailures?: number | undefined
  /** First time in the open state, in ms. Doubles at each reopening. 1 to 86,400,000. Default: 250. */
  readonly openMs?: number | undefined
  /**
   * Upper bound of the time in the open state before its spread, in ms; a dependency that asks for more (Retry-After) is left alone for as long as it asks, up to
   * a minute. Default: 500, or `openMs` if that is more.
   */
  readonly maxOpenMs?: number | undefined
  /** Random spread of the open time, as a share: 0.2 means 80 % to 120 %. 0 to 1. Default: 0.2. */
  readonly openJitter?: number | undefined
  /**
   * Calls let through at once while half-open. While they hang, another one goes after `openMs`, then after twice as long, up to every `maxOpenMs`, so that
   * a probe that hangs does not keep out the one that would find the dependency well again. 1 to 1,000. Default: 1.
   */
  readonly halfOpenProbes?: number | undefined
  /** Probes in a row that must pass to close. 1 to 1,000. Default: 2. */
  readonly halfOpenSuccesses?: number | undefined
  /** A probe that has not settled after this many ms counts as a failure, and its permit is free again. Default: 30,000. */
  readonly probeLeaseMs?: number | undefined
  /** After closing, traffic grows to all of it over this time, in ms; 0 for at once. Default: 0. */
  readonly rampUpMs?: number | undefined
  /** Share of the traffic at the start of the ramp. 0 < share <= 1. Default: 0.1. */
  readonly rampUpMinimumShare?: number | undefined
}

/** What a circuit breaker does when nothing else is said. */
export const BREAKER_DEFAULTS: Complete<BreakerOptions> = Object.freeze({
  windowMs: 30_000,
  windowCalls: 0,
  rule: 'ratio',
  minimumCalls: 5,
  failureRatio: 0.5,
  slowCallMs: 5_000,
  slowRatio: 0.5,
  consecutiveFailures: 10,
  openMs: 250,
  maxOpenMs: 500,
  openJitter: 0.2,
  halfOpenProbes: 1,
  halfOpenSuccesses: 2,
  probeLeaseMs: 30_000,
  rampUpMs: 0,
  rampUpMinimumShare: 0.1,
})

const DAY_MS = 86_400_000

export const BREAKER_RULES: Rules<BreakerOptions> = {
  windowMs: numberFrom(10, DAY_MS),
  windowCalls: wholeFrom(0, 100_000),
  rule: oneOf('ratio', 'wilson'),
  minimumCalls: wholeFrom(1, 1_000_000),
  failureRatio: positiveShare,
  slowCallMs: numberFrom(0, Infinity),
  slowRatio: positiveShare,
  consecutiveFailures: wholeFrom(0, 1_000_000),
  openMs: numberFrom(1, DAY_MS),
  maxOpenMs: numberFrom(1, DAY_MS),
  openJitter: numberFrom(0, 1),
  halfOpenProbes: wholeFrom(1, 1_000),
  halfOpenSuccesses: wholeFrom(1, 1_000),
  probeLeaseMs: numberFrom(1, DAY_MS),
  rampUpMs: numberFrom(0, DAY_MS),
  rampUpMinimumShare: positiveShare,
}

/** Checked options with every default filled in. @throws HoldfastError `INVALID_OPTION` */
export function resolveBreakerOptions(owner: string, options: BreakerOptions): Complete<BreakerOptions> {
  validate(owner, options, BREAKER_RULES)
  const { failureRatio = 0, openMs = 0 } = options
  const resolved = withDefaults(
    {
      ...BREAKER_DEFAULTS,
      slowRatio: Math.max(failureRatio, BREAKER_DEFAULTS.slowRatio),
      maxOpenMs: Math.max(openMs, BREAKER_DEFAULTS.maxOpenMs),
    },
    options,
  )
  if (resolved.windowCalls > 0 && resolved.windowCalls < resolved.minimumCalls) {
    const allowed = `0, or at least minimumCalls (${resolved.minimumCalls})`
    throw invalidOption(`${owner}.windowCalls`, allowed, resolved.windowCalls)
  }
  if (resolved.maxOpenMs < resolved.openMs) {
    throw invalidOption(`${owner}.maxOpenMs`, `at least openMs (${resolved.openMs})`, resolved.maxOpenMs)
  }
  return resolved
}
