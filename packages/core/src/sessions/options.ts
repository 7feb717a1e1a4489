import type { Clock } from '../clock/clock.ts'
import type { CoreEvent, Events } from '../events/events.ts'
import { type Complete, withDefaults } from '../validation/defaults.ts'
import {
  aFunction,
  aName,
  check,
  ENVIRONMENT_RULES,
  numberFrom,
  type Rule,
  validate,
  wholeFrom,
} from '../validation/validate.ts'

/**
 * Why a session ended: it was not used for too long or grew too old; it was the least recently used when there was no
 * room; or somebody ended it, or began another one under its key.
 */
export type SessionEnd = 'expired' | 'evicted' | 'deleted'

/** How long sessions last, and how many there may be. */
export interface SessionsOptions<Value> {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
  /** A session ends when it was not used for this long, in ms. 1 to 31,536,000,000. Default: 1,800,000. */
  readonly idleMs?: number | undefined
  /** A session ends at this age, however much it is used, in ms. 1 to `Infinity`. Default: `Infinity`. */
  readonly maxAgeMs?: number | undefined
  /** A session counts as active when it was used in the last so many ms. 0 to 31,536,000,000. Default: 300,000. */
  readonly activeMs?: number | undefined
  /** Sessions kept; the least recently used goes first. 1 to 10,000,000. Default: 1,000. */
  readonly maxSessions?: number | undefined
  /**
   * How often sessions that are over are removed while nobody asks, in ms; 0 for never. 0 to 86,400,000. Default:
   * 300,000.
   */
  readonly sweepMs?: number | undefined
  /** Called after a session has ended, however it did. What it throws is swallowed. */
  readonly onEvict?: ((key: string, value: Value, reason: SessionEnd) => void) | undefined
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Where to report. */
  readonly events?: Events<CoreEvent> | undefined
}

type OwnOptions = Omit<SessionsOptions<unknown>, 'name' | 'onEvict' | 'clock' | 'events'>

/** Options that are checked and complete. */
export type SessionLimits = Complete<OwnOptions>

/** How long sessions last when nothing else is said. */
export const SESSIONS_DEFAULTS: SessionLimits = Object.freeze({
  idleMs: 1_800_000,
  maxAgeMs: Infinity,
  activeMs: 300_000,
  maxSessions: 1_000,
  sweepMs: 300_000,
})

const YEAR_MS = 31_536_000_000

export const anIdleTime: Rule = /* @__PURE__ */ numberFrom(1, YEAR_MS)

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveSessionsOptions<Value>(options: SessionsOptions<Value>): SessionLimits {
  const { clock, events } = ENVIRONMENT_RULES
  validate<SessionsOptions<Value>>('sessions', options, {
    name: aName,
    idleMs: anIdleTime,
    maxAgeMs: numberFrom(1, Infinity),
    activeMs: numberFrom(0, YEAR_MS),
    maxSessions: wholeFrom(1, 10_000_000),
    sweepMs: numberFrom(0, 86_400_000),
    onEvict: aFunction,
    clock,
    events,
  })
  check('sessions.name', options.name, aName)
  return withDefaults<OwnOptions>(SESSIONS_DEFAULTS, options)
}
