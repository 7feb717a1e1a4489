import { closed, keyReused, tooLarge, unknownSequence } from './errors.ts'
import type { JournalEvent } from './events.ts'
import type { RecordIndex } from './index-of-records.ts'
import type {
  AppendOptions,
  Appended,
  Journal,
  JournalOpening,
  JournalRecord,
  JournalSnapshot,
  NewRecord,
  RecordHandler,
  ReplayOptions,
  ReplayResult,
} from './journal.ts'
import type { Log } from './log.ts'
import { fullness, prepare, type PreparedRecord } from './new-record.ts'
import type { JournalSettings } from './options.ts'
import { acceptedFrame, doneFrame } from './payload.ts'
import { Reader } from './read-record.ts'
import { Replays } from './replay.ts'
import type { Entry, Location } from './segment.ts'
import { untilAborted } from './until-aborted.ts'
import type { Writer } from './writer.ts'

/** A record on its way to the disk. */
interface OnItsWay {
  readonly sequence: number
  readonly check: string
  readonly kept: Promise<unknown>
}

/** What a journal is made of once its files are read. */
export interface Parts {
  readonly settings: JournalSettings
  readonly index: RecordIndex
  readonly log: Log
  readonly writer: Writer
  readonly opening: JournalOpening
  /** Gives the lock back. */
  readonly release: () => void
}

class OpenJournal {
  readonly #settings: JournalSettings
  readonly #index: RecordIndex
  readonly #log: Log
  readonly #writer: Writer
  readonly #release: () => void
  readonly #replays: Replays
  /** By scope. */
  readonly #onTheirWay = new Map<string, OnItsWay>()
  #bytesOnTheirWay = 0
  #state: 'open' | 'closing' | 'closed' = 'open'
  #closing: Promise<void> | undefined

  constructor({ settings, index, log, writer, release }: Parts) {
    this.#settings = settings
    this.#index = index
    this.#log = log
    this.#writer = writer
    this.#release = release
    this.#replays = new Replays(this)
  }

