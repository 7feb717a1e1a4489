import type { PlannedTier } from './plan.ts'

/** What the last tier is given when the deadline has passed, in ms: it is asked all the same. */
const LAST_CHANCE_MS = 1_000

/** How long a tier may take. `cut`: less than its own slice, so running out of it says nothing about the tier. */
export interface Slice {
  readonly ms: number
  readonly cut: boolean
}

/**
 * The time for one tier inside the deadline: its own slice or what is left, less a reserve for the tiers that follow (a
 * tenth of the deadline each, or the tier's own slice if that is shorter, together at most half of what is left).
 *
 * @param tier the tier about to start.
 * @param following those still in the queue behind it.
 * @param leftMs what is left of the deadline.
 * @param deadlineMs the whole deadline.
 * @param isLast whether it is asked although the time is up.
 * @returns nothing when the time is up and the tier is not the last one.
 */
export function sliceOf(
  tier: PlannedTier,
  following: readonly PlannedTier[],
  leftMs: number,
  deadlineMs: number,
  isLast: boolean,
): Slice | undefined {
  if (leftMs <= 0 && !isLast) return undefined
  let reserve = 0
  for (const next of following) reserve += Math.min(next.timeoutMs ?? Infinity, deadlineMs / 10)
  const available = leftMs - Math.min(reserve, leftMs / 2)
  const own = tier.timeoutMs ?? Infinity
  const ms = Math.min(own, isLast ? Math.max(available, LAST_CHANCE_MS) : available)
  // A model that is guarded has a time limit there; what it gets here says something about it only where it is most of what there is.
  const isLittle = own === Infinity ? tier.guard !== undefined && ms < deadlineMs / 2 : ms < own
  return { ms, cut: isLittle }
}
