import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { fakeClock, seededRandom } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { failover, provenanceOf } from '../../src/index.ts'
import type { OnMidStream } from '../../src/index.ts'
import { ask, call, drain, finish, metadata, open, say, scripted, shut, start, whole } from '../scripted-model.ts'
import type { Script, Step } from '../scripted-model.ts'
import { apiError, bench, rejection, stream } from './models.ts'

const tool = { type: 'function', name: 'f', inputSchema: { type: 'object' } } as const

const socket = { throw: new Error('socket') } as const

/** An answer of this many words, different for each seed, with lists, repetitions and more than one language. */
function answerOf(seed: number): string {
  const random = seededRandom(seed)
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!
  const words = [
    'the',
    'jet',
    'to',
    'Nice',
    'at',
    '9.30',
    'per',
    'quattro',
    'persone,',
    'è',
    'libero',
    '—',
    '18,500',
    'dollars.',
    'Yes:',
    '“four”',
  ]
  const joints = [' ', ' ', ' ', ' ', ' ', '\n', '\n\n- ', '. ']
  let text = 'Here '
  const length = 5 + Math.floor(random() * 40)
  for (let word = 0; word < length; word++) text += pick(words) + pick(joints)
  return `${text}end.`
}

/** Cuts a text as a tokenizer does: words with the space before them, long ones in two. */
function tokensOf(text: string): string[] {
  return text.match(/\s*\S{1,5}|\s+$/g) ?? []
}

function scriptOf(tokens: readonly string[], end: readonly Step[] = [shut, finish()]): Script {
  return { steps: [start, metadata, open, ...tokens.map(say), ...end] }
}

