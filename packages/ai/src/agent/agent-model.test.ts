import { HoldfastError, createIntegration } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { tool } from 'ai'
import type { ToolSet } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { guarded, provenanceOf, tierList } from '../index.ts'
import { ask, call, drain, finish, open, say, scripted, shut, start, whole } from '../../test/scripted-model.ts'
import type { Script, ScriptedModel } from '../../test/scripted-model.ts'
import { agentModel } from './agent-model.ts'
import type { AgentModelOptions } from './options.ts'
import { idempotencyKey } from './context.ts'
import type { AgentContext } from './context.ts'

const search = call('search', { to: 'KMIA' })
const found: Script = { steps: [start, ...search, finish('tool-calls')] }

interface SetUp {
  readonly clock: ReturnType<typeof fakeClock>
  readonly llm: ScriptedModel
  readonly runs: unknown[]
  readonly agent: ReturnType<typeof agentModel>
}

function setUp(scripts: readonly Script[], options: Partial<AgentModelOptions> = {}): SetUp {
  const clock = fakeClock()
  const llm = scripted(clock, scripts, 'gpt-x')
  const runs: unknown[] = []
  const tools = (context: AgentContext): ToolSet => ({
    search: tool({
      inputSchema: z.object({ to: z.string() }),
      execute: (input, { abortSignal }) => {
        runs.push({ input, signal: abortSignal, requestId: context.requestId })
        return ['G-IV', 'CJ3']
      },
    }),
  })
  const agent = agentModel({ name: 'agent', model: llm, tools, instructions: 'You sell flights.', clock, ...options })
  return { clock, llm, runs, agent }
}

const holdfast = { requestId: 'r-1', tenant: 't' }

