import type { Bulkhead } from '../bulkhead/bulkhead.ts'
import { createBulkhead } from '../bulkhead/create-bulkhead.ts'
import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { createEvents } from '../events/channel.ts'
import type { AttemptOutcome, CoreEvent, Events } from '../events/events.ts'
import type { AdmissionRequest, Permit, Rejection, Settlement } from '../policy/admission.ts'
import { Executor } from '../policy/executor.ts'
import { acceptanceOf } from '../throttle/acceptance.ts'
import { withDefaults } from '../validation/defaults.ts'
import { aName, check, invalidOption, validate } from '../validation/validate.ts'
import type { AdaptiveConcurrency, AdaptiveConcurrencySnapshot } from './adaptive-concurrency.ts'
import { AdaptiveLimit, type LimitBounds } from './adaptive-limit.ts'
import {
  ADAPTIVE_CONCURRENCY_DEFAULTS,
  ADAPTIVE_CONCURRENCY_RULES,
  type AdaptiveConcurrencyConfiguration,
  type AdaptiveConcurrencyOptions,
} from './options.ts'

/** A slot of the bulkhead, whose time is taken. */
class TimedSlot implements Permit {
  readonly admitted = true as const
  readonly #slot: Permit
  readonly #startedAt: number
  readonly #inFlight: number
  #limiter: BulkheadLimiter | undefined

  constructor(limiter: BulkheadLimiter, slot: Permit, startedAt: number, inFlight: number) {
    this.#limiter = limiter
    this.#slot = slot
    this.#startedAt = startedAt
    this.#inFlight = inFlight
  }

  settle(outcome: AttemptOutcome, settlement: Settlement = {}): AttemptOutcome {
    const limiter = this.#limiter
    if (limiter === undefined) return 'ignored'
    this.#limiter = undefined
    // First the limit: a slot that is none any more is not handed on.
    limiter.ended(outcome, settlement, this.#startedAt, this.#inFlight)
    return this.#slot.settle(outcome, settlement)
  }

  undo(): void {
    if (this.#limiter === undefined) return
    this.#limiter = undefined
    this.#slot.undo?.()
  }
}

class BulkheadLimiter extends Executor implements AdaptiveConcurrency {
  readonly name: string
  readonly clock: Clock
  readonly #events: Events<CoreEvent>
  readonly #bulkhead: Bulkhead
  readonly #limit: AdaptiveLimit

  constructor(bulkhead: Bulkhead, bounds: LimitBounds, clock: Clock, events: Events<CoreEvent>) {
    super()
    this.name = bulkhead.name
    this.#bulkhead = bulkhead
    this.#limit = new AdaptiveLimit(bounds)
    this.clock = clock
    this.#events = events
  }

  get limit(): number {
    return this.#bulkhead.maxConcurrent
  }

  tryAcquire(request?: AdmissionRequest): Permit | Rejection {
    return this.#timed(this.#bulkhead.tryAcquire(request))
  }

  acquire(request?: AdmissionRequest): Permit | Rejection | Promise<Permit | Rejection> {
    const answer = this.#bulkhead.acquire(request)
    return answer instanceof Promise ? answer.then((later) => this.#timed(later)) : this.#timed(answer)
  }

  snapshot(): AdaptiveConcurrencySnapshot {
    const { maxConcurrent: limit, running: inFlight, ...rest } = this.#bulkhead.snapshot()
    const { probing, baselineMs } = this.#limit
    return Object.freeze({ ...rest, limit, inFlight, probing, baselineMs })
  }

  ended(outcome: AttemptOutcome, { error, durationMs }: Settlement, startedAt: number, inFlight: number): void {
    const isGood = error === undefined && (outcome === 'success' || outcome === 'slow')
    // A reply that is no answer says nothing by its time.
    if (!isGood && acceptanceOf(outcome, error, this.name, this.clock) !== 'not-accepted') return
    const now = this.clock.now()
    this.#limit.add(now, startedAt, isGood ? (durationMs ?? now - startedAt) : undefined, inFlight)
    const from = this.limit
    const to = Math.floor(this.#limit.limit)
    if (from === to) return
    this.#bulkhead.resize(to)
    if (!this.#events.active) return
    const { probing, baselineMs } = this.#limit
    this.#events.emit({
      type: 'limit-changed',
      at: this.clock.wallTime(),
      limiter: this.name,
      from,
      to,
      probing,
      ...(baselineMs === undefined ? {} : { baselineMs }),
    })
  }

  #timed(answer: Permit | Rejection): Permit | Rejection {
    return answer.admitted ? new TimedSlot(this, answer, this.clock.now(), this.#bulkhead.running) : answer
  }
}

/**
 * A bulkhead that finds its own size: it follows the number of calls that the dependency can work on at once, whether that
 * changes or the time they take.
 *
 * Every window, of `windowMs` and `minimumSamples` results at least, compares the mean response time with a baseline. While it
 * is up to 25 % longer and the limit is used up, the limit grows by its square root; when it is longer, the limit falls to the
 * part that is served rather than queued, and that much (the gradient of Envoy's adaptive concurrency filter). The baseline is
 * the response time without a queue. It is measured while the limit is used up: after 1, 2, 4 and then up to 64 windows the
 * limit goes down to 70 % of the estimated capacity for a moment, as Envoy and BBR do (Cardwell et al., 2016), so that a
 * lasting overload is not taken for the usual.
 *
 * When a tenth of the results or more are timeouts, network failures, rate limits or refusals for overload (`CATEGORY_RULES`,
 * column `throttle`), the limit falls by a fifth. Other failures, and calls that were cancelled, have no say. While less is
 * used, the limit goes down to five times that. Refusals, the queue and what lingers are as with `createBulkhead`.
 *
 * @example
 * ```ts
 * import { createAdaptiveConcurrency } from '@holdfast/core/admission'
 *
 * const limiter = createAdaptiveConcurrency({ name: 'llm', maxLimit: 50, maxQueued: 10 })
 * const admission = await limiter.acquire()
 * if (!admission.admitted) throw admission.error
 * admission.settle('success')
 * console.log(limiter.snapshot().limit)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createAdaptiveConcurrency(configuration: AdaptiveConcurrencyConfiguration): AdaptiveConcurrency {
  validate('adaptiveConcurrency', configuration, ADAPTIVE_CONCURRENCY_RULES)
  const { name, clock = systemClock, events = createEvents<CoreEvent>() } = configuration
  check('adaptiveConcurrency.name', name, aName)
  const options = withDefaults<AdaptiveConcurrencyOptions>(ADAPTIVE_CONCURRENCY_DEFAULTS, configuration)
  const { minLimit, maxQueued, maxQueueMs, maxLingerMs } = options
  const maxLimit = configuration.maxLimit ?? Math.max(options.maxLimit, minLimit)
  const initialLimit = configuration.initialLimit ?? Math.min(maxLimit, Math.max(options.initialLimit, minLimit))
  if (maxLimit < minLimit) {
    throw invalidOption('adaptiveConcurrency.maxLimit', `at least minLimit (${minLimit})`, maxLimit)
  }
  if (initialLimit < minLimit || initialLimit > maxLimit) {
    throw invalidOption('adaptiveConcurrency.initialLimit', `from minLimit to maxLimit`, initialLimit)
  }
  const bulkhead = createBulkhead({
    name,
    maxConcurrent: initialLimit,
    maxQueued,
    maxQueueMs,
    maxLingerMs,
    clock,
    events,
  })
  return new BulkheadLimiter(bulkhead, { ...options, initialLimit, maxLimit }, clock, events)
}
