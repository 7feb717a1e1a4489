import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { createAnswerMemory } from './create-answer-memory.ts'
import type { RememberedAnswer } from './answer-memory.ts'
import { normalise } from './question-key.ts'
import { ask } from '../../test/scripted-model.ts'

function answer(text = 'Yes.'): RememberedAnswer {
  return { text, tier: 'a', servedBy: 'x', at: 0 }
}

function of(tenant: string): { providerOptions: { holdfast: { tenant: string } } } {
  return { providerOptions: { holdfast: { tenant } } }
}

/** A question about what was said, or found by a tool, before. */
function followUp(said: string, found?: string): LanguageModelV4CallOptions {
  const asked = ask(['Which jets?', 'How much is the second?'])
  const call = { toolCallId: crypto.randomUUID(), toolName: 'find' }
  const tool: LanguageModelV4CallOptions['prompt'] =
    found === undefined
      ? []
      : [
          { role: 'assistant', content: [{ type: 'tool-call', ...call, input: {} }] },
          { role: 'tool', content: [{ type: 'tool-result', ...call, output: { type: 'text', value: found } }] },
        ]
  return {
    prompt: [
      asked.prompt[0]!,
      ...tool,
      { role: 'assistant', content: [{ type: 'text', text: said }] },
      asked.prompt[1]!,
    ],
  }
}

