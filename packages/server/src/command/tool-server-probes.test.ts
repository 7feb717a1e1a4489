import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMcpServer, defineMcpTool } from '@holdfast/agents/mcp'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { probeToolServer } from './tool-server-probes.ts'

const TOKEN = 'a-token-of-the-test'
const CALLS = [
  { server: 'crm', tool: 'find', args: { name: 'Ada' } },
  { server: 'crm', tool: 'note', args: { name: 'Ada', text: 'x' } },
  { server: 'other', tool: 'anything', args: {} },
]

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const tool = (name: string, input: z.ZodObject) =>
  defineMcpTool({
    name,
    description: 'x',
    input,
    run: () => {
      throw new Error('was called')
    },
  })

async function serve(note: z.ZodObject | undefined): Promise<string> {
  const find = tool('find', z.object({ name: z.string() }))
  const tools = note === undefined ? [find] : [find, tool('note', note)]
  const server = await createMcpServer({ name: 'crm', version: '1.0.0', tools }).listen({ token: TOKEN })
  ends.push(() => server.close())
  return server.url
}

const probe = (url: string, token = TOKEN) =>
  probeToolServer('crm', { url, tokenVariable: 'CRM_TOKEN' }, { CRM_TOKEN: token }, CALLS, 5_000)

describe('a server of others', () => {
  it('is well when it has the tools and takes their arguments', async () => {
    const url = await serve(z.object({ name: z.string(), text: z.string() }))
    const finding = 'answers (2 tools) and takes the 2 calls that desks make; none was made'
    expect(await probe(url)).toEqual({ well: true, finding })
    const nobodys = await probeToolServer('crm', { url, tokenVariable: 'CRM_TOKEN' }, { CRM_TOKEN: TOKEN }, [], 5_000)
    expect(nobodys).toEqual({ well: true, finding: 'answers (2 tools); none was made' })
  })

  it.each([
    [undefined, /^answers, but has no note$/],
    [
      z.object({ name: z.string(), text: z.string(), author: z.string() }),
      /^answers, but does not take the arguments of note: .*author/,
    ],
    [z.object({ name: z.string(), text: z.number() }), /^answers, but does not take the arguments of note: .*text/],
  ])('is found out: %#', async (note, finding) => {
    expect(await probe(await serve(note))).toEqual({ well: false, finding: expect.stringMatching(finding) })
  })

  it('that refuses the token, or is not there, is found out too', async () => {
    await expect(probe(await serve(undefined), 'another-token')).rejects.toMatchObject({ category: 'auth' })
    await expect(probe('http://127.0.0.1:9/mcp')).rejects.toMatchObject({ category: 'network' })
  })
})

describe('a program', () => {
  /** Writes its process id, and answers or not. */
  function program(replies: object): { script: string; pid: () => number } {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-probe-'))
    ends.push(() => rmSync(directory, { recursive: true }))
    const file = join(directory, 'pid')
    const script = `
      require('node:fs').writeFileSync(${JSON.stringify(file)}, String(process.pid))
      const replies = ${JSON.stringify(replies)}
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method } = JSON.parse(line)
        if (id !== undefined && replies[method]) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: replies[method] }))
      })
      // One that does not end when its input does.
      setInterval(() => undefined, 1_000)`
    return { script, pid: () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0) }
  }
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }

  it('is asked, and has ended at the end', async () => {
    const initialize = {
      protocolVersion: '2025-06-18',
      serverInfo: { name: 'x', version: '1' },
      capabilities: { tools: {} },
    }
    const tools = [{ name: 'find', inputSchema: { type: 'object' } }]
    const { script, pid } = program({ initialize, 'tools/list': { tools } })
    const server = { command: process.execPath, args: ['-e', script] }
    const found = await probeToolServer('crm', server, {}, CALLS, 10_000)
    expect(found).toEqual({ well: false, finding: 'answers, but has no note' })
    expect([pid() > 0, isAlive(pid())]).toEqual([true, false])
  })

  it('that says nothing is ended in its time', async () => {
    const { script, pid } = program({})
    const server = { command: process.execPath, args: ['-e', script] }
    await expect(probeToolServer('crm', server, {}, CALLS, 1_500)).rejects.toMatchObject({ category: 'timeout' })
    expect([pid() > 0, isAlive(pid())]).toEqual([true, false])
  })

  it('that is not there is said so', async () => {
    const probing = probeToolServer('crm', { command: '/nowhere/crm-mcp' }, {}, CALLS, 5_000)
    await expect(probing).rejects.toMatchObject({ code: 'MCP_SPAWN_FAILED' })
  })
})
