import { HoldfastError } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { factsFrom } from './checks.ts'
import { createSync } from './create-sync.ts'
import { factsOf } from './facts.ts'
import type { Facts } from './facts.ts'
import { CHARTER_KINDS, emailKey } from './index.ts'
import type { EntityKind, JsonValue, SourcePage, SourceRecord, Sync, SyncOptions } from './index.ts'
import { mergeFacts } from './merge.ts'
import { refOf } from './record.ts'
import { factsOfRow } from './rows.ts'

const DAY_MS = 86_400_000
const KIND: EntityKind = {
  fields: { email: 'newest', phone: 'newest', name: 'newest', price: 'ask' },
  match: {
    email: ({ email }) => emailKey(email),
    phone: ({ phone }) => (typeof phone === 'string' ? phone : undefined),
  },
  deletion: 'ask',
}

let store: Store
let tenants = 0
beforeAll(async () => {
  store = await openStore()
}, 60_000)
afterAll(() => store?.close())

async function newTenant(): Promise<string> {
  const id = `t${++tenants}`
  await store.asWorker(id, (transaction) => transaction.insertInto('tenants').values({ id, name: id }).execute())
  return id
}

interface World {
  readonly tenant: string
  readonly sync: Sync
  readonly clock: ReturnType<typeof fakeClock>
}

async function world(options: Partial<SyncOptions> = {}, tenant?: string): Promise<World> {
  const clock = fakeClock({ wallTime: 1_000 * DAY_MS })
  const sync = createSync({ store, kinds: { client: KIND }, clock, ...options })
  return { tenant: tenant ?? (await newTenant()), sync, clock }
}

const record = (source: string, id: string, observedAt: number, fields: SourceRecord['fields'] = {}): SourceRecord => ({
  kind: 'client',
  source,
  id,
  observedAt,
  fields,
})

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (HoldfastError.isInstance(error)) return error.code
    throw error
  }
  return 'DONE'
}

/** All that is kept of a tenant, as facts. */
async function kept(tenant: string): Promise<Facts> {
  const rows = await store.asWorker(tenant, (transaction) =>
    transaction.selectFrom('sync_records').selectAll().execute(),
  )
  return factsOf(rows.map(factsOfRow))
}

/** The same as a pure function of all facts says, and every row that says something else. */
async function expectAsPure({ tenant, sync }: World, records: readonly SourceRecord[]): Promise<void> {
  const facts = await kept(tenant)
  const told = factsOf(records.map((one) => factsFrom(one, { client: KIND }, Number.MAX_SAFE_INTEGER)))
  const withoutDecisions = [...facts.values()].map((one) => ({ ...one, decisions: {} }))
  expect(Object.fromEntries(factsOf(withoutDecisions))).toEqual(Object.fromEntries(told))
  const { entities, conflicts } = mergeFacts('client', KIND, facts)
  for (const entity of entities) expect(await sync.get(tenant, 'client', entity.records[0]!)).toEqual(entity)
  const queue = await sync.conflicts(tenant, 'client', { limit: 1_000 })
  expect(queue.map(({ openedAt: _, ...conflict }) => conflict)).toEqual(
    conflicts
      .map(({ refs: _refs, seen: _seen, ...conflict }) => conflict)
      .toSorted((a, b) => queue.findIndex(({ id }) => id === a.id) - queue.findIndex(({ id }) => id === b.id)),
  )
}

const anyRecord: fc.Arbitrary<SourceRecord> = fc.record({
  kind: fc.constant('client'),
  source: fc.constantFrom('crm', 'sheet', 'api'),
  id: fc.constantFrom('1', '2'),
  observedAt: fc.integer({ min: 1, max: 9 }),
  deleted: fc.boolean(),
  fields: fc.record(
    {
      email: fc.constantFrom('a@x', 'b@x', null),
      phone: fc.constantFrom('1', '2', null),
      name: fc.constantFrom('Ada', 'Eve'),
      price: fc.constantFrom(1, 2),
    },
    { requiredKeys: ['name'] },
  ),
})

/** Ends the first conflict in the queue. */
async function resolveFirst({ sync, tenant }: World, joins: boolean): Promise<void> {
  const [first] = await sync.conflicts(tenant, 'client', { limit: 1 })
  if (first === undefined) return
  const { id: conflict, type, records } = first
  const value = type === 'deletion' ? joins : 7
  const groups = joins ? [records] : records.map((one) => [one])
  await sync.resolve(tenant, { kind: 'client', conflict, by: 'ada', ...(type === 'match' ? { groups } : { value }) })
}

