import type { Clock, Random } from '../clock/clock.ts'
import { systemClock, systemRandom } from '../clock/system-clock.ts'
import type { CategoryRule } from '../errors/category-rules.ts'
import { createEvents } from '../events/channel.ts'
import type { AttemptOutcome, CoreEvent, Events } from '../events/events.ts'
import type { AdmissionRequest, Permit, Rejection, Settlement } from '../policy/admission.ts'
import { Executor } from '../policy/executor.ts'
import { PRIORITIES, rankOf } from '../policy/priority.ts'
import { refuse } from '../policy/refuse.ts'
import { type Complete, withDefaults } from '../validation/defaults.ts'
import { aName, check, validate } from '../validation/validate.ts'
import { acceptanceOf } from './acceptance.ts'
import { THROTTLE_DEFAULTS, THROTTLE_RULES, type ThrottleConfiguration, type ThrottleOptions } from './options.ts'
import { rejectedShare } from './rejected-share.ts'
import { RequestWindow, type Slice } from './request-window.ts'
import type { Throttle, ThrottleSnapshot } from './throttle.ts'

/** What the share of rejections is raised to, from the high priority to the low: p², p and √p of them are turned away. */
const EXPONENTS: readonly number[] = [2, 1, 0.5]

type Verdict = CategoryRule['throttle']

/** One request on its way. */
class Sent implements Permit {
  readonly admitted = true as const
  readonly #slice: Slice
  readonly #epoch: number
  #throttle: WindowThrottle | undefined

  constructor(throttle: WindowThrottle, slice: Slice) {
    this.#throttle = throttle
    this.#slice = slice
    this.#epoch = slice.epoch
  }

  settle(outcome: AttemptOutcome, settlement?: Settlement): AttemptOutcome {
    const throttle = this.#throttle
    if (throttle === undefined) return 'ignored'
    this.#end(throttle, acceptanceOf(outcome, settlement?.error, throttle.name, throttle.clock))
    return outcome
  }

  undo(): void {
    if (this.#throttle !== undefined) this.#end(this.#throttle, 'ignored')
  }

  #end(throttle: WindowThrottle, verdict: Verdict): void {
    this.#throttle = undefined
    // Otherwise the request has left the window, and its slice serves another time.
    if (this.#slice.epoch === this.#epoch) {
      this.#slice.undecided -= 1
      if (verdict === 'ignored') this.#slice.requests -= 1
    }
    throttle.decided(verdict)
  }
}

class WindowThrottle extends Executor implements Throttle {
  readonly name: string
  readonly #options: Complete<ThrottleOptions>
  readonly clock: Clock
  readonly #random: Random
  readonly #events: Events<CoreEvent>
  readonly #window: RequestWindow

  constructor(
    name: string,
    options: Complete<ThrottleOptions>,
    clock: Clock,
    random: Random,
    events: Events<CoreEvent>,
  ) {
    super()
    this.name = name
    this.#options = options
    this.clock = clock
    this.#random = random
    this.#events = events
    this.#window = new RequestWindow(options.windowMs)
  }

  tryAcquire(request?: AdmissionRequest): Permit | Rejection {
    const now = this.clock.now()
    const rank = rankOf(request?.priority)
    const share = this.#share(now, rank)
    const slice = this.#window.at(now)
    slice.requests += 1
    if (share > 0 && this.#random() < share) {
      slice.rejected += 1
      return this.#refuse(rank, share)
    }
    slice.undecided += 1
    return new Sent(this, slice)
  }

  acquire(request?: AdmissionRequest): Permit | Rejection {
    return this.tryAcquire(request)
  }

  snapshot(): ThrottleSnapshot {
    const now = this.clock.now()
    return Object.freeze({
      name: this.name,
      ...this.#window.counts(now),
      rejectedShare: this.#share(now, rankOf('medium')),
    })
  }

  decided(verdict: Verdict): void {
    if (verdict === 'ignored') return
    const slice = this.#window.at(this.clock.now())
    if (verdict === 'accepted') slice.accepted += 1
    else slice.refused += 1
  }

  #share(now: number, rank: number): number {
    const { requestsPerAccepted, minimumRequests, maxRejectedShare } = this.#options
    const { requests, accepted } = this.#window.counts(now)
    if (requests < minimumRequests) return 0
    const share = rejectedShare(requests, accepted, requestsPerAccepted)
    return Math.min(maxRejectedShare, share ** (EXPONENTS[rank] ?? 1))
  }

  #refuse(rank: number, share: number): Rejection {
    if (this.#events.active) {
      this.#events.emit({
        type: 'call-throttled',
        at: this.clock.wallTime(),
        throttle: this.name,
        priority: PRIORITIES[rank] ?? 'medium',
        rejectedShare: share,
      })
    }
    return refuse(this.name, 'THROTTLED', 'accepts too few requests and is sent a part of them only')
  }
}

/**
 * Adaptive throttling on the client's side ("Handling Overload" in Beyer et al.: Site Reliability Engineering, O'Reilly,
 * 2016): once a dependency accepts fewer than one in `requestsPerAccepted` requests, a growing share is turned away here, with
 * `THROTTLED`, so that it gets about `requestsPerAccepted` times what it accepts, and during an outage `1 - maxRejectedShare`
 * of the traffic. Of high priority fewer are turned away (p² where it is p for medium), of low priority more (√p).
 *
 * Accepted is what the dependency took on, even if it failed then; not accepted are timeouts, network failures, rate limits
 * and overload (`CATEGORY_RULES`, column `throttle`), and a `failure` that is settled without an error. What is settled as
 * `ignored` is taken out again. A request that is under way counts once it has its verdict, or after half the window without
 * one. When nine of ten requests of a tenth of the window are accepted again, what came before is forgotten, so that all
 * traffic is back within a window.
 *
 * @example
 * ```ts
 * import { createThrottle } from '@holdfast/core/admission'
 *
 * const throttle = createThrottle({ name: 'llm' })
 * const admission = throttle.tryAcquire({ priority: 'high' })
 * if (!admission.admitted) throw admission.error
 * admission.settle('success')
 * console.log(throttle.snapshot().rejectedShare)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createThrottle(configuration: ThrottleConfiguration): Throttle {
  validate('throttle', configuration, THROTTLE_RULES)
  const { name, clock = systemClock, random = systemRandom, events = createEvents<CoreEvent>() } = configuration
  check('throttle.name', name, aName)
  const options = withDefaults<ThrottleOptions>(THROTTLE_DEFAULTS, configuration)
  return new WindowThrottle(name, options, clock, random, events)
}
