import type { Environment } from '../integration/integration.ts'
import type { Complete } from '../validation/defaults.ts'
import { numberFrom, type Rule, wholeFrom } from '../validation/validate.ts'

/** How much may run at once, and who waits for how long. */
export interface BulkheadOptions {
  /** Calls that may run at once. 0 (none) to 1,000,000. Default: 10. */
  readonly maxConcurrent?: number | undefined
  /**
   * Calls that may wait for a slot. 0 to 1,000,000. Default: 0, as in Polly, cockatiel and resilience4j: who gets no
   * slot is refused at once, which is what a caller can do something about; a queue helps against short bursts and
   * hides a lasting overload.
   */
  readonly maxQueued?: number | undefined
  /** Longest time in the queue, in ms. 0 (nobody waits) to `Infinity`. Default: 1,000. */
  readonly maxQueueMs?: number | undefined
  /**
   * How long work that goes on after its verdict keeps its slot, in ms; then the slot is given back, and the work runs beside the
   * limit. 0 (not at all) to `Infinity` (until it ends: work that never does takes its slot for good). Default: 60,000.
   */
  readonly maxLingerMs?: number | undefined
}

/** A bulkhead needs a name, for its errors and events. */
export interface BulkheadConfiguration extends BulkheadOptions, Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
}

/** How a bulkhead works when nothing else is said. */
export const BULKHEAD_DEFAULTS: Complete<BulkheadOptions> = Object.freeze({
  maxConcurrent: 10,
  maxQueued: 0,
  maxQueueMs: 1_000,
  maxLingerMs: 60_000,
})

/** What {@link Bulkhead.resize} takes, too. */
export const MAX_CONCURRENT: Rule = /* @__PURE__ */ wholeFrom(0, 1_000_000)

const A_TIME: Rule = /* @__PURE__ */ numberFrom(0, Infinity)

export const BULKHEAD_RULES: { readonly [Option in keyof Required<BulkheadOptions>]: Rule } = {
  maxConcurrent: MAX_CONCURRENT,
  maxQueued: MAX_CONCURRENT,
  maxQueueMs: A_TIME,
  maxLingerMs: A_TIME,
}
