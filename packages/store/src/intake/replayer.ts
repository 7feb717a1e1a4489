import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { Clock, ScheduledTask } from '@holdfast/core'
import type { FailureRule, Journal, JournalRecord } from '../journal/journal.ts'
import { closed, notSetAside } from './errors.ts'
import type { EntryKind, PreparedEntry } from './entries.ts'
import { isForGood } from './failures.ts'
import type { EntrySetAside } from './intake.ts'
import type { IntakeSettings } from './options.ts'
import { entryIn, originalOf, SET_ASIDE, setAsideOf, setAsideRecordOf } from './record.ts'
import type { Waiting } from './waiting.ts'

/** What a replay tells of. */
export interface ReplayListener {
  replayed(entry: PreparedEntry, acceptedAt: number, repeated: boolean): void
  setAside(entry: { readonly kind: EntryKind; readonly tenant: string; readonly id: string }, code: string): void
  /** A round has gone through all, or has ended with a failure. */
  roundEnded(failure: HoldfastError | undefined): void
}

/** Brings an entry into the store. @returns whether it had been there. */
type Keep = (entry: PreparedEntry, acceptedAt: number, signal: AbortSignal) => Promise<boolean>

/** No failure: there is nothing to be done with a record. */
class Passed extends Error {}

/** Hands on what waits in the journal, in its order, as soon as the store takes it. */
export class Replayer {
  readonly #journal: Journal
  readonly #waiting: Waiting
  readonly #keep: Keep
  readonly #settings: IntakeSettings
  readonly #listener: ReplayListener
  readonly #clock: Clock
  readonly #stop = new AbortController()
  #task: { readonly task: ScheduledTask; readonly dueAt: number } | undefined
  #running: Promise<void> | undefined
  /** Go on for a moment after a round that was stopped. */
  readonly #handling = new Set<Promise<unknown>>()
  #failures = 0

  constructor(journal: Journal, waiting: Waiting, keep: Keep, settings: IntakeSettings, listener: ReplayListener) {
    this.#journal = journal
    this.#waiting = waiting
    this.#keep = keep
    this.#settings = settings
    this.#listener = listener
    this.#clock = settings.clock
  }

  get nextInMs(): number | undefined {
    return this.#task === undefined ? undefined : Math.max(0, this.#task.dueAt - this.#clock.now())
  }

  /** Says that something waits. Returns at once; while the store is known to be away it is not asked before its time. */
  wake(): void {
    if (this.#stop.signal.aborted || this.#running !== undefined || this.#task !== undefined) return
    if (!this.#waiting.hasSome) return
    this.#running = this.#rounds().finally(() => (this.#running = undefined))
  }

  async setAside(): Promise<readonly EntrySetAside[]> {
    const found: EntrySetAside[] = []
    for await (const record of this.#journal.pending()) if (record.kind === SET_ASIDE) found.push(setAsideOf(record))
    return found
  }

  /** @throws HoldfastError `INTAKE_ENTRY_UNKNOWN`; what the store rejects with */
  async retry(id: string): Promise<void> {
    const record = await this.#find(id)
    const original = originalOf(record)
    const entry = entryIn(original)
    if (entry === undefined) throw unknownEntry()
    const repeated = await this.#keep(entry, original.at, this.#stop.signal)
    await this.#resolve(record)
    this.#listener.replayed(entry, original.at, repeated)
  }

  /** @throws HoldfastError `INTAKE_ENTRY_UNKNOWN` */
  async discard(id: string): Promise<void> {
    await this.#resolve(await this.#find(id))
  }

  async stop(): Promise<void> {
    this.#stop.abort(closed())
    this.#task?.task.cancel()
    this.#task = undefined
    await this.#running
    await Promise.all(this.#handling)
  }

  async #find(id: string): Promise<JournalRecord> {
    for await (const record of this.#journal.pending()) {
      if (record.kind === SET_ASIDE && setAsideOf(record).id === id) return record
    }
    throw notSetAside()
  }

  async #resolve({ sequence }: JournalRecord): Promise<void> {
    await this.#journal.done(sequence)
    this.#waiting.resolved(sequence)
  }

  async #rounds(): Promise<void> {
    // Until nothing has come while the last one went on.
    while (this.#waiting.hasSome && !this.#stop.signal.aborted) {
      const failure = await this.#round()
      if (this.#stop.signal.aborted) return
      this.#listener.roundEnded(failure)
      if (failure !== undefined) {
        this.#schedule()
        return
      }
      this.#failures = 0
    }
  }

  #schedule(): void {
    const { retryDelayMs, maxRetryDelayMs, random } = this.#settings
    const longest = Math.min(maxRetryDelayMs, retryDelayMs * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    const ms = (longest * (1 + random())) / 2
    const task = this.#clock.schedule(ms, () => {
      this.#task = undefined
      this.wake()
    })
    this.#task = { task, dueAt: this.#clock.now() + ms }
  }

  /** @returns what it has ended with, if not with the end of the journal. Never rejects. */
  async #round(): Promise<HoldfastError | undefined> {
    let failure: HoldfastError | undefined
    const before = this.#waiting.sequences
    const onFailure = (error: unknown, { sequence }: { readonly sequence: number }): FailureRule => {
      if (error instanceof Passed) return 'continue'
      if (HoldfastError.isInstance(error) && error.code === 'JOURNAL_RECORD_UNREADABLE') {
        this.#waiting.foundUnreadable(sequence)
        return 'continue'
      }
      failure = toHoldfastError(error)
      return 'stop'
    }
    try {
      await this.#journal.replay(
        (record) => {
          const handled = this.#handle(record)
          const ended = handled.catch(() => undefined).finally(() => this.#handling.delete(ended))
          this.#handling.add(ended)
          return handled
        },
        { signal: this.#stop.signal, onFailure, concurrency: this.#settings.concurrency },
      )
    } catch (error) {
      // The mark did not reach the disk, or somebody else replays this journal: it is tried again, and the store knows what it has.
      failure ??= toHoldfastError(error)
    }
    if (failure === undefined) this.#waiting.passed(before)
    return failure
  }

  async #handle(record: JournalRecord): Promise<void> {
    const { sequence, kind } = record
    if (kind === SET_ASIDE) {
      this.#waiting.foundSetAside(sequence)
      throw new Passed()
    }
    const entry = entryIn(record)
    if (entry === undefined) return this.#putAside(record, unknownEntry())
    try {
      const repeated = await this.#keep(entry, record.at, this.#stop.signal)
      this.#waiting.remove(sequence)
      this.#listener.replayed(entry, record.at, repeated)
    } catch (error) {
      if (!isForGood(error)) throw error
      await this.#putAside(record, toHoldfastError(error))
    }
  }

  /** Keeps it as another record, with the reason, before its own is done with. */
  async #putAside(record: JournalRecord, error: HoldfastError): Promise<void> {
    try {
      this.#waiting.foundSetAside((await this.#journal.append(setAsideRecordOf(record, error))).sequence)
    } catch (failure) {
      // It was set aside before, with other words, and its own mark was not on the disk yet.
      if (!HoldfastError.isInstance(failure) || failure.code !== 'JOURNAL_KEY_REUSED') throw failure
    }
    this.#waiting.remove(record.sequence)
    const { id, kind, tenant } = setAsideOf({ ...record, data: setAsideRecordOf(record, error).data })
    this.#listener.setAside({ id, kind: kind as EntryKind, tenant }, error.code)
  }
}

function unknownEntry(): HoldfastError {
  return new HoldfastError({
    code: 'INTAKE_ENTRY_INVALID',
    category: 'validation',
    message: 'The record is no entry that this version knows',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
