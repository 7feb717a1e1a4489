import type { TimeLimited } from '../clock/deadlines.ts'
import type { Due } from '../list/due-lists.ts'
import { Link } from '../list/link.ts'
import type { AdmissionRequest, Permit, Rejection } from '../policy/admission.ts'

/**
 * What one turn costs a priority: while all of them wait, the high one gets 16 turns for 4 of the medium and 1 of the
 * low.
 */
const STRIDES: readonly number[] = [1, 4, 16]

/** Whoever has to know when a waiting call's time is over, or its caller has left. */
export interface QueueOwner {
  expired(waiting: Waiting): void
  aborted(waiting: Waiting): void
}

/** A call in the queue. */
export class Waiting implements TimeLimited {
  dueAt = 0
  previous: Due | undefined = undefined
  next: Due | undefined = undefined
  readonly rank: number
  readonly caller: string | undefined
  line: Line | undefined = undefined
  readonly queuedAt: number
  readonly resolve: (answer: Permit | Rejection) => void
  readonly reject: (reason: unknown) => void
  readonly signal: AbortSignal | undefined
  readonly inLine: Link<Waiting> = new Link<Waiting>(this)
  readonly inLane: Link<Waiting> = new Link<Waiting>(this)
  readonly #owner: QueueOwner

  constructor(
    owner: QueueOwner,
    request: AdmissionRequest,
    rank: number,
    now: number,
    resolve: (answer: Permit | Rejection) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#owner = owner
    this.rank = rank
    this.caller = request.caller
    this.queuedAt = now
    this.signal = request.signal
    this.resolve = resolve
    this.reject = reject
  }

  expire(): void {
    this.#owner.expired(this)
  }

  /** The caller's signal aborted. */
  handleEvent(): void {
    this.#owner.aborted(this)
  }
}

/** The calls of one caller within a priority, the first to come first. */
class Line {
  readonly lane: Lane
  readonly calls: Link<Waiting> = new Link<Waiting>()
  readonly turn: Link<Line> = new Link<Line>(this)
  length = 0

  constructor(lane: Lane) {
    this.lane = lane
    this.turn.join(lane.turns)
  }
}

/** The calls of one priority. */
class Lane {
  readonly stride: number
  /** All of them, in the order they came. */
  readonly calls: Link<Waiting> = new Link<Waiting>()
  readonly lines: Map<string | undefined, Line> = new Map()
  /** The lines, the next to be served first. */
  readonly turns: Link<Line> = new Link<Line>()
  /** When the next turn is due, in turns of the high priority. */
  pass = 0

  constructor(stride: number) {
    this.stride = stride
  }
}

/**
 * A bounded number of waiting calls. Priorities take turns by weight (stride scheduling: Waldspurger and Weihl, 1995),
 * so that high ones go first and low ones go nevertheless; callers of one priority take turns one by one; within a
 * caller, the first to come is the first to go.
 */
export class FairQueue {
  size = 0
  readonly #lanes: readonly Lane[] = STRIDES.map((stride) => new Lane(stride))
  /** The pass that was served last. */
  #pass = 0

  add(waiting: Waiting): void {
    const { rank, caller } = waiting
    const lane = this.#lanes[rank] as Lane
    // Whoever was away has no claim to the turns it did not need.
    if (lane.calls.next.item === undefined) lane.pass = this.#pass + lane.stride
    let line = lane.lines.get(caller)
    if (line === undefined) lane.lines.set(caller, (line = new Line(lane)))
    waiting.line = line
    waiting.inLine.join(line.calls)
    waiting.inLane.join(lane.calls)
    line.length += 1
    this.size += 1
  }

  remove(waiting: Waiting): void {
    const line = waiting.line as Line
    waiting.inLine.leave()
    waiting.inLane.leave()
    line.length -= 1
    this.size -= 1
    if (line.length > 0) return
    line.turn.leave()
    line.lane.lines.delete(waiting.caller)
  }

  /** Removes the next to be served. */
  take(): Waiting | undefined {
    let next: Lane | undefined
    for (const lane of this.#lanes) {
      if (lane.calls.next.item !== undefined && (next === undefined || lane.pass < next.pass)) next = lane
    }
    if (next === undefined) return undefined
    this.#pass = next.pass
    next.pass += next.stride
    const line = next.turns.next.item as Line
    line.turn.leave()
    line.turn.join(next.turns)
    const waiting = line.calls.next.item as Waiting
    this.remove(waiting)
    return waiting
  }

  /**
   * Who must make room for a newcomer: the newest call of the lowest priority below its own; else, of its own priority,
   * the newest call of the caller who has most in the queue, if that is more than the newcomer's would have (drop from
   * the longest queue: McKenney, 1990). This one step looks at every caller of the priority; it is for a full queue
   * only.
   */
  rival(rank: number, caller: string | undefined): Waiting | undefined {
    for (let lower = STRIDES.length - 1; lower > rank; lower--) {
      const newest = this.#lanes[lower]?.calls.previous.item
      if (newest !== undefined) return newest
    }
    const { lines } = this.#lanes[rank] as Lane
    let most = (lines.get(caller)?.length ?? 0) + 1
    let rival: Waiting | undefined
    for (const { length, calls } of lines.values()) {
      if (length <= most) continue
      most = length
      rival = calls.previous.item
    }
    return rival
  }
}
