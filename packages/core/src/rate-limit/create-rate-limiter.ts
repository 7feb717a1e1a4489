import type { Clock, ScheduledTask } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent, Events } from '../events/events.ts'
import { Link } from '../list/link.ts'
import type { AdmissionRequest, Permit, Rejection } from '../policy/admission.ts'
import { Executor } from '../policy/executor.ts'
import { refuse } from '../policy/refuse.ts'
import { Ticket, type TicketOffice } from '../policy/ticket.ts'
import type { RateLimitEvent } from './events.ts'
import { type Meter, SlidingWindow, TokenBucket } from './meter.ts'
import { checkRateLimiter, RATE_LIMIT_DEFAULTS, RATE_LIMITER_RULES, type RateLimiterConfiguration } from './options.ts'
import type { RateLimiter, RateLimiterSnapshot } from './rate-limiter.ts'

const NO_REQUEST: AdmissionRequest = {}

/** Absorbs the rounding of times, in ms. */
const ROUNDING_MS = 1e-3

/** A call that waits for its turn. */
class Turn {
  readonly place: Link<Turn> = new Link<Turn>(this)
  readonly resolve: (permit: Permit) => void
  readonly reject: (reason: unknown) => void
  readonly signal: AbortSignal | undefined
  readonly #limiter: MeteredLimiter

  constructor(
    limiter: MeteredLimiter,
    signal: AbortSignal | undefined,
    resolve: (permit: Permit) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#limiter = limiter
    this.signal = signal
    this.resolve = resolve
    this.reject = reject
  }

  /** The caller's signal aborted. */
  handleEvent(): void {
    this.#limiter.aborted(this)
  }
}

class MeteredLimiter extends Executor implements RateLimiter, TicketOffice {
  readonly name: string
  readonly #meter: Meter
  readonly #maxWaitMs: number
  readonly clock: Clock
  readonly #events: Events<CoreEvent>
  readonly #turns = new Link<Turn>()
  readonly #totals = { admitted: 0, rejected: 0, abandoned: 0 }
  #waiting = 0
  /** Set while calls wait, for the first of them. */
  #timer: ScheduledTask | undefined
  #timerAt = 0

  constructor(name: string, meter: Meter, maxWaitMs: number, clock: Clock, events: Events<CoreEvent>) {
    super()
    this.name = name
    this.#meter = meter
    this.#maxWaitMs = maxWaitMs
    this.clock = clock
    this.#events = events
  }

  tryAcquire(): Permit | Rejection {
    const now = this.clock.now()
    const waitMs = this.#waitMs(now)
    return waitMs > 0 ? this.#refuse(waitMs) : this.#give(now)
  }

