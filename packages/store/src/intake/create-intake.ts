import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { untilAborted } from '../journal/until-aborted.ts'
import { prepare } from './entries.ts'
import type { Author, PreparedEntry } from './entries.ts'
import { closed, intakeTooSlow, keyReused, storeTooSlow } from './errors.ts'
import type { IntakeEvent } from './events.ts'
import { isForGood } from './failures.ts'
import type { AcceptedEntry, AcceptOptions, Intake, IntakeStatus } from './intake.ts'
import { keepInStore } from './keep-in-store.ts'
import { settingsOf } from './options.ts'
import type { IntakeOptions, IntakeSettings } from './options.ts'
import { recordOf } from './record.ts'
import { Replayer } from './replayer.ts'
import { Waiting } from './waiting.ts'

type Details = IntakeEvent extends infer One ? (One extends IntakeEvent ? Omit<One, 'at'> : never) : never

interface Offer {
  readonly entry: PreparedEntry
  readonly signal: AbortSignal
  readonly requestId: string | undefined
}

class OpenIntake {
  readonly #options: IntakeOptions
  readonly #settings: IntakeSettings
  readonly #clock: Clock
  readonly #waiting: Waiting
  readonly #replayer: Replayer
  readonly #underWay = new Set<Promise<unknown>>()
  #isAway = false
  #lastFailure: IntakeStatus['lastFailure']
  #closing: Promise<void> | undefined

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#settings = settingsOf(options)
    this.#clock = this.#settings.clock
    const { journal, store } = options
    this.#waiting = new Waiting(journal.snapshot().pending)
    this.#replayer = new Replayer(
      journal,
      this.#waiting,
      (entry, acceptedAt, signal) => keepInStore(store, entry, acceptedAt, { signal }),
      this.#settings,
      {
        replayed: ({ kind, tenant, id }, acceptedAt, repeated) => {
          const waitedMs = Math.max(0, this.#clock.wallTime() - acceptedAt)
          this.#emit({ type: 'intake-replayed', kind, tenant, id, repeated, waitedMs })
        },
        setAside: (entry, code) => this.#emit({ type: 'intake-set-aside', ...entry, code }),
        roundEnded: (failure) => {
          if (failure === undefined) this.#back()
          // What the journal fails with says nothing of the store.
          else if (!failure.code.startsWith('JOURNAL_')) this.#away(failure)
        },
      },
    )
    // What an earlier process has left.
    this.#replayer.wake()
  }

  async accept(kind: string, author: Author, given: unknown, options: AcceptOptions): Promise<AcceptedEntry> {
    const { idempotencyKey, signal, requestId } = options
    signal?.throwIfAborted()
    if (this.#closing !== undefined) throw closed()
    const { timeoutMs, maxEntryBytes } = this.#settings
    const entry = prepare(kind, author, given, idempotencyKey, maxEntryBytes)
    const limit = new AbortController()
    const timer = this.#clock.schedule(timeoutMs, () => limit.abort(intakeTooSlow(timeoutMs)))
    const either = signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal])
    // Nothing of it is taken back when nobody waits any more: a record may be on its way to the disk.
    const kept = this.#keep({ entry, signal: either, requestId })
    const settled = kept.catch(() => undefined).finally(() => this.#underWay.delete(settled))
    this.#underWay.add(settled)
    try {
      const where = await untilAborted(kept, either)
      return Object.freeze({ where, id: entry.id })
    } finally {
      timer.cancel()
    }
  }

  status(): IntakeStatus {
    const { setAside, unreadable } = this.#waiting
    const nextReplayInMs = this.#replayer.nextInMs
    return Object.freeze({
      state: this.#closing === undefined ? 'open' : 'closed',
      store: this.#isAway ? 'away' : 'there',
      waiting: Math.max(0, this.#options.journal.snapshot().pending - setAside - unreadable),
      setAside,
      unreadable,
      ...(nextReplayInMs === undefined ? {} : { nextReplayInMs }),
      ...(this.#lastFailure === undefined ? {} : { lastFailure: this.#lastFailure }),
    })
  }

  setAside(): ReturnType<Intake['setAside']> {
    return this.#replayer.setAside()
  }

  retry(id: string): Promise<void> {
    return this.#replayer.retry(id)
  }

  discard(id: string): Promise<void> {
    return this.#replayer.discard(id)
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    await Promise.all([this.#replayer.stop(), ...this.#underWay])
  }

  async #keep(offer: Offer): Promise<AcceptedEntry['where']> {
    const { tenant } = offer.entry
    // Behind what waits already, so that a tenant's entries stay in their order.
    const goesDirect = !this.#isAway && !this.#waiting.has(tenant)
    if (goesDirect && (await this.#inStore(offer))) return 'store'
    try {
      return await this.#inJournal(offer)
    } catch (error) {
      offer.signal.throwIfAborted()
      if (goesDirect || isForGood(error)) throw error
      // Out of its order is better than not at all, and the store may be back.
      if (await this.#inStore(offer)) return 'store'
      throw error
    }
  }

  /** @returns whether the store has it. @throws what the store refuses the entry with */
  async #inStore(offer: Offer): Promise<boolean> {
    const { entry, signal, requestId } = offer
    const { storeTimeoutMs } = this.#settings
    const limit = new AbortController()
    const timer = this.#clock.schedule(storeTimeoutMs, () => limit.abort(storeTooSlow(storeTimeoutMs)))
    try {
      await keepInStore(this.#options.store, entry, this.#clock.wallTime(), {
        signal: AbortSignal.any([signal, limit.signal]),
        ...(requestId === undefined ? {} : { requestId }),
      })
    } catch (error) {
      signal.throwIfAborted()
      if (isForGood(error)) throw error
      this.#away(toHoldfastError(error))
      return false
    } finally {
      timer.cancel()
    }
    this.#back()
    this.#accepted(offer, 'store')
    return true
  }

  async #inJournal(offer: Offer): Promise<'journal'> {
    const { entry, signal } = offer
    signal.throwIfAborted()
    try {
      const { sequence, repeated } = await this.#options.journal.append(recordOf(entry))
      if (!repeated) this.#waiting.add(sequence, entry.tenant)
    } catch (error) {
      throw HoldfastError.isInstance(error) && error.code === 'JOURNAL_KEY_REUSED' ? keyReused() : error
    }
    this.#replayer.wake()
    this.#accepted(offer, 'journal')
    return 'journal'
  }

  #accepted({ entry: { kind, tenant, id }, requestId }: Offer, where: AcceptedEntry['where']): void {
    this.#emit({ type: 'intake-accepted', kind, tenant, id, where, ...(requestId === undefined ? {} : { requestId }) })
  }

  #away({ code, category }: HoldfastError): void {
    this.#lastFailure = Object.freeze({ code, category, at: this.#clock.wallTime() })
    if (this.#isAway) return
    this.#isAway = true
    this.#emit({ type: 'intake-store-away', code, category })
  }

  #back(): void {
    if (!this.#isAway) return
    this.#isAway = false
    this.#emit({ type: 'intake-store-back' })
  }

  #emit(details: Details): void {
    const { events } = this.#options
    if (events?.active === true) events.emit({ ...details, at: this.#clock.wallTime() })
  }
}

/**
 * Takes in tickets, leads, hand-overs, mails and audit entries: each is accepted when it is on the disk, in the store or, while that is away, in the journal, from where it comes into the store once, when that is back.
 *
 * @throws HoldfastError `INVALID_OPTION`
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { openStore } from '@holdfast/store/database'
 * import { createIntake } from '@holdfast/store/intake'
 * import { openJournal } from '@holdfast/store/journal'
 *
 * const directory = await mkdtemp(join(tmpdir(), 'intake-'))
 * const store = await openStore()
 * const journal = await openJournal({ directory })
 * const intake = createIntake({ store, journal })
 * await store.asWorker('acme', (transaction) => transaction.insertInto('tenants').values({ id: 'acme', name: 'Acme' }).execute())
 *
 * const ada = { tenant: 'acme', user: 'ada' }
 * console.log(await intake.accept('lead', ada, { source: 'web' }, { idempotencyKey: 'form-7' })) // { where: 'store', id: … }
 *
 * await intake.close()
 * await journal.close()
 * await store.close()
 * await rm(directory, { recursive: true })
 * ```
 */
export function createIntake(options: IntakeOptions): Intake {
  const intake = new OpenIntake(options)
  return Object.freeze<Intake>({
    accept: (kind, author, entry, given) => intake.accept(kind, author, entry, given),
    status: () => intake.status(),
    setAside: () => intake.setAside(),
    retry: (id) => intake.retry(id),
    discard: (id) => intake.discard(id),
    close: () => intake.close(),
  })
}
