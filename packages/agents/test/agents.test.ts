import { defineAgent } from '@holdfast/agents/agents'
import type { AgentOptions, AgentStep, AgentToolOptions } from '@holdfast/agents/agents'
import { failover } from '@holdfast/ai'
import { fakeClock } from '@holdfast/core/testing'
import { tool } from 'ai'
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

type Reply = { readonly text: string } | { readonly call: string; readonly input: unknown } | 'hang'

const usage = {
  inputTokens: { total: 1_000, noCache: 1_000, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 100, text: 100, reasoning: undefined },
}

/** A model that gives these replies, the last one for ever. */
function model(...replies: readonly Reply[]): MockLanguageModelV4 {
  let calls = 0
  return new MockLanguageModelV4({
    modelId: 'gpt-x',
    doGenerate: ({ abortSignal }) => {
      const reply = replies[Math.min(calls, replies.length - 1)]!
      calls += 1
      if (reply === 'hang')
        return new Promise((_, reject) =>
          abortSignal?.addEventListener('abort', () => reject(abortSignal.reason as Error)),
        )
      const isText = 'text' in reply
      return Promise.resolve({
        content: [
          isText
            ? { type: 'text', text: reply.text }
            : {
                type: 'tool-call',
                toolCallId: `call-${calls}`,
                toolName: reply.call,
                input: JSON.stringify(reply.input),
              },
        ],
        finishReason: { unified: isText ? 'stop' : 'tool-calls', raw: undefined },
        usage,
        warnings: [],
      })
    },
  })
}

const search: Reply = { call: 'search', input: { to: 'KMIA' } }
const prices = { 'gpt-x': { inputPerMillion: 1, outputPerMillion: 10 } }

function agentOf(replies: readonly Reply[], options: Partial<AgentOptions<string, never>> = {}) {
  const seen: AgentToolOptions[] = []
  const llm = model(...replies)
  const agent = defineAgent<string, never>({
    name: 'search',
    description: 'Finds flights.',
    model: llm,
    instructions: 'You find flights.',
    prices,
    tools: {
      search: tool({
        inputSchema: z.object({ to: z.string() }),
        execute: (_, given) => {
          seen.push(given as unknown as AgentToolOptions)
          return ['G-IV']
        },
      }),
    },
    ...options,
  })
  return { agent, seen, llm }
}

