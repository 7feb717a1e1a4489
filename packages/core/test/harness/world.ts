import { getEventListeners } from 'node:events'
import { BULKHEAD_DEFAULTS } from '../../src/admission/index.ts'
import {
  type AttemptContext,
  type CallOptions,
  HoldfastError,
  type Priority,
  type Random,
  type StreamRules,
} from '../../src/index.ts'
import { CallTrace } from './call-trace.ts'
import { type Behaviour, type Chunk, perform, Work } from './dependency.ts'
import { FAULTS } from './faults.ts'
import { guard, type Guarded, type Guarding, limitsOf, type Plan } from './guarded.ts'
import { Ledger } from './ledger.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** One call as it is to be made. */
export interface CallPlan {
  /** What the dependency does at each attempt; the last one is repeated. */
  readonly script: readonly Behaviour[] | (() => Behaviour)
  readonly controller?: AbortController | undefined
  readonly deadlineMs?: number
  readonly idempotent: boolean
  readonly priority?: Priority
  readonly tenant?: string
  /** Makes it a call for a stream, of which the caller reads so many chunks, and then cancels it or stalls. */
  readonly reader?: { readonly chunks: number; readonly then: 'cancel' | 'stall' }
}

const STREAM_RULES: StreamRules<Chunk> = {
  isOutput: ({ kind }) => kind === 'text',
  isEnd: ({ kind }) => kind === 'end',
  failure: ({ kind }) => (kind === 'fault' ? FAULTS['http-503'].make() : undefined),
}

const ROUNDING_MS = 1e-6

/** How many violations are kept: the first ones tell what went wrong. */
const MOST_VIOLATIONS = 10

/**
 * Calls through an integration or a pipeline to a dependency that behaves as it is told, with a book kept on all sides: of callers, of the
 * dependency, of permits and of events. What must never be is written down as a violation.
 */
export class World {
  readonly violations: string[] = []
  readonly guarded: Guarded
  readonly ledger: Ledger
  readonly clock: VirtualClock
  readonly #as: Plan['as']
  #guarding: Guarding
  readonly #calls = new Map<string, CallTrace>()
  /** How many calls under way have each signal, and how to abort it. */
  readonly #signals = new Map<AbortSignal, number>()
  readonly #controllers = new WeakMap<AbortSignal, AbortController>()
  readonly #readers = new Set<ReadableStreamDefaultReader<Chunk>>()
  /** The longest that a call can last. */
  longestMs: number
  /** Whether every piece of work can be seen here: what is injected goes around the dependency. */
  #seesAllWork = true
  accepted = 0
  settled = 0
  /** Calls that ended with a value. */
  resolved = 0

