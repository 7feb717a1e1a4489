import { HoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { fakeApp } from '../../test/fakes.ts'
import type { OpenDesks } from '../desks/desks.ts'
import { createLeads } from '../desks/leads.ts'

const ID = '3f1c2a52-9d6b-4a0e-8b0a-0d7b8f7f5b11'
const LEAD = { source: 'web', client: { email: 'ada@example.com' }, text: 'Four people to Miami.' }

function failure(code: string, category: HoldfastError['category']): HoldfastError {
  return new HoldfastError({ code, category, message: code, retryable: false, mayHaveTakenEffect: false })
}

/** An app whose intake keeps what it was given. */
async function setUp(
  over: { where?: 'store' | 'journal'; fails?: HoldfastError; row?: object; waiting?: number; away?: true } = {},
) {
  const accepted: { kind: string; by: object; entry: object; key: string }[] = []
  const intake = {
    waiting: over.waiting ?? 0,
    async accept(kind: string, by: object, entry: object, { idempotencyKey: key }: { idempotencyKey: string }) {
      if (over.fails !== undefined) throw over.fails
      accepted.push({ kind, by, entry, key })
      return { id: ID, where: over.where ?? 'store' }
    },
  }
  const store = {
    async withClaims() {
      if (over.away === true) throw failure('STORE_UNREACHABLE', 'network')
      return over.row
    },
  }
  const leads = createLeads(store as never, intake as never)
  const open = { names: ['charter'], keys: {}, leads } as unknown as OpenDesks
  const { app } = await fakeApp({ context: { desks: { open } } })
  return {
    accepted,
    post: (payload: object, headers: Record<string, string> = {}) =>
      app.inject({ method: 'POST', url: '/leads', payload, headers }),
    get: (id = ID, headers: Record<string, string> = {}) => app.inject({ url: `/leads/${id}`, headers }),
  }
}

describe('leads', () => {
  it('are taken, in the name of their sender', async () => {
    const { accepted, post } = await setUp()
    const reply = await post(LEAD, { 'x-holdfast-user': 'eve' })
    expect([reply.statusCode, reply.headers['location'], reply.json()]).toEqual([202, `/leads/${ID}`, { id: ID }])
    const by = { tenant: 'default', user: 'eve', roles: [] }
    const { client, text } = LEAD
    expect(accepted).toMatchObject([{ kind: 'lead', by, entry: { source: 'web', details: { client, text } } }])
  })

  it('are one for a key of one sender', async () => {
    const { accepted, post } = await setUp()
    for (const [key, user] of [
      ['k', 'ada'],
      ['k', 'ada'],
      ['k', 'eve'],
      ['l', 'ada'],
    ] as const)
      await post(LEAD, { 'idempotency-key': key, 'x-holdfast-user': user })
    const [first, again, anothers, other] = accepted.map(({ key }) => key)
    expect(again).toBe(first)
    expect(new Set([first, anothers, other]).size).toBe(3)
    expect((await post(LEAD, { 'idempotency-key': 'a b' })).statusCode).toBe(400)
  })

  it('wait for the store while it is away, on the disk', async () => {
    const { post } = await setUp({ where: 'journal' })
    const reply = await post(LEAD)
    expect([reply.statusCode, reply.json()]).toEqual([202, { id: ID, waitsFor: 'store' }])
  })

  it.each([
    [{ ...LEAD, source: '' }, '`source` must not be empty.'],
    [{ source: 'web' }, '`client` must be an object with name, email and phone.'],
    [{ source: 'web', client: { name: 'Ada' } }, '`client` must have an email or a phone.'],
    [{ source: 'web', client: { email: 'nobody' } }, '`client.email` must be a mail address.'],
    [{ ...LEAD, text: 'x'.repeat(10_001) }, '`text` must be at most 10,000 characters.'],
    [{ ...LEAD, status: 'won' }, '`status` is not known here.'],
    [{ ...LEAD, text: 'a\0' }, '`body` must be without the character NUL, and without halves of characters.'],
  ])('are refused with words: %#', async (body, message) => {
    const { accepted, post } = await setUp()
    const reply = await post(body)
    expect([reply.statusCode, reply.json().error.message]).toEqual([400, message])
    expect(accepted).toEqual([])
  })

  it.each([
    ['IDEMPOTENCY_KEY_REUSED', 'validation', 422],
    ['INTAKE_ENTRY_TOO_LARGE', 'validation', 400],
    ['JOURNAL_FULL', 'rejected', 503],
    ['INTAKE_TIMEOUT', 'timeout', 503],
  ] as const)('that the intake refuses with %s (%s) are %i', async (code, category, status) => {
    const { post } = await setUp({ fails: failure(code, category) })
    expect((await post(LEAD)).statusCode).toBe(status)
  })

  it('are shown to the staff of the tenant alone', async () => {
    const details = { client: LEAD.client, text: LEAD.text }
    const row = { id: ID, tenant: 'default', source: 'web', status: 'new', details, created_at: new Date(0) }
    const { get } = await setUp({ row })
    const shown = { id: ID, ...LEAD, status: 'new', createdAt: '1970-01-01T00:00:00.000Z' }
    expect((await get()).json()).toEqual(shown)
    expect((await get(ID, { 'x-holdfast-user': 'eve' })).statusCode).toBe(404)
    expect((await get('x')).statusCode).toBe(404)
  })

  it('are not said to be missing while some are on their way, or the store is away', async () => {
    expect((await (await setUp()).get()).statusCode).toBe(404)
    expect((await (await setUp({ waiting: 1 })).get()).statusCode).toBe(503)
    expect((await (await setUp({ away: true })).get()).statusCode).toBe(503)
  })
})
