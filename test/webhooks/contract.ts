import { createEvents } from '@holdfast/core'
import { createWebhooks } from '@holdfast/agents/webhooks'
import type { WebhookEvent, Webhooks, WebhooksOptions } from '@holdfast/agents/webhooks'
import { json } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { sql } from 'kysely'
import { Webhook as Verifier } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newTenant } from '../store/conformance.ts'
import { startReceiver } from './receiver.ts'
import type { Receiver } from './receiver.ts'

/** Events of one topic, each in a transaction of its own. */
export async function publish(store: Store, tenant: string, topic: string, ...events: string[]): Promise<void> {
  for (const event of events) {
    await store.asWorker(tenant, (transaction) =>
      transaction
        .insertInto('outbox')
        .values({ topic, event, payload: json({ of: event }) })
        .execute(),
    )
  }
}

/** What a receiver was told, in its order. */
export function told({ received }: Receiver, topic?: string): string[] {
  return received
    .filter(({ body }) => topic === undefined || body.topic === topic)
    .map(({ body }) => `${body.seq} ${body.type}`)
}

/** What webhooks hold to on every engine. */
export function describeWebhooks(engine: string, open: () => Promise<Store>): void {
  describe(`webhooks on ${engine}`, () => {
    let store: Store
    let tenant: string
    let receiver: Receiver
    let made: Webhooks[] = []
    const reported: WebhookEvent[] = []

    beforeAll(async () => {
      store = await open()
    }, 60_000)
    afterAll(() => store?.close())
    beforeEach(async () => {
      tenant = await newTenant(store)
      receiver = await startReceiver()
      reported.length = 0
    })
    afterEach(async () => {
      await Promise.all(made.map((one) => one.close({ drainMs: 0 })))
      made = []
      await receiver.close()
    })

    async function started(options: Partial<WebhooksOptions> = {}): Promise<Webhooks> {
      const events = createEvents<WebhookEvent>()
      events.on((event) => reported.push(event))
      const webhooks = createWebhooks({
        store,
        tenants: [tenant],
        allowHttp: true,
        allowPrivateAddresses: true,
        backoffMs: 20,
        maxBackoffMs: 50,
        pollMs: 50,
        events,
        ...options,
      })
      made.push(webhooks)
      await webhooks.start()
      return webhooks
    }

    it('sends what is asked for in the order of its topic, signed so that others can verify it', async () => {
      const webhooks = await started()
      await publish(store, tenant, 'request:1', 'quote.early')
      const { secret } = await webhooks.add(tenant, { url: receiver.url, events: ['quote.*', 'booked'] })
      await publish(store, tenant, 'request:1', 'quote.made', 'asked', 'quote.changed', 'booked', 'quotes')
      await publish(store, tenant, 'request:2', 'booked')
      await expect.poll(() => told(receiver, 'request:1')).toEqual(['2 quote.made', '4 quote.changed', '5 booked'])
      await expect.poll(() => told(receiver, 'request:2')).toEqual(['1 booked'])
      const [first] = receiver.received
      expect(new Verifier(secret).verify(first!.text, { ...first!.headers })).toMatchObject({
        type: 'quote.made',
        topic: 'request:1',
        seq: 2,
        data: { of: 'quote.made' },
      })
      expect(() => new Verifier(secret).verify(`${first!.text} `, { ...first!.headers })).toThrow(/signature/i)
      expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(4)
      await expect
        .poll(() => webhooks.list(tenant))
        .toEqual([expect.objectContaining({ state: 'active', pending: 0, dead: 0, lastSuccessAt: expect.any(Date) })])
    })

    it('tells nobody of the events of another tenant', async () => {
      const other = await newTenant(store)
      const webhooks = await started({ tenants: () => Promise.resolve([tenant, other]) })
      await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      await publish(store, other, 'request:1', 'secret')
      await publish(store, tenant, 'request:1', 'open')
      await expect.poll(() => told(receiver)).toEqual(['1 open'])
      expect(await webhooks.list(other)).toEqual([])
    })

    it('tries again what was refused, under the same id, and lets nothing of its topic overtake it', async () => {
      const webhooks = await started()
      await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      let refusals = 3
      receiver.answer(({ body }, response) => {
        if (body.topic === 'slow' && refusals-- > 0) response.writeHead(503).end()
        else response.writeHead(200).end('ok')
      })
      await publish(store, tenant, 'slow', 'a', 'b')
      await publish(store, tenant, 'quick', 'c')
      await expect.poll(() => told(receiver, 'slow')).toEqual(['1 a', '1 a', '1 a', '1 a', '2 b'])
      expect(told(receiver, 'quick')).toEqual(['1 c'])
      const ids = receiver.received.filter(({ body }) => body.type === 'a').map(({ headers }) => headers['webhook-id'])
      expect(new Set(ids).size).toBe(1)
      expect(reported).toContainEqual(expect.objectContaining({ code: 'HTTP_503', outcome: 'retried', attempt: 3 }))
    })

    it('sends nothing more to who is gone, and after a redrive everything since', async () => {
      const webhooks = await started()
      const { id } = await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      receiver.answer((_message, response) => void response.writeHead(410).end())
      await publish(store, tenant, 'request:1', 'a', 'b')
      const state = async (): Promise<string | undefined> => (await webhooks.list(tenant))[0]?.deadCode
      await expect.poll(state).toBe('GONE')
      await publish(store, tenant, 'request:1', 'c')
      await publish(store, tenant, 'request:2', 'd')
      const open = (): Promise<number> =>
        store.asWorker(tenant, async (transaction) => {
          const rows = await transaction.selectFrom('outbox').select('seq').where('dispatched_at', 'is', null).execute()
          return rows.length
        })
      await expect.poll(open).toBe(0)
      expect(told(receiver)).toEqual(['1 a'])
      receiver.answer((_message, response) => void response.writeHead(204).end())
      expect(await webhooks.redrive(tenant, id)).toBe(4)
      await expect.poll(() => told(receiver, 'request:1')).toEqual(['1 a', '1 a', '2 b', '3 c'])
      await expect.poll(() => told(receiver, 'request:2')).toEqual(['1 d'])
      expect(await state()).toBeUndefined()
    })

    it('gives up a webhook that takes nothing, and a message that is refused while others are taken', async () => {
      const webhooks = await started({ giveUpAfterMs: 300 })
      const { id } = await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      receiver.answer(({ body }, response) => void response.writeHead(body.type === 'bad' ? 400 : 204).end())
      await publish(store, tenant, 'request:1', 'bad', 'good')
      await expect
        .poll(
          async () => {
            await publish(store, tenant, 'others', 'x')
            return told(receiver, 'request:1').at(-1)
          },
          { timeout: 10_000 },
        )
        .toBe('2 good')
      await expect.poll(() => webhooks.list(tenant)).toMatchObject([{ state: 'active', dead: 1 }])
      receiver.answer((_message, response) => void response.writeHead(500).end())
      await publish(store, tenant, 'request:1', 'more')
      // While there is something to take: what came soon after a success is given up alone.
      await expect
        .poll(
          async () => {
            await publish(store, tenant, 'others', 'y')
            return webhooks.list(tenant)
          },
          { timeout: 10_000 },
        )
        .toMatchObject([{ deadCode: 'GAVE_UP' }])
      receiver.answer((_message, response) => void response.writeHead(204).end())
      receiver.received.length = 0
      await webhooks.redrive(tenant, id)
      await expect.poll(() => told(receiver, 'request:1')).toEqual(['1 bad', '3 more'])
    })

    it('signs with the old secret and the new one until the old one ends', async () => {
      const webhooks = await started()
      const { id, secret } = await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      const next = await webhooks.rotateSecret(tenant, id, { overlapMs: 600_000 })
      await publish(store, tenant, 'request:1', 'a')
      await expect.poll(() => receiver.received.length).toBe(1)
      const last = await webhooks.rotateSecret(tenant, id, { overlapMs: 0 })
      await publish(store, tenant, 'request:1', 'b')
      await expect.poll(() => receiver.received.length).toBe(2)
      const verify = (key: string, at: number): unknown => {
        const { text, headers } = receiver.received[at]!
        return new Verifier(key).verify(text, { ...headers })
      }
      expect(verify(secret, 0)).toEqual(verify(next, 0))
      expect(verify(last, 1)).toMatchObject({ type: 'b' })
      for (const ended of [secret, next]) expect(() => verify(ended, 1)).toThrow(/signature/i)
      const shown = JSON.stringify([await webhooks.list(tenant), reported])
      for (const key of [secret, next, last]) expect(shown).not.toContain(key)
    })

    it('keeps secrets encrypted, and those it finds as they are, under a key that can be changed', async () => {
      const [first, second] = [1, 2].map((fill) => ({ id: `key-${fill}`, key: Buffer.alloc(32, fill) }))
      const kept = (): Promise<string[]> =>
        store.asWorker(tenant, async (transaction) => {
          const rows = await transaction.selectFrom('webhook_secrets').select('secret').orderBy('created_at').execute()
          return rows.map(({ secret }) => secret)
        })
      const plain = await started()
      const { id, secret } = await plain.add(tenant, { url: receiver.url, events: ['*'] })
      expect(await plain.sealSecrets(tenant)).toEqual({ sealed: 0, unreadable: 0, plain: 1 })
      await plain.close()

      const old = await started({ encryptionKeys: [first!] })
      const next = await old.rotateSecret(tenant, id)
      expect(await kept()).toEqual([secret, expect.stringMatching(/^sealed:key-1:/)])
      expect(await old.sealSecrets(tenant)).toEqual({ sealed: 1, unreadable: 0, plain: 0 })
      expect(await old.sealSecrets(tenant)).toEqual({ sealed: 0, unreadable: 0, plain: 0 })
      expect(await kept()).toEqual([expect.stringMatching(/^sealed:key-1:/), expect.stringMatching(/^sealed:key-1:/)])
      await publish(store, tenant, 'request:1', 'a')
      await expect.poll(() => told(receiver)).toEqual(['1 a'])
      await old.close()

      const changed = await started({ encryptionKeys: [second!, first!] })
      expect(await changed.sealSecrets(tenant)).toEqual({ sealed: 2, unreadable: 0, plain: 0 })
      expect((await kept()).join()).not.toContain('key-1')
      await publish(store, tenant, 'request:1', 'b')
      await expect.poll(() => told(receiver)).toEqual(['1 a', '2 b'])
      for (const { text, headers } of receiver.received)
        for (const key of [secret, next]) expect(() => new Verifier(key).verify(text, { ...headers })).not.toThrow()
      await changed.close()

      const missing = await started({ encryptionKeys: [first!] })
      expect(await missing.sealSecrets(tenant)).toEqual({ sealed: 0, unreadable: 2, plain: 0 })
      await publish(store, tenant, 'request:1', 'c')
      const failed = { type: 'webhook-failed', code: 'SECRET_UNREADABLE', outcome: 'retried' }
      await expect.poll(() => reported).toContainEqual(expect.objectContaining(failed))
      expect(told(receiver)).toEqual(['1 a', '2 b'])
      await missing.close()

      // Under the same name another key: what it cannot read is known at once, and a new secret signs alone.
      const lost = await started({ encryptionKeys: [{ id: second!.id, key: Buffer.alloc(32, 9) }] })
      expect(await lost.sealSecrets(tenant)).toEqual({ sealed: 0, unreadable: 2, plain: 0 })
      const last = await lost.rotateSecret(tenant, id)
      await expect.poll(() => told(receiver)).toEqual(['1 a', '2 b', '3 c'])
      const { text, headers } = receiver.received[2]!
      expect(() => new Verifier(last).verify(text, { ...headers })).not.toThrow()
      expect(headers['webhook-signature']).not.toContain(' ')
      await lost.rotateSecret(tenant, id, { overlapMs: 0 })
      expect(await lost.sealSecrets(tenant)).toEqual({ sealed: 0, unreadable: 0, plain: 0 })
      for (const key of [secret, next, last]) expect(JSON.stringify(reported)).not.toContain(key)
    })

    it('follows no redirect, waits for nobody without end, and reads no answer without end', async () => {
      const webhooks = await started({ attemptTimeoutMs: 200 })
      await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      const answers: Record<string, Parameters<Receiver['answer']>[0]> = {
        a: (_message, response) => void response.writeHead(307, { location: `${receiver.url}/elsewhere` }).end(),
        b: () => undefined,
        c: (_message, response) => {
          response.writeHead(200)
          const pour = (): void => {
            while (!response.destroyed && response.write('x'.repeat(65_536)));
          }
          response.on('drain', pour)
          pour()
        },
      }
      const isFirst = new Set(['a', 'b', 'c'])
      receiver.answer((message, response) => {
        if (isFirst.delete(message.body.type)) answers[message.body.type]!(message, response)
        else response.writeHead(204).end()
      })
      await publish(store, tenant, 'request:1', 'a', 'b', 'c')
      await expect.poll(() => told(receiver)).toEqual(['1 a', '1 a', '2 b', '2 b', '3 c'])
      expect(receiver.received.every(({ path }) => path === '/hook')).toBe(true)
      const codes = reported.flatMap((event) => (event.type === 'webhook-failed' ? [event.code] : []))
      expect(codes[0]).toBe('HTTP_307')
      expect(codes[1]).toMatch(/TIMEOUT|DEADLINE/)
    })

    it('goes to no address that is not public, by whatever name', async () => {
      const webhooks = await started({ allowPrivateAddresses: false })
      for (const url of [
        receiver.url,
        'http://[::ffff:127.0.0.1]/',
        'http://2130706433/',
        'https://a:b@example.com/',
      ]) {
        await expect(webhooks.add(tenant, { url, events: ['*'] })).rejects.toMatchObject({
          code: 'WEBHOOK_URL_REFUSED',
        })
      }
      await webhooks.add(tenant, { url: `http://localhost:${receiver.port}/`, events: ['*'] })
      await publish(store, tenant, 'request:1', 'a')
      await expect.poll(() => reported).toContainEqual(expect.objectContaining({ code: 'WEBHOOK_URL_REFUSED' }))
      expect(receiver.received).toEqual([])
    })

    it('sends each message once from several processes, and as many at a time as a webhook may have', async () => {
      const options = { concurrencyPerWebhook: 2 }
      const [webhooks] = await Promise.all([started(options), started(options), started(options)])
      let atOnce = 0
      let most = 0
      receiver.answer((_message, response) => {
        most = Math.max(most, ++atOnce)
        setTimeout(() => {
          atOnce -= 1
          response.writeHead(204).end()
        }, 10)
      })
      await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      await Promise.all(
        Array.from({ length: 8 }, (_none, topic) => publish(store, tenant, `t:${topic}`, 'a', 'b', 'c', 'd', 'e')),
      )
      await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(40)
      await expect.poll(() => webhooks.list(tenant)).toMatchObject([{ pending: 0 }])
      expect(receiver.received).toHaveLength(40)
      for (let topic = 0; topic < 8; topic++)
        expect(told(receiver, `t:${topic}`)).toEqual(['1 a', '2 b', '3 c', '4 d', '5 e'])
      expect(most).toBe(2)
    })

    it('gives back what is under way when it is closed, and another goes on', async () => {
      const first = await started()
      await first.add(tenant, { url: receiver.url, events: ['*'] })
      receiver.answer(() => undefined)
      await publish(store, tenant, 'request:1', 'a', 'b')
      await expect.poll(() => told(receiver)).toEqual(['1 a'])
      await first.close({ drainMs: 0 })
      await expect(first.start()).rejects.toMatchObject({ code: 'WEBHOOKS_CLOSED' })
      receiver.answer((_message, response) => void response.writeHead(204).end())
      await started()
      await expect.poll(() => told(receiver)).toEqual(['1 a', '1 a', '2 b'])
    })

    it('sends again what a process that was lost had taken, once its lease is over', async () => {
      const lost = await started({ pollMs: 3_600_000 })
      await lost.add(tenant, { url: receiver.url, events: ['*'] })
      receiver.answer(() => undefined)
      await publish(store, tenant, 'request:1', 'a', 'b')
      await expect.poll(() => told(receiver)).toEqual(['1 a'])
      receiver.answer((_message, response) => void response.writeHead(204).end())
      await started()
      await publish(store, tenant, 'request:2', 'c')
      await expect.poll(() => told(receiver)).toEqual(['1 a', '1 c'])
      await store.asWorker(tenant, (transaction) =>
        sql`update webhook_deliveries set next_at = now() where lease is not null`.execute(transaction),
      )
      await expect.poll(() => told(receiver)).toEqual(['1 a', '1 c', '1 a', '2 b'])
    })

    it('is told of nothing once it is removed, and there are no more than may be', async () => {
      const webhooks = await started({ maxWebhooks: 1 })
      const { id } = await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      await expect(webhooks.add(tenant, { url: receiver.url, events: ['*'] })).rejects.toMatchObject({
        code: 'TOO_MANY_WEBHOOKS',
      })
      const other = await newTenant(store)
      expect(await webhooks.remove(other, id)).toBe(false)
      await expect(webhooks.redrive(other, id)).rejects.toMatchObject({ code: 'WEBHOOK_UNKNOWN' })
      expect(await webhooks.remove(tenant, id)).toBe(true)
      expect(await webhooks.remove(tenant, id)).toBe(false)
      expect(await webhooks.remove(tenant, 'nothing')).toBe(false)
      await webhooks.add(tenant, { url: `${receiver.url}/second`, events: ['b'] })
      await publish(store, tenant, 'request:1', 'a', 'b')
      await expect.poll(() => receiver.received.map(({ path }) => path)).toEqual(['/hook/second'])
    })

    it('gives up at once a message that is larger than it may be', async () => {
      const webhooks = await started({ maxBodyBytes: 1_024 })
      await webhooks.add(tenant, { url: receiver.url, events: ['*'] })
      await publish(store, tenant, 'request:1', 'x'.repeat(200))
      await store.asWorker(tenant, (transaction) =>
        transaction
          .insertInto('outbox')
          .values({ topic: 'request:1', event: 'large', payload: json('x'.repeat(1_024)) })
          .execute(),
      )
      await publish(store, tenant, 'request:1', 'c')
      await expect.poll(() => told(receiver)).toEqual([`1 ${'x'.repeat(200)}`, '3 c'])
      expect(await webhooks.list(tenant)).toMatchObject([{ dead: 1, state: 'active' }])
    })
  })
}
