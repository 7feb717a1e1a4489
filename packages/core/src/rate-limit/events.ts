/** A rate limiter made a call wait (`rate-delayed`) or refused it (`rate-exceeded`). */
export interface RateLimitEvent {
  readonly type: 'rate-delayed' | 'rate-exceeded'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly limiter: string
  /** How long until the call may go, in ms. */
  readonly waitMs: number
}