describe('what arrives', () => {
  it('comes to the same in any order, batching and repetition, with deletions and decisions in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        async (batches, joins) => {
          const here = await world()
          for (const [index, batch] of batches.entries()) {
            await here.sync.ingest(here.tenant, batch)
            await resolveFirst(here, joins[index]!)
          }
          await expectAsPure(here, batches.flat())
          const again = await here.sync.ingest(here.tenant, batches.flat().toReversed())
          expect(again.changed).toBe(0)
          await expectAsPure(here, batches.flat())
        },
      ),
      { numRuns: 25 },
    )
  }, 60_000)

  it('is the same for two tenants who got it in other orders', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .array(anyRecord, { minLength: 2, maxLength: 12 })
          .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        async ([all, shuffled]) => {
          const [a, b] = [await world(), await world()]
          await a.sync.ingest(a.tenant, all)
          for (const one of shuffled) await b.sync.ingest(b.tenant, [one])
          for (const one of all) {
            expect(await b.sync.get(b.tenant, 'client', one)).toEqual(await a.sync.get(a.tenant, 'client', one))
          }
        },
      ),
      { numRuns: 10 },
    )
  }, 60_000)

  it('is counted, and what is wrong refused with its place and without its values', async () => {
    const { sync, tenant, clock } = await world()
    const wrong: Partial<SourceRecord>[] = [
      { kind: 'planet' },
      { source: 'C R M' },
      { id: '' },
      { observedAt: clock.wallTime() + DAY_MS },
      { observedAt: '2026-11-02T09:00:00' },
      { fields: { secret: 'hush' } },
      { fields: {} },
      { fields: { name: 'a\0b' } },
      { fields: { name: 'x'.repeat(70_000) } },
      { version: -1 },
      { fields: null as unknown as {} },
      { fields: { name: JSON.parse('['.repeat(40) + ']'.repeat(40)) as JsonValue } },
    ]
    const all = [
      record('crm', '1', 1, { name: 'Ada' }),
      ...wrong.map((one) => ({ ...record('crm', '2', 1, { name: 'x' }), ...one })),
    ]
    const result = await sync.ingest(tenant, [...all, record('crm', '1', 1, { name: 'Ada' })])
    expect(result).toMatchObject({ changed: 1, unchanged: 1, late: 0, forgotten: 0 })
    expect(result.refused.map(({ index }) => index)).toEqual(wrong.map((_, index) => index + 1))
    expect(JSON.stringify(result.refused)).not.toContain('hush')
    const many = Array.from({ length: 1_001 }, () => all[0]!)
    expect(await codeOf(() => sync.ingest(tenant, many))).toBe('INVALID_RECORDS')
    expect(await codeOf(() => sync.ingest('nobody', all.slice(0, 1)))).toBe('UNKNOWN_TENANT')
  })

  it('is seen by its tenant alone', async () => {
    const here = await world()
    const other = await world()
    await here.sync.ingest(here.tenant, [record('crm', '1', 1, { name: 'Ada' })])
    expect(await other.sync.get(other.tenant, 'client', { source: 'crm', id: '1' })).toBeUndefined()
  })

  it('leaves the key that too many have once the others are gone, and joins the rest', async () => {
    const here = await world()
    const all = Array.from({ length: 51 }, (_, index) => record(`s${index}`, '1', 1, { phone: 'n/a' }))
    await here.sync.ingest(here.tenant, all.slice(0, 50))
    expect((await here.sync.get(here.tenant, 'client', all[0]!))?.records).toHaveLength(50)
    await here.sync.ingest(here.tenant, all.slice(50))
    expect((await here.sync.get(here.tenant, 'client', all[0]!))?.records).toHaveLength(1)
    const changed = record('s7', '1', 2, { phone: '7' })
    await here.sync.ingest(here.tenant, [changed])
    expect((await here.sync.get(here.tenant, 'client', all[0]!))?.records).toHaveLength(50)
    await expectAsPure(here, [...all, changed])
  })

  it('asks again about those that a common key no longer keeps from being joined', async () => {
    const here = await world()
    const twin = record('s1', '2', 1, { phone: 'n/a' })
    const all = [twin, ...Array.from({ length: 50 }, (_, index) => record(`s${index}`, '1', 1, { phone: 'n/a' }))]
    await here.sync.ingest(here.tenant, all)
    expect(await here.sync.conflicts(here.tenant, 'client')).toEqual([])
    const changed = record('s7', '1', 2, { phone: '7' })
    await here.sync.ingest(here.tenant, [changed])
    expect(await here.sync.conflicts(here.tenant, 'client')).toHaveLength(1)
    await expectAsPure(here, [...all, changed])
  })

  it('is apart again when what linked it has moved on, though it shares a common key', async () => {
    const here = await world()
    const shared = Array.from({ length: 51 }, (_, index) =>
      record(`s${index}`, '1', 1, { phone: 'n/a', email: `${index}@x` }),
    )
    const link = { kind: 'client', source: 'link', id: '1', fields: { email: '0@x, 1@x' }, observedAt: 1 }
    const client: EntityKind = {
      ...KIND,
      match: { ...KIND.match, email: ({ email }) => (email as string).split(', ') },
    }
    const kinds = { client }
    const { sync } = await world({ kinds })
    await sync.ingest(here.tenant, [...shared, link])
    expect((await sync.get(here.tenant, 'client', shared[0]!))?.records).toHaveLength(3)
    await sync.ingest(here.tenant, [{ ...link, fields: { email: 'z@x' }, observedAt: 2 }])
    for (const one of [shared[0]!, shared[1]!, link]) {
      expect((await sync.get(here.tenant, 'client', one))?.records).toHaveLength(1)
    }
  })
})

