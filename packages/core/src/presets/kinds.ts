import type { IntegrationKind } from '../integration/integration.ts'
import type { IntegrationOptions } from '../integration/options.ts'

/** How dependencies of one kind are usually guarded. */
export interface KindPreset {
  /** For `createIntegration`. */
  readonly options: Pick<IntegrationOptions, 'deadlineMs' | 'attemptTimeoutMs' | 'retry' | 'breaker'> & {
    readonly kind: IntegrationKind
  }
  /** For a client's own settings: an attempt's time is the longer of reading and writing. */
  readonly timeouts: { readonly connectMs: number; readonly readMs: number; readonly writeMs: number }
  /** How often its health is checked. */
  readonly checkIntervalMs: number
}

interface Numbers {
  /** Connect, read, write, overall. */
  readonly seconds: readonly [number, number, number, number]
  readonly retry: IntegrationOptions['retry'] & object
  /** Failures in a row that open the circuit, probes that close it, seconds it stays open at most, seconds from which on a call is slow. */
  readonly breaker: readonly [number, number, number, number]
  readonly checkSeconds: number
}

/** Of every kind: a probe costs a dependency that is down next to nothing, and the refusals after a short outage cost the callers a lot. */
const FIRST_OPEN_MS = 1_000

/* @__NO_SIDE_EFFECTS__ */
function preset(kind: IntegrationKind, { seconds, retry, breaker, checkSeconds }: Numbers): KindPreset {
  const [connectMs = 0, readMs = 0, writeMs = 0, deadlineMs = 0] = seconds.map((value) => value * 1_000)
  const [failures, successes, maxOpenSeconds, slowSeconds] = breaker
  return Object.freeze({
    options: Object.freeze({
      kind,
      deadlineMs,
      attemptTimeoutMs: Math.max(readMs, writeMs),
      retry: Object.freeze(retry),
      breaker: Object.freeze({
        consecutiveFailures: failures,
        // Failures among successes are judged once there are enough calls for a share to mean something.
        minimumCalls: failures * 2,
        halfOpenProbes: 3,
        halfOpenSuccesses: successes,
        slowCallMs: slowSeconds * 1_000,
        openMs: FIRST_OPEN_MS,
        maxOpenMs: maxOpenSeconds * 1_000,
      }),
    }),
    timeouts: Object.freeze({ connectMs, readMs, writeMs }),
    checkIntervalMs: checkSeconds * 1_000,
  })
}

/**
 * How each kind of dependency is usually guarded. Times in seconds, connect / read / write / overall: `database` 5 / 10 / 15 / 30, `ai-service` 5 / 30 / 10 / 60,
 * `market-data` 2 / 5 / 2 / 10, `cache` 1 / 2 / 2 / 5, `external-api` 5 / 10 / 10 / 30. Retries 3, 3, 2, 1, 2. The circuit opens after 5, 3, 10, 20, 5 failures in a row and closes
 * after 2, 2, 5, 10, 2 good probes. It stays open for 1 s, and for twice as long each time that it is opened again, up to 60, 30, 10, 10, 30 s: the end of a short outage is found
 * within a second or two, and a long one is probed ever more seldom. (Times before their spread of a fifth.) A call is slow after 7.5, 25, 2.5, 1, 5 s: after half of its attempt's
 * time, but for a model, which takes longer for a longer answer. Health checks every 30, 60, 10, 60, 30 s.
 *
 * @example
 * ```ts
 * import { createIntegration } from '@holdfast/core'
 * import { KIND_PRESETS } from '@holdfast/core/presets'
 *
 * const orders = createIntegration({ name: 'orders', ...KIND_PRESETS.database.options, idempotent: true })
 * console.log(orders.kind, KIND_PRESETS.database.timeouts.connectMs)
 * ```
 */
export const KIND_PRESETS: Readonly<
  Record<'database' | 'ai-service' | 'market-data' | 'cache' | 'external-api', KindPreset>
> = /* @__PURE__ */ Object.freeze({
  database: preset('database', {
    seconds: [5, 10, 15, 30],
    retry: { maxRetries: 3, backoffMs: 500, factor: 2 },
    breaker: [5, 2, 60, 7.5],
    checkSeconds: 30,
  }),
  'ai-service': preset('ai-service', {
    seconds: [5, 30, 10, 60],
    retry: { maxRetries: 3, backoffMs: 1_000, factor: 1.5 },
    breaker: [3, 2, 30, 25],
    checkSeconds: 60,
  }),
  'market-data': preset('market-data', {
    seconds: [2, 5, 2, 10],
    retry: { maxRetries: 2, backoffMs: 200, factor: 1.5 },
    breaker: [10, 5, 10, 2.5],
    checkSeconds: 10,
  }),
  cache: preset('cache', {
    seconds: [1, 2, 2, 5],
    retry: { maxRetries: 1, backoffMs: 50, growth: 'constant', jitter: 'none' },
    breaker: [20, 10, 10, 1],
    checkSeconds: 60,
  }),
  'external-api': preset('external-api', {
    seconds: [5, 10, 10, 30],
    retry: { maxRetries: 2, backoffMs: 500, factor: 2 },
    breaker: [5, 2, 30, 5],
    checkSeconds: 30,
  }),
})
