import { createMcpServer, defineMcpTool } from '@holdfast/agents/mcp'
import { createEvents, createIntegration, HoldfastError } from '@holdfast/core'
import type { CoreEvent } from '@holdfast/core'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createWriteMemory } from '@holdfast/connectors/writes'
import type { WriteMemory } from '@holdfast/connectors/writes'
import type { HoldfastConfig } from '../config/options.ts'
import { readEnvironment } from '../environment/environment.ts'
import type { Values } from '../environment/variables.ts'
import { openToolServers } from './tool-servers.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const desk = {
  name: 'desk',
  title: 'Desk',
  integrations: [],
  toolServers: ['avinode', 'email'],
  optionalToolServers: ['google-sheets'],
  build: () => Promise.reject(new Error('not built')),
}
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

function open(
  values: Values = {},
  toolServers: HoldfastConfig['toolServers'] = {},
  more: { readonly desks?: HoldfastConfig['desks']; readonly writeMemory?: WriteMemory } = {},
) {
  const { desks = [desk], writeMemory } = more
  const avinode = createIntegration({ name: 'avinode' })
  const servers = openToolServers({
    config: { desks, toolServers },
    environment: readEnvironment(values, { desks, toolServers }),
    integrations: [avinode],
    events: createEvents<CoreEvent>(),
    log,
    writeMemory,
  })
  ends.push(() => servers.close())
  return servers
}

describe('the tool servers of desks', () => {
  it('are the connectors, under the guards of the configuration, and such of their own', async () => {
    const { integrations, tools } = open()
    expect(tools.snapshot().map(({ name }) => name)).toEqual(['avinode', 'email', 'google-sheets'])
    expect(integrations.map(({ name }) => name)).toEqual(['resend', 'google-sheets'])
    const listed = await tools.listTools('avinode')
    expect(listed.map(({ name }) => name)).toContain('request_quotes')
  })

  it.each([
    ['teams', 'post_message', { text: 'x' }, 'Microsoft Teams'],
    ['hubspot', 'create_record', { type: 'deals', properties: { dealname: 'x' } }, 'HubSpot'],
    ['google-sheets', 'append_rows', { sheet: 'Clients', rows: [['x']] }, 'Google Sheets'],
    [
      'cal-com',
      'book_slot',
      { start: '2030-01-07T10:00:00Z', attendee: { name: 'Ada', email: 'ada@b.example', timeZone: 'Europe/Paris' } },
      'Cal.com',
    ],
    ['email', 'send_email', { to: ['ada@b.example'], subject: 'x', text: 'x' }, 'Resend'],
    ['apollo', 'add_to_sequence', { sequence: 'Winter', emails: ['ada@b.example'] }, 'Apollo'],
    [
      'avinode',
      'request_quotes',
      { segments: [{ from: 'KTEB', to: 'KMIA', date: '2030-01-07' }], passengers: 4 },
      'Avinode',
    ],
  ])('remember what %s writes where they are told to', async (server, tool, args, service) => {
    const asked: unknown[] = []
    const away = new HoldfastError({
      code: 'WRITE_MEMORY_AWAY',
      category: 'rejected',
      message: 'away',
      retryable: true,
      mayHaveTakenEffect: false,
    })
    const writeMemory: WriteMemory = {
      once({ service: of, key }) {
        asked.push({ service: of, key })
        return Promise.reject(away)
      },
    }
    const desks = [{ ...desk, toolServers: [server], optionalToolServers: [] }]
    const { tools } = open({}, {}, { desks, writeMemory })
    await expect(tools.callTool(server, tool, { ...args, idempotencyKey: 'k' })).rejects.toMatchObject({
      retryable: true,
      mayHaveTakenEffect: false,
    })
    // What was made in the sandbox was not made there.
    expect(asked).toEqual([{ service: `${service} (sandbox)`, key: 'k' }])
  })

  it('do without what is not set up, once anything else is', () => {
    const real = { AVINODE_API_TOKEN: 'a-token-of-avinode', AVINODE_ACCESS_TOKEN: 'another-of-avinode' }
    expect(
      open(real)
        .tools.snapshot()
        .map(({ name }) => name),
    ).toEqual(['avinode', 'email'])
  })

  it('are those of others where the configuration says so, with the token that they want', async () => {
    const ping = defineMcpTool({ name: 'ping', description: 'x', input: z.object({}), run: () => 'pong' })
    const token = 'a-token-of-the-test'
    const theirs = await createMcpServer({ name: 'theirs', version: '1.0.0', tools: [ping] }).listen({ token })
    ends.push(() => theirs.close())
    const toolServers = { avinode: { url: theirs.url, tokenVariable: 'TOOLS_TOKEN' } }
    const { integrations, tools } = open({ TOOLS_TOKEN: token }, toolServers)
    expect((await tools.callTool('avinode', 'ping')).text).toBe('pong')
    expect(integrations.map(({ name }) => name)).toEqual(['resend', 'mcp-avinode'])
  })

  it('of others remember what they write under a key, too, and nothing else', async () => {
    let made = 0
    const order = defineMcpTool({
      name: 'order',
      description: 'x',
      input: z.object({ what: z.string(), idempotencyKey: z.string().optional() }),
      run: () => String((made += 1)),
    })
    const theirs = await createMcpServer({ name: 'theirs', version: '1.0.0', tools: [order] }).listen()
    ends.push(() => theirs.close())
    const { tools } = open({}, { avinode: { url: theirs.url } }, { writeMemory: createWriteMemory() })
    const call = async (args: object): Promise<string> => (await tools.callTool('avinode', 'order', { ...args })).text
    const once = { what: 'x', idempotencyKey: 'k' }
    expect([await call(once), await call(once), await call({ what: 'x' }), await call({ what: 'x' })]).toEqual([
      '1',
      '1',
      '2',
      '3',
    ])
    await expect(call({ ...once, what: 'y' })).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  })

  it('are programs that get the variables which are named, and no others', async () => {
    const script = `
      const lines = require('node:readline').createInterface({ input: process.stdin })
      const results = {
        initialize: { protocolVersion: '2025-06-18', serverInfo: { name: 'x', version: '1' }, capabilities: { tools: {} } },
        'tools/list': { tools: [{ name: 'env', inputSchema: { type: 'object' } }] },
        'tools/call': { content: [{ type: 'text', text: [process.env.MINE, process.env.OTHER].join() }] },
      }
      lines.on('line', (line) => {
        const { id, method } = JSON.parse(line)
        if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? {} }))
      })`
    const toolServers = { avinode: { command: process.execPath, args: ['-e', script], variables: ['MINE'] } }
    const { tools } = open({ MINE: 'a-value-of-mine', OTHER: 'another' }, toolServers)
    expect((await tools.callTool('avinode', 'env')).text).toBe('a-value-of-mine,')
  })
})
