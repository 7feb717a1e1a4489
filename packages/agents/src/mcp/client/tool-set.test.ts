import { generateText, isStepCount } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { v2Servers } from '../../../test/in-memory.ts'
import { createMcpRegistry } from './registry.ts'

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}

const DOWN = { code: 'HTTP_503', category: 'overloaded', retryable: false, mayHaveTakenEffect: false }

function setUp() {
  const signals: (AbortSignal | undefined)[] = []
  const crm = v2Servers((server) => {
    server.registerTool(
      'find.all',
      { description: 'Finds.', inputSchema: z.object({ id: z.int() }) },
      ({ id }, { mcpReq }) => {
        signals.push(mcpReq.signal)
        if (id === 0) throw new Error('there is no customer 0')
        if (id === 1) return { content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }] }
        if (id === 2)
          return { isError: true, content: [{ type: 'text', text: 'down' }], _meta: { 'holdfast/error': DOWN } }
        return { content: [{ type: 'text', text: 'x'.repeat(id) }] }
      },
    )
  })
  const registry = createMcpRegistry({
    servers: {
      crm: { transport: crm.connect },
      down: {
        transport: () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' })),
        policies: { retry: false },
      },
    },
  })
  return { registry, crm, signals }
}

/** Asks a model that calls the tool with this input, and gives what the model is told of it. */
async function told(input: object, maxChars?: number): Promise<unknown> {
  const { registry } = setUp()
  let call = 0
  const model = new MockLanguageModelV4({
    doGenerate: () =>
      Promise.resolve(
        call++ === 0
          ? {
              content: [{ type: 'tool-call', toolCallId: '1', toolName: 'crm_find_all', input: JSON.stringify(input) }],
              finishReason: { unified: 'tool-calls', raw: undefined },
              usage,
              warnings: [],
            }
          : {
              content: [{ type: 'text', text: 'done' }],
              finishReason: { unified: 'stop', raw: undefined },
              usage,
              warnings: [],
            },
      ),
  })
  const tools = await registry.tools(maxChars === undefined ? {} : { maxChars })
  await generateText({ model, tools, prompt: 'Find.', stopWhen: isStepCount(3) })
  const last = model.doGenerateCalls.at(-1)?.prompt.at(-1)
  return last?.role === 'tool' ? last.content[0] : last
}

describe('the tools for an agent', () => {
  it('are named after their server, with their own schemas; a server that is down takes none from the others', async () => {
    const { registry } = setUp()
    const tools = await registry.tools()
    expect(Object.keys(tools)).toEqual(['crm_find_all'])
    expect(tools['crm_find_all']).toMatchObject({ type: 'dynamic', description: 'Finds.' })
  })

  it('bring a model what a tool says', async () => {
    await expect(told({ id: 3 })).resolves.toMatchObject({ output: { type: 'text', value: 'xxx' } })
  })

  it('bring it no more than it was to get', async () => {
    await expect(told({ id: 150 }, 100)).resolves.toMatchObject({
      output: { type: 'text', value: `${'x'.repeat(100)}\n[cut off: 50 more characters]` },
    })
  })

  it('bring it what a failed tool says, as an error and without a stack', async () => {
    await expect(told({ id: 0 })).resolves.toMatchObject({
      output: { type: 'error-text', value: 'there is no customer 0' },
    })
  })

  it('bring it the kinds of what is no text', async () => {
    await expect(told({ id: 1 })).resolves.toMatchObject({ output: { type: 'text', value: '[not shown: image]' } })
  })

  it('leave a failure of what is behind a tool to whoever leads the agent', async () => {
    const { registry } = setUp()
    const tools = await registry.tools()
    const call = { toolCallId: '1', messages: [], context: {} }
    const failed = Promise.resolve(tools['crm_find_all']?.execute?.({ id: 2 }, call as never))
    await expect(failed).rejects.toMatchObject({ code: 'HTTP_503', category: 'overloaded', mayHaveTakenEffect: false })
  })

  it('bring it what is wrong with its input', async () => {
    await expect(told({ id: 'x' })).resolves.toMatchObject({
      output: { type: 'error-text', value: expect.stringContaining('#/id') as string },
    })
  })

  it('can be chosen', async () => {
    const { registry } = setUp()
    await expect(registry.tools({ filter: ({ name }) => name !== 'find.all' })).resolves.toEqual({})
    await expect(registry.tools({ servers: ['down'] })).resolves.toEqual({})
    await expect(registry.tools({ servers: ['up'] })).rejects.toMatchObject({ code: 'MCP_UNKNOWN_SERVER' })
    await expect(registry.tools({ maxChars: 5 })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('are refused when two would have the same name', async () => {
    const servers = v2Servers((server) => {
      server.registerTool('a.b', {}, () => ({ content: [] }))
      server.registerTool('a_b', {}, () => ({ content: [] }))
    })
    const registry = createMcpRegistry({ servers: { crm: { transport: servers.connect } } })
    await expect(registry.tools()).rejects.toMatchObject({ code: 'MCP_TOOL_COLLISION' })
  })
})
