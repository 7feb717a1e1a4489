import { json } from '@holdfast/store/database'
import type { Schema, Store, Transaction } from '@holdfast/store/database'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

type Table = 'requests' | 'clients' | 'rfps' | 'quotes' | 'proposals' | 'activities' | 'leads'

const TABLES: readonly Table[] = ['requests', 'clients', 'rfps', 'quotes', 'proposals', 'activities', 'leads']
/** Those who see all of their tenant. */
const WORKING = ['staff', 'broker', 'admin'] as const

/** What parts the people of one tenant. */
export function describeOwnRequests(engine: string, open: () => Promise<Store>): void {
  describe(`requests of people of one tenant on ${engine}`, () => {
    let store: Store
    const of = new Map<string, { readonly request: string; readonly client: string; readonly rfp: string }>()

    beforeAll(async () => {
      store = await open()
      for (const tenant of ['acme', 'globex'])
        await store.asWorker(tenant, (transaction) =>
          transaction.insertInto('tenants').values({ id: tenant, name: tenant }).execute(),
        )
      for (const user of ['ada', 'bob'])
        of.set(user, await store.asWorker('acme', (transaction) => fill(transaction, user)))
    }, 60_000)
    afterAll(() => store?.close())

    const as =
      (user: string, ...roles: string[]) =>
      <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> =>
        store.withClaims({ tenant: 'acme', user, roles }, work)
    type As = ReturnType<typeof as>

    const seen = (within: As, table: Table): Promise<number> =>
      within(async (transaction) => {
        const { rows } = await sql<{ many: number }>`select count(*) as many from ${sql.table(table)}`.execute(
          transaction,
        )
        return rows[0]!.many
      })
    /** Is rolled back, so that each finds the same. @returns how many rows were changed, or the code. */
    const changed = async (within: As, statement: ReturnType<typeof sql>): Promise<number | string> => {
      let many = 0
      try {
        await within(async (transaction) => {
          many = Number((await statement.execute(transaction)).numAffectedRows ?? 0n)
          throw new Error('rolled back')
        })
      } catch (error) {
        if ((error as { code?: string }).code !== undefined) return (error as { code: string }).code
      }
      return many
    }

    it.each(TABLES)('%s are seen by whose they are, and by those who work there', async (table) => {
      const own = table === 'leads' ? 0 : 1
      const rows: [string, number][] = [
        ['ada', await seen(as('ada'), table)],
        ['bob', await seen(as('bob'), table)],
        ['a client', await seen(as('ada', 'client'), table)],
        ['eve', await seen(as('eve', 'client', 'user', 'holdfast_worker', 'chief'), table)],
      ]
      expect(rows).toEqual([
        ['ada', own],
        ['bob', own],
        ['a client', own],
        ['eve', 0],
      ])
      for (const role of WORKING) expect([role, await seen(as('eve', role), table)]).toEqual([role, 2])
      expect(await store.asWorker('acme', (transaction) => countOf(transaction, table))).toBe(2)
      // Of another tenant nothing, in whatever role.
      const other: As = (work) => store.withClaims({ tenant: 'globex', user: 'ada', roles: [...WORKING] }, work)
      expect(await seen(other, table)).toBe(0)
    })

    it.each(TABLES)('%s of others are neither changed nor taken away, nor made', async (table) => {
      const { request, client, rfp } = of.get('bob')!
      const others = table === 'requests' ? sql`user_id = 'bob'` : sql`true`
      const column = sql.ref(table === 'clients' ? 'name' : table === 'requests' ? 'status' : COLUMN[table])
      const made: Record<Table, ReturnType<typeof sql>> = {
        requests: sql`insert into requests (user_id, text) values ('bob', 'x')`,
        clients: sql`insert into clients (name) values ('x')`,
        rfps: sql`insert into rfps (request_id) values (${request})`,
        quotes: sql`insert into quotes (rfp_id) values (${rfp})`,
        proposals: sql`insert into proposals (request_id) values (${request})`,
        activities: sql`insert into activities (request_id, agent, activity) values (${request}, 'x', 'x')`,
        leads: sql`insert into leads (source, client_id) values ('x', ${client})`,
      }
      const writes = [
        sql`update ${sql.table(table)} set ${column} = 'x' where ${others}`,
        sql`delete from ${sql.table(table)} where ${others}`,
      ]
      for (const write of writes) {
        const [one, all] = [await changed(as('ada'), write), await changed(as('eve', 'staff'), write)]
        if (table === 'activities') expect([one, all]).toEqual(['NOT_ALLOWED', 'NOT_ALLOWED'])
        else if (table === 'clients' && write === writes[1]) expect([one, all]).toEqual([0, 'REFERENCE_MISSING'])
        else expect([one, all]).toEqual([0, table === 'requests' ? 1 : 2])
      }
      // Everybody may leave a lead.
      expect(await changed(as('ada'), made[table])).toBe(table === 'leads' ? 1 : 'NOT_ALLOWED')
      for (const role of WORKING) expect([role, await changed(as('eve', role), made[table])]).toEqual([role, 1])
    })

    it('are made and changed by whose they are, as his own, and for no client that he names', async () => {
      const { client, request } = of.get('bob')!
      const ada = as('ada')
      expect(await changed(ada, sql`insert into requests (user_id, text) values ('ada', 'x')`)).toBe(1)
      expect(await changed(ada, sql`update requests set text = 'x'`)).toBe(1)
      expect(await changed(ada, sql`update requests set user_id = 'bob'`)).toBe('NOT_ALLOWED')
      expect(await changed(ada, sql`delete from requests`)).toBe(1)
      expect(await changed(ada, sql`update requests set client_id = ${client}`)).toBe('NOT_ALLOWED')
      expect(await changed(ada, sql`update requests set client_id = null`)).toBe('NOT_ALLOWED')
      const named = sql`insert into requests (user_id, text, client_id) values ('ada', 'x', ${client})`
      expect([await changed(ada, named), await changed(as('eve', 'broker'), named)]).toEqual(['NOT_ALLOWED', 1])
      const line = (id: string | null) =>
        sql`insert into activities (request_id, agent, activity) values (${id}, 'x', 'x')`
      expect(await changed(ada, line(of.get('ada')!.request))).toBe(1)
      expect(await changed(ada, line(null))).toBe(1)
      expect(await changed(ada, line(request))).toBe('NOT_ALLOWED')
      // He reads what hangs on his, and no more.
      for (const table of ['rfps', 'quotes', 'proposals', 'clients'] as const)
        expect([table, await changed(ada, sql`delete from ${sql.table(table)}`)]).toEqual([table, 0])
    })

    it('are approved by who may, in his own name', async () => {
      const approve = (by: string | null) => sql`update proposals set approved_by = ${by}, approved_at = now()`
      for (const role of ['staff', 'admin']) {
        expect([role, await changed(as('eve', role), approve('eve'))]).toEqual([role, 2])
        expect([role, await changed(as('eve', role), approve('ada'))]).toEqual([role, 'NOT_ALLOWED'])
        expect([role, await changed(as('eve', role), approve(null))]).toEqual([role, 'NOT_ALLOWED'])
      }
      const { request } = of.get('ada')!
      const made = sql`insert into proposals (request_id, approved_by) values (${request}, 'eve')`
      expect(await changed(as('eve', 'staff'), made)).toBe(1)
      expect(await changed(as('eve', 'broker'), made)).toBe('NOT_ALLOWED')
      expect(await changed(as('eve', 'broker'), approve('eve'))).toBe('NOT_ALLOWED')
      expect(await changed(as('eve', 'broker'), sql`update proposals set approved_at = now()`)).toBe('NOT_ALLOWED')
      expect(await changed(as('eve', 'broker'), sql`update proposals set status = 'sent'`)).toBe(2)
      expect(await changed(as('ada'), approve('ada'))).toBe(0)
      // The workers of the tenant write down what a run has been told.
      const worker: As = (work) => store.asWorker('acme', work)
      expect(await changed(worker, approve('chief'))).toBe(2)
    })
  })
}

