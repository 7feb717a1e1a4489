import type { CircuitState } from '../events/events.ts'
import type { WindowCounts } from '../window/rolling-window.ts'
import type { HealthStatus } from './integration.ts'

/** What the health of a dependency is told from. */
export interface HealthSigns {
  readonly circuit: CircuitState
  readonly window: WindowCounts
  readonly isRateLimited: boolean
  /** Attempts that were refused as wrong requests (category `client`) since the last success. */
  readonly refusedInARow: number
}

/** The shares at which a circuit would open. */
export interface HealthLimits {
  readonly minimumCalls: number
  readonly failureRatio: number
  readonly slowRatio: number
}

/**
 * - `critical`: the circuit lets nothing but probes through; or, where there is none, the window would have opened one.
 * - `degraded`: it is ramping, its rate limit is in force, the window is halfway to opening it, or all of the window, `minimumCalls` or
 *   more, was refused as wrong requests: each may be its caller's fault, all of them are hardly.
 * - `healthy`: anything else, also when nothing has been called lately.
 */
export function healthStatus(
  { circuit, window, isRateLimited, refusedInARow }: HealthSigns,
  limits: HealthLimits,
): HealthStatus {
  if (circuit === 'open' || circuit === 'half-open' || circuit === 'isolated') return 'critical'
  const { calls, failures, slow } = window
  const failed = calls === 0 ? 0 : failures / calls
  const bad = calls === 0 ? 0 : (failures + slow) / calls
  if (calls >= limits.minimumCalls && (failed >= limits.failureRatio || bad >= limits.slowRatio)) return 'critical'
  const isHalfway = failed >= limits.failureRatio / 2 || bad >= limits.slowRatio / 2
  const isAllRefused = calls >= limits.minimumCalls && refusedInARow >= calls
  return circuit === 'ramping' || isRateLimited || isHalfway || isAllRefused ? 'degraded' : 'healthy'
}
