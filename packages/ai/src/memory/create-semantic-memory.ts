import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { asEmbeddingV4 } from '../embedding/lift.ts'
import { between, DAY_MS, invalid } from '../errors/invalid-options.ts'
import { requestContext } from '../provenance/request-context.ts'
import type { RecalledAnswer, RememberedAnswer } from './answer-memory.ts'
import { AnswerShelf } from './answer-shelf.ts'
import { dot, Embedder } from './embedder.ts'
import { marksOf, mayMeanTheSame } from './false-friends.ts'
import type { Question } from './question-key.ts'
import { SEMANTIC_MEMORY_DEFAULTS } from './semantic-options.ts'
import type { SemanticMemory, SemanticMemoryOptions, SemanticMemorySnapshot } from './semantic-options.ts'
import { VectorIndex } from './vector-index.ts'
import type { IndexedQuestion } from './vector-index.ts'

/** A longer question says too much for one vector to tell, in characters. */
const LONGEST_QUESTION = 1_000
/** What a vector takes beside its numbers. */
const INDEX_BYTES = 512

/**
 * A memory of good answers that also knows a question which was asked before in other words. Where `recall` finds the same question,
 * as that of `createAnswerMemory` does, the embedding model is not asked. `recallSimilar`, which a stale tier asks next, compares
 * the last thing the user said by its meaning; assistant, tenant, system text, earlier turns and `keyOf` must be the same.
 *
 * Vectors alone take "Nice to London" for "London to Nice". So two questions are only compared if the numbers, dates, codes, names,
 * negations and directions in them agree.
 *
 * @throws HoldfastError INVALID_OPTION.
 * @example
 * ```ts
 * import { createSemanticMemory, staleTier, tierList } from '@holdfast/ai'
 * import { MockEmbeddingModelV4, MockLanguageModelV4 } from 'ai/test'
 *
 * const model = new MockEmbeddingModelV4({
 *   doEmbed: async ({ values }) => ({ embeddings: values.map(() => [0.6, 0.8]), warnings: [] }),
 * })
 * const memory = createSemanticMemory({ model, threshold: 0.95 })
 * const desk = tierList({
 *   name: 'desk',
 *   memory,
 *   tiers: [
 *     { name: 'main', model: new MockLanguageModelV4() },
 *     { name: 'stale', model: staleTier({ memory, assistant: 'desk' }) },
 *   ],
 * })
 * console.log(desk.modelId, memory.snapshot().vectors)
 * ```
 */
export function createSemanticMemory(options: SemanticMemoryOptions): SemanticMemory {
  const memory = new MemoryOfMeaning(options)
  return Object.freeze({
    get size(): number {
      return memory.snapshot().size
    },
    remember: (assistant: string, call: LanguageModelV4CallOptions, answer: RememberedAnswer): void =>
      memory.remember(assistant, call, answer),
    recall: (assistant: string, call: LanguageModelV4CallOptions) => memory.recall(assistant, call),
    recallSimilar: (assistant: string, call: LanguageModelV4CallOptions) => memory.recallSimilar(assistant, call),
    clear: (): void => memory.clear(),
    snapshot: () => memory.snapshot(),
  })
}

class MemoryOfMeaning {
  readonly #shelf: AnswerShelf
  readonly #index = new VectorIndex()
  readonly #remembering: Embedder
  readonly #recalling: Embedder
  readonly #threshold: number
  readonly #recallTimeoutMs: number
  readonly #rememberTimeoutMs: number
  readonly #everyday: ReadonlySet<string>
  /** Keys whose vectors are being asked for. */
  readonly #underWay = new Set<string>()
  #dropped = 0
  #failed = 0
  #similar = 0

  constructor(options: SemanticMemoryOptions) {
    const {
      threshold = SEMANTIC_MEMORY_DEFAULTS.threshold,
      recallTimeoutMs = SEMANTIC_MEMORY_DEFAULTS.recallTimeoutMs,
      rememberTimeoutMs = SEMANTIC_MEMORY_DEFAULTS.rememberTimeoutMs,
      maxUnderWay = SEMANTIC_MEMORY_DEFAULTS.maxUnderWay,
      everydayWords = [],
    } = options
    this.#shelf = new AnswerShelf(options, (key) => this.#index.drop(key))
    this.#threshold = between('threshold', threshold, 0.5, 1)
    this.#recallTimeoutMs = between('recallTimeoutMs', recallTimeoutMs, 1, 60_000)
    this.#rememberTimeoutMs = between('rememberTimeoutMs', rememberTimeoutMs, 1, DAY_MS)
    between('maxUnderWay', maxUnderWay, 1, 1_000)
    if (!Number.isInteger(maxUnderWay)) throw invalid('maxUnderWay', 'a whole number', maxUnderWay)
    const given: unknown = everydayWords
    if (!Array.isArray(given) || !given.every((word) => typeof word === 'string')) {
      throw invalid('everydayWords', 'a list of words', given)
    }
    this.#everyday = new Set(everydayWords)
    const model = asEmbeddingV4(options.model, 'model')
    this.#remembering = new Embedder(model, this.#shelf.clock, maxUnderWay)
    this.#recalling = new Embedder(model, this.#shelf.clock, maxUnderWay)
  }

