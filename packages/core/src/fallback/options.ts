import type { Clock } from '../clock/clock.ts'
import type { CallLabels } from '../context/labels.ts'
import type { ErrorCategory } from '../errors/category.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import type { CoreEvent, Events } from '../events/events.ts'
import { RETRY_RULES } from '../retry/options.ts'
import { withDefaults } from '../validation/defaults.ts'
import {
  aBoolean,
  aFunction,
  aName,
  anObject,
  aSignal,
  check,
  ENVIRONMENT_RULES,
  invalidOption,
  numberFrom,
  oneOf,
  type Rules,
  validate,
} from '../validation/validate.ts'

/** A step that was tried before and failed. */
export interface FallbackFailure {
  readonly step: string
  readonly error: HoldfastError
  readonly durationMs: number
}

/**
 * Where a value comes from: asked for now, remembered and still fresh (`cache`), remembered and perhaps not (`last-known`), made up (`simulated`), or
 * always the same (`static`).
 */
export type FallbackSource = 'operation' | 'cache' | 'last-known' | 'simulated' | 'static'

/** What a step is told. */
export interface FallbackContext {
  /** Aborts on the caller's abort, at the end of the step's time slice and at the deadline. Built on first read. */
  readonly signal: AbortSignal
  /** Milliseconds this step may take. */
  readonly timeLeftMs: number
  /** What failed before, in order. */
  readonly failures: readonly FallbackFailure[]
  /** Tells how old the value is that this step gives, in ms. */
  tellAge(ageMs: number): void
}

/** One way to get the value. */
export interface FallbackStep<T> {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
  run(context: FallbackContext): T | PromiseLike<T>
  /** Default: `operation`. A `simulated` step is passed over unless `allowSimulated` says otherwise. */
  readonly source?: FallbackSource | undefined
  /** Time slice in ms. Default: what is left of the deadline. */
  readonly timeoutMs?: number | undefined
  /**
   * After which failure of the step before it this one is tried; otherwise it is passed over. Does not matter for the first.
   * Default: the categories that `CATEGORY_RULES` falls back on.
   */
  readonly when?: readonly ErrorCategory[] | ((error: HoldfastError) => boolean) | undefined
}

/** How the steps are gone through. */
export interface FallbackOptions {
  /** Total time in ms. 1 to 86,400,000. Default: 30,000. */
  readonly deadlineMs?: number | undefined
  /** The caller's own abort. Honoured at once; its reason comes back unchanged. */
  readonly signal?: AbortSignal | undefined
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Whether values that are made up may be served. They are labelled `simulated`. Default: false. */
  readonly allowSimulated?: boolean | undefined
  /** In events. 1 to 64 characters: lower-case letters, digits, `-`. Default: `fallback`. */
  readonly name?: string | undefined
  /** Where to report. Default: nowhere. */
  readonly events?: Events<CoreEvent> | undefined
  /** Ride along to the events. */
  readonly labels?: CallLabels | undefined
}

/** A value, and the truth about where it came from. */
export interface FallbackOutcome<T> {
  readonly value: T
  /** The name of the step that gave it. */
  readonly servedBy: string
  readonly source: FallbackSource
  /** How old the value is, in ms, where it was remembered. */
  readonly ageMs?: number
  /** Whether a step failed before it; that a cache held nothing does not count. */
  readonly degraded: boolean
  /** What failed before, in order. */
  readonly failures: readonly FallbackFailure[]
  readonly durationMs: number
}

/** How the steps are gone through when nothing else is said. */
export const FALLBACK_DEFAULTS: {
  readonly deadlineMs: number
  readonly allowSimulated: boolean
  readonly name: string
} = Object.freeze({ deadlineMs: 30_000, allowSimulated: false, name: 'fallback' })

const DAY_MS = 86_400_000

const STEP_RULES: Rules<FallbackStep<unknown>> = {
  name: aName,
  run: aFunction,
  source: oneOf('operation', 'cache', 'last-known', 'simulated', 'static'),
  timeoutMs: numberFrom(1, DAY_MS),
  when: RETRY_RULES.when,
}

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveFallbackOptions(
  steps: readonly FallbackStep<unknown>[],
  options: FallbackOptions,
): { readonly deadlineMs: number; readonly allowSimulated: boolean; readonly name: string } {
  validate('fallback', options, {
    deadlineMs: numberFrom(1, DAY_MS),
    signal: aSignal,
    clock: ENVIRONMENT_RULES.clock,
    allowSimulated: aBoolean,
    name: aName,
    events: ENVIRONMENT_RULES.events,
    labels: anObject,
  })
  if (steps.length === 0) throw invalidOption('fallback.steps', 'at least one step', steps)
  for (const [index, step] of steps.entries()) {
    validate(`fallback.steps[${index}]`, step, STEP_RULES)
    check(`fallback.steps[${index}].name`, step.name, aName)
  }
  const { signal: _signal, clock: _clock, events: _events, labels: _labels, ...own } = options
  return withDefaults(FALLBACK_DEFAULTS, own)
}
