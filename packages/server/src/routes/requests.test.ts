import { HoldfastError } from '@holdfast/core'
import type { Claims } from '@holdfast/store/database'
import { describe, expect, it, vi } from 'vitest'
import { fakeApp } from '../../test/fakes.ts'
import type { FakeAppOptions } from '../../test/fakes.ts'
import type { OpenDesks, RequestView } from '../desks/desks.ts'

const ID = '3f1c2a52-9d6b-4a0e-8b0a-0d7b8f7f5b11'
const JSON_TYPE = { 'content-type': 'application/json' }

const view: RequestView = {
  id: ID,
  desk: 'charter',
  status: 'waits-for-approval',
  text: 'A flight',
  criteria: {},
  createdAt: new Date(0),
  run: { runId: 'run-1', state: 'waiting' },
  approvals: [{ step: 'approve-proposal', ask: {} }],
}

function refused(code: string, category: HoldfastError['category'] = 'client'): HoldfastError {
  return new HoldfastError({ code, category, message: `It is ${code}.`, retryable: false, mayHaveTakenEffect: false })
}

/** Desks that keep what they were asked. */
function fakeDesks(
  over: Partial<Record<'take' | 'find' | 'list' | 'hook' | 'read' | 'held' | 'approve' | 'revoked', unknown>> = {},
) {
  const asked: { readonly what: string; readonly by?: Claims; readonly given: readonly unknown[] }[] = []
  const spy =
    (what: string, result: unknown) =>
    (...given: unknown[]): unknown => {
      const [by] = given as [Claims | undefined]
      asked.push({ what, ...(typeof by === 'object' ? { by } : {}), given })
      if (typeof result === 'function') return (result as (...all: unknown[]) => unknown)(...given)
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result)
    }
  const open = {
    names: ['charter'],
    keys: {
      findApiKey: async (key: string) =>
        key.startsWith('hf_a') && over.revoked !== true
          ? { tenant: 'acme', id: '9', label: 'ada', roles: ['broker'] }
          : undefined,
    },
    workflows: {
      approve: spy('approve', over.approve),
      reject: spy('reject', undefined),
      signal: spy('signal', { status: 'received' }),
    },
    events: {
      async *read({ signal }: { readonly signal: AbortSignal }) {
        await (typeof over.held === 'function' ? over.held(signal) : over.held)
        if (signal.aborted) return
        yield { seq: 4, event: 'status', payload: { status: 'proposed' }, at: new Date(0) }
        if (over.read instanceof Error) throw over.read
      },
    },
    take: spy('take', over.take ?? { id: ID, runId: 'run-1', repeated: false }),
    find: spy('find', 'find' in over ? over.find : view),
    list: spy('list', over.list ?? []),
    hook: spy('hook', over.hook ?? true),
    requests: () => ({ waiting: 1, refused: 0, journal: 'open' }),
  } as unknown as OpenDesks
  return { open, asked }
}

async function setUp(over: Parameters<typeof fakeDesks>[0] = {}, options: FakeAppOptions = {}) {
  const desks = fakeDesks(over)
  const { app } = await fakeApp({ ...options, context: { ...options.context, desks: { open: desks.open } } })
  const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, payload: JSON.stringify(payload), headers: { ...JSON_TYPE, ...headers } })
  return { ...desks, app, post }
}

