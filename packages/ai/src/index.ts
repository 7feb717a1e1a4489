export type { Provenance, TierAttempt, TierReport } from './provenance/provenance.ts'
export { requestContext } from './provenance/request-context.ts'
export type { RequestContext } from './provenance/request-context.ts'
export { provenanceOf, reportHeaders, reportMetadata } from './provenance/report.ts'
export { describeProvenance, sayAge, sayDuration } from './provenance/describe.ts'
export type { DescribedLanguage } from './provenance/describe.ts'
export { TIER_LIST_DEFAULTS } from './tiers/options.ts'
export type { Commit, CommitBeginning, OnMidStream, Tier, TierListOptions } from './tiers/options.ts'
export { tierList } from './tiers/tier-list.ts'
export { failover } from './failover/failover.ts'
export { modelGuard } from './failover/members.ts'
export { FAILOVER_DEFAULTS } from './failover/options.ts'
export type { Capabilities, Choice, FailoverModel, FailoverOptions } from './failover/options.ts'
export { createBudgets } from './failover/budget/create-budgets.ts'
export { BUDGET_DEFAULTS } from './failover/budget/options.ts'
export type {
  BudgetAmounts,
  BudgetDimension,
  BudgetLimit,
  BudgetPeriod,
  BudgetScope,
  BudgetsOptions,
  BudgetSubject,
  BudgetUnit,
} from './failover/budget/options.ts'
export type {
  BudgetAccount,
  BudgetReservation,
  Budgets,
  BudgetSnapshot,
  BudgetSpending,
  BudgetStanding,
} from './failover/budget/budgets.ts'
export type { BudgetReported } from './failover/budget/events.ts'
export { embeddingFailover } from './embedding/embedding-failover.ts'
export { EMBEDDING_FAILOVER_DEFAULTS } from './embedding/options.ts'
export type { EmbeddingFailoverOptions, EmbeddingMember } from './embedding/options.ts'
export { costOf, priceOf } from './failover/price.ts'
export type { AttemptUsage, Price } from './failover/price.ts'
export { RequestRefusedError } from './errors/request-refused.ts'
export { AllTiersFailedError } from './errors/all-tiers-failed.ts'
export { guarded } from './guarded/guarded.ts'
export type { GuardedOptions } from './guarded/guarded.ts'
export { noUsage, textModel, textResult, textStreamResult } from './stream-parts/text-answer.ts'
export type { TextAnswer } from './stream-parts/text-answer.ts'
export type {
  AiEvent,
  AnswerAbandoned,
  AnswerFailed,
  AnswerResumed,
  AnswerServed,
  AnswerStarted,
  TierFailed,
  TierHedged,
  TierServed,
} from './events/events.ts'
export type { AnswerMemory, RecalledAnswer, RememberedAnswer } from './memory/answer-memory.ts'
export { createAnswerMemory } from './memory/create-answer-memory.ts'
export { ANSWER_MEMORY_DEFAULTS } from './memory/answer-shelf.ts'
export type { AnswerMemoryOptions } from './memory/answer-shelf.ts'
export { createSemanticMemory } from './memory/create-semantic-memory.ts'
export { SEMANTIC_MEMORY_DEFAULTS } from './memory/semantic-options.ts'
export type { SemanticMemory, SemanticMemoryOptions, SemanticMemorySnapshot } from './memory/semantic-options.ts'
export { staleTier } from './stale/stale-tier.ts'
export type { StaleTierOptions } from './stale/stale-tier.ts'
export { offlineText, offlineTier } from './offline/offline-tier.ts'
export type { OfflineFacts, OfflineTierOptions } from './offline/offline-tier.ts'
export { troublesOf } from './offline/troubles.ts'
export type { Trouble } from './offline/troubles.ts'
export { defineAssistant } from './assistant/definition.ts'
export type {
  AssistantDefinition,
  AssistantRuntime,
  AssistantWrites,
  Contact,
  ServiceAddress,
} from './assistant/definition.ts'
