import { createMcpRegistry, createMcpServer } from '@holdfast/agents/mcp'
import type { McpHttpServer, McpRegistry, McpServerSettings } from '@holdfast/agents/mcp'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { TOOLS } from './fixture/tools.ts'
import { startV1 } from './v1-http-server.ts'
import type { V1HttpServer } from './v1-http-server.ts'

let server: V1HttpServer | undefined
let registry: McpRegistry | undefined
let written = 0

afterEach(async () => {
  await registry?.close()
  await server?.close()
  registry = server = undefined
})

async function start(
  settings: McpServerSettings & Partial<McpHttpServer> = {},
  how?: 'status-400' | 'status-404',
): Promise<{ v1: V1HttpServer; mcp: McpRegistry }> {
  written = 0
  server = await startV1((one) => {
    one.registerTool('write', { inputSchema: {} }, () => ({ content: [{ type: 'text', text: `${++written}` }] }))
    one.registerTool('say', { inputSchema: { n: z.int() }, annotations: { readOnlyHint: true } }, ({ n }) => ({
      content: [{ type: 'text', text: 'x'.repeat(n) }],
    }))
    one.registerTool('add', { inputSchema: { a: z.int(), b: z.int() } }, ({ a, b }) => ({
      content: [{ type: 'text', text: `old ${a + b}` }],
    }))
    one.registerTool('hang', {}, () => new Promise<never>(() => undefined))
    one.registerTool('grow', {}, () => {
      one.registerTool('grown', {}, () => ({ content: [{ type: 'text', text: 'new' }] }))
      return { content: [] }
    })
  }, how)
  registry = createMcpRegistry({ servers: { web: { url: server.url, ...settings } } })
  return { v1: server, mcp: registry }
}

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no error',
    (error: unknown) => error,
  )

const calls = ({ received }: V1HttpServer): number => received.filter((one) => one === 'POST tools/call').length