const COLUMN: Readonly<Record<Exclude<Table, 'requests' | 'clients'>, string>> = {
  rfps: 'status',
  quotes: 'operator',
  proposals: 'status',
  activities: 'activity',
  leads: 'status',
}

async function countOf(transaction: Transaction, table: keyof Schema): Promise<number> {
  const { rows } = await sql<{ many: number }>`select count(*) as many from ${sql.table(table)}`.execute(transaction)
  return rows[0]!.many
}

/** A request with all that hangs on it. */
async function fill(transaction: Transaction, user: string): Promise<{ request: string; client: string; rfp: string }> {
  const { id: client } = await transaction
    .insertInto('clients')
    .values({ name: user, email: `${user}@example.com` })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id: request } = await transaction
    .insertInto('requests')
    .values({ user_id: user, text: 'A jet', client_id: client })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id: rfp } = await transaction
    .insertInto('rfps')
    .values({ request_id: request })
    .returning('id')
    .executeTakeFirstOrThrow()
  await transaction.insertInto('quotes').values({ rfp_id: rfp }).execute()
  await transaction
    .insertInto('proposals')
    .values({ request_id: request, ranking: json([]) })
    .execute()
  await transaction.insertInto('activities').values({ request_id: request, agent: 'a', activity: 'b' }).execute()
  await transaction.insertInto('leads').values({ source: 'web', client_id: client }).execute()
  return { request, client, rfp }
}
