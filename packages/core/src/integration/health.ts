import { isTooMuch } from '../breaker/is-too-much.ts'
import type { BreakerOptions } from '../breaker/options.ts'
import type { CircuitState } from '../events/events.ts'
import type { Complete } from '../validation/defaults.ts'
import type { WindowCounts } from '../window/rolling-window.ts'
import type { HealthStatus } from './integration.ts'

/** Calls in a row tell something for as long as the window, or for this long if that is more: with a short one, calls that come seldom never meet in it. */
const ROW_MS = 300_000

/** What the health of a dependency is told from. */
export interface HealthSigns {
  readonly circuit: CircuitState
  readonly window: WindowCounts
  /** Whether its rate limit is in force, or its goodput limit has refused a call within the window. */
  readonly isLimited: boolean
  /** Attempts that failed or were slow since the last good one. */
  readonly badInARow: number
  /** Attempts that were refused as wrong requests (category `client`) since the last success. */
  readonly refusedInARow: number
  /** Time since the latest of either. */
  readonly sinceBadMs: number
}

/** When a circuit would open. */
export interface HealthLimits extends Pick<
  Complete<BreakerOptions>,
  'windowMs' | 'rule' | 'minimumCalls' | 'failureRatio' | 'slowRatio' | 'consecutiveFailures'
> {
  /** Whether there is a circuit that does. */
  readonly opens: boolean
  readonly goodput?: { readonly refusedAt: number } | undefined
}

/**
 * - `critical`: the circuit lets nothing but probes through; or, where there is none, the default one would have opened.
 * - `degraded`, from two bad calls on, since one alone tells too little: their share is half of what opens the circuit, by its rule but however few
 *   the calls; or they are in a row and half of `consecutiveFailures`, or no fewer than the calls of the window, so that one call a minute is seen, too. Also
 *   while the circuit is ramping, the rate limit is in force, the goodput limit has refused a call within the window, or all of the window and no fewer than `minimumCalls` were refused as wrong
 *   requests: each may be its caller's fault, all of them are hardly.
 * - `healthy`: anything else, also when nothing has been called lately.
 */
export function healthStatus(signs: HealthSigns, limits: HealthLimits): HealthStatus {
  const { circuit, isLimited } = signs
  if (circuit === 'open' || circuit === 'half-open' || circuit === 'isolated') return 'critical'
  const { calls, failures, slow } = signs.window
  const { opens, rule, minimumCalls, failureRatio, slowRatio, consecutiveFailures } = limits
  const bad = failures + slow
  const isLate = signs.sinceBadMs <= Math.max(limits.windowMs, ROW_MS)
  const badInARow = isLate ? signs.badInARow : 0
  /** Whether it is at this share of what opens a circuit. */
  const isAt = (share: number, least: number): boolean =>
    isTooMuch({ rule, minimumCalls: least }, failures, calls, failureRatio * share) ||
    isTooMuch({ rule, minimumCalls: least }, bad, calls, slowRatio * share) ||
    (consecutiveFailures > 0 && badInARow >= consecutiveFailures * share)
  if (!opens && isAt(1, minimumCalls)) return 'critical'
  const isBad = Math.max(bad, badInARow) > 1 && (isAt(0.5, 0) || badInARow >= calls)
  const isRefused = isLate && signs.refusedInARow >= Math.max(calls, minimumCalls)
  return circuit === 'ramping' || isLimited || isBad || isRefused ? 'degraded' : 'healthy'
}
