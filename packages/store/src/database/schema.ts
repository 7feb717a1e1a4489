import type { ColumnType, Generated, Insertable, Selectable, Updateable } from 'kysely'

/** A moment. Read as a `Date`, to the millisecond; kept to the microsecond. */
export type Moment = ColumnType<Date, Date | string, Date | string>
type MaybeMoment = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>
type Now = ColumnType<Date, Date | string | undefined, never>

/** JSON on its way into the database: written by {@link json}, so that no driver mistakes a list for an array of the database's. */
export type JsonText = string & { readonly '~json': true }

/** A column of JSON. */
export type Json<Value = unknown> = ColumnType<Value, JsonText, JsonText>
type JsonOr<Value> = ColumnType<Value, JsonText | undefined, JsonText>

/** A value for a column of JSON. A text with the character NUL in it is refused by the database. @throws TypeError for what JSON cannot say. */
export function json(value: unknown): JsonText {
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError('This value cannot be written as JSON')
  return text as JsonText
}

interface Owned {
  /** Whose it is. Default: the tenant of the claims; another is refused. */
  tenant: ColumnType<string, string | undefined, never>
}

interface Row extends Owned {
  id: Generated<string>
  created_at: Now
}

export interface TenantTable {
  id: string
  name: string
  created_at: Now
}

export interface UserTable extends Owned {
  id: string
  email: string | null
  name: string | null
  roles: JsonOr<readonly string[]>
  created_at: Now
}

export interface ApiKeyTable extends Row {
  label: string
  /** What is shown of it. */
  prefix: string
  /** SHA-256. */
  hash: Uint8Array
  roles: JsonOr<readonly string[]>
  expires_at: MaybeMoment
  revoked_at: MaybeMoment
}

export interface ConversationTable extends Row {
  user_id: string
  assistant: string
  title: string | null
}

export interface MessageTable extends Row {
  conversation_id: string
  role: 'user' | 'assistant' | 'system' | 'tool'
  content: string
  /** Of an answer: who gave it, and what was tried before. */
  provenance: JsonOr<unknown>
}

export interface ClientTable extends Row {
  email: string | null
  name: string
  phone: string | null
  profile: JsonOr<Readonly<Record<string, unknown>>>
  source: string | null
  updated_at: Now
}

export interface LeadTable extends Row {
  client_id: string | null
  source: string
  status: Generated<string>
  details: JsonOr<Readonly<Record<string, unknown>>>
}

export interface RequestTable extends Row {
  user_id: string
  client_id: string | null
  status: Generated<string>
  text: string
  criteria: JsonOr<Readonly<Record<string, unknown>>>
  updated_at: Now
}

export interface RfpTable extends Row {
  request_id: string
  /** At the marketplace. */
  external_id: string | null
  status: Generated<string>
  details: JsonOr<Readonly<Record<string, unknown>>>
}

export interface QuoteTable extends Row {
  rfp_id: string
  external_id: string | null
  operator: string | null
  aircraft: string | null
  /** Exact, as text. */
  amount: ColumnType<string | null, string | number | null | undefined, string | number | null>
  currency: string | null
  details: JsonOr<Readonly<Record<string, unknown>>>
}

export interface ProposalTable extends Row {
  request_id: string
  status: Generated<string>
  ranking: JsonOr<unknown>
  approved_by: string | null
  approved_at: MaybeMoment
}

export interface TicketTable extends Row {
  /** The number that the customer was told. */
  number: string
  status: Generated<string>
  message: string
  details: JsonOr<Readonly<Record<string, unknown>>>
}

/** A conversation that a person is to take over. */
export interface HandoverTable extends Row {
  reason: string
  summary: string | null
  /** As whoever asked knows it. */
  conversation: string | null
  status: Generated<string>
  details: JsonOr<Readonly<Record<string, unknown>>>
}

/** A mail that is to be sent. */
export interface MailTable extends Row {
  recipients: Json<readonly string[]>
  subject: string
  body: string
  details: JsonOr<Readonly<Record<string, unknown>>>
  sent_at: MaybeMoment
}

export interface JobResultTable extends Owned {
  job_id: string
  queue: string
  state: string
  result: JsonOr<unknown>
  finished_at: Now
}

export interface IdempotencyKeyTable extends Owned {
  key: string
  /** Of the input, so that a key is not used for another. */
  fingerprint: string
  result: JsonOr<unknown>
  created_at: Now
}

