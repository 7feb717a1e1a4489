import type { DeskDefinition } from '@holdfast/agents/desks'
import type { DeletionStrategy, FieldStrategy } from '@holdfast/agents/sync'
import type { AssistantDefinition, BudgetLimit, Contact, FailoverModel } from '@holdfast/ai'
import type { LlmProvider } from '@holdfast/connectors/llm'
import type { Environment, IntegrationOptions } from '@holdfast/core'

/** What `holdfast.config.ts` exports. Keys and addresses are not in it: they come from the environment. */
export interface HoldfastConfig {
  readonly server?: ServerOptions
  /** How a customer reaches a person when nothing else works. At least a phone number or a mail address. */
  readonly contact: Contact
  /** The dependencies, by name, and how each is guarded. An assistant names the ones it needs. */
  readonly integrations: Readonly<Record<string, IntegrationPolicies>>
  /** Language models by name, which assistants use by it: `charterAssistant({ models: ['claude', 'gpt'] })`. Default: none. */
  readonly models?: Readonly<Record<string, ModelOptions>>
  /** The assistants that are served; a caller names one as `model`. At least one. */
  readonly assistants: readonly AssistantDefinition[]
  /** Whose requests are served. Answers and sessions are never shared between tenants. Default: `default` alone. */
  readonly tenants?: Readonly<Record<string, TenantOptions>>
  readonly memory?: MemoryOptions
  /** What the `models` may cost, all assistants together. Default: no limit. */
  readonly budgets?: BudgetOptions
  /** Emergencies are answered before anything else is asked, and their tickets kept and delivered. Default: off. */
  readonly emergency?: EmergencyOptions
  /** Who takes requests that are worked on for hours or days, such as `charterRequests()`. With one there is a store, and a queue. Default: none. */
  readonly desks?: readonly DeskDefinition[]
  /** MCP servers by name that desks call tools of, in place of those of the connectors: `avinode`, `email`, `google-sheets`. Default: none. */
  readonly toolServers?: Readonly<Record<string, ToolServerOptions>>
  readonly storage?: StorageOptions
  /** Who outside is told of what happens with requests; who that is comes by `POST /webhooks`. Of no use without `desks`. */
  readonly webhooks?: WebhookOptions
  /** Sources that know the same clients, quotes and aircraft. Of no use without `desks`. Default: none. */
  readonly sync?: SyncOptions
}

/** What several sources know of the same clients, quotes and aircraft, brought together as one. */
export interface SyncOptions {
  /** By name, which stands in each provenance. 1 to 20. */
  readonly sources: Readonly<Record<string, SyncSourceOptions>>
  /** How things are brought together, where that is not as `CHARTER_KINDS` says. */
  readonly kinds?: Readonly<Partial<Record<SyncKind, SyncKindOptions>>>
  /** How long it is known that a record was deleted, in ms. 0 to 315,360,000,000. Default: 7,776,000,000, which is 90 days. */
  readonly keepDeletedMs?: number
}

/** A kind of thing that sources know. */
export type SyncKind = 'client' | 'quote' | 'aircraft'

/** How things of a kind are brought together. */
export interface SyncKindOptions {
  /** Names of sources, the most trusted first. Default: none is trusted more. */
  readonly trust?: readonly string[]
  /** How the value of a field is chosen, by its name; a name that the kind does not have is a new field. Default: as the kind says, and `newest` for new ones. */
  readonly fields?: Readonly<
    Record<string, FieldStrategy | { readonly strategy: FieldStrategy; readonly trust?: readonly string[] }>
  >
  /** What it means that one source has deleted it while others have it. Default: `source`. */
  readonly deletion?: DeletionStrategy
}

/** Where records come from: the store's own clients, a sheet of a spreadsheet, or HubSpot. */
export type SyncSourceOptions = StoreSourceOptions | SheetSourceOptions | HubSpotSourceOptions

