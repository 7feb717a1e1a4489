import { breakerOf, type CircuitBreaker } from '../breaker/create-breaker.ts'
import { BREAKER_DEFAULTS, type BreakerOptions } from '../breaker/options.ts'
import type { BreakerRecord } from '../breaker/record.ts'
import { systemClock, systemRandom } from '../clock/system-clock.ts'
import { Engine, type EngineEnvironment } from '../engine/engine.ts'
import type { Parts } from '../engine/parts.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type { AttemptOutcome, CircuitState, CoreEvent } from '../events/events.ts'
import { Goodput } from '../goodput-limit/goodput-limit.ts'
import { HedgePolicy } from '../hedge/hedge.ts'
import { RetryPolicy } from '../retry/retry.ts'
import { type HealthLimits, healthStatus } from './health.ts'
import type {
  CircuitControl,
  Environment,
  HealthStatus,
  Integration,
  IntegrationKind,
  IntegrationSnapshot,
} from './integration.ts'
import { type IntegrationOptions, type ResolvedIntegrationOptions, resolveIntegrationOptions } from './options.ts'

/** Without a breaker a circuit never opens by itself; it can still be switched by hand. */
const NEVER_OPENS: Required<BreakerOptions> = {
  ...BREAKER_DEFAULTS,
  minimumCalls: Infinity,
  slowCallMs: Infinity,
  consecutiveFailures: 0,
}

class GuardedIntegration extends Engine implements Integration {
  readonly kind: IntegrationKind
  readonly circuit: CircuitControl
  readonly #breaker: CircuitBreaker
  readonly #environment: EngineEnvironment
  #limits: HealthLimits
  #lastError: IntegrationSnapshot['lastError']
  /** Monotonic, because reading the wall time would cost every call. */
  #lastSuccess = -Infinity
  #troubledSince: number | undefined
  #badInARow = 0
  #refusedInARow = 0
  /** Monotonic time of the latest attempt that was bad or refused. */
  #lastBad = -Infinity

  constructor(options: ResolvedIntegrationOptions, environment: EngineEnvironment) {
    const breaker = breakerOf(options.name, breakerOptions(options), environment)
    super(options.name, partsOf(options, breaker, environment, undefined), environment)
    this.#environment = environment
    this.kind = options.kind
    this.#breaker = breaker
    this.#limits = limitsOf(options)
    this.circuit = this.#circuitControl()
  }

  wouldAdmit(): boolean {
    return !this.gate.isClosed(this.clock.now()) && this.#breaker.wouldAdmit()
  }

