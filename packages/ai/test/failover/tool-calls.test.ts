import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { ask, call, finish, open, say, shut, start, whole } from '../scripted-model.ts'
import type { Step } from '../scripted-model.ts'
import { bench, rejection, stream } from './models.ts'

const tools: LanguageModelV4CallOptions['tools'] = ['book', 'find'].map((name) => ({
  type: 'function',
  name,
  inputSchema: { type: 'object' },
}))
const booking = ask('Book it', { tools })
const good = { steps: [start, ...call('book', {}, 'good'), finish('tool-calls')] }
const began = call('book', {}, 'cut').slice(0, 2)

const useless: Readonly<Record<string, readonly [readonly Step[], LanguageModelV4CallOptions?]>> = {
  'two calls with one id': [[...call('book', {}, 'x'), ...call('find', {}, 'x'), finish('tool-calls')]],
  'an input that never becomes a call': [[...began, finish('stop')]],
  'an input without its call beside another call': [[...began, ...call('find', {}, 'y'), finish('tool-calls')]],
  'a call of a tool that was not offered': [[...call('cancel', {}, 'x'), finish('tool-calls')]],
  'no call where one was required': [
    [open, say('Done, it is booked.'), shut, finish()],
    { ...booking, toolChoice: { type: 'required' } },
  ],
  'a call of another tool than the one required': [
    [...call('find', {}, 'x'), finish('tool-calls')],
    { ...booking, toolChoice: { type: 'tool', toolName: 'book' } },
  ],
}

describe('an answer with', () => {
  it.each(Object.entries(useless))(
    '%s goes to the next model, and blames none',
    async (_, [steps, asked = booking]) => {
      const it = bench([{ steps: [start, ...steps] }, good])
      const { types, provenance } = await stream(it, asked)
      expect(types.filter((type) => type === 'tool-call')).toHaveLength(1)
      expect(types).not.toContain('text-delta')
      expect(provenance?.attempts).toMatchObject([
        { tier: 'a', outcome: 'failed', code: 'TOOL_CALL_INVALID', category: 'rejected' },
        { tier: 'b', outcome: 'served' },
      ])
      for (let request = 0; request < 12; request++) await stream(it, asked, 0)
      expect(it.events.filter(({ type }) => type === 'circuit-opened')).toHaveLength(0)
      expect(await rejection(stream(bench([{ steps: [start, ...steps] }]), asked))).toMatchObject({
        code: 'ALL_TIERS_FAILED',
      })
    },
  )

  it('an input that was cut off by its length is the answer, without the call', async () => {
    for (const reason of ['length', 'content-filter'] as const) {
      const it = bench([{ steps: [start, ...began, finish(reason)] }, whole('no')])
      expect(await stream(it, { ...booking, toolChoice: { type: 'required' } })).toMatchObject({ finish: reason })
    }
  })

  it('several calls of one tool under different ids is a good one', async () => {
    const steps = [start, ...call('book', {}, '1'), ...call('book', {}, '2'), finish('tool-calls')]
    const { types } = await stream(bench([{ steps }, good]), booking)
    expect(types.filter((type) => type === 'tool-call')).toHaveLength(2)
  })
})
