import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factsFrom } from './checks.ts'
import { factsOf, joinFacts } from './facts.ts'
import type { Decision, Facts, RecordFacts } from './facts.ts'
import { emailKey, tailNumberKey, vendorKey } from './keys.ts'
import type { EntityKind } from './kind.ts'
import { mergeFacts } from './merge.ts'
import type { Merged } from './merge.ts'
import { refOf } from './record.ts'
import type { SourceRecord } from './record.ts'

const KIND: EntityKind = {
  fields: {
    email: 'newest',
    phone: 'newest',
    name: { strategy: 'trusted', trust: ['crm', 'sheet'] },
    tags: 'merge',
    price: 'ask',
  },
  match: {
    email: ({ email }) => emailKey(email),
    phone: ({ phone }) => (typeof phone === 'string' ? phone : undefined),
  },
  exclusive: ['email'],
  deletion: 'newest',
}

const record = (source: string, id: string, observedAt: number, fields: SourceRecord['fields'] = {}): SourceRecord => ({
  kind: 'client',
  source,
  id,
  observedAt,
  fields,
})
const known = (records: readonly SourceRecord[], kind = KIND): Facts =>
  factsOf(records.map((one) => factsFrom(one, { client: kind }, Number.MAX_SAFE_INTEGER)))
const merge = (records: readonly SourceRecord[], kind = KIND): Merged =>
  mergeFacts('client', kind, known(records, kind))

const sources = fc.constantFrom('crm', 'sheet', 'api')
const records: fc.Arbitrary<RecordFacts> = fc
  .record({
    source: sources,
    id: fc.constantFrom('1', '2'),
    observedAt: fc.integer({ min: 1, max: 6 }),
    version: fc.integer({ min: 0, max: 1 }),
    deleted: fc.boolean(),
    undated: fc.boolean(),
    fields: fc.record(
      {
        email: fc.constantFrom('a@x', 'b@x', null),
        phone: fc.constantFrom('1', '2', null),
        name: fc.constantFrom('Ada', 'Eve'),
        tags: fc.uniqueArray(fc.constantFrom('vip', 'new'), { maxLength: 2 }),
        price: fc.constantFrom(1, 2),
      },
      { requiredKeys: ['name'] },
    ),
  })
  .map((one) => factsFrom({ kind: 'client', ...one }, { client: KIND }, 100))

const refs = ['crm', 'sheet', 'api'].flatMap((source) => ['1', '2'].map((id) => refOf({ source, id }))).toSorted()
const decisions: fc.Arbitrary<RecordFacts> = fc
  .record({
    on: fc.subarray(refs, { minLength: 2 }),
    at: fc.integer({ min: 1, max: 6 }),
    by: fc.constantFrom('ada', 'bob'),
    isMatch: fc.boolean(),
    price: fc.constantFrom(1, 2, 3),
    split: fc.boolean(),
    place: fc.nat({ max: 5 }),
  })
  .map(({ on, at, by, isMatch, price, split, place }) => {
    const decision: Decision = {
      key: `${isMatch}${on.join()}`,
      conflict: 'c',
      type: isMatch ? 'match' : 'field',
      ...(isMatch ? { groups: split ? [on.slice(0, 1), on.slice(1)] : [on] } : { field: 'price' }),
      records: on,
      by,
      at,
      value: isMatch ? null : price,
      seen: ['1', '2'],
    }
    const ref = on[place % on.length]!
    const [source, id] = ['crm', 'sheet', 'api']
      .flatMap((name) => ['1', '2'].map((number) => [name, number] as const))
      .find(([name, number]) => refOf({ source: name, id: number }) === ref)!
    return { source, id, fields: {}, decisions: { [decision.key]: decision } }
  })
const facts = fc.array(fc.oneof({ weight: 3, arbitrary: records }, decisions), { maxLength: 14 })

describe('a set of facts', () => {
  it('is joined in any order and grouping, and any number of times, to the same', () => {
    fc.assert(
      fc.property(facts, facts, facts, (x, y, z) => {
        const [a, b, c] = [factsOf(x), factsOf(y), factsOf(z)]
        const plain = (all: Facts): unknown => Object.fromEntries(all)
        expect(plain(joinFacts(a, b))).toEqual(plain(joinFacts(b, a)))
        expect(plain(joinFacts(a, a))).toEqual(plain(a))
        expect(plain(joinFacts(joinFacts(a, b), c))).toEqual(plain(joinFacts(a, joinFacts(b, c))))
      }),
    )
  })

  it('comes to the same things and conflicts in whatever order, with deletions and decisions in between', () => {
    fc.assert(
      fc.property(
        facts.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
        ),
        ([all, shuffled]) => {
          const { entities, conflicts } = mergeFacts('client', KIND, factsOf(shuffled))
          const expected = mergeFacts('client', KIND, factsOf(all))
          expect({ entities, conflicts }).toEqual({ entities: expected.entities, conflicts: expected.conflicts })
        },
      ),
    )
  })

  it('has each of its records in one thing', () => {
    fc.assert(
      fc.property(fc.array(records, { maxLength: 14 }), (all) => {
        const { entities } = mergeFacts('client', KIND, factsOf(all))
        const names = entities.flatMap((entity) => entity.records.map(refOf))
        expect(names.toSorted()).toEqual([...new Set(all.map(refOf))].toSorted())
      }),
    )
  })
})

