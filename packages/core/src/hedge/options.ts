import { type Complete, withDefaults } from '../validation/defaults.ts'
import { numberFrom, type Rules, validate, wholeFrom } from '../validation/validate.ts'

/** When a second attempt is made beside one that is slow. */
export interface HedgeOptions {
  /** Wait this long for an attempt, in ms. 0 to 86,400,000. Default: left out, `quantile` decides. */
  readonly delayMs?: number | undefined
  /** Wait as long as this share of the calls took lately. 0.5 to 0.999. Default: 0.95. */
  readonly quantile?: number | undefined
  /** Calls that must have been seen before `quantile` decides; until then there is no hedge. 1 to 1,000,000. Default: 20. */
  readonly minimumCalls?: number | undefined
  /** Attempts beside the first of a try. 1 to 10. Default: 1. */
  readonly maxHedges?: number | undefined
  /** Hedges may be at most this share of the calls of the last ten seconds, where there is no retry whose budget they share … 0 to 1. Default: 0.1. */
  readonly budgetRatio?: number | undefined
  /** … but this many per ten seconds are always allowed. 0 to 1,000,000. Default: 5. */
  readonly budgetFloor?: number | undefined
}

/** How calls are hedged when nothing else is said. */
export const HEDGE_DEFAULTS: Complete<Omit<HedgeOptions, 'delayMs'>> = Object.freeze({
  quantile: 0.95,
  minimumCalls: 20,
  maxHedges: 1,
  budgetRatio: 0.1,
  budgetFloor: 5,
})

const HEDGE_RULES: Rules<HedgeOptions> = {
  delayMs: numberFrom(0, 86_400_000),
  quantile: numberFrom(0.5, 0.999),
  minimumCalls: wholeFrom(1, 1_000_000),
  maxHedges: wholeFrom(1, 10),
  budgetRatio: numberFrom(0, 1),
  budgetFloor: wholeFrom(0, 1_000_000),
}

/** Options that are checked and complete; `delayMs` may be missing. */
export type ResolvedHedgeOptions = Complete<Omit<HedgeOptions, 'delayMs'>> & Pick<HedgeOptions, 'delayMs'>

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveHedgeOptions(owner: string, options: HedgeOptions): ResolvedHedgeOptions {
  validate(owner, options, HEDGE_RULES)
  const { delayMs, ...own } = options
  const resolved = withDefaults(HEDGE_DEFAULTS, own)
  return delayMs === undefined ? resolved : { ...resolved, delayMs }
}
