import {
  type Bulkhead,
  type BulkheadOptions,
  createAdaptiveConcurrency,
  createBulkhead,
  createCapacity,
  createGoodputLimit,
  createRateLimiter,
  createThrottle,
  type RateLimiter,
  type RateLimitOptions,
} from '../../src/admission/index.ts'
import { createChaos, type ChaosFault, type ChaosSwitch } from '../../src/chaos/index.ts'
import {
  type Admission,
  type Breaker,
  type BreakerOptions,
  type CallOptions,
  type CircuitControl,
  type CoreEvent,
  createBreaker,
  createEvents,
  createHedge,
  createIntegration,
  createRetry,
  createTimeout,
  type Events,
  type HedgeOptions,
  type Integration,
  type IntegrationOptions,
  type Operation,
  pipeline,
  type Random,
  type RetryOptions,
  type StreamRules,
} from '../../src/index.ts'
import type { Complete } from '../../src/validation/defaults.ts'
import type { Limits } from './ledger.ts'
import { Turnstile, type TurnstileAnswer } from './turnstile.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** How calls are guarded; what can be changed while they run. */
export interface Guarding {
  readonly deadlineMs: number
  readonly attemptTimeoutMs: number
  readonly idleTimeoutMs: number
  /** Kept back from the deadline; integrations only. */
  readonly reserveMs: number
  readonly retry: Complete<Pick<RetryOptions, 'maxRetries' | 'backoffMs' | 'budgetRatio' | 'budgetFloor'>>
  readonly hedge: HedgeOptions | false
  readonly breaker: BreakerOptions & Pick<Limits, 'halfOpenProbes' | 'openMs' | 'probeLeaseMs'>
}

/** What is put under guard, and how. */
export interface Plan extends Guarding {
  readonly as: 'integration' | 'pipeline'
  readonly bulkhead: BulkheadOptions | false
  readonly limiter: RateLimitOptions | false
  readonly turnstiles: readonly { readonly perCall: boolean; readonly answers: readonly TurnstileAnswer[] }[]
  /** Whether what is under way is kept to what is answered in time. */
  readonly goodput: boolean
  /** What else may refuse. */
  readonly others: readonly ('capacity' | 'throttle' | 'adaptive')[]
  /** Off until it is switched on. */
  readonly chaos: readonly ChaosFault[]
}

/** An integration or a pipeline with everything that there is, and a hand on each part. */
export interface Guarded {
  readonly events: Events<CoreEvent>
  readonly bulkhead: Bulkhead | undefined
  readonly limiter: RateLimiter | undefined
  readonly turnstiles: readonly Turnstile[]
  readonly chaos: ChaosSwitch | undefined
  /** How many places are taken at the admissions that say so. */
  taken(): number
  readonly circuit: CircuitControl
  /** Pipelines only. */
  readonly breaker: Breaker | undefined
  /** Integrations only. */
  readonly integration: Integration | undefined
  call<T>(operation: Operation<T>, options: CallOptions): Promise<T>
  stream<Chunk>(
    operation: Operation<ReadableStream<Chunk>>,
    rules: StreamRules<Chunk>,
    options: CallOptions,
  ): Promise<ReadableStream<Chunk>>
  reconfigure(guarding: Guarding): void
}

/** The limits that a plan sets. */
export function limitsOf({ reserveMs, retry, hedge, breaker, as }: Guarding & Pick<Plan, 'as'>): Limits {
  return {
    reserveMs: as === 'integration' ? reserveMs : 0,
    maxRetries: retry.maxRetries,
    maxHedges: hedge === false ? 0 : (hedge.maxHedges ?? 1),
    budgetRatio: retry.budgetRatio,
    budgetFloor: retry.budgetFloor,
    halfOpenProbes: breaker.halfOpenProbes,
    openMs: breaker.openMs,
    probeLeaseMs: breaker.probeLeaseMs,
  }
}

