import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { createMcpRegistry } from '@holdfast/agents/mcp'
import type { McpRegistry, McpServerSettings, McpStdioServer } from '@holdfast/agents/mcp'

const fixture = (name: string): string => fileURLToPath(new URL(`./fixture/${name}`, import.meta.url))
const TOKEN = 'open-sesame-"1"'

let registry: McpRegistry | undefined

afterEach(() => registry?.close())

function start(file: string, settings: McpServerSettings & Partial<McpStdioServer> = {}): McpRegistry {
  registry = createMcpRegistry({
    servers: {
      it: {
        command: process.execPath,
        args: ['--conditions=holdfast-source', fixture(file)],
        env: { TEST_TOKEN: TOKEN },
        ...settings,
      },
    },
  })
  return registry
}

/** A program in a few words, without modules of ours. */
const inline = (code: string): Partial<McpStdioServer> => ({ args: ['--eval', code] })

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no error',
    (error: unknown) => error,
  )

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Asks again and again until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  const patienceEnds = performance.now() + 20_000
  while (!isSo()) {
    if (performance.now() > patienceEnds) throw new Error('it never was so')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const pidOf = async (mcp: McpRegistry): Promise<number> =>
  ((await mcp.callTool('it', 'pid')).structuredContent as { pid: number }).pid

describe('a child', () => {
  it('is started, gets no more of our environment than it needs, and is gone after the end', async () => {
    process.env['OUR_SECRET'] = 'not for children'
    const mcp = start('our-server.ts')
    const { structuredContent } = await mcp.callTool('it', 'pid')
    const { pid, environment } = structuredContent as { pid: number; environment: string[] }
    expect(environment).toContain('TEST_TOKEN')
    expect(environment).not.toContain('OUR_SECRET')
    delete process.env['OUR_SECRET']
    expect(mcp.stderr('it')).toBe('started with [secret]\n')
    expect(mcp.snapshot()).toMatchObject([{ protocolVersion: '2026-07-28' }])
    const sums = await Promise.all(Array.from({ length: 100 }, (_, a) => mcp.callTool('it', 'add', { a, b: 1 })))
    expect(sums.map(({ structuredContent: out }) => out)).toEqual(sums.map((_, a) => ({ sum: a + 1 })))
    await mcp.close()
    expect(isAlive(pid)).toBe(false)
  })

  it('that is killed during a call fails it at once, and is started again for the next', async () => {
    const mcp = start('our-server.ts')
    const first = await pidOf(mcp)
    const hanging = failure(mcp.callTool('it', 'hang'))
    const reading = pidOf(mcp)
    await expect(reading).resolves.toBe(first)
    process.kill(first, 'SIGKILL')
    await expect(hanging).resolves.toMatchObject({
      code: 'CONNECTION_LOST',
      category: 'network',
      mayHaveTakenEffect: true,
    })
    const second = await pidOf(mcp)
    expect(second).not.toBe(first)
    expect(mcp.snapshot()).toMatchObject([{ reconnects: 1 }])
  })

  it('of the first generation that prints to where messages belong is understood', async () => {
    const mcp = start('v1-server.ts')
    await expect(mcp.callTool('it', 'add', { a: 1, b: 2 })).resolves.toMatchObject({ structuredContent: { sum: 3 } })
    await mcp.callTool('it', 'grow')
    await expect(mcp.callTool('it', 'grown')).resolves.toMatchObject({ text: 'new' })
    await expect(mcp.callTool('it', 'fail')).rejects.toMatchObject({
      code: 'MCP_TOOL_FAILED',
      text: 'there is no airport XXXX',
    })
  })

  it('that sends too much is ended, and says why', async () => {
    const mcp = start('our-server.ts', { maxResultBytes: 65_536, maxMessageBytes: 1_048_576 })
    await expect(mcp.callTool('it', 'huge', { characters: 100_000 })).rejects.toMatchObject({
      code: 'MCP_RESULT_TOO_LARGE',
    })
    const pid = await pidOf(mcp)
    await expect(mcp.callTool('it', 'huge', { characters: 2_000_000 })).rejects.toMatchObject({
      code: 'MCP_RESULT_TOO_LARGE',
      mayHaveTakenEffect: true,
    })
    expect(await pidOf(mcp)).not.toBe(pid)
  })

  it('that dies again and again is not started for every call', async () => {
    const mcp = start('', {
      ...inline('process.stderr.write("started\\n"); process.exit(1)'),
      respawnMs: 200,
      policies: { retry: false, breaker: false },
    })
    const startedAt = performance.now()
    const starts = (): number => mcp.stderr('it').split('\n').length - 1
    let calls = 0
    do {
      calls++
      await failure(mcp.callTool('it', 'x', {}, { deadlineMs: 50 }))
    } while (starts() < 4)
    const tookMs = performance.now() - startedAt
    // 200, 400 and 800 ms, each spread by a fifth.
    expect(tookMs).toBeGreaterThan((200 + 400 + 800) * 0.8)
    expect(calls).toBeGreaterThan(starts())
    await expect(mcp.callTool('it', 'x', {}, { deadlineMs: 50 })).rejects.toMatchObject({ mayHaveTakenEffect: false })
  })

  it('that ends at a question it does not know is not asked it again', async () => {
    const code = `
      const reply = (id, result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }))
      require('node:readline').createInterface(process.stdin).on('line', (line) => {
        const { id, method } = JSON.parse(line)
        if (method === 'server/discover') process.exit(1)
        if (method === 'initialize') reply(id, { protocolVersion: '2025-06-18', serverInfo: { name: 'old', version: '1' }, capabilities: { tools: {} } })
        if (method === 'tools/list') reply(id, { tools: [{ name: 'hi', inputSchema: { type: 'object' } }] })
        if (method === 'tools/call') reply(id, { content: [{ type: 'text', text: 'hi' }] })
      })
    `
    const mcp = start('', { ...inline(code), respawnMs: 10 })
    await expect(mcp.callTool('it', 'hi')).resolves.toMatchObject({ text: 'hi' })
    expect(mcp.snapshot()).toMatchObject([{ protocolVersion: '2025-06-18', reconnects: 0 }])
  })

  it('that is not there is a matter of configuration', async () => {
    const mcp = start('', { command: '/nowhere/to/be/found', policies: { retry: false } })
    await expect(mcp.callTool('it', 'x')).rejects.toMatchObject({
      code: 'MCP_SPAWN_FAILED',
      category: 'configuration',
      mayHaveTakenEffect: false,
    })
  })

  it('that is not ready in time is ended', async () => {
    const mcp = start('', {
      ...inline('process.stderr.write(`${process.pid}\\n`); setInterval(() => {}, 1_000)'),
      connectTimeoutMs: 700,
      shutdownMs: 100,
      policies: { retry: false },
    })
    await expect(mcp.callTool('it', 'x')).rejects.toMatchObject({
      code: 'MCP_CONNECT_TIMEOUT',
      mayHaveTakenEffect: false,
    })
    const pid = Number.parseInt(mcp.stderr('it'), 10)
    expect(pid).toBeGreaterThan(0)
    await until(() => !isAlive(pid))
  })

  it('that heeds nothing is killed, and what it has started with it', async () => {
    const code = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], { stdio: 'inherit' })
      process.stderr.write(child.pid + '\\n')
      process.on('SIGTERM', () => {})
      setInterval(() => {}, 1_000)
    `
    const mcp = start('', { ...inline(code), connectTimeoutMs: 60_000, shutdownMs: 200, policies: { retry: false } })
    const call = failure(mcp.callTool('it', 'x'))
    await until(() => mcp.stderr('it').includes('\n'))
    const grandchild = Number.parseInt(mcp.stderr('it'), 10)
    expect(isAlive(grandchild)).toBe(true)
    await mcp.close()
    await expect(call).resolves.toMatchObject({ mayHaveTakenEffect: false })
    await until(() => !isAlive(grandchild))
  })
})

describe('our own end', () => {
  const run = (code: string) => {
    const child = spawn(process.execPath, ['--conditions=holdfast-source', '--input-type=module', '--eval', code], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    return { child, output: () => output, ended: once(child, 'close') }
  }
  const CALL = `
    import { createMcpRegistry } from '@holdfast/agents/mcp'
    const mcp = createMcpRegistry({ servers: { it: { command: process.execPath, args: ['--conditions=holdfast-source', ${JSON.stringify(fixture('our-server.ts'))}] } } })
    const { structuredContent } = await mcp.callTool('it', 'pid')
    process.stdout.write(structuredContent.pid + '\\n')
  `

  it('needs nothing but close: then no handle keeps the process', async () => {
    const { ended, output } = run(`${CALL}\nawait mcp.close()`)
    await expect(ended).resolves.toEqual([0, null])
    expect(isAlive(Number(output()))).toBe(false)
  })

  it.each([
    ['an exit without close', 'process.exit(3)'],
    ['a kill', 'process.kill(process.pid, "SIGKILL")'],
  ])('by %s leaves no child behind', async (_, end) => {
    const { ended, output } = run(`${CALL}\nsetTimeout(() => ${end}, 50)`)
    await ended
    const pid = Number(output())
    expect(pid).toBeGreaterThan(0)
    await until(() => !isAlive(pid))
  })
})