  constructor(plan: Plan, clock: VirtualClock, random: Random) {
    this.#as = plan.as
    this.#guarding = plan
    this.clock = clock
    this.longestMs = plan.deadlineMs
    const violate = (what: string): void => this.violate(what)
    this.guarded = guard(plan, clock, random, violate)
    this.ledger = new Ledger(clock, limitsOf(plan), (id) => this.#calls.get(id), violate)
    this.guarded.events.on((event) => this.ledger.take(event))
  }

  violate(what: string): void {
    if (this.violations.length < MOST_VIOLATIONS) this.violations.push(`at ${this.clock.now()}: ${what}`)
  }

  get live(): readonly CallTrace[] {
    return [...this.#calls.values()]
  }

  call(plan: CallPlan): void {
    const { controller, deadlineMs = Infinity, idempotent, priority, tenant, reader } = plan
    const signal = controller?.signal
    if (signal?.aborted === true) {
      this.#callTooLate(signal)
      return
    }
    this.accepted += 1
    const now = this.clock.now()
    const deadlineAt = now + Math.min(deadlineMs, this.#guarding.deadlineMs)
    const trace = new CallTrace(this.accepted, now, deadlineAt, idempotent, signal)
    this.#calls.set(trace.id, trace)
    if (controller !== undefined) {
      this.#controllers.set(controller.signal, controller)
      this.#onSignal(trace, 1)
    }
    const options: CallOptions = {
      operation: trace.id,
      idempotent,
      ...(deadlineMs === Infinity ? {} : { deadlineMs }),
      ...(signal === undefined ? {} : { signal }),
      ...(priority === undefined ? {} : { priority }),
      ...(tenant === undefined ? {} : { tenant }),
    }
    const operation = (context: AttemptContext): unknown => this.#operate(trace, plan, context)
    if (reader === undefined) {
      this.guarded.call(operation, options).then(
        (value) => this.#resolved(trace, value),
        (reason: unknown) => this.#rejected(trace, reason),
      )
    } else {
      const opening = operation as (context: AttemptContext) => ReadableStream<Chunk>
      this.guarded.stream(opening, STREAM_RULES, options).then(
        (stream) => {
          trace.reading = true
          this.#resolved(trace, undefined)
          void this.#read(trace, stream, reader)
        },
        (reason: unknown) => this.#rejected(trace, reason),
      )
    }
  }

  /** Aborts some calls. What they did not end with before, they must end with now. */
  abort(controller: AbortController, reason: unknown): void {
    for (const trace of this.#calls.values()) {
      if (trace.signal === controller.signal && trace.outcome === 'pending') trace.abortedAt ??= this.clock.now()
    }
    controller.abort(reason)
  }

  reconfigure(guarding: Guarding): void {
    this.guarded.reconfigure(guarding)
    const before = this.ledger.limits
    const limits = limitsOf({ ...guarding, as: this.#as })
    const openMs = Math.min(before.openMs, limits.openMs)
    const probeLeaseMs = Math.min(before.probeLeaseMs, limits.probeLeaseMs)
    const { halfOpenProbes } = limits
    if (this.guarded.integration === undefined) {
      this.ledger.limits = { ...before, halfOpenProbes, openMs, probeLeaseMs }
      return
    }
    // What is under way goes on as it began.
    const maxHedges = Math.max(before.maxHedges, limits.maxHedges)
    this.ledger.limits = { ...limits, maxHedges, openMs, probeLeaseMs }
    this.#guarding = guarding
    this.longestMs = Math.max(this.longestMs, guarding.deadlineMs)
  }

  switchChaos(on: boolean): void {
    const { chaos } = this.guarded
    if (chaos === undefined) return
    if (on) {
      this.#seesAllWork = false
      chaos.enable()
    } else {
      chaos.disable()
    }
  }

  /** Timers that nobody can be blamed for. */
  get foreignTimers(): number {
    return this.guarded.turnstiles.reduce((sum, { ignored }) => sum + ignored, 0)
  }

  /** Lets work end that would hang for ever. */
  release(pick: number): void {
    const hanging = this.live.flatMap(({ works }) =>
      works.filter(({ ended, release }) => !ended && release !== undefined),
    )
    hanging[pick % hanging.length]?.release?.()
  }

  /** What holds whenever nothing can go on without time. */
  check(): void {
    const now = this.clock.now()
    let works = 0
    for (const trace of this.#calls.values()) {
      for (const { ended, attempt } of trace.works) {
        // What goes on for long after its verdict has no slot any more.
        const endedAt = trace.attempts[attempt - 1]?.endedAt ?? Infinity
        if (!ended && now < endedAt + BULKHEAD_DEFAULTS.maxLingerMs) works += 1
      }
      this.#checkCall(trace, now)
      if (trace.isOver) this.#calls.delete(trace.id)
    }
    this.#checkSignals()
    this.#checkPermits(works)
    this.#checkTotals()
  }

  /** Lets go of everything that would go on for ever. */
  letGo(): void {
    for (const reader of this.#readers) void reader.cancel('the end').catch(() => undefined)
    for (const trace of this.live) for (const work of trace.works) work.release?.()
  }

  /** What must hold once everything has ended. */
  checkEnd(): void {
    this.check()
    const { circuit, bulkhead, limiter, turnstiles, taken } = this.guarded
    const left = {
      calls: this.#calls.size,
      unsettled: this.accepted - this.settled,
      attempts: this.ledger.counts.attempts - this.ledger.counts.attemptsEnded,
      held: turnstiles.reduce((sum, { held, waiting, ignored }) => sum + held + waiting + ignored, 0),
      running: bulkhead?.running ?? 0,
      queued: bulkhead?.queued ?? 0,
      taken: taken(),
      delayed: limiter?.snapshot().waiting ?? 0,
      timers: this.clock.pending,
    }
    if (Object.values(left).some((count) => count !== 0)) this.violate(`something is left: ${JSON.stringify(left)}`)
    const { state } = circuit
    if (state !== this.ledger.circuit) this.violate(`the circuit is ${state}, by its events ${this.ledger.circuit}`)
  }

  #operate(trace: CallTrace, { script }: CallPlan, context: AttemptContext): unknown {
    const now = this.clock.now()
    const place = trace.works.length
    const behaviour =
      typeof script === 'function' ? script() : (script[Math.min(place, script.length - 1)] as Behaviour)
    // A hedge is made under what its try was made under.
    const mayBeHedge = trace.guarding !== undefined && trace.works.some((work) => !work.ended)
    const possible = mayBeHedge ? [this.#guarding, trace.guarding as Guarding] : [this.#guarding]
    const leftMs = possible.map(({ reserveMs }) => {
      return trace.deadlineAt - now - (this.guarded.integration === undefined ? 0 : reserveMs)
    })
    // What is injected may hold an operation up until the very end of its attempt.
    const isLate = this.#seesAllWork ? Math.max(...leftMs) <= 0 : now > trace.deadlineAt
    if (isLate) this.violate(`${trace.id} is at work after its deadline`)
    const under = possible.findIndex(({ attemptTimeoutMs }, place) => {
      return Math.abs(context.timeLeftMs - Math.min(leftMs[place] ?? 0, attemptTimeoutMs)) <= ROUNDING_MS
    })
    if (this.#seesAllWork && under === -1) {
      this.violate(`${trace.id} is told of ${context.timeLeftMs} ms of ${leftMs.join(' or ')}`)
    }
    trace.guarding = possible[under]
    if (trace.outcome !== 'pending') this.violate(`${trace.id} is at work after it is over`)
    if (!trace.idempotent && trace.works.some((work) => !work.ended || work.mayHaveTakenEffect)) {
      this.violate(`${trace.id} is done twice`)
    }
    const work = new Work(trace.number, context.attempt, behaviour)
    trace.works.push(work)
    if (behaviour.does === 'abort-caller') this.#abortFromInside(trace)
    return perform(work, context, this.clock)
  }

  #abortFromInside({ signal }: CallTrace): void {
    if (signal === undefined) return
    const controller = this.#controllers.get(signal)
    if (controller !== undefined) this.abort(controller, new Error('from inside'))
  }

  /** A call by a caller that has given up already is none. */
  #callTooLate(signal: AbortSignal): void {
    const violate = (): void => this.violate('a call begins after its abort')
    this.guarded.call(violate, { signal }).then(violate, (reason: unknown) => {
      if (reason !== signal.reason) this.violate('a call after its abort loses the reason')
    })
  }

  /** Counts the calls that may listen to a signal. */
  #onSignal({ signal }: CallTrace, by: 1 | -1): void {
    if (signal !== undefined) this.#signals.set(signal, (this.#signals.get(signal) ?? 0) + by)
  }

  #resolved(trace: CallTrace, value: unknown): void {
    this.#settle(trace, 'resolved')
    this.resolved += 1
    if (!(value instanceof Work)) return
    if (value.call !== trace.number || value.fault !== undefined) this.violate(`${trace.id} has another call's result`)
  }

  #rejected(trace: CallTrace, reason: unknown): void {
    this.#settle(trace, 'rejected')
    if (trace.abortedAt !== undefined) {
      if (reason !== trace.signal?.reason)
        this.violate(`${trace.id} is aborted and loses its reason: ${String(reason)}`)
    } else if (!HoldfastError.isInstance(reason)) {
      this.violate(`${trace.id} rejects with ${String(reason)}`)
    }
  }

  #settle(trace: CallTrace, outcome: 'resolved' | 'rejected'): void {
    const now = this.clock.now()
    this.settled += 1
    trace.outcome = outcome
    if (!trace.reading) this.#onSignal(trace, -1)
    if (now > trace.deadlineAt + ROUNDING_MS) this.violate(`${trace.id} ends after its deadline`)
    if (trace.abortedAt !== undefined && now !== trace.abortedAt) this.violate(`${trace.id} ends long after its abort`)
  }