  remember(assistant: string, call: LanguageModelV4CallOptions, answer: RememberedAnswer): void {
    const question = this.#shelf.read(assistant, call)
    if (question === undefined) return
    // The same words have the same vector.
    const known = this.#index.find(question.key)
    if (!this.#shelf.remember(question, call, answer) || !isShort(question)) return
    if (known !== undefined) this.#add(question, known.vector)
    else if (this.#remembering.isFull) this.#dropped += 1
    else if (!this.#underWay.has(question.key)) void this.#embed(question, call)
  }

  recall(assistant: string, call: LanguageModelV4CallOptions): RecalledAnswer | undefined {
    const question = this.#shelf.read(assistant, call)
    return question === undefined ? undefined : this.#shelf.recall(question.key)
  }

  async recallSimilar(assistant: string, call: LanguageModelV4CallOptions): Promise<RecalledAnswer | undefined> {
    const { abortSignal } = call
    abortSignal?.throwIfAborted()
    const question = this.#shelf.read(assistant, call)
    if (question === undefined || !isShort(question)) return undefined
    const candidates = this.#candidates(question)
    // Nobody is asked for a vector that there is nothing to compare with.
    if (candidates.length === 0) return undefined
    const timeoutMs = this.#recallTimeoutMs
    const vector = await this.#recalling.embed(question.said.trim(), {
      timeoutMs,
      signal: abortSignal,
      context: requestContext(call),
    })
    return vector === undefined ? undefined : this.#nearest(candidates, vector)
  }

  clear(): void {
    this.#shelf.clear()
  }

  snapshot(): SemanticMemorySnapshot {
    return Object.freeze({
      size: this.#shelf.size,
      vectors: this.#index.size,
      bytes: this.#shelf.bytes,
      underWay: this.#underWay.size,
      dropped: this.#dropped,
      failed: this.#failed,
      similar: this.#similar,
    })
  }

  /** Never rejects. */
  async #embed(question: Question, call: LanguageModelV4CallOptions): Promise<void> {
    const { key, said } = question
    this.#underWay.add(key)
    try {
      const timeoutMs = this.#rememberTimeoutMs
      const vector = await this.#remembering.embed(said.trim(), { timeoutMs, context: requestContext(call) })
      if (vector === undefined) this.#failed += 1
      else this.#add(question, vector)
    } finally {
      this.#underWay.delete(key)
    }
  }

  /** Keeps a vector with its answer, if that is still there and has room for it. */
  #add(question: Question, vector: Float32Array): void {
    const { key, said } = question
    const partition = question.partition()
    const marks = marksOf(said, this.#everyday)
    const bytes = INDEX_BYTES + vector.byteLength + 2 * partition.length + 8 * said.length
    if (this.#shelf.grow(key, bytes)) this.#index.add(partition, { key, marks, vector })
    else this.#dropped += 1
  }

  #candidates({ said, partition }: Question): IndexedQuestion[] {
    const marks = marksOf(said, this.#everyday)
    const found: IndexedQuestion[] = []
    for (const each of this.#index.in(partition())) if (mayMeanTheSame(marks, each.marks)) found.push(each)
    return found
  }

  #nearest(candidates: readonly IndexedQuestion[], vector: Float32Array): RecalledAnswer | undefined {
    let best: IndexedQuestion | undefined
    let similarity = this.#threshold
    for (const each of candidates) {
      // A vector of another model says nothing.
      if (each.vector.length !== vector.length) continue
      const cosine = Math.min(1, dot(each.vector, vector))
      // What is near enough may have been forgotten meanwhile.
      if (cosine < similarity || !this.#index.holds(each)) continue
      best = each
      similarity = cosine
    }
    if (best === undefined) return undefined
    const answer = this.#shelf.recall(best.key)
    // Too old: it has just been forgotten, and another may be near enough.
    if (answer === undefined) return this.#nearest(candidates, vector)
    this.#similar += 1
    return { ...answer, similarity }
  }
}

function isShort({ said }: Question): boolean {
  return said.length <= LONGEST_QUESTION && said.trim() !== ''
}