async function until(isSo: () => boolean): Promise<void> {
  const patienceEnds = performance.now() + 20_000
  while (!isSo()) {
    if (performance.now() > patienceEnds) throw new Error('it never was so')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('a server with sessions', () => {
  it.each(['status-404', 'status-400'] as const)(
    'that has forgotten ours, and says so with %s, gets a new one, and the call once',
    async (how) => {
      const { v1, mcp } = await start({}, how)
      await expect(mcp.callTool('web', 'write')).resolves.toMatchObject({ text: '1' })
      v1.forget()
      await expect(mcp.callTool('web', 'write')).resolves.toMatchObject({ text: '2' })
      expect(mcp.snapshot()).toMatchObject([{ reconnects: 1, protocolVersion: '2025-11-25' }])
      expect(v1.received.filter((one) => one === 'POST initialize')).toHaveLength(2)
      v1.forget()
      const many = await Promise.all(Array.from({ length: 20 }, () => mcp.callTool('web', 'write')))
      expect(many).toHaveLength(20)
      expect(written).toBe(22)
      expect(v1.received.filter((one) => one === 'POST initialize')).toHaveLength(3)
    },
  )

  it('that forgets each session at once does not keep us going round', async () => {
    const { v1, mcp } = await start({ policies: { retry: false } })
    await mcp.callTool('web', 'write')
    v1.before = (_, response, { method }) => {
      if (method !== 'tools/call') return false
      response.writeHead(404).end('Session not found')
      return true
    }
    await expect(mcp.callTool('web', 'write')).rejects.toMatchObject({ status: 404, mayHaveTakenEffect: false })
    expect(calls(v1)).toBe(3)
  })

  it('is told when ours is over', async () => {
    const { v1, mcp } = await start()
    await mcp.callTool('web', 'write')
    await mcp.close()
    expect(v1.received.at(-1)).toBe('DELETE')
    await until(() => v1.open() === 0)
  })

  it('tells that its tools have changed', async () => {
    const { mcp } = await start()
    await mcp.callTool('web', 'grow')
    await vi.waitFor(async () => expect(await mcp.listTools('web')).toHaveLength(6), 20_000)
    await expect(mcp.callTool('web', 'grown')).resolves.toMatchObject({ text: 'new' })
  })
})

describe('a call', () => {
  it('that nobody waits for any more keeps no connection', async () => {
    const { v1, mcp } = await start()
    await mcp.callTool('web', 'write')
    await until(() => v1.open() <= 1)
    const idle = v1.open()
    const caller = new AbortController()
    const failed = failure(mcp.callTool('web', 'hang', {}, { signal: caller.signal }))
    await until(() => calls(v1) === 2)
    caller.abort('gone')
    await expect(failed).resolves.toBe('gone')
    await until(() => v1.open() === idle)
    expect(v1.received).toContain('POST notifications/cancelled')
  })

  it.each([
    [401, {}, 'auth', false],
    [403, {}, 'auth', false],
    [404, {}, 'configuration', false],
    [500, {}, 'server', true],
    [503, {}, 'overloaded', true],
    [429, { 'retry-after': '7' }, 'rate-limit', false],
  ])('that is answered with %i %j is of the category %s', async (status, headers, category, mayHaveTakenEffect) => {
    const { v1, mcp } = await start({ policies: { retry: false } })
    await mcp.callTool('web', 'write')
    v1.before = (_, response) => {
      response.writeHead(status, headers).end('a page with root@evil')
      return true
    }
    const error = await failure(mcp.callTool('web', 'write'))
    expect(error).toMatchObject({ category, mayHaveTakenEffect, status })
    if (status === 429) expect(error).toMatchObject({ retryAfterMs: 7_000 })
    expect((error as Error).message).not.toContain('evil')
  })

  it.each([
    [401, 'auth', false],
    [403, 'auth', false],
    [404, 'configuration', false],
    [429, 'rate-limit', true],
    [500, 'server', true],
    [503, 'overloaded', true],
  ])(
    'to a server that refuses the connection with %i has had no effect, and is of the category %s',
    async (status, category, retryable) => {
      const { v1, mcp } = await start({ policies: { retry: false } })
      v1.before = (_, response) => {
        response.writeHead(status, { 'retry-after': '7' }).end('a page with root@evil')
        return true
      }
      const error = await failure(mcp.callTool('web', 'write'))
      expect(error).toMatchObject({ category, retryable, mayHaveTakenEffect: false })
      expect((error as Error).message).not.toContain('evil')
    },
  )

  it('after one that was too long is told what is wrong with itself', async () => {
    const { v1, mcp } = await start({ maxResultBytes: 2_048, maxMessageBytes: 4_096, policies: { retry: false } })
    await expect(mcp.callTool('web', 'say', { n: 9_000 })).rejects.toMatchObject({ code: 'MCP_RESULT_TOO_LARGE' })
    v1.forget()
    await expect(mcp.callTool('web', 'write')).resolves.toMatchObject({ text: '1' })
  })

  it('that is answered with 429 is made again, though a write, for it has not been made', async () => {
    const { v1, mcp } = await start()
    await mcp.callTool('web', 'write')
    let limited = 1
    v1.before = (_, response, { method }) => {
      if (method !== 'tools/call' || limited-- <= 0) return false
      response.writeHead(429, { 'retry-after': '0' }).end()
      return true
    }
    await expect(mcp.callTool('web', 'write')).resolves.toMatchObject({ text: '2' })
  })

  it('whose stream ends without a response fails at once, and is not made again', async () => {
    const { v1, mcp } = await start()
    await mcp.callTool('web', 'write')
    v1.before = (_, response, { method }) => {
      if (method !== 'tools/call') return false
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': nothing yet\n\n', () => response.destroy())
      return true
    }
    const startedAt = performance.now()
    await expect(mcp.callTool('web', 'write')).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      category: 'network',
      mayHaveTakenEffect: true,
    })
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(calls(v1)).toBe(2)
  })

  it.each(['application/json', 'text/event-stream'])('whose answer in %s is too long is cut off', async (type) => {
    const { v1, mcp } = await start({ maxResultBytes: 2_048, maxMessageBytes: 4_096, policies: { retry: false } })
    await expect(mcp.callTool('web', 'say', { n: 2_500 })).rejects.toMatchObject({ code: 'MCP_RESULT_TOO_LARGE' })
    v1.before = (_, response, { method }) => {
      if (method !== 'tools/call') return false
      response.writeHead(200, { 'content-type': type }).write(type === 'application/json' ? '"' : 'data: ')
      const more = (): boolean => response.destroyed || response.write('x'.repeat(2_000), () => setImmediate(more))
      return more() || true
    }
    await expect(mcp.callTool('web', 'say', { n: 1 })).rejects.toMatchObject({
      code: 'MCP_RESULT_TOO_LARGE',
      retryable: false,
    })
    await until(() => v1.open() <= 1)
  })

  it('that is answered with a page is malformed', async () => {
    const { v1, mcp } = await start({ policies: { retry: false } })
    await mcp.callTool('web', 'write')
    v1.before = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>')
      return true
    }
    await expect(mcp.callTool('web', 'write')).rejects.toMatchObject({
      category: 'malformed',
      mayHaveTakenEffect: true,
    })
  })

  it('to a server that is down has had no effect', async () => {
    const { v1, mcp } = await start()
    await v1.close()
    await expect(mcp.callTool('web', 'write', {}, { deadlineMs: 2_000 })).rejects.toMatchObject({
      category: 'network',
      mayHaveTakenEffect: false,
    })
  })

  it('carries headers that are asked for anew each time', async () => {
    let token = 0
    const { v1, mcp } = await start({ headers: () => ({ authorization: `Bearer ${++token}` }) })
    const seen = new Set<string | undefined>()
    v1.before = ({ headers }) => (seen.add(headers.authorization), false)
    await mcp.callTool('web', 'write')
    expect(seen.size).toBe(v1.received.length)
  })
})