describe('matching', () => {
  it('joins through others, whatever links them', () => {
    const { entities } = merge([
      record('crm', '1', 1, { email: ' A@X.com ' }),
      record('api', '3', 1, { phone: '7' }),
      record('sheet', '2', 1, { email: 'a@x.com', phone: '7' }),
    ])
    expect(entities.map((entity) => entity.records.map(({ source }) => source))).toEqual([['api', 'crm', 'sheet']])
  })

  it('asks where a source has two of a thing, and keeps them apart until then', () => {
    const { entities, conflicts } = merge([
      record('crm', '1', 1, { email: 'a@x' }),
      record('crm', '2', 1, { email: 'a@x' }),
    ])
    expect(entities).toHaveLength(2)
    expect(conflicts).toMatchObject([{ type: 'match', reasons: ['source-twice'] }])
    expect(entities[0]?.conflicts).toEqual([conflicts[0]?.id])
  })

  it('takes one that its source has replaced as the same, and does not ask', () => {
    const { entities, conflicts } = merge([
      { ...record('crm', '1', 2, { email: 'a@x' }), deleted: true },
      record('crm', '2', 3, { email: 'a@x' }),
    ])
    expect([entities.length, conflicts.length, entities[0]?.deleted]).toEqual([1, 0, false])
  })

  it('asks where a key that one thing has once differs', () => {
    const { conflicts } = merge([
      record('crm', '1', 1, { email: 'a@x', phone: '7' }),
      record('sheet', '1', 1, { email: 'b@x', phone: '7' }),
    ])
    expect(conflicts).toMatchObject([{ reasons: ['exclusive:email'] }])
  })

  it('joins nobody by a key that more than fifty have', () => {
    const all = Array.from({ length: 51 }, (_, index) => record(`s${index}`, '1', 1, { phone: 'n/a' }))
    expect(merge(all.slice(1)).entities).toHaveLength(1)
    expect(merge(all).entities).toHaveLength(51)
  })

  it.each([
    [emailKey(' Ada@Example.COM '), 'ada@example.com'],
    [emailKey('n/a'), undefined],
    [tailNumberKey('n-123 ab'), 'N123AB'],
    [tailNumberKey('-'), undefined],
    [vendorKey('Avinode', 7), vendorKey(' avinode ', '7')],
    [vendorKey('Avinode', undefined), undefined],
  ])('makes the key %s', (key, expected) => {
    expect(key).toBe(expected)
  })
})

