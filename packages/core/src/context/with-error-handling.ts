import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import type { CoreEvent, Events } from '../events/events.ts'
import { aFunction, aSignal, check, ENVIRONMENT_RULES, validate } from '../validation/validate.ts'
import { type CallLabels, CARRIER_RULE, LABEL_RULES, type LabelCarrier, labelsOf } from './labels.ts'

/** How a function is wrapped. */
export interface ErrorHandlingOptions {
  /** Carries the labels into everything the function calls; those it holds already are kept where none are given here. */
  readonly carrier?: LabelCarrier | undefined
  /** Where to report each failure, as `operation-failed`. */
  readonly events?: Events<CoreEvent> | undefined
  /** The caller's abort: when it, or an `AbortError` after it, is what the function fails with, its reason comes out as it is. */
  readonly signal?: AbortSignal | undefined
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
}

/**
 * Wraps a function so that whatever it throws comes out as a {@link HoldfastError} with the labels of the operation, and is reported.
 * The message is our own and holds nothing of the original, which is the `cause`. Each failure gives a new error; labels an error has
 * already win. The result is a promise, for a synchronous function too; arguments and `this` are passed on.
 *
 * @example
 * ```ts
 * import { withErrorHandling } from '@holdfast/core/presets'
 *
 * const readQuote = withErrorHandling((text: string) => JSON.parse(text), { tenant: 'acme', operation: 'read-quote' })
 * await readQuote('{"half').catch((error) => console.log(error.message, error.labels))
 * ```
 * @throws HoldfastError `INVALID_OPTION`, at once, for a function that cannot be called, and a label or an option that cannot be used
 */
export function withErrorHandling<This, Arguments extends unknown[], Result>(
  fn: (this: This, ...args: Arguments) => Result,
  labels: CallLabels,
  options: ErrorHandlingOptions = {},
): (this: This, ...args: Arguments) => Promise<Awaited<Result>> {
  check('withErrorHandling: fn', fn, aFunction)
  validate('labels', labels, LABEL_RULES)
  validate('withErrorHandling', options, {
    carrier: CARRIER_RULE,
    events: ENVIRONMENT_RULES.events,
    signal: aSignal,
    clock: ENVIRONMENT_RULES.clock,
  })
  const { carrier, events, signal, clock = systemClock } = options
  const own = labelsOf(labels)
  return async function (this: This, ...args: Arguments): Promise<Awaited<Result>> {
    const outer = carrier?.getStore()
    const all = labelsOf(own, outer)
    try {
      const run = (): Result => fn.apply(this, args)
      return await (carrier === undefined ? run() : carrier.run({ ...outer, ...all }, run))
    } catch (error) {
      const failure = labelled(error, all, clock)
      // Much of what is aborted, of Node's own too, throws an AbortError in place of the reason.
      const isAbort = signal?.aborted === true && (error === signal.reason || failure.code === 'ABORTED')
      if (events?.active === true) {
        const { code, category } = isAbort ? CANCELLED : failure
        events.emit({ type: 'operation-failed', at: clock.wallTime(), code, category, ...all })
      }
      throw isAbort ? signal.reason : failure
    }
  }
}

const CANCELLED = { code: 'CANCELLED', category: 'cancelled' } as const

function labelled(thrown: unknown, labels: CallLabels, clock: Clock): HoldfastError {
  const error = toHoldfastError(thrown, undefined, clock)
  return new HoldfastError({
    ...error,
    message: `${labels.operation ?? 'the operation'} failed: ${error.message}`,
    labels: labelsOf(error.labels, labels),
    cause: thrown,
    // The cause has the stack that tells something.
    stack: false,
  })
}
