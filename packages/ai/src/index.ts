export type { Provenance, TierAttempt, TierReport } from './provenance/provenance.ts'
export { requestContext } from './provenance/request-context.ts'
export type { RequestContext } from './provenance/request-context.ts'
export type { Tier, TierListOptions } from './tiers/options.ts'
export type {
  AiEvent,
  AnswerAbandoned,
  AnswerFailed,
  AnswerServed,
  AnswerStarted,
  TierFailed,
  TierHedged,
  TierServed,
} from './events/events.ts'
export type { AnswerMemory, RememberedAnswer } from './memory/answer-memory.ts'
export { defineAssistant } from './assistant/definition.ts'
export type { AssistantDefinition, AssistantRuntime, Contact, ServiceAddress } from './assistant/definition.ts'