describe('an agent', () => {
  it('uses its tools and lets out only the final text', async () => {
    const { agent, runs, llm } = setUp([found, whole('Two jets: ', 'G-IV and CJ3.')])
    const { text, types, parts } = await drain(
      (await agent.doStream(ask('x', { providerOptions: { holdfast } }))).stream,
    )
    expect(text).toBe('Two jets: G-IV and CJ3.')
    expect(new Set(types)).toEqual(new Set(['stream-start', 'text-start', 'text-delta', 'text-end', 'finish']))
    expect(runs).toMatchObject([{ input: { to: 'KMIA' }, requestId: 'r-1' }])
    expect(runs[0]).toHaveProperty('signal', expect.any(AbortSignal))
    expect(parts.at(-1)).toMatchObject({
      finishReason: { unified: 'stop' },
      usage: { inputTokens: { total: 6 }, outputTokens: { total: 20 } },
      providerMetadata: { holdfast: { servedBy: 'llm:gpt-x' } },
    })
    const second = llm.calls[1]?.options.prompt
    expect(second?.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'tool'])
  })

  it('streams text as it comes', async () => {
    const { agent, clock } = setUp(
      [{ steps: [start, open, say('one '), { wait: 1_000 }, say('two'), shut, finish()] }],
      {
        preambleChars: 0,
      },
    )
    const reader = (await agent.doStream(ask())).stream.getReader()
    const first: string[] = []
    for (let count = 0; count < 3; count += 1) {
      const { value } = await reader.read()
      first.push(value?.type === 'text-delta' ? value.delta : (value?.type ?? ''))
    }
    expect(first).toEqual(['stream-start', 'text-start', 'one '])
    const next = reader.read()
    await clock.advance(1_000)
    expect((await next).value).toMatchObject({ delta: 'two' })
    await reader.cancel()
  })

  it('drops what is said before a tool call, when it is short', async () => {
    const chatty: Script = { steps: [start, open, say('Let me look that up. '), shut, ...search, finish('tool-calls')] }
    const { agent } = setUp([chatty, whole('Two jets.')])
    expect((await drain((await agent.doStream(ask())).stream)).text).toBe('Two jets.')
  })

  it('keeps what was long before a tool call as a paragraph of its own', async () => {
    const essay = 'x'.repeat(200)
    const chatty: Script = { steps: [start, open, say(essay), shut, ...search, finish('tool-calls')] }
    const { agent } = setUp([chatty, whole('Two jets.')])
    expect((await drain((await agent.doStream(ask())).stream)).text).toBe(`${essay}\n\nTwo jets.`)
  })

  it('passes the conversation, the system text and the settings of its caller', async () => {
    const { agent, llm } = setUp([whole('ok')])
    const options = ask(['first', 'second'], { temperature: 0.1, maxOutputTokens: 50, headers: { a: 'b' } })
    options.prompt.unshift({ role: 'system', content: 'Answer in German.' })
    options.prompt.splice(2, 0, { role: 'assistant', content: [{ type: 'text', text: 'reply' }] })
    await agent.doGenerate(options)
    const sent = llm.calls[0]?.options
    expect(sent?.prompt).toMatchObject([
      { role: 'system', content: 'You sell flights.' },
      { role: 'system', content: 'Answer in German.' },
      { role: 'user', content: [{ text: 'first' }] },
      { role: 'assistant', content: [{ text: 'reply' }] },
      { role: 'user', content: [{ text: 'second' }] },
    ])
    expect(sent).toMatchObject({ temperature: 0.1, maxOutputTokens: 50, headers: { a: 'b' } })
  })

  it('warns that it takes no tools and no schema of its caller', async () => {
    const { agent } = setUp([whole('ok')])
    const { warnings } = await agent.doGenerate(
      ask('x', {
        responseFormat: { type: 'json' },
        tools: [{ type: 'function', name: 'theirs', inputSchema: { type: 'object' } }],
      }),
    )
    expect(warnings).toMatchObject([{ feature: 'tools' }, { feature: 'responseFormat' }])
  })

  it('has to answer in its last step', async () => {
    const { agent, llm } = setUp([found, found, whole('That is all I found.')], { maxSteps: 3 })
    const { content } = await agent.doGenerate(ask())
    expect(content).toEqual([{ type: 'text', text: 'That is all I found.' }])
    expect(llm.calls.map(({ options }) => options.toolChoice?.type)).toEqual(['auto', 'auto', 'none'])
  })

  it('tells the model of a tool that throws, and goes on', async () => {
    const { agent, llm } = setUp([found, whole('The search is down.')], {
      tools: {
        search: tool({
          inputSchema: z.object({ to: z.string() }),
          execute: (): string => {
            throw new Error('down')
          },
        }),
      },
    })
    expect((await agent.doGenerate(ask())).content).toEqual([{ type: 'text', text: 'The search is down.' }])
    expect(llm.calls).toHaveLength(2)
  })

  const broken: Record<string, [readonly Script[], string]> = {
    'the model cannot be reached': [
      [{ reject: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }],
      'CONNECTION_REFUSED',
    ],
    'a later step cannot be reached': [
      [found, { reject: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }],
      'CONNECTION_REFUSED',
    ],
    'an error part comes in the middle': [
      [{ steps: [start, open, say('HALF '), { type: 'error', error: { statusCode: 529 } }] }],
      'HTTP_529',
    ],
    'the stream breaks': [
      [{ steps: [start, open, say('HALF '), { throw: { code: 'ECONNRESET' } }] }],
      'CONNECTION_LOST',
    ],
    'the stream closes without a finish': [[{ steps: [start, open, say('HALF ')] }], 'STREAM_INCOMPLETE'],
    'a later step closes without a finish': [[found, { steps: [start, open, say('HALF ')] }], 'STREAM_INCOMPLETE'],
    'a step finishes with reason error': [
      [{ steps: [start, open, say('HALF '), finish('error')] }],
      'FINISHED_WITH_ERROR',
    ],
    'no step has any text': [[found, { steps: [start, finish()] }], 'EMPTY_ANSWER'],
  }
  for (const [when, [scripts, code]] of Object.entries(broken)) {
    it(`fails when ${when}, and never ends cleanly`, async () => {
      for (const preambleChars of [0, 120]) {
        const { agent, llm } = setUp(scripts, { preambleChars })
        const error: unknown = await drain((await agent.doStream(ask())).stream).then(
          undefined,
          (thrown: unknown) => thrown,
        )
        expect(HoldfastError.isInstance(error)).toBe(true)
        expect(error).toMatchObject({ code, mayHaveTakenEffect: false })
        expect(llm.calls).toHaveLength(scripts.length)
        await expect(setUp(scripts).agent.doGenerate(ask())).rejects.toMatchObject({ code })
      }
    })
  }

  it('runs out of time', async () => {
    const { agent, clock, llm } = setUp([{ steps: [start, 'hang'] }], { timeoutMs: 3_000 })
    const answer = expect(agent.doGenerate(ask())).rejects.toMatchObject({ code: 'AGENT_TIMEOUT', category: 'timeout' })
    await clock.advance(3_000)
    await answer
    expect(llm.calls[0]?.ended).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('stops at once when its caller gives up or its reader leaves', async () => {
    const { agent, clock, llm } = setUp([{ steps: [start, open, say('x'.repeat(200)), 'hang'] }], { timeoutMs: 3_000 })
    const caller = new AbortController()
    const answer = expect(agent.doGenerate(ask('x', { abortSignal: caller.signal }))).rejects.toBe('gone')
    await clock.settle()
    caller.abort('gone')
    await answer
    await clock.settle()
    expect(llm.calls[0]?.ended).toBe(true)

    const reader = (await agent.doStream(ask())).stream.getReader()
    for (let count = 0; count < 3; count += 1) await reader.read()
    await reader.cancel()
    await clock.settle()
    expect(llm.calls[1]?.ended).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('does not wait for a tool that does not listen', async () => {
    const { agent, clock } = setUp([found, whole('never')], {
      timeoutMs: 3_000,
      tools: {
        search: tool({
          inputSchema: z.object({ to: z.string() }),
          execute: () => new Promise<string>(() => undefined),
        }),
      },
    })
    const answer = expect(agent.doGenerate(ask())).rejects.toMatchObject({ code: 'AGENT_TIMEOUT' })
    await clock.advance(3_000)
    await answer
  })

  it('says whether a tool of it may have taken effect, and that such an answer is not to be remembered', async () => {
    const writing = (context: AgentContext): ToolSet => ({
      search: tool({
        inputSchema: z.object({ to: z.string() }),
        execute: () => {
          context.takesEffect()
          return 'done'
        },
      }),
    })
    const { agent } = setUp([found, whole('Done.')], { tools: writing })
    expect((await agent.doGenerate(ask())).providerMetadata).toMatchObject({ holdfast: { rememberable: false } })
    const failing = setUp([found, { steps: [start] }], { tools: writing })
    await expect(failing.agent.doGenerate(ask())).rejects.toMatchObject({ mayHaveTakenEffect: true })
  })

  it('knows what was tried before it', async () => {
    let seen: AgentContext | undefined
    const { agent, clock } = setUp([whole('ok')], {
      instructions: (context) => {
        seen = context
        return 'x'
      },
    })
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'n8n', model: scripted(clock, { reject: new Error('cut') }) },
        { name: 'direct', model: agent },
      ],
    })
    const { providerMetadata } = await list.doGenerate(ask('x', { providerOptions: { holdfast } }))
    expect(provenanceOf(providerMetadata)).toMatchObject({ tier: 'direct', servedBy: 'llm:gpt-x' })
    expect(seen).toMatchObject({
      requestId: 'r-1',
      tenant: 't',
      mayHaveTakenEffect: true,
      priorAttempts: [{ tier: 'n8n' }],
    })
  })

  it('rejects, and does not throw, when its own functions throw', async () => {
    const { agent } = setUp([whole('x')], {
      instructions: () => {
        throw new Error('bug')
      },
    })
    await expect(agent.doStream(ask())).rejects.toThrow('bug')
  })
})