describe('a decision', () => {
  const crm = record('crm', '1', 1, { email: 'a@x', price: 1 })
  const sheet = record('sheet', '9', 2, { email: 'a@x', price: 2 })
  const decide = async (here: World, value: JsonValue): Promise<string> => {
    const [conflict] = await here.sync.conflicts(here.tenant, 'client')
    await here.sync.resolve(here.tenant, { kind: 'client', conflict: conflict!.id, by: 'ada', value })
    return conflict!.id
  }
  const price = async ({ sync, tenant }: World): Promise<unknown> =>
    (await sync.get(tenant, 'client', crm))?.fields['price']

  it('ends the conflict, says who and when, and survives what its sources said before', async () => {
    const here = await world()
    await here.sync.ingest(here.tenant, [crm, sheet])
    await decide(here, 1)
    expect(await here.sync.conflicts(here.tenant, 'client')).toEqual([])
    await here.sync.ingest(here.tenant, [sheet, { ...sheet, observedAt: here.clock.wallTime() + 1 }])
    const entity = await here.sync.get(here.tenant, 'client', crm)
    expect(entity?.provenance['price']).toMatchObject({
      strategy: 'person',
      source: 'crm',
      decided: { by: 'ada', at: here.clock.wallTime() },
      lost: [{ source: 'sheet', value: 2 }],
    })
  })

  it('is asked for again when a source says, later, what the person had not seen', async () => {
    const here = await world()
    await here.sync.ingest(here.tenant, [crm, sheet])
    await decide(here, 5)
    await here.sync.ingest(here.tenant, [record('sheet', '9', here.clock.wallTime() - 1, { email: 'a@x', price: 3 })])
    expect(await price(here)).toBe(5)
    await here.sync.ingest(here.tenant, [record('sheet', '9', here.clock.wallTime() + 1, { email: 'a@x', price: 4 })])
    expect(await price(here)).toBeUndefined()
    await decide(here, 4)
    expect(await price(here)).toBe(4)
  })

  it('is made once: the same again changes nothing, another is too late', async () => {
    const here = await world()
    await here.sync.ingest(here.tenant, [crm, sheet])
    const conflict = await decide(here, 1)
    const again = (value: number, by = 'ada') => here.sync.resolve(here.tenant, { kind: 'client', conflict, by, value })
    expect(await codeOf(() => again(1))).toBe('DONE')
    expect(await again(1)).toEqual({ repeated: true })
    expect(await again(1, 'bob')).toEqual({ repeated: true })
    expect(await codeOf(() => again(2))).toBe('CONFLICT_RESOLVED')
    const unknown = { kind: 'client', conflict: `${conflict}x`, by: 'ada', value: 1 }
    expect(await codeOf(() => here.sync.resolve(here.tenant, unknown))).toBe('CONFLICT_NOT_FOUND')
    const audit = await store.asWorker(here.tenant, (transaction) =>
      transaction.selectFrom('audit').select(['actor', 'action', 'target']).execute(),
    )
    expect(audit).toEqual([{ actor: 'ada', action: 'sync-resolved', target: conflict }])
  })

  it('may be what one of the records says, and is the same as its value', async () => {
    const here = await world()
    await here.sync.ingest(here.tenant, [crm, sheet])
    const [conflict] = await here.sync.conflicts(here.tenant, 'client')
    expect(await here.sync.conflict(here.tenant, conflict!.id)).toEqual(conflict)
    const { id, candidates } = conflict!
    const say = (more: object) => here.sync.resolve(here.tenant, { kind: 'client', conflict: id, by: 'ada', ...more })
    const candidate = { source: 'sheet', id: '9' }
    const { value } = candidates.find(({ source }) => source === 'sheet')!
    expect(await codeOf(() => say({ candidate: { source: 'sheet', id: 'other' } }))).toBe('INVALID_RESOLUTION')
    expect(await codeOf(() => say({ candidate, value }))).toBe('INVALID_RESOLUTION')
    expect(await say({ candidate })).toEqual({ repeated: false })
    expect(await price(here)).toBe(value)
    expect(await here.sync.conflict(here.tenant, id)).toBeUndefined()
    expect(await say({ candidate })).toEqual({ repeated: true })
    expect(await say({ value })).toEqual({ repeated: true })
    expect(await codeOf(() => say({ candidate: { source: 'crm', id: '1' } }))).toBe('CONFLICT_RESOLVED')
  })

  it('joins records, or keeps them apart, for good', async () => {
    for (const joins of [true, false]) {
      const here = await world()
      const twins = [record('crm', '1', 1, { email: 'a@x' }), record('crm', '2', 1, { email: 'a@x' })]
      await here.sync.ingest(here.tenant, twins)
      await resolveFirst(here, joins)
      await here.sync.ingest(here.tenant, [...twins, record('crm', '2', 5, { name: 'Ada' })])
      const entity = await here.sync.get(here.tenant, 'client', twins[0]!)
      expect([entity?.records.length, entity?.conflicts.length]).toEqual([joins ? 2 : 1, 0])
    }
  })

  it('lapses when the records that it was about are no longer one thing', async () => {
    const here = await world()
    await here.sync.ingest(here.tenant, [crm, sheet])
    await decide(here, 5)
    const at = here.clock.wallTime()
    await here.sync.ingest(here.tenant, [record('sheet', '9', at, { email: 'b@x' })])
    expect(await price(here)).toBe(1)
    await here.sync.ingest(here.tenant, [record('sheet', '9', at + 1, { email: 'a@x' })])
    expect(await price(here)).toBe(5)
  })

  it('is refused where it does not fit its conflict', async () => {
    const { sync, tenant } = await world()
    await sync.ingest(tenant, [record('crm', '1', 1, { email: 'a@x' }), record('crm', '2', 1, { email: 'a@x' })])
    const [conflict] = await sync.conflicts(tenant, 'client')
    const resolution = { kind: 'client', conflict: conflict!.id, by: 'ada' }
    expect(await codeOf(() => sync.resolve(tenant, { ...resolution, value: 1 }))).toBe('INVALID_RESOLUTION')
    const groups = [[{ source: 'crm', id: '1' }]]
    expect(await codeOf(() => sync.resolve(tenant, { ...resolution, groups }))).toBe('INVALID_RESOLUTION')
  })
})

