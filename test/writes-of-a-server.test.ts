import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { startDesk } from './harness/desk.ts'
import type { Desk } from './harness/desk.ts'
import { sandboxAddresses, startSandbox, until } from './harness/fleet.ts'
import { freePorts } from './harness/ports.ts'

const DIRECTORY = fileURLToPath(new URL('fixture/requests', import.meta.url))

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

interface View {
  readonly status: string
  readonly waitsFor?: string
  readonly run?: { readonly state: string }
  readonly approvals: readonly unknown[]
}

interface Listed {
  readonly service: string
  readonly key: string
  readonly claimedAt: string
  readonly input: string
}

/** A market of its own, which outlives servers. */
async function startMarket() {
  const port = await freePorts(6)
  const begunAt = Math.floor(Date.now() / 1_000)
  const sandbox = startSandbox(port)
  ends.push(() => sandbox.stop())
  const url = `http://127.0.0.1:${port}`
  await until('the sandbox', async () => (await fetch(`${url}/faults`)).ok)
  return {
    addresses: sandboxAddresses(port),
    async fault(fault: string) {
      const body = JSON.stringify({ service: 'avinode', fault, path: '/api/rfqs', next: 1 })
      const headers = { 'content-type': 'application/json' }
      expect((await fetch(`${url}/faults`, { method: 'POST', headers, body })).ok).toBe(true)
    },
    /** How often quotes were asked for, for so many passengers. */
    async orders(passengers: number): Promise<number> {
      const all = (await (await fetch(`${url}/requests?bodies=1`)).json()) as readonly Readonly<
        Record<string, string>
      >[]
      const orders = all.filter(({ method, path }) => method === 'POST' && path === '/api/rfqs')
      return orders.filter(({ body = '' }) => body.includes(`"paxCount":"${passengers}"`)).length
    },
    /** What a person finds who looks which requests for quotes are there. */
    async arrived(): Promise<readonly string[]> {
      const headers = {
        'x-avinode-apitoken': 'sandbox-key',
        authorization: 'Bearer sandbox-key',
        'x-avinode-product': 'A person',
        'x-avinode-senttimestamp': new Date().toISOString(),
      }
      // The sandbox numbers them from the second of its start on.
      const ids = Array.from({ length: 90 }, (_, index) => `arfq-${10_000_001 + ((begunAt + index) % 80_000_000)}`)
      const isThere = async (id: string): Promise<boolean> =>
        (await fetch(`http://127.0.0.1:${port + 4}/api/rfqs/${id}`, { headers })).ok
      const there = await Promise.all(ids.map(isThere))
      return ids.filter((_, index) => there[index])
    },
  }
}

function client({ url, adminToken }: Desk) {
  const post = (path: string, body: object, headers = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
  const admin = { authorization: `Bearer ${adminToken}` }
  return {
    async ask(text: string): Promise<string> {
      const asked = await post('/requests', { text, client: { email: 'client-1@example.com' } })
      expect(asked.status).toBe(202)
      return ((await asked.json()) as { readonly id: string }).id
    },
    view: async (id: string): Promise<View> => (await (await fetch(`${url}/requests/${id}`)).json()) as View,
    approve: (id: string) => post(`/requests/${id}/decision`, { decision: 'approve' }),
    async unconfirmed(): Promise<{ readonly text: string; readonly writes: readonly Listed[] }> {
      const text = await (await fetch(`${url}/admin/writes`, { headers: admin })).text()
      return { text, writes: (JSON.parse(text) as { readonly writes: readonly Listed[] }).writes }
    },
    settle: async (body: object): Promise<number> => (await post('/admin/writes/settle', body, admin)).status,
  }
}

describe('a write of a server that was killed with -9 in its midst', () => {
  it('is not made again until a person has settled it, either way, and what waits for it goes on then', async () => {
    const data = await mkdtemp(join(tmpdir(), 'holdfast-writes-'))
    ends.push(() => rm(data, { recursive: true, force: true }))
    const market = await startMarket()
    const env = { ...market.addresses, TEST_DATA_DIRECTORY: data, TEST_AVINODE_TIMEOUT_MS: '50000' }

    const first = await startDesk({ directory: DIRECTORY, env })
    ends.push(() => first.stop('SIGKILL'))
    const before = client(first)
    // Avinode takes it, and the answer does not come.
    await market.fault('silent')
    const made = await before.ask('Four people, Teterboro to Miami on Friday')
    await until('the first order', async () => (await market.orders(4)) === 1)
    // Avinode never looks at it.
    await market.fault('hang')
    const lost = await before.ask('Three people, Teterboro to Miami on Friday')
    await until('the second order', async () => (await market.orders(3)) === 1)
    expect((await before.unconfirmed()).writes).toEqual([])
    await first.stop('SIGKILL')

    const second = await startDesk({ directory: DIRECTORY, env })
    ends.push(() => second.stop())
    const { view, unconfirmed, settle, approve } = client(second)
    for (const id of [made, lost]) {
      // The step waits a moment before its run has been laid down.
      const waits = async (): Promise<boolean> => {
        const { waitsFor, run } = await view(id)
        return waitsFor === 'settlement' && run?.state === 'waiting'
      }
      await until('a request that waits for a person', waits, 120_000)
    }
    await until('their number', async () =>
      /^holdfast_unconfirmed_writes 2$/m.test(await (await fetch(`${second.url}/metrics`)).text()),
    )
    const { text, writes } = await unconfirmed()
    expect(text).not.toContain('sandbox-key')
    const [ofMade, ofLost] = ['4', '3'].map((passengers) =>
      writes.find(({ input }) => input.includes(`"paxCount":"${passengers}"`)),
    )
    expect(writes).toHaveLength(2)
    for (const write of [ofMade, ofLost]) {
      expect(write).toMatchObject({ service: 'Avinode', input: expect.stringContaining('"icao":"KTEB"') as string })
      expect(Date.now() - Date.parse(write!.claimedAt)).toBeGreaterThan(0)
    }
    expect(second.output()).toMatch(/nobody knows whether a write was made[^\n]*GET \/admin\/writes/)
    expect([await market.orders(4), await market.orders(3)]).toEqual([1, 1])

    const [requestId, ...others] = await market.arrived()
    expect([requestId, others]).toEqual([expect.any(String), []])
    const { service, key } = ofMade!
    expect(await settle({ service, key, outcome: 'made', result: { requestId, problems: [] } })).toBe(200)
    await until('the proposal of what was made', async () => (await view(made)).approvals.length > 0)
    expect((await view(made)).waitsFor).toBeUndefined()
    expect((await view(lost)).waitsFor).toBe('settlement')
    expect(await settle({ service, key: ofLost!.key, outcome: 'not-made' })).toBe(200)
    await until('the proposal of what was not made', async () => (await view(lost)).approvals.length > 0)
    expect([await market.orders(4), await market.orders(3)]).toEqual([1, 2])
    expect((await unconfirmed()).writes).toEqual([])
    expect(await settle({ service, key, outcome: 'not-made' })).toBe(400)

    for (const id of [made, lost]) {
      expect((await approve(id)).status).toBe(202)
      await until('the letter', async () => (await view(id)).status === 'proposed')
    }
  }, 300_000)
})
