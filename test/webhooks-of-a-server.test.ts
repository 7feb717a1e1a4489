import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { sandboxAddresses, startMember, startSandbox, until } from './harness/fleet.ts'
import { freePorts } from './harness/ports.ts'
import { POSTGRES, startPostgres } from './services/postgres-server.ts'
import { startReceiver } from './webhooks/receiver.ts'
import type { Received } from './webhooks/receiver.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

function isSignedWith(secret: string, { headers, text }: Received): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`
  const signature = createHmac('sha256', key).update(signed).digest('base64')
  return headers['webhook-signature']?.split(' ').includes(`v1,${signature}`) === true
}

describe.skipIf(POSTGRES === '')('webhooks of a server', () => {
  it('are told of a request, signed and in order, also by a worker after the server was killed', async () => {
    const postgres = await startPostgres()
    ends.push(() => postgres.stop())
    const data = await mkdtemp(join(tmpdir(), 'holdfast-webhooks-'))
    ends.push(() => rm(data, { recursive: true, force: true }))
    const port = await freePorts(8)
    const sandbox = startSandbox(port)
    ends.push(() => sandbox.stop())
    const receiver = await startReceiver()
    ends.push(() => receiver.close())
    await until('the sandbox', async () => (await fetch(`http://127.0.0.1:${port}/faults`)).ok)
    const env = {
      ...sandboxAddresses(port),
      PORT: String(port + 6),
      DATABASE_URL: await postgres.newDatabase(),
      TEST_DATA_DIRECTORY: data,
      TEST_WEBHOOKS: '1',
      HOLDFAST_ADMIN_TOKEN: 'admin-token-of-the-test',
      HOLDFAST_ENCRYPTION_KEY: `2026:${Buffer.alloc(32, 7).toString('base64')}`,
    }
    const url = `http://127.0.0.1:${port + 6}`
    const post = async (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${url}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
        signal: AbortSignal.timeout(15_000),
      })
    const get = async <Body>(path: string): Promise<Body> => (await (await fetch(`${url}${path}`)).json()) as Body
    const begin = (command: 'start' | 'work') => {
      const member = startMember(command, env)
      ends.push(() => member.kill())
      return member
    }
    const server = begin('start')
    await until('the desks', async () => (await fetch(`${url}/webhooks`)).ok)

    const webhook = { url: receiver.url, events: ['status', 'workflow-*'], label: 'CRM' }
    expect((await post('/webhooks', webhook, { 'x-holdfast-user': 'ada' })).status).toBe(403)
    const { id, secret } = (await (await post('/webhooks', webhook)).json()) as { id: string; secret: string }
    const list = await get<{ webhooks: object[] }>('/webhooks')
    expect(list.webhooks).toMatchObject([{ id, label: 'CRM', state: 'active' }])
    expect(JSON.stringify(list)).not.toContain('whsec_')

    receiver.answer((_message, response) => void response.writeHead(500).end())
    const request = { text: 'Four people, Teterboro to Miami on Friday', client: { email: 'ada@example.com' } }
    expect((await post('/requests', request)).status).toBe(202)
    await until('an attempt', async () => receiver.received.length > 0)
    const owed = await until('what is owed', async () => {
      const { deliveries } = await get<{ deliveries: { lastCode?: string }[] }>(`/webhooks/${id}/deliveries`)
      return deliveries.find(({ lastCode }) => lastCode !== undefined)
    })
    expect(owed).toMatchObject({ state: 'pending', attempts: 1, lastCode: 'HTTP_500' })

    await server.kill()
    const tried = receiver.received.splice(0)
    expect(tried.every((message) => isSignedWith(secret, message))).toBe(true)
    receiver.answer((_message, response) => void response.writeHead(204).end())
    begin('work')
    await until('messages from the worker', async () => receiver.received.length >= 3, 90_000)
    const messages = receiver.received.slice(0, 3)
    expect(messages.every((message) => isSignedWith(secret, message))).toBe(true)
    expect(messages[0]!.headers['webhook-id']).toBe(tried[0]!.headers['webhook-id'])
    const numbers = messages.map(({ body }) => body.seq)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))

    // The next server sees what the worker has done, and ends it.
    begin('start')
    await until('the desks', async () => (await fetch(`${url}/webhooks`)).ok)
    const rotated = (await (await post(`/webhooks/${id}/rotate`, {})).json()) as { secret: string }
    expect(rotated.secret).toMatch(/^whsec_/)
    expect(rotated.secret).not.toBe(secret)
    expect((await post(`/webhooks/${id}/redrive`, {})).status).toBe(202)
    expect((await fetch(`${url}/webhooks/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect(await get('/webhooks')).toEqual({ webhooks: [] })
  }, 240_000)
})
