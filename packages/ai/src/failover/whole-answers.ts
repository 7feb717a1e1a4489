import type {
  LanguageModelV3,
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { streamResultOf } from '../stream-parts/parts-of.ts'

/** Whether a model has a `doStream` at all. */
export function canStream({ doStream }: Partial<LanguageModelV3 | LanguageModelV4>): boolean {
  return typeof doStream === 'function'
}

/** Asks a model for its whole answer where it does not stream: never, as it is said of it, or where it refuses to. */
export class WholeAnswers {
  readonly #model: LanguageModelV4
  /** Set for good once its provider has refused over the network: each time would cost a round trip. */
  #isNeeded: boolean

  constructor(model: LanguageModelV4, streams: boolean) {
    this.#model = model
    this.#isNeeded = !streams
  }

  ask(options: LanguageModelV4CallOptions): PromiseLike<LanguageModelV4StreamResult> {
    return this.#isNeeded
      ? this.#whole(options)
      : this.#model.doStream(options).then(undefined, (error: unknown) => this.#insteadOf(error, options))
  }

  #insteadOf(error: unknown, options: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    if (!refusesToStream(error)) throw error
    this.#isNeeded ||= 'statusCode' in error
    return this.#whole(options)
  }

  async #whole(options: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    return streamResultOf(await this.#model.doGenerate(options))
  }
}

/** What the AI SDK's `APICallError` and `UnsupportedFunctionalityError` have. */
interface Refusal {
  readonly name?: unknown
  readonly functionality?: unknown
  readonly statusCode?: unknown
  readonly data?: { readonly error?: { readonly param?: unknown } }
}

/** The SDK's own words for what a model cannot do, or OpenAI's reply, which names the parameter (`stream` does not go with this model, or this account). */
function refusesToStream(error: unknown): error is Refusal {
  if (typeof error !== 'object' || error === null) return false
  const { name, functionality, statusCode, data } = error as Refusal
  if (name === 'AI_UnsupportedFunctionalityError') return /^stream/i.test(String(functionality))
  return statusCode === 400 && data?.error?.param === 'stream'
}
