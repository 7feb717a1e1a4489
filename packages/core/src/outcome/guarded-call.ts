import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import type { CallOptions } from '../engine/call.ts'
import { labelsOf } from '../context/labels.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import type { CoreEvent, Events } from '../events/events.ts'
import { fallbackInto } from '../fallback/fallback.ts'
import type { FallbackFailure, FallbackSource, FallbackStep } from '../fallback/options.ts'
import type { Operation } from '../policy/operation.ts'
import { withDefaults } from '../validation/defaults.ts'
import { check, checkOperation, invalidOption, numberFrom, type Rule } from '../validation/validate.ts'

/** Without a slice of its own, the dependency leaves a fifth of the deadline to its fallbacks. */
const LIVE_SHARE = 0.8

/** How long a step may take that says nothing of its time, in ms. */
const STEP_MS = 30_000

/** The deadline where nobody set one: the dependency has its own, and so has every step. */
const LONGEST_MS = 86_400_000

const A_TIME: Rule = {
  allowed: 'a number of milliseconds',
  accepts: (value) => typeof value === 'number' && !Number.isNaN(value),
}

/** What a guarded call may say for itself. */
export interface GuardedCallOptions<T> extends CallOptions {
  /**
   * Asked before the dependency itself, in order: a {@link cacheFirst}. Their `source` is `cache` unless they say otherwise; whatever they fail with, the
   * dependency is asked. Default: none.
   */
  readonly before?: readonly FallbackStep<T>[] | undefined
  /** Asked when the dependency failed, in order. A step named like the dependency is refused. Default: none. */
  readonly fallbacks?: readonly FallbackStep<T>[] | undefined
  /**
   * Time slice of the dependency itself, in ms, out of `deadlineMs`. 1 to 86,400,000. Default: four fifths of `deadlineMs` where there are fallbacks, else all; without
   * `deadlineMs` the dependency's own deadline. A fallback step without a `timeoutMs` may take 30,000 ms of what is left.
   */
  readonly sliceMs?: number | undefined
  /** Whether values that are made up may be served. Default: false. */
  readonly allowSimulated?: boolean | undefined
  /** Where to report which fallback served. Default: nowhere. */
  readonly events?: Events<CoreEvent> | undefined
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
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
 * import { createIntegration, fixed } from '@holdfast/core'
 * import { guardedCall } from '@holdfast/core/presets'
 *
 * const crm = createIntegration({ name: 'crm' })
 * const outcome = await guardedCall(crm, () => Promise.reject(new Error('down')), { fallbacks: [fixed<string[]>([])] })
 * console.log(outcome.ok && outcome.value, outcome.ok && outcome.servedBy, outcome.failures[0]?.error.code)
 * ```
 * @throws the caller's own reason when `signal` aborts; HoldfastError `INVALID_OPTION`.
 */
export async function guardedCall<T, Instead = T>(
  guarded: Guarded,
  operation: Operation<T>,
  options: GuardedCallOptions<Instead> = {},
): Promise<CallOutcome<T | Instead>> {
  const { before = [], fallbacks = [], sliceMs, deadlineMs = Infinity, signal, events, clock = systemClock } = options
  checkOperation(operation)
  check('guardedCall.deadlineMs', deadlineMs, A_TIME)
  if (sliceMs !== undefined) check('guardedCall.sliceMs', sliceMs, numberFrom(1, LONGEST_MS))
  const labels = labelsOf(options)
  let attempts = 0
  const counted: Operation<T> = (context) => {
    attempts = context.attempt
    return operation(context)
  }
  const liveMs = Math.min(deadlineMs, sliceMs ?? (fallbacks.length === 0 ? Infinity : deadlineMs * LIVE_SHARE))
  // Where nobody else is asked, the call's own end comes first: it says more.
  const moreMs = fallbacks.length === 0 ? 1 : 0
  const live: FallbackStep<T> = {
    name: guarded.name,
    when: always,
    run: ({ timeLeftMs }) => {
      // The time is a limit of the call itself: were the call aborted at its end, a dependency that hangs would never count as failed.
      const { idempotent, priority } = options
      const call = { ...labels, signal, idempotent, priority, deadlineMs: Math.min(liveMs, timeLeftMs - moreMs) }
      return 'call' in guarded ? guarded.call(counted, call) : guarded.execute(counted, call)
    },
  }
  const startedAt = clock.now()
  const failures: FallbackFailure[] = []
  const steps: FallbackStep<T | Instead>[] = [
    ...before.map((step) => over({ timeoutMs: STEP_MS, source: 'cache', when: always }, step)),
    live,
    ...fallbacks.map((step) => over({ timeoutMs: STEP_MS }, step)),
  ]
  if (steps.some((step) => step !== live && step.name === guarded.name)) {
    throw invalidOption('guardedCall: the name of a step', 'another than that of the dependency', guarded.name)
  }
  try {
    const outcome = await fallbackInto(failures, steps, {
      deadlineMs: Math.max(1, Math.min(deadlineMs, LONGEST_MS - 1)) + moreMs,
      clock,
      name: guarded.name,
      labels,
      allowSimulated: options.allowSimulated,
      signal,
      events,
    })
    return { ok: true, attempts, ...outcome }
  } catch (thrown) {
    if (signal?.aborted === true) throw signal.reason
    // What the dependency itself failed with says more than that nothing else served either.
    const own = failures.find(({ step }) => step === guarded.name)?.error
    const error = own ?? toHoldfastError(thrown, guarded.name, clock)
    if (error.code === 'INVALID_OPTION' && attempts === 0) throw error
    return { ok: false, error, attempts, durationMs: clock.now() - startedAt, failures }
  }
}

/** A step over what counts where it says nothing itself. */
function over<T>(defaults: Partial<FallbackStep<T>>, step: FallbackStep<T>): FallbackStep<T> {
  return withDefaults<object>(defaults, { ...step }) as FallbackStep<T>
}

function always(): boolean {
  return true
}
