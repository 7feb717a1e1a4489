import { HoldfastError } from '@holdfast/core'
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as V1HttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { InMemoryTransport as V1InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { Client, InMemoryTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMcpServer } from './create-server.ts'
import type { McpListening } from './listen.ts'
import type { McpListenOptions, McpToolServerOptions } from './options.ts'
import { defineMcpTool } from './tool.ts'
import type { McpTool } from './tool.ts'

const endings: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
})

let onRun: (signal: AbortSignal) => unknown = () => undefined
const TOOLS: readonly McpTool[] = [
  defineMcpTool({
    name: 'search',
    title: 'Search',
    description: 'Searches.',
    input: z.object({ seats: z.int().min(1).describe('How many fly') }),
    output: z.object({ offers: z.array(z.string()) }),
    annotations: { readOnlyHint: true },
    run: ({ seats }) => ({ offers: Array.from({ length: seats }, (_, at) => `offer ${at}`) }),
  }),
  defineMcpTool({ name: 'run', description: 'Runs.', input: z.object({}), run: (_, { signal }) => onRun(signal) }),
]

const make = (options: Partial<McpToolServerOptions> = {}) =>
  createMcpServer({ name: 'desk', version: '1.2.3', tools: TOOLS, ...options })

/** What the clients of both generations have in common. */
interface AnyClient {
  callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<Record<string, unknown>>
  listTools(): Promise<{ tools: Record<string, unknown>[] }>
  getServerVersion(): unknown
}

const CLIENTS: Readonly<Record<string, (options?: Partial<McpToolServerOptions>) => Promise<AnyClient>>> = {
  'of the first generation, in memory': async (options) => {
    const [ours, theirs] = V1InMemoryTransport.createLinkedPair()
    make(options).connect(theirs)
    const client = new V1Client({ name: 'host', version: '1' })
    await client.connect(ours)
    endings.push(() => client.close())
    return client
  },
  'of the second generation, in memory': async (options) => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    make(options).connect(theirs)
    const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(ours)
    endings.push(() => client.close())
    return client
  },
  'of the first generation, over HTTP': async (options) => {
    const { url, close } = await make(options).listen()
    const client = new V1Client({ name: 'host', version: '1' })
    await client.connect(new V1HttpTransport(new URL(url)))
    endings.push(close, () => client.close())
    return client
  },
  'of the second generation, over HTTP': async (options) => {
    const { url, close } = await make(options).listen()
    const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(new StreamableHTTPClientTransport(new URL(url)))
    endings.push(close, () => client.close())
    return client
  },
}

