import type { CoreEvent, ErrorCategory } from '@holdfast/core'
import type { BudgetReported } from '../failover/budget/events.ts'
import type { GuardrailDecided } from '../guardrails/events.ts'
import type { Provenance } from '../provenance/provenance.ts'
import type { EmergencyEvent } from '../triage/events.ts'

interface AssistantEvent<Type extends string> {
  readonly type: Type
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly assistant: string
  readonly requestId: string
  readonly tenant: string
}

/** A question came in. */
export interface AnswerStarted extends AssistantEvent<'answer-started'> {}
/** A tier failed, or was passed over (`skipped`). */
export interface TierFailed extends AssistantEvent<'tier-failed' | 'tier-skipped'> {
  readonly tier: string
  readonly code: string
  readonly category: ErrorCategory
  readonly durationMs: number
}
/** A tier was slow, and `next` was started beside it. */
export interface TierHedged extends AssistantEvent<'tier-hedged'> {
  readonly tier: string
  readonly next: string
  readonly afterMs: number
}
/** A tier's answer became the answer (its commit). */
export interface TierServed extends AssistantEvent<'tier-served'> {
  readonly tier: string
  readonly servedBy: string
  readonly degraded: boolean
  readonly stale: boolean
  readonly firstOutputMs: number
}
/** An answer broke off after its commit, and another tier went on with it (`continue`) or began anew (`restart`). */
export interface AnswerResumed extends AssistantEvent<'answer-resumed'> {
  readonly tier: string
  readonly servedBy: string
  readonly how: 'continue' | 'restart'
}
/** The answer is whole. */
export interface AnswerServed extends AssistantEvent<'answer-served'> {
  readonly provenance: Provenance
}
/** No tier could answer, or the one that had begun broke off. */
export interface AnswerFailed extends AssistantEvent<'answer-failed'> {
  readonly code: string
  readonly category: ErrorCategory
  readonly durationMs: number
}
/** The reader left before the answer was whole. */
export interface AnswerAbandoned extends AssistantEvent<'answer-abandoned'> {
  readonly durationMs: number
}

/** Everything `@holdfast/ai` reports, with what core reports on the same channel. */
export type AiEvent =
  | CoreEvent
  | AnswerResumed
  | AnswerStarted
  | TierFailed
  | TierHedged
  | TierServed
  | AnswerServed
  | AnswerFailed
  | AnswerAbandoned
  | BudgetReported
  | GuardrailDecided
  | EmergencyEvent