export interface OutsideWriteTable extends Owned {
  /** What was written to, and by which account. */
  service: string
  key: string
  /** Of the input, so that a key is not used for another. */
  fingerprint: string
  state: Generated<'claimed' | 'made' | 'unconfirmed'>
  /** Of who makes it: only he may say what came of it. */
  claim: string
  /** As a text of JSON. */
  result: string | null
  /** What was to be written, as the beginning of a text of JSON; gone once it is known to have been made. */
  input: string | null
  claimed_at: Now
}

export interface ActivityTable extends Row {
  request_id: string | null
  agent: string
  activity: string
  details: JsonOr<Readonly<Record<string, unknown>>>
}

export interface AuditTable extends Row {
  actor: string
  action: string
  target: string | null
  details: JsonOr<Readonly<Record<string, unknown>>>
}

export interface AlertTable extends Row {
  rule: string
  severity: string
  state: Generated<string>
  details: JsonOr<Readonly<Record<string, unknown>>>
  resolved_at: MaybeMoment
}

export interface IncidentTable extends Row {
  integration: string
  summary: string
  details: JsonOr<Readonly<Record<string, unknown>>>
  resolved_at: MaybeMoment
}

export interface OutboxTable extends Owned {
  /** What it is about, such as `request:7`: events of one topic are in order. */
  topic: string
  /** 1, 2, 3 in its topic, without a gap. */
  seq: ColumnType<number, never, never>
  event: string
  payload: JsonOr<unknown>
  created_at: Now
  /** When it had been handed on to those outside. */
  dispatched_at: MaybeMoment
}

export interface EventSubscriberTable extends Owned {
  name: string
  /** Names of the events that it is told of. */
  events: JsonOr<readonly string[]>
}

export interface EventDeliveryTable extends Owned {
  subscriber: string
  topic: string
  seq: number
  attempts: Generated<number>
  /** When it is due, or somebody else may take it. */
  next_at: Now
  /** Of who is telling it. */
  lease: string | null
}

export interface WorkflowRunTable extends Row {
  workflow: string
  version: number
  state: ColumnType<WorkflowRunState, WorkflowRunState | undefined, WorkflowRunState>
  input: Json
  output: JsonOr<unknown>
  failure: JsonOr<unknown>
  request_id: string | null
  started_by: string
  idempotency_key: string | null
  /** Of the input that came with the key. */
  fingerprint: string | null
  deadline_at: MaybeMoment
  /** When somebody has to look at it: the end of its wait, or of the lease of who is at it. */
  wake_at: MaybeMoment
  /** Something has come while somebody was at it. */
  is_wanted: Generated<boolean>
  /** Counts the leases: who has an older one can write nothing more. */
  fence: Generated<number>
  /** Leases that ended without a word, one after the other. */
  lost_leases: Generated<number>
  /** How many it has had. */
  signals: Generated<number>
  cancellation: JsonOr<unknown>
  /** Since when nobody knows its workflow. */
  unknown_since: MaybeMoment
  parent_run: string | null
  parent_step: string | null
  parent_signal: string | null
  ended_at: MaybeMoment
}

/** Where a run is. */
export type WorkflowRunState = 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'

export interface WorkflowStepTable extends Owned {
  run_id: string
  name: string
  /** What it is a part of: empty, or the branch. */
  scope: string
  /** In its scope, from 0. */
  position: number
  kind: string
  state: 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'
  /** Tries that were begun. */
  attempts: Generated<number>
  failures: Generated<number>
  /** What it waits for. */
  spec: JsonOr<Readonly<Record<string, unknown>>>
  result: JsonOr<unknown>
  failure: JsonOr<unknown>
  wake_at: MaybeMoment
  started_at: Now
  ended_at: MaybeMoment
}

export interface WorkflowSignalTable extends Owned {
  run_id: string
  /** 1, 2, 3 in its run. */
  seq: number
  created_at: Now
  signal: string
  source: string | null
  payload: JsonOr<unknown>
  sent_by: string
  idempotency_key: string | null
  fingerprint: string | null
  /** The step that has it. */
  taken_by: string | null
}

export interface SyncRecordTable extends Owned {
  kind: string
  /** Its name inside: a hash of source and id. */
  ref: string
  source: string
  source_id: string
  /** The first of the records that it hangs together with. */
  component: string
  fields: JsonOr<unknown>
  /** When its source deleted it, if that was ever so. */
  deleted: ColumnType<unknown, JsonText | null | undefined, JsonText | null>
  decisions: JsonOr<unknown>
  /** Only while it is deleted. */
  deleted_at: MaybeMoment
}

