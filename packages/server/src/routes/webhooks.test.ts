import type { Webhooks } from '@holdfast/agents/webhooks'
import { HoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { fakeApp } from '../../test/fakes.ts'
import type { OpenDesks } from '../desks/desks.ts'

const ID = '3f1c2a52-9d6b-4a0e-8b0a-0d7b8f7f5b11'
const SECRET = 'whsec_c2VjcmV0LW9mLXRoZS13ZWJob29rLW9mLXRoZS10ZXN0'

function refused(code: string, category: HoldfastError['category'], message = code): HoldfastError {
  return new HoldfastError({ code, category, message, retryable: false, mayHaveTakenEffect: false })
}

/** An app whose webhooks keep what they were asked. */
async function setUp(over: Partial<Record<keyof Webhooks, unknown>> = {}) {
  const asked: unknown[][] = []
  const spy =
    (what: keyof Webhooks, result: unknown) =>
    (...given: unknown[]): Promise<unknown> => {
      asked.push([what, ...given])
      const answer = what in over ? over[what] : result
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    }
  const webhooks = {
    add: spy('add', { id: ID, secret: SECRET }),
    list: spy('list', [{ id: ID, url: 'https://example.com' }]),
    remove: spy('remove', true),
    rotateSecret: spy('rotateSecret', SECRET),
    deliveries: spy('deliveries', [{ topic: 'request:1', seq: 1, state: 'dead', lastCode: 'HTTP_500' }]),
    redrive: spy('redrive', 3),
  }
  const findApiKey = async (key: string) =>
    ({ tenant: 'acme', id: '9', label: 'ada', roles: [key.startsWith('hf_a') ? 'admin' : 'broker'] }) as const
  const open = { names: ['charter'], webhooks, keys: { findApiKey } } as unknown as OpenDesks
  const { app } = await fakeApp({ context: { desks: { open } } })
  const call = (method: 'GET' | 'POST' | 'DELETE', url: string, body?: unknown, headers: Record<string, string> = {}) =>
    app.inject({
      method,
      url,
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    })
  return { asked, call }
}

const ROUTES = [
  ['GET', '/webhooks'],
  ['POST', '/webhooks'],
  ['DELETE', `/webhooks/${ID}`],
  ['POST', `/webhooks/${ID}/rotate`],
  ['GET', `/webhooks/${ID}/deliveries`],
  ['POST', `/webhooks/${ID}/redrive`],
] as const

describe('webhooks', () => {
  it('are added with a secret that no list shows', async () => {
    const { asked, call } = await setUp()
    const webhook = { url: 'https://example.com/hook', events: ['status'] }
    const added = await call('POST', '/webhooks', webhook)
    expect([added.statusCode, added.headers['location'], added.json()]).toEqual([
      201,
      `/webhooks/${ID}`,
      { id: ID, secret: SECRET },
    ])
    expect(added.headers['cache-control']).toBe('no-store')
    expect(asked).toEqual([['add', 'default', webhook]])
    const list = await call('GET', '/webhooks')
    expect([list.statusCode, list.json()]).toEqual([200, { webhooks: [{ id: ID, url: 'https://example.com' }] }])
  })

  it('are given new secrets, shown with what is owed to them, redriven and ended', async () => {
    const { asked, call } = await setUp()
    expect((await call('POST', `/webhooks/${ID}/rotate`, { overlapMs: 0 })).json()).toEqual({ id: ID, secret: SECRET })
    expect((await call('GET', `/webhooks/${ID}/deliveries?limit=5`)).json()).toMatchObject({
      deliveries: [{ state: 'dead', lastCode: 'HTTP_500' }],
    })
    const redriven = await call('POST', `/webhooks/${ID}/redrive`)
    expect([redriven.statusCode, redriven.json()]).toEqual([202, { id: ID, owed: 3 }])
    expect((await call('DELETE', `/webhooks/${ID}`)).statusCode).toBe(204)
    expect(asked).toEqual([
      ['rotateSecret', 'default', ID, { overlapMs: 0 }],
      ['deliveries', 'default', ID, { limit: 5 }],
      ['redrive', 'default', ID],
      ['remove', 'default', ID],
    ])
  })

  it.each(ROUTES)('%s %s is for admins of their own tenant', async (method, url) => {
    const { asked, call } = await setUp()
    const body = method === 'POST' ? {} : undefined
    for (const headers of [{ authorization: `Bearer hf_${'b'.repeat(43)}` }, { 'x-holdfast-user': 'ada' }]) {
      const reply = await call(method, url, body, headers)
      expect([reply.statusCode, reply.json().error.code]).toEqual([403, 'role_required'])
    }
    expect(asked).toEqual([])
    const reply = await call(method, url, body, { authorization: `Bearer hf_${'a'.repeat(43)}` })
    expect(reply.statusCode).toBeLessThan(300)
    expect(asked[0]?.[1]).toBe('acme')
  })

  it('that are wrong are refused with words, and those that are not there are 404', async () => {
    const words = 'The url of a webhook must begin with https:'
    const wrong = await setUp({ add: refused('WEBHOOK_URL_REFUSED', 'validation', words) })
    const reply = await wrong.call('POST', '/webhooks', { url: 'http://example.com', events: ['*'] })
    expect([reply.statusCode, reply.json().error.message]).toEqual([400, words])
    const unknown = refused('WEBHOOK_UNKNOWN', 'client')
    const gone = await setUp({ remove: false, rotateSecret: unknown, deliveries: unknown, redrive: unknown })
    for (const [method, url] of ROUTES.slice(2))
      expect((await gone.call(method, url, method === 'POST' ? {} : undefined)).statusCode).toBe(404)
    expect((await gone.call('POST', `/webhooks/${ID}/rotate`, { overlapMs: -1 })).json().error.message).toBe(
      '`overlapMs` must be 0 to 2,592,000,000.',
    )
    expect((await gone.call('GET', `/webhooks/${ID}/deliveries?limit=0`)).statusCode).toBe(400)
  })

  it('say 503 while the store is away', async () => {
    const { call } = await setUp({ list: refused('STORE_UNREACHABLE', 'network') })
    const reply = await call('GET', '/webhooks')
    expect([reply.statusCode, reply.headers['retry-after']]).toEqual([503, '5'])
  })
})