describe('an answer memory', () => {
  it('gives an answer back with its age', async () => {
    const clock = fakeClock()
    const memory = createAnswerMemory({ clock })
    memory.remember('desk', ask('Any jets?'), answer('Two jets.'))
    await clock.advance(90_000)
    expect(memory.recall('desk', ask('Any jets?'))).toEqual({ ...answer('Two jets.'), ageMs: 90_000 })
  })

  it('knows a question again in other case, spacing, punctuation and characters', () => {
    const memory = createAnswerMemory({ clock: fakeClock() })
    memory.remember('desk', ask('Any jets from Zürich to Nice?'), answer())
    for (const same of [
      'any jets from zürich to nice',
      '  Any   jets\nfrom ZÜRICH, to Nice ?!',
      'Any jets from Zu\u0308rich to Nice?',
      'Ａny jets from Zürich to Nice…',
    ]) {
      expect(memory.recall('desk', ask(same)), same).toBeDefined()
    }
    for (const other of ['Any jets from Nice to Zürich?', 'Any jet from Zürich to Nice?', '']) {
      expect(memory.recall('desk', ask(other)), other).toBeUndefined()
    }
  })

  it('keeps what punctuation means inside words and numbers', () => {
    expect(normalise('At 9.30, for 1,500 USD: "yes"!')).toBe('at 9.30 for 1,500 usd yes')
    expect(normalise('N123AB (G-IV)')).toBe('n123ab g-iv')
    expect(normalise('Don’t')).toBe(normalise("don't"))
    expect(normalise('9.30')).not.toBe(normalise('930'))
    expect(normalise('-5')).not.toBe(normalise('x5'))
    expect(normalise('Is it -5 (cold)?')).toBe('is it -5 cold')
    for (const sign of ['-5', '5%', '.5', '#5', '@5']) expect(normalise(sign)).not.toBe(normalise('5'))
    expect(normalise('C#?')).not.toBe(normalise('C'))
    expect(normalise('Nice - London…')).toBe(normalise('Nice: London'))
  })

  it('never shares an answer between tenants, assistants or system texts', () => {
    const memory = createAnswerMemory({ clock: fakeClock() })
    memory.remember('desk', ask('Hello', of('one')), answer())
    expect(memory.recall('desk', ask('Hello', of('one')))).toBeDefined()
    expect(memory.recall('desk', ask('Hello', of('two')))).toBeUndefined()
    expect(memory.recall('desk', ask('Hello'))).toBeUndefined()
    expect(memory.recall('other', ask('Hello', of('one')))).toBeUndefined()
    const german = ask('Hello', of('one'))
    german.prompt.unshift({ role: 'system', content: 'Answer in German.' })
    expect(memory.recall('desk', german)).toBeUndefined()
  })

  it('does not take one tenant and question for another that only reads the same when joined', () => {
    const memory = createAnswerMemory({ clock: fakeClock() })
    memory.remember('desk', ask(['a', 'b']), answer())
    expect(memory.recall('desk', ask(['a b']))).toBeUndefined()
    expect(memory.recall('desk', ask(['a","b']))).toBeUndefined()
    memory.remember('desk', ask('c', of('t","c')), answer())
    expect(memory.recall('desk', ask('c', of('t')))).toBeUndefined()
  })

  it('knows a follow-up only with the turns before it', () => {
    const memory = createAnswerMemory({ clock: fakeClock() })
    memory.remember('desk', ask(['Nice to London?', 'and on Sunday?']), answer())
    expect(memory.recall('desk', ask(['Nice to London?', 'And on Sunday']))).toBeDefined()
    expect(memory.recall('desk', ask(['Paris to Rome?', 'and on Sunday?']))).toBeUndefined()
    expect(memory.recall('desk', ask('and on Sunday?'))).toBeUndefined()
  })

  it('knows a follow-up only with the answers before it', () => {
    const memory = createAnswerMemory({ clock: fakeClock() })
    const list = 'A Citation for 18,500, and a Gulfstream for 31,000.'
    memory.remember('desk', followUp(list), answer('31,000 dollars.'))
    expect(memory.recall('desk', followUp(list.toUpperCase()))).toBeDefined()
    expect(memory.recall('desk', followUp('A Phenom for 9,000, and a Challenger for 44,000.'))).toBeUndefined()
    expect(memory.recall('desk', ask(['Which jets?', 'How much is the second?']))).toBeUndefined()
    memory.remember('desk', followUp('', 'Citation, Gulfstream'), answer('31,000 dollars.'))
    expect(memory.recall('desk', followUp('', 'Citation, Gulfstream'))).toBeDefined()
    expect(memory.recall('desk', followUp('', 'Phenom, Challenger'))).toBeUndefined()
  })

  it('knows the first question again, whatever tools are asked for its answer', () => {
    const memory = createAnswerMemory({ clock: fakeClock() })
    const { prompt } = followUp('', 'Citation, Gulfstream')
    memory.remember('desk', { prompt: prompt.slice(0, -1) }, answer('Two.'))
    expect(memory.recall('desk', { prompt: prompt.slice(0, 1) })).toBeDefined()
  })

  it('leaves out what words alone cannot tell: files, JSON, no question at all, and a book', () => {
    const memory = createAnswerMemory({ clock: fakeClock() })
    const file = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } } as const
    memory.remember(
      'desk',
      { prompt: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, file] }] },
      answer(),
    )
    memory.remember('desk', ask('x', { responseFormat: { type: 'json' } }), answer())
    memory.remember('desk', { prompt: [] }, answer())
    memory.remember('desk', ask('?!'), answer())
    memory.remember('desk', ask('x'.repeat(20_000)), answer())
    expect(memory.size).toBe(0)
  })

  it('asks what else tells a question from another', async () => {
    const clock = fakeClock()
    const keyOf = (_: unknown, now: number): string => new Date(now).toISOString().slice(0, 10)
    const memory = createAnswerMemory({ clock, keyOf })
    memory.remember('desk', ask('Any jets tomorrow?'), answer())
    await clock.advance(3_600_000)
    expect(memory.recall('desk', ask('Any jets tomorrow?'))).toBeDefined()
    await clock.advance(86_000_000)
    expect(memory.recall('desk', ask('Any jets tomorrow?'))).toBeUndefined()
  })

  it('neither remembers nor recalls when it cannot tell', () => {
    let broken = false
    const memory = createAnswerMemory({
      clock: fakeClock(),
      keyOf: () => {
        if (broken) throw new Error('x')
        return undefined
      },
    })
    memory.remember('desk', ask('x'), answer())
    broken = true
    expect(memory.recall('desk', ask('x'))).toBeUndefined()
  })

  it('is bounded in entries, bytes and age', async () => {
    const clock = fakeClock()
    const few = createAnswerMemory({ clock, maxEntries: 10 })
    for (let count = 0; count < 100; count += 1) few.remember('desk', ask(`question ${count}`), answer())
    expect(few.size).toBe(10)
    expect(few.recall('desk', ask('question 99'))).toBeDefined()
    expect(few.recall('desk', ask('question 0'))).toBeUndefined()

    const small = createAnswerMemory({ clock, maxBytes: 20_000 })
    for (let count = 0; count < 100; count += 1)
      small.remember('desk', ask(`question ${count}`), answer('x'.repeat(1_000)))
    expect(small.size).toBeLessThan(10)

    const short = createAnswerMemory({ clock, maxAgeMs: 1_000 })
    short.remember('desk', ask('x'), answer())
    await clock.advance(1_001)
    expect(short.recall('desk', ask('x'))).toBeUndefined()
  })

  it('remembers only what is worth it', () => {
    const memory = createAnswerMemory({ clock: fakeClock(), shouldRemember: ({ text }) => text.length > 5 })
    memory.remember('desk', ask('x'), answer('short'))
    memory.remember('desk', ask('y'), answer('long enough'))
    expect(memory.size).toBe(1)
    memory.clear()
    expect(memory.size).toBe(0)
  })
})
