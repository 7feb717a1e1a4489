import type { Environment } from '../integration/integration.ts'
import type { Complete } from '../validation/defaults.ts'
import { aName, ENVIRONMENT_RULES, numberFrom, type Rules, wholeFrom } from '../validation/validate.ts'

/** When a throttle begins to turn requests away, and how many at most. */
export interface ThrottleOptions {
  /**
   * Length of the rolling window in ms. Take at least twice the longest time a good answer needs: a request without a verdict counts as not
   * accepted once it is half a window old. 1,000 to 86,400,000. Default: 120,000.
   */
  readonly windowMs?: number | undefined
  /** Requests that may be made for each one that is accepted. Less reacts earlier and turns more away for nothing. 1 to 100. Default: 2. */
  readonly requestsPerAccepted?: number | undefined
  /** No request is turned away before there are this many in the window. 1 to 1,000,000. Default: 10. */
  readonly minimumRequests?: number | undefined
  /** Most that are turned away, as a share; the rest finds out when the dependency is back. 0 (never) to 1. Default: 0.9. */
  readonly maxRejectedShare?: number | undefined
}

/** A throttle needs a name, for its errors and events. */
export interface ThrottleConfiguration extends ThrottleOptions, Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
}

/** How a throttle works when nothing else is said. */
export const THROTTLE_DEFAULTS: Complete<ThrottleOptions> = Object.freeze({
  windowMs: 120_000,
  requestsPerAccepted: 2,
  minimumRequests: 10,
  maxRejectedShare: 0.9,
})

export const THROTTLE_RULES: Rules<ThrottleConfiguration> = {
  name: aName,
  ...ENVIRONMENT_RULES,
  windowMs: /* @__PURE__ */ numberFrom(1_000, 86_400_000),
  requestsPerAccepted: /* @__PURE__ */ numberFrom(1, 100),
  minimumRequests: /* @__PURE__ */ wholeFrom(1, 1_000_000),
  maxRejectedShare: /* @__PURE__ */ numberFrom(0, 1),
}
