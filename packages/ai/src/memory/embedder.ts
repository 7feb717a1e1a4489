import type { EmbeddingModelV4 } from '@ai-sdk/provider'
import type { Clock } from '@holdfast/core'
import { checkVectors } from '../embedding/vectors.ts'
import type { RequestContext } from '../provenance/request-context.ts'

/** One text to embed. */
export interface EmbedCall {
  /** In ms. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Whose request it is for. */
  readonly context: Pick<RequestContext, 'tenant' | 'requestId'>
}

/** Asks an embedding model for one vector at a time, never for longer than it may take, and for so many at once. */
export class Embedder {
  readonly #model: EmbeddingModelV4
  readonly #clock: Clock
  readonly #maxUnderWay: number
  #underWay = 0

  constructor(model: EmbeddingModelV4, clock: Clock, maxUnderWay: number) {
    this.#model = model
    this.#clock = clock
    this.#maxUnderWay = maxUnderWay
  }

  get isFull(): boolean {
    return this.#underWay >= this.#maxUnderWay
  }

  /**
   * A vector of length 1, or nothing when the model fails, is too slow, gives none that can be used, or is asked too often at once.
   *
   * @throws the reason of `signal`, at once, and nothing else.
   */
  async embed(text: string, { timeoutMs, signal, context }: EmbedCall): Promise<Float32Array | undefined> {
    signal?.throwIfAborted()
    if (this.isFull) return undefined
    this.#underWay += 1
    const stop = new AbortController()
    const onAbort = (): void => stop.abort(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    const task = this.#clock.schedule(timeoutMs, () =>
      stop.abort(new DOMException(`No vector within ${timeoutMs} ms.`, 'TimeoutError')),
    )
    try {
      const stopped = aborted(stop.signal)
      const vector = await Promise.race([this.#ask(text, stop.signal, context), stopped])
      signal?.throwIfAborted()
      return vector
    } finally {
      task.cancel()
      signal?.removeEventListener('abort', onAbort)
      this.#underWay -= 1
    }
  }

  /** Never rejects. */
  async #ask(
    text: string,
    abortSignal: AbortSignal,
    { tenant, requestId }: EmbedCall['context'],
  ): Promise<Float32Array | undefined> {
    const holdfast = { ...(tenant === undefined ? {} : { tenant }), ...(requestId === undefined ? {} : { requestId }) }
    try {
      const result = await this.#model.doEmbed({ values: [text], abortSignal, providerOptions: { holdfast } })
      checkVectors(result, 1, undefined)
      return unitVector(result.embeddings[0] ?? [])
    } catch {
      return undefined
    }
  }
}

/** The direction of a vector, or nothing when it has none. */
function unitVector(vector: readonly number[]): Float32Array | undefined {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  if (!(norm > 0 && norm < Infinity)) return undefined
  return Float32Array.from(vector, (value) => value / norm)
}

/** The cosine of two vectors of length 1 that are equally long. Four sums at once, since each addition waits for the one before. */
export function dot(one: Float32Array, other: Float32Array): number {
  const { length } = one
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let index = 0
  for (; index + 3 < length; index += 4) {
    a += one[index]! * other[index]!
    b += one[index + 1]! * other[index + 1]!
    c += one[index + 2]! * other[index + 2]!
    d += one[index + 3]! * other[index + 3]!
  }
  for (; index < length; index += 1) a += one[index]! * other[index]!
  return a + b + c + d
}

/** Resolves when a signal aborts. */
function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