/** When a source is pulled, and for whom. */
export interface PullOptions {
  /** Whose its records are. Default: `default` alone. */
  readonly tenants?: readonly string[]
  /** When it is pulled: five fields of cron. Default: each quarter of an hour. */
  readonly cron?: string
  /** IANA name of the time zone that `cron` is meant in. Default: `UTC`. */
  readonly timeZone?: string
}

/** The clients of the store: those of earlier requests. */
export interface StoreSourceOptions extends PullOptions {
  readonly from: 'store'
}

/** Rows of a sheet whose first row names the columns. */
export interface SheetSourceOptions extends PullOptions {
  readonly from: 'google-sheets'
  /** Default: `client`. */
  readonly kind?: SyncKind
  /** The name of the sheet. */
  readonly sheet: string
  /** The column by whose value a row is the same the next time. Letter case does not count in it. */
  readonly id: string
  /** The column of each field. */
  readonly fields: Readonly<Record<string, string>>
  /** The column that says when a row was changed: a date, or ISO 8601, in the time zone of the spreadsheet unless it has an offset. Default: none; what is read first is then older than whatever has a time. */
  readonly modifiedColumn?: string
  /** Another spreadsheet than that of `GOOGLE_SHEETS_SPREADSHEET_ID`. */
  readonly spreadsheetId?: string
  /** Name of the environment variable with the key file of another service account than that of `GOOGLE_SERVICE_ACCOUNT_KEY`. */
  readonly keyVariable?: string
}

/** Records of HubSpot. */
export interface HubSpotSourceOptions extends PullOptions {
  readonly from: 'hubspot'
  /** Default: `client`. */
  readonly kind?: SyncKind
  /** Default: `contacts`. */
  readonly type?: 'contacts' | 'companies' | 'deals'
  /** The property of each field, or several that are put together with a space. Default, of clients: `email`, `phone`, `company`, and `name` of `firstname` and `lastname`. */
  readonly fields?: Readonly<Record<string, string | readonly string[]>>
  /** Name of the environment variable with the access token of another account than that of `HUBSPOT_ACCESS_TOKEN`. */
  readonly tokenVariable?: string
}

/** Where webhooks may lead. Both are for receivers inside one's own network: whoever may add a webhook can then make this server ask there. */
export interface WebhookOptions {
  /** Whether `http:` will do. Default: false. */
  readonly allowHttp?: boolean
  /** Whether a webhook may lead to loopback, private and other addresses that are not public. Default: false. */
  readonly allowPrivateAddresses?: boolean
}

/** Where things are kept that are not on a server (`DATABASE_URL`). */
export interface StorageOptions {
  /** From the directory of the configuration; for one server alone, on a disk of the machine. The store is in `store` below it. Default: `.data`. */
  readonly directory?: string
  /** How long idempotency keys are kept, in ms: a request that comes again with a forgotten one is a new request. 1 day to 3,650 days. Default: 2,592,000,000, which is 30 days. */
  readonly keepKeysMs?: number
  /** How long events are kept, in ms; one that somebody has yet to be told stays for longer. 1 day to 3,650 days. Default: 7,776,000,000, which is 90 days. */
  readonly keepEventsMs?: number
}

/** How one dependency is guarded: the options of an integration without its name and its environment. */
export type IntegrationPolicies = Omit<
  IntegrationOptions,
  'name' | 'admissions' | 'carrier' | 'chaos' | 'classify' | keyof Environment
>

/** One language model. Each has a guard of its own, by the same name. Whatever is not here is as in a failover. */
export interface ModelOptions extends Pick<
  FailoverModel,
  'credential' | 'timeoutMs' | 'contextWindow' | 'maxOutputTokens' | 'supports' | 'prefills' | 'price'
> {
  /** Whose wire format it speaks. */
  readonly provider: LlmProvider
  /** As the provider calls it. */
  readonly model: string
  /** Name of the environment variable that holds the key. Needed by every provider but `openai-compatible`. */
  readonly apiKeyVariable?: string
  /** Up to and including the version: of another region, a gateway, a server of your own. Needed for `openai-compatible`. Default: the provider's. */
  readonly baseUrl?: string
}

