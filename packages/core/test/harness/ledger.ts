import type {
  AttemptFailed,
  AttemptSucceeded,
  CircuitChanged,
  CircuitState,
  Clock,
  CoreEvent,
  HedgeStarted,
  RetryScheduled,
} from '../../src/index.ts'
import type { AttemptTrace, CallTrace } from './call-trace.ts'

/** The limits that events are held to; those of the moment. */
export interface Limits {
  readonly reserveMs: number
  readonly maxRetries: number
  readonly maxHedges: number
  readonly budgetRatio: number
  readonly budgetFloor: number
  readonly halfOpenProbes: number
  /** The least time from one probe to another one that goes beside it. */
  readonly openMs: number
  /** The least time that a probe is waited for. */
  readonly probeLeaseMs: number
}

/** After this long a call, or a retry, weighs a third of a new one in the budget. */
const BUDGET_MS = 10_000
/** What is older weighs next to nothing. */
const BUDGET_HORIZON_MS = 25 * BUDGET_MS
const ROUNDING_MS = 1e-6

/** What must have come right before such a change, from an attempt that began in the state that it changes. */
const CAUSED_BY_AN_ATTEMPT: ReadonlySet<string> = new Set(['failures', 'slow-calls', 'probe-failed', 'probes-passed'])

type AttemptEnd = AttemptSucceeded | AttemptFailed

/** Reads the events of one integration or pipeline, and holds each of them to what may come then. */
export class Ledger {
  limits: Limits
  circuit: CircuitState = 'closed'
  /** Changes of the circuit so far. */
  generation = 0
  readonly counts = { started: 0, succeeded: 0, failed: 0, rejected: 0, attempts: 0, attemptsEnded: 0, hedges: 0 }
  /** Attempts that the breaker counted. */
  counted = 0
  readonly #clock: Clock
  readonly #trace: (id: string) => CallTrace | undefined
  readonly #violate: (what: string) => void
  readonly #calls: number[] = []
  readonly #retries: number[] = []
  readonly #underWay = new Set<AttemptTrace>()
  #changedAt = -Infinity
  #probedAt = -Infinity
  #gateUntil = -Infinity
  #gateClosedAt = -Infinity
  #last: CoreEvent | undefined

  constructor(
    clock: Clock,
    limits: Limits,
    trace: (id: string) => CallTrace | undefined,
    violate: (what: string) => void,
  ) {
    this.#clock = clock
    this.limits = limits
    this.#trace = trace
    this.#violate = violate
  }

  take(event: CoreEvent): void {
    if ('integration' in event && 'operation' in event && event.operation !== undefined) {
      const call = this.#trace(event.operation)
      if (call !== undefined) this.#ofCall(event, call)
    } else if (event.type.startsWith('circuit-')) {
      this.#circuitChanged(event as CircuitChanged)
    }
    // It comes between the end of an attempt and what the breaker makes of that.
    if (event.type !== 'goodput-limited') this.#last = event
  }

  gateOpened(): void {
    this.#gateUntil = -Infinity
  }

