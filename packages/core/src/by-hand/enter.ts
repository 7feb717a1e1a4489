import type { Clock } from '../clock/clock.ts'
import { Attempt, cancellation } from '../engine/attempt.ts'
import { Call, type CallOptions } from '../engine/call.ts'
import type { Engine } from '../engine/engine.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import { engineOf } from '../integration/create-integration.ts'
import type { Integration } from '../integration/integration.ts'
import type { AttemptContext } from '../policy/operation.ts'
import { invalidOption } from '../validation/validate.ts'

/** What {@link enter} may be told. `idempotent` changes nothing: nothing is repeated. */
export interface EnterOptions extends CallOptions {
  /**
   * Hears of an end that the holder has not brought about: the time was up, or the caller's signal aborted. The signal of the work has aborted by then.
   * Called once at most, and not before `enter` has returned. What it throws is lost.
   * @param reason a HoldfastError (`ATTEMPT_TIMEOUT`, `DEADLINE_EXCEEDED`), or the caller's own reason.
   */
  readonly onEnd?: ((reason: unknown) => void) | undefined
  /** What the integration's clock says, for who has just looked; each look takes its time. */
  readonly now?: number | undefined
}

/** One attempt that an integration has let through and its holder leads. It ends once; what is said after that changes nothing. */
export interface Entry {
  /** What an operation would have been given. */
  readonly context: AttemptContext
  /** Whether it has ended: by its holder, its time limit or the caller. */
  readonly ended: boolean
  /**
   * The dependency has begun to answer. The attempt timeout and the total deadline no longer end the attempt: from here on its holder watches the time.
   * @param now as the integration's clock says, for who has just looked.
   */
  answered(now?: number): void
  /** The work goes on: a half-open circuit goes on waiting for its end. */
  renew(): void
  /**
   * It has ended well.
   * @param measuredMs what is compared with the breaker's `slowCallMs`, such as the time to a first output. Default: its whole time.
   * @param now as the integration's clock says, for who has just looked.
   */
  succeed(measuredMs?: number, now?: number): void
  /**
   * It has failed. Aborts its signal.
   * @param thrown anything; classified as what an operation throws.
   */
  fail(thrown: unknown): void
  /**
   * It is no longer wanted, through no fault of the dependency: it counts for nothing, or as slow when the reason is `overtaken(afterMs)`. Aborts its signal.
   */
  abandon(reason: unknown): void
}

/** An attempt without an operation: once it is let through it waits to be told how it went. */
class HandAttempt extends Attempt<Entry> {
  #answered = false

  protected override get answered(): boolean {
    return this.#answered
  }

  override begin(): void {
    const call = this.call as HandCall
    const entry = new HeldEntry(this)
    call.entry = entry
    call.waiting?.resolve(entry)
  }

  answer(now: number = this.call.engine.clock.now()): void {
    if (this.ended || this.#answered) return
    const { engine, parts } = this.call
    this.#answered = true
    engine.deadlines.forget(this)
    parts.goodput?.leave('success', now - this.startedAt, now)
    this.renew()
  }

  renew(): void {
    if (!this.ended) this.call.parts.breaker?.renew(this)
  }

  succeed(measuredMs: number | undefined, now: number | undefined): void {
    if (!this.ended) this.call.engine.succeeded(this, this.end('over', now), measuredMs)
  }
}

class HeldEntry implements Entry {
  readonly #attempt: HandAttempt
  /** Whether its holder is ending it, and need not hear of that. */
  isLeft = false

  constructor(attempt: HandAttempt) {
    this.#attempt = attempt
  }

  get context(): AttemptContext {
    return this.#attempt.context
  }

  get ended(): boolean {
    return this.#attempt.ended
  }

  answered(now?: number): void {
    this.#attempt.answer(now)
  }

  renew(): void {
    this.#attempt.renew()
  }

  succeed(measuredMs?: number, now?: number): void {
    this.#attempt.succeed(measuredMs, now)
  }

