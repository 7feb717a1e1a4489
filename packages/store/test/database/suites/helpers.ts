import { beforeAll, describe, expect, it } from 'vitest'
import { rejection } from '../../open.ts'
import { createApiKey, json, once, sql } from '../../../src/database/index.ts'
import type { Opened } from '../opened.ts'
import { addTenant } from '../seed.ts'

const ANN = { tenant: 'help', user: 'ann' }

/** What the store brings for its tables: idempotency keys, API keys, the outbox. */
export function helpers(opened: () => Opened): void {
  const store = () => opened().store
  beforeAll(async () => {
    for (const tenant of ['help', 'help-2']) await addTenant(opened(), tenant)
  })

  describe('once', () => {
    const perform = (key: string, input: unknown, work: () => unknown, tenant = 'help') =>
      store().withClaims({ ...ANN, tenant }, (tx) => once(tx, { key, input }, async () => work()))

    it('does the work once, and gives what came of it each time', async () => {
      let done = 0
      const work = () => ({ done: (done += 1), at: new Date(0) })
      const first = await perform('twice', { a: 1, b: [2] }, work)
      expect(first).toEqual({ done: 1, at: '1970-01-01T00:00:00.000Z' })
      expect(await perform('twice', { b: [2], a: 1 }, work)).toEqual(first)
      expect(await perform('nothing', null, () => undefined)).toBeNull()
    })

    it('lets one of many at once do it, and the others wait for it', async () => {
      let done = 0
      const results = await Promise.all(Array.from({ length: 20 }, () => perform('at-once', 1, () => (done += 1))))
      expect([done, new Set(results)]).toEqual([1, new Set([1])])
    })

    it('forgets what failed, so that it can be done', async () => {
      await rejection(perform('fails', 1, () => Promise.reject(new Error('no'))))
      expect(await perform('fails', 1, () => 'done')).toBe('done')
    })

    it('refuses a key that stands for other input, and tells tenants apart', async () => {
      await perform('reused', { a: 1 }, () => 1)
      const error = await rejection(perform('reused', { a: 2 }, () => 2))
      expect(error).toMatchObject({ code: 'STORE_KEY_REUSED', category: 'validation' })
      expect(await perform('reused', { a: 2 }, () => 2, 'help-2')).toBe(2)
    })

    it.each(['', 'x'.repeat(201), 7 as never])('refuses the key %s', async (key) => {
      expect(await rejection(perform(key, 1, () => 1))).toMatchObject({ code: 'STORE_VALUE' })
    })
  })

  describe('an API key', () => {
    const admin = { ...ANN, roles: ['admin'] }
    const create = (options: Partial<Parameters<typeof createApiKey>[1]> = {}) =>
      store().withClaims(admin, (tx) => createApiKey(tx, { label: 'key', ...options }))

    it('is kept as its hash, and found by the whole of it', async () => {
      const { id, key, prefix } = await create({ label: "O'Brien", roles: ['a', 'b,"c"'] })
      expect(key).toMatch(/^hf_[\w-]{43}$/)
      expect(key.startsWith(prefix)).toBe(true)
      expect(await store().findApiKey(key)).toEqual({
        tenant: 'help',
        id,
        user: undefined,
        label: "O'Brien",
        roles: ['a', 'b,"c"'],
      })
      const [row] = await opened().query('select to_jsonb(k)::text as text from holdfast.api_keys k where id = $1', [
        id,
      ])
      expect(row?.['text']).not.toContain(key.slice(prefix.length))
    })

    it('is not found by less, or when it has ended', async () => {
      const { id, key } = await create()
      const swapped = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`
      for (const other of ['', 'hf_', key.slice(0, -1), swapped, `${key} `, '%', "' or true --"])
        expect(await store().findApiKey(other)).toBeUndefined()
      expect(await rejection(store().findApiKey(undefined as never))).toMatchObject({ code: 'STORE_VALUE' })
      await store().withClaims(admin, (tx) =>
        tx.updateTable('api_keys').set({ revoked_at: new Date() }).where('id', '=', id).execute(),
      )
      expect(await store().findApiKey(key)).toBeUndefined()
      const expired = await create({ expiresAt: new Date(0) })
      expect(await store().findApiKey(expired.key)).toBeUndefined()
    })

    it('is not found while its tenant is suspended', async () => {
      const { key } = await create()
      const set = (status: 'active' | 'suspended') =>
        store().asWorker('help', (tx) => tx.updateTable('tenants').set({ status }).execute())
      await set('suspended')
      expect(await store().findApiKey(key)).toBeUndefined()
      await set('active')
      expect(await store().findApiKey(key)).toBeDefined()
    })

    it('is nothing that others may make, see or look up in bulk', async () => {
      expect(await rejection(store().withClaims(ANN, (tx) => createApiKey(tx, { label: 'x' })))).toMatchObject({
        code: 'STORE_DENIED',
      })
      expect(await store().withClaims(ANN, (tx) => tx.selectFrom('api_keys').selectAll().execute())).toEqual([])
      const asWorker = store().asWorker('help', (tx) => sql`select * from app.find_api_key('x')`.execute(tx))
      expect(await rejection(asWorker)).toMatchObject({ code: 'STORE_DENIED' })
    })
  })

  describe('the outbox', () => {
    it('keeps events in order, with the transaction that wrote them, if that is kept', async () => {
      const write = (event: string, fails = false) =>
        store().withClaims(ANN, async (tx) => {
          await tx
            .insertInto('events')
            .values({ topic: 'request:1', event, payload: json({ event }) })
            .execute()
          if (fails) throw new Error('no')
        })
      await write('first')
      await rejection(write('lost', true))
      await write('second')
      const found = await store().withClaims(ANN, (tx) => tx.selectFrom('events').selectAll().orderBy('id').execute())
      expect(found.map(({ event, payload }) => ({ event, payload }))).toEqual(
        ['first', 'second'].map((event) => ({ event, payload: { event } })),
      )
      expect(new Set(found.map(({ xid }) => xid)).size).toBe(2)
      const [row] = await opened().query(
        'select bool_and(xid < pg_snapshot_xmin(pg_current_snapshot())) as settled from holdfast.events where tenant = $1',
        ['help'],
      )
      expect(row?.['settled']).toBe(true)
    })
  })

  it('keeps track of when a row was changed', async () => {
    const { created_at, updated_at } = await store().withClaims(ANN, (tx) =>
      tx.insertInto('clients').values({ name: 'x' }).returningAll().executeTakeFirstOrThrow(),
    )
    expect(updated_at).toEqual(created_at)
    const later = await store().withClaims(ANN, (tx) =>
      tx
        .updateTable('clients')
        .set({ name: 'y', updated_at: new Date(0) })
        .returning('updated_at')
        .executeTakeFirstOrThrow(),
    )
    expect(later.updated_at.getTime()).toBeGreaterThan(created_at.getTime())
  })
}
