import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { labelsOf } from '../context/labels.ts'
import { ruleOf } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import {
  type FallbackFailure,
  type FallbackOptions,
  type FallbackOutcome,
  type FallbackStep,
  resolveFallbackOptions,
} from './options.ts'
import { runStep } from './step.ts'

/**
 * Goes through steps in order until one gives the value, each in its own time slice within one deadline. A step whose
 * condition does not fit the latest failure is passed over.
 *
 * @example
 * ```ts
 * import { fallback } from '@holdfast/core'
 *
 * const { value, servedBy, degraded, failures } = await fallback<string>([
 *   { name: 'live', timeoutMs: 500, run: () => Promise.reject(Object.assign(new Error('busy'), { status: 503 })) },
 *   { name: 'remembered', run: () => 'the price of yesterday' },
 * ])
 * console.log(value, servedBy, degraded, failures[0]?.error.code)
 * ```
 * @returns the value with the step that gave it, whether that was not the first, and what failed before.
 * @throws HoldfastError `EXHAUSTED` when every step that was tried failed, with the last failure as its cause; the failure
 * itself when no other step would take it; `INVALID_OPTION`. The caller's abort rejects with the caller's own reason.
 */
export function fallback<T>(
  steps: readonly FallbackStep<T>[],
  options: FallbackOptions = {},
): Promise<FallbackOutcome<T>> {
  return fallbackInto([], steps, options)
}

/** The same for who wants to know what failed also when nothing served: the failures go into `failures`. */
export async function fallbackInto<T>(
  failures: FallbackFailure[],
  steps: readonly FallbackStep<T>[],
  options: FallbackOptions,
): Promise<FallbackOutcome<T>> {
  const { deadlineMs, allowSimulated, name } = resolveFallbackOptions(steps, options)
  const { signal, clock = systemClock } = options
  if (signal?.aborted === true) throw signal.reason
  const startedAt = clock.now()
  let degraded = false
  for (const step of steps) {
    if (step.source === 'simulated' && !allowSimulated) continue
    const stepStartedAt = clock.now()
    const leftMs = startedAt + deadlineMs - stepStartedAt
    if (leftMs <= 0) break
    const timeLeftMs = Math.min(leftMs, step.timeoutMs ?? Infinity)
    try {
      const last = failures.at(-1)
      if (last !== undefined && !accepts(step, last.error)) continue
      const limits = { clock, signal, timeLeftMs, failures: Object.freeze([...failures]) }
      const { value, ageMs } = await runStep(step, limits)
      const durationMs = clock.now() - startedAt
      const origin = {
        servedBy: step.name,
        source: step.source ?? 'operation',
        ...(ageMs === undefined ? {} : { ageMs }),
      }
      if (degraded && options.events?.active === true) {
        const { labels, events } = options
        const at = clock.wallTime()
        events.emit({
          ...labelsOf(labels),
          type: 'fallback-served',
          at,
          fallback: name,
          ...origin,
          failures: failures.length,
        })
      }
      return { value, ...origin, degraded, failures, durationMs }
    } catch (thrown) {
      if (hasAborted(signal)) throw signal?.reason
      const error = toHoldfastError(thrown, step.name, clock)
      failures.push(Object.freeze({ step: step.name, error, durationMs: clock.now() - stepStartedAt }))
      // That nothing fresh is remembered is no failure of anybody.
      if (step.source !== 'cache') degraded = true
    }
  }
  throw outOfSteps(steps, failures, startedAt + deadlineMs, clock)
}

function accepts(step: FallbackStep<unknown>, error: HoldfastError): boolean {
  if (step.when === undefined) return ruleOf(error.category).fallback
  return typeof step.when === 'function' ? step.when(error) : step.when.includes(error.category)
}

function outOfSteps(
  steps: readonly FallbackStep<unknown>[],
  failures: readonly FallbackFailure[],
  deadlineAt: number,
  clock: Clock,
): HoldfastError {
  const last = failures.at(-1)
  const isOver = clock.now() >= deadlineAt
  if (last !== undefined && failures.length === 1 && steps.length > 1 && !isOver) return last.error
  const tried = failures.map(({ step, error }) => `${step} (${error.code})`).join(', ')
  return new HoldfastError({
    code: isOver ? 'DEADLINE_EXCEEDED' : 'EXHAUSTED',
    category: isOver ? 'timeout' : 'exhausted',
    message: `${isOver ? 'time ran out' : 'no step gave a value'}; tried ${tried === '' ? 'none' : tried}`,
    retryable: false,
    mayHaveTakenEffect: failures.some(({ error }) => error.mayHaveTakenEffect),
    cause: last?.error,
  })
}

/** Asked anew: an abort may have come since. */
function hasAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}