/** An MCP server: at an address, or a program that is started here. */
export type ToolServerOptions =
  | {
      /** Of its streamable HTTP, without credentials or a query. */
      readonly url: string
      /** Name of the environment variable with the token that it wants. Default: none is sent. */
      readonly tokenVariable?: string
    }
  | {
      readonly command: string
      readonly args?: readonly string[]
      /** Names of the environment variables that it is given; beside them it gets `PATH` and the like alone. Default: none. */
      readonly variables?: readonly string[]
    }

/** How the server behaves. Address and port come from the environment (`HOST`, `PORT`). */
export interface ServerOptions {
  /** How long answers under way may take to finish after SIGTERM, in ms. 0 to 600,000. Default: 10,000. */
  readonly shutdownGraceMs?: number
  /** Largest body of a request, in bytes. 1,024 to 67,108,864. Default: 1,048,576 (1 MiB). */
  readonly bodyLimitBytes?: number
  /** A comment is sent into a stream that has been silent for this long, in ms. 100 to 600,000. Default: 10,000. */
  readonly keepAliveCommentMs?: number
  /** The connection of a reader of a stream who has not taken what waits for him for this long is closed, in ms. 100 to 600,000. Default: 30,000. */
  readonly stalledReaderMs?: number
  /** Answers under way at once; more are refused with 503. 1 to 100,000. Default: 1,000. */
  readonly maxConcurrentAnswers?: number
  /** Conversations of `POST /chat` that are kept. 1 to 1,000,000. Default: 1,000; the least recently used goes first. */
  readonly maxSessions?: number
  /** A conversation is forgotten after this long without a message, in ms. 1,000 to 86,400,000. Default: 1,800,000. */
  readonly sessionIdleMs?: number
  /** Messages of a conversation that are kept. 2 to 1,000. Default: 20; the oldest go first. */
  readonly maxSessionMessages?: number
  /** How long an API key of the store that was good goes on being taken while the store is away, in ms. 0 to 86,400,000. Default: 900,000. */
  readonly apiKeyGraceMs?: number
  /** Web origins that may call `/v1`, `/chat`, `/requests` and `/health` from a browser, such as `https://www.example.com`. Default: none. */
  readonly corsOrigins?: readonly string[]
  /** Host names besides `localhost` and IP addresses under which a server bound to loopback answers. Default: none. */
  readonly allowedHosts?: readonly string[]
  /** Default: `info`. */
  readonly logLevel?: LogLevel
}

/** How much is logged. `debug` shows every attempt. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** One tenant. */
export interface TenantOptions {
  /** For people. */
  readonly title?: string
  /** Names of the environment variables that hold this tenant's API keys, one key each. */
  readonly apiKeyVariables?: readonly string[]
}

/** How many good answers are remembered, and for how long. */
export interface MemoryOptions {
  /** 1 to 1,000,000. Default: 1,000. */
  readonly maxEntries?: number
  /** 1,024 to 1,073,741,824. Default: 16,777,216 (16 MiB). */
  readonly maxBytes?: number
  /** An answer older than this is never served again, in ms. 1,000 to 31,536,000,000. Default: 86,400,000 (a day). */
  readonly maxAgeMs?: number
}

/** What may be spent on the configured models. A restart begins anew. */
export interface BudgetOptions {
  /** By name. 1 to 100. All that are for a request must have room for it. */
  readonly limits: Readonly<Record<string, BudgetLimitOptions>>
  /** Accounts of one limit. When there are more, the least used make room. 10 to 1,000,000. Default: 10,000. */
  readonly maxAccounts?: number
  /** Tokens of answer that are set aside for a request that does not say how many it may have. 0 to 10,000,000. Default: 1,000. */
  readonly expectedOutputTokens?: number
}

