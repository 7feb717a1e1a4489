import { systemClock, systemRandom } from '@holdfast/core'
import type { Clock, Events, Random } from '@holdfast/core'
import type { Store } from '../database/store.ts'
import type { Journal } from '../journal/journal.ts'
import { invalidOption } from './errors.ts'
import type { IntakeEvent } from './events.ts'

/** Where entries are kept, and how long that may take. */
export interface IntakeOptions {
  /** Where they belong. */
  readonly store: Pick<Store, 'withClaims' | 'asWorker'>
  /** Where they wait while the store is away. It has this journal for itself: all its records are replayed. */
  readonly journal: Journal
  /** How long the store may take for an entry before the journal takes it, in ms. 1 to 600,000. Default: 2,000. */
  readonly storeTimeoutMs?: number | undefined
  /** How long `accept` may take in all, in ms. `storeTimeoutMs` to 600,000. Default: 5,000. */
  readonly timeoutMs?: number | undefined
  /** Until the store is tried again after it has failed, in ms; doubles each time, with a random part. 1 to 600,000. Default: 250. */
  readonly retryDelayMs?: number | undefined
  /** The longest such wait, in ms. `retryDelayMs` to 600,000. Default: 10,000. */
  readonly maxRetryDelayMs?: number | undefined
  /** How many entries are brought over at once, those of one tenant one after the other all the same. 1 to 100. Default: 8. */
  readonly concurrency?: number | undefined
  /** One entry, in bytes of JSON. 256 to 1,000,000. Default: 262,144 (256 KiB). */
  readonly maxEntryBytes?: number | undefined
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Default: `Math.random`. */
  readonly random?: Random | undefined
  /** Where it reports. Default: nowhere. */
  readonly events?: Events<IntakeEvent> | undefined
}

/** What {@link IntakeOptions} fall back to. */
export const INTAKE_DEFAULTS: Readonly<{
  storeTimeoutMs: number
  timeoutMs: number
  retryDelayMs: number
  maxRetryDelayMs: number
  concurrency: number
  maxEntryBytes: number
}> = Object.freeze({
  storeTimeoutMs: 2_000,
  timeoutMs: 5_000,
  retryDelayMs: 250,
  maxRetryDelayMs: 10_000,
  concurrency: 8,
  maxEntryBytes: 262_144,
})

/** Options with nothing left out. */
export type IntakeSettings = typeof INTAKE_DEFAULTS & { readonly clock: Clock; readonly random: Random }

const LONGEST = 600_000

/** Checks options and fills in what is left out. @throws HoldfastError `INVALID_OPTION` */
export function settingsOf(options: IntakeOptions): IntakeSettings {
  for (const [option, method] of [
    ['store', 'withClaims'],
    ['journal', 'replay'],
  ] as const) {
    const part: unknown = options[option]
    if (typeof part !== 'object' || part === null || typeof Reflect.get(part, method) !== 'function')
      throw invalidOption(option, `an object with ${method}`, part)
  }
  const number = (option: keyof typeof INTAKE_DEFAULTS, least: number, most: number, otherwise?: number): number => {
    const value = options[option] ?? otherwise ?? INTAKE_DEFAULTS[option]
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw invalidOption(option, `a whole number from ${shown(least)} to ${shown(most)}`, value)
  }
  const storeTimeoutMs = number('storeTimeoutMs', 1, LONGEST)
  const retryDelayMs = number('retryDelayMs', 1, LONGEST)
  return {
    storeTimeoutMs,
    timeoutMs: number('timeoutMs', storeTimeoutMs, LONGEST, Math.max(INTAKE_DEFAULTS.timeoutMs, storeTimeoutMs)),
    retryDelayMs,
    maxRetryDelayMs: number(
      'maxRetryDelayMs',
      retryDelayMs,
      LONGEST,
      Math.max(INTAKE_DEFAULTS.maxRetryDelayMs, retryDelayMs),
    ),
    concurrency: number('concurrency', 1, 100),
    maxEntryBytes: number('maxEntryBytes', 256, 1_000_000),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  }
}

function shown(value: number): string {
  return value.toLocaleString('en-US')
}
