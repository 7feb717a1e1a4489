import { CircuitBreaker } from '../breaker/create-breaker.ts'
import type { Breaker } from '../breaker/breaker.ts'
import { systemClock, systemRandom } from '../clock/system-clock.ts'
import { CARRIER_RULE, type LabelCarrier } from '../context/labels.ts'
import type { CallOptions } from '../engine/call.ts'
import { Engine } from '../engine/engine.ts'
import type { Chaos } from '../engine/parts.ts'
import type { StreamRules } from '../engine/stream-rules.ts'
import type { Classify } from '../errors/to-holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { type Hedge, HedgePolicy } from '../hedge/hedge.ts'
import type { Environment } from '../integration/integration.ts'
import type { Admission } from '../policy/admission.ts'
import type { Operation } from '../policy/operation.ts'
import { type Retry, RetryPolicy } from '../retry/retry.ts'
import { type Timeout, TimeoutPolicy } from '../timeout/timeout.ts'
import {
  aBoolean,
  aFunction,
  aName,
  ENVIRONMENT_RULES,
  check,
  invalidOption,
  numberFrom,
  objectWith,
  validate,
} from '../validation/validate.ts'
import { checkFit } from './fit.ts'
import { checkOrder, type PolicyKind } from './order.ts'

/** Anything a pipeline can be made of. */
export type Policy = Timeout | Admission | Retry | Hedge | Breaker

/** What a pipeline is told besides its policies. */
export interface PipelineOptions extends Environment {
  /** In errors and events. 1 to 64 characters: lower-case letters, digits, `-`. Default: `pipeline`. */
  readonly name?: string | undefined
  /** Whether operations may be made twice without harm unless the call says otherwise. Default: false. */
  readonly idempotent?: boolean | undefined
  /** Where labels come from that a call does not bring itself, such as an `AsyncLocalStorage`. Default: nowhere. */
  readonly carrier?: LabelCarrier | undefined
  /** Faults for a rehearsal, from `@holdfast/core/chaos`. Default: none. */
  readonly chaos?: Chaos | undefined
  /** What errors mean where the general rules do not know it, such as which of them count at the breaker. Default: nothing of its own. */
  readonly classify?: Classify | undefined
}

/** Several policies as one. */
export interface Pipeline {
  readonly name: string
  /**
   * Makes one call through all policies.
   * @throws HoldfastError, always and only, except that the caller's abort rejects with the caller's own reason.
   */
  execute<T>(operation: Operation<T>, options?: CallOptions): Promise<T>
  /** The same for an operation whose result is a stream; see `Integration.stream`. */
  stream<Chunk>(
    operation: Operation<ReadableStream<Chunk> | null>,
    rules: StreamRules<Chunk>,
    options?: CallOptions,
  ): Promise<ReadableStream<Chunk>>
}

function kindOf(policy: unknown, index: number): PolicyKind {
  if (policy instanceof TimeoutPolicy) return 'timeout'
  if (policy instanceof RetryPolicy) return 'retry'
  if (policy instanceof HedgePolicy) return 'hedge'
  if (policy instanceof CircuitBreaker) return 'breaker'
  const admission = objectWith('tryAcquire', 'acquire')
  if (admission.accepts(policy)) return 'admission'
  throw invalidOption(`pipeline.policies[${index}]`, 'a timeout, an admission, a retry, a hedge or a breaker', policy)
}

/**
 * Puts policies together, outermost first: a timeout for the whole call, admissions, a retry, a hedge, a breaker, a timeout for each attempt. Any of them
 * can be left out, and one policy can be in several pipelines, which then share its state. An {@link createIntegration | integration} is all of
 * them with good defaults, a name and its health.
 *
 * @example
 * ```ts
 * import { createBreaker, createRetry, createTimeout, pipeline } from '@holdfast/core'
 *
 * const guarded = pipeline([
 *   createTimeout({ timeoutMs: 5_000 }),
 *   createRetry({ maxRetries: 1 }),
 *   createBreaker({ name: 'crm' }),
 *   createTimeout({ timeoutMs: 1_000 }),
 * ])
 * console.log(await guarded.execute(({ timeLeftMs }) => `answered with ${timeLeftMs} ms to spare`))
 * ```
 * @throws HoldfastError `INVALID_OPTION`, also for an order in which policies would work against each other, and for an option of a policy that
 * would not count in here.
 */
export function pipeline(policies: readonly Policy[], options: PipelineOptions = {}): Pipeline {
  validate('pipeline', options, {
    name: aName,
    idempotent: aBoolean,
    chaos: objectWith('perform'),
    classify: aFunction,
    carrier: CARRIER_RULE,
    ...ENVIRONMENT_RULES,
  })
  const { name = 'pipeline', idempotent = false, chaos, classify, carrier } = options
  const { clock = systemClock, random = systemRandom, events = createEvents<CoreEvent>() } = options
  if (!Array.isArray(policies)) throw invalidOption('pipeline.policies', 'a list of policies', policies)
  const kinds = policies.map(kindOf)
  checkOrder(kinds)
  const one = (kind: PolicyKind): Policy | undefined => policies[kinds.indexOf(kind)]
  const ends = [policies[0], policies.at(-1)].map((policy) => (policy instanceof TimeoutPolicy ? policy : undefined))
  // A timeout that stands alone is that of the whole call, which is that of its one attempt, too.
  const [outer, inner] = policies.length === 1 ? [ends[0], undefined] : ends
  const deadlineMs = outer?.timeoutMs ?? Infinity
  const { timeoutMs: attemptTimeoutMs = Infinity } = inner ?? {}
  if (inner !== undefined) {
    const aTime = numberFrom(1, deadlineMs, 'a time within that of the whole call,')
    check(`pipeline.policies[${policies.length - 1}].timeoutMs`, attemptTimeoutMs, aTime)
  }
  for (const [index, policy] of policies.entries()) {
    checkFit(`pipeline.policies[${index}]`, policy, clock, random, deadlineMs)
  }
  const engine = new Engine(
    name,
    // In the order of an integration's, so that both have one shape and the engine's code sees no other.
    {
      deadlineMs,
      reserveMs: 0,
      attemptTimeoutMs,
      idleTimeoutMs: (inner ?? outer)?.idleTimeoutMs ?? Infinity,
      idempotent,
      admissions: policies.filter((_, index) => kinds[index] === 'admission') as Admission[],
      retry: one('retry') as RetryPolicy | undefined,
      hedge: one('hedge') as HedgePolicy | undefined,
      // As one of its admissions, where it is wanted.
      goodput: undefined,
      breaker: one('breaker') as CircuitBreaker | undefined,
      chaos,
      classify,
    },
    { clock, random, events, carrier },
  )
  return Object.freeze({
    name,
    execute: <T>(operation: Operation<T>, call?: CallOptions) => engine.call(operation, call),
    stream: <Chunk>(
      operation: Operation<ReadableStream<Chunk> | null>,
      rules: StreamRules<Chunk>,
      call?: CallOptions,
    ) => engine.stream(operation as Operation<ReadableStream<Chunk>>, rules, call),
  })
}
