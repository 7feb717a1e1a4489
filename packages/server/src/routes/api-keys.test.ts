import { HoldfastError } from '@holdfast/core'
import { expect, it } from 'vitest'
import { ADMIN_TOKEN, fakeApp } from '../../test/fakes.ts'
import type { OpenDesks } from '../desks/desks.ts'

const ID = '3f1c2a52-9d6b-4a0e-8b0a-0d7b8f7f5b11'

/** An app that has one key. */
async function setUp(failure?: HoldfastError) {
  const revoked: unknown[] = []
  const made: unknown[] = []
  const listed: unknown[] = []
  const audited: unknown[] = []
  const revoke = async (tenant: string, id: string): Promise<boolean> => {
    if (failure !== undefined) throw failure
    revoked.push({ tenant, id })
    return tenant === 'acme'
  }
  const make = async (tenant: string, key: object): Promise<object> => {
    if (failure !== undefined) throw failure
    made.push({ tenant, ...key })
    return { id: ID, key: 'hf_the-key' }
  }
  const list = async (...asked: unknown[]): Promise<readonly object[]> => {
    if (failure !== undefined) throw failure
    listed.push(asked)
    return [{ id: ID, label: 'ada', prefix: 'hf_the-key', roles: ['staff'], createdAt: new Date(0) }]
  }
  const open = {
    names: ['charter'],
    tenants: ['default', 'acme'],
    keys: { revoke, make, list },
  } as unknown as OpenDesks
  const audit = async (...entry: unknown[]): Promise<void> => void audited.push(entry)
  const { app } = await fakeApp({ context: { desks: { open }, audit } })
  const post = async (id: string, payload: object, token = ADMIN_TOKEN) => {
    const headers = { host: '127.0.0.1', authorization: `Bearer ${token}` }
    const reply = await app.inject({ method: 'POST', url: `/admin/api-keys/${id}/revoke`, payload, headers })
    return [reply.statusCode, reply.json<{ error?: { code: string; message: string } }>()]
  }
  const ask = async (method: 'GET' | 'POST', url: string, payload?: object, token = ADMIN_TOKEN) => {
    const headers = { host: '127.0.0.1', authorization: `Bearer ${token}` }
    const reply = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
    return [reply.statusCode, reply.json<{ error?: { code: string; message: string; param?: string } }>()] as const
  }
  return { revoked, made, listed, audited, post, ask }
}

it('ends a key of a tenant, and notes it', async () => {
  const { revoked, audited, post } = await setUp()
  expect(await post(ID, { tenant: 'acme' })).toEqual([200, { id: ID, state: 'revoked' }])
  expect(revoked).toEqual([{ tenant: 'acme', id: ID }])
  const entry = { action: 'api-key-revoked', target: `api-key:${ID}`, actor: 'admin' }
  expect(audited).toEqual([[{ tenant: 'default' }, entry]])
})

it('says what is wrong, and notes nothing', async () => {
  const { audited, post } = await setUp()
  expect(await post(ID, {})).toMatchObject([400, { error: { message: '`tenant` must be the name of a tenant.' } }])
  expect(await post(ID, { tenant: 'globex' })).toMatchObject([404, { error: { code: 'not_found' } }])
  expect(await post('x', { tenant: 'acme' })).toMatchObject([404, { error: { code: 'not_found' } }])
  expect(await post(ID, { tenant: 'acme' }, 'another-token')).toMatchObject([401, {}])
  expect(audited).toEqual([])
})

it('says 503 while the store is away', async () => {
  const [code, message] = ['STORE_UNREACHABLE', 'away']
  const away = new HoldfastError({ code, category: 'network', message, retryable: true, mayHaveTakenEffect: false })
  const { audited, post } = await setUp(away)
  expect(await post(ID, { tenant: 'acme' })).toMatchObject([503, { error: { code: 'store_unavailable' } }])
  expect(audited).toEqual([])
})

