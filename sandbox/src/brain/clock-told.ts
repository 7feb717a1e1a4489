import { isTimeZone } from './time-zone.ts'

/** The time a stand-in reads dates by, and where. */
export interface AskersClock {
  readonly now: Date
  readonly timeZone: string
}

/** A system message often says what day it is and where; then that counts. */
export function clockTold(systemMessages: readonly string[], clock: AskersClock): AskersClock {
  const told = systemMessages.join('\n')
  const zone = /\b(?:UTC|[A-Z][A-Za-z]+\/[A-Z][A-Za-z_]+(?:\/[A-Z][A-Za-z_]+)?)\b/.exec(told)?.[0]
  const stamp = /\b\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?/.exec(told)?.[0]
  // A date alone is the day at the asker's place; noon UTC is that day nearly everywhere.
  const now = stamp === undefined ? clock.now : new Date(stamp.includes('T') ? stamp : `${stamp}T12:00:00Z`)
  return {
    now: Number.isNaN(now.getTime()) ? clock.now : now,
    timeZone: zone !== undefined && isTimeZone(zone) ? zone : clock.timeZone,
  }
}