describe('an agent', () => {
  it('uses its tools and answers, and tells its steps, tokens and cost', async () => {
    const { agent, llm } = agentOf([search, { text: 'One jet.' }])
    const steps: AgentStep[] = []
    const result = await agent.run('To Miami', { onStep: (step) => steps.push(step), tenant: 'acme', requestId: 'r-1' })
    expect(result).toMatchObject({
      agent: 'search',
      status: 'completed',
      output: 'One jet.',
      usage: { inputTokens: 2_000, outputTokens: 200 },
      cost: 0.004,
    })
    expect(result.steps).toEqual(steps)
    expect(steps.map(({ number, tools }) => [number, tools])).toEqual([
      [1, [{ name: 'search', input: { to: 'KMIA' }, ok: true }]],
      [2, []],
    ])
    expect(llm.doGenerateCalls[0]?.providerOptions).toEqual({ holdfast: { tenant: 'acme', requestId: 'r-1' } })
  })

  it('gives its tools a key that is the same when the run is done again, and another for another deed', async () => {
    const replies: Reply[] = [search, { call: 'search', input: { to: 'KTEB' } }, { text: 'Done.' }]
    const keys: string[] = []
    for (const idempotencyKey of ['run-1', 'run-1', 'run-2']) {
      const { agent, seen } = agentOf(replies)
      await agent.run('x', { idempotencyKey, tenant: 'acme' })
      expect(seen[0]).toMatchObject({ tenant: 'acme' })
      keys.push(...seen.map((one) => one.idempotencyKey))
    }
    expect(keys.slice(0, 2)).toEqual(keys.slice(2, 4))
    expect(new Set(keys).size).toBe(4)
  })

  it('answers in the form that was asked for', async () => {
    const output = z.object({ jets: z.array(z.string()) })
    const make = (text: string) =>
      defineAgent({ name: 'ranker', description: 'Ranks.', model: model({ text }), instructions: 'Rank.', output })
    expect(await make('{"jets":["G-IV"]}').run('x')).toMatchObject({ output: { jets: ['G-IV'] } })
    for (const wrong of ['{"jets":7}', 'sorry', '']) {
      await expect(make(wrong).run('x')).rejects.toMatchObject({ code: 'AGENT_OUTPUT_INVALID', category: 'malformed' })
    }
  })

  it('refuses what it does not take', async () => {
    const agent = defineAgent({
      name: 'ranker',
      description: 'Ranks.',
      model: model({ text: 'ok' }),
      instructions: ({ n }) => `Rank ${n}.`,
      input: z.object({ n: z.number() }),
    })
    expect(await agent.run({ n: 1 })).toMatchObject({ output: 'ok' })
    await expect(agent.run({ n: 'x' } as never)).rejects.toMatchObject({ code: 'AGENT_INPUT_INVALID' })
  })

  it.each([
    ['steps', { maxSteps: 2 }, 2],
    ['tokens', { maxTokens: 2_000 }, 2],
    ['cost', { maxCost: 0.004 }, 2],
  ] as const)('ends at its limit on %s, with an error or marked as partial', async (limit, options, calls) => {
    const failing = agentOf([search], options)
    await expect(failing.agent.run('x')).rejects.toMatchObject({ code: 'AGENT_LIMIT_REACHED', cause: { limit } })
    expect(failing.llm.doGenerateCalls).toHaveLength(calls)
    const partial = agentOf([search], { ...options, onLimit: 'partial' })
    expect(await partial.agent.run('x')).toMatchObject({ status: 'partial', limit })
  })

  it('that has answered in its last step has answered', async () => {
    const { agent } = agentOf([search, { text: 'One jet.' }], { maxSteps: 2 })
    expect(await agent.run('x')).toMatchObject({ status: 'completed', output: 'One jet.' })
  })

  it.each([
    [{ timeoutMs: 3_000 }, {}],
    [{}, { deadlineMs: 3_000 }],
  ])('ends when its time is up (%j, %j), whatever it is at', async (options, more) => {
    const hanging = {
      search: tool({ inputSchema: z.object({ to: z.string() }), execute: () => new Promise<string>(() => undefined) }),
    }
    for (const replies of [['hang'], [search]] as const) {
      const clock = fakeClock()
      const { agent } = agentOf(replies, { ...options, clock, tools: hanging })
      const answer = expect(agent.run('x', more)).rejects.toMatchObject({
        code: 'AGENT_LIMIT_REACHED',
        category: 'timeout',
      })
      await clock.advance(3_000)
      await answer
      expect(clock.pending).toBe(0)
    }
  })

  it('ends at once with the reason of its caller', async () => {
    const { agent } = agentOf(['hang'])
    const caller = new AbortController()
    const reason = new Error('hung up')
    const answer = agent.run('x', { signal: caller.signal })
    caller.abort(reason)
    await expect(answer).rejects.toBe(reason)
  })

  it('tells the model of a tool that fails, without secrets, and goes on', async () => {
    const { agent, llm } = agentOf([search, { text: 'The search is down.' }], {
      tools: {
        search: tool({
          inputSchema: z.object({ to: z.string() }),
          execute: (): string => {
            throw new Error('Authorization: Bearer abcdefghijklmnop1234 failed')
          },
        }),
      },
    })
    const { steps } = await agent.run('x')
    expect(steps[0]?.tools).toMatchObject([{ name: 'search', ok: false }])
    const told = JSON.stringify(llm.doGenerateCalls[1]?.prompt)
    expect(told).toContain('failed')
    expect(told).not.toContain('abcdefghijklmnop1234')
  })

  it('fails with what its model failed with', async () => {
    const broken = new MockLanguageModelV4({
      doGenerate: () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })),
    })
    await expect(agentOf([], { model: broken }).agent.run('x')).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
  })

  it('takes the cost and the provenance of a failover', async () => {
    const streaming = new MockLanguageModelV4({
      doStream: () =>
        Promise.resolve({
          stream: simulateReadableStream({
            chunks: [
              { type: 'stream-start', warnings: [] },
              { type: 'text-start', id: 't' },
              { type: 'text-delta', id: 't', delta: 'ok' },
              { type: 'text-end', id: 't' },
              { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage },
            ],
          }),
        }),
    })
    const llm = failover([{ name: 'first', model: streaming, price: { inputPerMillion: 2, outputPerMillion: 0 } }], {
      name: 'desk',
    })
    const result = await agentOf([], { model: llm, prices: {}, maxCost: 1 }).agent.run('x')
    expect(result).toMatchObject({ cost: 0.002, provenance: { assistant: 'desk' } })
  })

  it('with a limit on cost does not work for what has no price', async () => {
    await expect(agentOf([search], { prices: {}, maxCost: 1 }).agent.run('x')).rejects.toMatchObject({
      code: 'AGENT_COST_UNKNOWN',
    })
  })

  it.each([
    [{ name: 'No Name' }, /name must be/],
    [{ maxSteps: 0 }, /maxSteps must be a whole number from 1 to 100, but is 0/],
    [{ maxCost: 0 }, /maxCost/],
    [{ onLimit: 'x' as never }, /onLimit/],
    [{ prices: { a: { inputPerMillion: -1, outputPerMillion: 0 } } }, /prices\.a\.inputPerMillion/],
  ])('with %j is refused', (options, message) => {
    expect(() => agentOf([], options)).toThrow(message)
  })
})
