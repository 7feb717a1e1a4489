import { BULKHEAD_DEFAULTS, BULKHEAD_RULES } from '../bulkhead/options.ts'
import type { Environment } from '../integration/integration.ts'
import type { Complete } from '../validation/defaults.ts'
import { aName, ENVIRONMENT_RULES, numberFrom, type Rule, type Rules, wholeFrom } from '../validation/validate.ts'

/** Within what a concurrency limit moves, how often, and who waits for how long. */
export interface AdaptiveConcurrencyOptions {
  /** Calls that may run at once at first. `minLimit` to `maxLimit`. Default: 20, or the nearest to it that is allowed. */
  readonly initialLimit?: number | undefined
  /** 1 to 1,000,000. Default: 1. */
  readonly minLimit?: number | undefined
  /** `minLimit` to 1,000,000. Default: 200, or `minLimit` if that is more. */
  readonly maxLimit?: number | undefined
  /** The limit changes once in this time at most, in ms. 10 to 3,600,000. Default: 1,000. */
  readonly windowMs?: number | undefined
  /**
   * And after so many results at least (fewer while the limit is small: 5 for each call of it). More is steadier, fewer is
   * faster where calls are rare. 1 to 100,000. Default: 50.
   */
  readonly minimumSamples?: number | undefined
  /** Calls that may wait for a slot. 0 to 1,000,000. Default: 0. */
  readonly maxQueued?: number | undefined
  /** Longest time in the queue, in ms. 0 (nobody waits) to `Infinity`. Default: 1,000. */
  readonly maxQueueMs?: number | undefined
  /**
   * How long work that goes on after its verdict keeps its slot, in ms; then the slot is given back. 0 (not at all) to `Infinity`
   * (until it ends). Default: 60,000.
   */
  readonly maxLingerMs?: number | undefined
}

/** An adaptive limit needs a name, for its errors and events. */
export interface AdaptiveConcurrencyConfiguration extends AdaptiveConcurrencyOptions, Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
}

/** How an adaptive limit works when nothing else is said. */
export const ADAPTIVE_CONCURRENCY_DEFAULTS: Complete<AdaptiveConcurrencyOptions> = Object.freeze({
  initialLimit: 20,
  minLimit: 1,
  maxLimit: 200,
  windowMs: 1_000,
  minimumSamples: 50,
  maxQueued: BULKHEAD_DEFAULTS.maxQueued,
  maxQueueMs: BULKHEAD_DEFAULTS.maxQueueMs,
  maxLingerMs: BULKHEAD_DEFAULTS.maxLingerMs,
})

const A_LIMIT: Rule = /* @__PURE__ */ wholeFrom(1, 1_000_000)

export const ADAPTIVE_CONCURRENCY_RULES: Rules<AdaptiveConcurrencyConfiguration> = {
  name: aName,
  ...ENVIRONMENT_RULES,
  initialLimit: A_LIMIT,
  minLimit: A_LIMIT,
  maxLimit: A_LIMIT,
  windowMs: /* @__PURE__ */ numberFrom(10, 3_600_000),
  minimumSamples: /* @__PURE__ */ wholeFrom(1, 100_000),
  maxQueued: BULKHEAD_RULES.maxQueued,
  maxQueueMs: BULKHEAD_RULES.maxQueueMs,
  maxLingerMs: BULKHEAD_RULES.maxLingerMs,
}
