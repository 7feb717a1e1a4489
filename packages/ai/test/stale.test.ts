import { fakeClock } from '@holdfast/core/testing'
import type { FakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { MockEmbeddingModelV4 } from 'ai/test'
import {
  createAnswerMemory,
  createSemanticMemory,
  describeProvenance,
  embeddingFailover,
  provenanceOf,
  staleTier,
  tierList,
} from '../src/index.ts'
import type { AnswerMemory, StaleTierOptions, Tier } from '../src/index.ts'
import { ask, call, drain, finish, open, say, scripted, shut, start, whole } from './scripted-model.ts'
import type { Script } from './scripted-model.ts'

const down = { reject: new Error('down') }

interface Desk {
  readonly clock: FakeClock
  readonly memory: AnswerMemory
  readonly list: ReturnType<typeof tierList>
}

/** A desk whose first tier plays `script` and is down from then on; behind it what is remembered. */
function desk(script: Script, tier: Partial<Tier> = {}, notice?: StaleTierOptions['notice']): Desk {
  const clock = fakeClock()
  const memory = createAnswerMemory({ clock })
  const list = tierList({
    name: 'desk',
    clock,
    memory,
    tiers: [
      { name: 'live', model: scripted(clock, [script, down]), ...tier },
      { name: 'stale', model: staleTier({ memory, assistant: 'desk', ...(notice === undefined ? {} : { notice }) }) },
    ],
  })
  return { clock, memory, list }
}

describe('a stale tier', () => {
  it('says again what was answered before, how old it is, and that it is stale', async () => {
    const { clock, list } = desk(whole('Two ', 'jets.'))
    await drain((await list.doStream(ask('Any jets?'))).stream)
    await clock.advance(720_000)
    const { stream, response } = await list.doStream(ask('any jets'))
    expect(response?.headers).toMatchObject({ 'x-holdfast-tier': 'stale', 'x-holdfast-age-ms': '720000' })
    const { text, types, parts } = await drain(stream)
    expect(text).toBe('This answer was given 12 minutes ago; at the moment it cannot be checked again.\n\nTwo jets.')
    expect(types).toEqual(['stream-start', 'text-start', 'text-delta', 'text-end', 'finish'])
    const last = parts.at(-1)
    expect(provenanceOf(last?.type === 'finish' ? last.providerMetadata : undefined)).toMatchObject({
      tier: 'stale',
      servedBy: 'memory',
      stale: true,
      ageMs: 720_000,
      degraded: true,
      attempts: [
        { tier: 'live', outcome: 'failed' },
        { tier: 'stale', outcome: 'served' },
      ],
    })
  })

  it('remembers what was generated, too', async () => {
    const { list } = desk(whole('Two ', 'jets.'))
    await list.doGenerate(ask('Any jets?'))
    const { content } = await list.doGenerate(ask('Any jets?'))
    expect(content[0]).toMatchObject({ text: expect.stringMatching(/Two jets\.$/) as unknown })
  })

  it('counts as skipped for a new question', async () => {
    const { list } = desk(down)
    await expect(list.doGenerate(ask('Any jets?'))).rejects.toMatchObject({
      code: 'ALL_TIERS_FAILED',
      attempts: [{ tier: 'live' }, { tier: 'stale', outcome: 'skipped', code: 'NOTHING_REMEMBERED' }],
    })
  })

  it('does not grow younger by being served', async () => {
    const { clock, list } = desk(whole('Two jets.'))
    await list.doGenerate(ask())
    await clock.advance(1_000)
    await list.doGenerate(ask())
    await clock.advance(1_000)
    expect(provenanceOf((await list.doGenerate(ask())).providerMetadata)?.ageMs).toBe(2_000)
  })

  it('puts its own notice on either side, and falls back to the default when that throws', async () => {
    const sides = desk(whole('Jets.'), {}, ({ ageMs }) => ({ before: 'Before.', after: `${ageMs} ms old.` }))
    await sides.list.doGenerate(ask())
    expect((await sides.list.doGenerate(ask())).content).toEqual([
      { type: 'text', text: 'Before.\n\nJets.\n\n0 ms old.' },
    ])
    const broken = desk(whole('Jets.'), {}, () => {
      throw new Error('x')
    })
    await broken.list.doGenerate(ask())
    expect((await broken.list.doGenerate(ask())).content[0]).toMatchObject({
      text: expect.stringContaining('This answer was given') as unknown,
    })
  })

  it('honours a caller that has given up', async () => {
    const model = staleTier({ memory: createAnswerMemory({ clock: fakeClock() }), assistant: 'desk' })
    await expect(model.doStream(ask('x', { abortSignal: AbortSignal.abort('gone') }))).rejects.toBe('gone')
  })
})

describe('a stale tier over a semantic memory', () => {
  /** All models of the list are down but for the first answer; `embed` gives the vectors. */
  function meaning(embed: () => Promise<number[]>, notice?: StaleTierOptions['notice']) {
    const clock = fakeClock()
    const model = embeddingFailover(
      [new MockEmbeddingModelV4({ doEmbed: async () => ({ embeddings: [await embed()], warnings: [] }) })],
      { clock },
    )
    const memory = createSemanticMemory({ model, clock })
    const list = tierList({
      name: 'desk',
      clock,
      memory,
      tiers: [
        { name: 'live', model: scripted(clock, [whole('Two jets.'), down]) },
        { name: 'second', model: scripted(clock, down) },
        { name: 'stale', model: staleTier({ memory, assistant: 'desk', ...(notice === undefined ? {} : { notice }) }) },
      ],
    })
    return { clock, memory, list }
  }

  const QUESTION = 'Any jets from Nice to London?'
  const SIMILAR = 'Are there jets available from Nice to London?'

  it('says the answer to a similar question while all models fail, and that it was to a similar one', async () => {
    const vectors = [
      [1, 0],
      [0.96, 0.28],
    ]
    const { clock, list, memory } = meaning(async () => vectors.shift() ?? [0, 1])
    await list.doGenerate(ask(QUESTION))
    await clock.advance(720_000)
    const { stream, response } = await list.doStream(ask(SIMILAR))
    expect(response?.headers).toMatchObject({ 'x-holdfast-tier': 'stale', 'x-holdfast-similarity': '0.960' })
    const { text, parts } = await drain(stream)
    expect(text).toBe(
      'This answer was given 12 minutes ago to a similar question; at the moment it cannot be checked again.\n\nTwo jets.',
    )
    expect(text).not.toContain('Any jets')
    const last = parts.at(-1)
    const provenance = provenanceOf(last?.type === 'finish' ? last.providerMetadata : undefined)!
    expect(provenance).toMatchObject({ tier: 'stale', stale: true, ageMs: 720_000, degraded: true })
    expect(provenance.similarity).toBeCloseTo(0.96)
    expect(describeProvenance(provenance)).toContain('to a similar question')
    expect(memory.size, 'it is not remembered as the answer to this question').toBe(1)
  })

  it('says the answer to the same question as before, while the embedding model is down too', async () => {
    let isDown = false
    const { clock, list } = meaning(() => (isDown ? Promise.reject(new Error('down')) : Promise.resolve([1, 0])))
    await list.doGenerate(ask(QUESTION))
    await clock.settle()
    isDown = true
    const { content, providerMetadata } = await list.doGenerate(ask(QUESTION))
    expect(content[0]).toMatchObject({ text: expect.not.stringContaining('similar') as unknown })
    expect(provenanceOf(providerMetadata)).not.toHaveProperty('similarity')
    await expect(list.doGenerate(ask(SIMILAR))).rejects.toMatchObject({
      attempts: [{}, {}, { tier: 'stale', outcome: 'skipped', code: 'NOTHING_REMEMBERED' }],
    })
  })

  it('says nothing of another route, nor to another tenant', async () => {
    const { clock, list } = meaning(() => Promise.resolve([1, 0]))
    await list.doGenerate(ask(QUESTION, { providerOptions: { holdfast: { tenant: 'one' } } }))
    await clock.settle()
    const one = { providerOptions: { holdfast: { tenant: 'one' } } }
    const two = { providerOptions: { holdfast: { tenant: 'two' } } }
    expect((await list.doGenerate(ask(SIMILAR, one))).content).toHaveLength(1)
    for (const call of [ask(SIMILAR, two), ask('Any jets from London to Nice?', one), ask(SIMILAR)]) {
      await expect(list.doGenerate(call)).rejects.toMatchObject({ code: 'ALL_TIERS_FAILED' })
    }
  })

  it('tells its own notice how near the question was', async () => {
    const { clock, list } = meaning(
      () => Promise.resolve([1, 0]),
      ({ similarity }) => `similarity: ${similarity}`,
    )
    await list.doGenerate(ask(QUESTION))
    await clock.settle()
    expect((await list.doGenerate(ask(QUESTION))).content[0]).toMatchObject({
      text: 'similarity: undefined\n\nTwo jets.',
    })
    expect((await list.doGenerate(ask(SIMILAR))).content[0]).toMatchObject({ text: 'similarity: 1\n\nTwo jets.' })
  })

  it('does not wait for a vector beyond its time, and honours a caller that gives up meanwhile', async () => {
    let isSlow = false
    const { clock, list } = meaning(() => (isSlow ? new Promise(() => undefined) : Promise.resolve([1, 0])))
    await list.doGenerate(ask(QUESTION))
    await clock.settle()
    isSlow = true
    const slow = expect(list.doGenerate(ask(SIMILAR))).rejects.toMatchObject({ code: 'ALL_TIERS_FAILED' })
    await clock.advance(200)
    await slow
    const caller = new AbortController()
    const left = expect(list.doGenerate(ask(SIMILAR, { abortSignal: caller.signal }))).rejects.toBe('gone')
    await clock.advance(100)
    caller.abort('gone')
    await left
  })

  it('takes a memory that breaks down for one that knows nothing similar', async () => {
    const memory: AnswerMemory = {
      ...createAnswerMemory({ clock: fakeClock() }),
      recallSimilar: () => Promise.reject(new Error('broken')),
    }
    const model = staleTier({ memory, assistant: 'desk' })
    await expect(model.doGenerate(ask(SIMILAR))).rejects.toMatchObject({ code: 'NOTHING_REMEMBERED' })
  })
})

describe('a tier list with a memory', () => {
  const text: Script['steps'] = [start, open, say('Jets.'), shut]
  const rememberable: Record<string, [Script, Partial<Tier>]> = {
    'was cut off by its length': [{ steps: [...text, finish('length')] }, {}],
    'was filtered': [{ steps: [...text, finish('content-filter')] }, {}],
    'still calls a tool': [{ steps: [...text, ...call('book', {}), finish('stop')] }, {}],
    'holds a file': [
      {
        steps: [...text, { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA' } }, finish()],
      },
      {},
    ],
    'says that it must not be': [
      { steps: [...text, { ...finish(), providerMetadata: { holdfast: { rememberable: false } } } as never] },
      {},
    ],
    'comes from a tier that is not to be': [{ steps: [...text, finish()] }, { remember: false }],
    'broke off': [{ steps: [...text, { throw: new Error('cut') }] }, {}],
  }
  for (const [why, [script, tier]] of Object.entries(rememberable)) {
    it(`does not remember an answer that ${why}`, async () => {
      const { memory, list } = desk(script, tier)
      await drain((await list.doStream(ask())).stream)
      expect(memory.size).toBe(0)
    })
  }

  it('does not remember what the reader did not wait for', async () => {
    const { memory, list } = desk(whole('Two ', 'jets.'))
    const reader = (await list.doStream(ask())).stream.getReader()
    await reader.read()
    await reader.cancel()
    expect(memory.size).toBe(0)
  })

  it('answers even when its memory is broken', async () => {
    const clock = fakeClock()
    const memory: AnswerMemory = {
      ...createAnswerMemory({ clock }),
      remember: () => {
        throw new Error('full')
      },
    }
    const list = tierList({
      name: 'desk',
      clock,
      memory,
      tiers: [{ name: 'a', model: scripted(clock, whole('fine')) }],
    })
    expect((await list.doGenerate(ask())).content).toEqual([{ type: 'text', text: 'fine' }])
  })
})