describe('a store whose statistics nobody has gathered', () => {
  it.each([
    ['sync_records', 'ref', 'sync_records_pkey'],
    ['sync_records', 'component', 'sync_records_component_kind_tenant_idx'],
    ['sync_keys', 'key', 'sync_keys_pkey'],
    ['sync_keys', 'ref', 'sync_keys_ref_kind_tenant_idx'],
  ] as const)('finds rows of %s by their %s, and looks through no others', async (name, column, index) => {
    const { tenant, sync } = await world()
    await sync.ingest(
      tenant,
      Array.from({ length: 500 }, (_, n) => record('crm', `${n}`, n, { email: `${n}@example.com` })),
    )
    // The store takes no `explain`, which tells how many rows of others there are.
    const results = await store.embedded!.exec(`begin; set local search_path = holdfast;
      set local request.jwt.claims = '${JSON.stringify({ tenant })}'; set local role holdfast_worker;
      explain select * from ${name} where kind = 'client' and ${column} = 'one'; rollback`)
    const plan = results.flatMap(({ rows }) => rows.map((row) => Object.values(row as object).join())).join('\n')
    expect(plan).toContain(index)
    expect(plan).toMatch(new RegExp(`Index Cond: [^\n]*\\b${column} = `))
  })
})

describe('a pull', () => {
  const pages: readonly SourcePage[] = Array.from({ length: 5 }, (_, page) => ({
    records: Array.from({ length: 3 }, (_record, index) => record('crm', `${page}-${index}`, 1, { name: `${page}` })),
    cursor: page,
  }))
  const from = (cursor: JsonValue | undefined): readonly SourcePage[] =>
    pages.slice(cursor === undefined ? 0 : Number(cursor) + 1)

  it.each([0, 1, 3])(
    'goes on after page %i where it was torn off, in the midst of a transaction or between two',
    async (last) => {
      let asked: (JsonValue | undefined)[] = []
      const crm = {
        async *read(cursor: JsonValue | undefined) {
          asked.push(cursor)
          yield* from(cursor)
        },
      }
      const { tenant } = await world()
      let left = last + 1
      const dying: Store = {
        ...store,
        asWorker: (of, work, options) =>
          store.asWorker(
            of,
            async (transaction) => {
              const result = await work(transaction)
              // The cursor is read in one of its own.
              if (JSON.stringify(result)?.includes('changed') && left-- === 0) throw new Error('crash')
              return result
            },
            options,
          ),
      }
      const before = await world({ store: dying, sources: { crm } }, tenant)
      await expect(before.sync.pull(tenant, 'crm')).rejects.toThrow('crash')
      expect(await before.sync.cursor(tenant, 'crm')).toBe(last)
      expect((await kept(tenant)).size).toBe(3 * (last + 1))
      asked = []
      const { sync } = await world({ sources: { crm } }, tenant)
      expect(await sync.pull(tenant, 'crm')).toMatchObject({ pages: 4 - last, changed: 3 * (4 - last), complete: true })
      expect(asked).toEqual([last])
      expect((await kept(tenant)).size).toBe(15)
      expect(await sync.pull(tenant, 'crm')).toMatchObject({ pages: 0, changed: 0, complete: true })
    },
  )

  it('asks for one page after the other, and ends after so many', async () => {
    let made = 0
    let closed = false
    const crm = {
      async *read() {
        try {
          for (const page of pages) {
            made += 1
            yield page
          }
        } finally {
          closed = true
        }
      },
    }
    const { sync, tenant } = await world({ sources: { crm } })
    expect(await sync.pull(tenant, 'crm', { maxPages: 2 })).toMatchObject({ pages: 2, complete: false })
    expect([made, closed]).toEqual([2, true])
  })

  it('ends at once when it is aborted, though its source hangs', async () => {
    const crm = {
      async *read() {
        yield pages[0]!
        await new Promise(() => undefined)
      },
    }
    const { sync, tenant } = await world({ sources: { crm } })
    const abort = new AbortController()
    const pull = sync.pull(tenant, 'crm', { signal: abort.signal })
    await expect.poll(() => sync.cursor(tenant, 'crm')).toBe(0)
    abort.abort(new Error('enough'))
    await expect(pull).rejects.toThrow('enough')
  })

  it('keeps a page of more than a batch, and its cursor with the last', async () => {
    const records = Array.from({ length: 2_100 }, (_, index) =>
      record('crm', String(index), 1, { email: `${index}@x` }),
    )
    const crm = {
      async *read() {
        yield { records, cursor: 'end' }
      },
    }
    const { sync, tenant } = await world({ sources: { crm } })
    expect(await sync.pull(tenant, 'crm')).toMatchObject({ changed: 2_100, pages: 1 })
  })

  it('is refused when another has read on', async () => {
    const { sync, tenant } = await world()
    await sync.ingest(tenant, [], { cursor: { source: 'crm', value: 1 } })
    const late = () => sync.ingest(tenant, pages[0]!.records, { cursor: { source: 'crm', value: 2, after: undefined } })
    expect(await codeOf(late)).toBe('CURSOR_MOVED')
    expect((await kept(tenant)).size).toBe(0)
    expect(await codeOf(() => sync.pull(tenant, 'nobody'))).toBe('UNKNOWN_SOURCE')
  })
})

