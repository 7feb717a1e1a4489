import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createWebhooks } from '@holdfast/agents/webhooks'
import { openStore } from '@holdfast/store/database'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { POSTGRES, startPostgres } from '../services/postgres-server.ts'
import type { PostgresServer } from '../services/postgres-server.ts'
import { newTenant } from '../store/conformance.ts'
import { describeWebhooks, publish, told } from './contract.ts'
import { startReceiver } from './receiver.ts'

let server: PostgresServer

beforeAll(async () => {
  if (POSTGRES !== '') server = await startPostgres()
}, 60_000)
afterAll(() => server?.stop())

describe.skipIf(POSTGRES === '')('on a server', () => {
  describeWebhooks('PostgreSQL', async () => openStore({ url: await server.newDatabase(), maxConnections: 5 }))

  it('loses nothing and keeps the order when those who send are killed in the midst of it', async () => {
    const url = await server.newDatabase()
    const store = await openStore({ url })
    const receiver = await startReceiver()
    const tenant = await newTenant(store)
    const webhooks = createWebhooks({ store, tenants: [tenant], allowHttp: true, allowPrivateAddresses: true })
    try {
      await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      receiver.answer((_message, response) => void setTimeout(() => response.writeHead(204).end(), 20))
      await publish(store, tenant, 'request:1', ...Array.from({ length: 40 }, () => 'made'))
      for (let round = 1; round <= 3; round++) {
        const sender = spawn(
          process.execPath,
          ['--conditions=holdfast-source', fileURLToPath(new URL('sender.ts', import.meta.url)), url, tenant],
          { stdio: ['ignore', 'inherit', 'inherit'] },
        )
        await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(round * 7)
        sender.kill('SIGKILL')
        await once(sender, 'exit')
        // In earnest its lease would be over in 40 seconds.
        await store.asWorker(tenant, (transaction) =>
          sql`update webhook_deliveries set next_at = now() where lease is not null`.execute(transaction),
        )
      }
      await webhooks.start()
      const seqs = (): number[] => receiver.received.map(({ body }) => body.seq)
      await expect.poll(() => new Set(seqs()).size, { timeout: 20_000 }).toBe(40)
      expect(seqs()).toEqual(seqs().toSorted((a, b) => a - b))
      expect(seqs().length).toBeLessThanOrEqual(43)
    } finally {
      await webhooks.close({ drainMs: 0 })
      await store.close()
      await receiver.close()
    }
  }, 90_000)

  it('loses nothing and keeps the order when the server is killed in the midst of it', async () => {
    const own = await startPostgres()
    const store = await openStore({ url: own.url(), timeoutMs: 2_000 })
    const receiver = await startReceiver()
    const tenant = await newTenant(store)
    const webhooks = createWebhooks({
      store,
      tenants: [tenant],
      allowHttp: true,
      allowPrivateAddresses: true,
      backoffMs: 20,
      pollMs: 200,
    })
    try {
      await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      await publish(store, tenant, 'request:1', ...Array.from({ length: 30 }, () => 'made'))
      await webhooks.start()
      await expect.poll(() => receiver.received.length).toBeGreaterThan(3)
      await own.kill()
      const before = receiver.received.length
      expect(before).toBeLessThan(30)
      await own.start()
      const seqs = (): number[] => receiver.received.map(({ body }) => body.seq)
      await expect.poll(() => new Set(seqs()).size, { timeout: 50_000 }).toBe(30)
      expect(seqs()).toEqual(seqs().toSorted((a, b) => a - b))
      // What was sent when the server went may be sent twice, under its id.
      expect(seqs().length).toBeLessThanOrEqual(31)
      expect(told(receiver).at(-1)).toBe('30 made')
    } finally {
      await webhooks.close({ drainMs: 0 })
      await store.close()
      await receiver.close()
      await own.stop()
    }
  }, 90_000)
})
