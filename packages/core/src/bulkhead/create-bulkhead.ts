import type { Clock, ScheduledTask } from '../clock/clock.ts'
import { Deadlines } from '../clock/deadlines.ts'
import { systemClock } from '../clock/system-clock.ts'
import { createEvents } from '../events/channel.ts'
import type { AttemptOutcome, CoreEvent, Events } from '../events/events.ts'
import { Link } from '../list/link.ts'
import type { AdmissionRequest, Permit, Rejection, Settlement } from '../policy/admission.ts'
import { Executor } from '../policy/executor.ts'
import { PRIORITIES, rankOf } from '../policy/priority.ts'
import { refuse } from '../policy/refuse.ts'
import { type Complete, withDefaults } from '../validation/defaults.ts'
import { aName, check, ENVIRONMENT_RULES, validate } from '../validation/validate.ts'
import type { Bulkhead, BulkheadSnapshot } from './bulkhead.ts'
import type { BulkheadEvent } from './events.ts'
import {
  BULKHEAD_DEFAULTS,
  BULKHEAD_RULES,
  type BulkheadConfiguration,
  type BulkheadOptions,
  MAX_CONCURRENT,
} from './options.ts'
import { FairQueue, type QueueOwner, Waiting } from './queue.ts'

const NO_REQUEST: AdmissionRequest = {}

/** One slot of a bulkhead. */
class Slot implements Permit {
  #bulkhead: SlotBulkhead | undefined

  constructor(bulkhead: SlotBulkhead) {
    this.#bulkhead = bulkhead
  }

  get admitted(): true {
    return true
  }

  settle(outcome: AttemptOutcome, settlement?: Settlement): AttemptOutcome {
    const bulkhead = this.#bulkhead
    if (bulkhead === undefined) return 'ignored'
    this.#bulkhead = undefined
    bulkhead.settled(outcome, settlement?.until)
    return outcome
  }

  undo(): void {
    const bulkhead = this.#bulkhead
    this.#bulkhead = undefined
    bulkhead?.undone()
  }
}

/** The slots of those who give back each of theirs exactly once: one object for all of them. */
class AnySlot implements Permit {
  readonly admitted = true as const
  readonly #bulkhead: SlotBulkhead

  constructor(bulkhead: SlotBulkhead) {
    this.#bulkhead = bulkhead
  }

  settle(outcome: AttemptOutcome, settlement?: Settlement): AttemptOutcome {
    this.#bulkhead.settled(outcome, settlement?.until)
    return outcome
  }

  undo(): void {
    this.#bulkhead.undone()
  }
}

