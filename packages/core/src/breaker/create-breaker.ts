import type { Clock, Random } from '../clock/clock.ts'
import { systemClock, systemRandom } from '../clock/system-clock.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type {
  AttemptOutcome,
  CircuitChanged,
  CircuitChangeReason,
  CircuitState,
  CoreEvent,
  Events,
} from '../events/events.ts'
import type { Environment } from '../integration/integration.ts'
import type { Complete } from '../validation/defaults.ts'
import { aName, check, ENVIRONMENT_RULES, validate } from '../validation/validate.ts'
import { CountWindow } from '../window/count-window.ts'
import { RollingWindow } from '../window/rolling-window.ts'
import { isTooMuch } from './is-too-much.ts'
import { longestOpenMs, openTime } from './open-time.ts'
import { BREAKER_RULES, type BreakerOptions, resolveBreakerOptions } from './options.ts'
import { GivenPermit, type Passenger } from './permit.ts'
import { CreditAdmission, rampUpShare } from './ramp-up.ts'
import { type BreakerRecord, checkRecord } from './record.ts'
import type { Rejection } from '../policy/admission.ts'
import { Executor } from '../policy/executor.ts'
import { refuse } from '../policy/refuse.ts'
import type { Breaker, BreakerConfiguration, BreakerSnapshot } from './breaker.ts'
import type { BreakerState, Closed, HalfOpen, Probe, Ramping } from './state.ts'

const EVENT_TYPES: Readonly<Record<CircuitState, CircuitChanged['type']>> = {
  open: 'circuit-opened',
  'half-open': 'circuit-half-opened',
  ramping: 'circuit-ramping',
  closed: 'circuit-closed',
  isolated: 'circuit-isolated',
}

/** The breaker itself; what is not in {@link Breaker} is for the engine around it, which knows the time already. */
export class CircuitBreaker extends Executor implements Breaker {
  readonly name: string
  readonly clock: Clock
  #options: Complete<BreakerOptions>
  readonly #random: Random
  readonly #events: Events<CoreEvent>
  #state: BreakerState
  #generation = 0
  /** Openings since the circuit was last well, less one for each window of good health since. */
  #reopenings = 0
  #lastFailure: unknown
  /** Monotonic time until which the dependency asked to be left alone. */
  #notBefore = -Infinity
  /** Who answers and has not ended: where answers take long, failures end first, and would seem to be all there is. */
  readonly #answering = new Set<Passenger>()
  /** Who of them began to answer last, and what was in a row before: if it fails, and no other has answered since, the row goes on. */
  #latest: Passenger | undefined
  #badBefore = 0

  constructor(name: string, options: Complete<BreakerOptions>, environment: Complete<Environment>) {
    super()
    this.name = name
    this.clock = environment.clock
    this.#options = options
    this.#random = environment.random
    this.#events = environment.events
    this.#state = this.#closed(this.clock.now())
  }

  get state(): CircuitState {
    return this.#current(this.clock.now()).kind
  }

  tryAcquire(): GivenPermit | Rejection {
    const now = this.clock.now()
    const rejection = this.admit(now)
    if (rejection !== undefined) return rejection
    const permit = new GivenPermit(this, now)
    this.enter(permit, now)
    return permit
  }

  acquire(): GivenPermit | Rejection {
    return this.tryAcquire()
  }

  wouldAdmit(): boolean {
    return this.wouldAdmitAt(this.clock.now())
  }

