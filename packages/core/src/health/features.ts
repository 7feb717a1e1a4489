import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import type { CoreEvent, Events } from '../events/events.ts'
import {
  check,
  ENVIRONMENT_RULES,
  invalidOption,
  nameAmong,
  objectOrFalse,
  objectWith,
  oneOf,
  type Rules,
  validate,
} from '../validation/validate.ts'
import type { SystemLevel } from './events.ts'
import { LEVELS } from './level.ts'
import type { HealthMonitor } from './monitor.ts'

/** What a feature (or a tier) needs to run. */
export interface FeatureNeeds {
  /** The worst level at which it runs. Default: `EMERGENCY`, that is always. */
  readonly atLeast?: SystemLevel | undefined
  /** Names of integrations without which it cannot run. One whose circuit waits for a probe counts as there. Default: none. */
  readonly requires?: readonly string[] | undefined
}

/** Which features there are. */
export interface FeaturesOptions<Name extends string = string> {
  readonly monitor: HealthMonitor
  readonly features: Readonly<Record<Name, FeatureNeeds>>
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Where to report. Default: nowhere. */
  readonly events?: Events<CoreEvent> | undefined
}

/** A feature, and what it lacks. */
export interface FeatureState<Name extends string = string> {
  readonly name: Name
  readonly isEnabled: boolean
  /** Required integrations that cannot be used. */
  readonly missing: readonly string[]
}

/** Features that are on while the health of the system allows them. */
export interface Features<Name extends string = string> {
  /** @throws HoldfastError `INVALID_OPTION`, when there is no feature of that name. */
  isEnabled(name: Name): boolean
  list(): readonly FeatureState<Name>[]
}

const OPTIONS_RULES: Rules<FeaturesOptions> = {
  monitor: /* @__PURE__ */ objectWith('isUsable', 'on'),
  features: /* @__PURE__ */ objectOrFalse(false),
  clock: ENVIRONMENT_RULES.clock,
  events: ENVIRONMENT_RULES.events,
}

const NEEDS_RULES: Rules<FeatureNeeds> = {
  atLeast: /* @__PURE__ */ oneOf(...LEVELS),
  requires: { allowed: 'a list of names', accepts: Array.isArray },
}

/**
 * Switches features by the level of the system and by the health of what they stand on. Reports `feature-disabled` and `feature-enabled` at
 * each change.
 *
 * @example
 * ```ts
 * import { createIntegration } from '@holdfast/core'
 * import { createFeatures, createHealthMonitor } from '@holdfast/core/health'
 *
 * const smtp = createIntegration({ name: 'smtp' })
 * const monitor = createHealthMonitor({ integrations: [{ integration: smtp }], assessMs: 10 })
 * monitor.start()
 * const features = createFeatures({
 *   monitor,
 *   features: { analytics: { atLeast: 'FULL' }, email: { atLeast: 'DEGRADED', requires: ['smtp'] } },
 * })
 * console.log(features.isEnabled('email'), features.list())
 * monitor.stop()
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createFeatures<Name extends string>(options: FeaturesOptions<Name>): Features<Name> {
  validate('features', options, OPTIONS_RULES)
  const { monitor, features, clock = systemClock, events } = options
  check('features.monitor', monitor, OPTIONS_RULES.monitor)
  check('features.features', features, OPTIONS_RULES.features)
  const states = new Map<string, State>()
  for (const [name, needs] of Object.entries<FeatureNeeds>(features)) {
    validate(`features.${name}`, needs, NEEDS_RULES)
    const { atLeast = 'EMERGENCY', requires = [] } = needs
    // Asked now, so that a name nobody knows is refused here.
    requires.forEach((integration) => monitor.isUsable(integration))
    states.set(name, { rank: LEVELS.indexOf(atLeast), requires: [...requires], isEnabled: true })
  }

  const missing = ({ requires }: State): readonly string[] => requires.filter((name) => !monitor.isUsable(name))

  /** Looks at one feature, and reports when it has changed. */
  const look = (feature: string, state: State): boolean => {
    const { level } = monitor
    const isEnabled = LEVELS.indexOf(level) >= state.rank && state.requires.every((name) => monitor.isUsable(name))
    if (isEnabled !== state.isEnabled) {
      state.isEnabled = isEnabled
      if (events?.active === true) {
        const type = isEnabled ? 'feature-enabled' : 'feature-disabled'
        events.emit({ type, at: clock.wallTime(), feature, level, missing: missing(state) })
      }
    }
    return isEnabled
  }
  const lookAtAll = (): void => states.forEach((state, name) => void look(name, state))

  lookAtAll()
  monitor.on(({ type }) => {
    if (type === 'health-changed' || type === 'level-changed') lookAtAll()
  })

  return Object.freeze({
    isEnabled: (name: Name) => {
      const state = states.get(name)
      if (state === undefined) throw invalidOption('feature', nameAmong(states.keys()), name)
      return look(name, state)
    },
    list: () =>
      [...states].map(([name, state]) =>
        Object.freeze({ name: name as Name, isEnabled: look(name, state), missing: missing(state) }),
      ),
  })
}

interface State {
  readonly rank: number
  readonly requires: readonly string[]
  isEnabled: boolean
}