class SlotBulkhead extends Executor implements Bulkhead, QueueOwner {
  readonly name: string
  readonly #maxQueued: number
  readonly #maxQueueMs: number
  readonly #maxLingerMs: number
  readonly clock: Clock
  readonly #events: Events<CoreEvent>
  readonly #deadlines: Deadlines
  readonly #queue = new FairQueue()
  readonly #anySlot = new AnySlot(this)
  /** Monotonic times of the verdicts of work that goes on and has its slot, the first one first. */
  readonly #lingerers = new Link<number>()
  readonly #totals = {
    admitted: 0,
    rejected: 0,
    abandoned: 0,
    reclaimed: 0,
    success: 0,
    slow: 0,
    failure: 0,
    ignored: 0,
  }
  #maxConcurrent: number
  #running = 0
  #lingering = 0
  /** Set while somebody waits, for the first slot that may be given back although its work goes on, or earlier. */
  #timer: ScheduledTask | undefined

  constructor(name: string, options: Complete<BulkheadOptions>, clock: Clock, events: Events<CoreEvent>) {
    super()
    this.name = name
    this.#maxConcurrent = options.maxConcurrent
    this.#maxQueued = options.maxQueued
    this.#maxQueueMs = options.maxQueueMs
    this.#maxLingerMs = options.maxLingerMs
    this.clock = clock
    this.#events = events
    this.#deadlines = new Deadlines(clock)
  }

  get maxConcurrent(): number {
    return this.#maxConcurrent
  }

  get running(): number {
    this.#reclaim()
    return this.#running
  }

  get queued(): number {
    return this.#queue.size
  }

  tryAcquire(request: AdmissionRequest = NO_REQUEST): Permit | Rejection {
    const rank = rankOf(request.priority)
    return this.#hasRoom() ? this.#give(request) : this.#full(rank)
  }

  acquire(request: AdmissionRequest = NO_REQUEST): Permit | Rejection | Promise<Permit | Rejection> {
    const rank = rankOf(request.priority)
    if (this.#hasRoom()) return this.#give(request)
    return this.#maxQueued === 0 || this.#maxQueueMs === 0 ? this.#full(rank) : this.#wait(request, rank)
  }

  resize(maxConcurrent: number): void {
    check('bulkhead.maxConcurrent', maxConcurrent, MAX_CONCURRENT)
    this.#maxConcurrent = maxConcurrent
    this.#handOver()
  }

  snapshot(): BulkheadSnapshot {
    this.#reclaim()
    return Object.freeze({
      name: this.name,
      maxConcurrent: this.#maxConcurrent,
      running: this.#running,
      lingering: this.#lingering,
      queued: this.#queue.size,
      totals: Object.freeze({ ...this.#totals }),
    })
  }

  settled(outcome: AttemptOutcome, until: PromiseLike<unknown> | undefined): void {
    this.#totals[outcome] += 1
    if (until === undefined) {
      this.#free()
      return
    }
    const place = new Link(this.clock.now())
    place.join(this.#lingerers)
    this.#lingering += 1
    this.#arm()
    const end = (): void => {
      // Otherwise its slot was given back before.
      if (!place.joined) return
      this.#endLinger(place)
      this.#free()
    }
    Promise.resolve(until).then(end, end)
  }

  undone(): void {
    this.#totals.admitted -= 1
    this.#free()
  }

  expired(waiting: Waiting): void {
    this.#leave(waiting)
    this.#timedOut(waiting)
  }

  aborted(waiting: Waiting): void {
    this.#leave(waiting)
    this.#totals.abandoned += 1
    waiting.reject(waiting.signal?.reason)
    this.#emit('call-abandoned', waiting.rank, this.clock.now() - waiting.queuedAt)
  }

  /** A slot is free while somebody waits only in the middle of a hand-over; whoever comes then does not push in. */
  #hasRoom(): boolean {
    if (this.#running >= this.#maxConcurrent) this.#reclaim()
    return this.#running < this.#maxConcurrent && this.#queue.size === 0
  }

  #give({ settlesOnce }: AdmissionRequest): Permit {
    this.#running += 1
    this.#totals.admitted += 1
    return settlesOnce === true ? this.#anySlot : new Slot(this)
  }

  #free(): void {
    this.#running -= 1
    this.#handOver()
  }

  /** Gives slots back whose work has gone on for too long. */
  #reclaim(): void {
    if (this.#lingering === 0) return
    const now = this.clock.now()
    for (let place = this.#lingerers.next; this.#dueAt(place) <= now; place = this.#lingerers.next) {
      this.#endLinger(place)
      this.#totals.reclaimed += 1
      if (this.#events.active) {
        const lingeredMs = now - (place.item as number)
        const at = this.clock.wallTime()
        this.#events.emit({ type: 'slot-reclaimed', at, bulkhead: this.name, lingeredMs })
      }
      this.#free()
    }
  }

  #endLinger(place: Link<number>): void {
    place.leave()
    this.#lingering -= 1
  }

  #dueAt({ item = Infinity }: Link<number>): number {
    return item + this.#maxLingerMs
  }

  /** One timer for all who wait; it is not moved when a slot comes back before its time, so it may be early. */
  #arm(): void {
    const dueAt = this.#dueAt(this.#lingerers.next)
    if (this.#timer !== undefined || this.#queue.size === 0 || dueAt === Infinity) return
    this.#timer = this.clock.schedule(dueAt - this.clock.now(), () => {
      this.#timer = undefined
      this.#reclaim()
      this.#arm()
    })
  }

  #handOver(): void {
    while (this.#running < this.#maxConcurrent) {
      const waiting = this.#queue.take()
      if (waiting === undefined) return
      this.#forget(waiting)
      const now = this.clock.now()
      if (waiting.dueAt <= now) {
        // A busy process hears of its timers late.
        this.#timedOut(waiting)
      } else {
        waiting.resolve(this.#give(NO_REQUEST))
        this.#emit('call-dequeued', waiting.rank, now - waiting.queuedAt)
      }
    }
  }

  #wait(request: AdmissionRequest, rank: number): Rejection | Promise<Permit | Rejection> {
    const { signal, deadlineAt = Infinity, caller } = request
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const now = this.clock.now()
    const dueAt = Math.min(now + this.#maxQueueMs, deadlineAt)
    // So written that a deadline which is no number refuses, too.
    if (!(dueAt > now)) return this.#refuse('QUEUE_TIMEOUT', 'has no slot before the call is over', rank)
    const isFull = this.#queue.size >= this.#maxQueued
    const rival = isFull ? this.#queue.rival(rank, caller) : undefined
    if (isFull && rival === undefined) return this.#full(rank)
    return new Promise((resolve, reject) => {
      const waiting = new Waiting(this, request, rank, now, resolve, reject)
      // First what may throw: with a signal that is none, nobody would come for the slot.
      signal?.addEventListener('abort', waiting)
      if (rival !== undefined) this.#leave(rival)
      this.#queue.add(waiting)
      if (dueAt === Infinity) waiting.dueAt = dueAt
      else this.#deadlines.watch(waiting, dueAt)
      if (rival !== undefined) {
        const waitedMs = now - rival.queuedAt
        rival.resolve(this.#refuse('SHED', 'gave the place in its queue to another call', rival.rank, waitedMs))
      }
      this.#arm()
      this.#emit('call-queued', rank, 0)
    })
  }

  #leave(waiting: Waiting): void {
    this.#queue.remove(waiting)
    this.#forget(waiting)
  }

  #forget(waiting: Waiting): void {
    this.#deadlines.forget(waiting)
    waiting.signal?.removeEventListener('abort', waiting)
    if (this.#queue.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #full(rank: number): Rejection {
    return this.#refuse('BULKHEAD_FULL', 'is full', rank)
  }

  #timedOut(waiting: Waiting): void {
    const waitedMs = this.clock.now() - waiting.queuedAt
    waiting.resolve(this.#refuse('QUEUE_TIMEOUT', 'had no slot in time', waiting.rank, waitedMs))
  }

  #refuse(code: string, why: string, rank: number, waitedMs = 0): Rejection {
    this.#totals.rejected += 1
    this.#emit('call-shed', rank, waitedMs, code)
    return refuse(this.name, code, why)
  }

  #emit(type: BulkheadEvent['type'], rank: number, waitedMs: number, code?: string): void {
    if (!this.#events.active) return
    this.#events.emit({
      type,
      at: this.clock.wallTime(),
      bulkhead: this.name,
      priority: PRIORITIES[rank] ?? 'medium',
      queued: this.#queue.size,
      waitedMs,
      ...(code === undefined ? {} : { code }),
    })
  }
}

