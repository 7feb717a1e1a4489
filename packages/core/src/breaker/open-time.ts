import type { Random } from '../clock/clock.ts'

/** What decides how long a circuit stays open. */
export interface OpenTime {
  readonly openMs: number
  readonly maxOpenMs: number
  /** Share by which the time is spread, so that many clients do not probe at the same moment. */
  readonly openJitter: number
}

/**
 * How long a circuit stays open: `openMs` doubled for each reopening before it, up to `maxOpenMs`, spread at random. What the
 * dependency asked for (Retry-After) is a floor, up to `maxOpenMs` too; it is spread upwards only.
 */
export function openTime(options: OpenTime, reopenings: number, retryAfterMs: number, random: Random): number {
  const { openMs, maxOpenMs, openJitter } = options
  const draw = random()
  // 2^1024 is Infinity, which the bound takes care of.
  const backoff = Math.min(maxOpenMs, openMs * 2 ** reopenings)
  const floor = Math.min(maxOpenMs, retryAfterMs)
  return Math.max(backoff * (1 - openJitter + 2 * openJitter * draw), floor * (1 + openJitter * draw))
}
