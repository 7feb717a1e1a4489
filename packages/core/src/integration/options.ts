import type { BreakerOptions } from '../breaker/options.ts'
import type { RetryOptions } from '../retry/options.ts'
import type { Environment, IntegrationKind } from './integration.ts'

/** How one dependency is guarded. Everything but `name` has a default. */
export interface IntegrationOptions extends Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
  /** Default: `external-api`. */
  readonly kind?: IntegrationKind
  /** Total time of a call, retries and their waits included, in ms. 1 to 86,400,000. Default: 30,000. */
  readonly deadlineMs?: number
  /** Time for one attempt, to its last byte (for a stream: to its first output), in ms. Default: 10,000. */
  readonly attemptTimeoutMs?: number
  /** Streams: longest silence between two outputs, in ms. Default: 10,000. */
  readonly idleTimeoutMs?: number
  /** Whether operations may be repeated without harm unless the call says otherwise. Default: false. */
  readonly idempotent?: boolean
  readonly retry?: RetryOptions
  /** `false` for none. */
  readonly breaker?: BreakerOptions | false
}