it('sends nothing when the headers cannot be had', async () => {
  let isDown = false
  const headers = (): Record<string, string> => {
    if (isDown) throw Object.assign(new Error('token for hunter2'), { code: 'ECONNREFUSED' })
    return {}
  }
  const { v1, mcp } = await start({ headers, policies: { retry: false } })
  isDown = true
  const expected = { code: 'MCP_HEADERS_FAILED', category: 'network', mayHaveTakenEffect: false }
  await expect(mcp.callTool('web', 'write')).rejects.toMatchObject(expected)
  isDown = false
  await mcp.callTool('web', 'write')
  isDown = true
  await expect(mcp.callTool('web', 'write')).rejects.toMatchObject(expected)
  expect(calls(v1)).toBe(1)
})

describe('a server of the second generation', () => {
  it('has no sessions, and survives its restart', async () => {
    const ours = createMcpServer({ name: 'ours', version: '1.0.0', tools: TOOLS })
    const first = await ours.listen()
    registry = createMcpRegistry({ servers: { web: { url: first.url } } })
    await expect(registry.callTool('web', 'add', { a: 1, b: 2 })).resolves.toMatchObject({
      structuredContent: { sum: 3 },
    })
    expect(registry.snapshot()).toMatchObject([{ protocolVersion: '2026-07-28' }])
    await first.close()
    const second = await ours.listen({ port: Number(new URL(first.url).port) })
    await expect(registry.callTool('web', 'add', { a: 1, b: 5 })).resolves.toMatchObject({
      structuredContent: { sum: 6 },
    })
    const sums = await Promise.all(Array.from({ length: 100 }, (_, a) => registry?.callTool('web', 'add', { a, b: 1 })))
    expect(sums.at(-1)?.structuredContent).toEqual({ sum: 100 })
    await registry.close()
    await second.close()
  })

  it('that is replaced by an old one is spoken to in the old way', async () => {
    const ours = await createMcpServer({ name: 'ours', version: '1.0.0', tools: TOOLS }).listen()
    const { v1, mcp } = await start()
    let address = ours.url
    const moving = createMcpRegistry({
      servers: {
        web: { url: ours.url, fetch: (_, init) => fetch(address, init), policies: { breaker: false } },
      },
    })
    await moving.callTool('web', 'add', { a: 1, b: 2 })
    address = v1.url
    await expect(moving.callTool('web', 'add', { a: 1, b: 2 })).resolves.toMatchObject({ text: 'old 3' })
    await moving.close()
    await ours.close()
    await mcp.close()
  })
})
