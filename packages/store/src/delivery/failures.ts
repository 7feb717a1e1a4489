import type { ErrorCategory, HoldfastError } from '@holdfast/core'
import type { DELIVERY_DEFAULTS } from './options.ts'

/** What the receiver says of the record, not of itself. */
const OF_THE_RECORD: ReadonlySet<ErrorCategory> = new Set(['client', 'validation'])

/** What holds for every record alike: the next one would only be refused as well. */
const OF_THE_RECEIVER: ReadonlySet<ErrorCategory> = new Set([
  'rejected',
  'rate-limit',
  'quota',
  'overloaded',
  'auth',
  'configuration',
])

/** After so many failures of different records in a row it is the receiver that is in trouble. */
const FAILURES_IN_A_ROW = 3

/** A record that has failed. Times are monotonic. */
interface FailedRecord {
  readonly times: number
  /** Since when the receiver has refused it as wrong. */
  readonly refusedSince: number | undefined
  /** Infinity: given up. */
  readonly dueAt: number
}

type Settings = typeof DELIVERY_DEFAULTS

/** Which records have failed and when each is due again; grows with the records that wait, which the journal bounds. */
export class Failures {
  readonly #settings: Settings
  readonly #random: () => number
  readonly #records = new Map<number, FailedRecord>()
  #inARow = 0
  /** Where the last round stopped: the next one goes on behind it, or a few records that fail for ever would keep the others from their turn. */
  #stoppedAt = 0

  constructor(settings: Settings, random: () => number) {
    this.#settings = settings
    this.#random = random
  }

  get givenUp(): number {
    return [...this.#records.values()].filter(({ dueAt }) => dueAt === Infinity).length
  }

  /** When the first record that has failed is due again; Infinity when none will be. */
  get nextDueAt(): number {
    let earliest = Infinity
    for (const { dueAt } of this.#records.values()) earliest = Math.min(earliest, dueAt)
    return earliest
  }

  isDue(sequence: number, now: number): boolean {
    const failed = this.#records.get(sequence)
    return failed === undefined || (failed.dueAt <= now && sequence > this.#stoppedAt)
  }

  beginRound(): void {
    this.#inARow = 0
  }

  /** Every record had its turn. */
  roundCompleted(): void {
    this.#stoppedAt = 0
  }

  succeeded(sequence: number): void {
    this.#inARow = 0
    this.#records.delete(sequence)
  }

  /** Notes that a record was sent in vain. Returns how long until it is due again, in ms; Infinity: it is given up. */
  failed(sequence: number, { category, retryAfterMs }: HoldfastError, now: number): number {
    this.#inARow += 1
    const before = this.#records.get(sequence)
    const times = (before?.times ?? 0) + 1
    const refusedSince = OF_THE_RECORD.has(category) ? (before?.refusedSince ?? now) : undefined
    const isHopeless = refusedSince !== undefined && now - refusedSince >= this.#settings.giveUpAfterMs
    const delay = isHopeless ? Infinity : this.delayAfter(times, retryAfterMs)
    this.#records.set(sequence, { times, refusedSince, dueAt: now + delay })
    return delay
  }

  /** Whether the round ends with this failure: the other records need not be tried now. */
  endsRound(sequence: number, { category }: HoldfastError): boolean {
    if (!OF_THE_RECEIVER.has(category) && this.#inARow < FAILURES_IN_A_ROW) return false
    if (this.#records.has(sequence)) this.#stoppedAt = sequence
    return true
  }

  /** The wait after the so-manieth failure: doubles, at least half of it certain. */
  delayAfter(times: number, atLeastMs = 0): number {
    const { retryDelayMs, maxRetryDelayMs } = this.#settings
    const longest = Math.min(maxRetryDelayMs, retryDelayMs * 2 ** Math.min(times - 1, 40))
    const spread = (longest * (1 + this.#random())) / 2
    return Math.min(maxRetryDelayMs, Math.max(atLeastMs, spread))
  }
}
