import { afterEach, describe, expect, it } from 'vitest'
import { json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { createAgent } from './client.ts'
import { undiciFetch } from './fetch.ts'

let server: LocalServer
const agents: ReturnType<typeof createAgent>[] = []

async function start(handler: Handler): Promise<typeof fetch> {
  server = await startServer(handler)
  const agent = createAgent()
  agents.push(agent)
  return undiciFetch(agent)
}

afterEach(async () => {
  await server.close()
  await Promise.all(agents.splice(0).map((agent) => agent.close()))
})

describe('the fetch', () => {
  it('does what the global one does for a JSON request', async () => {
    const fetch = await start(({ headers, body }, response) => json(response, { type: headers['x-type'], body }, 201))
    const init = { method: 'POST', headers: { 'x-type': 'a' }, body: '{"q":1}' }
    const [ours, global] = await Promise.all([
      fetch(`${server.url}/p?q=1`, init),
      globalThis.fetch(`${server.url}/p?q=1`, init),
    ])
    expect(await ours.json()).toEqual(await global.json())
    expect([ours.status, ours.ok, ours.statusText, ours.url]).toEqual([
      global.status,
      global.ok,
      global.statusText,
      global.url,
    ])
    expect(ours.headers.get('Content-Type')).toBe(global.headers.get('content-type'))
  })

  it('takes headers of every kind', async () => {
    const fetch = await start(({ headers }, response) => json(response, headers['x-a']))
    for (const headers of [new Headers({ 'x-a': '1' }), [['x-a', '1']] as [string, string][], { 'x-a': '1' }]) {
      expect(await (await fetch(server.url, { headers })).json()).toBe('1')
    }
  })

  it('gives the body as a stream, and cancelling it destroys the connection', async () => {
    const fetch = await start((_, response) => response.write('data'))
    const response = await fetch(server.url)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('data')
    await reader.cancel()
    await server.openIs(0)
  })

  it('rejects with the reason of its signal', async () => {
    const fetch = await start(() => undefined)
    const controller = new AbortController()
    const waiting = rejection(fetch(server.url, { signal: controller.signal }))
    await server.openIs(1)
    controller.abort('mine')
    expect(await waiting).toBe('mine')
    await server.openIs(0)
  })

  it('lets a failed reply pass as fetch does', async () => {
    const fetch = await start((_, response) => json(response, { error: 'no' }, 404))
    const response = await fetch(server.url)
    expect(response.ok).toBe(false)
    expect(await response.text()).toBe('{"error":"no"}')
    expect(await rejection(response.text())).toBeInstanceOf(TypeError)
  })

  it('refuses what it cannot do', async () => {
    const fetch = await start(() => undefined)
    expect(await rejection(fetch(new Request(server.url)))).toBeInstanceOf(TypeError)
    expect(await rejection(fetch(server.url, { method: 'POST', body: new FormData() }))).toBeInstanceOf(TypeError)
  })
})
