import { breakerOf, type CircuitBreaker } from '../breaker/create-breaker.ts'
import { BREAKER_DEFAULTS, type BreakerOptions } from '../breaker/options.ts'
import type { BreakerRecord } from '../breaker/record.ts'
import { systemClock, systemRandom } from '../clock/system-clock.ts'
import type { CallOptions } from '../engine/call.ts'
import { Engine, type EngineEnvironment } from '../engine/engine.ts'
import { RateLimitGate } from '../engine/gate.ts'
import type { Parts } from '../engine/parts.ts'
import type { StreamRules } from '../engine/stream-rules.ts'
import { createEvents } from '../events/channel.ts'
import type { CircuitState, CoreEvent } from '../events/events.ts'
import { Goodput } from '../goodput-limit/goodput-limit.ts'
import { HedgePolicy } from '../hedge/hedge.ts'
import type { Operation } from '../policy/operation.ts'
import { RetryPolicy } from '../retry/retry.ts'
import type { Complete } from '../validation/defaults.ts'
import { invalidOption } from '../validation/validate.ts'
import type { HealthLimits } from './health.ts'
import { HealthWatch } from './health-watch.ts'
import type { CircuitControl, Integration, IntegrationKind, IntegrationSnapshot } from './integration.ts'
import {
  type IntegrationOptions,
  type ReplaceableOptions,
  type ResolvedIntegrationOptions,
  resolveIntegrationOptions,
} from './options.ts'

/** Without a breaker a circuit never opens by itself; it can still be switched by hand. */
const NEVER_OPENS: Complete<BreakerOptions> = {
  ...BREAKER_DEFAULTS,
  minimumCalls: Infinity,
  slowCallMs: Infinity,
  consecutiveFailures: 0,
}

/** What leads the calls of an integration, for whoever leads some by hand. @throws TypeError for an integration of another make. */
export let engineOf: (integration: Integration) => Engine

class GuardedIntegration implements Integration {
  readonly name: string
  readonly kind: IntegrationKind
  readonly circuit: CircuitControl
  readonly #engine: Engine
  readonly #breaker: CircuitBreaker
  readonly #watch: HealthWatch
  readonly #environment: EngineEnvironment

  static {
    engineOf = (integration) => (integration as GuardedIntegration).#engine
  }

  constructor(options: ResolvedIntegrationOptions, environment: EngineEnvironment) {
    const { name, kind } = options
    const breaker = breakerOf(name, breakerOptions(options), environment)
    const gate = new RateLimitGate(name)
    this.name = name
    this.kind = kind
    this.#environment = environment
    this.#breaker = breaker
    const parts = partsOf(options, breaker, environment, undefined)
    this.#watch = new HealthWatch(breaker, gate, environment.clock, limitsOf(options, parts))
    this.#engine = new Engine(name, parts, environment, gate, this.#watch)
    this.circuit = this.#circuitControl(gate)
  }

  call<T>(operation: Operation<T>, options?: CallOptions): Promise<T> {
    return this.#engine.call(operation, options)
  }

  stream<Chunk>(
    operation: Operation<ReadableStream<Chunk> | null>,
    rules: StreamRules<Chunk>,
    options?: CallOptions,
  ): Promise<ReadableStream<Chunk>> {
    return this.#engine.stream(operation as Operation<ReadableStream<Chunk>>, rules, options)
  }

  wouldAdmit(): boolean {
    const { clock, gate } = this.#engine
    return !gate.isClosed(clock.now()) && this.#breaker.wouldAdmit()
  }

  reconfigure(options: ReplaceableOptions): void {
    const engine = this.#engine
    const { carrier } = options as IntegrationOptions
    if (carrier !== undefined && carrier !== engine.carrier) {
      throw invalidOption(`${this.name}.carrier`, 'the one it was made with', carrier)
    }
    const resolved = resolveIntegrationOptions({ ...options, name: this.name, kind: this.kind }, engine.clock)
    this.#breaker.use(breakerOptions(resolved))
    engine.parts = partsOf(resolved, this.#breaker, this.#environment, engine.parts)
    this.#watch.limits = limitsOf(resolved, engine.parts)
  }

  snapshot(): IntegrationSnapshot {
    const { clock, gate, totals, parts } = this.#engine
    const { goodput } = parts
    const now = clock.now()
    const status = this.#watch.look(now)
    const { troubledSince, lastError, lastSuccess } = this.#watch
    const { state, admittedShare, window, nextProbeInMs = 0 } = this.#breaker.snapshot()
    // An isolated circuit waits for nothing but a hand.
    const waitMs = state === 'isolated' ? 0 : Math.max(nextProbeInMs, gate.closedForMs(now))
    return Object.freeze({
      name: this.name,
      kind: this.kind,
      status,
      circuit: state,
      admittedShare,
      window,
      totals: Object.freeze({ ...totals }),
      ...(troubledSince === undefined ? {} : { troubledSince }),
      ...(waitMs > 0 ? { nextProbeInMs: waitMs } : {}),
      ...(goodput === undefined ? {} : { goodput: goodput.figures() }),
      ...(lastError === undefined ? {} : { lastError }),
      ...(lastSuccess === -Infinity ? {} : { lastSuccessAt: Math.round(clock.wallTime() - (now - lastSuccess)) }),
    })
  }

  #circuitControl(gate: RateLimitGate): CircuitControl {
    const breaker = this.#breaker
    const change = (action: () => void): void => {
      action()
      this.#watch.forgive()
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
          gate.open()
          breaker.reset()
        }),
      record: () => breaker.record(),
      restore: (record: BreakerRecord) => change(() => breaker.restore(record)),
    })
  }
}

function breakerOptions({ breaker }: ResolvedIntegrationOptions): Complete<BreakerOptions> {
  return breaker === false ? NEVER_OPENS : breaker
}

function limitsOf({ breaker }: ResolvedIntegrationOptions, { goodput }: Parts): HealthLimits {
  return breaker === false ? { ...BREAKER_DEFAULTS, opens: false, goodput } : { ...breaker, opens: true, goodput }
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
