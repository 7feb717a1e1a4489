/**
 * The share of the traffic that is let through `elapsedMs` after a circuit closed: it grows in a straight line to all of it
 * over `rampUpMs`, and is never less than `minimumShare` (after Envoy's slow start).
 */
export function rampUpShare(elapsedMs: number, rampUpMs: number, minimumShare: number): number {
  if (elapsedMs >= rampUpMs) return 1
  return Math.max(minimumShare, elapsedMs / rampUpMs)
}

/** Absorbs the rounding of sums such as ten times 0.1. */
const ROUNDING = 1e-9

/**
 * Lets a growing share of the arrivals through, evenly and without chance. Every arrival adds the share of its moment to a
 * credit; whoever completes a whole one goes through. At a constant share this admits arrival k exactly when
 * floor(k * share) > floor((k - 1) * share); summing keeps it even while the share grows.
 */
export class CreditAdmission {
  #credit = 0

  /** Counts one arrival and says whether it goes through. */
  admit(share: number): boolean {
    this.#credit += share
    if (this.#credit < 1 - ROUNDING) return false
    this.#credit -= 1
    return true
  }

  /** What {@link admit} would say now. */
  wouldAdmit(share: number): boolean {
    return this.#credit + share >= 1 - ROUNDING
  }
}