/** What a model was shown of a broken answer, and whether it has to go on by itself or was asked to. */
function brokenOff({ prompt }: LanguageModelV4CallOptions): { said: string; anchor: string | undefined } {
  const textOf = (role: string): string | undefined => {
    const message = prompt.findLast((other) => other.role === role)
    const part = typeof message?.content === 'string' ? undefined : message?.content[0]
    return part?.type === 'text' ? part.text : undefined
  }
  return { said: textOf('assistant') ?? '', anchor: /<<<([\s\S]*)>>>$/.exec(textOf('user') ?? '')?.[1] }
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** Ways in which a model goes on with an answer: given the whole answer and what it was shown, what it says. */
const manners: Readonly<Record<string, (answer: string, shown: ReturnType<typeof brokenOff>) => string>> = {
  'begins with the anchor': (answer, { said, anchor = '' }) => {
    // It has seen all that was delivered, so it knows how much of the answer that is.
    const cut = lengthOf(answer, said)
    return anchor + answer.slice(cut)
  },
  'begins anew': (answer) => answer,
}

/** How much of `answer` has been said, when white space is not looked at. */
function lengthOf(answer: string, said: string): number {
  const want = said.replaceAll(/\s/g, '').length
  let seen = 0
  for (let at = 0; at < answer.length; at++) {
    if (seen === want) return at
    if (/\S/.test(answer[at]!)) seen += 1
  }
  return answer.length
}

/** A model that goes on with a broken answer in its manner; unbroken, it gives the answer whole. */
function second(
  clock: ReturnType<typeof fakeClock>,
  answer: string,
  manner: (typeof manners)[string],
  prefills: boolean,
) {
  const inner = scripted(clock, whole(answer), 'b')
  return Object.assign(inner, {
    doStream: async (options: LanguageModelV4CallOptions) => {
      const shown = brokenOff(options)
      const text = prefills ? answer.slice(lengthOf(answer, shown.said)) : manner(answer, shown)
      return scripted(clock, scriptOf(tokensOf(text)), 'b').doStream(options)
    },
  })
}

async function delivered(
  answer: string,
  cut: number,
  manner: (typeof manners)[string],
  prefills: boolean,
  way: Step | undefined,
) {
  const clock = fakeClock()
  const first = scriptOf(tokensOf(answer).slice(0, cut), way === undefined ? [] : [way])
  const model = failover(
    [{ model: scripted(clock, first, 'a') }, { model: second(clock, answer, manner, prefills), prefills }],
    {
      clock,
      onMidStream: 'continue',
    },
  )
  const { stream: parts } = await model.doStream(ask())
  return drain(parts)
}

const REFRAIN = 'Buonasera a tutti e benvenuti al nostro bar'
const LINE = '- a Citation XLS for eight people at 18,500 dollars\n'

/** Answers that say the same more than once, from their first words on, or have few words or none of ours. */
const repetitive: readonly string[] = [
  `${REFRAIN}. Stasera suona Anna. ${REFRAIN}. Stasera suona Anna, e poi Bruno. ${REFRAIN}!`,
  `${LINE}${LINE}${LINE}- and no other.\n${LINE}${LINE}That is all.`,
  'Row, row, row your boat, gently down the stream. '.repeat(6) + 'Life is but a dream.',
  'la '.repeat(60) + 'end.',
  '本日は満席です。明日の夜なら空いています。'.repeat(4) + 'ご予約はお早めに。',
  'Übermorgen fliegt die Größe „XLS“ für 18.500 € — vielleicht. '.repeat(3) + 'Ça va ? Вылет в 9.30 из Ниццы ✈️👩‍✈️.',
]

describe('an answer that breaks off and is continued', () => {
  const answers = [...Array.from({ length: 50 }, (_, seed) => answerOf(seed)), ...repetitive]

  for (const [how, manner] of Object.entries(manners)) {
    it(`is whole at every token of 56 answers, by a model that ${how}`, async () => {
      for (const answer of answers) {
        for (let cut = 1; cut <= tokensOf(answer).length; cut++) {
          const { text, types } = await delivered(answer, cut, manner, false, socket)
          expect(text, `${answer} at ${cut}`).toBe(answer)
          for (const type of ['stream-start', 'text-start', 'text-end', 'finish', 'response-metadata']) {
            expect(
              types.filter((other) => other === type),
              type,
            ).toHaveLength(1)
          }
          expect(types).not.toContain('error')
        }
      }
    }, 60_000)
  }

  it('is whole at every token of 56 answers, by a model that goes on by itself, but for white space', async () => {
    for (const answer of answers) {
      for (let cut = 1; cut <= tokensOf(answer).length; cut++) {
        const { text } = await delivered(answer, cut, manners['begins anew']!, true, undefined)
        expect(flat(text), `${answer} at ${cut}`).toBe(flat(answer))
      }
    }
  }, 60_000)

  it('is begun anew where the model repeats only what stands twice', async () => {
    const [answer = ''] = repetitive
    const cut = answer.indexOf(REFRAIN, 1) + REFRAIN.length
    const rest = `${REFRAIN}${answer.slice(cut)}`
    const first: Script = { steps: [start, open, say(answer.slice(0, cut)), socket] }
    for (const onMidStream of ['continue', 'continue-or-restart'] as const) {
      const it = bench(
        [
          [first, { reject: apiError(500) }],
          [whole(rest), whole(answer)],
        ],
        { onMidStream },
      )
      const { text, types, error } = await stream(it)
      if (onMidStream === 'continue') expect({ text, error }).toMatchObject({ text: answer.slice(0, cut), error: {} })
      else expect(types.filter((type) => type === 'custom')).toHaveLength(1)
    }
  })

  it('is told as what it is', async () => {
    const answer = answerOf(3)
    const it = bench([scriptOf(tokensOf(answer).slice(0, 8), [socket]), whole(answer)], { onMidStream: 'continue' })
    const { text, provenance } = await stream(it)
    expect(text).toBe(answer)
    expect(provenance).toMatchObject({
      tier: 'b',
      resumed: 'continue',
      degraded: true,
      attempts: [
        { tier: 'a', outcome: 'failed', usage: { estimated: true } },
        { tier: 'b', outcome: 'served' },
      ],
    })
    expect(
      it.events.filter(({ type }) => type.startsWith('answer') || type.startsWith('tier')).map(({ type }) => type),
    ).toEqual(['answer-started', 'tier-served', 'tier-failed', 'answer-resumed', 'answer-served'])
  })

  it('goes on after a stall, too, and by the same model when there is no other', async () => {
    const answer = answerOf(4)
    const stalls = scriptOf(tokensOf(answer).slice(0, 6), ['hang'])
    const it = bench([[stalls, whole(answer)]], { onMidStream: 'continue', idleTimeoutMs: 2_000 })
    const { text, provenance } = await stream(it)
    expect(text).toBe(answer)
    expect(provenance?.attempts.map(({ tier, code }) => [tier, code])).toEqual([
      ['a', 'IDLE_TIMEOUT'],
      ['a', undefined],
    ])
    expect(it.clock.pending).toBe(0)
  })

  it('may break off again and again', async () => {
    const answer = answerOf(5)
    const tokens = tokensOf(answer)
    const scripts = [4, 9, 14].map((cut) => scriptOf(tokens.slice(0, cut), [socket]))
    const { text, error } = await stream(bench([...scripts, whole(answer)], { onMidStream: 'continue' }))
    expect({ text, error }).toEqual({ text: answer, error: undefined })
  })

  it('ends in its error when nobody fits, and says who was tried', async () => {
    const answer = answerOf(6)
    const first = scriptOf(tokensOf(answer).slice(0, 12), [socket])
    const it = bench([[first, whole('Nor this.')], whole('Something else altogether.'), { reject: apiError(500) }], {
      onMidStream: 'continue',
    })
    const { text, error, finish: reason, provenance } = await stream(it)
    expect(text).toBe(tokensOf(answer).slice(0, 12).join(''))
    expect(error).toMatchObject({ category: 'unknown' })
    expect(reason).toBe('error')
    expect(provenance?.attempts.map(({ tier, code }) => [tier, code])).toEqual([
      ['a', 'UNKNOWN'],
      ['b', 'CONTINUATION_UNSURE'],
      ['c', 'HTTP_500'],
      ['a', 'CONTINUATION_UNSURE'],
    ])
    expect(it.events.filter(({ type }) => type === 'answer-failed')).toHaveLength(1)
    expect(it.events.filter(({ type }) => type === 'circuit-opened')).toHaveLength(0)
  })

  const thought: Step[] = [
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'Hm' },
    { type: 'reasoning-end', id: 'r' },
  ]
  it.each<[string, Partial<LanguageModelV4CallOptions>, Step[]]>([
    ['with tools', { tools: [tool] }, []],
    ['after thoughts that were shown', {}, thought],
  ])('is not tried %s', async (_, options, before) => {
    const answer = answerOf(7)
    const first: Script = { steps: [start, ...before, open, ...tokensOf(answer).slice(0, 9).map(say), socket] }
    const it = bench([first, whole(answer)], { onMidStream: 'continue' })
    expect(await stream(it, ask('x', options))).toMatchObject({
      finish: 'error',
      text: tokensOf(answer).slice(0, 9).join(''),
    })
    expect(it.models[1]?.calls).toHaveLength(0)
  })

  it('is continued although its provider has closed the text that was cut off', async () => {
    const answer = answerOf(8)
    const cut = scriptOf(tokensOf(answer).slice(0, 9), [shut, finish('interrupted')])
    const it = bench([cut, whole(answer)], { onMidStream: 'continue' })
    const { text, types, finish: reason } = await stream(it)
    expect([text, reason]).toEqual([answer, 'stop'])
    expect(types.filter((type) => /^text-(start|end)$/.test(type))).toEqual(['text-start', 'text-end'])
    const alone = await stream(bench([[cut, { reject: apiError(500) }]], { onMidStream: 'continue' }))
    expect(alone.types.slice(-3)).toEqual(['text-end', 'error', 'finish'])
  })

  it('ends at once when its reader leaves in the middle of the change', async () => {
    const answer = answerOf(8)
    const first = scriptOf(tokensOf(answer).slice(0, 9), [socket])
    const it = bench([first, { connect: 'hang' }], { onMidStream: 'continue' })
    const reader = (await it.model.doStream(ask())).stream.getReader()
    const reading = (async () => {
      while (!(await reader.read()).done);
    })()
    await it.clock.advance(50)
    await reader.cancel('enough')
    await reading
    expect(it.models[1]?.calls[0]).toMatchObject({ ended: true })
    await it.clock.advance(60_000)
    expect(it.clock.pending).toBe(0)
    expect(it.events.filter(({ type }) => type === 'answer-abandoned')).toHaveLength(1)
  })

  it('ends with its caller’s abort in the middle of the change', async () => {
    const first = scriptOf(['Half ', 'an ', 'answer'], [socket])
    const it = bench([first, { connect: 'hang' }], { onMidStream: 'continue' })
    const caller = new AbortController()
    const { stream: parts } = await it.model.doStream(ask('x', { abortSignal: caller.signal }))
    const reading = rejection(drain(parts))
    await it.clock.advance(50)
    caller.abort(new Error('hung up'))
    expect(await reading).toMatchObject({ message: 'hung up' })
    expect(it.clock.pending).toBe(0)
  })
})

