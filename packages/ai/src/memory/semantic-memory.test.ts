import type { EmbeddingModelV4CallOptions } from '@ai-sdk/provider'
import { fakeClock } from '@holdfast/core/testing'
import type { FakeClock } from '@holdfast/core/testing'
import { MockEmbeddingModelV3, MockEmbeddingModelV4 } from 'ai/test'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ask } from '../../test/scripted-model.ts'
import type { RememberedAnswer } from './answer-memory.ts'
import { createSemanticMemory } from './create-semantic-memory.ts'
import type { SemanticMemory, SemanticMemoryOptions } from './semantic-options.ts'

const COST = 'How much does a flight to Nice cost?'
const PRICE = 'What is the price of a flight to Nice?'
const OTHER = 'Can you tell me about flights to Nice?'

/** Vectors of the three questions: the first two are near each other (0.96), the third is not near them. */
const VECTORS: Readonly<Record<string, readonly number[]>> = { [COST]: [10, 0], [PRICE]: [0.96, 0.28], [OTHER]: [0, 1] }

interface Scripted {
  readonly clock: FakeClock
  readonly memory: SemanticMemory
  readonly calls: EmbeddingModelV4CallOptions[]
}

/** A memory over a model that gives the vectors of `VECTORS`, or what `embed` does. */
function scripted(
  options: Partial<SemanticMemoryOptions> = {},
  embed: (value: string, call: EmbeddingModelV4CallOptions) => unknown = (value) => VECTORS[value] ?? [1, 0],
): Scripted {
  const clock = fakeClock()
  const calls: EmbeddingModelV4CallOptions[] = []
  const model = new MockEmbeddingModelV4({
    doEmbed: async (call) => {
      calls.push(call)
      return { embeddings: [(await embed(call.values[0]!, call)) as number[]], warnings: [] }
    },
  })
  return { clock, calls, memory: createSemanticMemory({ model, clock, ...options }) }
}

function answer(text = 'About 9,000 euros.'): RememberedAnswer {
  return { text, tier: 'a', servedBy: 'x', at: 0 }
}

function of(tenant: string): { providerOptions: { holdfast: { tenant: string } } } {
  return { providerOptions: { holdfast: { tenant } } }
}

/** Lets what is under way in the background come to its end. */
function settled({ clock }: Scripted): Promise<void> {
  return clock.settle()
}

async function remembering(...given: Parameters<typeof scripted>): Promise<Scripted> {
  const all = scripted(...given)
  all.memory.remember('desk', ask(COST), answer())
  await settled(all)
  return all
}

