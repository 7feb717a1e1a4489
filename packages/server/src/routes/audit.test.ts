import { HoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, fakeApp } from '../../test/fakes.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { OpenDesks } from '../desks/desks.ts'

const ID = '018f0000-0000-4000-8000-000000000001'
const ENTRY = { id: ID, at: new Date(0), actor: 'guardrail', action: 'guardrail-blocked', details: { rule: 'claim' } }

async function setUp(list: AuditTrail['list'] = async () => [ENTRY]) {
  const asked: unknown[] = []
  const audit: AuditTrail = {
    list(...args) {
      asked.push(args)
      return list(...args)
    },
  }
  const { app } = await fakeApp({ context: { desks: { open: { audit } as unknown as OpenDesks } } })
  const get = (query = '', token = ADMIN_TOKEN) =>
    app.inject({ url: `/admin/audit${query}`, headers: { host: '127.0.0.1', authorization: `Bearer ${token}` } })
  return { asked, get }
}

describe('GET /admin/audit', () => {
  it('shows the latest hundred entries of the first tenant, to the holder of the token', async () => {
    const { asked, get } = await setUp()
    expect((await get('', 'wrong')).statusCode).toBe(401)
    const response = await get()
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.json()).toEqual({ entries: [{ ...ENTRY, at: '1970-01-01T00:00:00.000Z' }] })
    expect(asked).toEqual([['default', { limit: 100 }]])
  })

  it('shows those of another tenant, as many as asked for, from an entry on', async () => {
    const { asked, get } = await setUp()
    expect((await get(`?tenant=acme&limit=1000&before=${ID}`)).statusCode).toBe(200)
    expect(asked).toEqual([['acme', { limit: 1_000, before: ID }]])
  })

  it.each([
    ['?limit=0', '`limit` must be a whole number from 1 to 1,000.'],
    ['?limit=1e3', '`limit` must be a whole number from 1 to 1,000.'],
    ['?before=yesterday', '`before` must be the id of an entry.'],
    ['?tenant=', '`tenant` must not be empty.'],
    ['?tenants=acme', '`tenants` is not known here.'],
  ])('refuses %s', async (query, message) => {
    const { asked, get } = await setUp()
    const response = await get(query)
    expect([response.statusCode, response.json().error.message]).toEqual([400, message])
    expect(asked).toEqual([])
  })

  it('says that the store is away while it is, and that there is nothing where there are no desks', async () => {
    const away = new HoldfastError({ code: 'X', category: 'network', message: 'away', retryable: true })
    const { get } = await setUp(() => Promise.reject(away))
    expect((await get()).statusCode).toBe(503)
    const { app } = await fakeApp()
    const headers = { host: '127.0.0.1', authorization: `Bearer ${ADMIN_TOKEN}` }
    expect((await app.inject({ url: '/admin/audit', headers })).statusCode).toBe(404)
  })
})
