import fc from 'fast-check'
import type { Kysely } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { rejection } from '../../open.ts'
import { json, type Schema, sql, type StoreTransaction } from '../../../src/database/index.ts'
import type { Opened } from '../opened.ts'
import { addTenant } from '../seed.ts'

/** PostgreSQL keeps no character 0. */
const isKept = (value: unknown): boolean => !JSON.stringify(value).includes('\\u0000')

const ANN = { tenant: 'tx', user: 'ann' }

/** What a transaction promises, whatever its function, its caller and its input do. */
export function transactions(opened: () => Opened): void {
  const store = () => opened().store
  const add = (name: string) => (tx: StoreTransaction) => tx.insertInto('clients').values({ name }).execute()
  const names = async () =>
    (await store().withClaims(ANN, (tx) => tx.selectFrom('clients').select('name').execute())).map(({ name }) => name)
  /** Nothing is taken, and the next one works. */
  const expectWell = async () => {
    await store().check()
    // What nobody waits for is rolled back on its own time.
    await expect.poll(() => store().status(), { interval: 2 }).toMatchObject({ running: 0, waiting: 0 })
  }
  beforeAll(() => addTenant(opened(), 'tx'))

  it('is kept when its function resolves, and gives what that resolves to', async () => {
    expect(await store().withClaims(ANN, async (tx) => void (await add('kept')(tx)))).toBeUndefined()
    expect(await names()).toContain('kept')
  })

  it('knows who asks, for its length only', async () => {
    const claims = { ...ANN, roles: ['admin'] }
    const [row] = (
      await store().withClaims(claims, (tx) =>
        sql`select app.tenant() as tenant, app.user_id() as "user", app.claims() as claims, current_user::text as role`.execute(
          tx,
        ),
      )
    ).rows
    expect(row).toEqual({ tenant: 'tx', user: 'ann', claims, role: 'holdfast_app' })
    const worker = await store().asWorker('tx', (tx) =>
      sql`select app.user_id() as "user", current_user::text as role`.execute(tx),
    )
    expect(worker.rows).toEqual([{ user: null, role: 'holdfast_worker' }])
  })

  it('is rolled back when its function throws, with what that threw', async () => {
    for (const reason of [new Error('mine'), 'a word', undefined] as readonly unknown[]) {
      const ended = store().withClaims(ANN, async (tx) => {
        await add('thrown')(tx)
        throw reason
      })
      expect(await rejection(ended)).toBe(reason)
    }
    expect(await names()).not.toContain('thrown')
    await expectWell()
  })

  it('says so when a statement failed and its function went on all the same', async () => {
    const ended = store().withClaims(ANN, async (tx) => {
      await add('swallowed')(tx)
      await sql`select 1 / 0`.execute(tx).catch(() => undefined)
    })
    expect(await rejection(ended)).toMatchObject({
      code: 'STORE_ROLLED_BACK',
      category: 'client',
      cause: { code: 'STORE_VALUE' },
    })
    expect(await names()).not.toContain('swallowed')
    await expectWell()
  })

  it('goes on after a statement that failed within a savepoint', async () => {
    await store().withClaims(ANN, async (tx) => {
      await sql`savepoint a`.execute(tx)
      await sql`select 1 / 0`.execute(tx).catch(() => undefined)
      await sql`rollback to savepoint a`.execute(tx)
      await add('after a savepoint')(tx)
    })
    expect(await names()).toContain('after a savepoint')
  })

  it('is not begun for a caller who has left, and tells the reason', async () => {
    const reason = new Error('left')
    let called = false
    const ended = store().withClaims(ANN, async () => void (called = true), { signal: AbortSignal.abort(reason) })
    expect(await rejection(ended)).toBe(reason)
    expect(called).toBe(false)
  })

  it('ends at once when its caller leaves, whatever its function does, and keeps nothing', async () => {
    const controller = new AbortController()
    let handle: StoreTransaction | undefined
    const ended = store().withClaims(
      ANN,
      async (tx) => {
        handle = tx
        await add('left')(tx)
        controller.abort('bored')
        await new Promise(() => undefined)
      },
      { signal: controller.signal },
    )
    expect(await rejection(ended)).toBe('bored')
    expect(await names()).not.toContain('left')
    expect(await rejection(add('late')(handle as StoreTransaction))).toMatchObject({ code: 'STORE_TRANSACTION_ENDED' })
    await expectWell()
  })

  it('ends at its deadline, so that a function that hangs holds nothing for ever', async () => {
    const { clock } = opened()
    const pending = clock.pending
    let started: (() => void) | undefined
    const isUnderWay = new Promise<void>((resolve) => (started = resolve))
    const ended = rejection(
      store().withClaims(
        ANN,
        async (tx) => {
          await add('hung')(tx)
          started?.()
          await new Promise(() => undefined)
        },
        { deadlineMs: 500 },
      ),
    )
    await isUnderWay
    await clock.advance(500)
    expect(await ended).toMatchObject({ code: 'STORE_DEADLINE', category: 'timeout', mayHaveTakenEffect: false })
    expect(await names()).not.toContain('hung')
    await expectWell()
    expect(clock.pending).toBe(pending)
  })

  it('lets a caller leave the queue', async () => {
    let letGo: (() => void) | undefined
    const holding = new Promise<void>((resolve) => (letGo = resolve))
    const { poolSize } = store().status()
    const holders = Array.from({ length: poolSize }, () => store().withClaims(ANN, () => holding))
    const controller = new AbortController()
    const waiting = rejection(store().withClaims(ANN, add('queued'), { signal: controller.signal }))
    await opened().clock.settle()
    expect(store().status()).toMatchObject({ running: poolSize, waiting: 1 })
    controller.abort('no more')
    expect(await waiting).toBe('no more')
    letGo?.()
    await Promise.all(holders)
    expect(await names()).not.toContain('queued')
    await expectWell()
  })

  it('refuses a handle that outlives it', async () => {
    const tx = await store().withClaims(ANN, async (tx) => ({ tx }))
    expect(await rejection(add('leaked')(tx.tx))).toMatchObject({
      code: 'STORE_TRANSACTION_ENDED',
      category: 'validation',
    })
    expect(await names()).not.toContain('leaked')
  })

  it('keeps nothing when its function does not wait for its queries', async () => {
    const ended = store().withClaims(ANN, async (tx) => {
      void add('floating')(tx).catch(() => undefined)
    })
    expect(await rejection(ended)).toMatchObject({ code: 'STORE_QUERY_NOT_AWAITED' })
    expect(await names()).not.toContain('floating')
    await expectWell()
  })

  it('does queries that are asked for at once one after the other', async () => {
    const numbers = await store().withClaims(ANN, (tx) =>
      Promise.all(
        Array.from(
          { length: 20 },
          async (_, n) => (await sql<{ n: number }>`select ${n}::int as n`.execute(tx)).rows[0]?.n,
        ),
      ),
    )
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })

  it('holds no transaction in it', async () => {
    const ended = store().withClaims(ANN, (tx) => (tx as Kysely<Schema>).transaction().execute(add('nested')))
    expect(await rejection(ended)).toMatchObject({ code: 'STORE_STATEMENT_REFUSED' })
    expect(await names()).not.toContain('nested')
    await expectWell()
  })

  it.each([
    [undefined],
    [{}],
    [{ tenant: 'tx' }],
    [{ tenant: '', user: 'ann' }],
    [{ tenant: 'tx\0', user: 'ann' }],
    [{ tenant: 'tx', user: '\ud800' }],
    [{ tenant: 'tx', user: 'x'.repeat(201) }],
    [{ tenant: 7, user: 'ann' }],
    [{ tenant: 'tx', user: 'ann', roles: 'admin' }],
    [{ tenant: 'tx', user: 'ann', roles: [''] }],
    [{ tenant: 'tx', user: 'ann', roles: Array.from({ length: 33 }, () => 'x') }],
  ])('refuses the claims %j', async (claims) => {
    let called = false
    const ended = store().withClaims(claims as never, async () => void (called = true))
    expect(await rejection(ended)).toMatchObject({ code: 'STORE_CLAIMS_INVALID', category: 'validation' })
    expect(await rejection(store().asWorker(claims as never, async () => void (called = true)))).toMatchObject({
      code: 'STORE_CLAIMS_INVALID',
    })
    expect(called).toBe(false)
  })

  it.each([0, -1, 1.5, Number.NaN, 86_400_001, '5' as never])('refuses the deadline %s', async (deadlineMs) => {
    expect(await rejection(store().check({ deadlineMs }))).toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('takes what looks like SQL in its claims for a name', async () => {
    for (const tenant of [
      "'; drop table clients; --",
      "tx' or '1'='1",
      '{"tenant":"tx"}',
      '$$ tx $$',
      '\\',
      "', true), ('",
      'é漢字🛩️',
    ]) {
      expect(
        await store().withClaims({ tenant, user: tenant, roles: [tenant.slice(0, 64)] }, async (tx) => {
          const { rows } = await sql<{
            tenant: string
            has: boolean
          }>`select app.tenant() as tenant, app.has_role(${tenant.slice(0, 64)}) as has`.execute(tx)
          return { ...rows[0], clients: await tx.selectFrom('clients').selectAll().execute() }
        }),
      ).toEqual({ tenant, has: true, clients: [] })
    }
    expect(await names()).not.toEqual([])
  })

  it('takes whatever is given as a value for a value', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
      fc.constantFrom(
        "'; delete from clients; --",
        "') or 1=1 --",
        '$1',
        '\\',
        '"',
        "''",
        '%s',
        '\u2028',
        '/*',
        '{}',
        'null',
      ),
    )
    await fc.assert(
      fc.asyncProperty(text.filter(isKept), fc.jsonValue().filter(isKept), async (name, value) => {
        const preferences = json(value)
        const row = await store().withClaims(ANN, async (tx) => {
          const { id } = await tx
            .insertInto('clients')
            .values({ name, preferences })
            .returning('id')
            .executeTakeFirstOrThrow()
          const found = await tx
            .selectFrom('clients')
            .select(['name', 'preferences'])
            .where('name', '=', name)
            .where('id', '=', id)
            .execute()
          await tx.deleteFrom('clients').where('id', '=', id).execute()
          return found
        })
        expect(row).toEqual([{ name, preferences: JSON.parse(preferences) }])
      }),
      { numRuns: 60 },
    )
    expect(await names()).toContain('kept')
  })

  it.each([
    ['a character 0', 'STORE_VALUE', (tx: StoreTransaction) => add('a\0b')(tx)],
    ['a text that is too long', 'STORE_VALUE', (tx: StoreTransaction) => add('x'.repeat(201))(tx)],
    [
      'JSON that is none',
      'STORE_VALUE',
      (tx: StoreTransaction) => tx.insertInto('clients').values({ name: 'x', preferences: '{' }).execute(),
    ],
    [
      'a key that is none',
      'STORE_VALUE',
      (tx: StoreTransaction) => tx.selectFrom('clients').selectAll().where('id', '=', "x' or true --").execute(),
    ],
    [
      'a word that is not allowed',
      'STORE_VALUE',
      (tx: StoreTransaction) =>
        tx
          .insertInto('leads')
          .values({ source: 'web', status: 'maybe' as never })
          .execute(),
    ],
    [
      'a row that is there',
      'STORE_DUPLICATE',
      (tx: StoreTransaction) =>
        tx
          .insertInto('tickets')
          .values([
            { id: 'T', summary: 's' },
            { id: 'T', summary: 's' },
          ])
          .execute(),
    ],
    [
      'a row that is not there',
      'STORE_REFERENCE',
      (tx: StoreTransaction) =>
        tx
          .insertInto('messages')
          .values({ conversation_id: '00000000-0000-4000-8000-0000000000ee', sequence: 0, role: 'user', content: '' })
          .execute(),
    ],
    [
      'two statements in one',
      'STORE_STATEMENT',
      (tx: StoreTransaction) => sql.raw('select 1; delete from clients').execute(tx),
    ],
    [
      'a column that there is not',
      'STORE_STATEMENT',
      (tx: StoreTransaction) => sql.raw('select nothing from clients').execute(tx),
    ],
  ])('says clearly what is wrong with %s, keeps nothing, and tells no value', async (_, code, work) => {
    const error = await rejection(
      store().withClaims(ANN, async (tx) => {
        await add('beside')(tx)
        await work(tx)
      }),
    )
    expect(error).toMatchObject({ code, category: 'client', retryable: false, mayHaveTakenEffect: false })
    expect(JSON.stringify(error)).not.toMatch(/x' or|xxx|0000000000ee|maybe/)
    expect((error as Error).cause).not.toHaveProperty('detail')
    expect((error as Error).cause).not.toHaveProperty('params')
    expect(await names()).not.toContain('beside')
  })

  it('lets no claims leak among a thousand that are interleaved, some of which fail or are left', async () => {
    const tenants = Array.from({ length: 10 }, (_, n) => `leak-${n}`)
    for (const tenant of tenants) await addTenant(opened(), tenant)
    const one = async (n: number): Promise<string> => {
      const tenant = tenants[n % tenants.length] ?? ''
      const controller = new AbortController()
      const claims = { tenant, user: `user-${n}`, roles: n % 3 === 0 ? ['admin'] : [] }
      try {
        return await store().withClaims(
          claims,
          async (tx) => {
            const { rows } = await sql<
              Record<string, unknown>
            >`select app.claims() as claims, current_user::text as role`.execute(tx)
            expect(rows).toEqual([{ claims, role: 'holdfast_app' }])
            await tx.insertInto('clients').values({ name: tenant }).execute()
            if (n % 7 === 0) throw new Error('failed')
            if (n % 11 === 0) await sql`select 1 / 0`.execute(tx)
            if (n % 13 === 0) controller.abort(new Error('left'))
            const seen = await tx.selectFrom('clients').select(['tenant', 'name']).execute()
            expect(seen.every((row) => row.tenant === tenant && row.name === tenant)).toBe(true)
            return 'kept'
          },
          { signal: controller.signal, deadlineMs: 600_000 },
        )
      } catch (error) {
        const { message } = error as Error
        expect(message).toMatch(/^(failed|left|the store cannot keep the value)$/)
        return message
      }
    }
    const outcomes = await Promise.all(Array.from({ length: 1_000 }, (_, n) => one(n)))
    const kept = outcomes.filter((outcome) => outcome === 'kept').length
    expect(kept).toBe(
      Array.from({ length: 1_000 }, (_, n) => n).filter((n) => n % 7 !== 0 && n % 11 !== 0 && n % 13 !== 0).length,
    )
    const [row] = await opened().query("select count(*)::int as n from holdfast.clients where tenant like 'leak-%'")
    expect(row?.['n']).toBe(kept)
    await expectWell()
    expect(
      await store().withClaims({ tenant: 'nobody', user: 'x' }, (tx) => tx.selectFrom('clients').selectAll().execute()),
    ).toEqual([])
  }, 60_000)

  describe('JSON', () => {
    it('is kept as it is, lists and plain values too', async () => {
      const values = [[1, 'two', null], 'text', 7, true, { a: [{ b: 'c' }] }, '"', null]
      const read = await store().withClaims(ANN, async (tx) => {
        for (const [n, value] of values.entries())
          await tx
            .insertInto('tickets')
            .values({ id: `json-${n}`, summary: 's', details: json(value) })
            .execute()
        return tx.selectFrom('tickets').select('details').where('id', 'like', 'json-%').orderBy('id').execute()
      })
      expect(read.map(({ details }) => details)).toEqual(values)
    })

    it.each([undefined, () => 1, 1n, 'a\0b', { a: ['\0'] }])('refuses what it cannot hold: %s', (value) => {
      expect(() => json(value)).toThrow(expect.objectContaining({ code: 'STORE_VALUE' }))
    })

    it('takes a backslash before u0000 for what it is', () => {
      expect(json('\\u0000')).toBe('"\\\\u0000"')
    })
  })
}
