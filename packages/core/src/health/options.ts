import type { CircuitState } from '../events/events.ts'
import type { Environment, HealthStatus } from '../integration/integration.ts'
import type { Priority } from '../policy/admission.ts'
import { type Complete, type Some, withDefaults } from '../validation/defaults.ts'
import {
  aFunction,
  aName,
  check,
  ENVIRONMENT_RULES,
  numberFrom,
  objectOrFalse,
  objectWith,
  oneOf,
  type Rule,
  type Rules,
  validate,
  wholeFrom,
} from '../validation/validate.ts'
import type { HealthChanged, LevelChanged, SystemLevel } from './events.ts'

/** Whatever has a health of its own: an `Integration`, or any object with a name and a status. */
export interface HealthSource {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
  /** Must be cheap. When it throws, or gives no such status, the source counts as `critical`. */
  snapshot(): {
    readonly status: HealthStatus
    readonly circuit?: CircuitState | undefined
    readonly nextProbeInMs?: number | undefined
    readonly totals?: { readonly succeeded: number } | undefined
  }
  readonly circuit?: { reset(): void } | undefined
}

/** What an active check is told. */
export interface CheckContext {
  /** Aborts at the end of `timeLeftMs` and when the monitor stops. */
  readonly signal: AbortSignal
  /** Milliseconds the check may take. */
  readonly timeLeftMs: number
}

/** One integration under watch. */
export interface HealthTarget {
  readonly integration: HealthSource
  /**
   * Asks the dependency something that changes nothing. Passes when it returns or resolves, fails when it throws or rejects. One that goes
   * through `integration.call` is a probe as well: it lets a circuit close again without waiting for traffic, and says nothing while the
   * circuit refuses it. Default: none; then the traffic alone decides.
   */
  readonly check?: ((context: CheckContext) => unknown) | undefined
  /**
   * Time from check to check, before its spread, in ms. While a circuit is open or half-open its probes are made as soon as they may go; while it is critical otherwise, every tenth of it; both at most every 250 ms.
   * 1,000 to 3,600,000; 10,000 to 60,000 are usual. Default: 30,000.
   */
  readonly intervalMs?: number | undefined
  /** Time for one check, in ms. 1 to `intervalMs`. Default: 5,000, or `intervalMs` if that is less. */
  readonly timeoutMs?: number | undefined
  /** `high`: the system is of little use without it; `low`: hardly anybody notices. Default: `medium`. */
  readonly priority?: Priority | undefined
  /** Its weight in the score; 0 for none. 0 to 1,000. Default: that of its priority. */
  readonly weight?: number | undefined
  /** Called at each change of its status. What it throws is swallowed. */
  readonly onChange?: ((change: HealthChanged) => void) | undefined
}

/** What is watched, and how the level of the system is told from it. */
export interface HealthOptions extends Pick<Environment, 'clock' | 'random' | 'events'> {
  /** Each with a name of its own. */
  readonly integrations: readonly HealthTarget[]
  /** Failed checks in a row that make an integration critical. 1 to 100. Default: 2. */
  readonly criticalAfter?: number | undefined
  /** Random spread of the intervals, as a share: 0.2 means 80 % to 120 %. 0 to 0.5. Default: 0.2. */
  readonly jitter?: number | undefined
  /** The status that traffic gives is looked at this often, in ms; changes of a circuit that come over `events` at once. 10 to 60,000. Default: 1,000. */
  readonly assessMs?: number | undefined
  /**
   * The whole way back to FULL takes this long, in ms: LIMITED is reached once things were at least so good for a third of it, DEGRADED after two thirds, FULL after all of it.
   * 0 for at once. 0 to 3,600,000. Default: 24,000, which has everything back within half a minute of the end of an outage.
   */
  readonly dwellMs?: number | undefined
  /** The availability of late is that of this time, in ms. 60,000 to 2,592,000,000. Default: 86,400,000. */
  readonly periodMs?: number | undefined
  /** Weight of each priority. 0 to 1,000. Default: high 4, medium 2, low 1. */
  readonly weights?: Some<Record<Priority, number>> | undefined
  /** Share of capacity that goes with each level. 0 to 1. Default: FULL 1, DEGRADED 0.75, LIMITED 0.5, EMERGENCY 0.25. */
  readonly shares?: Some<Record<SystemLevel, number>> | undefined
  /** Called at each change of the level, with the share of capacity that goes with it. What it throws is swallowed. */
  readonly onLevelChange?: ((change: LevelChanged) => void) | undefined
}