describe('requests', () => {
  it('are taken, with the key of their sender', async () => {
    const { asked, post } = await setUp()
    const reply = await post('/requests', { text: ' A flight ' }, { 'idempotency-key': 'k1' })
    expect([reply.statusCode, reply.headers['location']]).toEqual([202, `/requests/${ID}`])
    expect(reply.json()).toMatchObject({ id: ID, desk: 'charter', events: `/requests/${ID}/events` })
    expect(asked[0]!.given.slice(1)).toEqual(['charter', { text: 'A flight' }, 'k1'])
  })

  it('are asked back for what is missing', async () => {
    const { post } = await setUp({ take: { missing: ['date'], question: 'Please tell us the day.' } })
    const reply = await post('/requests', { text: 'A flight' })
    expect(reply.statusCode).toBe(422)
    expect(reply.json().error).toMatchObject({
      code: 'request_incomplete',
      message: 'Please tell us the day.',
      param: 'date',
    })
  })

  it.each([
    [{}, '`text`'],
    [{ text: '' }, '`text` must not be empty.'],
    [{ text: 'x'.repeat(10_001) }, '`text` must be at most 10,000 characters.'],
    [{ text: 'a', client: { email: 'nobody' } }, '`client.email` must be a mail address.'],
    [{ text: 'a', color: 1 }, '`color` is not known here.'],
    [{ text: 'a', desk: 'other' }, 'There is no desk "other"; there are charter.'],
  ])('refuses %j with words', async (body, message) => {
    const { asked, post } = await setUp()
    const reply = await post('/requests', body)
    expect(reply.statusCode).toBe(400)
    expect(reply.json().error.message).toContain(message)
    expect(asked).toEqual([])
  })

  it('are taken while the store is away, and wait for it', async () => {
    const { post } = await setUp({ take: { id: ID, repeated: false } })
    const reply = await post('/requests', { text: 'A flight' })
    expect(reply.statusCode).toBe(202)
    const told = { id: ID, desk: 'charter', waitsFor: 'store', repeated: false, events: `/requests/${ID}/events` }
    expect(reply.json()).toEqual(told)
    const { run: _, ...unbegun } = view
    const waiting: RequestView = { ...unbegun, status: 'accepted', waitsFor: 'store', approvals: [] }
    const { app } = await setUp({ find: waiting })
    const { statusCode, body } = await app.inject({ url: `/requests/${ID}` })
    expect([statusCode, JSON.parse(body)]).toMatchObject([200, { status: 'accepted', waitsFor: 'store' }])
    // There is nothing yet to watch or to decide.
    expect((await app.inject({ url: `/requests/${ID}/events` })).statusCode).toBe(503)
    expect((await app.inject({ url: '/health' })).json()).toMatchObject({ requests: { waiting: 1, refused: 0 } })
  })

  it.each(['a\u0000b', 'half \ud83d'])('refuse %j, which no database keeps', async (text) => {
    const { asked, post } = await setUp()
    for (const body of [{ text }, { text: 'a', details: { deep: [text] } }]) {
      const reply = await post('/requests', body)
      expect(reply.json().error.message).toContain('without the character NUL')
    }
    expect(asked).toEqual([])
  })

  it('say 503 while the store that knows the keys is away', async () => {
    const { app, open } = await setUp()
    Object.assign(open.keys, { findApiKey: () => Promise.reject(refused('STORE_UNREACHABLE', 'network')) })
    const headers = { authorization: `Bearer hf_${'a'.repeat(43)}` }
    const reply = await app.inject({ url: '/requests', headers })
    expect([reply.statusCode, reply.json().error.code]).toEqual([503, 'store_unavailable'])
  })

  it('say 503 while what keeps them is away, and tell nothing of why', async () => {
    const { app } = await fakeApp({ context: { desks: { open: undefined } } })
    const away = await app.inject({ url: '/requests' })
    expect([away.statusCode, away.headers['retry-after']]).toEqual([503, '5'])
    const { post } = await setUp({ take: refused('STORE_UNREACHABLE', 'network') })
    const reply = await post('/requests', { text: 'a' })
    expect(reply.json().error).toMatchObject({ code: 'store_unavailable' })
    expect(reply.body).not.toContain('STORE_UNREACHABLE')
  })

  it.each<[string, HoldfastError['category']]>([
    ['JOURNAL_FULL', 'rejected'],
    ['JOURNAL_WRITE_FAILED', 'server'],
    ['JOURNAL_FILE_GONE', 'configuration'],
  ])('say 503 when neither the store nor the disk takes them (%s)', async (code, category) => {
    const { post } = await setUp({ take: refused(code, category) })
    const reply = await post('/requests', { text: 'A flight' })
    expect([reply.statusCode, reply.headers['retry-after'], reply.json().error.code]).toEqual([
      503,
      '5',
      'store_unavailable',
    ])
    expect(reply.body).not.toContain('JOURNAL')
  })

  it('are not there where there are no desks', async () => {
    const { app } = await fakeApp()
    expect((await app.inject({ url: '/requests' })).statusCode).toBe(404)
  })

  it.each([
    ['nobody, on the machine itself', {}, { tenant: 'default', user: 'api', roles: ['staff', 'admin'] }],
    ['a user', { 'x-holdfast-user': 'ada' }, { tenant: 'default', user: 'ada', roles: [] }],
    [
      'a key of the store',
      { authorization: `Bearer hf_${'a'.repeat(43)}` },
      { tenant: 'acme', user: 'key:9', roles: ['broker'] },
    ],
  ] as const)('are those of %s', async (_, headers, claims) => {
    const { app, asked } = await setUp()
    await app.inject({ url: `/requests/${ID}`, headers })
    expect(asked[0]!.by).toEqual(claims)
  })

  it('refuse a key of the store that is not there, and any call without a key where others reach the server', async () => {
    const { app } = await setUp({}, { keys: { 'key-of-acme-0123456': 'acme' }, context: { loopback: false } })
    const status = async (headers: Record<string, string>) =>
      (await app.inject({ url: '/requests', headers })).statusCode
    expect(await status({ authorization: `Bearer hf_${'b'.repeat(43)}` })).toBe(401)
    expect(await status({})).toBe(401)
    expect(await status({ authorization: 'Bearer key-of-acme-0123456' })).toBe(200)
  })

  it('of somebody else, and with a name that is none, are 404', async () => {
    const { app } = await setUp({ find: undefined })
    for (const id of [ID, 'x', `${ID}x`]) {
      expect((await app.inject({ url: `/requests/${id}` })).statusCode).toBe(404)
      expect((await app.inject({ url: `/requests/${id}/events` })).statusCode).toBe(404)
    }
  })

  it('are decided by a person, once', async () => {
    const { asked, post } = await setUp()
    const reply = await post(`/requests/${ID}/decision`, { decision: 'approve', note: 'go' })
    expect(reply.json()).toEqual({ step: 'approve-proposal', decision: 'approve' })
    expect(asked.at(-1)).toMatchObject({
      what: 'approve',
      given: [expect.anything(), 'run-1', 'approve-proposal', { note: 'go' }],
    })
    const second = await setUp({ approve: refused('APPROVAL_DECIDED') })
    expect((await second.post(`/requests/${ID}/decision`, { decision: 'approve' })).statusCode).toBe(409)
    const none = await setUp({ find: { ...view, approvals: [] } })
    expect((await none.post(`/requests/${ID}/decision`, { decision: 'reject' })).json().error.code).toBe(
      'nothing_to_decide',
    )
    expect((await none.post(`/requests/${ID}/decision`, { decision: 'maybe' })).statusCode).toBe(400)
  })

  it('say to whoever decides too late why, and what can be done', async () => {
    const lapsed = [
      { step: 'approve-proposal', message: 'What was asked has changed.' },
      { step: 'approve-proposal-2', message: 'The offer has run out. Ask again.' },
    ]
    const decide = async (over: object, body: object = {}) => {
      const { post, asked } = await setUp(over)
      const reply = await post(`/requests/${ID}/decision`, { decision: 'approve', ...body })
      const { error } = reply.json()
      return [reply.statusCode, error?.code, error?.message, asked.some(({ what }) => what === 'approve')]
    }
    const none = { find: { ...view, approvals: [], lapsed } }
    const late = [409, 'decision_too_late']
    expect(await decide(none)).toEqual([...late, 'The offer has run out. Ask again.', false])
    expect(await decide(none, { step: 'approve-proposal' })).toEqual([...late, 'What was asked has changed.', false])
    // A decision without a step may be about what was asked before.
    const third = { find: { ...view, approvals: [{ step: 'approve-proposal-3', ask: {} }], lapsed } }
    expect(await decide(third)).toEqual([...late, expect.stringMatching(/name the step, "approve-proposal-3"/), false])
    expect(await decide(third, { step: 'approve-proposal-3' })).toEqual([202, undefined, undefined, true])
    // It ran out while this was on its way.
    expect((await decide({ approve: refused('APPROVAL_TOO_LATE', 'rejected') })).slice(0, 3)).toEqual([
      ...late,
      'It is APPROVAL_TOO_LATE.',
    ])
  })

  it('are told by staff what they wait for', async () => {
    const { asked, post } = await setUp()
    expect((await post(`/requests/${ID}/signals/client-answered`, {}, { 'x-holdfast-user': 'ada' })).statusCode).toBe(
      404,
    )
    expect((await post(`/requests/${ID}/signals/client-answered`, { yes: 1 })).statusCode).toBe(202)
    expect(asked.at(-1)).toMatchObject({
      what: 'signal',
      given: [expect.anything(), 'run-1', 'client-answered', { yes: 1 }, {}],
    })
  })
})

