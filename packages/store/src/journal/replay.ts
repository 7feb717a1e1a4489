import { closed, invalid, replayRunning } from './errors.ts'
import type { FailureRule, JournalRecord, RecordHandler, ReplayOptions, ReplayResult } from './journal.ts'
import { Lanes } from './lanes.ts'
import { describe } from './options.ts'
import type { Reader } from './read-record.ts'
import type { Entry } from './segment.ts'
import { untilAborted } from './until-aborted.ts'

const MOST_FAILURES = 100
const MOST_AT_ONCE = 1_000

/** What a replay needs of its journal. */
export interface Replayed {
  /** The numbers of the records that wait. */
  numbers(): readonly number[]
  /** `undefined` when it does not wait any more. */
  find(sequence: number): Entry | undefined
  reader(): Reader
  done(sequence: number): Promise<void>
}

/** Hands records to a handler, one replay at a time. */
export class Replays {
  readonly #journal: Replayed
  #running: { readonly ended: Promise<unknown>; readonly controller: AbortController } | undefined

  constructor(journal: Replayed) {
    this.#journal = journal
  }

  async start(handler: RecordHandler, options: ReplayOptions): Promise<ReplayResult> {
    const { signal, onFailure = 'stop', concurrency = 1 } = options
    if (typeof handler !== 'function')
      throw invalid('INVALID_OPTION', `handler must be a function, but is ${describe(handler)}`)
    if (typeof onFailure !== 'function' && onFailure !== 'stop' && onFailure !== 'continue')
      throw invalid(
        'INVALID_OPTION',
        `onFailure must be 'stop', 'continue' or a function, but is ${describe(onFailure)}`,
      )
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_AT_ONCE)
      throw invalid(
        'INVALID_OPTION',
        `concurrency must be a whole number from 1 to ${MOST_AT_ONCE}, but is ${describe(concurrency)}`,
      )
    signal?.throwIfAborted()
    if (this.#running !== undefined) throw replayRunning()
    const controller = new AbortController()
    const abort = (): void => controller.abort(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    // Ends only when the handler has: what it still does is marked, and nobody else gets the same record meanwhile.
    const ended = this.#run(handler, onFailure, concurrency, controller.signal).finally(() => {
      signal?.removeEventListener('abort', abort)
      this.#running = undefined
    })
    this.#running = { ended, controller }
    return untilAborted(ended, controller.signal)
  }

  /** Stops after the record that is being handled. */
  async stop(): Promise<void> {
    this.#running?.controller.abort(closed())
    await this.#running?.ended.catch(() => undefined)
  }

  async #run(
    handler: RecordHandler,
    onFailure: NonNullable<ReplayOptions['onFailure']>,
    concurrency: number,
    signal: AbortSignal,
  ): Promise<ReplayResult> {
    const failures: { readonly sequence: number; readonly error: unknown }[] = []
    let handled = 0
    let failed = 0
    let complete = true
    const reader = this.#journal.reader()
    const lanes = new Lanes(concurrency)
    const fail = (sequence: number, error: unknown): void => {
      failed += 1
      if (failures.length < MOST_FAILURES) failures.push(Object.freeze({ sequence, error }))
      if (ruleOf(onFailure, error, sequence) === 'stop') complete = false
    }
    const handle = async (record: JournalRecord): Promise<(() => Promise<void>) | undefined> => {
      // One before it may have stopped all of them.
      if (!complete || signal.aborted) return undefined
      const { sequence } = record
      try {
        await handler(record, { signal })
      } catch (error) {
        fail(sequence, error)
        return undefined
      }
      return async () => {
        await this.#journal.done(sequence)
        handled += 1
      }
    }
    try {
      for (const sequence of this.#journal.numbers()) {
        await lanes.room()
        if (signal.aborted) throw signal.reason
        if (!complete) break
        const entry = this.#journal.find(sequence)
        if (entry === undefined) continue
        try {
          const record = await reader.read(entry)
          lanes.add(record.tenant, () => handle(record))
        } catch (error) {
          fail(sequence, error)
        }
      }
      await lanes.empty()
      if (signal.aborted) throw signal.reason
    } finally {
      await lanes.settled()
      await reader.close()
    }
    return Object.freeze({ handled, failed, failures: Object.freeze(failures), complete })
  }
}

function ruleOf(rule: NonNullable<ReplayOptions['onFailure']>, error: unknown, sequence: number): FailureRule {
  return typeof rule === 'function' ? rule(error, { sequence }) : rule
}