  wouldAdmitAt(now: number): boolean {
    const state = this.#current(now)
    switch (state.kind) {
      case 'closed':
        return true
      case 'half-open':
        return this.#mayProbe(state, now)
      case 'ramping':
        return state.admission.wouldAdmit(this.#share(state, now))
      default:
        return false
    }
  }

  /** Lets one more through, which then has to {@link enter}, or says why not. */
  admit(now: number): Rejection | undefined {
    const state = this.#current(now)
    switch (state.kind) {
      case 'closed':
        return undefined
      case 'half-open':
        return this.#mayProbe(state, now)
          ? undefined
          : this.#reject('CIRCUIT_OPEN', 'is being probed', state.reliefAt - now)
      case 'ramping':
        return state.admission.admit(this.#share(state, now))
          ? undefined
          : this.#reject('CIRCUIT_RAMPING', 'is recovering and takes some calls only')
      case 'open':
        return this.#reject('CIRCUIT_OPEN', 'is failing and left alone', state.until - now)
      case 'isolated':
        return this.#reject('CIRCUIT_ISOLATED', 'is switched off')
    }
  }

  /** Notes who was let through. */
  enter(passenger: Passenger, now: number): void {
    passenger.generation = this.#generation
    const state = this.#state
    if (state.kind === 'half-open') this.#probe(state, passenger, now)
  }

  /** The outcome as it counts: a success that took too long is slow. */
  judge(outcome: AttemptOutcome, durationMs: number): AttemptOutcome {
    return outcome === 'success' && durationMs > this.#options.slowCallMs ? 'slow' : outcome
  }

  count(passenger: Passenger, outcome: AttemptOutcome, now: number, error: unknown): void {
    const state = this.#current(now)
    if (passenger.generation !== this.#generation) return
    this.#answering.delete(passenger)
    if (outcome === 'failure') this.#remember(error, now)
    if (state.kind === 'half-open') this.#settleProbe(state, passenger, outcome, now)
    else if ('window' in state) {
      if (outcome !== 'ignored' && passenger === this.#latest) state.badInARow += this.#badBefore
      this.#count(state, outcome, now)
    }
  }

  /** It answers, and goes on. */
  renew(passenger: Passenger): void {
    if (passenger.generation !== this.#generation) return
    if ('window' in this.#state && !this.#answering.has(passenger)) {
      this.#answering.add(passenger)
      this.#latest = passenger
      this.#badBefore = this.#state.badInARow
      this.#state.badInARow = 0
    }
    if (this.#state.kind !== 'half-open') return
    const now = this.clock.now()
    const state = this.#current(now)
    const probe = state.kind === 'half-open' ? state.probes.get(passenger) : undefined
    if (probe !== undefined) probe.leaseEnd = now + this.#options.probeLeaseMs
  }

  open(): void {
    this.#open(this.clock.now(), 'manual')
  }

  close(): void {
    this.#reopenings = 0
    this.#notBefore = -Infinity
    const now = this.clock.now()
    this.#change(this.#closed(now), 'manual', now)
  }

  isolate(): void {
    const now = this.clock.now()
    this.#change({ kind: 'isolated', since: now }, 'manual', now)
  }

  reset(): void {
    this.#lastFailure = undefined
    this.close()
  }

  snapshot(): BreakerSnapshot {
    const now = this.clock.now()
    const state = this.#current(now)
    return Object.freeze({
      state: state.kind,
      generation: this.#generation,
      window: Object.freeze('window' in state ? state.window.counts(now) : { calls: 0, failures: 0, slow: 0 }),
      ...(state.kind === 'open' ? { nextProbeInMs: state.until - now } : {}),
      admittedShare: state.kind === 'closed' ? 1 : state.kind === 'ramping' ? this.#share(state, now) : 0,
    })
  }

  record(): BreakerRecord {
    const now = this.clock.now()
    const state = this.#current(now)
    const ahead = this.clock.wallTime() - now
    return Object.freeze({
      state: state.kind,
      since: Math.round(state.since + ahead),
      reopenings: this.#reopenings,
      ...(state.kind === 'open' ? { openUntil: Math.round(state.until + ahead) } : {}),
    })
  }

  restore(record: BreakerRecord): void {
    checkRecord(record)
    const { state, since, openUntil = 0, reopenings } = record
    const now = this.clock.now()
    const ahead = this.clock.wallTime() - now
    this.#reopenings = Math.max(0, Math.floor(reopenings))
    // A machine's clock may have been set meanwhile: nothing lies in the future, and no time to wait is longer than the longest.
    const began = Math.min(now, since - ahead)
    const waitMs = Math.min(Math.max(0, openUntil - ahead - now), longestOpenMs(this.#options))
    if (state === 'closed') this.#change({ ...this.#closed(now), since: began }, 'restored', now)
    else if (state === 'isolated') this.#change({ kind: 'isolated', since: began }, 'restored', now)
    else if (state === 'ramping') this.#change(this.#ramping(began), 'restored', now)
    else this.#change({ kind: 'open', since: began, until: now + waitMs }, 'restored', now, waitMs)
  }

  reconfigure(options: BreakerOptions): void {
    this.use(resolveBreakerOptions(this.name, options))
  }

  /** Replaces its options by some that are checked and complete. */
  use(options: Complete<BreakerOptions>): void {
    const before = this.#options
    this.#options = options
    const { windowMs, windowCalls } = this.#options
    if (windowMs === before.windowMs && windowCalls === before.windowCalls) return
    const state = this.#current(this.clock.now())
    if ('window' in state) this.#state = { ...state, window: this.#window() }
  }

  /** The state after everything that time alone has changed, each change dated to when it was due. */
  #current(now: number): BreakerState {
    for (;;) {
      const state = this.#state
      if (state.kind === 'open' && now >= state.until) {
        this.#change(halfOpen(state.until), 'waited', state.until)
      } else if (state.kind === 'ramping' && now >= state.since + this.#options.rampUpMs) {
        const { window, badInARow } = state
        const since = state.since + this.#options.rampUpMs
        this.#change({ kind: 'closed', since, window, badInARow }, 'ramp-complete', since)
      } else if (state.kind === 'half-open') {
        const [passenger, probe] = earliest(state.probes)
        if (probe === undefined || now < probe.leaseEnd) return state
        state.probes.delete(passenger)
        if (probe.reliefs === state.reliefs) this.#open(probe.leaseEnd, 'probe-expired')
      } else {
        return state
      }
    }
  }

  #mayProbe({ probes, reliefAt }: HalfOpen, now: number): boolean {
    return probes.size < this.#options.halfOpenProbes || now >= reliefAt
  }

  #probe(state: HalfOpen, passenger: Passenger, now: number): void {
    const { halfOpenProbes, openMs, maxOpenMs, probeLeaseMs } = this.#options
    const isRelief = state.probes.size >= halfOpenProbes
    if (isRelief) state.reliefs += 1
    state.reliefMs = isRelief ? Math.min(maxOpenMs, state.reliefMs * 2) : openMs
    state.reliefAt = now + state.reliefMs
    state.probes.set(passenger, { leaseEnd: now + probeLeaseMs, reliefs: state.reliefs })
  }

  #settleProbe(state: HalfOpen, passenger: Passenger, outcome: AttemptOutcome, now: number): void {
    const probe = state.probes.get(passenger)
    state.probes.delete(passenger)
    if (outcome === 'ignored') return
    if (outcome !== 'success') {
      if (probe?.reliefs === state.reliefs) this.#open(now, 'probe-failed')
      return
    }
    state.passed += 1
    if (state.passed < this.#options.halfOpenSuccesses) return
    if (this.#options.rampUpMs === 0) this.#change(this.#closed(now), 'probes-passed', now)
    else this.#change(this.#ramping(now), 'probes-passed', now)
  }

  #count(state: Closed | Ramping, outcome: AttemptOutcome, now: number): void {
    if (outcome === 'ignored') return
    state.window.add(outcome, now)
    if (outcome === 'success') {
      state.badInARow = this.#badBefore = 0
      return
    }
    state.badInARow += 1
    const reason = this.#breach(state, outcome, now)
    if (reason !== undefined) this.#open(now, reason)
  }

  /** Why the circuit must open, if it must. Asked only after a failure or a slow call. */
  #breach(state: Closed | Ramping, outcome: 'failure' | 'slow', now: number): CircuitChangeReason | undefined {
    const { consecutiveFailures, failureRatio, slowRatio } = this.#options
    const { calls: ended, failures, slow } = state.window.counts(now)
    const calls = ended + this.#answering.size
    if (isTooMuch(this.#options, failures, calls, failureRatio)) return 'failures'
    if (isTooMuch(this.#options, failures + slow, calls, slowRatio)) return slow > 0 ? 'slow-calls' : 'failures'
    if (consecutiveFailures > 0 && state.badInARow >= consecutiveFailures) {
      return outcome === 'failure' ? 'failures' : 'slow-calls'
    }
    return undefined
  }

  #open(at: number, reason: CircuitChangeReason): void {
    const state = this.#state
    if (state.kind === 'closed') {
      const goodWindows = Math.floor((at - state.since) / this.#options.windowMs)
      this.#reopenings = Math.max(0, this.#reopenings - goodWindows)
    }
    const openMs = openTime(this.#options, this.#reopenings, Math.max(0, this.#notBefore - at), this.#random)
    // Counted up to the longest time only: what comes on top would make the next trouble, long after, begin with it.
    if (this.#options.openMs * 2 ** this.#reopenings < this.#options.maxOpenMs) this.#reopenings += 1
    this.#change({ kind: 'open', since: at, until: at + openMs }, reason, at, openMs)
  }

  #closed(now: number): Closed {
    return { kind: 'closed', since: now, window: this.#window(), badInARow: 0 }
  }

  #ramping(now: number): Ramping {
    return { kind: 'ramping', since: now, window: this.#window(), admission: new CreditAdmission(), badInARow: 0 }
  }

  #window(): RollingWindow | CountWindow {
    const { windowMs, windowCalls } = this.#options
    return windowCalls > 0 ? new CountWindow(windowCalls) : new RollingWindow(windowMs)
  }

  #change(to: BreakerState, reason: CircuitChangeReason, at: number, openMs?: number): void {
    const from = this.#state.kind
    this.#state = to
    this.#generation += 1
    this.#answering.clear()
    if (!this.#events.active) return
    this.#events.emit({
      type: EVENT_TYPES[to.kind],
      at: Math.round(this.clock.wallTime() - (this.clock.now() - at)),
      integration: this.name,
      from,
      to: to.kind,
      reason,
      ...(openMs === undefined ? {} : { openMs }),
    })
  }

  #remember(error: unknown, now: number): void {
    this.#lastFailure = error
    // One of another install may hold a number that is none.
    if (HoldfastError.isInstance(error) && Number.isFinite(error.retryAfterMs)) {
      this.#notBefore = Math.max(this.#notBefore, now + (error.retryAfterMs ?? 0))
    }
  }

  #share(state: Ramping, now: number): number {
    return rampUpShare(now - state.since, this.#options.rampUpMs, this.#options.rampUpMinimumShare)
  }

  #reject(code: string, why: string, retryAfterMs?: number): Rejection {
    const retryable = code !== 'CIRCUIT_ISOLATED'
    return refuse(this.name, code, why, retryAfterMs, { retryable, cause: this.#lastFailure })
  }
}

function halfOpen(since: number): HalfOpen {
  return { kind: 'half-open', since, probes: new Map(), reliefAt: Infinity, reliefMs: 0, reliefs: 0, passed: 0 }
}

/** The probe whose lease ends first. */
function earliest(probes: ReadonlyMap<object, Probe>): [passenger: object, probe: Probe | undefined] {
  let first: [object, Probe | undefined] = [probes, undefined]
  for (const entry of probes) if (first[1] === undefined || entry[1].leaseEnd < first[1].leaseEnd) first = entry
  return first
}

/**
 * A circuit breaker to use by hand: take a permit, make the call, settle the permit. An {@link Integration} has one inside.
 *
 * It opens when enough calls of a rolling window failed or were slow, lets single probes through after a time that doubles at
 * each reopening, and after the probes have passed lets the traffic grow back step by step.
 *
 * @example
 * ```ts
 * import { createBreaker } from '@holdfast/core'
 *
 * const breaker = createBreaker({ name: 'crm', minimumCalls: 1 })
 * const admission = breaker.tryAcquire()
 * if (admission.admitted) admission.settle('failure', { error: new Error('down') })
 * console.log(breaker.state, breaker.snapshot().nextProbeInMs)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createBreaker(configuration: BreakerConfiguration): Breaker {
  validate('breaker', configuration, { name: aName, ...ENVIRONMENT_RULES, ...BREAKER_RULES })
  const { name, clock, random, events, ...options } = configuration
  check('breaker.name', name, aName)
  return breakerOf(name, resolveBreakerOptions('breaker', options), {
    clock: clock ?? systemClock,
    random: random ?? systemRandom,
    events: events ?? createEvents<CoreEvent>(),
  })
}

/** A breaker from options that are checked and complete. */
export function breakerOf(
  name: string,
  options: Complete<BreakerOptions>,
  environment: Complete<Environment>,
): CircuitBreaker {
  return new CircuitBreaker(name, options, environment)
}
