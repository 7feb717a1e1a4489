import { HoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, fakeApp } from '../../test/fakes.ts'
import type { OpenDesks } from '../desks/desks.ts'

const CLAIMED = {
  service: 'HubSpot',
  key: 'deal-7',
  claimedAt: '2026-11-26T22:00:00.000Z',
  input: '{"dealname":"Nice"}',
}

function failed(code: string, category: HoldfastError['category']): HoldfastError {
  return new HoldfastError({ code, category, message: code, retryable: false, mayHaveTakenEffect: false })
}

/** An app whose memory of writes keeps what it was told. */
async function setUp(failure?: HoldfastError) {
  const asked: unknown[] = []
  const writes: OpenDesks['writes'] = {
    async unconfirmed(options) {
      asked.push(options)
      if (failure !== undefined) throw failure
      return [{ ...CLAIMED, claimedAt: new Date(CLAIMED.claimedAt) }]
    },
    async settle(settlement) {
      asked.push(settlement)
      if (failure !== undefined) throw failure
    },
  }
  const open = { names: ['charter'], writes } as unknown as OpenDesks
  const { app } = await fakeApp({ context: { desks: { open } } })
  const headers = (token: string): Record<string, string> => ({ host: '127.0.0.1', authorization: `Bearer ${token}` })
  return {
    asked,
    list: (token = ADMIN_TOKEN) => app.inject({ url: '/admin/writes', headers: headers(token) }),
    settle: (payload: object, token = ADMIN_TOKEN) =>
      app.inject({ method: 'POST', url: '/admin/writes/settle', payload, headers: headers(token) }),
  }
}

describe('/admin/writes', () => {
  it('lists the writes of which nobody knows whether they were made', async () => {
    const { asked, list } = await setUp()
    const listed = await list()
    expect([listed.statusCode, listed.headers['cache-control']]).toEqual([200, 'no-store'])
    expect(listed.json()).toEqual({ writes: [CLAIMED] })
    expect(asked).toEqual([{ limit: 100 }])
  })

  it('takes down what a person has found out about one', async () => {
    const { asked, settle } = await setUp()
    const made = { service: 'HubSpot', key: 'deal-7', outcome: 'made', result: { id: '7' } }
    const settled = await settle(made)
    expect([settled.statusCode, settled.json()]).toEqual([200, { service: 'HubSpot', key: 'deal-7', outcome: 'made' }])
    const not = { service: 'HubSpot', key: 'deal-8', outcome: 'not-made' }
    expect((await settle(not)).statusCode).toBe(200)
    expect(asked).toEqual([
      { ...made, by: 'admin' },
      { ...not, by: 'admin' },
    ])
  })

  it.each([
    [{ key: 'k', outcome: 'made' }, '`service` must be text.'],
    [{ service: 's', key: 'x'.repeat(401), outcome: 'made' }, '`key` must be at most 400 characters.'],
    [{ service: 's', key: 'k', outcome: 'perhaps' }, '`outcome` must be "made" or "not-made".'],
    [{ service: 's', key: 'k', outcome: 'not-made', result: 1 }, '`result` is only for a write that was made.'],
    [{ service: 's', key: 'k', outcome: 'made', by: 'eve' }, '`by` is not known here.'],
  ])('says what is wrong: %#', async (body, message) => {
    const { asked, settle } = await setUp()
    const refused = await settle(body)
    expect([refused.statusCode, refused.json<{ error: { message: string } }>().error.message]).toEqual([400, message])
    expect(asked).toEqual([])
  })

  it('says what the store says', async () => {
    const settlement = { service: 's', key: 'k', outcome: 'made' }
    const known = await (await setUp(failed('WRITE_SETTLED', 'validation'))).settle(settlement)
    expect([known.statusCode, known.json()]).toMatchObject([400, { error: { message: 'WRITE_SETTLED' } }])
    const away = await setUp(failed('STORE_UNREACHABLE', 'network'))
    expect([(await away.list()).statusCode, (await away.settle(settlement)).statusCode]).toEqual([503, 503])
  })

  it('is for nobody but the holder of the admin token', async () => {
    const { asked, list, settle } = await setUp()
    const body = { service: 's', key: 'k', outcome: 'made' }
    expect([(await list('another-token')).statusCode, (await settle(body, 'another-token')).statusCode]).toEqual([
      401, 401,
    ])
    expect(asked).toEqual([])
  })
})
