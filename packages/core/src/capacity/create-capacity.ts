import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { createEvents } from '../events/channel.ts'
import type { AttemptOutcome, CoreEvent, Events } from '../events/events.ts'
import type { AdmissionRequest, Permit, Rejection } from '../policy/admission.ts'
import { Executor } from '../policy/executor.ts'
import { PRIORITIES, rankOf } from '../policy/priority.ts'
import { refuse } from '../policy/refuse.ts'
import { Ticket, type TicketOffice } from '../policy/ticket.ts'
import { aName, check, validate } from '../validation/validate.ts'
import type { Capacity, CapacitySnapshot } from './capacity.ts'
import type { CapacityEvent } from './events.ts'
import { A_SHARE, CAPACITY_DEFAULTS, CAPACITY_RULES, type CapacityConfiguration } from './options.ts'
import { RecentSet } from './recent-set.ts'

/**
 * Credit, in calls, that a priority leaves for each one above it, and a session that was kept out for new ones. More
 * keeps them apart better, and takes longer to follow a change of the mix.
 */
const RESERVE = 8

/** How far the calls of sessions that stay in may overdraw the credit: what they took too much, others get less. */
const LEAST_CREDIT = -8 * RESERVE

/** Absorbs the rounding of sums such as ten times 0.1. */
const ROUNDING = 1e-9

/** The leave while everything passes: there is nothing to give back, so one is enough for all. */
const PASS: Permit = Object.freeze({
  admitted: true as const,
  settle: (outcome: AttemptOutcome): AttemptOutcome => outcome,
  undo: (): void => undefined,
})

class SharedCapacity extends Executor implements Capacity, TicketOffice {
  readonly name: string
  readonly perCall = true
  readonly clock: Clock
  readonly #events: Events<CoreEvent>
  readonly #in: RecentSet
  readonly #out: RecentSet
  readonly #totals = { admitted: 0, rejected: 0 }
  #share: number
  /**
   * Calls that may be let in now; at first, none of medium priority. Every call adds the share, every one that is let
   * in takes 1.
   */
  #credit = RESERVE

  constructor(name: string, share: number, maxSessions: number, clock: Clock, events: Events<CoreEvent>) {
    super()
    this.name = name
    this.#share = share
    this.clock = clock
    this.#events = events
    this.#in = new RecentSet(maxSessions)
    this.#out = new RecentSet(maxSessions)
  }

  get share(): number {
    return this.#share
  }

  tryAcquire(request?: AdmissionRequest): Permit | Rejection {
    const rank = rankOf(request?.priority)
    const share = this.#share
    if (share === 1) return PASS
    const session = request?.session
    this.#credit = Math.max(LEAST_CREDIT, this.#credit + share)
    if (session === undefined ? !this.#affords(rank * RESERVE) : !this.#letsIn(session, rank)) return this.#refuse(rank)
    this.#credit -= 1
    this.#totals.admitted += 1
    return new Ticket(this, share)
  }

  acquire(request?: AdmissionRequest): Permit | Rejection {
    return this.tryAcquire(request)
  }

  set(share: number): void {
    check('capacity.share', share, A_SHARE)
    const from = this.#share
    if (share === from) return
    this.#share = share
    // A rise keeps what was saved and overdrawn, or a slow ramp would give some away at each step.
    if (share === 1) this.#credit = RESERVE
    else if (share < from) this.#credit = Math.max(0, Math.min(RESERVE, this.#credit))
    if (share < from || share === 1) this.#in.clear()
    if (share > from) this.#out.clear()
    this.#emit('capacity-changed', { from })
  }

  reset(): void {
    this.set(1)
  }

  snapshot(): CapacitySnapshot {
    return Object.freeze({ name: this.name, share: this.#share, totals: Object.freeze({ ...this.#totals }) })
  }

  undone(share: number): void {
    this.#totals.admitted -= 1
    this.#credit += 1 - share
  }

  #affords(reserve: number): boolean {
    return this.#share > 0 && this.#credit >= 1 + reserve - ROUNDING
  }

  #letsIn(session: string, rank: number): boolean {
    if (this.#in.has(session)) return true
    const isIn = this.#affords(rank * RESERVE + (this.#out.has(session) ? RESERVE : 0))
    if (isIn) {
      this.#in.add(session)
      this.#out.delete(session)
    } else {
      this.#out.add(session)
    }
    return isIn
  }

  #refuse(rank: number): Rejection {
    this.#totals.rejected += 1
    this.#emit('capacity-exceeded', { priority: PRIORITIES[rank] ?? 'medium' })
    return refuse(this.name, 'DEGRADED', 'runs at reduced capacity and takes a part of the calls')
  }

  #emit(type: CapacityEvent['type'], more: Pick<CapacityEvent, 'from' | 'priority'>): void {
    if (!this.#events.active) return
    this.#events.emit({ type, at: this.clock.wallTime(), capacity: this.name, share: this.#share, ...more })
  }
}

/**
 * Degraded-mode capacity: lets a share of the calls in, such as 0.75, 0.5 or 0.25. At 1 everything passes, at no cost.
 *
 * Every call adds the share to a credit, every one that is let in takes 1 from it; so the number of calls let in
 * follows the share of all that came, evenly and without chance. A priority is let in only while the credit leaves a
 * reserve for those above it: low is shed first, then medium, then high, whatever the mix is, and without measuring it.
 *
 * A session is decided by its first call, and remembered: who is in stays in while the share does not fall, and who is
 * out stays out while it does not rise, unless the new ones leave room. The calls of a session that is in count like
 * any other, so fewer others are let in when such sessions are busy. (To compare a hash of the session with the share
 * would need no memory, but could not tell priorities apart.)
 *
 * It decides about calls, not attempts: who was let in is not asked again for a retry. The refusal is `DEGRADED`, retryable.
 *
 * @example
 * ```ts
 * import { createCapacity } from '@holdfast/core/admission'
 *
 * const chat = createCapacity({ name: 'chat' })
 * chat.set(0.5)
 * const admissions = Array.from({ length: 100 }, () => chat.tryAcquire({ priority: 'medium' }))
 * console.log(admissions.filter(({ admitted }) => admitted).length)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createCapacity(configuration: CapacityConfiguration): Capacity {
  validate('capacity', configuration, CAPACITY_RULES)
  const { name, clock = systemClock, events = createEvents<CoreEvent>() } = configuration
  check('capacity.name', name, aName)
  const { share = CAPACITY_DEFAULTS.share, maxSessions = CAPACITY_DEFAULTS.maxSessions } = configuration
  return new SharedCapacity(name, share, maxSessions, clock, events)
}
