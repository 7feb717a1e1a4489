import { HoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { fakeApp } from '../../test/fakes.ts'
import type { OpenDesks } from '../desks/desks.ts'
import type { ServerSync } from '../sync/server-sync.ts'
import type { WaitingQuery } from '../sync/waiting.ts'

const ID = 'A'.repeat(43)
const CONFLICT = {
  id: ID,
  kind: 'client',
  type: 'field',
  field: 'company',
  records: [
    { source: 'crm', id: '1' },
    { source: 'sheet', id: 'ada@example.com' },
  ],
  candidates: [{ source: 'crm', id: '1', value: '<b>Ltd</b>', observedAt: 0, undated: true }],
  reasons: [],
  openedAt: 1_000,
}
const THING = {
  kind: 'client',
  id: 'ref',
  records: CONFLICT.records.map((one) => ({ ...one, deleted: false })),
  fields: { name: 'Ada' },
  provenance: {
    name: {
      strategy: 'trusted',
      source: 'crm',
      id: '1',
      observedAt: 0,
      contributors: [],
      lost: [{ source: 'sheet', id: 'ada@example.com', value: 'Ada L.', observedAt: 0 }],
    },
  },
  deleted: false,
  violations: [],
  blocked: false,
  conflicts: [ID],
}

function refused(code: string, category: HoldfastError['category'], message = code): HoldfastError {
  return new HoldfastError({ code, category, message, retryable: false, mayHaveTakenEffect: false })
}

/** An app whose sync keeps what it was asked. */
async function setUp(over: Partial<Record<keyof ServerSync, unknown>> = {}, isThere = true) {
  const asked: unknown[][] = []
  const spy =
    (what: keyof ServerSync, result: unknown) =>
    (...given: unknown[]): Promise<unknown> => {
      asked.push([what, ...given])
      const answer = what in over ? over[what] : result
      const now = typeof answer === 'function' ? (answer as (...of: unknown[]) => unknown)(...given) : answer
      return now instanceof Error ? Promise.reject(now) : Promise.resolve(now)
    }
  const sync = {
    kinds: ['client', 'quote'],
    state: spy('state', { sources: [], conflicts: { client: 1 } }),
    pull: spy('pull', 'added'),
    waiting: spy('waiting', { conflicts: [CONFLICT], total: 1 }),
    conflict: spy('conflict', CONFLICT),
    get: spy('get', THING),
    resolve: spy('resolve', { repeated: false }),
  }
  const findApiKey = async (key: string) =>
    ({ tenant: 'acme', id: '9', label: 'ada', roles: [key.startsWith('hf_a') ? 'admin' : 'broker'] }) as const
  const open = { keys: { findApiKey }, sync: isThere ? sync : undefined } as unknown as OpenDesks
  const audited: unknown[] = []
  const audit = async (...entry: unknown[]) => void audited.push(entry)
  const { app } = await fakeApp({ context: { desks: { open }, audit } })
  const call = (method: 'GET' | 'POST', url: string, body?: unknown, headers: Record<string, string> = {}) =>
    app.inject({
      method,
      url,
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    })
  return { asked, audited, call }
}

const ROUTES = [
  ['GET', '/sync'],
  ['POST', '/sync/crm/pull'],
  ['GET', '/conflicts'],
  ['GET', `/conflicts/${ID}`],
  ['POST', `/conflicts/${ID}/resolve`],
] as const

describe('conflicts', () => {
  it('are listed without what customers are called, and shown with it', async () => {
    const { call } = await setUp()
    const list = await call('GET', '/conflicts?kind=client')
    expect([list.statusCode, list.headers['cache-control'], list.json()]).toEqual([
      200,
      'no-store',
      {
        conflicts: [
          {
            id: ID,
            kind: 'client',
            type: 'field',
            field: 'company',
            sources: ['crm', 'sheet'],
            openedAt: '1970-01-01T00:00:01.000Z',
          },
        ],
        total: 1,
      },
    ])
    expect((await call('GET', `/conflicts/${ID}`)).json()).toMatchObject({
      candidates: [
        { source: 'crm', id: '1', value: '<b>Ltd</b>', observedAt: '1970-01-01T00:00:00.000Z', undated: true },
      ],
      things: [
        {
          fields: { name: 'Ada' },
          provenance: {
            name: { strategy: 'trusted', source: 'crm', over: [{ source: 'sheet', value: 'Ada L.' }] },
          },
        },
      ],
    })
  })

  it('come page by page, through all kinds', async () => {
    const all = ['client', 'client', 'client', 'quote'].map((kind, index) => ({
      ...CONFLICT,
      kind,
      id: `${index}${'B'.repeat(42)}`,
    }))
    const waiting = (_: string, kinds: readonly string[], { limit, after }: WaitingQuery) => {
      const from = all.findIndex(({ kind, id }) => kind === after?.kind && id === after.id) + 1
      const some = all.slice(from).filter(({ kind }) => kinds.includes(kind))
      return { conflicts: some.slice(0, limit), total: all.length }
    }
    const { call } = await setUp({ waiting })
    const seen: string[] = []
    let pages = 0
    for (let next: string | undefined = ''; next !== undefined; pages += 1) {
      const reply = await call('GET', `/conflicts?limit=2${next === '' ? '' : `&after=${next}`}`)
      const page = reply.json<{
        readonly conflicts: readonly { readonly id: string }[]
        readonly total: number
        readonly next?: string
      }>()
      expect(page.total).toBe(4)
      seen.push(...page.conflicts.map(({ id }) => id))
      next = page.next
    }
    expect([pages, seen]).toEqual([2, all.map(({ id }) => id)])
  })

  it('are resolved by a candidate, a value or groups, in the name of who says so', async () => {
    const { asked, call } = await setUp()
    const groups = [[CONFLICT.records[0]], [CONFLICT.records[1]]]
    for (const body of [{ candidate: { source: 'crm', id: '1' } }, { value: null }, { groups }]) {
      asked.length = 0
      const reply = await call('POST', `/conflicts/${ID}/resolve`, body, {
        authorization: `Bearer hf_${'a'.repeat(43)}`,
      })
      expect([reply.statusCode, reply.json()]).toEqual([200, { id: ID, state: 'resolved', repeated: false }])
      expect(asked.at(-1)).toEqual(['resolve', 'acme', { kind: 'client', conflict: ID, by: 'key:9', ...body }])
    }
  })

  it('that are over say whether it was so, in whatever kind', async () => {
    const resolve = (_: string, { kind }: { kind: string }) =>
      kind === 'quote' ? { repeated: true } : refused('CONFLICT_NOT_FOUND', 'client')
    const { call } = await setUp({ conflict: () => undefined, resolve })
    const reply = await call('POST', `/conflicts/${ID}/resolve`, { value: 1 })
    expect([reply.statusCode, reply.json().repeated]).toEqual([200, true])
  })

  it.each([
    [true, 'client', 404, 'not_found'],
    [false, 'client', 404, 'not_found'],
    [false, 'quote', 409, 'conflict_changed'],
    [true, 'quote', 409, 'conflict_changed'],
  ])('that are open: %s, and of which %s knows nothing, are %i', async (isOpen, unknown, status, code) => {
    // Decided otherwise in one kind, it is not there in the other.
    const resolve = (_: string, { kind }: { kind: string }) =>
      unknown === 'quote' && kind === 'client'
        ? refused('CONFLICT_RESOLVED', 'client')
        : refused('CONFLICT_NOT_FOUND', 'client')
    const { call } = await setUp({ resolve, conflict: isOpen ? CONFLICT : () => undefined })
    const reply = await call('POST', `/conflicts/${ID}/resolve`, { value: 1 })
    expect([reply.statusCode, reply.json().error.code]).toEqual([status, code])
    if (status === 404) expect(reply.json().error.message).toContain('There is no such conflict now')
  })

  it.each<[unknown, string]>([
    [{}, 'must have one of candidate, value and groups'],
    [{ value: 1, candidate: { source: 'crm', id: '1' } }, 'must have one of candidate, value and groups'],
    [{ candidate: { source: 'crm' } }, '`candidate.id` must be text'],
    [{ candidate: 'crm' }, '`candidate` must be an object with source and id'],
    [{ groups: [] }, '`groups` must not be empty'],
    [{ vaule: 1 }, '`vaule` is not known here'],
  ])('refuse %j', async (body, message) => {
    const { asked, call } = await setUp()
    const reply = await call('POST', `/conflicts/${ID}/resolve`, body)
    expect(reply.statusCode).toBe(400)
    expect(reply.json().error.message).toContain(message)
    expect(asked).toEqual([])
  })

  it('that are not there are 404, and what is no page of them is 400', async () => {
    const { asked, call } = await setUp({ conflict: () => undefined })
    expect((await call('GET', `/conflicts/${ID}`)).statusCode).toBe(404)
    expect((await call('GET', '/conflicts/7')).statusCode).toBe(404)
    expect((await call('POST', '/conflicts/7/resolve', { value: 1 })).statusCode).toBe(404)
    expect(asked.map(([what]) => what)).toEqual(['conflict'])
    for (const query of ['kind=lead', 'limit=0', 'limit=201', 'after=7'])
      expect((await call('GET', `/conflicts?${query}`)).statusCode, query).toBe(400)
  })
})

describe('sources', () => {
  it('are shown, and pulled when somebody asks, which is noted', async () => {
    const { audited, call } = await setUp()
    expect((await call('GET', '/sync')).json()).toEqual({ sources: [], conflicts: { client: 1 } })
    const reply = await call('POST', '/sync/crm/pull')
    expect([reply.statusCode, reply.json()]).toEqual([202, { source: 'crm', state: 'added' }])
    expect(audited).toMatchObject([[{ tenant: 'default' }, { action: 'sync-pull-asked', target: 'sync:crm' }]])
    const none = await setUp({ pull: () => undefined })
    expect((await none.call('POST', '/sync/crn/pull')).statusCode).toBe(404)
    expect(none.audited).toEqual([])
  })
})

it.each(ROUTES)('%s %s is for admins of their own tenant, and not there without sources', async (method, url) => {
  const { asked, call } = await setUp()
  const body = method === 'POST' ? { value: 1 } : undefined
  for (const headers of [{ authorization: `Bearer hf_${'b'.repeat(43)}` }, { 'x-holdfast-user': 'ada' }]) {
    const reply = await call(method, url, body, headers)
    expect([reply.statusCode, reply.json().error.code]).toEqual([403, 'role_required'])
  }
  expect(asked).toEqual([])
  expect((await call(method, url, body, { authorization: `Bearer hf_${'a'.repeat(43)}` })).statusCode).toBeLessThan(300)
  expect(asked[0]?.[1]).toBe('acme')
  const without = await (await setUp({}, false)).call(method, url, body)
  expect([without.statusCode, without.json().error.code]).toEqual([404, 'not_found'])
  const away = refused('STORE_UNREACHABLE', 'network')
  const gone = await setUp({ state: away, pull: away, waiting: away, conflict: away })
  expect((await gone.call(method, url, body)).statusCode).toBe(503)
})
