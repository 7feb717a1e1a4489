import { Waits } from '../backoff/backoff.ts'
import type { Clock, Random } from '../clock/clock.ts'
import { systemClock, systemRandom } from '../clock/system-clock.ts'
import type { Operation } from '../policy/operation.ts'
import { untilAborted } from '../signal/until-aborted.ts'
import { aFunction, check, numberFrom } from '../validation/validate.ts'
import { RetryBudget } from './budget.ts'
import { type ResolvedRetryOptions, type Retryable, type RetryOptions, resolveRetryOptions } from './options.ts'

/** A retry on its own. */
export interface RetryConfiguration extends RetryOptions {
  /** Total time in ms: no attempt begins after it. It cuts no attempt short; that is what {@link createTimeout} is for. Default: `Infinity`. */
  readonly deadlineMs?: number
  /**
   * What an error says of itself. Default: its own `retryable` (or `isRetryable`), `retryAfterMs`, `category` and `mayHaveTakenEffect`; without
   * those, a `status` or `statusCode` below 500 other than 408, 425 and 429 is not tried again, and everything else is. Pass
   * {@link toHoldfastError} to have codes, headers and causes read too.
   */
  readonly classify?: (error: unknown) => Retryable
  /** Default: the system clock. */
  readonly clock?: Clock
  /** Default: `Math.random`. */
  readonly random?: Random
}

/** What one call of a retry may say for itself. */
export interface RetryCallOptions {
  /** The caller's abort. Honoured at once, also in a wait; its reason comes back unchanged. */
  readonly signal?: AbortSignal
  /** `false`: another attempt is made only after an error that says nothing can have taken effect. Default: true. */
  readonly idempotent?: boolean
}

/** Tries again. Its budget is shared by all its calls, so make one for each dependency. */
export interface Retry {
  /**
   * Makes a call, again if it fails and may be tried again.
   * @throws what the last attempt threw, as it is.
   */
  execute<T>(operation: Operation<T>, options?: RetryCallOptions): Promise<T>
}

/** The retry itself; what is not in {@link Retry} is for the engine around it. */
export class RetryPolicy implements Retry {
  readonly options: ResolvedRetryOptions
  readonly budget: RetryBudget
  readonly #deadlineMs: number
  readonly #classify: (error: unknown) => Retryable
  readonly #clock: Clock
  readonly #random: Random

  /** @param budget one that goes on under new options. */
  constructor(
    options: ResolvedRetryOptions,
    { deadlineMs = Infinity, classify = hintsOf, clock = systemClock, random = systemRandom }: RetryConfiguration = {},
    budget: RetryBudget = new RetryBudget(options),
  ) {
    this.options = options
    this.budget = budget
    budget.options = options
    this.#deadlineMs = deadlineMs
    this.#classify = classify
    this.#clock = clock
    this.#random = random
  }

  /** Whether what an error says of itself allows another attempt. */
  allows(error: Retryable, idempotent: boolean): boolean {
    const { when } = this.options
    if (!error.retryable || (!idempotent && error.mayHaveTakenEffect !== false)) return false
    if (typeof when === 'function') return saysYes(when, error)
    // A policy's own refusal says when to come back, and nothing about the dependency.
    return when === undefined ? error.category !== 'rejected' : when.includes(error.category ?? 'unknown')
  }

  async execute<T>(operation: Operation<T>, options: RetryCallOptions = {}): Promise<T> {
    const { signal = new AbortController().signal, idempotent = true } = options
    signal.throwIfAborted()
    const deadlineAt = this.#clock.now() + this.#deadlineMs
    const waits = new Waits(this.options, this.#random)
    this.budget.deposit(this.#clock.now())
    for (let attempt = 1; ; attempt++) {
      const timeLeftMs = deadlineAt - this.#clock.now()
      try {
        return await untilAborted((async () => operation({ signal, attempt, timeLeftMs }))(), options.signal)
      } catch (error) {
        signal.throwIfAborted()
        const hints = this.#classify(error)
        if (attempt > this.options.maxRetries || !this.allows(hints, idempotent)) throw error
        const now = this.#clock.now()
        const waitMs = waits.next(hints.retryAfterMs ?? 0)
        if (waitMs >= deadlineAt - now || !this.budget.tryWithdraw(now)) throw error
        await this.#clock.sleep(waitMs, signal)
      }
    }
  }
}

/** A predicate that throws does not say yes; what it was asked about comes out, and no call is left waiting. */
function saysYes(when: (error: Retryable) => boolean, error: Retryable): boolean {
  try {
    return when(error)
  } catch {
    return false
  }
}

/** What an error that nobody has classified says of itself. */
function hintsOf(error: unknown): Retryable {
  const seen = Object(error) as Partial<Retryable> &
    Readonly<Partial<Record<'isRetryable' | 'status' | 'statusCode', unknown>>>
  const status = Number(seen.statusCode ?? seen.status)
  const says = seen.retryable ?? seen.isRetryable
  const isFinal = status >= 400 && status < 500 && ![408, 425, 429].includes(status)
  return { ...seen, retryable: typeof says === 'boolean' ? says : !isFinal }
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
  const { deadlineMs = Infinity, classify = hintsOf, clock: _clock, random: _random, ...options } = configuration
  check('retry.deadlineMs', deadlineMs, numberFrom(1, Infinity))
  check('retry.classify', classify, aFunction)
  return new RetryPolicy(resolveRetryOptions('retry', options, deadlineMs), configuration)
}