  #ofCall(event: CoreEvent, call: CallTrace): void {
    switch (event.type) {
      case 'call-started':
        this.counts.started += 1
        this.#calls.push(this.#clock.now())
        if (call.started || call.end !== undefined) this.#violate(`${call.id} starts twice`)
        call.started = true
        break
      case 'call-rejected':
        this.counts.rejected += 1
        if (call.started) this.#violate(`${call.id} is rejected after it has started`)
        call.rejected = true
        break
      case 'call-succeeded':
        this.counts.succeeded += 1
        this.#callEnded(call, 'succeeded')
        break
      case 'call-failed':
        this.#callEnded(call, 'failed')
        if (event.category !== 'cancelled' && !call.rejected) this.counts.failed += 1
        break
      case 'attempt-started':
        this.#attemptStarted(call, event.attempt)
        break
      case 'attempt-succeeded':
      case 'attempt-failed':
        this.#attemptEnded(call, event)
        break
      case 'retry-scheduled':
        this.#retryScheduled(call, event)
        break
      case 'hedge-started':
        this.#hedgeStarted(call, event)
        break
      default:
        break
    }
  }

  #callEnded(call: CallTrace, how: 'succeeded' | 'failed'): void {
    if (call.end !== undefined) this.#violate(`${call.id} has ${how} after it has ${call.end}`)
    if (how === 'succeeded' && !call.started) this.#violate(`${call.id} has succeeded without having started`)
    call.end = how
  }

  #attemptStarted(call: CallTrace, number: number): void {
    const now = this.#clock.now()
    this.counts.attempts += 1
    if (!call.started || call.end !== undefined) this.#violate(`${call.id} makes an attempt outside its time`)
    if (number !== call.attempts.length + 1) this.#violate(`${call.id} counts its attempts wrongly`)
    if (now >= call.deadlineAt) this.#violate(`attempt ${number} of ${call.id} starts after its deadline`)
    if ((this.circuit === 'open' || this.circuit === 'isolated') && this.#changedAt !== now) {
      this.#violate(`${call.id} goes through an ${this.circuit} circuit`)
    }
    // Whoever was on the way when it closed may go through; no time passes meanwhile.
    if (now < this.#gateUntil - ROUNDING_MS && now !== this.#gateClosedAt) {
      this.#violate(`${call.id} goes through a closed gate`)
    }
    const { reserveMs } = this.limits
    const attempt = { generation: this.generation, startedAt: now, reserveMs, ended: false, endedAt: Infinity }
    call.attempts.push(attempt)
    this.#underWay.add(attempt)
    if (this.circuit === 'half-open') this.#probeStarted(call, now)
  }

  /** More than its number of probes are under way only when they hang: then another one goes after a while. */
  #probeStarted(call: CallTrace, now: number): void {
    const { halfOpenProbes, openMs, probeLeaseMs } = this.limits
    let probes = 0
    for (const { generation, startedAt } of this.#underWay) {
      if (generation === this.generation && now < startedAt + probeLeaseMs) probes += 1
    }
    if (probes > halfOpenProbes && now < this.#probedAt + openMs - ROUNDING_MS) {
      this.#violate(`${call.id} makes ${probes} probes`)
    }
    this.#probedAt = now
  }

  #attemptEnded(call: CallTrace, event: AttemptEnd): void {
    const attempt = call.attempts[event.attempt - 1]
    this.counts.attemptsEnded += 1
    if (attempt === undefined || attempt.ended) this.#violate(`attempt ${event.attempt} of ${call.id} ends twice`)
    if (attempt !== undefined) {
      attempt.ended = true
      attempt.endedAt = this.#clock.now()
      this.#underWay.delete(attempt)
    }
    if (event.outcome !== 'ignored') this.counted += 1
    if (event.type === 'attempt-succeeded') return
    if (event.category === 'cancelled' && event.outcome !== 'ignored') {
      this.#violate(`a cancelled attempt of ${call.id} counts as ${event.outcome}`)
    }
    const closesForMs = call.works.find((work) => work.attempt === event.attempt)?.fault?.closesForMs
    if (event.category === 'rate-limit' && closesForMs !== undefined) {
      this.#gateClosedAt = this.#clock.now()
      this.#gateUntil = Math.max(this.#gateUntil, this.#gateClosedAt + closesForMs)
    }
  }

  #retryScheduled(call: CallTrace, { attempt, delayMs }: RetryScheduled): void {
    call.retries += 1
    if (call.retries > this.limits.maxRetries) this.#violate(`${call.id} makes ${call.retries} retries`)
    if (call.attempts.some(({ ended }) => !ended)) this.#violate(`${call.id} retries beside an attempt under way`)
    if (attempt !== call.attempts.length + 1) this.#violate(`${call.id} announces attempt ${attempt}`)
    if (this.#clock.now() + delayMs >= call.deadlineAt - this.limits.reserveMs) {
      this.#violate(`${call.id} waits past its deadline`)
    }
    this.#withdraw()
  }

  #hedgeStarted(call: CallTrace, { attempt }: HedgeStarted): void {
    this.counts.hedges += 1
    call.hedges += 1
    if (!call.idempotent) this.#violate(`${call.id} is hedged although it must not be repeated`)
    if (attempt !== call.attempts.length + 1) this.#violate(`${call.id} announces hedge ${attempt}`)
    if (call.hedges > this.limits.maxHedges * (call.retries + 1)) this.#violate(`${call.id} is hedged too often`)
    if (this.circuit !== 'closed') this.#violate(`${call.id} is hedged while its circuit is ${this.circuit}`)
    // Its try may have begun under other limits.
    const reserveMs = Math.min(...call.attempts.map((other) => other.reserveMs))
    if (this.#clock.now() >= call.deadlineAt - reserveMs) {
      this.#violate(`${call.id} is hedged after its deadline`)
    }
    this.#withdraw()
  }

  #withdraw(): void {
    const now = this.#clock.now()
    const { budgetFloor, budgetRatio } = this.limits
    this.#retries.push(now)
    const allowed = Math.max(budgetFloor, budgetRatio * weightOf(this.#calls, now))
    const retries = weightOf(this.#retries, now)
    if (retries > allowed + 1e-6) this.#violate(`the budget gives ${retries} retries of ${allowed}`)
  }

  #circuitChanged({ from, to, reason }: CircuitChanged): void {
    if (from !== this.circuit) this.#violate(`the circuit goes from ${from} but was ${this.circuit}`)
    if (CAUSED_BY_AN_ATTEMPT.has(reason)) {
      const last = this.#last as AttemptEnd | undefined
      const call = last?.operation === undefined ? undefined : this.#trace(last.operation)
      const attempt = call?.attempts[(last?.attempt ?? 0) - 1]
      if (attempt?.generation !== this.generation) {
        this.#violate(`the circuit changes (${reason}) by a result of generation ${attempt?.generation}`)
      }
    }
    this.circuit = to
    this.generation += 1
    this.#changedAt = this.#clock.now()
  }
}

/** How much calls made at these times weigh now. */
function weightOf(times: number[], now: number): number {
  let gone = 0
  while (gone < times.length && (times[gone] as number) < now - BUDGET_HORIZON_MS) gone += 1
  if (gone > 0) times.splice(0, gone)
  let weight = 0
  for (const time of times) weight += Math.exp((time - now) / BUDGET_MS)
  return weight
}
