import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { createEvents } from '../events/channel.ts'
import type { AttemptOutcome, CoreEvent, Events } from '../events/events.ts'
import type { Environment } from '../integration/integration.ts'
import type { AdmissionPolicy, Permit, Rejection, Settlement } from '../policy/admission.ts'
import { Executor } from '../policy/executor.ts'
import { refuse } from '../policy/refuse.ts'
import type { Complete } from '../validation/defaults.ts'
import { aName, check, ENVIRONMENT_RULES, validate } from '../validation/validate.ts'
import { RollingCount } from '../window/rolling-count.ts'
import { GOODPUT_LIMIT_RULES, type GoodputLimitOptions, resolveGoodputLimitOptions } from './options.ts'

/** A goodput limit on its own needs a name, for its errors and events. */
export interface GoodputLimitConfiguration extends GoodputLimitOptions, Omit<Environment, 'random'> {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
}

/** Keeps what is under way to what is answered in time. */
export interface GoodputLimit extends AdmissionPolicy {
  readonly name: string
  /** How much may be under way at once; `Infinity` while nothing speaks for a limit. */
  readonly limit: number
  readonly inFlight: number
}

/** A response counts for so much in the average of what is usual. */
const TYPICAL_WEIGHT = 1 / 300

/** A slow one for so much. */
const SLOW_WEIGHT = 1 / 1_500

/** Answers are quick up to this share of what is slow; the limit then grows as fast as it can be filled. */
const QUICK_SHARE = 0.75

/** So many of the responses have to be slow, or failed. */
const SLOW_SHARE = 0.5

/** From here on a limit limits nothing. */
const NO_LIMIT_FROM = 1_000

/** One of the last two peaks of what was under way, each over one timeout. */
class Peak {
  #value = 0
  #before = 0
  #since = -Infinity
  readonly #spanMs: number

  constructor(spanMs: number) {
    this.#spanMs = spanMs
  }