/** How health is watched when nothing else is said. */
export const HEALTH_DEFAULTS: {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly priority: Priority
  readonly criticalAfter: number
  readonly jitter: number
  readonly assessMs: number
  readonly dwellMs: number
  readonly periodMs: number
  readonly weights: Readonly<Record<Priority, number>>
  readonly shares: Readonly<Record<SystemLevel, number>>
} = Object.freeze({
  intervalMs: 30_000,
  timeoutMs: 5_000,
  priority: 'medium',
  criticalAfter: 2,
  jitter: 0.2,
  assessMs: 1_000,
  dwellMs: 24_000,
  periodMs: 86_400_000,
  weights: Object.freeze({ high: 4, medium: 2, low: 1 }),
  shares: Object.freeze({ FULL: 1, DEGRADED: 0.75, LIMITED: 0.5, EMERGENCY: 0.25 }),
})

const HOUR_MS = 3_600_000
const WEIGHT: Rule = /* @__PURE__ */ numberFrom(0, 1_000)
const SHARE: Rule = /* @__PURE__ */ numberFrom(0, 1)
const OPTIONS: Rule = /* @__PURE__ */ objectOrFalse(false)

const TARGET_RULES: Rules<HealthTarget> = {
  integration: /* @__PURE__ */ objectWith('snapshot'),
  check: aFunction,
  intervalMs: /* @__PURE__ */ numberFrom(1_000, HOUR_MS),
  timeoutMs: /* @__PURE__ */ numberFrom(1, HOUR_MS),
  priority: /* @__PURE__ */ oneOf('high', 'medium', 'low'),
  weight: WEIGHT,
  onChange: aFunction,
}

const HEALTH_RULES: Rules<HealthOptions> = {
  integrations: { allowed: 'a list', accepts: Array.isArray },
  criticalAfter: /* @__PURE__ */ wholeFrom(1, 100),
  jitter: /* @__PURE__ */ numberFrom(0, 0.5),
  assessMs: /* @__PURE__ */ numberFrom(10, 60_000),
  dwellMs: /* @__PURE__ */ numberFrom(0, HOUR_MS),
  periodMs: /* @__PURE__ */ numberFrom(60_000, 720 * HOUR_MS),
  weights: OPTIONS,
  shares: OPTIONS,
  onLevelChange: aFunction,
  clock: ENVIRONMENT_RULES.clock,
  random: ENVIRONMENT_RULES.random,
  events: ENVIRONMENT_RULES.events,
}

const A_NEW_NAME: Rule = { allowed: 'a name of its own', accepts: () => false }

/** A target, checked and complete. */
export type ResolvedTarget = Complete<Omit<HealthTarget, 'check' | 'onChange'>> &
  Pick<HealthTarget, 'check' | 'onChange'>

/** The options of a monitor, checked and complete but for its environment. */
export interface ResolvedHealthOptions extends Complete<
  Pick<HealthOptions, 'criticalAfter' | 'jitter' | 'assessMs' | 'dwellMs' | 'periodMs'>
> {
  readonly targets: readonly ResolvedTarget[]
  readonly shares: Readonly<Record<SystemLevel, number>>
}

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveHealthOptions(options: HealthOptions): ResolvedHealthOptions {
  validate('health', options, HEALTH_RULES)
  const { integrations, weights = {}, shares = {}, criticalAfter, jitter, assessMs, dwellMs, periodMs } = options
  check('health.integrations', integrations, HEALTH_RULES.integrations)
  validate('health.weights', weights, { high: WEIGHT, medium: WEIGHT, low: WEIGHT })
  validate('health.shares', shares, { FULL: SHARE, DEGRADED: SHARE, LIMITED: SHARE, EMERGENCY: SHARE })
  const weightOf = withDefaults(HEALTH_DEFAULTS.weights, weights)
  const names = new Set<unknown>()
  const targets = integrations.map((target, index) => {
    const owner = `health.integrations[${index}]`
    validate(owner, target, TARGET_RULES)
    const { integration, priority = 'medium', intervalMs = HEALTH_DEFAULTS.intervalMs } = target
    check(`${owner}.integration`, integration, TARGET_RULES.integration)
    const { name } = integration
    check(`${owner}.integration.name`, name, names.has(name) ? A_NEW_NAME : aName)
    names.add(name)
    const { timeoutMs = Math.min(HEALTH_DEFAULTS.timeoutMs, intervalMs), weight = weightOf[priority] } = target
    check(`${owner}.timeoutMs`, timeoutMs, numberFrom(1, intervalMs))
    return { ...target, integration, priority, intervalMs, timeoutMs, weight }
  })
  return {
    ...withDefaults(HEALTH_DEFAULTS, { criticalAfter, jitter, assessMs, dwellMs, periodMs } as typeof HEALTH_DEFAULTS),
    shares: withDefaults(HEALTH_DEFAULTS.shares, shares),
    targets,
  }
}