describe('what is gone', () => {
  const crm = record('crm', '1', 1, { email: 'a@x', name: 'Ada' })
  const sheet = record('sheet', '9', 3, { email: 'a@x' })
  const gone: SourceRecord = { ...record('crm', '1', 5), deleted: true }

  it('is dropped after its time, and what is older does not come back', async () => {
    const { sync, tenant, clock } = await world({
      kinds: { client: { ...KIND, deletion: 'source' } },
      keepDeletedMs: DAY_MS,
    })
    const at = clock.wallTime()
    await sync.ingest(tenant, [crm, { ...gone, observedAt: at }, sheet])
    await clock.advance(DAY_MS - 1)
    expect(await sync.purge(tenant)).toBe(0)
    await clock.advance(1)
    expect(await sync.purge(tenant)).toBe(1)
    expect(await sync.get(tenant, 'client', crm)).toBeUndefined()
    expect(await sync.ingest(tenant, [crm, { ...gone, observedAt: at }, sheet])).toMatchObject({
      late: 2,
      unchanged: 1,
    })
    expect(await sync.get(tenant, 'client', crm)).toBeUndefined()
    expect(await sync.ingest(tenant, [{ ...crm, observedAt: at + 1 }])).toMatchObject({ changed: 1 })
    expect((await sync.get(tenant, 'client', crm))?.records).toHaveLength(2)
  })

  it('stays known while it counts for a thing that others still have', async () => {
    const kinds = { client: { ...KIND, deletion: 'newest' } } as const
    const { sync, tenant } = await world({ kinds, keepDeletedMs: 0 })
    await sync.ingest(tenant, [crm, gone, sheet])
    expect(await sync.purge(tenant)).toBe(0)
    expect((await sync.get(tenant, 'client', sheet))?.deleted).toBe(true)
    await sync.ingest(tenant, [{ ...sheet, observedAt: 6, deleted: true }])
    expect(await sync.purge(tenant)).toBe(2)
  })

  it('is erased with all records, decisions and conflicts, and does not come back', async () => {
    const { sync, tenant } = await world()
    const third = record('api', '4', 4, { phone: '7', price: 3 })
    const all = [
      record('crm', '1', 1, { email: 'eve@x', price: 1 }),
      record('sheet', '9', 3, { email: 'eve@x', price: 2 }),
      third,
    ]
    await sync.ingest(tenant, all)
    const id = (await sync.get(tenant, 'client', all[0]!))!.id
    expect(await sync.conflicts(tenant, 'client')).toHaveLength(1)
    expect(await sync.forget(tenant, 'client', id, { by: 'officer' })).toBe(2)
    expect(await sync.conflicts(tenant, 'client')).toEqual([])
    expect(await sync.ingest(tenant, all)).toMatchObject({ forgotten: 2, unchanged: 1 })
    const later = { ...all[0]!, observedAt: 900 * DAY_MS }
    expect(await sync.ingest(tenant, [later])).toMatchObject({ forgotten: 1 })
    expect([...(await kept(tenant)).keys()]).toEqual([refOf(third)])
    expect(await sync.forget(tenant, 'client', all[0]!, { by: 'officer' })).toBe(0)
    const rows = await store.asWorker(tenant, async (transaction) =>
      JSON.stringify([
        await transaction.selectFrom('sync_records').selectAll().execute(),
        await transaction.selectFrom('sync_keys').selectAll().execute(),
        await transaction.selectFrom('audit').selectAll().execute(),
      ]),
    )
    expect(rows).not.toContain('eve')
    expect(rows).toContain('sync-forgotten')
  })

  it('is erased from decisions on others too', async () => {
    const here = await world()
    const twins = [record('crm', '1', 1, { email: 'a@x' }), record('crm', '2', 1, { email: 'a@x' })]
    await here.sync.ingest(here.tenant, twins)
    await resolveFirst(here, false)
    await here.sync.forget(here.tenant, 'client', twins[0]!, { by: 'officer' })
    const facts = await kept(here.tenant)
    expect([...facts.values()].map(({ id, decisions }) => [id, decisions])).toEqual([['2', {}]])
  })
})

