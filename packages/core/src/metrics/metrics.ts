import { systemClock } from '../clock/system-clock.ts'
import type { CircuitChanged, CoreEvent } from '../events/events.ts'
import { type Figures, figuresOf } from './figures.ts'
import { type MetricsOptions, resolveMetricsOptions } from './options.ts'
import { type CircuitTimes, Series } from './series.ts'
import { add, OTHER, Slice } from './slice.ts'

/** Figures of the rolling window and, in `total`, of all the time since the metrics began. */
export interface SeriesMetrics extends Figures {
  readonly total: Figures
  /** Of an integration as a whole, once its circuit has changed. */
  readonly circuit: CircuitTimes | undefined
}

/** Figures from events. */
export interface Metrics {
  /**
   * The figures of an integration, or another part, with all its operations; or of one operation. `undefined` when none
   * came under that name.
   */
  of(name: string, operation?: string): SeriesMetrics | undefined
  /**
   * All figures: those of integrations and other parts by name, those of an operation by `<integration>/<operation>`.
   */
  summary(): Readonly<Record<string, SeriesMetrics>>
  /** Listens no longer. What was counted stays. */
  stop(): void
}

/** What an event may say: whose it is, and what counts. */
interface Told {
  readonly type: string
  readonly integration?: string
  readonly cache?: string
  readonly fallback?: string
  readonly bulkhead?: string
  readonly limiter?: string
  readonly throttle?: string
  readonly capacity?: string
  readonly operation?: string | undefined
  readonly code?: string
  readonly category?: string
  readonly attempt?: number
  readonly attempts?: number
  readonly durationMs?: number
  readonly firstOutputMs?: number
}

/**
 * Keeps figures of every integration and of every operation, told from events alone: over a rolling window, and since
 * the beginning. An event costs the same however much was counted before. Time is looked at when an event comes or
 * somebody asks, so there are no timers; the window ends now and is between `windowMs` less one slice and `windowMs`
 * long.
 *
 * A cache, fallback, bulkhead, rate limiter, throttle or capacity counts under its own name: give it the name of an
 * integration to have both in one place. Memory is bounded: when there are `maxSeries` names, what comes under a new
 * one is counted as `other`, an operation within its integration. A series takes 3 kB when one slice was used, some 15
 * kB when all were and durations differ by a factor of ten.
 *
 * Percentiles come from sketches ({@link createSketch}) and are off by at most 1 %.
 *
 * @example
 * ```ts
 * import { createEvents, createIntegration, type CoreEvent } from '@holdfast/core'
 * import { createMetrics } from '@holdfast/core/metrics'
 *
 * const events = createEvents<CoreEvent>()
 * const metrics = createMetrics({ events })
 * await createIntegration({ name: 'database', events }).call(() => 42, { operation: 'get-robots' })
 * const figures = metrics.of('database', 'get-robots')
 * console.log(figures?.count, figures?.errorRatio, figures?.p95Ms, Object.keys(metrics.summary()))
 * metrics.stop()
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const { windowMs, slices, maxSeries } = resolveMetricsOptions(options)
  const clock = options.clock ?? systemClock
  const sources = new Map<string, Series>()
  let room = maxSeries

  const epochAt = (now: number): number => Math.floor((now * slices) / windowMs)

  const seriesOf = (among: Map<string, Series>, key: string, now: number): Series => {
    const known = among.get(key)
    if (known !== undefined) return known
    if (room <= 0 && key !== OTHER) return seriesOf(among, OTHER, now)
    room -= 1
    const made = new Series(slices, now)
    among.set(key, made)
    return made
  }

  const take = (event: CoreEvent): void => {
    if (event.type === 'call-started' || event.type === 'attempt-started') return
    const told: Told = event
    const { type, operation, code, category, attempt, attempts, durationMs, firstOutputMs } = told
    // One after the other: most events have the first.
    const name =
      told.integration ?? told.cache ?? told.fallback ?? told.bulkhead ?? told.limiter ?? told.throttle ?? told.capacity
    if (name === undefined) return
    const now = clock.now()
    const source = seriesOf(sources, name, now)
    const series = operation === undefined ? source : seriesOf(source.operations, operation, now)
    const slice = series.at(epochAt(now))
    const tally = slice.of(category === 'cancelled' ? type.replace('failed', category) : type)
    tally.count += 1
    add(tally.byCategory, category)
    add(tally.byCode, code)
    add(tally.byAttempt, attempt ?? attempts)
    if (attempts !== 0 && attempts !== undefined) slice.durations.record(durationMs ?? NaN)
    if (firstOutputMs !== undefined) slice.firstOutputs.record(firstOutputMs)
    if (type.startsWith('circuit-')) {
      // It may be reported later than it was due: `at` says when that was.
      source.changed(event as CircuitChanged, now - Math.max(0, clock.wallTime() - event.at))
    }
  }

  const metricsOf = (series: Series): SeriesMetrics => {
    const now = clock.now()
    const [window, total] = [new Slice(), new Slice()]
    series.addTo(window, total, epochAt(now))
    return { ...figuresOf(window), total: figuresOf(total), circuit: series.circuit(now) }
  }

  return Object.freeze({
    of: (name: string, operation?: string) => {
      const source = sources.get(name)
      const series = operation === undefined ? source : source?.operations.get(operation)
      return series && metricsOf(series)
    },
    summary: () => {
      const all: Record<string, SeriesMetrics> = {}
      for (const [name, source] of sources) {
        all[name] = metricsOf(source)
        for (const [operation, series] of source.operations) all[`${name}/${operation}`] = metricsOf(series)
      }
      return all
    },
    stop: options.events.on(take),
  })
}