it('makes a key, shows it once and to nobody on the way, and notes it', async () => {
  const { made, audited, ask } = await setUp()
  const expiresAt = '2099-01-31T00:00:00.000Z'
  const wanted = { tenant: 'acme', label: 'Ada’s laptop', roles: ['staff', 'admin'] }
  expect(await ask('POST', '/admin/api-keys', { ...wanted, expiresAt })).toEqual([
    201,
    { id: ID, key: 'hf_the-key', ...wanted, expiresAt },
  ])
  expect(made).toEqual([{ ...wanted, expiresAt: new Date(expiresAt) }])
  expect(await ask('POST', '/admin/api-keys', { tenant: 'default', label: 'x' })).toMatchObject([201, { roles: [] }])
  const entry = { action: 'api-key-created', target: `api-key:${ID}`, actor: 'admin' }
  expect(audited[0]).toEqual([{ tenant: 'default' }, entry])
  expect(JSON.stringify(audited)).not.toContain('hf_the-key')
})

it.each([
  [{ label: 'x' }, '`tenant` must be the name of a tenant.'],
  [{ tenant: 'globex', label: 'x' }, '`tenant` must be one that this server has: default, acme.'],
  [{ tenant: 'acme' }, '`label` must be text.'],
  [{ tenant: 'acme', label: 'a\nb' }, '`label` must be 1 to 100 characters in one line.'],
  [
    { tenant: 'acme', label: 'x', roles: ['Staff'] },
    '`roles.0` must be 1 to 64 lower-case letters, digits and hyphens.',
  ],
  [{ tenant: 'acme', label: 'x', roles: 'staff' }, '`roles` must be a list of roles.'],
  [{ tenant: 'acme', label: 'x', expiresAt: 'tomorrow' }, '`expiresAt` must be a time of ISO 8601'],
  [{ tenant: 'acme', label: 'x', expiresAt: '2020-01-01T00:00:00Z' }, '`expiresAt` must be in the future.'],
  [{ tenant: 'acme', label: 'x', key: 'hf_own' }, '`key` is not known here.'],
])('makes no key of %j, and says why', async (body, message) => {
  const { made, audited, ask } = await setUp()
  const [status, { error }] = await ask('POST', '/admin/api-keys', body)
  expect([status, error?.message]).toEqual([400, expect.stringContaining(message) as string])
  expect([made, audited]).toEqual([[], []])
})

it('makes no second key of one label', async () => {
  const failure = { code: 'CONFLICT', category: 'client', message: 'x', retryable: false } as const
  const { ask } = await setUp(new HoldfastError({ ...failure, mayHaveTakenEffect: false }))
  const [status, { error }] = await ask('POST', '/admin/api-keys', { tenant: 'acme', label: 'ada' })
  expect([status, error?.message]).toEqual([400, '`label` is that of another key of this tenant.'])
})

it('shows the keys of a tenant, and which tenants there are, to who has the admin token', async () => {
  const { listed, ask } = await setUp()
  const before = '2026-01-01T00:00:00.000Z'
  expect(await ask('GET', `/admin/api-keys?tenant=acme&limit=7&before=${before}`)).toMatchObject([
    200,
    { keys: [{ id: ID, label: 'ada', prefix: 'hf_the-key', roles: ['staff'] }] },
  ])
  expect(listed).toEqual([['acme', { limit: 7, before: new Date(before) }]])
  expect(await ask('GET', '/admin/tenants')).toEqual([200, { tenants: [{ name: 'default' }, { name: 'acme' }] }])
  for (const query of ['', '?tenant=globex', '?tenant=acme&limit=1001', '?tenant=acme&before=x'])
    expect((await ask('GET', `/admin/api-keys${query}`))[0]).toBe(400)
  for (const path of ['/admin/api-keys?tenant=acme', '/admin/tenants'])
    expect((await ask('GET', path, undefined, 'another-token'))[0]).toBe(401)
  expect((await ask('POST', '/admin/api-keys', { tenant: 'acme', label: 'x' }, 'another-token'))[0]).toBe(401)
})
