import type { Environment } from '../integration/integration.ts'
import type { Complete } from '../validation/defaults.ts'
import { aName, ENVIRONMENT_RULES, numberFrom, type Rule, type Rules, wholeFrom } from '../validation/validate.ts'

/** How much is let in at first, and how many sessions are remembered. */
export interface CapacityOptions {
  /** Share of the calls that is let in at first. 0 to 1. Default: 1. */
  readonly share?: number | undefined
  /**
   * Sessions that are remembered while capacity is reduced; the least recently seen go first. 2 to 1,000,000. Default:
   * 10,000.
   */
  readonly maxSessions?: number | undefined
}

/** A capacity needs a name, for its errors and events. */
export interface CapacityConfiguration extends CapacityOptions, Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
}

/** How a capacity works when nothing else is said. */
export const CAPACITY_DEFAULTS: Complete<CapacityOptions> = Object.freeze({ share: 1, maxSessions: 10_000 })

export const A_SHARE: Rule = /* @__PURE__ */ numberFrom(0, 1)

export const CAPACITY_RULES: Rules<CapacityConfiguration> = {
  name: aName,
  ...ENVIRONMENT_RULES,
  share: A_SHARE,
  maxSessions: /* @__PURE__ */ wholeFrom(2, 1_000_000),
}
