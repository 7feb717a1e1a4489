import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import { createApiKey, listApiKeys, forgetEvents, forgetKeys, json, once, revokeApiKey } from '@holdfast/store/database'
import type { Claims, Schema, Store, Transaction } from '@holdfast/store/database'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Every column that the types know. The compiler sees to it that none is left out. */
const COLUMNS: { readonly [Table in keyof Schema]: Readonly<Record<keyof Schema[Table], true>> } = {
  tenants: { id: true, name: true, created_at: true },
  users: { tenant: true, id: true, email: true, name: true, roles: true, created_at: true },
  api_keys: { ...rowColumns(), label: true, prefix: true, hash: true, roles: true, expires_at: true, revoked_at: true },
  conversations: { ...rowColumns(), user_id: true, assistant: true, title: true },
  messages: { ...rowColumns(), conversation_id: true, role: true, content: true, provenance: true },
  clients: { ...rowColumns(), email: true, name: true, phone: true, profile: true, source: true, updated_at: true },
  leads: { ...rowColumns(), client_id: true, source: true, status: true, details: true },
  requests: {
    ...rowColumns(),
    user_id: true,
    client_id: true,
    status: true,
    text: true,
    criteria: true,
    updated_at: true,
  },
  rfps: { ...rowColumns(), request_id: true, external_id: true, status: true, details: true },
  quotes: {
    ...rowColumns(),
    rfp_id: true,
    external_id: true,
    operator: true,
    aircraft: true,
    amount: true,
    currency: true,
    details: true,
  },
  proposals: { ...rowColumns(), request_id: true, status: true, ranking: true, approved_by: true, approved_at: true },
  tickets: { ...rowColumns(), number: true, status: true, message: true, details: true },
  handovers: { ...rowColumns(), reason: true, summary: true, conversation: true, status: true, details: true },
  mails: { ...rowColumns(), recipients: true, subject: true, body: true, details: true, sent_at: true },
  job_results: { tenant: true, job_id: true, queue: true, state: true, result: true, finished_at: true },
  idempotency_keys: { tenant: true, key: true, fingerprint: true, result: true, created_at: true },
  outside_writes: {
    tenant: true,
    service: true,
    key: true,
    fingerprint: true,
    state: true,
    claim: true,
    result: true,
    input: true,
    claimed_at: true,
  },
  activities: { ...rowColumns(), request_id: true, agent: true, activity: true, details: true },
  audit: { ...rowColumns(), actor: true, action: true, target: true, details: true },
  alerts: { ...rowColumns(), rule: true, severity: true, state: true, details: true, resolved_at: true },
  incidents: { ...rowColumns(), integration: true, summary: true, details: true, resolved_at: true },
  outbox: { tenant: true, topic: true, seq: true, event: true, payload: true, created_at: true, dispatched_at: true },
  workflow_runs: {
    ...rowColumns(),
    workflow: true,
    version: true,
    state: true,
    input: true,
    output: true,
    failure: true,
    request_id: true,
    started_by: true,
    idempotency_key: true,
    fingerprint: true,
    deadline_at: true,
    wake_at: true,
    is_wanted: true,
    fence: true,
    lost_leases: true,
    signals: true,
    cancellation: true,
    unknown_since: true,
    parent_run: true,
    parent_step: true,
    parent_signal: true,
    ended_at: true,
  },
  workflow_steps: {
    tenant: true,
    run_id: true,
    name: true,
    scope: true,
    position: true,
    kind: true,
    state: true,
    attempts: true,
    failures: true,
    spec: true,
    result: true,
    failure: true,
    wake_at: true,
    started_at: true,
    ended_at: true,
  },
  workflow_signals: {
    tenant: true,
    run_id: true,
    seq: true,
    created_at: true,
    signal: true,
    source: true,
    payload: true,
    sent_by: true,
    idempotency_key: true,
    fingerprint: true,
    taken_by: true,
  },
  sync_records: {
    tenant: true,
    kind: true,
    ref: true,
    source: true,
    source_id: true,
    component: true,
    fields: true,
    deleted: true,
    decisions: true,
    deleted_at: true,
  },
  sync_keys: { tenant: true, kind: true, key: true, ref: true },
  sync_conflicts: { tenant: true, kind: true, id: true, component: true, body: true, opened_at: true },
  sync_cursors: { tenant: true, source: true, cursor: true, updated_at: true },
  sync_watermarks: { tenant: true, kind: true, source: true, stamp: true },
  sync_forgotten: { tenant: true, digest: true, forgotten_at: true },
  sync_pulls: {
    tenant: true,
    source: true,
    run: true,
    state: true,
    started_at: true,
    ended_at: true,
    succeeded_at: true,
    failures: true,
    failure: true,
    counts: true,
  },
  budget_spending: {
    tenant: true,
    account: true,
    starts_at: true,
    server: true,
    cost: true,
    tokens: true,
    requests: true,
    expires_at: true,
    changed_at: true,
  },
  event_subscribers: { tenant: true, name: true, events: true },
  event_deliveries: {
    tenant: true,
    subscriber: true,
    topic: true,
    seq: true,
    attempts: true,
    next_at: true,
    lease: true,
  },
  webhooks: {
    ...rowColumns(),
    url: true,
    events: true,
    label: true,
    last_success_at: true,
    failing_since: true,
    dead_at: true,
    dead_code: true,
  },
  webhook_secrets: { ...rowColumns(), webhook_id: true, secret: true, expires_at: true },
  webhook_deliveries: {
    tenant: true,
    webhook_id: true,
    topic: true,
    seq: true,
    state: true,
    attempts: true,
    next_at: true,
    lease: true,
    first_at: true,
    last_at: true,
    last_code: true,
  },
}

function rowColumns(): { readonly tenant: true; readonly id: true; readonly created_at: true } {
  return { tenant: true, id: true, created_at: true }
}

const TABLES = Object.keys(COLUMNS) as (keyof Schema)[]

const HOSTILE = String.raw`'; drop table holdfast.clients; -- \' \\ " $1 $$ {} ` + '\n\u2028😀'

/** Makes a tenant of a name that nobody has. */
export async function newTenant(store: Store): Promise<string> {
  const id = `t-${randomUUID()}`
  await store.asWorker(id, (transaction) => transaction.insertInto('tenants').values({ id, name: 'Tenant' }).execute())
  return id
}