describe('a semantic memory', () => {
  it('knows a question again that is asked in other words, with its age and how near it is', async () => {
    const { memory, clock } = await remembering()
    await clock.advance(60_000)
    expect(memory.recall('desk', ask(PRICE))).toBeUndefined()
    const recalled = await memory.recallSimilar('desk', ask(PRICE))
    expect(recalled).toMatchObject({ ...answer(), ageMs: 60_000 })
    expect(recalled?.similarity).toBeCloseTo(0.96)
    expect(await memory.recallSimilar('desk', ask(OTHER))).toBeUndefined()
    expect(memory.snapshot()).toMatchObject({ size: 1, vectors: 1, similar: 1, dropped: 0, failed: 0 })
  })

  it('goes by its threshold', async () => {
    const { memory } = await remembering({ threshold: 0.97 })
    expect(await memory.recallSimilar('desk', ask(PRICE))).toBeUndefined()
  })

  it('gives the answer to the nearest of several questions, and calls none nearer than 1', async () => {
    const angles: Record<string, number> = { [COST]: 0.3, [PRICE]: 0.1, [OTHER]: 0.2 }
    const all = scripted({}, (value) => [Math.cos(angles[value] ?? 0), Math.sin(angles[value] ?? 0)])
    for (const question of [COST, PRICE, OTHER]) all.memory.remember('desk', ask(question), answer(question))
    await settled(all)
    const nearest = await all.memory.recallSimilar('desk', ask('How much is a flight to Nice?'))
    expect(nearest?.text).toBe(PRICE)
    expect(nearest?.similarity).toBeCloseTo(Math.cos(0.1))
    const same = await all.memory.recallSimilar('desk', ask(PRICE))
    expect(same?.similarity).toBeLessThanOrEqual(1)
  })

  it('finds the same question without asking the model, also while it is down', async () => {
    const { memory, calls } = await remembering({}, () => Promise.reject(new Error('down')))
    calls.length = 0
    expect(memory.recall('desk', ask(COST.toLowerCase()))?.text).toBe('About 9,000 euros.')
    expect(calls).toEqual([])
    expect(memory.snapshot()).toMatchObject({ vectors: 0, failed: 1 })
  })

  it('does not ask the model when there is nothing to compare with', async () => {
    const { memory, calls } = await remembering()
    calls.length = 0
    for (const question of ['How much does a flight to London cost?', 'How much do 2 flights to Nice cost?', '?!']) {
      expect(await memory.recallSimilar('desk', ask(question))).toBeUndefined()
    }
    expect(await memory.recallSimilar('other', ask(PRICE))).toBeUndefined()
    expect(calls).toEqual([])
  })

  it('takes nobody for a friend whose names, numbers or negations differ, however near the vectors', async () => {
    const { memory, clock } = scripted({}, () => [1, 0])
    memory.remember('desk', ask('Any jets from Nice to London?'), answer())
    await clock.settle()
    expect((await memory.recallSimilar('desk', ask('Are there jets from Nice to London?')))?.similarity).toBe(1)
    for (const other of [
      'Any jets from London to Nice?',
      'Any jets from Paris to London?',
      'Any jets from Nice to London on Friday?',
      'No jets from Nice to London?',
    ]) {
      expect(await memory.recallSimilar('desk', ask(other)), other).toBeUndefined()
    }
  })

  it('compares only the last thing said: system text, earlier turns and what keyOf adds must be the same', async () => {
    let day = 'monday'
    const { memory, clock } = scripted({ keyOf: () => day }, () => [1, 0])
    memory.remember('desk', ask(['Nice to London?', COST]), answer())
    await clock.settle()
    expect(await memory.recallSimilar('desk', ask(['nice to London', PRICE]))).toBeDefined()
    expect(await memory.recallSimilar('desk', ask(['London to Nice?', PRICE]))).toBeUndefined()
    expect(await memory.recallSimilar('desk', ask(PRICE))).toBeUndefined()
    const german = ask(['Nice to London?', PRICE])
    german.prompt.unshift({ role: 'system', content: 'Answer in German.' })
    expect(await memory.recallSimilar('desk', german)).toBeUndefined()
    day = 'tuesday'
    expect(await memory.recallSimilar('desk', ask(['Nice to London?', PRICE]))).toBeUndefined()
  })

  it('leaves out files, JSON and what is longer than a vector can tell', async () => {
    const { memory, calls, clock } = scripted({}, () => [1, 0])
    memory.remember('desk', ask('please '.repeat(200)), answer())
    await clock.settle()
    expect(memory.size).toBe(1)
    expect(calls).toEqual([])
    memory.remember('desk', ask(COST, { responseFormat: { type: 'json' } }), answer())
    expect(memory.size).toBe(1)
  })

  it('never delays nor breaks an answer: the vector comes when it comes', async () => {
    const all = scripted(
      {},
      (_, { abortSignal }) =>
        new Promise((_, reject) => {
          abortSignal?.addEventListener('abort', () => reject(abortSignal.reason))
        }),
    )
    all.memory.remember('desk', ask(COST), answer())
    expect(all.memory.recall('desk', ask(COST))).toBeDefined()
    expect(all.memory.snapshot()).toMatchObject({ underWay: 1 })
    await all.clock.advance(10_000)
    expect(all.memory.snapshot()).toMatchObject({ underWay: 0, failed: 1, vectors: 0 })
    expect(all.clock.pending, 'no timer stays').toBe(0)
  })

  it('remembers by its words alone what comes while too many vectors are under way, and counts it', async () => {
    const all = scripted({ maxUnderWay: 2 }, () => new Promise(() => undefined))
    for (let count = 0; count < 5; count += 1) all.memory.remember('desk', ask(`question ${count}`), answer())
    expect(all.calls).toHaveLength(2)
    expect(all.memory.snapshot()).toMatchObject({ size: 5, underWay: 2, dropped: 3 })
    await all.clock.advance(10_000)
    all.memory.remember('desk', ask('question 5'), answer())
    expect(all.calls).toHaveLength(3)
  })

  it('asks once for a question that is answered again, before and after its vector is there', async () => {
    const all = scripted()
    all.memory.remember('desk', ask(COST), answer('one'))
    all.memory.remember('desk', ask(COST), answer('two'))
    await settled(all)
    all.memory.remember('desk', ask(COST), answer('three'))
    await settled(all)
    expect(all.calls).toHaveLength(1)
    expect((await all.memory.recallSimilar('desk', ask(PRICE)))?.text).toBe('three')
    expect(all.memory.snapshot()).toMatchObject({ size: 1, vectors: 1 })
  })

  it('waits for no vector longer than it may, and tells the model to stop', async () => {
    let isSlow = false
    const { memory, clock, calls } = await remembering({ recallTimeoutMs: 150 }, (value) =>
      isSlow ? new Promise(() => undefined) : VECTORS[value],
    )
    isSlow = true
    const recalled = memory.recallSimilar('desk', ask(PRICE))
    await clock.advance(149)
    expect(calls.at(-1)?.abortSignal?.aborted).toBe(false)
    await clock.advance(1)
    expect(await recalled).toBeUndefined()
    expect(calls.at(-1)?.abortSignal?.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('gives a caller that gives up its own reason, at once, and tells the model to stop', async () => {
    let isSlow = false
    const { memory, calls } = await remembering({}, (value) => (isSlow ? new Promise(() => undefined) : VECTORS[value]))
    isSlow = true
    const caller = new AbortController()
    const recalled = memory.recallSimilar('desk', ask(PRICE, { abortSignal: caller.signal }))
    caller.abort('gone')
    await expect(recalled).rejects.toBe('gone')
    expect(calls.at(-1)?.abortSignal?.reason).toBe('gone')
    await expect(memory.recallSimilar('desk', ask(PRICE, { abortSignal: caller.signal }))).rejects.toBe('gone')
    expect(calls).toHaveLength(2)
  })

  it('knows nothing similar while the model fails, throws at once, or gives what is no vector', async () => {
    const broken: unknown[] = [[], [Number.NaN, 1], [Infinity, 0], [0, 0], [1e200, 1e200], ['1', '2'], undefined, 'x']
    for (const vector of broken) {
      const { memory } = await remembering({}, () => vector)
      expect(memory.snapshot(), String(vector)).toMatchObject({ size: 1, vectors: 0, failed: 1 })
    }
    let isBroken = false
    const { memory } = await remembering({}, (value) => {
      if (isBroken) throw new Error('down')
      return VECTORS[value]
    })
    isBroken = true
    expect(await memory.recallSimilar('desk', ask(PRICE))).toBeUndefined()
  })

  it('does not compare vectors of different lengths', async () => {
    let vector = [1, 0, 0]
    const { memory } = await remembering({}, () => vector)
    vector = [1, 0]
    expect(await memory.recallSimilar('desk', ask(PRICE))).toBeUndefined()
    vector = [1, 0, 0]
    expect(await memory.recallSimilar('desk', ask(PRICE))).toBeDefined()
  })

  it('is bounded in entries, bytes with those of the vectors, and age', async () => {
    const few = scripted({ maxEntries: 3 })
    for (let count = 0; count < 20; count += 1) {
      few.memory.remember('desk', ask(`question ${count}`), answer())
      await settled(few)
    }
    expect(few.memory.snapshot()).toMatchObject({ size: 3, vectors: 3 })

    const wide = scripted({ maxBytes: 40_000 }, () => Array.from({ length: 1_536 }, () => 1))
    for (let count = 0; count < 20; count += 1) {
      wide.memory.remember('desk', ask(`question ${count}`), answer())
      await settled(wide)
    }
    const { size, vectors, bytes } = wide.memory.snapshot()
    expect(size).toBe(5)
    expect(vectors).toBe(5)
    expect(bytes).toBeLessThanOrEqual(40_000)
    expect(bytes).toBeGreaterThan(5 * 1_536 * 4)

    const short = await remembering({ maxAgeMs: 1_000 })
    await short.clock.advance(1_001)
    expect(await short.memory.recallSimilar('desk', ask(PRICE))).toBeUndefined()
    expect(short.memory.snapshot()).toMatchObject({ size: 0, vectors: 0, bytes: 0 })
  })

  it('keeps an answer whose vector has no room', async () => {
    const { memory } = await remembering({ maxBytes: 2_048 }, () => Array.from({ length: 1_536 }, () => 1))
    expect(memory.snapshot()).toMatchObject({ size: 1, vectors: 0, dropped: 1 })
    expect(memory.recall('desk', ask(COST))).toBeDefined()
  })

  it('forgets everything when it is cleared, also what is still under way', async () => {
    const all = scripted()
    all.memory.remember('desk', ask(COST), answer())
    all.memory.clear()
    await settled(all)
    expect(all.memory.snapshot()).toMatchObject({ size: 0, vectors: 0, bytes: 0 })
  })

  it('gives nothing that is forgotten while the vector of a question is under way', async () => {
    const all = await remembering()
    const recalled = all.memory.recallSimilar('desk', ask(PRICE))
    all.memory.clear()
    expect(await recalled).toBeUndefined()
  })

  it('gives a younger answer when the nearest has grown too old meanwhile', async () => {
    let vector: number[] | Promise<number[]> = [1, 0]
    const all = await remembering({ maxAgeMs: 1_000 }, () => vector)
    await all.clock.advance(900)
    vector = [0.99, Math.sqrt(1 - 0.99 ** 2)]
    all.memory.remember('desk', ask(OTHER), answer('younger'))
    await settled(all)
    vector = all.clock.sleep(150).then(() => [1, 0])
    const recalled = all.memory.recallSimilar('desk', ask(PRICE))
    await all.clock.advance(150)
    expect((await recalled)?.text).toBe('younger')
  })

  it('tells the model whose request it is, and takes one of version 3', async () => {
    const { memory, calls } = scripted()
    memory.remember('desk', ask(COST, of('acme')), answer())
    expect(calls[0]?.providerOptions).toEqual({ holdfast: { tenant: 'acme' } })
    const older = new MockEmbeddingModelV3({
      doEmbed: async () => ({ embeddings: [[1, 0]], warnings: [] }),
    })
    expect(createSemanticMemory({ model: older }).size).toBe(0)
  })

  it('remembers only what is worth it, and nothing when it cannot tell', () => {
    const shouldRemember = ({ text }: RememberedAnswer): boolean => {
      if (text === 'broken') throw new Error('x')
      return text !== 'no'
    }
    const { memory } = scripted({ shouldRemember })
    memory.remember('desk', ask('x'), answer('broken'))
    memory.remember('desk', ask('x'), answer('no'))
    expect(memory.size).toBe(0)
    memory.remember('desk', ask('x'), answer('yes'))
    expect(memory.size).toBe(1)
  })

  it.each([
    { threshold: 0.4 },
    { threshold: 1.1 },
    { threshold: Number.NaN },
    { recallTimeoutMs: 0 },
    { rememberTimeoutMs: 0 },
    { maxUnderWay: 0 },
    { maxUnderWay: 1.5 },
    { maxEntries: 0 },
    { maxEntries: 1.5 },
    { maxBytes: 1 },
    { maxAgeMs: 0 },
    { everydayWords: 'word' as never },
    { model: undefined as never },
  ])('refuses %o', (options) => {
    expect(() => scripted(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }) as Error)
  })

  it('never gives an answer of one tenant to another, whatever they ask and how near their vectors', async () => {
    const tenant = fc.constantFrom('one', 'two', 'three', undefined, '', 'default', 'o"ne', '["one"')
    const question = fc.constantFrom(COST, PRICE, OTHER, 'Tell me the price to Nice', 'What does Nice cost?')
    const turns = fc.constantFrom<string[]>([], [], ['one'], ['default'])
    const step = fc.record({ tenant, question, turns, deed: fc.constantFrom('remember', 'recall') })
    let found = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const all = scripted({ maxEntries: 12 }, () => [1, 0])
        for (const { tenant, question, turns, deed } of steps) {
          const call = ask([...turns, question], tenant === undefined ? {} : of(tenant))
          // No tenant is the tenant `default`.
          const whose = JSON.stringify([tenant ?? 'default', turns])
          if (deed === 'remember') {
            all.memory.remember('desk', call, answer(whose))
            await settled(all)
            continue
          }
          const recalled = [all.memory.recall('desk', call), await all.memory.recallSimilar('desk', call)]
          for (const each of recalled) {
            if (each === undefined) continue
            found += 1
            expect(each.text).toBe(whose)
          }
        }
      }),
      { numRuns: 300 },
    )
    expect(found, 'it was put to the test').toBeGreaterThan(100)
  })
})
