/** When a circuit opens, how it is tried again, and how traffic comes back. */
export interface BreakerOptions {
  /** Length of the rolling window in ms. Default: 30,000. */
  readonly windowMs?: number
  /** No verdict on fewer calls than this in the window. At least 1. Default: 5. */
  readonly minimumCalls?: number
  /** Opens when this share of the calls failed. 0 < ratio <= 1. Default: 0.5. */
  readonly failureRatio?: number
  /** A call (for a stream: its first output) slower than this counts as slow, in ms. Default: 5,000. */
  readonly slowCallMs?: number
  /** Opens when this share of the calls failed or was slow. 0 < ratio <= 1. Default: 0.5. */
  readonly slowRatio?: number
  /** Opens at once after this many failures (or slow calls) in a row, whatever the ratio; 0 for never. Default: 0. */
  readonly consecutiveFailures?: number
  /** First time in the open state, in ms. Doubles at each reopening. Default: 5,000. */
  readonly openMs?: number
  /** Upper bound of the time in the open state, in ms. Default: 60,000. */
  readonly maxOpenMs?: number
  /** Random spread of the open time, as a share: 0.2 means 80 % to 120 %. Default: 0.2. */
  readonly openJitter?: number
  /** Calls let through at once while half-open. Default: 1. */
  readonly halfOpenProbes?: number
  /** Probes in a row that must pass to close. Default: 2. */
  readonly halfOpenSuccesses?: number
  /** A probe that has not settled after this many ms counts as a failure, and its permit is free again. Default: 30,000. */
  readonly probeLeaseMs?: number
  /** After closing, traffic grows to all of it over this time, in ms; 0 for at once. Default: 30,000. */
  readonly rampUpMs?: number
  /** Share of the traffic at the start of the ramp. 0 < share <= 1. Default: 0.1. */
  readonly rampUpMinimumShare?: number
}
