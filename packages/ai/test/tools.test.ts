import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { provenanceOf, tierList } from '../src/index.ts'
import { ask, call, drain, finish, open, say, scripted, shut, start, whole } from './scripted-model.ts'
import type { Script } from './scripted-model.ts'

describe('tool calls in a tier list', () => {
  it('count as an answer', async () => {
    const clock = fakeClock()
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: scripted(clock, { steps: [start, ...call('book', { seats: 4 }), finish('tool-calls')] }) },
      ],
    })
    const { types, parts } = await drain((await list.doStream(ask())).stream)
    expect(types).toEqual([
      'stream-start',
      'tool-input-start',
      'tool-input-delta',
      'tool-input-end',
      'tool-call',
      'finish',
    ])
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: 'tool-calls' } })
  })

  it('of an attempt that fails never come out', async () => {
    const clock = fakeClock()
    const failing: readonly Script[] = [
      { steps: [start, ...call('book', {}), { type: 'error', error: new Error('x') }] },
      { steps: [start, ...call('book', {}), { throw: new Error('x') }] },
      { steps: [start, ...call('book', {})] },
    ]
    for (const script of failing) {
      const list = tierList({
        name: 'desk',
        clock,
        tiers: [
          { name: 'a', model: scripted(clock, script) },
          {
            name: 'b',
            model: scripted(clock, { steps: [start, ...call('book', {}, 'call-b'), finish('tool-calls')] }),
          },
        ],
      })
      const { parts } = await drain((await list.doStream(ask())).stream)
      expect(parts.filter((part) => part.type === 'tool-call').map((part) => part.toolCallId)).toEqual(['call-b'])
    }
  })

  it('of an answer that breaks off after its first words never come out', async () => {
    const clock = fakeClock()
    const script: Script = {
      steps: [start, open, say('Booking '), shut, ...call('book', {}), { throw: new Error('x') }],
    }
    const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: scripted(clock, script) }] })
    const { types } = await drain((await list.doStream(ask())).stream)
    expect(types).toEqual(['stream-start', 'text-start', 'text-delta', 'text-end', 'error', 'finish'])
  })

  it('wait for the finish while text goes on', async () => {
    const clock = fakeClock()
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        {
          name: 'a',
          model: scripted(clock, {
            steps: [start, open, say('one '), ...call('book', {}), say('two'), shut, finish('tool-calls')],
          }),
        },
      ],
    })
    const { types, text } = await drain((await list.doStream(ask())).stream)
    expect(text).toBe('one two')
    expect(types.slice(-5)).toEqual(['tool-input-start', 'tool-input-delta', 'tool-input-end', 'tool-call', 'finish'])
  })

  it('are part of what doGenerate returns, in their place', async () => {
    const clock = fakeClock()
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        {
          name: 'a',
          model: scripted(clock, {
            steps: [start, open, say('Let me see'), shut, ...call('book', { a: 1 }), finish('tool-calls')],
          }),
        },
      ],
    })
    expect((await list.doGenerate(ask())).content).toEqual([
      { type: 'text', text: 'Let me see' },
      { type: 'tool-call', toolCallId: 'call-1', toolName: 'book', input: '{"a":1}' },
    ])
  })

  it('that never end are bounded', async () => {
    const clock = fakeClock()
    const endless = Array.from(
      { length: 200 },
      () => ({ type: 'tool-input-delta', id: 'x', delta: '{'.repeat(50) }) as const,
    )
    const list = tierList({
      name: 'desk',
      clock,
      maxHeldBytes: 4_096,
      tiers: [
        { name: 'a', model: scripted(clock, { steps: [start, ...endless, finish()] }) },
        { name: 'b', model: scripted(clock, whole('b')) },
      ],
    })
    const provenance = provenanceOf((await list.doGenerate(ask())).providerMetadata)
    expect(provenance?.attempts[0]).toMatchObject({ code: 'ANSWER_TOO_LARGE' })
  })
})
