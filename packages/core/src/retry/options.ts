/** When to try again, and after how long. */
export interface RetryOptions {
  /** Tries after the first. 0 to 100. Default: 2. */
  readonly maxRetries?: number
  /** Base of the exponential backoff in ms. Default: 200. */
  readonly backoffMs?: number
  /** Growth per retry. 1 to 10. Default: 2. */
  readonly factor?: number
  /** Upper bound of one wait, in ms. Default: 10,000. */
  readonly maxBackoffMs?: number
  /** `full`: a random wait between 0 and the backoff (AWS, "Exponential Backoff and Jitter"). Default: `full`. */
  readonly jitter?: 'full' | 'none'
  /** Retries may be at most this share of the calls of the last ten seconds … Default: 0.2. */
  readonly budgetRatio?: number
  /** … but this many per ten seconds are always allowed. Default: 10. */
  readonly budgetFloor?: number
}