  async #read(
    trace: CallTrace,
    stream: ReadableStream<Chunk>,
    { chunks, then }: NonNullable<CallPlan['reader']>,
  ): Promise<void> {
    const reader = stream.getReader()
    this.#readers.add(reader)
    try {
      for (let read = 0; read < chunks; read++) if ((await reader.read()).done) return
      if (then === 'cancel') await reader.cancel('enough')
      else await reader.closed
    } catch (reason) {
      const isOurs =
        HoldfastError.isInstance(reason) || (trace.signal?.aborted === true && reason === trace.signal.reason)
      if (!isOurs) this.violate(`the stream of ${trace.id} breaks with ${String(reason)}`)
    } finally {
      trace.reading = false
      this.#onSignal(trace, -1)
      this.#readers.delete(reader)
    }
  }

  #checkCall(trace: CallTrace, now: number): void {
    const { outcome, deadlineAt, abortedAt, signal, attempts, reading, started, rejected, end, id } = trace
    if (outcome === 'pending') {
      if (now >= deadlineAt + ROUNDING_MS) this.violate(`${id} goes on after its deadline`)
      if (abortedAt !== undefined) this.violate(`${id} goes on after its abort`)
      return
    }
    if (reading) {
      if (signal?.aborted === true) this.violate(`the stream of ${id} goes on after its abort`)
      return
    }
    if (attempts.some(({ ended }) => !ended)) this.violate(`${id} is over and an attempt of it is not`)
    if (end === undefined && (started || rejected)) this.violate(`${id} is over and no event says so`)
  }

  #checkSignals(): void {
    for (const [signal, calls] of this.#signals) {
      if (calls > 0) continue
      this.#signals.delete(signal)
      const { length } = getEventListeners(signal, 'abort')
      // A sleep leaves its listener on a signal that has aborted, which is of no use to anybody any more.
      if (length > 0) this.violate(`${length} listeners are left on a signal`)
    }
  }

  #checkPermits(works: number): void {
    const { bulkhead, turnstiles } = this.guarded
    const [before, after] = turnstiles
    if (turnstiles.some(({ held }) => held < 0)) this.violate('more permits came back than were given')
    if (bulkhead === undefined) return
    const { running, maxConcurrent, queued } = bulkhead
    if (before?.perCall === false && before.held < running) this.violate('a slot is taken without the permit before it')
    if (running > maxConcurrent) this.violate(`${running} run, of ${maxConcurrent}`)
    if (running < maxConcurrent && queued > 0) this.violate(`${queued} wait for ${maxConcurrent - running} free slots`)
    if (running < works) this.violate(`${works} works in ${running} slots`)
    if (after === undefined && this.#seesAllWork && running > works) this.violate(`${running} slots for ${works} works`)
  }

  #checkTotals(): void {
    const { counts } = this.ledger
    const totals = this.guarded.integration?.snapshot().totals
    if (totals === undefined) return
    const { calls, succeeded, failed, rejected, attempts, hedges } = totals
    const seen = { ...counts, calls: this.accepted }
    const same =
      calls === seen.calls &&
      succeeded === seen.succeeded &&
      failed === seen.failed &&
      rejected === seen.rejected &&
      attempts === seen.attempts &&
      hedges === seen.hedges
    if (!same) this.violate(`totals ${JSON.stringify(totals)} of ${JSON.stringify(seen)}`)
  }
}

/** Lets everything end in worlds that share a clock, and looks whether anything is left. */
export async function finish(clock: VirtualClock, ...worlds: readonly World[]): Promise<void> {
  for (const world of worlds) world.switchChaos(false)
  await clock.advance(Math.max(...worlds.map(({ longestMs }) => longestMs)))
  for (const world of worlds) {
    world.check()
    world.letGo()
  }
  await clock.advance(60_000)
  for (const world of worlds) world.checkEnd()
}
