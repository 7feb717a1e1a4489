import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { failover } from '../../src/index.ts'
import type { FailoverModel } from '../../src/index.ts'
import { ask, drain, finish, open, say, scripted, shut, whole } from '../scripted-model.ts'
import type { Script, ScriptedModel } from '../scripted-model.ts'
import { apiError } from './models.ts'

const clock = fakeClock()

function from(provider: string, script: Script): ScriptedModel {
  return Object.assign(scripted(clock, script, provider.replaceAll('.', '-')), { provider })
}

/** An earlier turn of OpenAI's, with a call of a function. */
const history: LanguageModelV4CallOptions['prompt'] = [
  ...ask('How many seats?').prompt,
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Look it up.', providerOptions: { openai: { itemId: 'rs_1' } } },
      {
        type: 'tool-call',
        toolCallId: 'call_abc',
        toolName: 'seats',
        input: {},
        providerOptions: { openai: { itemId: 'fc_1' } },
      },
    ],
  },
  {
    role: 'tool',
    content: [{ type: 'tool-result', toolCallId: 'call_abc', toolName: 'seats', output: { type: 'text', value: '4' } }],
  },
]

const request = ask('', {
  prompt: history,
  maxOutputTokens: 9_000,
  providerOptions: { openai: { store: false }, mistral: { safePrompt: true } },
  tools: [{ type: 'provider', id: 'openai.web_search', name: 'search', args: {} }],
})

describe('a failover from one provider to another', () => {
  it('asks each in its own dialect, and leaves the request of the caller alone', async () => {
    const before = structuredClone(request)
    const openai = from('openai.responses', { reject: apiError(503) })
    const mistral = from('mistral.chat', whole('Four.'))
    const model = failover([openai, { model: mistral, maxOutputTokens: 4_096 }], { clock })
    const { content, warnings } = await model.doGenerate(request)
    expect(content).toMatchObject([{ text: 'Four.' }])
    expect(openai.calls[0]?.options.prompt).toBe(request.prompt)
    expect(openai.calls[0]?.options).toMatchObject({
      maxOutputTokens: 9_000,
      providerOptions: { openai: { store: false } },
      tools: request.tools,
    })
    const { prompt, providerOptions, tools, maxOutputTokens } = mistral.calls[0]!.options
    const [, call, result] = prompt as unknown as { content: { type: string; toolCallId: string }[] }[]
    expect(call?.content).toHaveLength(1)
    expect(call?.content[0]).not.toHaveProperty('providerOptions')
    expect(call?.content[0]?.toolCallId).toMatch(/^[a-zA-Z0-9]{9}$/)
    expect(result?.content[0]?.toolCallId).toBe(call?.content[0]?.toolCallId)
    expect(Object.keys(providerOptions!).toSorted()).toEqual(['holdfast', 'mistral'])
    expect([tools, maxOutputTokens]).toEqual([undefined, 4_096])
    expect(warnings.map((warning) => (warning as { feature: string }).feature)).toEqual([
      'provider-defined tool openai.web_search',
      'reasoning',
      'toolCallId',
      'maxOutputTokens',
    ])
    expect(request).toEqual(before)
  })

  it('says what it changed at the start of the stream, after what the model says itself', async () => {
    const own = { type: 'unsupported', feature: 'seed' } as const
    const scripts: readonly (readonly [Script, number])[] = [
      [{ steps: [{ type: 'stream-start', warnings: [own] }, open, say('Four.'), shut, finish()] }, 2],
      [{ steps: [open, say('Four.'), shut, finish()] }, 1],
    ]
    for (const [script, count] of scripts) {
      const about: FailoverModel = { model: from('anthropic.messages', script), maxOutputTokens: 4_096 }
      const model = failover([about], { clock })
      const { stream } = await model.doStream(ask('Hi', { maxOutputTokens: 9_000 }))
      const { parts, types } = await drain(stream)
      expect(types).toEqual(['stream-start', 'text-start', 'text-delta', 'text-end', 'finish'])
      expect(parts[0]).toMatchObject({ warnings: [...(count === 2 ? [own] : []), { feature: 'maxOutputTokens' }] })
    }
  })

  it('says nothing where nothing was changed, and nothing of a model that failed', async () => {
    const failing: FailoverModel = { model: from('openai.chat', { reject: apiError(500) }), maxOutputTokens: 1 }
    const model = failover([failing, from('mistral.chat', whole('Hello'))], { clock })
    expect((await model.doGenerate(ask('Hi', { maxOutputTokens: 9_000 }))).warnings).toEqual([])
  })
})
