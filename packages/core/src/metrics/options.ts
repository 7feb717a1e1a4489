import type { Clock } from '../clock/clock.ts'
import type { CoreEvent, Events } from '../events/events.ts'
import { type Complete, withDefaults } from '../validation/defaults.ts'
import { check, ENVIRONMENT_RULES, numberFrom, validate, wholeFrom } from '../validation/validate.ts'

/** How exact a sketch is. */
export interface SketchOptions {
  /** Largest error of a quantile, as a share of it. 0.001 to 0.5. Default: 0.01. */
  readonly relativeError?: number | undefined
}

/** How exact a sketch is when nothing else is said. */
export const SKETCH_DEFAULTS: Complete<SketchOptions> = Object.freeze({ relativeError: 0.01 })

/** Where metrics listen, and how much they keep. */
export interface MetricsOptions {
  /** The channel to listen to. */
  readonly events: Events<CoreEvent>
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Length of the rolling window in ms. 10 to 86,400,000. Default: 60,000. */
  readonly windowMs?: number | undefined
  /** How many parts the window moves on in. 1 to 60. Default: 6. */
  readonly slices?: number | undefined
  /** How many integrations, caches and operations get figures of their own. 1 to 100,000. Default: 1,000. */
  readonly maxSeries?: number | undefined
}

type OwnOptions = Omit<MetricsOptions, 'events' | 'clock'>

/** What metrics keep when nothing else is said. */
export const METRICS_DEFAULTS: Complete<OwnOptions> = Object.freeze({ windowMs: 60_000, slices: 6, maxSeries: 1_000 })

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveSketchOptions(options: SketchOptions): Complete<SketchOptions> {
  validate('sketch', options, { relativeError: numberFrom(0.001, 0.5) })
  return withDefaults(SKETCH_DEFAULTS, options)
}

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveMetricsOptions(options: MetricsOptions): Complete<OwnOptions> {
  const { events, clock } = ENVIRONMENT_RULES
  validate('metrics', options, {
    events,
    clock,
    windowMs: numberFrom(10, 86_400_000),
    slices: wholeFrom(1, 60),
    maxSeries: wholeFrom(1, 100_000),
  })
  check('metrics.events', options.events, events)
  return withDefaults<OwnOptions>(METRICS_DEFAULTS, options)
}
