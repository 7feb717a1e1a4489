import type { Clock } from '../clock/clock.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { abortContext, LazySignal } from '../signal/lazy-signal.ts'
import type { FallbackContext, FallbackFailure, FallbackStep } from './options.ts'

/** What one step runs in. */
export interface StepLimits {
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  readonly timeLeftMs: number
  readonly failures: readonly FallbackFailure[]
}

class StepContext extends LazySignal implements FallbackContext {
  readonly timeLeftMs: number
  readonly failures: readonly FallbackFailure[]

  constructor({ timeLeftMs, failures }: StepLimits) {
    super()
    this.timeLeftMs = timeLeftMs
    this.failures = failures
  }
}

/**
 * Runs one step until it ends, its time is over or the caller aborts, whichever comes first; also when the step does not heed
 * its signal.
 */
export function runStep<T>(step: FallbackStep<T>, limits: StepLimits): Promise<T> {
  const { clock, signal, timeLeftMs } = limits
  const context = new StepContext(limits)
  return new Promise((resolve, reject) => {
    const end = (): void => {
      task.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
    const stop = (reason: unknown): void => {
      end()
      abortContext(context, reason)
      reject(reason)
    }
    const onAbort = (): void => stop(signal?.reason)
    const task = clock.schedule(timeLeftMs, () => stop(timeout(step.name, timeLeftMs)))
    signal?.addEventListener('abort', onAbort)
    new Promise<T>((settle) => settle(step.run(context))).then(
      (value) => {
        end()
        resolve(value)
      },
      (error: unknown) => {
        end()
        reject(error)
      },
    )
  })
}

function timeout(step: string, timeLeftMs: number): HoldfastError {
  return new HoldfastError({
    code: 'ATTEMPT_TIMEOUT',
    category: 'timeout',
    message: `${step} gave nothing within ${Math.round(timeLeftMs)} ms`,
    retryable: true,
    stack: false,
  })
}