/**
 * A bulkhead: at most `maxConcurrent` calls run at once, at most `maxQueued` wait for a slot, each for `maxQueueMs` at
 * most.
 *
 * A slot that comes back goes straight to the next in the queue, and nobody pushes in. High priority goes before medium
 * before low, but not for ever: while all of them wait, of 21 slots 16 go to high calls, 4 to medium and 1 to low
 * (stride scheduling: Waldspurger and Weihl, 1995). Callers of one priority take turns. When the queue is full, a call
 * takes the place of the newest one of a lower priority, or of the caller of its own priority who has more in the
 * queue. A slot whose work goes on after its verdict stays taken until the work ends, or `maxLingerMs` have passed.
 *
 * Refusals: `BULKHEAD_FULL`, `QUEUE_TIMEOUT`, and `SHED` for a call whose place another one took; all retryable.
 *
 * @example
 * ```ts
 * import { createBulkhead } from '@holdfast/core/admission'
 *
 * const reports = createBulkhead({ name: 'reports', maxConcurrent: 2, maxQueued: 100 })
 * const admission = await reports.acquire({ priority: 'low', caller: 'tenant-1' })
 * if (!admission.admitted) throw admission.error
 * console.log(reports.running)
 * admission.settle('success')
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createBulkhead(configuration: BulkheadConfiguration): Bulkhead {
  validate('bulkhead', configuration, { name: aName, ...ENVIRONMENT_RULES, ...BULKHEAD_RULES })
  const { name, clock = systemClock, random: _random, events = createEvents<CoreEvent>(), ...options } = configuration
  check('bulkhead.name', name, aName)
  return new SlotBulkhead(name, withDefaults(BULKHEAD_DEFAULTS, options), clock, events)
}
