import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** A `jsonb` column: read as a value, written as text, which {@link json} makes. */
export type JsonColumn = ColumnType<Json, string, string>

/** The same, where the database fills in `{}`. */
export type JsonColumnWithDefault = ColumnType<Json, string | undefined, string>

/** The same, where there may be nothing. */
export type OptionalJsonColumn = ColumnType<Json | null, string | null | undefined, string | null>

/** A `bigint`: read as text, since it may be more than a number holds. */
export type BigintColumn = ColumnType<string, string | number | bigint, string | number | bigint>

/** The same, where there may be nothing. */
export type OptionalBigintColumn = ColumnType<
  string | null,
  string | number | bigint | null | undefined,
  string | number | bigint | null
>

/** A time the database keeps itself. */
export type KeptTime = ColumnType<Date, never, never>

/** Read only: what the database alone may say. */
export type GivenText = ColumnType<string, never, never>

export interface TenantsTable {
  /** 1 to 200 characters. */
  readonly id: ColumnType<string, string, never>
  readonly name: string
  readonly status: Generated<'active' | 'suspended'>
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
}

export interface UsersTable {
  readonly tenant: Generated<string>
  /** As whoever signed the user in calls them: 1 to 200 characters. */
  readonly id: string
  /** One user of a tenant each, whatever its capital letters. */
  readonly email: string | null
  readonly name: string | null
  readonly roles: Generated<string[]>
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
}

export interface ApiKeysTable {
  readonly tenant: Generated<string>
  readonly id: Generated<string>
  readonly user_id: string | null
  /** What people call it. */
  readonly label: string
  /** How the key begins, so that people can tell it from others. */
  readonly prefix: string
  /** SHA-256 of the key, 64 hexadecimal digits. */
  readonly key_hash: string
  /** What may be done with it: the `roles` of the claims. */
  readonly roles: Generated<string[]>
  readonly created_at: Generated<Date>
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
}

export interface ConversationsTable {
  readonly tenant: Generated<string>
  readonly id: Generated<string>
  readonly user_id: string | null
  readonly assistant: string
  /** `api`, `web`, `phone`. */
  readonly channel: Generated<string>
  /** What the client calls it; one conversation with an assistant each. */
  readonly session_id: string | null
  readonly title: string | null
  readonly metadata: JsonColumnWithDefault
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
}

/** Only ever added to. */
export interface MessagesTable {
  readonly tenant: Generated<string>
  readonly conversation_id: string
  /** From 0. */
  readonly sequence: number
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
  readonly parts: OptionalJsonColumn
  readonly request_id: string | null
  /** The tier that answered. */
  readonly tier: string | null
  readonly served_by: string | null
  readonly attempts: number | null
  /** Of a stale answer, in ms. */
  readonly age_ms: OptionalBigintColumn
  /** All that is known of where it came from. */
  readonly provenance: OptionalJsonColumn
  readonly created_at: Generated<Date>
}

export interface ClientsTable {
  readonly tenant: Generated<string>
  readonly id: Generated<string>
  readonly name: string
  readonly company: string | null
  readonly email: string | null
  readonly phone: string | null
  readonly preferences: JsonColumnWithDefault
  /** In the customer database it comes from. */
  readonly external_id: string | null
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
}

export interface LeadsTable {
  readonly tenant: Generated<string>
  readonly id: Generated<string>
  readonly client_id: string | null
  readonly conversation_id: string | null
  readonly source: string
  readonly status: Generated<'new' | 'contacted' | 'qualified' | 'won' | 'lost'>
  readonly name: string | null
  readonly email: string | null
  readonly phone: string | null
  /** 0 to 100. */
  readonly score: number | null
  readonly details: JsonColumnWithDefault
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
}

/** Something that a client wants. */
export interface RequestsTable {
  readonly tenant: Generated<string>
  readonly id: Generated<string>
  readonly user_id: string | null
  readonly client_id: string | null
  readonly conversation_id: string | null
  /** `flight`, `repair`. */
  readonly kind: string
  readonly status: Generated<
    'new' | 'searching' | 'quoted' | 'proposed' | 'accepted' | 'completed' | 'cancelled' | 'failed'
  >
  readonly summary: string | null
  readonly details: JsonColumnWithDefault
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
}

/** What an operator was asked. */
export interface RfpsTable {
  readonly tenant: Generated<string>
  readonly id: Generated<string>
  readonly request_id: string
  readonly operator: string
  readonly status: Generated<'draft' | 'sent' | 'answered' | 'declined' | 'expired' | 'cancelled'>
  readonly external_id: string | null
  readonly details: JsonColumnWithDefault
  readonly sent_at: Date | null
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
}

/** What an operator wants for it. */
export interface QuotesTable {
  readonly tenant: Generated<string>
  readonly id: Generated<string>
  readonly request_id: string
  readonly rfp_id: string | null
  readonly operator: string
  readonly status: Generated<'received' | 'accepted' | 'rejected' | 'expired'>
  /** In the smallest unit of the currency. */
  readonly amount_minor: BigintColumn
  /** ISO 4217, `EUR`. */
  readonly currency: string
  readonly external_id: string | null
  readonly valid_until: Date | null
  readonly details: JsonColumnWithDefault
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
}

