export { createTriage } from './triage.ts'
export { TRIAGE_DEFAULTS } from './options.ts'
export type { Assessment, Triage, TriageOptions, TriageReason } from './options.ts'
export { learnWords } from './learn-words.ts'
export type { TriageExample } from './learn-words.ts'
export { TRIAGE_TABLES } from './tables/index.ts'
export type { TriageCue, TriageKind, TriagePhrase, TriageScope, TriageTable, TriageWords } from './table.ts'
export { emergencyTier } from './emergency-tier.ts'
export { emergencyFirst } from './emergency-first.ts'
export type { EmergencyFirstModel } from './emergency-first.ts'
export { EMERGENCY_DEFAULTS } from './emergency-options.ts'
export type { EmergencyTierOptions } from './emergency-options.ts'
export type {
  EmergencyAnswered,
  EmergencyEvent,
  EmergencyNotifyFailed,
  EmergencyTicketLate,
  EmergencyTicketUncertain,
} from './events.ts'
export { EMERGENCY_TEXTS } from './texts.ts'
export type { EmergencyFacts, EmergencyText } from './texts.ts'
export type { EmergencyTicket } from './ticket.ts'