  async append(record: NewRecord, options: AppendOptions = {}): Promise<Appended> {
    options.signal?.throwIfAborted()
    this.#mustBe('open')
    const { maxRecordBytes, clock } = this.#settings
    const prepared = prepare(record, maxRecordBytes)
    const { tenant, kind, key, scope, check, json } = prepared
    const before = this.#onTheirWay.get(scope) ?? this.#index.find(scope)
    if (before !== undefined) {
      const { sequence } = before
      if (check !== before.check) throw keyReused(kind, sequence)
      await untilAborted('kept' in before ? before.kept : this.#certain(), options.signal)
      return Object.freeze({ sequence, repeated: true })
    }
    const refusal = this.#log.refusal()
    if (refusal !== undefined) throw refusal
    const sequence = this.#writer.nextSequence
    const line = acceptedFrame({ record: sequence, at: clock.wallTime(), tenant, kind, key, check }, json)
    if (line.length > maxRecordBytes) throw tooLarge(line.length, maxRecordBytes)
    this.#mustFit(line, prepared)
    this.#writer.nextSequence += 1
    return untilAborted(this.#keep(sequence, line, prepared), options.signal)
  }

  async done(sequence: number): Promise<void> {
    if (this.#state === 'closed') throw closed()
    if (!Number.isInteger(sequence) || sequence < 1 || sequence > this.#log.lastKept)
      throw unknownSequence(this.#log.lastKept)
    const entry = this.#index.pending.get(sequence)
    if (entry === undefined) return this.#certain()
    entry.marking ??= this.#mark(entry).finally(() => (entry.marking = undefined))
    return entry.marking
  }

  async *pending(): AsyncGenerator<JournalRecord, void, undefined> {
    this.#mustBe('open')
    const reader = this.reader()
    try {
      for (const sequence of this.numbers()) {
        const entry = this.find(sequence)
        if (entry !== undefined) yield await reader.read(entry)
        this.#mustBe('open')
      }
    } finally {
      await reader.close()
    }
  }

  async replay(handler: RecordHandler, options: ReplayOptions = {}): Promise<ReplayResult> {
    this.#mustBe('open')
    return this.#replays.start(handler, options)
  }

  snapshot(): JournalSnapshot {
    const { pending, pendingBytes, remembered } = this.#index
    const { diskBytes, segments, lastKept, isFailed } = this.#log
    return Object.freeze({
      name: this.#settings.name,
      state: this.#state === 'open' && isFailed ? 'failed' : this.#state,
      pending: pending.size,
      pendingBytes,
      remembered,
      diskBytes,
      segments,
      lastSequence: lastKept,
    })
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  numbers(): readonly number[] {
    return [...this.#index.pending.keys()]
  }

  find(sequence: number): Entry | undefined {
    const entry = this.#index.pending.get(sequence)
    return entry?.marking === undefined ? entry : undefined
  }

  reader(): Reader {
    return new Reader(this.#settings.files, this.#settings.directory)
  }

  async #close(): Promise<void> {
    this.#state = 'closing'
    await this.#replays.stop()
    await this.#writer.drain()
    this.#state = 'closed'
    await this.#log.close()
    this.#release()
    const { pending } = this.#index
    this.#report((common) => ({ type: 'journal-closed', ...common, pending: pending.size }))
  }

  async #keep(sequence: number, line: Buffer, record: Omit<PreparedRecord, 'json'>): Promise<Appended> {
    const { scope, check, kind, tenant } = record
    const arrived = (): void => {
      this.#onTheirWay.delete(scope)
      this.#bytesOnTheirWay -= line.length
    }
    const kept = this.#writer.push(line, sequence, (place) => {
      arrived()
      this.#index.add({ sequence, scope, check, ...(place as Location) })
      this.#report((common) => ({ type: 'journal-record-appended', ...common, sequence, kind, tenant }))
      return Object.freeze({ sequence, repeated: false })
    })
    this.#onTheirWay.set(scope, { sequence, check, kept })
    this.#bytesOnTheirWay += line.length
    try {
      return await kept
    } catch (error) {
      arrived()
      throw error
    }
  }

  async #mark(entry: Entry): Promise<void> {
    const { sequence, scope, check } = entry
    const [tenant = '', kind = '', key = ''] = JSON.parse(scope) as string[]
    const line = doneFrame({ done: sequence, at: this.#settings.clock.wallTime(), tenant, kind, key, check })
    await this.#writer.push(line, undefined, (place) => {
      this.#index.complete(entry, place as Location)
      this.#report((common) => ({ type: 'journal-record-done', ...common, sequence }))
    })
  }

  /** What was found when it was opened is certainly on the disk. */
  async #certain(): Promise<void> {
    if (!this.#log.isCertain) await this.#writer.push(undefined, undefined, () => undefined)
  }

  #mustFit(line: Buffer, { kind, tenant }: PreparedRecord): void {
    const count = this.#index.pending.size + this.#onTheirWay.size
    const bytes = this.#index.pendingBytes + this.#bytesOnTheirWay
    const refusal = fullness(this.#settings, count + 1, bytes + line.length)
    if (refusal === undefined) return
    this.#report((common) => ({ type: 'journal-full', ...common, kind, tenant, pending: count, pendingBytes: bytes }))
    throw refusal
  }

  #mustBe(state: 'open'): void {
    if (this.#state !== state) throw closed()
  }

  #report(event: (common: { readonly at: number; readonly journal: string }) => JournalEvent): void {
    const { events, clock, name } = this.#settings
    if (events?.active === true) events.emit(event({ at: clock.wallTime(), journal: name }))
  }
}

/** A journal over files that were read. */
export function createJournal(parts: Parts): Journal {
  const journal = new OpenJournal(parts)
  return Object.freeze({
    name: parts.settings.name,
    opening: parts.opening,
    append: (record: NewRecord, options?: AppendOptions) => journal.append(record, options),
    done: (sequence: number) => journal.done(sequence),
    pending: () => journal.pending(),
    replay: (handler: RecordHandler, options?: ReplayOptions) => journal.replay(handler, options),
    snapshot: () => journal.snapshot(),
    close: () => journal.close(),
    [Symbol.asyncDispose]: () => journal.close(),
  })
}