describe('the kinds of a charter desk', () => {
  it('block a quote that cannot be, and mark one that has too few seats', async () => {
    const { sync, tenant } = await world({ kinds: CHARTER_KINDS })
    const quote = {
      kind: 'quote',
      source: 'avinode',
      id: 'q1',
      observedAt: 1,
      fields: {
        vendor: 'Avinode',
        vendorQuoteId: 'q1',
        price: 10,
        passengers: 9,
        seats: 8,
        departsAt: '2026-12-01T12:00:00Z',
        arrivesAt: '2026-12-01T10:00:00Z',
      },
    }
    await sync.ingest(tenant, [quote])
    const found = await sync.get(tenant, 'quote', quote)
    expect(found?.violations.map(({ rule, effect }) => [rule, effect])).toEqual([
      ['departs-before-it-arrives', 'block'],
      ['price-has-a-currency', 'block'],
      ['seats-for-all', 'mark'],
    ])
    expect(found?.blocked).toBe(true)
    const mended = { currency: 'USD', arrivesAt: '2026-12-01T14:00:00Z', seats: 9 }
    await sync.ingest(tenant, [{ ...quote, source: 'database', observedAt: 2, fields: { ...quote.fields, ...mended } }])
    const better = await sync.get(tenant, 'quote', quote)
    expect([better?.records.length, better?.violations]).toEqual([2, []])
  })
})

describe('options', () => {
  it.each([
    ['kinds', { kinds: {} }],
    ['deletion', { kinds: { client: { ...KIND, deletion: 'never' } } }],
    ['fields.name', { kinds: { client: { ...KIND, fields: { name: 'guess' } } } }],
    ['exclusive', { kinds: { client: { ...KIND, exclusive: ['tail'] } } }],
    ['keepDeletedMs', { keepDeletedMs: -1 }],
    ['maxAheadMs', { maxAheadMs: 86_400_001 }],
    ['sources.crm', { sources: { crm: {} } }],
    ['with colour', { colour: 'red' }],
  ])('refuses a wrong one at %s', (words, options) => {
    const make = (): Sync => createSync({ store, kinds: { client: KIND }, ...options } as unknown as SyncOptions)
    expect(make).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(words) as string }),
    )
  })
})

