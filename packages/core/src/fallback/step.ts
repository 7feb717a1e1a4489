import type { Clock } from '../clock/clock.ts'
import { LazySignal } from '../signal/lazy-signal.ts'
import { runLimited } from '../timeout/run-limited.ts'
import { timedOut } from '../timeout/timeout.ts'
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
  ageMs: number | undefined = undefined

  constructor({ timeLeftMs, failures }: StepLimits) {
    super()
    this.timeLeftMs = timeLeftMs
    this.failures = failures
  }

  tellAge(ageMs: number): void {
    this.ageMs = ageMs
  }
}

/** Runs one step within its limits, also when it does not heed its signal. */
export async function runStep<T>(
  step: FallbackStep<T>,
  limits: StepLimits,
): Promise<{ readonly value: T; readonly ageMs: number | undefined }> {
  const { clock, signal, timeLeftMs } = limits
  const timeoutError = (): Error => timedOut(step.name, timeLeftMs)
  const context = new StepContext(limits)
  const value = await runLimited((own) => step.run(own), context, {
    clock,
    signal,
    timeoutMs: timeLeftMs,
    timeoutError,
  })
  return { value, ageMs: context.ageMs }
}
