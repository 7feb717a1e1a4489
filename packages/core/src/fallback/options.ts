import type { Clock } from '../clock/clock.ts'
import type { ErrorCategory } from '../errors/category.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import { withDefaults } from '../validation/defaults.ts'
import {
  aFunction,
  aName,
  ENVIRONMENT_RULES,
  invalidOption,
  numberFrom,
  type Rule,
  type Rules,
  validate,
} from '../validation/validate.ts'

/** A step that was tried before and failed. */
export interface FallbackFailure {
  readonly step: string
  readonly error: HoldfastError
  readonly durationMs: number
}

/** What a step is told. */
export interface FallbackContext {
  /** Aborts on the caller's abort, at the end of the step's time slice and at the deadline. Built on first read. */
  readonly signal: AbortSignal
  /** Milliseconds this step may take. */
  readonly timeLeftMs: number
  /** What failed before, in order. */
  readonly failures: readonly FallbackFailure[]
}

/** One way to get the value. */
export interface FallbackStep<T> {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
  run(context: FallbackContext): T | PromiseLike<T>
  /** Time slice in ms. Default: what is left of the deadline. */
  readonly timeoutMs?: number
  /**
   * After which failure of the step before it this one is tried; otherwise it is passed over. Does not matter for the first.
   * Default: the categories that `CATEGORY_RULES` falls back on.
   */
  readonly when?: readonly ErrorCategory[] | ((error: HoldfastError) => boolean)
}

/** How the steps are gone through. */
export interface FallbackOptions {
  /** Total time in ms. 1 to 86,400,000. Default: 30,000. */
  readonly deadlineMs?: number
  /** The caller's own abort. Honoured at once; its reason comes back unchanged. */
  readonly signal?: AbortSignal
  /** Default: the system clock. */
  readonly clock?: Clock
}

/** A value, and the truth about where it came from. */
export interface FallbackOutcome<T> {
  readonly value: T
  /** The name of the step that gave it. */
  readonly servedBy: string
  /** Whether it was not the first step that gave it. */
  readonly degraded: boolean
  /** What failed before, in order. */
  readonly failures: readonly FallbackFailure[]
  readonly durationMs: number
}

/** How the steps are gone through when nothing else is said. */
export const FALLBACK_DEFAULTS: { readonly deadlineMs: number } = Object.freeze({ deadlineMs: 30_000 })

const DAY_MS = 86_400_000

const aSignal: Rule = {
  allowed: 'an AbortSignal',
  accepts: (value) => typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value,
}

const aCondition: Rule = {
  allowed: 'a list of error categories, or a function',
  accepts: (value) => Array.isArray(value) || typeof value === 'function',
}

const STEP_RULES: Rules<FallbackStep<unknown>> = {
  name: aName,
  run: aFunction,
  timeoutMs: numberFrom(1, DAY_MS),
  when: aCondition,
}

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveFallbackOptions(
  steps: readonly FallbackStep<unknown>[],
  options: FallbackOptions,
): { readonly deadlineMs: number } {
  validate('fallback', options, { deadlineMs: numberFrom(1, DAY_MS), signal: aSignal, clock: ENVIRONMENT_RULES.clock })
  if (steps.length === 0) throw invalidOption('fallback.steps', 'at least one step', steps)
  for (const [index, step] of steps.entries()) {
    validate(`fallback.steps[${index}]`, step, STEP_RULES)
    if (!STEP_RULES.name.accepts(step.name)) {
      throw invalidOption(`fallback.steps[${index}].name`, STEP_RULES.name.allowed, step.name)
    }
  }
  const { signal: _signal, clock: _clock, ...own } = options
  return withDefaults(FALLBACK_DEFAULTS, own)
}