export interface SyncKeyTable extends Owned {
  kind: string
  /** A hash. */
  key: string
  ref: string
}

export interface SyncConflictTable extends Owned {
  kind: string
  id: string
  component: string
  body: Json
  opened_at: Now
}

export interface SyncCursorTable extends Owned {
  source: string
  cursor: Json
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>
}

export interface SyncWatermarkTable extends Owned {
  kind: string
  source: string
  stamp: Json
}

export interface SyncForgottenTable extends Owned {
  /** Of a record that must not come back; nothing else is known of it. */
  digest: string
  forgotten_at: Now
}

export interface SyncPullTable extends Owned {
  source: string
  /** Of who is at it, or was the last. */
  run: string
  state: 'running' | 'done' | 'failed'
  started_at: Moment
  ended_at: MaybeMoment
  /** The end of the last that went well. */
  succeeded_at: MaybeMoment
  /** Those that have failed since then. */
  failures: Generated<number>
  failure: ColumnType<unknown, JsonText | null | undefined, JsonText | null>
  counts: JsonOr<unknown>
}

export interface BudgetSpendingTable extends Owned {
  /** Which account of which limit, as JSON. */
  account: string
  /** When this part of the period began. */
  starts_at: Moment
  /** Who has used it. */
  server: string
  cost: number
  tokens: number
  requests: number
  /** When it no longer counts, at the latest. */
  expires_at: Moment
  changed_at: ColumnType<Date, Date | string | undefined, Date | string>
}

export interface WebhookTable extends Row {
  url: string
  /** Names of events; one that ends with `*` is how they begin. */
  events: Json<readonly string[]>
  label: Generated<string>
  last_success_at: MaybeMoment
  failing_since: MaybeMoment
  /** From then on nothing is sent. */
  dead_at: MaybeMoment
  dead_code: string | null
}

export interface WebhookSecretTable extends Row {
  webhook_id: string
  secret: string
  expires_at: MaybeMoment
}

export interface WebhookDeliveryTable extends Owned {
  webhook_id: string
  topic: string
  seq: number
  state: Generated<'pending' | 'dead'>
  attempts: Generated<number>
  /** When it is due, or somebody else may take it; none while it waits behind another of its topic. */
  next_at: MaybeMoment
  /** Of who is sending it. */
  lease: string | null
  first_at: MaybeMoment
  last_at: MaybeMoment
  last_code: string | null
}

/** The tables, as queries see them. */
export interface Schema {
  tenants: TenantTable
  users: UserTable
  api_keys: ApiKeyTable
  conversations: ConversationTable
  messages: MessageTable
  clients: ClientTable
  leads: LeadTable
  requests: RequestTable
  rfps: RfpTable
  quotes: QuoteTable
  proposals: ProposalTable
  tickets: TicketTable
  handovers: HandoverTable
  mails: MailTable
  job_results: JobResultTable
  idempotency_keys: IdempotencyKeyTable
  outside_writes: OutsideWriteTable
  activities: ActivityTable
  audit: AuditTable
  alerts: AlertTable
  incidents: IncidentTable
  outbox: OutboxTable
  event_subscribers: EventSubscriberTable
  event_deliveries: EventDeliveryTable
  workflow_runs: WorkflowRunTable
  workflow_steps: WorkflowStepTable
  workflow_signals: WorkflowSignalTable
  sync_records: SyncRecordTable
  sync_keys: SyncKeyTable
  sync_conflicts: SyncConflictTable
  sync_cursors: SyncCursorTable
  sync_watermarks: SyncWatermarkTable
  sync_forgotten: SyncForgottenTable
  sync_pulls: SyncPullTable
  budget_spending: BudgetSpendingTable
  webhooks: WebhookTable
  webhook_secrets: WebhookSecretTable
  webhook_deliveries: WebhookDeliveryTable
}

/** A row as it is read. */
export type StoredRow<Table extends keyof Schema> = Selectable<Schema[Table]>
/** A row as it is written. */
export type NewRow<Table extends keyof Schema> = Insertable<Schema[Table]>
/** What may change in a row. */
export type RowChange<Table extends keyof Schema> = Updateable<Schema[Table]>