/** A row in every table. */
async function fill(
  store: Store,
  tenant: string,
): Promise<{ readonly client: string; readonly request: string; readonly conversation: string }> {
  return store.asWorker(tenant, async (transaction) => {
    await transaction.insertInto('users').values({ id: 'ada' }).execute()
    await createApiKey(transaction, { label: 'first' })
    const { id: conversation } = await transaction
      .insertInto('conversations')
      .values({ user_id: 'ada', assistant: 'charter' })
      .returning('id')
      .executeTakeFirstOrThrow()
    await transaction
      .insertInto('messages')
      .values({ conversation_id: conversation, role: 'user', content: 'Hello' })
      .execute()
    const { id: client } = await transaction
      .insertInto('clients')
      .values({ name: 'Client', email: 'client@example.com' })
      .returning('id')
      .executeTakeFirstOrThrow()
    await transaction.insertInto('leads').values({ client_id: client, source: 'web' }).execute()
    const { id: request } = await transaction
      .insertInto('requests')
      .values({ user_id: 'ada', client_id: client, text: 'A jet' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const { id: rfp } = await transaction
      .insertInto('rfps')
      .values({ request_id: request, external_id: 'rfp-1' })
      .returning('id')
      .executeTakeFirstOrThrow()
    await transaction
      .insertInto('quotes')
      .values({ rfp_id: rfp, external_id: 'quote-1', amount: '12345.678901234567890' })
      .execute()
    await transaction
      .insertInto('proposals')
      .values({ request_id: request, ranking: json(['quote-1']) })
      .execute()
    await transaction.insertInto('tickets').values({ number: 'EMG-1', message: 'Help' }).execute()
    await transaction.insertInto('handovers').values({ reason: 'asked for' }).execute()
    await transaction
      .insertInto('mails')
      .values({ recipients: json(['ada@example.com']), subject: 'Hello', body: 'Hello' })
      .execute()
    await transaction
      .insertInto('job_results')
      .values({ job_id: 'job-1', queue: 'search', state: 'completed' })
      .execute()
    await transaction.insertInto('idempotency_keys').values({ key: 'key-1', fingerprint: 'f' }).execute()
    await transaction
      .insertInto('outside_writes')
      .values({ service: 'crm', key: 'key-1', fingerprint: 'f', claim: randomUUID() })
      .execute()
    await transaction
      .insertInto('activities')
      .values({ request_id: request, agent: 'search', activity: 'looked' })
      .execute()
    await transaction.insertInto('audit').values({ actor: 'ada', action: 'looked' }).execute()
    await transaction.insertInto('alerts').values({ rule: 'slow', severity: 'low' }).execute()
    await transaction.insertInto('incidents').values({ integration: 'n8n', summary: 'down' }).execute()
    await transaction
      .insertInto('sync_records')
      .values({ kind: 'client', ref: 'r', source: 'crm', source_id: '1', component: 'r' })
      .execute()
    await transaction.insertInto('sync_keys').values({ kind: 'client', key: 'k', ref: 'r' }).execute()
    await transaction
      .insertInto('sync_conflicts')
      .values({ kind: 'client', id: 'c', component: 'r', body: json({}) })
      .execute()
    await transaction
      .insertInto('sync_cursors')
      .values({ source: 'crm', cursor: json('page-2') })
      .execute()
    await transaction
      .insertInto('sync_watermarks')
      .values({ kind: 'client', source: 'crm', stamp: json({}) })
      .execute()
    await transaction.insertInto('sync_forgotten').values({ digest: 'd' }).execute()
    await transaction
      .insertInto('sync_pulls')
      .values({ source: 'crm', run: randomUUID(), state: 'done', started_at: new Date(0) })
      .execute()
    const spent = { cost: 0.5, tokens: 7, requests: 1, expires_at: new Date(0) }
    await transaction
      .insertInto('budget_spending')
      .values({ account: '["all"]', starts_at: new Date(0), server: randomUUID(), ...spent })
      .execute()
    // What it is owed comes by itself, with the event.
    await transaction
      .insertInto('event_subscribers')
      .values({ name: 'desks', events: json(['made']) })
      .execute()
    await transaction
      .insertInto('outbox')
      .values({ topic: 'request:1', event: 'made', payload: json({ from: 'LFMN' }) })
      .execute()
    const { id: run } = await transaction
      .insertInto('workflow_runs')
      .values({ workflow: 'quote', version: 1, input: json({}), request_id: request, started_by: 'ada' })
      .returning('id')
      .executeTakeFirstOrThrow()
    await transaction
      .insertInto('workflow_steps')
      .values({ run_id: run, name: 'search', scope: '', position: 0, kind: 'step', state: 'running' })
      .execute()
    await transaction
      .insertInto('workflow_signals')
      .values({ run_id: run, seq: 1, signal: 'quote', sent_by: 'ada' })
      .execute()
    const { id: webhook } = await transaction
      .insertInto('webhooks')
      .values({ url: 'https://example.com', events: json(['*']) })
      .returning('id')
      .executeTakeFirstOrThrow()
    await transaction.insertInto('webhook_secrets').values({ webhook_id: webhook, secret: 'whsec_' }).execute()
    await transaction
      .insertInto('webhook_deliveries')
      .values({ webhook_id: webhook, topic: 'request:1', seq: 1 })
      .execute()
    return { client, request, conversation }
  })
}

/** Runs the same in each of the names that somebody may have. */
function inEachName(
  store: Store,
  tenant: string,
): readonly [string, <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>][] {
  const claims = (roles: readonly string[]): Claims => ({ tenant, user: 'ada', roles })
  return [
    ['app', (work) => store.withClaims(claims([]), work)],
    ['staff', (work) => store.withClaims(claims(['staff', 'admin', 'holdfast_worker']), work)],
    ['worker', (work) => store.asWorker(tenant, work)],
  ]
}

async function count(transaction: Transaction, table: keyof Schema): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(transaction)
  return rows[0]!.count
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (HoldfastError.isInstance(error)) return error.code
    throw error
  }
  return 'DONE'
}

