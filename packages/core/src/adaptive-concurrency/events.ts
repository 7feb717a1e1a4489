/** A concurrency limit follows the capacity of its dependency. */
export interface LimitChanged {
  readonly type: 'limit-changed'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly limiter: string
  readonly from: number
  readonly to: number
  /** Whether it is lowered for a moment only, to measure the response time without a queue. */
  readonly probing: boolean
  /** That time, in ms, as far as it is known. */
  readonly baselineMs?: number
}
