import type { Schema } from '../../src/database/index.ts'
import type { Opened } from './opened.ts'

/** The same in every tenant: a key of one must not be taken in another. */
const ID = '00000000-0000-4000-8000-000000000001'
const HASH = 'a'.repeat(64)

/** What a row of each table needs besides its tenant. */
const ROWS: { readonly [Table in Exclude<keyof Schema, 'migrations' | 'tenants'>]: Readonly<Record<string, unknown>> } =
  {
    users: { id: 'u', email: 'u@example.org' },
    api_keys: { id: ID, user_id: 'u', label: 'key', prefix: 'hf_abcdef', key_hash: HASH },
    conversations: { id: ID, user_id: 'u', assistant: 'charter', session_id: 's' },
    messages: { conversation_id: ID, sequence: 0, role: 'user', content: 'hello' },
    clients: { id: ID, name: 'client', external_id: 'x' },
    leads: { id: ID, client_id: ID, conversation_id: ID, source: 'web' },
    requests: { id: ID, user_id: 'u', client_id: ID, conversation_id: ID, kind: 'flight' },
    rfps: { id: ID, request_id: ID, operator: 'operator', external_id: 'x' },
    quotes: {
      id: ID,
      request_id: ID,
      rfp_id: ID,
      operator: 'operator',
      amount_minor: 1,
      currency: 'EUR',
      external_id: 'x',
    },
    proposals: { id: ID, request_id: ID, quote_id: ID, client_id: ID, body: 'body' },
    tickets: { id: 'T-1', conversation_id: ID, user_id: 'u', summary: 'summary' },
    job_results: { queue: 'q', key: 'k', request_id: ID, status: 'succeeded' },
    idempotency_keys: { key: 'k', fingerprint: HASH },
    activities: { request_id: ID, agent: 'agent', activity: 'activity' },
    audit: { action: 'action' },
    incidents: { id: ID, title: 'title', severity: 'info' },
    alerts: { id: ID, incident_id: ID, rule: 'rule', severity: 'info', message: 'message' },
    events: { topic: 'topic', event: 'event' },
  }

/** Every table that holds rows of tenants, in an order in which they can be written. */
export const TABLES: readonly (keyof typeof ROWS)[] = Object.keys(ROWS) as (keyof typeof ROWS)[]

export function rowOf(table: keyof typeof ROWS, tenant: string): Record<string, unknown> {
  return { tenant, ...ROWS[table] }
}

/** One row in every table for a tenant, as the superuser writes it. */
export async function seed({ query }: Opened, tenant: string): Promise<void> {
  await query('insert into holdfast.tenants (id, name) values ($1, $1)', [tenant])
  for (const table of TABLES) {
    const row = rowOf(table, tenant)
    const places = Object.keys(row).map((_, index) => `$${index + 1}`)
    await query(
      `insert into holdfast.${table} (${Object.keys(row).join(', ')}) values (${places.join(', ')})`,
      Object.values(row),
    )
  }
}

export async function addTenant({ store }: Opened, tenant: string): Promise<void> {
  await store.asWorker(tenant, (tx) => tx.insertInto('tenants').values({ id: tenant, name: tenant }).execute())
}
