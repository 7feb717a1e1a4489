import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { AttemptContext, Operation } from '../policy/operation.ts'
import { LazySignal } from '../signal/lazy-signal.ts'
import { check, ENVIRONMENT_RULES, numberFrom, validate } from '../validation/validate.ts'
import { runLimited } from './run-limited.ts'

/** How long something may take. */
export interface TimeoutOptions {
  /** In ms. 1 to 86,400,000. */
  readonly timeoutMs: number
  /**
   * In a {@link pipeline}, for streams: the longest silence between two outputs, in ms; the time limit itself then ends at the first output.
   * 1 to 86,400,000. Default: `timeoutMs`.
   */
  readonly idleTimeoutMs?: number | undefined
  /** In a {@link pipeline}: that of the pipeline, or left out. Default: the system clock. */
  readonly clock?: Clock | undefined
}

/**
 * A time limit. In a {@link pipeline}, the outermost one limits the whole call, retries and their waits included; the innermost one, behind a
 * retry, limits each attempt.
 */
export interface Timeout {
  readonly timeoutMs: number
  /**
   * Makes one call within the time.
   * @throws HoldfastError `ATTEMPT_TIMEOUT`, also when the operation does not heed its signal; the caller's own reason when `signal` aborts; what
   * the operation throws, as it is.
   */
  execute<T>(operation: Operation<T>, options?: { readonly signal?: AbortSignal | undefined }): Promise<T>
}

class SingleAttempt extends LazySignal implements AttemptContext {
  readonly attempt = 1
  readonly timeLeftMs: number

  constructor(timeLeftMs: number) {
    super()
    this.timeLeftMs = timeLeftMs
  }
}

/** The limit itself; what is not in {@link Timeout} is for the pipeline around it. */
export class TimeoutPolicy implements Timeout {
  readonly timeoutMs: number
  readonly idleTimeoutMs: number
  /** As it was given: in a pipeline no other than the pipeline's may have been. */
  readonly clock: Clock | undefined

  constructor({ timeoutMs, idleTimeoutMs = timeoutMs, clock }: TimeoutOptions) {
    this.timeoutMs = timeoutMs
    this.idleTimeoutMs = idleTimeoutMs
    this.clock = clock
  }

  execute<T>(operation: Operation<T>, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<T> {
    const { timeoutMs, clock = systemClock } = this
    const limits = { clock, signal, timeoutMs, timeoutError: () => timedOut('the operation', timeoutMs) }
    return runLimited(operation, new SingleAttempt(timeoutMs), limits)
  }
}

/** The error for work that took too long. */
export function timedOut(what: string, limitMs: number): HoldfastError {
  return new HoldfastError({
    code: 'ATTEMPT_TIMEOUT',
    category: 'timeout',
    message: `${what} gave nothing within ${Math.round(limitMs)} ms`,
    retryable: true,
    stack: false,
  })
}

/**
 * A time limit to use alone or in a {@link pipeline}. A timeout and a caller's abort are never mistaken for each other: the one is an error of
 * category `timeout`, the other comes back as the caller's own reason.
 *
 * @example
 * ```ts
 * import { createTimeout, HoldfastError } from '@holdfast/core'
 *
 * const quick = createTimeout({ timeoutMs: 20 })
 * const error = await quick.execute(() => new Promise<never>(() => undefined)).catch((reason: unknown) => reason)
 * console.log(HoldfastError.isInstance(error) && error.code)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createTimeout(options: TimeoutOptions): Timeout {
  const time = numberFrom(1, 86_400_000)
  validate('timeout', options, { timeoutMs: time, idleTimeoutMs: time, clock: ENVIRONMENT_RULES.clock })
  check('timeout.timeoutMs', options.timeoutMs, time)
  return new TimeoutPolicy(options)
}
