import type { HealthStatus } from '../integration/integration.ts'

/** How well the whole system works, the best first. */
export type SystemLevel = 'FULL' | 'DEGRADED' | 'LIMITED' | 'EMERGENCY'

interface TimedEvent<Type extends string> {
  readonly type: Type
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
}

/** An active check of an integration has ended. One that a policy refused or that was called off is not reported: it says nothing. */
export interface HealthChecked extends TimedEvent<'health-checked'> {
  readonly integration: string
  readonly passed: boolean
  readonly durationMs: number
  /** Of a failed check: the code of its error. */
  readonly code?: string
}

/** The health of an integration changed. */
export interface HealthChanged extends TimedEvent<'health-changed'> {
  readonly integration: string
  readonly from: HealthStatus
  readonly to: HealthStatus
  readonly reason: HealthChangeReason
}

/** What decided: its own `traffic` (with its circuit), or the active `checks`; `recovered` when neither has a complaint any more. */
export type HealthChangeReason = 'traffic' | 'checks' | 'recovered'

/** The level of the system changed. */
export interface LevelChanged extends TimedEvent<'level-changed'> {
  readonly from: SystemLevel
  readonly to: SystemLevel
  /** Weighted health of all integrations, 0 to 1. */
  readonly score: number
  /** Share of capacity that goes with the new level, 0 to 1. */
  readonly share: number
  readonly reason: LevelChangeReason
}

/** Why a level fell: the `score`, the loss of a high-priority integration, `maintenance`; or `recovered`, one step up. */
export type LevelChangeReason = 'score' | 'high-priority-lost' | 'maintenance' | 'recovered'

/** All checks were run before the system was to be called FULL again. When not all `passed`, or something broke meanwhile, the level stays for another dwell. */
export interface RecoveryValidated extends TimedEvent<'recovery-validated'> {
  readonly passed: boolean
  /** Integrations whose check did not pass. */
  readonly failed: readonly string[]
}

/** For the audit: circuits were reset by hand. */
export interface RecoveryForced extends TimedEvent<'recovery-forced'> {
  readonly integrations: readonly string[]
  readonly by: string
  readonly reason: string
}

/** For the audit: the level is held down by hand until `until`. */
export interface OverrideSet extends TimedEvent<'override-set'> {
  readonly level: SystemLevel
  readonly by: string
  readonly reason: string
  /** Wall time. */
  readonly until: number
}

/** For the audit: an override is over; `by` and `reason` are those of who ended it, or of the override where it ran out. */
export interface OverrideEnded extends TimedEvent<'override-ended'> {
  readonly level: SystemLevel
  readonly by: string
  readonly reason: string
  readonly how: 'expired' | 'ended' | 'replaced'
}

/** A feature was switched by the health of what it stands on. */
export interface FeatureChanged extends TimedEvent<'feature-disabled' | 'feature-enabled'> {
  readonly feature: string
  readonly level: SystemLevel
  /** Disabled: the integrations it requires that cannot be used. Empty when it is for the level alone. */
  readonly missing: readonly string[]
}

/** What a health monitor reports. */
export type HealthEvent =
  HealthChecked | HealthChanged | LevelChanged | RecoveryValidated | RecoveryForced | OverrideSet | OverrideEnded
