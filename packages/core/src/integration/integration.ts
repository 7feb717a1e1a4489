import type { BreakerRecord } from '../breaker/record.ts'
import type { Clock, Random } from '../clock/clock.ts'
import type { CallOptions } from '../engine/call.ts'
import type { StreamRules } from '../engine/stream-rules.ts'
import type { CircuitState, CoreEvent, Events } from '../events/events.ts'
import type { Operation } from '../policy/operation.ts'
import type { ReplaceableOptions } from './options.ts'

/** What a dependency is, for whoever shows it. `KIND_PRESETS` has usual options for some kinds. */
export type IntegrationKind =
  'webhook' | 'ai-service' | 'external-api' | 'database' | 'market-data' | 'queue' | 'cache' | 'mail'

/** The health of one dependency, from its own traffic. */
export type HealthStatus = 'healthy' | 'degraded' | 'critical'

/** A frozen copy of what an integration knows about itself. Durations are in ms, times are wall time. */
export interface IntegrationSnapshot {
  readonly name: string
  readonly kind: IntegrationKind
  readonly status: HealthStatus
  readonly circuit: CircuitState
  /** Wall time since when the circuit is not closed, or the dependency not healthy. */
  readonly troubledSince?: number
  /** Circuit open, or the rate limit of a 429 in force: ms until the next call may go, the later of the two. */
  readonly nextProbeInMs?: number
  /** Ramping: share of the calls let through, 0 to 1. */
  readonly admittedShare: number
  /** In the breaker's window. */
  readonly window: { readonly calls: number; readonly failures: number; readonly slow: number }
  readonly totals: {
    readonly calls: number
    readonly succeeded: number
    readonly failed: number
    readonly rejected: number
    readonly attempts: number
    readonly retries: number
    readonly hedges: number
  }
  /** What is under way, and what the goodput limit lets be under way at once; without `limit` while it limits nothing. Absent where it is switched off. */
  readonly goodput?: { readonly inFlight: number; readonly limit?: number }
  readonly lastError?: { readonly code: string; readonly message: string; readonly at: number }
  readonly lastSuccessAt?: number
}

/** Manual control of a circuit. Every change is an event with `reason: 'manual'`, or `restored`. */
export interface CircuitControl {
  readonly state: CircuitState
  /** Opens it now; it goes half-open after its usual time. */
  open(): void
  /** Closes it now, without ramp-up, and forgets the window. */
  close(): void
  /** Keeps it open until `close` or `reset`. */
  isolate(): void
  /** Back to the state of a new circuit. */
  reset(): void
  /** What of it outlives the process, as plain data. */
  record(): BreakerRecord
  /**
   * Takes up what a circuit has recorded, perhaps in another process: an open one stays open for the rest of its time, at most a minute
   * (or `maxOpenMs`, if that is more) whatever the machine's clock says. Calls that are under way no longer count.
   * @throws HoldfastError `INVALID_OPTION`
   */
  restore(record: BreakerRecord): void
}

/** One dependency under guard. */
export interface Integration {
  readonly name: string
  readonly kind: IntegrationKind
  readonly circuit: CircuitControl
  /**
   * Makes one guarded call.
   * @throws HoldfastError, always and only, except that the caller's abort rejects with the caller's own reason.
   */
  call<T>(operation: Operation<T>, options?: CallOptions): Promise<T>
  /**
   * Makes one guarded call whose result is a stream. Resolves with a stream at its first output (chunks before it are
   * kept and come first), so everything up to there can still be retried. From there on the idle clock runs; the verdict
   * for the breaker is given when the stream ends, fails or is cancelled, not when it begins. Back-pressure and
   * cancellation reach the source. A failure after the first output errors the stream. At most 64 chunks are kept: after
   * as many without output the stream is handed over as it is. `null`, as the body of a `Response` may be, is an empty one (`EMPTY`).
   * @throws HoldfastError up to the first output, except that the caller's abort rejects with the caller's own reason.
   */
  stream<Chunk>(
    operation: Operation<ReadableStream<Chunk> | null>,
    rules: StreamRules<Chunk>,
    options?: CallOptions,
  ): Promise<ReadableStream<Chunk>>
  /**
   * Replaces how calls are guarded, while calls are under way. It is no patch: what is left out goes back to its default, so spread what was given before,
   * `reconfigure({ ...options, deadlineMs: 3_000 })`. `name`, `kind`, `carrier` and the environment stay. No call is lost: those under way keep their deadlines and
   * take the new options for what they do next. The circuit keeps its state (an open one goes on refusing also with `breaker: false`: close it by
   * hand), and so do the budget and the rate limit.
   * @throws HoldfastError `INVALID_OPTION`, also for another `carrier` than it was made with; then everything stays as it was.
   */
  reconfigure(options: ReplaceableOptions): void
  /** Whether a call made now would be let through to the dependency; takes no permit. */
  wouldAdmit(): boolean
  snapshot(): IntegrationSnapshot
}

/** What every policy and integration is made with; all optional. */
export interface Environment {
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Default: `Math.random`. */
  readonly random?: Random | undefined
  /** Where to report. Default: a channel of its own. */
  readonly events?: Events<CoreEvent> | undefined
}