/** Builds what a plan says. */
export function guard(plan: Plan, clock: VirtualClock, random: Random, violate: (what: string) => void): Guarded {
  const events = createEvents<CoreEvent>()
  const environment = { clock, random, events }
  const turnstiles = plan.turnstiles.map(({ perCall, answers }) => {
    let asked = 0
    return new Turnstile(clock, perCall, () => answers[asked++ % answers.length] ?? 'admit', violate)
  })
  const bulkhead =
    plan.bulkhead === false ? undefined : createBulkhead({ name: 'seats', clock, events, ...plan.bulkhead })
  const limiter =
    plan.limiter === false ? undefined : createRateLimiter({ name: 'rate', clock, events, ...plan.limiter })
  const chaos = plan.chaos.length === 0 ? undefined : createChaos({ faults: plan.chaos, clock, random, events })
  const capacity = plan.others.includes('capacity')
    ? createCapacity({ name: 'share', share: 0.75, clock, events })
    : undefined
  const throttle = plan.others.includes('throttle') ? createThrottle({ name: 'throttle', ...environment }) : undefined
  const adaptive = plan.others.includes('adaptive')
    ? createAdaptiveConcurrency({ name: 'adaptive', clock, events })
    : undefined
  const isLimited = plan.goodput && plan.as === 'pipeline'
  const goodput = isLimited
    ? createGoodputLimit({ name: 'goodput', timeoutMs: plan.attemptTimeoutMs, clock, events })
    : undefined
  // A turnstile before and after those that are real, so that what was given before a refusal has to be taken back.
  const [before, after] = turnstiles
  const admissions: Admission[] = [before, capacity, throttle, limiter, adaptive, bulkhead, goodput, after].filter(
    (one) => one !== undefined,
  )
  const taken = (): number => (adaptive?.snapshot().inFlight ?? 0) + (goodput?.inFlight ?? 0)
  const shared = { events, bulkhead, limiter, turnstiles, chaos, taken }

  if (plan.as === 'integration') {
    const optionsOf = (guarding: Guarding): Omit<IntegrationOptions, 'name'> => {
      const { deadlineMs, attemptTimeoutMs, idleTimeoutMs, reserveMs, retry, hedge, breaker } = guarding
      const times = { deadlineMs, attemptTimeoutMs, idleTimeoutMs, reserveMs }
      const goodputLimit: false | object = plan.goodput ? {} : false
      return { ...times, retry, hedge, breaker, admissions, goodputLimit, ...(chaos === undefined ? {} : { chaos }) }
    }
    const integration = createIntegration({ name: 'crm', ...environment, ...optionsOf(plan) })
    return {
      ...shared,
      circuit: integration.circuit,
      breaker: undefined,
      integration,
      taken: () => taken() + (integration.snapshot().goodput?.inFlight ?? 0),
      call: (operation, options) => integration.call(operation, options),
      stream: (operation, rules, options) => integration.stream(operation, rules, options),
      reconfigure: (guarding) => integration.reconfigure(optionsOf(guarding)),
    }
  }

  const breaker = createBreaker({ name: 'crm', ...environment, ...plan.breaker })
  const line = pipeline(
    [
      createTimeout({ timeoutMs: plan.deadlineMs, clock }),
      ...admissions,
      createRetry({ ...plan.retry, clock, random }),
      ...(plan.hedge === false ? [] : [createHedge(plan.hedge)]),
      breaker,
      createTimeout({ timeoutMs: plan.attemptTimeoutMs, idleTimeoutMs: plan.idleTimeoutMs, clock }),
    ],
    { name: 'crm', ...environment, ...(chaos === undefined ? {} : { chaos }) },
  )
  return {
    ...shared,
    circuit: breaker,
    breaker,
    integration: undefined,
    call: (operation, options) => line.execute(operation, options),
    stream: (operation, rules, options) => line.stream(operation, rules, options),
    reconfigure: ({ breaker: options }) => breaker.reconfigure(options),
  }
}
