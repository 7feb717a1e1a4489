import { HoldfastError } from '@holdfast/core'
import { expect, it } from 'vitest'
import { ADMIN_TOKEN, fakeApp } from '../../test/fakes.ts'
import type { OpenDesks } from '../desks/desks.ts'

const ID = '3f1c2a52-9d6b-4a0e-8b0a-0d7b8f7f5b11'

/** An app that has one key. */
async function setUp(failure?: HoldfastError) {
  const revoked: unknown[] = []
  const audited: unknown[] = []
  const revoke = async (tenant: string, id: string): Promise<boolean> => {
    if (failure !== undefined) throw failure
    revoked.push({ tenant, id })
    return tenant === 'acme'
  }
  const open = { names: ['charter'], keys: { revoke } } as unknown as OpenDesks
  const audit = async (...entry: unknown[]): Promise<void> => void audited.push(entry)
  const { app } = await fakeApp({ context: { desks: { open }, audit } })
  const post = async (id: string, payload: object, token = ADMIN_TOKEN) => {
    const headers = { host: '127.0.0.1', authorization: `Bearer ${token}` }
    const reply = await app.inject({ method: 'POST', url: `/admin/api-keys/${id}/revoke`, payload, headers })
    return [reply.statusCode, reply.json<{ error?: { code: string; message: string } }>()]
  }
  return { revoked, audited, post }
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