  reconfigure(options: Omit<IntegrationOptions, 'name' | 'kind' | keyof Environment>): void {
    const resolved = resolveIntegrationOptions({ ...options, name: this.name, kind: this.kind }, this.clock)
    this.#breaker.use(breakerOptions(resolved))
    this.#limits = limitsOf(resolved)
    this.parts = partsOf(resolved, this.#breaker, this.#environment, this.parts)
  }

  snapshot(): IntegrationSnapshot {
    const now = this.clock.now()
    const status = this.#noteHealth(now)
    const { state, admittedShare, window, nextProbeInMs } = this.#breaker.snapshot()
    return Object.freeze({
      name: this.name,
      kind: this.kind,
      status,
      circuit: state,
      admittedShare,
      window,
      totals: Object.freeze({ ...this.totals }),
      ...(this.#troubledSince === undefined ? {} : { troubledSince: this.#troubledSince }),
      ...(nextProbeInMs === undefined ? {} : { nextProbeInMs }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#lastSuccess === -Infinity
        ? {}
        : { lastSuccessAt: Math.round(this.clock.wallTime() - (now - this.#lastSuccess)) }),
    })
  }

  protected override beforeCounting(now: number, outcome: AttemptOutcome, error: HoldfastError | undefined): void {
    // Looked at before the attempt counts, so that a trouble that has passed meanwhile is not taken for the beginning of this one.
    if (outcome !== 'success') this.#noteHealth(now)
    if (outcome === 'success') this.#badInARow = 0
    else if (outcome !== 'ignored') this.#badInARow += 1
    if (error === undefined) {
      this.#lastSuccess = now
      this.#refusedInARow = 0
      if (outcome === 'slow') this.#lastBad = now
      return
    }
    const { code, category, message } = error
    if (category !== 'cancelled') this.#lastError = Object.freeze({ code, message, at: this.clock.wallTime() })
    if (category === 'client') this.#refusedInARow += 1
    if (outcome !== 'ignored') this.#lastBad = now
  }

  protected override afterCounting(now: number, outcome: AttemptOutcome): void {
    if (outcome !== 'success') this.#noteHealth(now)
  }

  /** Looks at the health and remembers since when it is not good. */
  #noteHealth(now: number): HealthStatus {
    const { state: circuit, window } = this.#breaker.snapshot()
    const signs = {
      circuit,
      window,
      isRateLimited: this.gate.isClosed(now),
      badInARow: this.#badInARow,
      refusedInARow: this.#refusedInARow,
      sinceBadMs: now - this.#lastBad,
    }
    const status = healthStatus(signs, this.#limits)
    if (status === 'healthy') this.#troubledSince = undefined
    else this.#troubledSince ??= this.clock.wallTime()
    return status
  }

  #circuitControl(): CircuitControl {
    const breaker = this.#breaker
    const change = (action: () => void): void => {
      action()
      this.#badInARow = this.#refusedInARow = 0
      this.#noteHealth(this.clock.now())
    }
    return Object.freeze({
      get state(): CircuitState {
        return breaker.state
      },
      open: () => change(() => breaker.open()),
      close: () => change(() => breaker.close()),
      isolate: () => change(() => breaker.isolate()),
      reset: () =>
        change(() => {
          this.gate.open()
          breaker.reset()
        }),
      record: () => breaker.record(),
      restore: (record: BreakerRecord) => change(() => breaker.restore(record)),
    })
  }
}

function breakerOptions({ breaker }: ResolvedIntegrationOptions): Required<BreakerOptions> {
  return breaker === false ? NEVER_OPENS : breaker
}

function limitsOf({ breaker }: ResolvedIntegrationOptions): HealthLimits {
  return breaker === false ? { ...BREAKER_DEFAULTS, opens: false } : { ...breaker, opens: true }
}

/** @param before what held until now: what it has counted and learnt goes on. */
function partsOf(
  options: ResolvedIntegrationOptions,
  breaker: CircuitBreaker,
  { clock, events }: EngineEnvironment,
  before: Parts | undefined,
): Parts {
  const { name, deadlineMs, reserveMs, attemptTimeoutMs, idleTimeoutMs, idempotent, admissions, chaos, classify } =
    options
  const { retry, hedge, goodputLimit } = options
  return {
    deadlineMs,
    reserveMs,
    attemptTimeoutMs,
    idleTimeoutMs,
    idempotent,
    admissions,
    retry: retry === false ? undefined : new RetryPolicy(retry, before?.retry?.budget),
    hedge: hedge === false ? undefined : renewed(before?.hedge, hedge, () => new HedgePolicy(hedge)),
    goodput:
      goodputLimit === false
        ? undefined
        : renewed(before?.goodput, goodputLimit, () => new Goodput(name, goodputLimit, clock, events)),
    breaker,
    chaos,
    classify,
  }
}

/** A policy under new options: the one there was, with what it has learnt and who is under way in it, or a new one. */
function renewed<Options, Policy extends { use(options: Options): void }>(
  before: Policy | undefined,
  options: Options,
  make: () => Policy,
): Policy {
  if (before === undefined) return make()
  before.use(options)
  return before
}

/**
 * Puts one dependency under guard.
 *
 * @example
 * ```ts
 * import { createIntegration } from '@holdfast/core'
 *
 * const crm = createIntegration({ name: 'crm', deadlineMs: 5_000, retry: { maxRetries: 1 } })
 * const answer = await crm.call(({ timeLeftMs }) => `answered with ${timeLeftMs} ms to spare`, { idempotent: true })
 * console.log(answer, crm.snapshot().totals.succeeded)
 * ```
 * @throws HoldfastError `INVALID_OPTION`, when an option is unknown or out of its range.
 */
export function createIntegration(options: IntegrationOptions): Integration {
  const { clock = systemClock, random = systemRandom, events = createEvents<CoreEvent>(), carrier } = options ?? {}
  const resolved = resolveIntegrationOptions(options, clock)
  return new GuardedIntegration(resolved, { clock, random, events, carrier })
}