describe('the events of a request', () => {
  it('come with their numbers', async () => {
    const { app } = await setUp()
    const { body, headers } = await app.inject({ url: `/requests/${ID}/events`, headers: { 'last-event-id': '3' } })
    expect(headers['content-type']).toMatch(/^text\/event-stream/)
    expect(body).toMatch(
      /^retry: 2000\n\nid: 4\nevent: status\ndata: \{"seq":4,"event":"status","at":"[^"]+","payload":\{"status":"proposed"\}\}\n\n$/,
    )
  })

  it('begin anew after a number that there is not', async () => {
    const { app } = await setUp({ read: refused('EVENTS_MISSING') })
    expect((await app.inject({ url: `/requests/${ID}/events?lastEventId=9` })).body).toMatch(
      /id: 0\nevent: reset\ndata: \{\}\n\n$/,
    )
  })

  it.each(['-1', 'x', '1.5', '9999999999999999'])('refuse the number %s', async (last) => {
    const { app } = await setUp()
    expect((await app.inject({ url: `/requests/${ID}/events?lastEventId=${last}` })).statusCode).toBe(400)
  })
})

describe('streams of events', () => {
  it('end within seconds of the key that they were opened with', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const over: Parameters<typeof fakeDesks>[0] = {
        held: (signal: AbortSignal) => new Promise<void>((go) => signal.addEventListener('abort', () => go())),
      }
      const { app } = await setUp(over)
      let isOver = false
      const headers = { authorization: `Bearer hf_a${'x'.repeat(42)}` }
      const stream = app.inject({ url: `/requests/${ID}/events`, headers }).finally(() => (isOver = true))
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(2))
      await vi.advanceTimersByTimeAsync(65_000)
      expect(isOver).toBe(false)
      over.revoked = true
      await vi.advanceTimersByTimeAsync(5_000)
      expect((await stream).body).toMatch(/^retry: 2000\n\n(?:: keep-alive\n\n)+$/)
      expect(vi.getTimerCount()).toBe(0)
      expect((await app.inject({ url: `/requests/${ID}/events`, headers })).statusCode).toBe(401)
    } finally {
      vi.useRealTimers()
    }
  })

  it('are at most 1,000 of a tenant at once, and another tenant has its own', async () => {
    const held = Promise.withResolvers<void>()
    const keys = { 'key-of-acme-16': 'acme', 'key-of-globex-16': 'globex' }
    const { app } = await setUp({ held: held.promise }, { keys })
    const stream = async (key: keyof typeof keys) =>
      app.inject({ url: `/requests/${ID}/events`, headers: { authorization: `Bearer ${key}` } })
    const open = Array.from({ length: 1_000 }, () => stream('key-of-acme-16'))
    const tooMany = await stream('key-of-acme-16')
    expect([tooMany.statusCode, tooMany.json().error.message]).toEqual([
      503,
      'Too many streams are open. Try again later.',
    ])
    const others = stream('key-of-globex-16')
    held.resolve()
    for (const { statusCode } of await Promise.all([...open, others])) expect(statusCode).toBe(200)
    expect((await stream('key-of-acme-16')).statusCode).toBe(200)
  })
})