describe('a source that does not say when', () => {
  const reading = (observedAt: number, fields: SourceRecord['fields'], more: Partial<SourceRecord> = {}) => ({
    ...record('sheet', '9', observedAt, fields),
    sameKeepsTime: true,
    ...more,
  })

  it('keeps the time of what it has said before, and has a new one for what is new', async () => {
    const { sync, tenant } = await world()
    await sync.ingest(tenant, [
      reading(10, { email: 'a@x', phone: '1' }),
      record('crm', '1', 20, { email: 'a@x', phone: '2' }),
    ])
    expect(await sync.ingest(tenant, [reading(30, { email: 'a@x', phone: '1' })])).toMatchObject({ unchanged: 1 })
    const get = () => sync.get(tenant, 'client', { source: 'sheet', id: '9' })
    expect((await get())?.fields['phone']).toBe('2')
    expect(await sync.ingest(tenant, [reading(40, { email: 'a@x', phone: '3' })])).toMatchObject({ changed: 1 })
    expect((await get())?.provenance).toMatchObject({
      phone: { source: 'sheet', observedAt: 40 },
      email: { observedAt: 20 },
    })
  })

  it('has its record back with the same values after it was deleted', async () => {
    const { sync, tenant } = await world()
    const get = () => sync.get(tenant, 'client', { source: 'sheet', id: '9' })
    await sync.ingest(tenant, [reading(10, { email: 'a@x' })])
    await sync.ingest(tenant, [reading(20, {}, { deleted: true })])
    expect((await get())?.deleted).toBe(true)
    await sync.ingest(tenant, [reading(30, { email: 'a@x' })])
    expect((await get())?.deleted).toBe(false)
  })

  it.each(['sameKeepsTime', 'undated'])('says so by true or false: %s', async (option) => {
    const { sync, tenant } = await world()
    const { refused } = await sync.ingest(tenant, [reading(1, { email: 'a@x' }, { [option]: 'yes' })])
    expect(refused).toEqual([{ index: 0, problem: `${option} must be true or false` }])
  })
})

