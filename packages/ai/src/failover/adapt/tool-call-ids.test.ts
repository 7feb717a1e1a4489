import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adapt } from './adapt.ts'
import { dialectOf } from './dialect.ts'

/** What each provider allows, in the words of its refusals. */
const rules: Readonly<Record<string, RegExp>> = {
  'anthropic.messages': /^[a-zA-Z0-9_-]+$/,
  'amazon-bedrock': /^[a-zA-Z0-9_-]{1,64}$/,
  'mistral.chat': /^[a-zA-Z0-9]{9}$/,
  'openai.chat': /^[^]{1,40}$/,
  'openai.responses': /^[^]{1,64}$/,
}

/** A history of calls and their results. */
function history(ids: readonly string[]): LanguageModelV4Prompt {
  return [
    {
      role: 'assistant',
      content: ids.map((toolCallId) => ({ type: 'tool-call', toolCallId, toolName: 't', input: {} })),
    },
    {
      role: 'tool',
      content: ids.map((toolCallId) => ({
        type: 'tool-result',
        toolCallId,
        toolName: 't',
        output: { type: 'text', value: toolCallId },
      })),
    },
  ]
}

function idsOf(prompt: LanguageModelV4Prompt, message: number): string[] {
  const content = prompt[message]?.content
  return (content as { toolCallId: string }[]).map(({ toolCallId }) => toolCallId)
}

describe('ids of tool calls', () => {
  for (const [provider, allowed] of Object.entries(rules)) {
    it(`are what ${provider} allows, the same for a call and its result, and never one for two`, () => {
      const id = fc.oneof(
        fc.string({ minLength: 1, unit: fc.constantFrom(...'aZ09_-.:/ \n€é😀') }),
        fc.uuid(),
        fc.nat().map((number) => `call_${'x'.repeat(number % 80)}.${number}`),
      )
      fc.assert(
        fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 12 }), (ids) => {
          const { call } = adapt({ prompt: history(ids) }, dialectOf(provider), undefined)
          const calls = idsOf(call.prompt, 0)
          expect(new Set(calls).size).toBe(ids.length)
          expect(idsOf(call.prompt, 1)).toEqual(calls)
          for (const [index, given] of calls.entries()) {
            expect(given).toMatch(allowed)
            if (allowed.test(ids[index]!)) expect(given).toBe(ids[index])
          }
        }),
      )
    })
  }

  it('stay the same in later turns, and give way to one that is there already', () => {
    const mapped = (ids: readonly string[]) => {
      const { call, warnings } = adapt({ prompt: history(ids) }, dialectOf('mistral.chat'), undefined)
      expect(warnings).toMatchObject([{ type: 'compatibility', feature: 'toolCallId' }])
      return idsOf(call.prompt, 0)
    }
    const [first] = mapped(['call_1'])
    expect(mapped(['call_0', 'call_1'])[1]).toBe(first)
    const [other, same] = mapped(['call_1', first!])
    expect(same).toBe(first)
    expect(other).not.toBe(first)
    expect(other).toMatch(rules['mistral.chat']!)
  })

  it('differ for 50,000 calls that are named alike', () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => `call_${index}`)
    const { call } = adapt({ prompt: history(ids) }, dialectOf('mistral.chat'), undefined)
    expect(new Set(idsOf(call.prompt, 0)).size).toBe(ids.length)
  })
})