describe.each(Object.entries(CLIENTS))('a host %s', (_, connect) => {
  it('finds the tools with their schemas and hints', async () => {
    const client = await connect()
    expect(client.getServerVersion()).toMatchObject({ name: 'desk', version: '1.2.3' })
    const { tools } = await client.listTools()
    expect(tools).toMatchObject([
      {
        name: 'search',
        title: 'Search',
        description: 'Searches.',
        annotations: { readOnlyHint: true },
        inputSchema: { type: 'object', properties: { seats: { type: 'integer', description: 'How many fly' } } },
        outputSchema: { type: 'object' },
      },
      { name: 'run' },
    ])
  })

  it('gets what a tool gives as structure and as text', async () => {
    const client = await connect()
    await expect(client.callTool({ name: 'search', arguments: { seats: 1 } })).resolves.toMatchObject({
      content: [{ type: 'text', text: '{"offers":["offer 0"]}' }],
      structuredContent: { offers: ['offer 0'] },
    })
    onRun = () => 'only words'
    const words = await client.callTool({ name: 'run' })
    expect(words).toMatchObject({ content: [{ type: 'text', text: 'only words' }] })
    expect(words['structuredContent']).toBeUndefined()
    onRun = () => undefined
    await expect(client.callTool({ name: 'run' })).resolves.toMatchObject({ structuredContent: {} })
  })

  it('is told what is wrong with its input', async () => {
    const client = await connect()
    const result = await client.callTool({ name: 'search', arguments: { seats: 0 } })
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('seats') as string }] })
  })

  it('is told of our errors what a model and a program can use', async () => {
    onRun = () => {
      throw new HoldfastError({
        code: 'HTTP_429',
        category: 'rate-limit',
        message: 'Avinode asks to be called less often',
        retryable: true,
        retryAfterMs: 61_500,
        mayHaveTakenEffect: false,
        cause: new Error('key hunter2'),
      })
    }
    const result = await (await connect()).callTool({ name: 'run' })
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: 'Avinode asks to be called less often\nTry again in 62 s, not sooner.' }],
      _meta: {
        'holdfast/error': {
          code: 'HTTP_429',
          category: 'rate-limit',
          retryable: true,
          retryAfterMs: 61_500,
          mayHaveTakenEffect: false,
        },
      },
    })
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })

  it('is told nothing of other errors', async () => {
    onRun = () => Promise.reject(new Error('connect to db with password hunter2'))
    const heard: unknown[] = []
    const client = await connect({ onError: (error, tool) => heard.push(tool, error) })
    const result = await client.callTool({ name: 'run' })
    expect(result).toMatchObject({ isError: true, content: [{ type: 'text', text: 'The tool failed.' }] })
    expect(heard).toEqual(['run', expect.objectContaining({ message: 'connect to db with password hunter2' })])
  })

  it('is told when a result is of the wrong shape, too large, or late', async () => {
    const wrong = defineMcpTool({ ...(TOOLS[0] as McpTool), run: () => ({ offers: [7, 'secret'] }) })
    const code = async (options: Partial<McpToolServerOptions>, name: string): Promise<unknown> => {
      const result = await (await connect(options)).callTool({ name, arguments: { seats: 1 } })
      return (result['_meta'] as Record<string, { code: string }> | undefined)?.['holdfast/error']?.code
    }
    await expect(code({ tools: [wrong] }, 'search')).resolves.toBe('MCP_INVALID_OUTPUT')
    onRun = () => 'x'.repeat(2_000)
    await expect(code({ maxResultBytes: 1_024 }, 'run')).resolves.toBe('MCP_RESULT_TOO_LARGE')
    onRun = () => new Promise(() => undefined)
    await expect(code({ timeoutMs: 20 }, 'run')).resolves.toBe('MCP_TOOL_TIMEOUT')
  })

  it('is refused while too much is going on', async () => {
    let end: () => void = () => undefined
    onRun = () => new Promise<void>((resolve) => (end = resolve))
    const client = await connect({ maxConcurrent: 1 })
    const first = client.callTool({ name: 'run' })
    let second: Record<string, unknown>
    do second = await client.callTool({ name: 'search', arguments: { seats: 1 } })
    while (second['isError'] !== true)
    expect(second).toMatchObject({ _meta: { 'holdfast/error': { code: 'MCP_BUSY', category: 'overloaded' } } })
    end()
    await expect(first).resolves.not.toHaveProperty('isError')
    await expect(client.callTool({ name: 'search', arguments: { seats: 1 } })).resolves.not.toHaveProperty('isError')
  })
})

