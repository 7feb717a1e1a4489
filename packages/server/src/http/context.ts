import type { LanguageModelV4, LanguageModelV4Prompt } from '@ai-sdk/provider'
import type { AiEvent, AssistantDefinition, Budgets, Contact } from '@holdfast/ai'
import type { Clock, Events, Integration } from '@holdfast/core'
import type { Access } from '../access/access.ts'
import type { KeptAccounts } from '../budgets/keep-accounts.ts'
import type { AnswersUnderWay } from '../answer/under-way.ts'
import type { ServerOptions } from '../config/options.ts'
import type { DeskHouse } from '../desks/desks.ts'
import type { Keeper } from '../desks/keep-entries.ts'
import type { EmergencyHealth } from '../emergency/emergency-desk.ts'
import type { Services } from '../environment/services.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** An assistant that has been built. */
export interface RunningAssistant {
  readonly definition: AssistantDefinition
  readonly model: LanguageModelV4
  /** Whether this must be answered however much there is to do. Default: nothing must. */
  isUrgent?(prompt: LanguageModelV4Prompt): boolean
}

/** The sandbox, as far as the HTTP API needs to know it. */
export interface SandboxState {
  /** Where its switches are. */
  readonly controlUrl: string
  readonly running: boolean
}

/** Writes a line about something that no event tells. */
export interface Log {
  error(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Everything the routes work with. */
export interface AppContext {
  /** The version of the server, as `/health` says it. */
  readonly version: string
  readonly assistants: ReadonlyMap<string, RunningAssistant>
  readonly integrations: readonly Integration[]
  readonly services: Services
  readonly contact: Contact
  readonly access: Access
  readonly answers: AnswersUnderWay
  readonly options: Required<ServerOptions>
  readonly events: Events<AiEvent>
  readonly metrics: Metrics
  readonly log: Log
  readonly clock: Clock
  /** Whether only this machine reaches the server. */
  readonly loopback: boolean
  /** Undefined while every service is a real one. */
  readonly sandbox: SandboxState | undefined
  /** What may be spent; undefined where nothing is limited. */
  readonly budgets?: Pick<Budgets, 'standings'> | undefined
  /** What keeps the accounts of budgets. */
  readonly accounts?: Pick<KeptAccounts, 'isKept'> | undefined
  /** How the tickets of emergencies are; undefined where none are kept. */
  readonly emergency?: (() => EmergencyHealth) | undefined
  /** Who takes requests; undefined where nobody does. */
  readonly desks?: Pick<DeskHouse, 'open'> | undefined
  /** Keeps who has changed what; undefined where there is no store. */
  readonly audit?: Keeper['audit'] | undefined
  /** What those who call hooks authenticate by. */
  readonly hookToken?: string | undefined
}