  see(value: number, now: number): void {
    const ageMs = now - this.#since
    if (ageMs > this.#spanMs) {
      this.#before = ageMs > 2 * this.#spanMs ? 0 : this.#value
      this.#value = 0
      this.#since = now
    }
    if (value > this.#value) this.#value = value
  }

  get highest(): number {
    return Math.max(this.#value, this.#before)
  }
}

/** The responses that a decision is made on: those of the last quarter of a timeout. */
class Responses {
  readonly windowMs: number
  /** Whatever was answered in time, the slow ones included. */
  readonly good: RollingCount
  readonly slow: RollingCount
  readonly failed: RollingCount
  readonly peak: Peak

  constructor(timeoutMs: number) {
    this.windowMs = timeoutMs / 4
    this.good = new RollingCount(this.windowMs)
    this.slow = new RollingCount(this.windowMs)
    this.failed = new RollingCount(this.windowMs)
    this.peak = new Peak(timeoutMs)
  }
}

/** The limit itself; `enter` and `leave` are for the engine around it. */
export class Goodput extends Executor implements GoodputLimit {
  readonly name: string
  #options: Complete<GoodputLimitOptions>
  readonly clock: Clock
  readonly #events: Events<CoreEvent>
  #seen: Responses
  #limit = Infinity
  #inFlight = 0
  /** What a response takes; no number yet while there was none. */
  #typicalMs = Number.NaN
  #lastCut = -Infinity
  /** When it last refused somebody. */
  refusedAt: number = -Infinity

  constructor(name: string, options: Complete<GoodputLimitOptions>, clock: Clock, events: Events<CoreEvent>) {
    super()
    this.name = name
    this.#options = options
    this.clock = clock
    this.#events = events
    this.#seen = new Responses(options.timeoutMs)
  }

  /** Replaces its options by some that are checked and complete. What is under way and the limit stay; another timeout counts responses anew. */
  use(options: Complete<GoodputLimitOptions>): void {
    const before = this.#options
    this.#options = options
    this.#limit = Math.max(this.#limit, options.minLimit)
    if (options.timeoutMs !== before.timeoutMs) this.#seen = new Responses(options.timeoutMs)
  }

  get limit(): number {
    return Math.floor(this.#limit)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** A frozen copy that can be JSON, without a limit that is none. */
  figures(): { readonly inFlight: number; readonly limit?: number } {
    const { inFlight, limit } = this
    return Object.freeze(limit === Infinity ? { inFlight } : { inFlight, limit })
  }

  acquire(): Permit | Rejection {
    return this.tryAcquire()
  }

  tryAcquire(): Permit | Rejection {
    return this.enter() ? new Passage(this, this.clock.now()) : this.refusal()
  }

  /** Takes a place, if there is one. */
  enter(): boolean {
    if (this.#inFlight >= this.limit) return false
    this.#inFlight += 1
    return true
  }

  /** Gives the place back as if it had not been taken. */
  undo(): void {
    this.#inFlight -= 1
  }

  /** Gives the place back, and learns how the work went. */
  leave(outcome: AttemptOutcome, durationMs: number, now: number): void {
    const inFlight = this.#inFlight
    this.#inFlight -= 1
    this.#seen.peak.see(inFlight, now)
    if (outcome === 'ignored') return
    if (outcome === 'failure') {
      this.#seen.failed.add(now)
      this.#learnBad(inFlight, now)
      return
    }
    this.#seen.good.add(now)
    if (Number.isNaN(this.#typicalMs)) this.#typicalMs = durationMs
    const slowMs = this.#slowMs()
    const isSlow = durationMs > slowMs
    // A slow one tells little of what is usual; but where all have become slower for good, so many of them do.
    this.#typicalMs += (durationMs - this.#typicalMs) * (isSlow ? SLOW_WEIGHT : TYPICAL_WEIGHT)
    if (isSlow) {
      this.#seen.slow.add(now)
      this.#learnBad(inFlight, now)
      return
    }
    if (this.#limit !== Infinity && inFlight >= this.#limit / 2) this.#grow(durationMs <= slowMs * QUICK_SHARE)
  }

  now(): number {
    return this.clock.now()
  }

  refusal(): Rejection {
    this.refusedAt = this.clock.now()
    return refuse(this.name, 'GOODPUT_LIMITED', 'answers too few calls in time')
  }

  /** What takes longer is on its way to a timeout: twice the usual, but at least a quarter of the timeout. */
  #slowMs(): number {
    return Math.max(this.#options.timeoutMs / 4, 2 * (this.#typicalMs || 0))
  }

  #learnBad(inFlight: number, now: number): void {
    const { badShare, minLimit } = this.#options
    const seen = this.#seen
    if (now - this.#lastCut < seen.windowMs) return
    const [good, slow, failed] = [seen.good.total(now), seen.slow.total(now), seen.failed.total(now)]
    const [all, bad] = [good + failed, slow + failed]
    // How long a good answer takes varies; that some fail, or most are slow, tells more.
    const isTooMuch = failed >= Math.max(2, badShare * all) || bad >= Math.max(2, Math.max(SLOW_SHARE, badShare) * all)
    // One that failed while little was under way says nothing about how much is too much.
    if (!isTooMuch || inFlight < seen.peak.highest / 2) return
    this.#lastCut = now
    // Little's law: at the rate that is answered, so many are under way when each takes half the timeout.
    const sustainable = (good / seen.windowMs) * (this.#options.timeoutMs / 2)
    this.#change(Math.max(minLimit, Math.min(this.#limit, sustainable)))
  }

  #grow(isQuick: boolean): void {
    const grown = this.#limit + (isQuick ? 1 : 1 / this.#limit)
    this.#change(grown > NO_LIMIT_FROM ? Infinity : grown)
  }

  #change(limit: number): void {
    const from = this.limit
    this.#limit = limit
    const isNews = (from === Infinity) !== (limit === Infinity) || limit < from
    if (!isNews || !this.#events.active) return
    this.#events.emit({ type: 'goodput-limited', at: this.clock.wallTime(), limiter: this.name, from, to: this.limit })
  }
}

class Passage implements Permit {
  readonly admitted = true as const
  readonly #startedAt: number
  #goodput: Goodput | undefined

  constructor(goodput: Goodput, startedAt: number) {
    this.#goodput = goodput
    this.#startedAt = startedAt
  }

  settle(outcome: AttemptOutcome, settlement: Settlement = {}): AttemptOutcome {
    const goodput = this.#goodput
    if (goodput === undefined) return 'ignored'
    this.#goodput = undefined
    const now = goodput.now()
    goodput.leave(outcome, settlement.durationMs ?? now - this.#startedAt, now)
    return outcome
  }

  undo(): void {
    this.#goodput?.undo()
    this.#goodput = undefined
  }
}

/**
 * A limit on what is under way, which is not there until it is needed. While responses come in time it limits nothing, however many are under way; when a
 * share of them fails, or half of them take so long beyond what is usual that they are on their way to a timeout, what is under way is cut to what the dependency has been seen to answer in time
 * (Little's law: the rate of good answers times half the timeout), and grows again with every quick answer. It has no queue: who finds no place is refused at
 * once, so that a fallback can serve. It keeps a dependency in a brownout at the work it can still do, in place of letting it drown in requests whose callers
 * have left. The rule is our own; `docs/reports/brownout.md` has its figures.
 *
 * @example
 * ```ts
 * import { createGoodputLimit } from '@holdfast/core/admission'
 *
 * const limit = createGoodputLimit({ name: 'crm', timeoutMs: 1_000 })
 * const permit = limit.tryAcquire()
 * if (permit.admitted) permit.settle('success')
 * console.log(limit.limit, limit.inFlight)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createGoodputLimit(configuration: GoodputLimitConfiguration): GoodputLimit {
  const { random: _random, ...rules } = ENVIRONMENT_RULES
  validate('goodputLimit', configuration, { name: aName, ...rules, ...GOODPUT_LIMIT_RULES })
  const { name, clock = systemClock, events = createEvents<CoreEvent>(), ...options } = configuration
  check('goodputLimit.name', name, aName)
  return new Goodput(name, resolveGoodputLimitOptions('goodputLimit', options), clock, events)
}