describe('hooks', () => {
  it('are taken from the machine itself, where nobody else reaches it', async () => {
    const { asked, post } = await setUp()
    expect((await post('/hooks/acme/charter/avinode', { id: 'arfq-1' })).statusCode).toBe(202)
    expect(asked.at(-1)!.given.slice(0, 4)).toEqual(['acme', 'charter', 'avinode', { id: 'arfq-1' }])
    const none = await setUp({ hook: () => Promise.resolve(false) })
    expect((await none.post('/hooks/acme/charter/other', {})).statusCode).toBe(404)
  })

  it('need their token where there is one, and where others reach the server', async () => {
    const token = 'the-token-of-the-hooks'
    const { asked, post } = await setUp({}, { context: { hookToken: token } })
    expect((await post('/hooks/acme/charter/avinode', {})).statusCode).toBe(401)
    expect((await post('/hooks/acme/charter/avinode?token=wrong', {})).statusCode).toBe(401)
    expect(asked).toEqual([])
    expect((await post(`/hooks/acme/charter/avinode?token=${token}`, {})).statusCode).toBe(202)
    expect((await post('/hooks/acme/charter/avinode', {}, { 'x-holdfast-hook-token': token })).statusCode).toBe(202)
    const open = await setUp({}, { context: { loopback: false } })
    expect((await open.post('/hooks/acme/charter/avinode', {})).statusCode).toBe(401)
  })
})

describe('a page of another origin', () => {
  it('may ask for requests where its origin is configured, and for webhooks nowhere', async () => {
    const origin = 'https://www.example.com'
    const { app } = await setUp({}, { options: { corsOrigins: [origin] } })
    const from = (url: string, own: string, method: 'GET' | 'OPTIONS' = 'GET') =>
      app.inject({ method, url, headers: { host: 'localhost', origin: own } })
    const reply = await from(`/requests/${ID}`, origin)
    expect([reply.statusCode, reply.headers['access-control-allow-origin']]).toEqual([200, origin])
    expect((await from('/requests', origin, 'OPTIONS')).statusCode).toBe(204)
    expect((await from('/requests', 'https://evil.example')).statusCode).toBe(403)
    expect((await from('/requestsx', origin)).statusCode).toBe(403)
    expect((await from('/webhooks', origin)).statusCode).toBe(403)
  })
})
