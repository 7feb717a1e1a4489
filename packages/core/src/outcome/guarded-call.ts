import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import type { CallOptions } from '../engine/call.ts'
import { labelsOf } from '../context/labels.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import type { CoreEvent, Events } from '../events/events.ts'
import { fallbackInto } from '../fallback/fallback.ts'
import type { FallbackFailure, FallbackSource, FallbackStep } from '../fallback/options.ts'
import type { Operation } from '../policy/operation.ts'

/** Without a slice of its own, the dependency leaves a fifth of the deadline to its fallbacks. */
const LIVE_SHARE = 0.8

/** How long a step may take that says nothing of its time, in ms. */
const STEP_MS = 30_000

/** The deadline where nobody set one: the dependency has its own, and so has every step. */
const LONGEST_MS = 86_400_000

/** What a guarded call may say for itself. */
export interface GuardedCallOptions<T> extends CallOptions {
  /** Asked before the dependency itself, in order: a {@link cacheFirst}. Default: none. */
  readonly before?: readonly FallbackStep<T>[]
  /** Asked when the dependency failed, in order. A step named like the dependency is refused. Default: none. */
  readonly fallbacks?: readonly FallbackStep<T>[]
  /**
   * Time slice of the dependency itself, in ms, out of `deadlineMs`. Default: four fifths of `deadlineMs` where there are fallbacks, else all; without
   * `deadlineMs` the dependency's own deadline. A fallback step without a `timeoutMs` may take 30,000 ms of what is left.
   */
  readonly sliceMs?: number
  /** Whether values that are made up may be served. Default: false. */
  readonly allowSimulated?: boolean
  /** Where to report which fallback served. Default: nowhere. */
  readonly events?: Events<CoreEvent>
  /** Default: the system clock. */
  readonly clock?: Clock
}

/** How a guarded call ended, and everything there is to say about it. */
export type CallOutcome<T> = {
  /** Attempts made at the dependency. */
  readonly attempts: number
  readonly durationMs: number
  /** What failed on the way, in order; the dependency's own failure has its name as the step. */
  readonly failures: readonly FallbackFailure[]
} & (
  | {
      readonly ok: true
      readonly value: T
      /** The name of the dependency, or of the step that served in its place. */
      readonly servedBy: string
      readonly source: FallbackSource
      /** Whether something else than the dependency (or a fresh cache before it) served. */
      readonly degraded: boolean
      /** How old the value is, in ms, where it was remembered. */
      readonly ageMs?: number
    }
  | { readonly ok: false; readonly error: HoldfastError }
)

/** What can be called under guard: an integration, or a pipeline. */
export type Guarded =
  | { readonly name: string; call<T>(operation: Operation<T>, options?: CallOptions): Promise<T> }
  | { readonly name: string; execute<T>(operation: Operation<T>, options?: CallOptions): Promise<T> }

/**
 * Makes a call and tells how it ended in place of throwing: with the value, who served it and how old it is, or with the error; and what failed
 * before.
 *
 * @example
 * ```ts
 * import { createIntegration, fixed, guardedCall } from '@holdfast/core'
 *
 * const crm = createIntegration({ name: 'crm' })
 * const outcome = await guardedCall(crm, () => Promise.reject(new Error('down')), { fallbacks: [fixed<string[]>([])] })
 * console.log(outcome.ok && outcome.value, outcome.ok && outcome.servedBy, outcome.failures[0]?.error.code)
 * ```
 * @throws the caller's own reason when `signal` aborts; HoldfastError `INVALID_OPTION`.
 */
export async function guardedCall<T>(
  guarded: Guarded,
  operation: Operation<T>,
  options: GuardedCallOptions<T> = {},
): Promise<CallOutcome<T>> {
  const { before = [], fallbacks = [], sliceMs, deadlineMs, signal, events, clock = systemClock } = options
  let attempts = 0
  const counted: Operation<T> = (context) => {
    attempts = context.attempt
    return operation(context)
  }
  const liveMs = sliceMs ?? (deadlineMs === undefined || fallbacks.length === 0 ? undefined : deadlineMs * LIVE_SHARE)
  const live: FallbackStep<T> = {
    name: guarded.name,
    ...(liveMs === undefined ? {} : { timeoutMs: liveMs }),
    run: ({ signal: own, timeLeftMs }) => {
      const call: CallOptions = { ...callOptions(options), signal: own, deadlineMs: timeLeftMs }
      return 'call' in guarded ? guarded.call(counted, call) : guarded.execute(counted, call)
    },
  }
  const startedAt = clock.now()
  const failures: FallbackFailure[] = []
  const limited = (step: FallbackStep<T>): FallbackStep<T> => ({ timeoutMs: STEP_MS, ...step })
  try {
    const outcome = await fallbackInto(failures, [...before.map(limited), live, ...fallbacks.map(limited)], {
      deadlineMs: deadlineMs ?? LONGEST_MS,
      clock,
      name: guarded.name,
      labels: labelsOf(options),
      allowSimulated: options.allowSimulated ?? false,
      ...(signal === undefined ? {} : { signal }),
      ...(events === undefined ? {} : { events }),
    })
    return { ok: true, attempts, ...outcome }
  } catch (thrown) {
    if (signal?.aborted === true) throw signal.reason
    if (HoldfastError.isInstance(thrown) && thrown.code === 'INVALID_OPTION' && failures.length === 0) throw thrown
    // What the dependency itself failed with says more than that nothing else served either.
    const own = failures.find(({ step }) => step === guarded.name)?.error
    const error = own ?? toHoldfastError(thrown, guarded.name, clock)
    return { ok: false, error, attempts, durationMs: clock.now() - startedAt, failures }
  }
}

function callOptions<T>(options: GuardedCallOptions<T>): CallOptions {
  const { idempotent, priority } = options
  return {
    ...labelsOf(options),
    ...(idempotent === undefined ? {} : { idempotent }),
    ...(priority === undefined ? {} : { priority }),
  }
}