describe('a server over HTTP', () => {
  const listen = async (options: McpListenOptions = {}): Promise<McpListening> => {
    const listening = await make().listen(options)
    endings.push(() => listening.close())
    return listening
  }
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const ask = async (url: string, more: Record<string, string> = {}, body: string = JSON.stringify(ping)) =>
    (await fetch(url, { method: 'POST', headers: { ...headers, ...more }, body })).status

  it('listens to this machine only, and answers', async () => {
    const { url } = await listen()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/)
    await expect(ask(url)).resolves.toBe(200)
    await expect(ask(url.replace('/mcp', '/other'))).resolves.toBe(404)
  })

  it('does not answer pages of others that reach it by a name of theirs', async () => {
    const { url } = await listen()
    await expect(ask(url, { origin: 'https://evil.example' })).resolves.toBe(403)
    await expect(ask(url, { origin: 'http://localhost:3000' })).resolves.toBe(200)
    const { port } = new URL(url)
    const { request } = await import('node:http')
    const status = await new Promise((resolve) => {
      const sent = request({
        port,
        host: '127.0.0.1',
        path: '/mcp',
        method: 'POST',
        headers: { ...headers, host: 'evil.example' },
      })
      sent.on('response', (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.end(JSON.stringify(ping))
    })
    expect(status).toBe(403)
  })

  it('asks for the token it was given, and shows no other', async () => {
    const { url } = await listen({ token: 'a-token-of-some-length' })
    await expect(ask(url)).resolves.toBe(401)
    await expect(ask(url, { authorization: 'Bearer a-token-of-some-lengtH' })).resolves.toBe(401)
    await expect(ask(url, { authorization: 'Bearer a-token-of-some-length' })).resolves.toBe(200)
  })

  it('takes no request that is larger than allowed', async () => {
    const { url } = await listen({ maxBodyBytes: 1_024 })
    await expect(ask(url, {}, JSON.stringify({ ...ping, params: { _meta: { x: 'x'.repeat(2_000) } } }))).resolves.toBe(
      413,
    )
  })

  it('aborts a call whose caller has gone', async () => {
    let heard: AbortSignal | undefined
    let running: () => void = () => undefined
    const runs = new Promise<void>((resolve) => (running = resolve))
    const ended = new Promise<void>((resolve) => {
      onRun = (signal) => {
        heard = signal
        signal.addEventListener('abort', () => resolve())
        running()
        return new Promise(() => undefined)
      }
    })
    const { url } = await listen()
    const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(new StreamableHTTPClientTransport(new URL(url)))
    const caller = new AbortController()
    const call = client.callTool({ name: 'run' }, { signal: caller.signal }).catch(() => undefined)
    await runs
    caller.abort()
    await Promise.all([ended, call])
    expect(heard?.aborted).toBe(true)
    await client.close()
  })

  it('lets a call end that is under way when it is closed', async () => {
    let end: (text: string) => void = () => undefined
    let running: () => void = () => undefined
    const runs = new Promise<void>((resolve) => (running = resolve))
    onRun = () => (running(), new Promise<string>((resolve) => (end = resolve)))
    const listening = await make().listen()
    const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(new StreamableHTTPClientTransport(new URL(listening.url)))
    const call = client.callTool({ name: 'run' })
    await runs
    const closed = listening.close()
    end('in time')
    await expect(call).resolves.toMatchObject({ content: [{ text: 'in time' }] })
    await closed
    await client.close()
  })

  it('closes while a call hangs', async () => {
    onRun = () => new Promise(() => undefined)
    const listening = await make().listen()
    const call = ask(
      listening.url,
      {},
      JSON.stringify({ ...ping, method: 'tools/call', params: { name: 'run' } }),
    ).catch(() => 'cut')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await listening.close()
    await call
    await expect(ask(listening.url)).rejects.toThrow('fetch failed')
  })
})

describe('the options of a server', () => {
  it.each<[Partial<McpToolServerOptions> | object, string]>([
    [{ name: 'My Desk' }, "name must be 1 to 64 lower-case letters, digits and '-'"],
    [{ tools: [] }, 'tools must be a list of one tool or more'],
    [{ tools: [TOOLS[0], TOOLS[0]] }, "tools must be tools of different names, but is 'two named search'"],
    [{ maxConcurrent: 0 }, 'maxConcurrent must be a whole number from 1 to 10,000, but is 0'],
    [{ timeout: 5 }, 'createMcpServer must be an object with name, version'],
  ])('%j are refused', (options, message) => {
    expect(() => make(options)).toThrow(message)
  })

  it.each<[McpListenOptions, string]>([
    [{ host: '0.0.0.0' }, 'token must be set when other machines can reach the server, as they can at 0.0.0.0'],
    [{ token: 'short' }, 'token must be 16 characters or more'],
    [{ port: 70_000 }, 'port must be a whole number from 0 to 65,535'],
    [{ path: 'mcp' }, 'path must be a path such as /mcp'],
  ])('where it listens, %j, are refused', async (options, message) => {
    await expect(make().listen(options)).rejects.toThrow(message)
  })

  it('hold for each tool', () => {
    expect(() => defineMcpTool({ ...(TOOLS[0] as McpTool), name: 'a b' })).toThrow('the name of a tool must be')
  })
})
