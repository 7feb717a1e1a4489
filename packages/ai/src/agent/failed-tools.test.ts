import { HoldfastError } from '@holdfast/core'
import type { ErrorCategory } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { tool } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ask, call, finish, scripted, start, whole } from '../../test/scripted-model.ts'
import type { Script, ScriptedModel } from '../../test/scripted-model.ts'
import { agentModel } from './agent-model.ts'

const UNAVAILABLE: readonly ErrorCategory[] = [
  'timeout',
  'network',
  'overloaded',
  'server',
  'malformed',
  'rate-limit',
  'rejected',
  'configuration',
  'auth',
  'quota',
]
const input = z.object({ to: z.string() })
const calls = (...names: string[]): Script => ({
  steps: [start, ...names.flatMap((name) => call(name, { to: 'KMIA' })), finish('tool-calls')],
})

function failure(category: ErrorCategory, mayHaveTakenEffect = false): HoldfastError {
  const message = 'Marketplace refused the connection'
  return new HoldfastError({ code: 'DOWN', category, message, retryable: true, mayHaveTakenEffect })
}

/** An agent with tools that fail (`down`), work (`up`), and write (`send`). */
function setUp(scripts: readonly Script[], error: unknown, wasSent = true) {
  const clock = fakeClock()
  const llm = scripted(clock, scripts, 'gpt-x')
  const rejects = (): string => {
    throw error
  }
  const agent = agentModel({
    name: 'agent',
    model: llm,
    instructions: 'You sell flights.',
    clock,
    tools: (context) => ({
      down: tool({ inputSchema: input, execute: rejects }),
      up: tool({ inputSchema: input, execute: () => ['CJ3'] }),
      send: tool({
        inputSchema: input,
        execute: () => {
          const undo = context.takesEffect()
          if (!wasSent) undo()
          return rejects()
        },
      }),
    }),
  })
  return { agent, llm }
}

function toldOf(llm: ScriptedModel): string {
  const message = llm.calls[1]?.options.prompt.findLast(({ role }) => role === 'tool')
  return JSON.stringify(message?.content)
}

describe('an agent whose tool fails', () => {
  it.each(UNAVAILABLE)(
    'fails with it when the service does not work (%s), and does not ask the model',
    async (category) => {
      const { agent, llm } = setUp([calls('down'), whole('Marketplace refused.')], failure(category))
      await expect(agent.doGenerate(ask())).rejects.toMatchObject({ code: 'DOWN', category, mayHaveTakenEffect: false })
      expect(llm.calls).toHaveLength(1)
    },
  )

  it.each([[calls('down', 'up')], [calls('up', 'down')]])(
    'goes on when another tool has brought something, in words for customers, and is not remembered',
    async (both) => {
      const { agent, llm } = setUp([both, whole('One jet.')], failure('network'))
      const { content, providerMetadata } = await agent.doGenerate(ask())
      expect(content).toEqual([{ type: 'text', text: 'One jet.' }])
      expect(providerMetadata).toMatchObject({ holdfast: { rememberable: false } })
      expect(toldOf(llm)).toContain('not available at the moment')
      expect(toldOf(llm)).not.toMatch(/Error|Marketplace/)
    },
  )

  it.each([failure('validation'), failure('client'), new TypeError('Marketplace refused the connection')])(
    'tells the model what was wrong with its input, without the name of a class, and does not remember it',
    async (error) => {
      const { agent, llm } = setUp([calls('down'), whole('Which airport?')], error)
      expect((await agent.doGenerate(ask())).providerMetadata).toMatchObject({ holdfast: { rememberable: false } })
      expect(toldOf(llm)).toContain('"Marketplace refused the connection"')
    },
  )

  it('fails as one that may have taken effect when a write is not confirmed, whatever else was found', async () => {
    const { agent, llm } = setUp([calls('up', 'send'), whole('Sent.')], failure('timeout', true))
    await expect(agent.doGenerate(ask())).rejects.toMatchObject({ code: 'DOWN', mayHaveTakenEffect: true })
    expect(llm.calls).toHaveLength(1)
  })

  it('fails as one that has changed nothing when a write was certainly not made', async () => {
    const { agent } = setUp([calls('send'), whole('Sent.')], failure('network'), false)
    await expect(agent.doGenerate(ask())).rejects.toMatchObject({ code: 'DOWN', mayHaveTakenEffect: false })
  })
})
