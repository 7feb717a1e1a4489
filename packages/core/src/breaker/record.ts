import type { CircuitState } from '../events/events.ts'
import { check, oneOf } from '../validation/validate.ts'

/** What of a breaker outlives its process. Plain data; times are wall time in ms since the Unix epoch. */
export interface BreakerRecord {
  readonly state: CircuitState
  /** Since when it is in this state. */
  readonly since: number
  /** Open: when the next probe may go. */
  readonly openUntil?: number | undefined
  /** How often it was reopened; decides how long it stays open the next time. */
  readonly reopenings: number
}

const STATES: readonly unknown[] = ['closed', 'open', 'half-open', 'ramping', 'isolated'] satisfies CircuitState[]

const FINITE = { allowed: 'a finite number', accepts: Number.isFinite }

/** @throws HoldfastError `INVALID_OPTION`, when it is not what a breaker has recorded. */
export function checkRecord(record: BreakerRecord): void {
  const { state, since, openUntil = 0, reopenings } = record
  check('record.state', state, oneOf(...STATES))
  for (const [name, value] of Object.entries({ since, openUntil, reopenings })) {
    check(`record.${name}`, value, FINITE)
  }
}
