/*
 * What it costs to recall the answer to a similar question, beside the embedding model, which answers at once here: in microseconds of time on a
 * processor, by how many answers are remembered and how long vectors are. Either all questions have to be compared with the one that is asked, or all
 * but one are told apart by a number in them. Run it with `node --conditions=holdfast-source bench/src/semantic-memory.ts`.
 */
import process from 'node:process'
import type { EmbeddingModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { createSemanticMemory } from '@holdfast/ai'
import type { SemanticMemory } from '@holdfast/ai'

const ROUNDS = 7
const SIZES = [1_000, 10_000]
const DIMENSIONS = [384, 1_536]
/** Ten of them make as many everyday questions as are needed. */
const WORDS = ['price', 'cost', 'flight', 'trip', 'jet', 'plane', 'available', 'possible', 'please', 'offer']

/** The same numbers each time. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function model(dimensions: number): EmbeddingModelV4 {
  const random = randomFrom(7)
  const vectors = Array.from({ length: 64 }, () => Array.from({ length: dimensions }, () => random() - 0.5))
  let next = 0
  return {
    specificationVersion: 'v4',
    provider: 'bench',
    modelId: 'bench',
    maxEmbeddingsPerCall: 1,
    supportsParallelCalls: true,
    doEmbed: async () => ({ embeddings: [vectors[next++ % vectors.length] ?? []], warnings: [] }),
  }
}

function ask(text: string): LanguageModelV4CallOptions {
  return { prompt: [{ role: 'user', content: [{ type: 'text', text }] }] }
}

/** The nth question of its kind. */
const kinds: Readonly<Record<string, (index: number) => string>> = {
  'all are compared': (index) =>
    `What is the ${[...String(index)].map((digit) => WORDS[Number(digit)]).join(' ')} to Nice?`,
  'one is compared': (index) => `What is the price to Nice for ${index} people?`,
}

async function filled(size: number, dimensions: number, question: (index: number) => string): Promise<SemanticMemory> {
  const memory = createSemanticMemory({ model: model(dimensions), maxEntries: size, maxBytes: 2 ** 30, maxUnderWay: 1 })
  for (let index = 0; index < size; index += 1) {
    const answer = { text: 'An answer.', tier: 'a', servedBy: 'x', at: 0 }
    memory.remember('desk', ask(question(index)), answer)
    while (memory.snapshot().underWay > 0) await Promise.resolve()
  }
  if (memory.snapshot().vectors !== size) throw new Error('not all questions have a vector')
  return memory
}

/** Time on a processor rather than on the wall: others who work on the machine do not count. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function recallUs(memory: SemanticMemory, call: LanguageModelV4CallOptions): Promise<number> {
  const times: number[] = []
  for (let round = -1; round < ROUNDS; round += 1) {
    let runs = 0
    const begun = cpuUs()
    while (runs < 4 || cpuUs() - begun < 150_000) {
      await memory.recallSimilar('desk', call)
      runs += 1
    }
    if (round >= 0) times.push((cpuUs() - begun) / runs)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

const rows = []
for (const [kind, question] of Object.entries(kinds)) {
  for (const size of SIZES) {
    for (const dimensions of DIMENSIONS) {
      const memory = await filled(size, dimensions, question)
      const call = ask(`${question(7)} Thanks`)
      rows.push({
        kind,
        answers: size,
        dimensions,
        'µs a recall': (await recallUs(memory, call)).toFixed(0),
        'MiB of answers': (memory.snapshot().bytes / 2 ** 20).toFixed(1),
      })
    }
  }
}
console.table(rows)