describe('a source that never says when', () => {
  const reading = (observedAt: number, fields: SourceRecord['fields'], more: Partial<SourceRecord> = {}) => ({
    ...record('sheet', '9', observedAt, fields),
    undated: true,
    ...more,
  })
  const crm = record('crm', '1', 2, { email: 'a@x', phone: '2', name: 'Ada' })
  const provenance = async ({ sync, tenant }: World) =>
    (await sync.get(tenant, 'client', { source: 'sheet', id: '9' }))?.provenance

  it('does not win by being read first, nor by being read again, but by what changed since', async () => {
    const here = await world()
    const { sync, tenant } = here
    await sync.ingest(tenant, [reading(10, { email: 'a@x', phone: '1' }), crm])
    expect((await provenance(here))?.['phone']).toMatchObject({ source: 'crm', lost: [{ value: '1', undated: true }] })
    expect(await sync.ingest(tenant, [reading(20, { email: 'a@x', phone: '1' })])).toMatchObject({ unchanged: 1 })
    // A column that was not read before is told of for the first time too.
    await sync.ingest(tenant, [reading(30, { email: 'a@x', phone: '3', name: 'Eve' })])
    expect(await provenance(here)).toMatchObject({
      email: { source: 'crm' },
      name: { source: 'crm' },
      phone: { source: 'sheet', observedAt: 30, lost: [{ source: 'crm' }] },
    })
    expect((await provenance(here))?.['phone']).not.toHaveProperty('undated')
  })

  it('is believed the time of a value once it gives one', async () => {
    const here = await world()
    const fields = { email: 'a@x', phone: '1' }
    await here.sync.ingest(here.tenant, [reading(10, fields), crm])
    await here.sync.ingest(here.tenant, [reading(3, fields, { undated: false, sameKeepsTime: true, version: 20 })])
    expect((await provenance(here))?.['phone']).toMatchObject({ source: 'sheet', observedAt: 3 })
  })

  it.each([false, true])(
    'has no news in a record that was gone and is back as it was, with versions: %s',
    async (counts) => {
      const here = await world()
      const { sync, tenant } = here
      const versioned = (at: number) => (counts ? { version: at } : {})
      const fields = { email: 'a@x', phone: '1' }
      await sync.ingest(tenant, [reading(10, fields, versioned(10)), crm])
      await sync.ingest(tenant, [reading(20, {}, { ...versioned(20), deleted: true })])
      await sync.ingest(tenant, [reading(30, { ...fields, name: 'Eve' }, versioned(30))])
      expect(await provenance(here)).toMatchObject({ phone: { source: 'crm' }, name: { source: 'crm' } })
      const [ada] = await sync.find(tenant, 'client', { email: 'a@x' })
      expect(ada?.records).toContainEqual({ source: 'sheet', id: '9', deleted: false })
    },
  )

  it('does not overturn what a person said before it was read', async () => {
    const here = await world()
    const { sync, tenant } = here
    await sync.ingest(tenant, [
      record('crm', '1', 1, { email: 'a@x', price: 1 }),
      record('api', '1', 1, { email: 'a@x', price: 2 }),
    ])
    await resolveFirst(here, true)
    const later = here.clock.wallTime() + 10
    await sync.ingest(tenant, [reading(later, { email: 'a@x', price: 3 })])
    expect((await provenance(here))?.['price']).toMatchObject({ strategy: 'person' })
    await sync.ingest(tenant, [reading(later + 10, { email: 'a@x', price: 4 })])
    expect(await provenance(here)).not.toHaveProperty('price')
  })

  it('comes to the same however its readings and those of others fall between each other', async () => {
    const said = fc.record(
      {
        email: fc.constantFrom('a@x', 'b@x', null),
        phone: fc.constantFrom('1', '2', null),
        name: fc.constantFrom('Ada', 'Eve'),
        price: fc.constantFrom(1, 2),
      },
      { requiredKeys: ['name'] },
    )
    // Of each source in order, as pulls are; only the CRM says when.
    const readings = fc.tuple(
      ...['sheet', 'list', 'crm'].map((source) =>
        fc.array(fc.tuple(said, fc.boolean()), { maxLength: 4 }).map((all) =>
          all.map(([fields, deleted], index) => ({
            ...record(source, '1', (index + 1) * 10 + source.length, fields),
            deleted: deleted && index > 0,
            ...(source === 'crm' ? {} : { undated: true }),
          })),
        ),
      ),
    )
    const turns = fc.array(fc.nat({ max: 2 }), { minLength: 12, maxLength: 12 })
    const inTurns = (all: readonly (readonly SourceRecord[])[], whose: readonly number[]): SourceRecord[] => {
      const queues = all.map((own) => [...own])
      const first = whose.flatMap((at) => queues[at]!.splice(0, 1))
      return [...first, ...queues.flat()]
    }
    await fc.assert(
      fc.asyncProperty(readings, turns, turns, async (all, one, other) => {
        const [a, b] = [await world(), await world()]
        for (const each of inTurns(all, one)) await a.sync.ingest(a.tenant, [each])
        await b.sync.ingest(b.tenant, inTurns(all, other))
        for (const name of all.flat())
          expect(await b.sync.get(b.tenant, 'client', name)).toEqual(await a.sync.get(a.tenant, 'client', name))
        expect(await b.sync.conflicts(b.tenant, 'client')).toMatchObject(
          (await a.sync.conflicts(a.tenant, 'client')).map(({ openedAt: _, ...conflict }) => conflict),
        )
      }),
      { numRuns: 25 },
    )
  }, 60_000)
})

describe('what is found by its fields', () => {
  it('is the thing with a key of them, in its own tenant', async () => {
    const { sync, tenant } = await world()
    await sync.ingest(tenant, [
      record('crm', '1', 1, { email: 'a@x', name: 'Ada' }),
      record('sheet', '9', 2, { email: 'A@x ', phone: '1' }),
    ])
    const [ada, ...others] = await sync.find(tenant, 'client', { email: ' a@X' })
    expect([ada?.fields, others]).toEqual([{ email: 'A@x ', name: 'Ada', phone: '1' }, []])
    expect(await sync.find(tenant, 'client', { phone: '1' })).toEqual([ada])
    expect(await sync.find(tenant, 'client', { email: 'b@x' })).toEqual([])
    expect(await sync.find(tenant, 'client', { name: 'Ada' })).toEqual([])
    expect(await sync.find(await newTenant(), 'client', { email: 'a@x' })).toEqual([])
  })

  it('is several things while a person has to say which are the same', async () => {
    const { sync, tenant } = await world()
    await sync.ingest(tenant, [record('crm', '1', 1, { email: 'a@x' }), record('crm', '2', 1, { email: 'a@x' })])
    expect(await sync.find(tenant, 'client', { email: 'a@x' })).toHaveLength(2)
  })
})
