import type { Clock } from '../clock/clock.ts'
import type { AttemptContext, Operation } from '../policy/operation.ts'

/** How one attempt goes. `afterMs` is how long it takes; 0, the default, is at once. */
export type ScriptStep<T> =
  | { readonly value: T; readonly afterMs?: number | undefined; readonly ignoresSignal?: boolean | undefined }
  | { readonly error: unknown; readonly afterMs?: number | undefined; readonly ignoresSignal?: boolean | undefined }
  | { readonly hangs: true; readonly ignoresSignal?: boolean | undefined }

/** What a scripted operation saw of one attempt. */
export interface ScriptedAttempt {
  readonly attempt: number
  /** Monotonic time when it was made. */
  readonly at: number
  readonly timeLeftMs: number
  /** The reason, once the attempt was aborted. */
  readonly abortReason: unknown
  readonly aborted: boolean
}

/** An operation that follows a script, and remembers how it was called. */
export interface ScriptedOperation<T> extends Operation<T> {
  readonly attempts: readonly ScriptedAttempt[]
}

/**
 * An operation that does what its script says, one step for each attempt; the last step is repeated. It stops at its signal's
 * abort, unless the step says `ignoresSignal`.
 */
export function scriptedOperation<T>(clock: Clock, steps: readonly ScriptStep<T>[]): ScriptedOperation<T> {
  const attempts: ScriptedAttempt[] = []
  const operation = async (context: AttemptContext): Promise<T> => {
    const step = steps[Math.min(attempts.length, steps.length - 1)]
    if (step === undefined) throw new RangeError('a script needs at least one step')
    const signal = step.ignoresSignal === true ? undefined : context.signal
    attempts.push({
      attempt: context.attempt,
      at: clock.now(),
      timeLeftMs: context.timeLeftMs,
      get abortReason(): unknown {
        return signal?.reason
      },
      get aborted(): boolean {
        return signal?.aborted ?? false
      },
    })
    if ('hangs' in step) return hang(signal)
    if (step.afterMs !== undefined) await clock.sleep(step.afterMs, signal)
    if ('error' in step) throw step.error
    return step.value
  }
  return Object.assign(operation, { attempts })
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
