import type { HealthStatus } from '../integration/integration.ts'
import type { Listener } from '../events/events.ts'
import type { Priority } from '../policy/admission.ts'
import type { HealthEvent, SystemLevel } from './events.ts'
import type { Availability } from './uptime.ts'

/** How one active check went. */
export interface CheckResult {
  readonly integration: string
  /** Wall time of its end. */
  readonly at: number
  /** `ignored`: it was refused by a policy (category `rejected`), or called off because the monitor stopped, or that one has not ended yet; it counts for nothing. */
  readonly outcome: 'passed' | 'failed' | 'ignored'
  readonly durationMs: number
  /** The code of its error; `ATTEMPT_TIMEOUT` where it took too long or the one before it still hangs. */
  readonly code?: string
}

/** A copy of what is known of one integration. */
export interface TargetHealth {
  readonly name: string
  readonly status: HealthStatus
  /** Wall time since when. */
  readonly since: number
  /** What its own traffic says. */
  readonly passive: HealthStatus
  readonly priority: Priority
  readonly weight: number
  readonly passedInARow: number
  readonly failedInARow: number
  /** Of the last 100 checks, 0 to 1. */
  readonly failureRatio: number
  /** Of those of them that passed, in ms, by nearest rank. */
  readonly latencyMs: {
    readonly p50: number | undefined
    readonly p95: number | undefined
    readonly p99: number | undefined
  }
  readonly lastCheck: CheckResult | undefined
  readonly uptime: Availability
}

/** A level that is held down by hand. */
export interface Maintenance {
  /** The best level there is meanwhile. */
  readonly level: 'DEGRADED' | 'LIMITED' | 'EMERGENCY'
  /** Who; 1 to 200 characters. */
  readonly by: string
  /** Why; 1 to 200 characters. */
  readonly reason: string
  /** It ends by itself after this long, in ms. 1 to 604,800,000. */
  readonly forMs: number
}

/** Who ends a maintenance, and why. */
export type MaintenanceEnd = Pick<Maintenance, 'by' | 'reason'>

/** Who resets circuits, why, and which. */
export interface RecoveryRequest {
  /** Who; 1 to 200 characters. */
  readonly by: string
  /** Why; 1 to 200 characters. */
  readonly reason: string
  /** Default: all. */
  readonly integrations?: readonly string[] | undefined
  /** The caller leaves at its abort, with its reason; the recovery goes on. */
  readonly signal?: AbortSignal | undefined
}

/** What a forced recovery has brought. */
export interface RecoveryReport {
  readonly level: SystemLevel
  readonly integrations: readonly {
    readonly name: string
    readonly before: HealthStatus
    readonly after: HealthStatus
    readonly check: CheckResult | undefined
  }[]
}

/** A copy of what is known of the whole. */
export interface SystemHealth {
  readonly level: SystemLevel
  /** Wall time since when. */
  readonly since: number
  /** Weighted health, 0 to 1. */
  readonly score: number
  /** Share of capacity that goes with the level, 0 to 1. */
  readonly share: number
  /** Time spent in each level, in ms. */
  readonly spentMs: Readonly<Record<SystemLevel, number>>
  readonly maintenance: (Maintenance & { /** Wall time. */ readonly until: number }) | undefined
  readonly integrations: readonly TargetHealth[]
}

/**
 * Watches the health of integrations: active checks at intervals, fused with what their traffic says, and from them the level of the system.
 *
 * Score: `sum(weight * worth) / sum(weight)`, where `healthy` is worth 1, `degraded` 0.8, `critical` 0. FULL from 1, DEGRADED from 0.8, LIMITED
 * from 0.5, else EMERGENCY. One high-priority integration critical: LIMITED at best; all of them: EMERGENCY. Worse at once; better one
 * step at a time, after things were at least so good for a third of `dwellMs` (LIMITED), two thirds (DEGRADED), or all of it (FULL), and FULL,
 * once started, only after all checks have passed at once.
 *
 * Traffic is looked at every `assessMs`: by one timer once started, which does not keep a process alive; else on access.
 */
export interface HealthMonitor {
  readonly level: SystemLevel
  /** Weighted health, 0 to 1. */
  readonly score: number
  /** Share of capacity that goes with the level, 0 to 1. */
  readonly share: number
  /** Begins to check, each integration for the first time at a random moment of its interval. Does nothing when started. */
  start(): void
  /** Ends it: no timer is left, no check begins any more, those under way are aborted and count for nothing. Does nothing when stopped. */
  stop(): void
  /** @throws HoldfastError `INVALID_OPTION`, when there is no integration of that name; so do all that take a name. */
  status(name: string): HealthStatus
  /** Whether calls may get through: it is not `critical`, or its circuit waits for a probe. */
  isUsable(name: string): boolean
  /** The last 100 checks, the oldest first. */
  results(name: string): readonly CheckResult[]
  snapshot(): SystemHealth
  /**
   * Runs the check of one integration, or all checks, now; one that is under way is waited for instead. Works without `start`, too.
   * Rejects only with the reason of `signal`, when it aborts; the checks go on.
   */
  checkNow(name?: string, signal?: AbortSignal): Promise<readonly CheckResult[]>
  /** Resets circuits by hand and runs the checks of these integrations; a reset that throws keeps none of the others. The level comes back step by step all the same. */
  forceRecovery(request: RecoveryRequest): Promise<RecoveryReport>
  /** Holds the level down for a while; replaces an earlier maintenance. @throws HoldfastError `INVALID_OPTION` */
  enterMaintenance(maintenance: Maintenance): void
  /** Ends the maintenance before its time. Returns whether there was one. The level comes back step by step. */
  endMaintenance(end: MaintenanceEnd): boolean
  /** Adds a listener to what this monitor reports; the function that comes back removes it. */
  on(listener: Listener<HealthEvent>): () => void
}