describe('a field', () => {
  const two = (a: SourceRecord['fields'], b: SourceRecord['fields'], at = 2): SourceRecord[] => [
    record('crm', '1', 1, { email: 'a@x', ...a }),
    record('sheet', '9', at, { email: 'a@x', ...b }),
  ]

  it('says where it comes from, and what it was chosen over', () => {
    const [entity] = merge(two({ phone: '1' }, { phone: '2' })).entities
    expect(entity?.fields['phone']).toBe('2')
    expect(entity?.provenance['phone']).toEqual({
      strategy: 'newest',
      source: 'sheet',
      id: '9',
      observedAt: 2,
      contributors: [{ source: 'sheet', id: '9', observedAt: 2, value: '2' }],
      lost: [{ source: 'crm', id: '1', observedAt: 1, value: '1' }],
    })
  })

  it('is that of the most trusted source, though it is older', () => {
    expect(merge(two({ name: 'Ada' }, { name: 'Eve' })).entities[0]?.fields['name']).toBe('Ada')
  })

  it('is decided by trust, and then by name, where two are of one moment', () => {
    const kind = { ...KIND, trust: ['sheet'] }
    expect(merge(two({ phone: '1' }, { phone: '2' }, 1)).entities[0]?.fields['phone']).toBe('1')
    expect(merge(two({ phone: '1' }, { phone: '2' }, 1), kind).entities[0]?.fields['phone']).toBe('2')
  })

  it('is merged of lists and of objects, key by key', () => {
    const entity = (a: SourceRecord['fields'], b: SourceRecord['fields']) => merge(two(a, b)).entities[0]
    expect(entity({ tags: ['vip', 'x'] }, { tags: ['vip'] })?.fields['tags']).toEqual(['vip', 'x'])
    const objects = entity({ tags: { seat: 'aisle', meal: 'none' } }, { tags: { seat: 'window' } })
    expect(objects?.fields['tags']).toEqual({ meal: 'none', seat: 'window' })
    expect(objects?.provenance['tags']).toMatchObject({
      lost: [{ source: 'crm' }],
      contributors: [{ source: 'sheet' }],
    })
  })

  it('is not there while a person has to say, and waits in the queue', () => {
    const { entities, conflicts } = merge(two({ price: 1 }, { price: 2 }))
    expect(entities[0]?.fields).not.toHaveProperty('price')
    expect(conflicts).toMatchObject([{ type: 'field', field: 'price', candidates: [{ value: 2 }, { value: 1 }] }])
    expect(merge(two({ price: 1 }, { price: 1 })).conflicts).toEqual([])
  })

  it('is taken back by null, and then that of another', () => {
    const [entity] = merge([...two({ phone: '1' }, { phone: '2' }), record('sheet', '9', 3, { phone: null })]).entities
    expect(entity?.fields['phone']).toBe('1')
  })

  it('of which nobody knows the time is older than any other, and of two such the trusted one counts', () => {
    const undated = (one: SourceRecord): SourceRecord => ({ ...one, undated: true })
    const [crm, sheet] = two({ phone: '1' }, { phone: '2' }, 9) as [SourceRecord, SourceRecord]
    expect(merge([crm, undated(sheet)]).entities[0]?.provenance['phone']).toMatchObject({
      source: 'crm',
      lost: [{ source: 'sheet', value: '2', observedAt: 9, undated: true }],
    })
    const both = merge([undated(crm), undated(sheet)], { ...KIND, trust: ['sheet'] }).entities[0]
    expect(both?.provenance['phone']).toMatchObject({ source: 'sheet', observedAt: 9, undated: true })
  })

  it('is that of a higher version of its record, whatever the clock said', () => {
    const [entity] = merge([
      { ...record('crm', '1', 1, { phone: 'new' }), version: 2 },
      { ...record('crm', '1', 9, { phone: 'old' }), version: 1 },
    ]).entities
    expect(entity?.fields['phone']).toBe('new')
  })
})

describe('a deletion', () => {
  const gone = (at: number): SourceRecord => ({ ...record('crm', '1', at), deleted: true })
  const crm = record('crm', '1', 1, { email: 'a@x', name: 'Ada' })
  const sheet = record('sheet', '9', 3, { email: 'a@x' })
  const isDeleted = (all: SourceRecord[], deletion: EntityKind['deletion']): unknown => {
    const { entities, conflicts } = merge(all, { ...KIND, trust: ['crm'], deletion })
    return conflicts.some(({ type }) => type === 'deletion') ? 'asks' : entities[0]?.deleted
  }

  it('is not undone by what was said before it, and is by what comes after', () => {
    expect(merge([gone(5), crm]).entities[0]?.deleted).toBe(true)
    expect(merge([gone(5), record('crm', '1', 5, { name: 'Ada' })]).entities[0]?.deleted).toBe(true)
    const [again] = merge([gone(5), crm, record('crm', '1', 6, { email: 'c@x' })]).entities
    expect([again?.deleted, again?.fields]).toEqual([false, { email: 'c@x' }])
  })

  it.each([
    ['source', 5, false],
    ['newest', 5, true],
    ['newest', 2, false],
    ['trusted', 2, true],
    ['ask', 5, 'asks'],
  ] as const)('of one source by %s at %i beside another of 3 comes to %s', (deletion, at, expected) => {
    expect(isDeleted([gone(at), crm, sheet], deletion)).toBe(expected)
  })

  it('is newer than what nobody knows the time of', () => {
    expect(isDeleted([gone(2), crm, { ...sheet, undated: true }], 'newest')).toBe(true)
  })
})

describe('a rule', () => {
  it('marks or blocks, and one that throws counts as broken', () => {
    const rules: EntityKind['rules'] = [
      { name: 'fine', effect: 'block', check: () => undefined },
      { name: 'marks', effect: 'mark', check: ({ name }) => (name === 'Ada' ? 'It is Ada' : undefined) },
    ]
    const all = [record('crm', '1', 1, { name: 'Ada' })]
    const entity = merge(all, { ...KIND, rules }).entities[0]
    expect([entity?.blocked, entity?.violations]).toEqual([
      false,
      [{ rule: 'marks', effect: 'mark', problem: 'It is Ada' }],
    ])
    const throws = {
      name: 'throws',
      effect: 'block',
      check: () => {
        throw new Error('secret')
      },
    } as const
    const blocked = merge(all, { ...KIND, rules: [throws] }).entities[0]
    expect([blocked?.blocked, blocked?.violations[0]?.problem]).toEqual([true, 'The rule could not be checked'])
  })
})
