import { HoldfastError } from '@holdfast/core'
import { untilMidnight } from '../time-zone/midnight.ts'

/** Somebody looks again after this, however long the day still is: the time zone may be another, and quotas are raised. */
const LOOK_AGAIN_MS = 3_600_000

/** Remembers that the account's day is used up, so that nothing is sent in vain until it ends. */
export interface UsedUpDay {
  /** HubSpot has said so. @returns how long the day still is, in ms. */
  usedUp(): number
  /** @throws HoldfastError `QUOTA_EXHAUSTED` (`rejected`) while it is. */
  check(): void
}

/** Makes a {@link UsedUpDay}. */
export function createUsedUpDay(timeZone: string, wallTime: () => number): UsedUpDay {
  let midnight = 0
  let lookAgainAt = 0
  return {
    usedUp() {
      const now = wallTime()
      const leftMs = untilMidnight(now, timeZone)
      midnight = now + leftMs
      lookAgainAt = now + Math.min(leftMs, LOOK_AGAIN_MS)
      return leftMs
    },
    check() {
      const now = wallTime()
      if (now >= lookAgainAt) return
      throw new HoldfastError({
        code: 'QUOTA_EXHAUSTED',
        category: 'rejected',
        message: 'HubSpot is not asked: the requests that the account may make in a day are used up',
        retryable: false,
        retryAfterMs: midnight - now,
        mayHaveTakenEffect: false,
      })
    },
  }
}