/**
 * One limit. In `only`, `except` and `per`, `model` is a name in `models`, `provider` what is written there, and `key` the label of a key: `acme.1` for the
 * first of `acme` in `HOLDFAST_API_KEYS`, or the name of its variable in lower case.
 */
export interface BudgetLimitOptions extends Omit<BudgetLimit, 'name'> {}

/** How emergencies are answered. Whom to tell comes from the environment (`ONCALL_WEBHOOK_URL`). */
export interface EmergencyOptions {
  /** Names of the assistants that it stands before. Default: all. */
  readonly assistants?: readonly string[]
  /** The number that the answer shows. Default: that of `contact`; one of the two is a must. */
  readonly phone?: string
  /** Where tickets are kept, from the directory of the configuration; for one server alone, on a disk of the machine. Default: `.data/emergency`. */
  readonly directory?: string
  /** From this score on a message is an emergency. 1 to 100. Default: 40. */
  readonly threshold?: number
  /** How long an answer waits for its ticket to be on the disk, in ms. 0 to 10,000. Default: 100. */
  readonly openTimeoutMs?: number
  /** Of the answer, for messages too short to tell: an ISO 639-1 code. Default: `en`. */
  readonly language?: string
  /** How long a ticket that the webhook refuses as wrong is sent again, in ms. 0 to 31,536,000,000. Default: 86,400,000 (a day). */
  readonly giveUpAfterMs?: number
}

/** What the server does where the configuration says nothing. */
export const SERVER_DEFAULTS: Required<ServerOptions> = Object.freeze({
  shutdownGraceMs: 10_000,
  bodyLimitBytes: 1_048_576,
  keepAliveCommentMs: 10_000,
  stalledReaderMs: 30_000,
  maxConcurrentAnswers: 1_000,
  maxSessions: 1_000,
  sessionIdleMs: 1_800_000,
  maxSessionMessages: 20,
  apiKeyGraceMs: 900_000,
  corsOrigins: Object.freeze([]),
  allowedHosts: Object.freeze([]),
  logLevel: 'info',
})

/** What the memory of answers does where the configuration says nothing. */
export const MEMORY_DEFAULTS: Required<MemoryOptions> = Object.freeze({
  maxEntries: 1_000,
  maxBytes: 16_777_216,
  maxAgeMs: 86_400_000,
})

/** Where things are kept where the configuration says nothing. */
export const STORAGE_DEFAULTS: Required<StorageOptions> = Object.freeze({
  directory: '.data',
  keepKeysMs: 2_592_000_000,
  keepEventsMs: 7_776_000_000,
})

/** Where webhooks may lead where the configuration says nothing. */
export const WEBHOOK_OPTIONS_DEFAULTS: Required<WebhookOptions> = Object.freeze({
  allowHttp: false,
  allowPrivateAddresses: false,
})

/** What sync does where the configuration says nothing. */
export const SYNC_OPTIONS_DEFAULTS: Required<Pick<SyncOptions, 'keepDeletedMs'>> &
  Required<Pick<PullOptions, 'cron' | 'timeZone' | 'tenants'>> = Object.freeze({
  keepDeletedMs: 7_776_000_000,
  tenants: Object.freeze(['default']),
  cron: '*/15 * * * *',
  timeZone: 'UTC',
})

/** What budgets do where the configuration says nothing. */
export const BUDGET_OPTIONS_DEFAULTS: Required<Omit<BudgetOptions, 'limits'>> = Object.freeze({
  maxAccounts: 10_000,
  expectedOutputTokens: 1_000,
})

/** What happens in an emergency where the configuration says nothing. */
export const EMERGENCY_OPTIONS_DEFAULTS: Required<Omit<EmergencyOptions, 'assistants' | 'phone'>> = Object.freeze({
  directory: '.data/emergency',
  threshold: 40,
  openTimeoutMs: 100,
  language: 'en',
  giveUpAfterMs: 86_400_000,
})

/** Declares the configuration; returns it as it is, typed. It is checked when the server starts. */
export function defineConfig(config: HoldfastConfig): HoldfastConfig {
  return config
}