describe('an idempotency key', () => {
  it('is the same for the same deed of the same request, and for no other', async () => {
    const key = await idempotencyKey(holdfast, 'quote', { a: 1, b: { c: [1, 2], d: 2 } })
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(await idempotencyKey(holdfast, 'quote', { b: { d: 2, c: [1, 2] }, a: 1 })).toBe(key)
    for (const other of [
      idempotencyKey(holdfast, 'quote', { a: 1, b: { c: [2, 1], d: 2 } }),
      idempotencyKey(holdfast, 'other', { a: 1, b: { c: [1, 2], d: 2 } }),
      idempotencyKey({ ...holdfast, requestId: 'r-2' }, 'quote', { a: 1, b: { c: [1, 2], d: 2 } }),
      idempotencyKey({ ...holdfast, tenant: 'u' }, 'quote', { a: 1, b: { c: [1, 2], d: 2 } }),
    ]) {
      expect(await other).not.toBe(key)
    }
  })
})

describe('an agent that uses up the time of its tier', () => {
  it('is not held against the tool that had just begun when the model had taken all the time', async () => {
    const clock = fakeClock()
    const crm = createIntegration({ name: 'crm', clock })
    const llm = createIntegration({ name: 'llm', clock })
    const thinking = { steps: [{ wait: 900 }, start, ...search, finish('tool-calls')] } as const
    const agent = agentModel({
      name: 'agent',
      model: guarded(scripted(clock, thinking), llm),
      instructions: 'You sell flights.',
      tools: {
        search: tool({
          inputSchema: z.object({ to: z.string() }),
          execute: (_, { abortSignal }) =>
            crm.call(() => new Promise<string>(() => undefined), { signal: abortSignal! }),
        }),
      },
      clock,
    })
    const tiers = [
      { name: 'agent', model: agent, timeoutMs: 1_000 },
      { name: 'next', model: scripted(clock, whole('next')) },
    ]
    const answer = tierList({ name: 'desk', clock, tiers }).doGenerate(ask())
    for (let step = 0; step < 10; step += 1) await clock.advance(100)
    await answer
    expect(crm.snapshot()).toMatchObject({ totals: { attempts: 1 }, window: { calls: 0 } })
  })
})