/** What the client is offered. */
export interface ProposalsTable {
  readonly tenant: Generated<string>
  readonly id: Generated<string>
  readonly request_id: string
  readonly quote_id: string | null
  readonly client_id: string | null
  readonly status: Generated<'draft' | 'sent' | 'accepted' | 'declined' | 'expired'>
  readonly subject: string | null
  readonly body: string
  readonly details: JsonColumnWithDefault
  readonly sent_at: Date | null
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
}

export interface TicketsTable {
  readonly tenant: Generated<string>
  /** What people are told: `EMG-2Q7K9XMA`. */
  readonly id: string
  readonly conversation_id: string | null
  readonly user_id: string | null
  readonly priority: Generated<'low' | 'normal' | 'high' | 'emergency'>
  readonly status: Generated<'open' | 'in-progress' | 'resolved' | 'closed'>
  readonly summary: string
  readonly details: JsonColumnWithDefault
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
  readonly closed_at: Date | null
}

/** What became of a job; one row for each key of a queue. */
export interface JobResultsTable {
  readonly tenant: Generated<string>
  readonly queue: string
  /** The idempotency key of the job. */
  readonly key: string
  readonly request_id: string | null
  readonly status: 'succeeded' | 'failed' | 'cancelled'
  readonly attempts: Generated<number>
  readonly result: OptionalJsonColumn
  readonly error: OptionalJsonColumn
  readonly started_at: Date | null
  readonly finished_at: Generated<Date>
}

/** Written by {@link once}. */
export interface IdempotencyKeysTable {
  readonly tenant: Generated<string>
  readonly key: string
  readonly fingerprint: string
  readonly result: OptionalJsonColumn
  readonly at: Generated<Date>
}

/** What agents did. Only ever added to. */
export interface ActivitiesTable {
  readonly tenant: Generated<string>
  readonly id: GivenText
  readonly request_id: string | null
  readonly agent: string
  readonly activity: string
  readonly metadata: JsonColumnWithDefault
  readonly at: KeptTime
}

/** Only ever added to; nobody can change or remove a row. */
export interface AuditTable {
  readonly tenant: Generated<string>
  readonly id: GivenText
  /** The user of the claims; a worker says it itself. */
  readonly actor: Generated<string>
  readonly action: string
  readonly subject: string | null
  readonly details: JsonColumnWithDefault
  readonly at: KeptTime
}

export interface IncidentsTable {
  readonly tenant: Generated<string>
  readonly id: Generated<string>
  readonly title: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly status: Generated<'open' | 'mitigated' | 'closed'>
  readonly details: JsonColumnWithDefault
  readonly opened_at: Generated<Date>
  readonly updated_at: Generated<Date>
  readonly closed_at: Date | null
}

export interface AlertsTable {
  readonly tenant: Generated<string>
  readonly id: Generated<string>
  readonly incident_id: string | null
  readonly rule: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly status: Generated<'raised' | 'acknowledged' | 'resolved'>
  readonly message: string
  readonly details: JsonColumnWithDefault
  readonly raised_at: Generated<Date>
  readonly updated_at: Generated<Date>
  readonly resolved_at: Date | null
}

/** The outbox. Only ever added to. */
export interface EventsTable {
  /** Grows; given before the commit, so a later one may be seen earlier. Counts over all tenants. */
  readonly id: GeneratedAlways<string>
  /** The transaction that wrote it (`xid8`); those not before `pg_snapshot_xmin(pg_current_snapshot())` may not be all there. */
  readonly xid: GivenText
  readonly tenant: Generated<string>
  /** What it is about: `request:3f0c…`. */
  readonly topic: string
  readonly event: string
  readonly payload: JsonColumnWithDefault
  readonly at: KeptTime
}

/** The steps that were taken. */
export interface MigrationsTable {
  readonly id: GivenText
  readonly checksum: GivenText
  readonly applied_at: KeptTime
}

/** Every table of the store, in the order in which rows can be written: what is referred to comes first. */
export interface Schema {
  readonly migrations: MigrationsTable
  readonly tenants: TenantsTable
  readonly users: UsersTable
  readonly api_keys: ApiKeysTable
  readonly conversations: ConversationsTable
  readonly messages: MessagesTable
  readonly clients: ClientsTable
  readonly leads: LeadsTable
  readonly requests: RequestsTable
  readonly rfps: RfpsTable
  readonly quotes: QuotesTable
  readonly proposals: ProposalsTable
  readonly tickets: TicketsTable
  readonly job_results: JobResultsTable
  readonly idempotency_keys: IdempotencyKeysTable
  readonly activities: ActivitiesTable
  readonly audit: AuditTable
  readonly incidents: IncidentsTable
  readonly alerts: AlertsTable
  readonly events: EventsTable
}