/** What every engine has to hold. @param open opens a store that is empty. @param asOwner runs statements as the one who may do everything. */
export function describeStore(
  engine: string,
  open: () => Promise<Store>,
  asOwner: (store: Store, text: string) => Promise<readonly unknown[]>,
): void {
  describe(`the store on ${engine}`, () => {
    let store: Store
    let folder: string

    beforeAll(async () => {
      store = await open()
      folder = await mkdtemp(join(tmpdir(), 'holdfast-store-'))
    }, 60_000)
    afterAll(async () => {
      await store?.close()
      await rm(folder, { recursive: true, force: true })
    })

    describe('its schema', () => {
      it('has the tables and columns of its types, and no others', async () => {
        const tenant = await newTenant(store)
        const found = await store.asWorker(tenant, (transaction) =>
          sql<{ table: string; column: string }>`
            select c.relname as table, a.attname as column from pg_attribute a join pg_class c on c.oid = a.attrelid
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'holdfast' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`.execute(
            transaction,
          ),
        )
        const columns = found.rows
          .filter(({ table }) => table !== 'migrations' && table !== 'outbox_topics')
          .map(({ table, column }) => `${table}.${column}`)
        const typed = TABLES.flatMap((table) => Object.keys(COLUMNS[table]).map((column) => `${table}.${column}`))
        expect(columns.toSorted((a, b) => a.localeCompare(b))).toEqual(typed.toSorted((a, b) => a.localeCompare(b)))
      })

      it('has the tenant in every key that can be given, and in every reference', async () => {
        const tenant = await newTenant(store)
        const { rows } = await store.asWorker(tenant, (transaction) =>
          sql<{ name: string }>`
            select k.conname as name from pg_constraint k join pg_namespace n on n.oid = k.connamespace
            where n.nspname = 'holdfast' and k.contype in ('p', 'u', 'f') and not exists (
              select from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attname = 'tenant')
            order by 1`.execute(transaction),
        )
        expect(rows.map(({ name }) => name)).toEqual(['migrations_pkey', 'tenants_pkey'])
      })

      it('guards each table by policies that hold for its owner too, with an index for each', async () => {
        const tenant = await newTenant(store)
        const { rows } = await store.asWorker(tenant, (transaction) =>
          sql<{ table: string }>`
            select c.relname as table from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'holdfast' and c.relkind = 'r' and c.relname <> 'migrations'
              -- Keys of records are only asked for one by one.
              and not (c.relrowsecurity and c.relforcerowsecurity and (c.relname = 'sync_keys' or exists (
                select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                where i.indrelid = c.oid and a.attname in ('tenant', 'id'))))`.execute(transaction),
        )
        expect(rows).toEqual([])
      })
    })

    describe('another tenant', () => {
      it('sees, counts and changes no row, in whatever name', async () => {
        const victim = await newTenant(store)
        await fill(store, victim)
        const other = await newTenant(store)
        for (const [name, as] of inEachName(store, other)) {
          for (const table of TABLES) {
            const at = `${name} at ${table}`
            const seen = await as((transaction) => count(transaction, table)).catch(({ code }: HoldfastError) => code)
            expect([at, seen]).toEqual([at, table === 'tenants' ? 1 : seen === 'NOT_ALLOWED' ? seen : 0])
            const where = table === 'tenants' ? sql`id = ${victim}` : sql`tenant = ${victim}`
            for (const statement of [
              sql`select 1 from ${sql.table(table)} where ${where} for update`,
              sql`delete from ${sql.table(table)} where ${where}`,
              sql`update ${sql.table(table)} set ${sql.ref(table === 'tenants' ? 'name' : 'tenant')} = 'x' where ${where}`,
            ]) {
              const changed = await as((transaction) => statement.execute(transaction)).then(
                ({ numAffectedRows }) => Number(numAffectedRows),
                ({ code }: HoldfastError) => code,
              )
              expect([at, changed]).toEqual([at, changed === 'NOT_ALLOWED' ? changed : 0])
            }
          }
        }
        const left = await store.asWorker(victim, async (transaction) => {
          const counts: number[] = []
          for (const table of TABLES) counts.push(await count(transaction, table))
          return counts
        })
        expect(left).toEqual(TABLES.map(() => 1))
      })

      it('cannot tell from plans, statistics or sizes how many rows there are', async () => {
        const victim = await newTenant(store)
        await fill(store, victim)
        const other = await newTenant(store)
        // Now there is something to tell.
        await asOwner(store, 'analyze')
        for (const [name, as] of inEachName(store, other)) {
          for (const text of [
            'explain select * from clients',
            'explain (analyze) select * from clients',
            "select query_to_xml('explain analyze select * from holdfast.clients', true, false, '')",
            "select reltuples from pg_class where relname = 'clients'",
            "select relpages from pg_class where relname = 'clients'",
            "select c from pg_class c where relname = 'clients'",
            "select n_live_tup from pg_stat_all_tables where relname = 'clients'",
            "select n_tup_ins from pg_stat_user_tables where relname = 'clients'",
            "select seq_tup_read from pg_stat_xact_all_tables where relname = 'clients'",
            "select idx_tup_fetch from pg_stat_user_indexes where relname = 'clients'",
            "select heap_blks_read from pg_statio_all_tables where relname = 'clients'",
            'select tup_inserted from pg_stat_database',
            "select pg_stat_get_live_tuples('holdfast.clients'::regclass)",
            "select pg_relation_size('holdfast.clients')",
            "select pg_total_relation_size('holdfast.clients')",
            "select pg_table_size('holdfast.clients')",
            "select pg_indexes_size('holdfast.clients')",
            'select pg_database_size(current_database())',
            'select stanumbers1 from pg_statistic',
          ]) {
            const code = await codeOf(as((transaction) => sql.raw(text).execute(transaction)))
            expect([name, text, code]).toEqual([
              name,
              text,
              expect.stringMatching(/^(NOT_ALLOWED|STATEMENT_REFUSED|REQUEST_REFUSED)$/),
            ])
          }
          const { rows } = await as((transaction) =>
            sql`select tablename from pg_stats where schemaname = 'holdfast' and tablename <> 'migrations'`.execute(
              transaction,
            ),
          )
          expect(rows).toEqual([])
        }
        expect(
          await asOwner(
            store,
            "select 1 from pg_stats where schemaname = 'holdfast' and tablename = 'clients' limit 1",
          ),
        ).toHaveLength(1)
      })

      it('cannot write in the name of the first, nor move a row there', async () => {
        const victim = await newTenant(store)
        const other = await newTenant(store)
        await fill(store, other)
        for (const [, as] of inEachName(store, other)) {
          await expect(
            codeOf(
              as((transaction) =>
                transaction.insertInto('requests').values({ tenant: victim, user_id: 'ada', text: 'X' }).execute(),
              ),
            ),
          ).resolves.toBe('NOT_ALLOWED')
          await expect(
            codeOf(as((transaction) => sql`update requests set tenant = ${victim}`.execute(transaction))),
          ).resolves.toBe('NOT_ALLOWED')
          await expect(
            codeOf(
              as((transaction) =>
                transaction.insertInto('outbox').values({ tenant: victim, topic: 'x', event: 'x' }).execute(),
              ),
            ),
          ).resolves.toBe('NOT_ALLOWED')
        }
      })

      it('learns nothing by references or by names that are taken', async () => {
        const victim = await newTenant(store)
        const { client } = await fill(store, victim)
        const other = await newTenant(store)
        const refer = (id: string): Promise<string> =>
          codeOf(
            store.asWorker(other, (transaction) =>
              transaction.insertInto('leads').values({ client_id: id, source: 'x' }).execute(),
            ),
          )
        expect(await refer(client)).toBe('REFERENCE_MISSING')
        expect(await refer(randomUUID())).toBe('REFERENCE_MISSING')
        // All the names, numbers and keys that the first has are free, and its events are not counted.
        await fill(store, other)
        const events = await store.withClaims({ tenant: other, user: 'bob' }, (transaction) =>
          transaction.selectFrom('outbox').select('seq').execute(),
        )
        expect(events).toEqual([{ seq: 1 }])
      })
    })

    describe('claims', () => {
      it('decide who sees a conversation', async () => {
        const tenant = await newTenant(store)
        const { conversation } = await fill(store, tenant)
        const read = (user: string, roles: string[]): Promise<number[]> =>
          store.withClaims({ tenant, user, roles }, async (transaction) => [
            await count(transaction, 'conversations'),
            await count(transaction, 'messages'),
          ])
        expect(await read('ada', [])).toEqual([1, 1])
        expect(await read('bob', [])).toEqual([0, 0])
        expect(await read('bob', ['staff'])).toEqual([1, 1])
        const write = (user: string): Promise<string> =>
          codeOf(
            store.withClaims({ tenant, user }, (transaction) =>
              transaction
                .insertInto('messages')
                .values({ conversation_id: conversation, role: 'user', content: 'x' })
                .execute(),
            ),
          )
        expect(await write('ada')).toBe('DONE')
        expect(await write('bob')).toBe('NOT_ALLOWED')
      })

      it('let nobody change what was written down, nor set up who there is', async () => {
        const tenant = await newTenant(store)
        await fill(store, tenant)
        const claims = { tenant, user: 'ada', roles: ['staff'] }
        const as = (statement: ReturnType<typeof sql>): Promise<string> =>
          codeOf(store.withClaims(claims, (transaction) => statement.execute(transaction)))
        for (const statement of [
          sql`update audit set action = 'x'`,
          sql`delete from audit`,
          sql`delete from outbox`,
          sql`update outbox set payload = '{}'`,
          sql`insert into users (id) values ('eve')`,
          sql`select hash from api_keys`,
          sql`select secret from webhook_secrets`,
          sql`select key from outside_writes`,
          sql`select cost from budget_spending`,
          sql`update webhooks set url = 'https://eve.example'`,
          sql`update job_results set state = 'x'`,
          sql`update workflow_steps set state = 'completed'`,
          sql`select * from due_workflow_runs(now(), now(), 1)`,
          sql`select * from holdfast.migrations`,
        ]) {
          expect(await as(statement)).toBe('NOT_ALLOWED')
        }
      })

      it('cannot be taken on by what is slipped into a statement', async () => {
        const victim = await newTenant(store)
        const other = await newTenant(store)
        await fill(store, victim)
        const claims = JSON.stringify({ tenant: victim, user: 'ada' })
        const slipped = [
          `x' union select name from clients where (select set_config('request.jwt.claims', '${claims}', true)) is not null --`,
          `x'; set local request.jwt.claims = '${claims}'; select name from clients --`,
        ]
        for (const text of slipped) {
          const read = store.withClaims({ tenant: other, user: 'eve' }, (transaction) =>
            sql.raw(`select name from clients where name = '${text}'`).execute(transaction),
          )
          await expect(read).rejects.toMatchObject({
            code: expect.stringMatching(/^(NOT_ALLOWED|STATEMENT_REFUSED)$/) as string,
          })
        }
      })

      it.each([
        "select name from clients where name = '' or SET is not null",
        'select c.name from (select SET as s offset 0) s, lateral (select name from clients where s.s is not null) c',
        'with s as materialized (select SET as s) select name from clients where (select s from s) is not null',
        "select query_to_xml('select name from clients where SET is not null', true, false, '')",
        "select query_to_xml('set local request.jwt.claims = X', true, false, '')",
        "select query_to_xml('set local role none', true, false, '')",
        "update pg_settings set setting = '{}' where name = 'request.jwt.claims' or name = 'role'",
        "select pg_read_file('PG_VERSION')",
        'select * from pg_authid',
      ])('stay what they are: %s', async (text) => {
        const tenant = await newTenant(store)
        const set = `set_config('request.jwt.claims', '{"tenant":"other"}', true)`
        const quoted = text.includes("xml('") ? set.replaceAll("'", "''") : set
        const slipped = text.replace('SET', () => quoted).replace('= X', `= ''{"tenant":"other"}''`)
        for (const [, as] of inEachName(store, tenant)) {
          let seen: unknown
          const ended = as(async (transaction) => {
            await sql`savepoint a`.execute(transaction)
            const error: unknown = await sql
              .raw(slipped)
              .execute(transaction)
              .catch((reason: unknown) => reason)
            await sql`rollback to savepoint a`.execute(transaction)
            const found = await sql`select holdfast.current_tenant() as tenant, current_user::text as role`.execute(
              transaction,
            )
            seen = found.rows
            throw error
          })
          await expect(ended).rejects.toMatchObject({ category: 'client' })
          expect(seen).toEqual([{ tenant, role: expect.stringMatching(/^holdfast_(app|worker)$/) as string }])
        }
      })

      it('are not left by a statement that would end or change the transaction: it is not sent', async () => {
        const victim = await newTenant(store)
        await fill(store, victim)
        const tenant = await newTenant(store)
        for (const [, as] of inEachName(store, tenant)) {
          for (const text of [
            'commit',
            'reset role',
            'set local role none',
            "set local request.jwt.claims = ''",
            '/* a /* b */ select */ commit',
            '-- a\rcommit /*\nselect */',
            ';commit',
            'rollback',
            'declare c cursor with hold for select 1',
            'truncate clients',
            'create table x ()',
            'do $$ begin end $$',
          ]) {
            const seen = await as(async (transaction) => {
              const code = await codeOf(sql.raw(text).execute(transaction))
              // It was not sent, so all goes on.
              return [code, await count(transaction, 'clients')]
            })
            expect([text, ...seen]).toEqual([text, 'STATEMENT_REFUSED', 0])
          }
        }
      })

      it('hold for the tables of the store, whatever a session was made to keep', async () => {
        const tenant = await newTenant(store)
        await fill(store, tenant)
        const other = await newTenant(store)
        const each = Array.from({ length: 8 }, (_, index) => index)
        await Promise.all(
          each.map(() =>
            codeOf(
              store.withClaims({ tenant: other, user: 'eve' }, (transaction) =>
                sql`select 'trap' as name into temp clients`.execute(transaction),
              ),
            ),
          ),
        )
        const names = await Promise.all(
          each.map(() =>
            store.withClaims({ tenant, user: 'ada', roles: ['staff'] }, (transaction) =>
              transaction.selectFrom('clients').select('name').execute(),
            ),
          ),
        )
        expect(names.flat()).toEqual(each.map(() => ({ name: 'Client' })))
      })

      it.each<[object, RegExp]>([
        [{ tenant: '', user: 'a' }, /tenant must be text of 1 to 200/],
        [{ tenant: 'a', user: 'b'.repeat(201) }, /user must be text of 1 to 200/],
        [{ tenant: 'a\0', user: 'b' }, /tenant/],
        [{ tenant: 'a', user: 'b', roles: 'staff' }, /roles must be a list of at most 20/],
        [{ tenant: 'a', user: 'b', roles: [1] }, /each of the roles/],
      ])('are refused when they are none: %#', async (claims, allowed) => {
        const work = (): Promise<never> => Promise.reject(new Error('it was run'))
        await expect(store.withClaims(claims as Claims, work)).rejects.toThrow(allowed)
      })

      it('do not leak between a thousand requests at once', async () => {
        const tenants = await Promise.all(Array.from({ length: 20 }, () => newTenant(store)))
        await Promise.all(
          tenants.map((tenant) =>
            store.asWorker(tenant, (transaction) =>
              transaction.insertInto('clients').values({ name: tenant }).execute(),
            ),
          ),
        )
        const seen = await Promise.all(
          Array.from({ length: 1_000 }, async (_, index) => {
            const tenant = tenants[index % tenants.length]!
            try {
              return await store.withClaims({ tenant, user: `u${index}`, roles: ['staff'] }, async (transaction) => {
                const { rows } = await sql<{
                  name: string
                  who: string
                }>`select name, holdfast.current_user_id() as who from clients`.execute(transaction)
                if (index % 7 === 0) throw new Error('given up')
                if (index % 11 === 0) await sql`select 1 / 0`.execute(transaction)
                return rows.length === 1 && rows[0]?.name === tenant && rows[0].who === `u${index}`
              })
            } catch (error) {
              return (error as Error).message === 'given up' || (error as HoldfastError).code === 'VALUE_REFUSED'
            }
          }),
        )
        expect(seen.filter((isRight) => !isRight)).toEqual([])
      })
    })

    describe('a transaction', () => {
      it('is done whole or not at all, and its own error comes out as it is', async () => {
        const tenant = await newTenant(store)
        const claims = { tenant, user: 'ada', roles: ['staff'] }
        const reason = new TypeError('mine')
        await expect(
          store.withClaims(claims, async (transaction) => {
            await transaction.insertInto('clients').values({ name: 'X' }).execute()
            throw reason
          }),
        ).rejects.toBe(reason)
        expect(await store.withClaims(claims, (transaction) => count(transaction, 'clients'))).toBe(0)
      })

      it('whose failed statement was caught is not committed in silence', async () => {
        const tenant = await newTenant(store)
        const claims = { tenant, user: 'ada', roles: ['staff'] }
        const caught = store.withClaims(claims, async (transaction) => {
          await transaction.insertInto('clients').values({ name: 'X' }).execute()
          await sql`select 1 / 0`.execute(transaction).catch(() => undefined)
        })
        await expect(caught).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', mayHaveTakenEffect: false })
        expect(await store.withClaims(claims, (transaction) => count(transaction, 'clients'))).toBe(0)
      })

      it('goes on after a statement that failed behind a savepoint, once it is back there', async () => {
        const tenant = await newTenant(store)
        const claims = { tenant, user: 'ada', roles: ['staff'] }
        await store.withClaims(claims, async (transaction) => {
          await transaction.insertInto('clients').values({ name: 'A' }).execute()
          await sql`savepoint here`.execute(transaction)
          await transaction.insertInto('clients').values({ name: 'B' }).execute()
          await sql`select 1 / 0`.execute(transaction).catch(() => undefined)
          await sql`rollback to savepoint here`.execute(transaction)
          await transaction.insertInto('clients').values({ name: 'C' }).execute()
        })
        const names = await store.withClaims(claims, (transaction) =>
          transaction.selectFrom('clients').select('name').orderBy('name').execute(),
        )
        expect(names).toEqual([{ name: 'A' }, { name: 'C' }])
      })

      it('whose function does not await its queries fails, and keeps none of them', async () => {
        const tenant = await newTenant(store)
        const claims = { tenant, user: 'ada', roles: ['staff'] }
        const insert = (transaction: Transaction): Promise<unknown> =>
          transaction.insertInto('clients').values({ name: 'X' }).execute()
        const forgets: ((transaction: Transaction) => Promise<unknown>)[] = [
          async (transaction) => void insert(transaction),
          async (transaction) => {
            await insert(transaction)
            void insert(transaction)
          },
          async (transaction) => {
            void sql`select pg_sleep(0.05)`.execute(transaction)
            await Promise.resolve()
          },
          async (transaction) => {
            void insert(transaction)
            void insert(transaction)
            await Promise.resolve()
            await Promise.resolve()
          },
        ]
        for (const forget of forgets) {
          await expect(store.withClaims(claims, forget)).rejects.toMatchObject({
            code: 'QUERY_NOT_AWAITED',
            category: 'client',
            mayHaveTakenEffect: false,
          })
        }
        expect(await store.withClaims(claims, (transaction) => count(transaction, 'clients'))).toBe(0)
        // Together is fine.
        await store.withClaims(claims, (transaction) => Promise.all([insert(transaction), insert(transaction)]))
        expect(await store.withClaims(claims, (transaction) => count(transaction, 'clients'))).toBe(2)
      })

      it('counts against the database what that has failed with, and nothing else its function throws', async () => {
        const tenant = await newTenant(store)
        const claims = { tenant, user: 'ada', roles: ['staff'] }
        const mine = new HoldfastError({ code: 'CRM_DOWN', category: 'network', message: 'm', retryable: true })
        const before = (await store.status()).health.totals.failed
        for (let call = 0; call < 5; call++) {
          await expect(store.withClaims(claims, () => Promise.reject(mine))).rejects.toBe(mine)
        }
        expect((await store.status()).health.totals.failed).toBe(before)
      })

      it('takes whatever is in a value for a value', async () => {
        const tenant = await newTenant(store)
        const claims = { tenant, user: HOSTILE.slice(0, 60), roles: [HOSTILE.slice(0, 60), 'staff'] }
        const row = await store.withClaims(claims, async (transaction) => {
          const inserted = await transaction
            .insertInto('clients')
            .values({ name: HOSTILE, profile: json({ [HOSTILE]: [HOSTILE] }) })
            .returning(['name', 'profile'])
            .executeTakeFirstOrThrow()
          const { rows } = await sql<{ who: string }>`select holdfast.current_user_id() as who`.execute(transaction)
          return { ...inserted, who: rows[0]?.who }
        })
        expect(row).toEqual({ name: HOSTILE, profile: { [HOSTILE]: [HOSTILE] }, who: claims.user })
        // A tenant with such a name is one like any other.
        const id = `${HOSTILE.slice(0, 60)}-${randomUUID()}`
        await store.asWorker(id, (transaction) => transaction.insertInto('tenants').values({ id, name: 'X' }).execute())
        expect(await store.asWorker(id, (transaction) => count(transaction, 'tenants'))).toBe(1)
      })

      it('says which constraint does not hold, and no value', async () => {
        const tenant = await newTenant(store)
        await fill(store, tenant)
        const error: unknown = await store
          .withClaims({ tenant, user: 'ada', roles: ['staff'] }, (transaction) =>
            transaction.insertInto('clients').values({ name: 'X', email: 'client@example.com' }).execute(),
          )
          .catch((reason: unknown) => reason)
        expect(error).toMatchObject({
          code: 'CONFLICT',
          category: 'client',
          retryable: false,
          mayHaveTakenEffect: false,
        })
        expect(String(error)).toContain('clients_tenant_email_key')
        expect(JSON.stringify(error) + String(error)).not.toContain('client@example.com')
      })

      it('ends for its caller at once when he gives up, with his reason, and is rolled back', async () => {
        const tenant = await newTenant(store)
        const claims = { tenant, user: 'ada', roles: ['staff'] }
        const caller = new AbortController()
        const { promise: began, resolve } = Promise.withResolvers<void>()
        const running = store.withClaims(
          claims,
          async (transaction) => {
            await transaction.insertInto('clients').values({ name: 'X' }).execute()
            resolve()
            await new Promise(() => undefined)
          },
          { signal: caller.signal },
        )
        await began
        const reason = new Error('hung up')
        caller.abort(reason)
        await expect(running).rejects.toBe(reason)
        expect(await store.withClaims(claims, (transaction) => count(transaction, 'clients'))).toBe(0)
      })

      it('holds nobody up for longer than its time', async () => {
        const tenant = await newTenant(store)
        const hung = store.withClaims({ tenant, user: 'ada' }, () => new Promise(() => undefined), { timeoutMs: 100 })
        const next = store.withClaims({ tenant, user: 'ada' }, (transaction) => count(transaction, 'clients'))
        await expect(hung).rejects.toMatchObject({
          code: 'STORE_TIMEOUT',
          category: 'timeout',
          mayHaveTakenEffect: false,
        })
        await expect(next).resolves.toBe(0)
      })

      it('is over when its function is: who keeps it has nothing', async () => {
        const tenant = await newTenant(store)
        let kept: Transaction | undefined
        await store.withClaims({ tenant, user: 'ada' }, async (transaction) => {
          kept = transaction
        })
        await expect(kept!.selectFrom('clients').selectAll().execute()).rejects.toMatchObject({
          code: 'TRANSACTION_ENDED',
        })
      })
    })

    describe('once', () => {
      it('lets an effect happen once, also when it is asked for twice at a time', async () => {
        const tenant = await newTenant(store)
        const make = (): Promise<{ result: unknown; repeated: boolean }> =>
          store.asWorker(tenant, (transaction) =>
            once(transaction, 'follow-up-7', { to: 'ada' }, async () => {
              const { id } = await transaction
                .insertInto('leads')
                .values({ source: 'web' })
                .returning('id')
                .executeTakeFirstOrThrow()
              return { id }
            }),
          )
        const results = await Promise.all([make(), make(), make()])
        expect(new Set(results.map(({ result }) => JSON.stringify(result))).size).toBe(1)
        expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1)
        expect(await store.asWorker(tenant, (transaction) => count(transaction, 'leads'))).toBe(1)
        const other = store.asWorker(tenant, (transaction) =>
          once(transaction, 'follow-up-7', { to: 'bob' }, () => Promise.resolve(1)),
        )
        await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
      })

      it('has not happened when its transaction failed', async () => {
        const tenant = await newTenant(store)
        const failing = store.asWorker(tenant, async (transaction) => {
          await once(transaction, 'k', 1, () => Promise.resolve('done'))
          throw new Error('later')
        })
        await expect(failing).rejects.toThrow('later')
        const again = await store.asWorker(tenant, (transaction) =>
          once(transaction, 'k', 1, () => Promise.resolve('done')),
        )
        expect(again).toEqual({ result: 'done', repeated: false })
      })

      it('is forgotten when it is older than what is kept, a thousand at a time, and only by workers', async () => {
        const tenant = await newTenant(store)
        const other = await newTenant(store)
        const old = new Date('2026-01-01T00:00:00Z')
        for (const one of [tenant, other]) {
          await store.asWorker(one, async (transaction) => {
            const keys = Array.from({ length: 1_001 }, (_, index) => ({ key: `old-${index}`, fingerprint: 'f' }))
            await transaction.insertInto('idempotency_keys').values(keys).execute()
            await sql`update idempotency_keys set created_at = ${old}`.execute(transaction)
            await once(transaction, 'new', 1, () => Promise.resolve('done'))
          })
        }
        // Also where the planner knows how the rows are spread.
        await asOwner(store, 'analyze')
        const forget = (): Promise<number> =>
          store.asWorker(tenant, (transaction) => forgetKeys(transaction, new Date('2026-02-01T00:00:00Z')))
        const mine = { tenant, user: 'ada' }
        await expect(store.withClaims(mine, (transaction) => forgetKeys(transaction, old))).rejects.toMatchObject({
          code: 'NOT_ALLOWED',
        })
        expect([await forget(), await forget(), await forget()]).toEqual([1_000, 1, 0])
        const left = (one: string): Promise<number> =>
          store.asWorker(one, (transaction) => count(transaction, 'idempotency_keys'))
        expect([await left(tenant), await left(other)]).toEqual([1, 1_002])
        const again = await store.asWorker(tenant, (transaction) =>
          once(transaction, 'new', 1, () => Promise.resolve('done')),
        )
        expect(again.repeated).toBe(true)
      })
    })

    describe('events', () => {
      it('of a topic are in order and without a gap, however many write at once', async () => {
        const tenant = await newTenant(store)
        const write = (index: number): Promise<unknown> =>
          store.asWorker(tenant, async (transaction) => {
            await transaction
              .insertInto('outbox')
              .values({ topic: `request:${index % 2}`, event: `e${index}` })
              .execute()
            if (index % 5 === 0) throw new Error('rolled back')
          })
        const results = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => write(index)))
        expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10)
        const rows = await store.asWorker(tenant, (transaction) =>
          transaction.selectFrom('outbox').select(['topic', 'seq']).orderBy('topic').orderBy('seq').execute(),
        )
        for (const topic of ['request:0', 'request:1']) {
          expect(rows.filter((row) => row.topic === topic).map(({ seq }) => seq)).toEqual(
            Array.from({ length: 20 }, (_, index) => index + 1),
          )
        }
      })

      it('are forgotten when they are older than what is kept, from the front of a topic, and only by workers', async () => {
        const tenant = await newTenant(store)
        const other = await newTenant(store)
        const old = new Date('2026-01-01T00:00:00Z')
        const until = new Date('2026-02-01T00:00:00Z')
        const write = (one: string, topic: string, count: number): Promise<unknown> =>
          store.asWorker(one, (transaction) =>
            transaction
              .insertInto('outbox')
              .values(Array.from({ length: count }, () => ({ topic, event: 'made' })))
              .execute(),
          )
        for (const one of [tenant, other]) await write(one, 'long', 1_001)
        for (const topic of ['mixed', 'told', 'sent', 'given up']) await write(tenant, topic, 3)
        await store.asWorker(tenant, async (transaction) => {
          await sql`update outbox set created_at = ${old}, dispatched_at = now()
            where topic <> 'mixed' or seq <> 2`.execute(transaction)
          await transaction
            .insertInto('event_subscribers')
            .values({ name: 'desk', events: json(['made']) })
            .execute()
          await transaction
            .insertInto('event_deliveries')
            .values({ subscriber: 'desk', topic: 'told', seq: 2 })
            .execute()
          const { id } = await transaction
            .insertInto('webhooks')
            .values({ url: 'https://there.example', events: json(['made']) })
            .returning('id')
            .executeTakeFirstOrThrow()
          await transaction
            .insertInto('webhook_deliveries')
            .values([
              { webhook_id: id, topic: 'sent', seq: 1 },
              { webhook_id: id, topic: 'given up', seq: 1, state: 'dead' },
            ])
            .execute()
        })
        const mine = { tenant, user: 'ada' }
        expect(await codeOf(store.withClaims(mine, (transaction) => forgetEvents(transaction, until)))).toBe(
          'NOT_ALLOWED',
        )
        let forgotten = 0
        for (let now = Infinity; now > 0; forgotten += now) {
          now = await store.asWorker(tenant, (transaction) => forgetEvents(transaction, until))
          expect(now).toBeLessThanOrEqual(1_000)
        }
        const left = (one: string): Promise<unknown> =>
          store.asWorker(one, async (transaction) => {
            const rows = await transaction.selectFrom('outbox').select(['topic', 'seq']).execute()
            return rows.map(({ topic, seq }) => `${topic} ${seq}`).toSorted((a, b) => a.localeCompare(b))
          })
        expect(await left(tenant)).toEqual(['mixed 2', 'mixed 3', 'sent 1', 'sent 2', 'sent 3', 'told 2', 'told 3'])
        expect(forgotten).toBe(1_001 + 1 + 1 + 3)
        expect(await left(other)).toHaveLength(1_001)
        await write(tenant, 'long', 1)
        expect(await left(tenant)).toContain('long 1002')
      })

      it('stay when a webhook has not had its look at them', async () => {
        const tenant = await newTenant(store)
        const old = new Date('2026-01-01T00:00:00Z')
        const forget = (): Promise<number> =>
          store.asWorker(tenant, (transaction) => forgetEvents(transaction, new Date('2026-02-01T00:00:00Z')))
        await store.asWorker(tenant, async (transaction) => {
          await transaction
            .insertInto('webhooks')
            .values({ url: 'https://there.example', events: json(['*']) })
            .execute()
          await transaction.insertInto('outbox').values({ topic: 'a', event: 'made', created_at: old }).execute()
        })
        expect(await forget()).toBe(0)
        await store.asWorker(tenant, (transaction) => transaction.deleteFrom('webhooks').execute())
        expect(await forget()).toBe(1)
      })

      it('wake who listens, once they are there', async () => {
        const tenant = await newTenant(store)
        const heard: unknown[] = []
        const stop = await store.onEvents((topic) => {
          if (topic === undefined || topic.tenant === tenant) heard.push(topic)
        })
        try {
          await expect(
            store.asWorker(tenant, async (transaction) => {
              await transaction.insertInto('outbox').values({ topic: 'never', event: 'made' }).execute()
              throw new Error('rolled back')
            }),
          ).rejects.toThrow('rolled back')
          await expect
            .poll(async () => {
              await store.asWorker(tenant, (transaction) =>
                transaction.insertInto('outbox').values({ topic: 'request:1', event: 'made' }).execute(),
              )
              return heard.filter((topic) => topic !== undefined).length
            })
            .toBeGreaterThan(0)
          expect(heard).not.toContainEqual({ tenant, topic: 'never' })
          expect(heard).toContainEqual({ tenant, topic: 'request:1' })
        } finally {
          await stop()
        }
      })
    })

    describe('an API key', () => {
      it('says whose it is, until it is revoked or has expired', async () => {
        const tenant = await newTenant(store)
        const make = (label: string, expiresAt?: Date): Promise<{ id: string; key: string }> =>
          store.asWorker(tenant, (transaction) => createApiKey(transaction, { label, roles: ['staff'], expiresAt }))
        const { id, key } = await make('web')
        expect(key).toMatch(/^hf_[\w-]{43}$/)
        expect(await store.findApiKey(key)).toEqual({ tenant, id, label: 'web', roles: ['staff'] })
        expect(await store.findApiKey(`${key}x`)).toBeUndefined()
        expect(await store.findApiKey((await make('old', new Date('2020-01-01'))).key)).toBeUndefined()
        const expiresAt = new Date('2100-01-01')
        expect(await store.findApiKey((await make('young', expiresAt)).key)).toMatchObject({
          label: 'young',
          expiresAt,
        })
        await expect(make('web')).rejects.toMatchObject({ code: 'CONFLICT' })
        const revoke = (of: string): Promise<boolean> =>
          store.asWorker(of, (transaction) => revokeApiKey(transaction, id))
        expect(await revoke(await newTenant(store))).toBe(false)
        expect(await store.findApiKey(key)).toBeDefined()
        expect([await revoke(tenant), await revoke(tenant)]).toEqual([true, true])
        expect(await store.findApiKey(key)).toBeUndefined()
        const list = (page?: Parameters<typeof listApiKeys>[1]) =>
          store.asWorker(tenant, (transaction) => listApiKeys(transaction, page))
        const [young, old, web] = await list()
        expect([young?.label, old?.label]).toEqual(['young', 'old'])
        expect(young).toMatchObject({ roles: ['staff'], expiresAt, createdAt: expect.any(Date) as Date })
        expect(web).toMatchObject({ id, prefix: key.slice(0, 10), revokedAt: expect.any(Date) as Date })
        expect(web).not.toHaveProperty('expiresAt')
        expect((await list({ limit: 1 })).map(({ label }) => label)).toEqual(['young'])
        expect((await list({ before: old!.createdAt })).map(({ label }) => label)).toEqual(['web'])
      })

      it('is nowhere in the store', async () => {
        const tenant = await newTenant(store)
        const { key } = await store.asWorker(tenant, (transaction) => createApiKey(transaction, { label: 'web' }))
        const rows = await store.asWorker(tenant, (transaction) =>
          transaction.selectFrom('api_keys').selectAll().execute(),
        )
        expect(JSON.stringify(rows)).not.toContain(key)
        expect(rows[0]?.prefix).toBe(key.slice(0, 10))
      })
    })

    describe('a backup', () => {
      it('brings everything back, into an empty store only, and to the last digit', async () => {
        const tenant = await newTenant(store)
        await fill(store, tenant)
        const path = join(folder, 'whole.gz')
        const { rows } = await store.backup(path)
        expect(rows['quotes']).toBeGreaterThan(0)
        await expect(store.backup(path)).rejects.toMatchObject({ code: 'BACKUP_EXISTS' })
        await expect(store.restore(path)).rejects.toMatchObject({ code: 'STORE_NOT_EMPTY' })
        const other = await open()
        try {
          expect(await other.restore(path)).toEqual({ rows })
          for (const table of TABLES) {
            const read = (from: Store): Promise<unknown> =>
              from.asWorker(tenant, (transaction) =>
                sql`select to_jsonb(t)::text as row from ${sql.table(table)} t`
                  .execute(transaction)
                  .then((found) => found.rows),
              )
            expect([table, await read(other)]).toEqual([table, await read(store)])
          }
          // It goes on where it was.
          await other.asWorker(tenant, (transaction) =>
            transaction.insertInto('outbox').values({ topic: 'request:1', event: 'next' }).execute(),
          )
          const events = await other.asWorker(tenant, (transaction) =>
            transaction.selectFrom('outbox').select('seq').orderBy('seq').execute(),
          )
          expect(events).toEqual([{ seq: 1 }, { seq: 2 }])
        } finally {
          await other.close()
        }
      }, 60_000)

      it('that is damaged is not restored, not even in part', async () => {
        const tenant = await newTenant(store)
        await fill(store, tenant)
        const path = join(folder, 'torn.gz')
        await store.backup(path)
        const bytes = await readFile(path)
        const empty = await open()
        try {
          await truncate(path, bytes.length - 20)
          await expect(empty.restore(path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' })
          await writeFile(path, 'this is no backup')
          await expect(empty.restore(path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' })
          const flipped = Buffer.from(bytes)
          flipped[Math.floor(bytes.length / 2)]! ^= 1
          await writeFile(path, flipped)
          await expect(empty.restore(path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' })
          await expect(empty.restore(join(folder, 'nowhere.gz'))).rejects.toMatchObject({ code: 'BACKUP_MISSING' })
          await newTenant(empty)
        } finally {
          await empty.close()
        }
      }, 60_000)
    })
  })
}
