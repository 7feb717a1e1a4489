import { Waits } from '../backoff/backoff.ts'
import type { Clock, Random } from '../clock/clock.ts'
import { systemNow, systemRandom, systemSleep } from '../clock/system-clock.ts'
import type { Operation } from '../policy/operation.ts'
import { untilAborted } from '../signal/until-aborted.ts'
import { aClock, aFunction, checkOperation, numberFrom } from '../validation/validate.ts'
import { RetryBudget } from './budget.ts'
import {
  checkWaits,
  type ResolvedRetryOptions,
  RETRY_RULES,
  type Retryable,
  type RetryOptions,
  resolveRetryOptions,
} from './options.ts'

/** What a retry needs of the system clock; the whole of it would make up a twentieth of its size. */
const SYSTEM: Pick<Clock, 'now' | 'sleep'> = { now: systemNow, sleep: systemSleep }

/** A retry on its own. */
export interface RetryConfiguration extends RetryOptions {
  /**
   * Alone: total time in ms; no attempt begins after it. It cuts no attempt short; that is what {@link createTimeout} is for. A {@link pipeline}
   * refuses it: put a timeout first there. 1 to `Infinity`. Default: `Infinity`.
   */
  readonly deadlineMs?: number | undefined
  /**
   * Alone: what an error says of itself. Default: its own `retryable` (or `isRetryable`), `retryAfterMs`, `category` and `mayHaveTakenEffect`; without
   * those, a `status` or `statusCode` from 400 to 499 other than 408, 425 and 429 is not tried again, and everything else is. Pass
   * {@link toHoldfastError} to have codes, headers and causes read too; a {@link pipeline} does so itself, and refuses this. One that throws says that
   * the error is final.
   */
  readonly classify?: ((error: unknown) => Retryable) | undefined
  /** In a {@link pipeline}: that of the pipeline, or left out. Default: the system clock. */
  readonly clock?: Clock | undefined
  /** In a {@link pipeline}: that of the pipeline, or left out. Default: `Math.random`. */
  readonly random?: Random | undefined
}

/** What one call of a retry may say for itself. */
export interface RetryCallOptions {
  /** The caller's abort. Honoured at once, also in a wait; its reason comes back unchanged. */
  readonly signal?: AbortSignal | undefined
  /**
   * `false`: another attempt is made only after an error that says nothing can have taken effect. Whoever puts a call into a retry by hand has said that it
   * may be made again; a {@link pipeline} and an integration, which stand around every call, want to be told. Default: true.
   */
  readonly idempotent?: boolean | undefined
}

/** Tries again. Its budget is shared by all its calls, so make one for each dependency. */
export interface Retry {
  /**
   * Makes a call, again if it fails and may be tried again.
   * @throws what the last attempt threw, as it is; HoldfastError `INVALID_OPTION` for an operation that cannot be called.
   */
  execute<T>(operation: Operation<T>, options?: RetryCallOptions): Promise<T>
}

/** Checked options; those that only count alone, where they were given. */
type ResolvedConfiguration = ResolvedRetryOptions & Omit<RetryConfiguration, keyof RetryOptions>

/** The retry itself; what is not in {@link Retry} is for the engine around it. */
export class RetryPolicy implements Retry {
  readonly options: ResolvedConfiguration
  readonly budget: RetryBudget

  /** @param budget one that goes on under new options. */
  constructor(options: ResolvedConfiguration, budget: RetryBudget = new RetryBudget(options)) {
    this.options = options
    this.budget = budget
    budget.options = options
  }

  /** Whether what an error says of itself allows another attempt of an operation that may be made twice. */
  allows(error: Retryable): boolean {
    const { when } = this.options
    return (
      error.retryable &&
      saysYes(() => {
        if (typeof when === 'function') return when(error)
        // A policy's own refusal says when to come back, and nothing about the dependency.
        return when === undefined ? error.category !== 'rejected' : when.includes(error.category ?? 'unknown')
      })
    )
  }

  /** Whether an operation may be made again after an error: twice without harm, or certainly not done yet. */
  isSafe(error: Retryable, idempotent: boolean): boolean {
    return idempotent || error.mayHaveTakenEffect === false
  }

  async execute<T>(operation: Operation<T>, { signal: given, idempotent = true }: RetryCallOptions = {}): Promise<T> {
    checkOperation(operation)
    given?.throwIfAborted()
    const { options, budget } = this
    const { maxRetries, deadlineMs = Infinity, classify = hintsOf, clock = SYSTEM, random = systemRandom } = options
    const signal = given ?? new AbortController().signal
    const waits = new Waits(options, random)
    let now = clock.now()
    const deadlineAt = now + deadlineMs
    budget.deposit(now)
    for (let attempt = 1; ; attempt++) {
      const timeLeftMs = deadlineAt - now
      try {
        return await untilAborted((async () => operation({ signal, attempt, timeLeftMs }))(), given)
      } catch (error) {
        given?.throwIfAborted()
        let retryAfterMs: number | undefined
        const mayBe =
          attempt <= maxRetries &&
          saysYes(() => {
            const hints = classify(error)
            retryAfterMs = hints.retryAfterMs
            return this.isSafe(hints, idempotent) && this.allows(hints)
          })
        if (!mayBe) throw error
        now = clock.now()
        const waitMs = waits.next(retryAfterMs)
        if (waitMs >= deadlineAt - now || !budget.tryWithdraw(now)) throw error
        await clock.sleep(waitMs, given)
        // Both may have come to pass between the end of the wait and now.
        given?.throwIfAborted()
        now = clock.now()
        if (now >= deadlineAt) throw error
      }
    }
  }
}

/** A question that throws is not answered with yes; what it was asked about comes out, and no call is left waiting. */
function saysYes(question: () => boolean): boolean {
  try {
    return question()
  } catch {
    return false
  }
}

/** What an error that nobody has classified says of itself. Read, not copied: it may say so in a getter. */
function hintsOf(error: unknown): Retryable {
  const { retryable, isRetryable, status, statusCode, category, retryAfterMs, mayHaveTakenEffect } = Object(
    error,
  ) as Retryable & Readonly<Partial<Record<'isRetryable' | 'status' | 'statusCode', unknown>>>
  const code = Number(statusCode ?? status)
  const says: unknown = retryable ?? isRetryable
  const isFinal = code >= 400 && code < 500 && ![408, 425, 429].includes(code)
  return {
    retryable: typeof says === 'boolean' ? says : !isFinal,
    category,
    retryAfterMs,
    mayHaveTakenEffect,
  }
}

/**
 * A retry to use alone or in a {@link pipeline}: bounded, spread at random, within a deadline and a budget, never after an abort.
 *
 * @example
 * ```ts
 * import { createRetry } from '@holdfast/core'
 *
 * const retry = createRetry({ maxRetries: 3, backoffMs: 10 })
 * let tries = 0
 * const answer = await retry.execute(async ({ attempt }) => {
 *   if (++tries < 3) throw new Error('not yet')
 *   return `answered at attempt ${attempt}`
 * })
 * console.log(answer)
 * ```
 * @throws HoldfastError `INVALID_OPTION`, also when the waits do not fit into `deadlineMs`.
 */
export function createRetry(configuration: RetryConfiguration = {}): Retry {
  const options = resolveRetryOptions<RetryConfiguration>('retry', configuration, {
    ...RETRY_RULES,
    deadlineMs: numberFrom(1, Infinity),
    classify: aFunction,
    clock: aClock,
    random: aFunction,
  })
  checkWaits('retry', options, options.deadlineMs ?? Infinity)
  return new RetryPolicy(options)
}