  fail(thrown: unknown): void {
    this.isLeft = true
    this.#attempt.fail(thrown)
    this.#attempt.abortContext(thrown)
  }

  abandon(reason: unknown): void {
    this.isLeft = true
    this.#attempt.cancel(reason)
  }
}

/** A call that is led by hand. */
class HandCall extends Call<Entry> {
  readonly #onEnd: ((reason: unknown) => void) | undefined
  entry: HeldEntry | undefined
  /** Who waits for the entry, where it is not given at once. */
  waiting: { resolve(entry: Entry): void; reject(reason: unknown): void } | undefined
  /** Why there is none, where that is said at once. */
  refusal: { readonly reason: unknown } | undefined

  constructor(engine: Engine, options: EnterOptions) {
    super(engine, nothingToDo, options, options.now)
    this.#onEnd = options.onEnd
    this.reject = this.#refuse.bind(this)
  }

  #refuse(reason: unknown): void {
    this.refusal = { reason }
    this.waiting?.reject(reason)
  }

  /** The entry, or a promise where it has to be waited for. */
  given(): Entry | Promise<Entry> {
    if (this.entry !== undefined) return this.entry
    if (this.refusal !== undefined) return Promise.reject(this.refusal.reason)
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }))
  }

  /** So that nothing is started beside it. */
  override get idempotent(): boolean {
    return false
  }

  override attempt(...given: ConstructorParameters<typeof Attempt<Entry>>): HandAttempt {
    return new HandAttempt(...given)
  }

  override attemptFailed(attempt: Attempt<Entry>, reason: unknown): void {
    const { engine, entry } = this
    const error = attempt.cancelled ? cancellation(reason, engine.name) : (reason as HoldfastError)
    engine.callFailed(this, engine.clock.now(), error)
    this.reject(reason)
    if (entry === undefined || entry.isLeft) return
    try {
      this.#onEnd?.(reason)
    } catch {
      // There is nobody to tell.
    }
  }
}

function engineFor(integration: Integration): Engine {
  try {
    return engineOf(integration)
  } catch {
    throw invalidOption('enter: integration', 'what createIntegration has made', integration)
  }
}

function nothingToDo(): never {
  throw new Error('the work is led by hand')
}

/** The clock of an integration, for who wants to tell it what that says. @throws HoldfastError `INVALID_OPTION` */
export function clockOf(integration: Integration): Clock {
  return engineFor(integration).clock
}

/**
 * Lets work through an integration that no function can stand for: a stream that is read in several places, a socket, a conversation. The integration's
 * deadline, admissions, circuit, attempt timeout, `classify`, events and health hold for it as for a call; nothing is retried or hedged, and no chaos comes in.
 *
 * Whoever enters has to end the entry on every path, with `succeed`, `fail` or `abandon`.
 *
 * @returns the entry itself where nothing has to be waited for, otherwise a promise of it: `await` takes either.
 *
 * @example
 * ```ts
 * import { createIntegration } from '@holdfast/core'
 * import { enter } from '@holdfast/core/by-hand'
 *
 * const voice = createIntegration({ name: 'voice', attemptTimeoutMs: 2_000 })
 * const entry = await enter(voice, { onEnd: (reason) => console.log('over', reason) })
 * entry.answered()
 * entry.succeed()
 * console.log(voice.snapshot().totals.succeeded)
 * ```
 * @throws HoldfastError of the policy that refuses (`CIRCUIT_OPEN`, `BULKHEAD_FULL`, …); `INVALID_OPTION`; the caller's own reason when its signal has aborted.
 */
export function enter(integration: Integration, options: EnterOptions = {}): Entry | Promise<Entry> {
  try {
    const engine = engineFor(integration)
    const call = new HandCall(engine, options)
    engine.begin(call)
    return call.given()
  } catch (error) {
    return Promise.reject(error)
  }
}
