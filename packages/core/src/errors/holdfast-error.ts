import type { CallLabels } from '../context/labels.ts'
import type { ErrorCategory } from './category.ts'

const marker: unique symbol = Symbol.for('holdfast.error')

/** V8's and JavaScriptCore's switch for how many frames an error records; other engines have none. */
const stackSwitch: { readonly prototype: Error; stackTraceLimit?: unknown } = Error

/** What a {@link HoldfastError} is made from. */
export interface HoldfastErrorOptions {
  /** A stable word in capitals that programs may compare with, such as `CIRCUIT_OPEN`. */
  readonly code: string
  readonly category: ErrorCategory
  readonly message: string
  /** Whether the same call may succeed if it is made again. */
  readonly retryable: boolean
  /** How long the dependency, or the policy, asks to wait before the next try, in milliseconds. What is not finite, or below 0, is left out. */
  readonly retryAfterMs?: number | undefined
  /** HTTP status of the reply that failed, where there was one. */
  readonly status?: number | undefined
  /**
   * Whether the request may have taken effect at the dependency. `false` only when it certainly did not (refused,
   * rejected by a policy, never sent): then even a write may be done again elsewhere. Default: true.
   */
  readonly mayHaveTakenEffect?: boolean | undefined
  /** The name of the integration or pipeline whose call failed; of a policy that is used on its own, its own name. */
  readonly integration?: string | undefined
  /** Who and what the call was for. */
  readonly labels?: CallLabels | undefined
  readonly cause?: unknown
  /** `false` for an error made so often that recording its stack would cost more than the call. Default: true. */
  readonly stack?: boolean | undefined
}

/**
 * The one kind of error that comes out of Holdfast. Compare `code` and `category`, not the message; recognise it with
 * {@link HoldfastError.isInstance}, which holds across duplicate installs of the package.
 */
export class HoldfastError extends Error {
  declare readonly code: string
  declare readonly category: ErrorCategory
  declare readonly retryable: boolean
  declare readonly retryAfterMs: number | undefined
  declare readonly status: number | undefined
  declare readonly mayHaveTakenEffect: boolean
  declare readonly integration: string | undefined
  declare readonly labels: CallLabels | undefined

  static {
    Object.defineProperty(this.prototype, marker, { value: true })
  }

  constructor(options: HoldfastErrorOptions) {
    // Off and on again within these statements: nothing else can run in between, so nobody else loses a stack.
    const { stackTraceLimit } = stackSwitch
    const hidden = options.stack === false && !Object.isFrozen(Error)
    if (hidden) stackSwitch.stackTraceLimit = 0
    super(options.message, options.cause === undefined ? undefined : options)
    if (hidden) stackSwitch.stackTraceLimit = stackTraceLimit
    this.name = 'HoldfastError'
    this.code = options.code
    this.category = options.category
    this.retryable = options.retryable
    const { retryAfterMs = Number.NaN } = options
    this.retryAfterMs = retryAfterMs >= 0 && retryAfterMs < Infinity ? retryAfterMs : undefined
    this.status = options.status
    this.mayHaveTakenEffect = options.mayHaveTakenEffect ?? true
    this.integration = options.integration
    this.labels = options.labels
  }

  static isInstance(value: unknown): value is HoldfastError {
    try {
      return (value as { readonly [marker]?: unknown } | null | undefined)?.[marker] === true
    } catch {
      // A proxy, whose handler throws or is gone.
      return false
    }
  }

  /** What may be logged or shown: no cause, no stack, no body of a reply. */
  toJSON(): HoldfastErrorJson {
    const { name, code, category, message, retryable, retryAfterMs, status, integration, labels } = this
    return { name, code, category, message, retryable, retryAfterMs, status, integration, labels }
  }
}

/** The shape of {@link HoldfastError.toJSON}. */
export interface HoldfastErrorJson {
  readonly name: string
  readonly code: string
  readonly category: ErrorCategory
  readonly message: string
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly status: number | undefined
  readonly integration: string | undefined
  readonly labels: CallLabels | undefined
}