describe('an answer that breaks off and begins anew', () => {
  const half = scriptOf(['Half ', 'an '], [socket])

  it('says so, closes what is open, and gives new names', async () => {
    const it = bench([half, whole('A whole one.')], { onMidStream: 'restart' })
    const { parts } = await drain((await it.model.doStream(ask())).stream)
    const kinds = parts.map((part) =>
      'id' in part && part.type !== 'response-metadata' ? `${part.type} ${part.id}` : part.type,
    )
    expect(kinds).toEqual([
      'stream-start',
      'response-metadata',
      'text-start t',
      'text-delta t',
      'text-delta t',
      'text-end t',
      'custom',
      'text-start 1-t',
      'text-delta 1-t',
      'text-end 1-t',
      'finish',
    ])
    expect(parts[6]).toEqual({ type: 'custom', kind: 'holdfast.restart' })
    const last = parts.at(-1)
    expect(provenanceOf(last?.type === 'finish' ? last.providerMetadata : undefined)).toMatchObject({
      resumed: 'restart',
      tier: 'b',
    })
  })

  it('runs the tools of the new answer only', async () => {
    const first: Script = {
      steps: [start, open, say('I shall book.'), shut, ...call('book', { seats: 1 }, 'old'), socket],
    }
    const other: Script = { steps: [start, ...call('book', { seats: 2 }, 'new'), finish('tool-calls')] }
    const it = bench([first, other], { onMidStream: 'restart' })
    const asked = ask('Book it', { tools: [{ ...tool, name: 'book' }] })
    const { parts } = await drain((await it.model.doStream(asked)).stream)
    expect(parts.filter(({ type }) => type === 'tool-call')).toMatchObject([{ toolCallId: 'new' }])
  })

  it('comes after a continuation that is not possible, where both are wanted', async () => {
    const of = async (onMidStream: OnMidStream, options = {}) => {
      const it = bench([[half, { reject: apiError(500) }], whole('A whole one.')], { onMidStream })
      return stream(it, ask('x', options))
    }
    expect(await of('continue-or-restart')).toMatchObject({ text: 'Half an A whole one.', finish: 'stop' })
    expect((await of('continue-or-restart')).types).toContain('custom')
    expect((await of('continue-or-restart', { tools: [tool] })).types).toContain('custom')
    expect((await of('continue')).types).not.toContain('custom')
  })
})
