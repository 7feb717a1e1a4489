import type { Random } from '../clock/clock.ts'

/** What decides how long a circuit stays open. */
export interface OpenTime {
  readonly openMs: number
  readonly maxOpenMs: number
  /** Share by which the time is spread, so that many clients do not probe at the same moment. */
  readonly openJitter: number
}

/** A dependency may ask to be left alone for so long, where `maxOpenMs` is less. */
const LONGEST_ASKED_MS = 60_000

/** The longest a circuit stays open before its spread. */
export function longestOpenMs({ maxOpenMs }: Pick<OpenTime, 'maxOpenMs'>): number {
  return Math.max(maxOpenMs, LONGEST_ASKED_MS)
}

/**
 * How long a circuit stays open: `openMs` doubled for each reopening before it, up to `maxOpenMs`, spread at random. What the
 * dependency asked for (Retry-After) is a floor, up to {@link longestOpenMs}; it is spread upwards only.
 */
export function openTime(options: OpenTime, reopenings: number, retryAfterMs: number, random: Random): number {
  const { openMs, maxOpenMs, openJitter } = options
  const draw = random()
  // 2^1024 is Infinity, which the bound takes care of.
  const backoff = Math.min(maxOpenMs, openMs * 2 ** reopenings)
  const floor = Math.min(longestOpenMs(options), retryAfterMs)
  return Math.max(backoff * (1 - openJitter + 2 * openJitter * draw), floor * (1 + openJitter * draw))
}
