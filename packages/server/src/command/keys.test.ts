import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, fakeApp } from '../../test/fakes.ts'
import type { OpenDesks } from '../desks/desks.ts'
import { readEnvironment } from '../environment/environment.ts'
import { runKeys } from './keys.ts'

const ID = '3f1c2a52-9d6b-4a0e-8b0a-0d7b8f7f5b11'
const KEY = `hf_${'k'.repeat(43)}`

let running: FastifyInstance | undefined
afterEach(async () => {
  await running?.close()
  running = undefined
})

/** A server whose tenants are `default` and `acme`, and the command against it. */
async function setUp() {
  const asked: unknown[] = []
  const row = { id: ID, label: 'ada', prefix: 'hf_kkkkkkk', roles: ['staff', 'admin'], createdAt: new Date(0) }
  const keys = {
    make: async (...given: unknown[]) => (asked.push(given), { id: ID, key: KEY }),
    list: async (tenant: string) =>
      tenant === 'acme' ? [row, { ...row, label: 'old', roles: [], revokedAt: new Date(86_400_000) }] : [],
    revoke: async (tenant: string, id: string) => tenant === 'acme' && id === ID,
  }
  const open = { names: ['charter'], tenants: ['default', 'acme'], keys } as unknown as OpenDesks
  const { app } = await fakeApp({ context: { desks: { open } } })
  running = app
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const environment = readEnvironment({ HOLDFAST_URL: `http://127.0.0.1:${port}`, HOLDFAST_ADMIN_TOKEN: ADMIN_TOKEN })
  const run = async (names: string[], options: Parameters<typeof runKeys>[2] = {}) => {
    let [out, err] = ['', '']
    const output = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) }
    return { code: await runKeys(environment, names, options, output), out, err }
  }
  return { asked, run }
}

describe('holdfast keys', () => {
  it('makes a key, which alone goes to standard output', async () => {
    const { asked, run } = await setUp()
    const made = await run(['create', 'ada'], { tenant: 'acme', role: ['staff'], expires: '2099-01-31' })
    expect(made).toEqual({
      code: 0,
      out: `${KEY}\n`,
      err: `Key ${ID} of acme. It is shown now and never again:\n`,
    })
    expect(asked).toEqual([['acme', { label: 'ada', roles: ['staff'], expiresAt: new Date('2099-01-31') }]])
  })

  it('shows the keys of a tenant', async () => {
    const { run } = await setUp()
    const { out } = await run(['list'], { tenant: 'acme' })
    expect(out.split('\n')).toEqual([
      `  ${ID}  ada  hf_kkkkkkk…  staff, admin  made 1970-01-01T00:00:00.000Z`,
      `  ${ID}  old  hf_kkkkkkk…  no roles      made 1970-01-01T00:00:00.000Z  revoked 1970-01-02T00:00:00.000Z`,
      '',
    ])
    expect((await run(['list'])).out).toBe('default has no keys in the store.\n')
  })

  it('ends one, and says what is wrong', async () => {
    const { run } = await setUp()
    expect(await run(['revoke', ID], { tenant: 'acme' })).toMatchObject({ code: 0, out: `${ID}: revoked\n` })
    await expect(run(['revoke', ID])).rejects.toThrow('There is nothing at this address.')
    await expect(run(['create', 'ada'], { tenant: 'globex' })).rejects.toThrow(
      'says 400: `tenant` must be one that this server has: default, acme.',
    )
  })
})