  acquire(request: AdmissionRequest = NO_REQUEST): Permit | Rejection | Promise<Permit | Rejection> {
    const now = this.clock.now()
    const waitMs = this.#waitMs(now)
    if (waitMs <= 0) return this.#give(now)
    const { signal, deadlineAt = Infinity } = request
    // So written that a deadline which is no number refuses, too.
    if (!(waitMs <= Math.min(this.#maxWaitMs, deadlineAt - now))) return this.#refuse(waitMs)
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const turn = new Turn(this, signal, resolve, reject)
      // First what may throw: with a signal that is none, nobody would come for the turn.
      signal?.addEventListener('abort', turn)
      turn.place.join(this.#turns)
      this.#waiting += 1
      this.#arm(now)
      this.#emit('rate-delayed', waitMs)
    })
  }

  snapshot(): RateLimiterSnapshot {
    const nextInMs = this.#waitMs(this.clock.now())
    return Object.freeze({
      name: this.name,
      waiting: this.#waiting,
      nextInMs,
      totals: Object.freeze({ ...this.#totals }),
    })
  }

  undone(mark: number): void {
    this.#totals.admitted -= 1
    this.#meter.giveBack(mark)
    this.#serve(this.clock.now())
  }

  aborted(turn: Turn): void {
    this.#leave(turn)
    this.#totals.abandoned += 1
    turn.reject(turn.signal?.reason)
    this.#serve(this.clock.now())
  }

  /**
   * How long a call that came now would wait: behind all that wait already, so that nobody pushes in when a timer is
   * late.
   */
  #waitMs(now: number): number {
    if (this.#waiting > 0) this.#serve(now)
    const waitMs = this.#meter.freeAt(now, this.#waiting) - now
    return waitMs > ROUNDING_MS ? waitMs : 0
  }

  #give(now: number): Ticket {
    this.#totals.admitted += 1
    return new Ticket(this, this.#meter.take(now))
  }

  /** Lets those go whose turn has come. */
  #serve(now: number): void {
    for (;;) {
      const turn = this.#turns.next.item
      if (turn === undefined || this.#meter.freeAt(now, 0) - now > ROUNDING_MS) break
      this.#leave(turn)
      turn.resolve(this.#give(now))
    }
    this.#arm(now)
  }

  /** Sets the timer for the first that waits, if anybody does. */
  #arm(now: number): void {
    const dueAt = this.#waiting > 0 ? this.#meter.freeAt(now, 0) : Infinity
    if (this.#timer !== undefined) {
      if (dueAt === this.#timerAt) return
      this.#timer.cancel()
      this.#timer = undefined
    }
    if (dueAt === Infinity) return
    this.#timerAt = dueAt
    this.#timer = this.clock.schedule(dueAt - now, () => {
      this.#timer = undefined
      this.#serve(this.clock.now())
    })
  }

  #leave(turn: Turn): void {
    turn.place.leave()
    this.#waiting -= 1
    turn.signal?.removeEventListener('abort', turn)
  }

  #refuse(waitMs: number): Rejection {
    this.#totals.rejected += 1
    this.#emit('rate-exceeded', waitMs)
    return refuse(this.name, 'RATE_LIMIT_EXCEEDED', 'is called more often than it may be', waitMs)
  }

  #emit(type: RateLimitEvent['type'], waitMs: number): void {
    if (!this.#events.active) return
    this.#events.emit({ type, at: this.clock.wallTime(), limiter: this.name, waitMs })
  }
}

/** Makes limiters from a configuration that is checked. */
export function limiterMaker(configuration: RateLimiterConfiguration): () => RateLimiter {
  const { name, limit, clock = systemClock, events = createEvents<CoreEvent>() } = configuration
  const {
    algorithm = RATE_LIMIT_DEFAULTS.algorithm,
    intervalMs = RATE_LIMIT_DEFAULTS.intervalMs,
    maxWaitMs = RATE_LIMIT_DEFAULTS.maxWaitMs,
    burst = limit,
  } = configuration
  return () => {
    const meter =
      algorithm === 'token-bucket' ? new TokenBucket(limit, intervalMs, burst) : new SlidingWindow(limit, intervalMs)
    return new MeteredLimiter(name, meter, maxWaitMs, clock, events)
  }
}

/**
 * A rate limiter: a token bucket (GCRA, ITU-T I.371) or a sliding window in sixteen slices; see `algorithm`. It reads
 * monotonic time only, fills nothing in between calls, and sets a timer only while somebody waits.
 *
 * With `maxWaitMs` a call that comes too early waits for its turn, in the order of arrival, if the turn comes within
 * that time and before the call's deadline; else it is refused at once. A caller that leaves gives its place to those
 * behind it. `caller` and `priority` make no difference: for a limit for each caller, see {@link createRateLimiters}.
 *
 * @example
 * ```ts
 * import { createRateLimiter } from '@holdfast/core/admission'
 *
 * const mail = createRateLimiter({ name: 'mail', limit: 10, intervalMs: 1_000, burst: 2, maxWaitMs: 500 })
 * for (const to of ['a', 'b', 'c']) {
 *   const admission = await mail.acquire()
 *   if (!admission.admitted) throw admission.error
 *   console.log(to, mail.snapshot().nextInMs)
 *   admission.settle('success')
 * }
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createRateLimiter(configuration: RateLimiterConfiguration): RateLimiter {
  checkRateLimiter('rateLimiter', configuration, RATE_LIMITER_RULES)
  return limiterMaker(configuration)()
}
