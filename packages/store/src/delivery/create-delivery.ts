import { HoldfastError, systemClock, systemRandom, toHoldfastError } from '@holdfast/core'
import type { Clock, ScheduledTask } from '@holdfast/core'
import type { FailureRule, JournalRecord } from '../journal/journal.ts'
import type { Delivery, DeliverySnapshot } from './delivery.ts'
import type { DeliveryEvent } from './events.ts'
import { Failures } from './failures.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { settingsOf } from './options.ts'
import type { DELIVERY_DEFAULTS, DeliveryOptions } from './options.ts'

type Details = DeliveryEvent extends infer One
  ? One extends DeliveryEvent
    ? Omit<One, 'at' | 'delivery' | 'sequence' | 'kind' | 'tenant'>
    : never
  : never

class RunningDelivery {
  readonly #options: DeliveryOptions
  readonly #settings: typeof DELIVERY_DEFAULTS
  readonly #clock: Clock
  readonly #failures: Failures
  readonly #controller = new AbortController()
  #running: Promise<void> | undefined
  #wokenMeanwhile = false
  #failedRounds = 0
  #timer: ScheduledTask | undefined
  #stopping: Promise<void> | undefined
  #lastFailure: DeliverySnapshot['lastFailure']
  #lastSuccessAt: number | undefined

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#settings = settingsOf(options)
    this.#clock = options.clock ?? systemClock
    this.#failures = new Failures(this.#settings, options.random ?? systemRandom)
  }

  wake(): void {
    if (this.#stopping !== undefined) return
    if (this.#running !== undefined) {
      this.#wokenMeanwhile = true
      return
    }
    this.#timer?.cancel()
    this.#timer = undefined
    this.#running = this.#run().finally(() => (this.#running = undefined))
  }

  snapshot(): DeliverySnapshot {
    const waiting = this.#timer === undefined ? 'idle' : 'waiting'
    const going = this.#running === undefined ? waiting : 'sending'
    return Object.freeze({
      name: this.#settings.name,
      state: this.#stopping === undefined ? going : 'stopped',
      undelivered: this.#options.journal.snapshot().pending,
      givenUp: this.#failures.givenUp,
      ...(this.#lastFailure === undefined ? {} : { lastFailure: this.#lastFailure }),
      ...(this.#lastSuccessAt === undefined ? {} : { lastSuccessAt: this.#lastSuccessAt }),
    })
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop())
  }

  async #stop(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#running === undefined) return
    const { stopGraceMs } = this.#settings
    const grace = this.#clock.schedule(stopGraceMs, () => this.#controller.abort(stopped()))
    await this.#running
    grace.cancel()
  }

  async #run(): Promise<void> {
    let waitMs: number
    do {
      this.#wokenMeanwhile = false
      waitMs = await this.#round()
    } while (this.#wokenMeanwhile && !this.#controller.signal.aborted)
    if (this.#stopping !== undefined || waitMs === Infinity) return
    this.#timer = this.#clock.schedule(waitMs, () => this.wake())
  }

  /** Sends what is due, in order, until the receiver is found to be away. Returns how long until the next round, in ms. Never rejects. */
  async #round(): Promise<number> {
    this.#failures.beginRound()
    let waitMs = 0
    const onFailure = (error: unknown, { sequence }: { readonly sequence: number }): FailureRule => {
      if (error instanceof NotDue) return 'continue'
      const failure = toHoldfastError(error)
      if (!this.#failures.endsRound(sequence, failure)) return 'continue'
      waitMs = failure.retryAfterMs ?? 0
      return 'stop'
    }
    const { signal } = this.#controller
    const { integration, journal } = this.#options
    try {
      const result = await journal.replay((record) => this.#send(record), { signal, onFailure })
      if (result.complete) {
        this.#failedRounds = 0
        this.#failures.roundCompleted()
        return Math.max(0, this.#failures.nextDueAt - this.#clock.now())
      }
    } catch {
      // The mark did not reach the disk, which the journal reports; the record is sent again under the same key.
    }
    this.#failedRounds += 1
    return this.#failures.delayAfter(this.#failedRounds, Math.max(waitMs, integration.snapshot().nextProbeInMs ?? 0))
  }

  async #send(record: JournalRecord): Promise<void> {
    const { sequence } = record
    if (!this.#failures.isDue(sequence, this.#clock.now())) throw new NotDue()
    const { integration, send } = this.#options
    const idempotencyKey = idempotencyKeyOf(record)
    try {
      await integration.call(async ({ signal }) => void (await send(record, { signal, idempotencyKey })), {
        signal: this.#controller.signal,
        idempotent: true,
        tenant: record.tenant,
      })
    } catch (error) {
      this.#failed(record, error)
      throw error
    }
    this.#failures.succeeded(sequence)
    const at = this.#clock.wallTime()
    this.#lastSuccessAt = at
    this.#emit(record, { type: 'delivery-succeeded', waitedMs: Math.max(0, at - record.at) })
  }

  #failed(record: JournalRecord, error: unknown): void {
    if (this.#controller.signal.aborted) return
    const failure = toHoldfastError(error)
    const { code, category } = failure
    this.#lastFailure = Object.freeze({ code, category, at: this.#clock.wallTime() })
    // Nothing was sent: this says nothing of the record.
    if (category === 'rejected') return
    const retryInMs = this.#failures.failed(record.sequence, failure, this.#clock.now())
    if (retryInMs === Infinity) this.#emit(record, { type: 'delivery-given-up', code, category })
    else this.#emit(record, { type: 'delivery-failed', code, category, retryInMs })
  }

  #emit({ sequence, kind, tenant }: JournalRecord, details: Details): void {
    const { events } = this.#options
    if (events?.active !== true) return
    events.emit({ ...details, at: this.#clock.wallTime(), delivery: this.#settings.name, sequence, kind, tenant })
  }
}

/** No failure: the time of a record has not come. */
class NotDue extends Error {}

function stopped(): HoldfastError {
  return new HoldfastError({
    code: 'DELIVERY_STOPPED',
    category: 'cancelled',
    message: 'The delivery was stopped.',
    retryable: false,
  })
}

/**
 * Sends what waits in a journal to whoever should have it, record by record in order, and marks each one when it is confirmed. At least
 * once: a record whose mark did not reach the disk is sent again, under the same `idempotencyKey`. It begins with what it finds, and
 * goes on whenever it is woken.
 *
 * @throws HoldfastError `INVALID_OPTION`
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { createIntegration } from '@holdfast/core'
 * import { createDelivery } from '@holdfast/store/delivery'
 * import { openJournal } from '@holdfast/store/journal'
 *
 * const directory = await mkdtemp(join(tmpdir(), 'journal-'))
 * const journal = await openJournal({ directory })
 * const delivery = createDelivery({
 *   journal,
 *   integration: createIntegration({ name: 'on-call', kind: 'webhook' }),
 *   send: async ({ data }, { idempotencyKey }) => console.log('sent', data, 'as', idempotencyKey),
 * })
 * await journal.append({ kind: 'ticket', key: 'request-7', data: 'The printer is on fire.' })
 * delivery.wake()
 * await delivery.stop() // lets what waits go out first
 * console.log(journal.snapshot().pending) // 0
 * await journal.close()
 * await rm(directory, { recursive: true })
 * ```
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  const delivery = new RunningDelivery(options)
  delivery.wake()
  return Object.freeze({
    name: options.name ?? delivery.snapshot().name,
    wake: () => delivery.wake(),
    snapshot: () => delivery.snapshot(),
    stop: () => delivery.stop(),
  })
}
