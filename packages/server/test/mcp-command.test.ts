import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { openStore } from '@holdfast/store/database'
import { describe, expect, it } from 'vitest'
import { freePorts, isFree } from './ports.ts'

const BIN = fileURLToPath(new URL('../src/bin/holdfast.ts', import.meta.url))
const ARGS = ['--conditions=holdfast-source', BIN, 'mcp']
const timeout = 240_000
const trip = { segments: [{ from: 'LFMN', to: 'EGGW', date: '2027-03-01' }], passengers: 4 }

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const patienceEnds = performance.now() + 120_000
  while (!(await isSo())) {
    if (performance.now() > patienceEnds) throw new Error('it never was so')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('holdfast mcp', { timeout }, () => {
  it('serves a host over standard input and output, on the sandbox while no keys are set, and ends with it', async () => {
    const { SANDBOX_PORT } = await freePorts()
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [...ARGS, 'avinode'],
      env: { SANDBOX_PORT },
      stderr: 'pipe',
    })
    let said = ''
    transport.stderr?.on('data', (chunk: Buffer) => (said += String(chunk)))
    const errors: unknown[] = []
    const client = new V1Client({ name: 'host', version: '1' })
    client.onerror = (error) => errors.push(error)
    await client.connect(transport)
    expect(client.getServerVersion()).toMatchObject({ name: 'holdfast-avinode' })
    expect(client.getInstructions()).toContain('made up')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('search_aircraft')
    const found = await client.callTool({ name: 'search_aircraft', arguments: trip })
    expect((found.structuredContent as { offers: unknown[] }).offers.length).toBeGreaterThan(0)
    expect(said).toContain('No sandbox runs; one is started for the tools of avinode.')
    expect(errors).toEqual([])
    await client.close()
    await until(() => isFree(Number(SANDBOX_PORT)))
  })

  it('remembers writes in the store that is there, whoever else has written, and in the process while another has it', async () => {
    const { SANDBOX_PORT } = await freePorts()
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-mcp-'))
    const store = join(directory, '.data', 'store')
    await (await openStore({ directory: store })).close()
    const order = { ...trip, idempotencyKey: 'trip-7' }
    /** A host that orders with the key, as often as it is said. */
    const host = async (times: number): Promise<{ readonly ids: readonly unknown[]; readonly said: string }> => {
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [...ARGS, 'avinode', '--account', 'eu'],
        cwd: directory,
        env: { SANDBOX_PORT },
        stderr: 'pipe',
      })
      let said = ''
      transport.stderr?.on('data', (chunk: Buffer) => (said += String(chunk)))
      const client = new V1Client({ name: 'host', version: '1' })
      const errors: unknown[] = []
      client.onerror = (error) => errors.push(error)
      await client.connect(transport)
      const ids: unknown[] = []
      for (let count = 0; count < times; count += 1) {
        const { structuredContent } = await client.callTool({ name: 'request_quotes', arguments: order })
        ids.push((structuredContent as { readonly requestId?: unknown } | undefined)?.requestId)
      }
      await client.close()
      await until(() => isFree(Number(SANDBOX_PORT)))
      expect(errors).toEqual([])
      return { ids, said }
    }
    try {
      const first = await host(1)
      expect(first.ids).toEqual([expect.stringMatching(/^arfq-/)])
      const second = await host(2)
      expect(second.ids).toEqual([first.ids[0], first.ids[0]])
      expect(second.said).not.toContain('Warning')
      // As a server has it.
      const held = await openStore({ directory: store })
      const names = await held.asWorker('default', (transaction) =>
        transaction.selectFrom('outside_writes').select('service').execute(),
      )
      expect(names).toEqual([{ service: 'Avinode (sandbox) (eu)' }])
      const third = await host(2)
      await held.close()
      expect(third.ids[0]).toEqual(third.ids[1])
      expect(third.said.match(/Warning: the store in .* is open in another process/g)).toHaveLength(1)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })

  it('writes nothing while the database that remembers it is away', async () => {
    const { SANDBOX_PORT } = await freePorts()
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [...ARGS, 'avinode'],
      env: { SANDBOX_PORT, DATABASE_URL: 'postgres://app:secret-word@127.0.0.1:9/holdfast' },
      stderr: 'pipe',
    })
    let said = ''
    transport.stderr?.on('data', (chunk: Buffer) => (said += String(chunk)))
    const client = new V1Client({ name: 'host', version: '1' })
    await client.connect(transport)
    const found = await client.callTool({ name: 'search_aircraft', arguments: trip })
    expect(found.isError).not.toBe(true)
    const refused = await client.callTool({ name: 'request_quotes', arguments: { ...trip, idempotencyKey: 'k' } })
    expect(refused).toMatchObject({ isError: true, _meta: { 'holdfast/error': { code: 'WRITE_MEMORY_AWAY' } } })
    expect(said).toContain('WRITE_MEMORY_AWAY')
    expect(said).not.toContain('secret-word')
    await client.close()
    await until(() => isFree(Number(SANDBOX_PORT)))
  })

  it('serves over HTTP when it is given a port', async () => {
    const { SANDBOX_PORT } = await freePorts()
    const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
    const child = spawn(process.execPath, [...ARGS, 'apollo', '--port', '0'], {
      env: { PATH, NODE_COMPILE_CACHE, SANDBOX_PORT },
    })
    try {
      let out = ''
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => (out += String(chunk)))
      child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)))
      await until(() => said.includes('/mcp'))
      const [url = ''] = /http:\S+/.exec(said) ?? []
      const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode: 'auto' } })
      await client.connect(new StreamableHTTPClientTransport(new URL(url)))
      const found = await client.callTool({ name: 'search_people', arguments: { titles: ['CFO'], perPage: 2 } })
      expect(found.structuredContent).toMatchObject({ items: [expect.anything(), expect.anything()] })
      await client.close()
      expect(out).toBe('')
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await expect(ended).resolves.toEqual([0, null])
    } finally {
      child.kill('SIGKILL')
    }
  })
})
