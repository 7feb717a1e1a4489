import type { LanguageModelV4, LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider'

/** The models inside each list and failover. */
const insides = new WeakMap<LanguageModelV4, readonly LanguageModelV4[]>()

/** Notes which models a list or a failover asks. */
export function noteInside(list: LanguageModelV4, models: readonly LanguageModelV4[]): void {
  insides.set(list, models)
}

/** Whether a model is a list or a failover. */
export function isList(model: LanguageModelV4): boolean {
  return insides.has(model)
}

/**
 * Notices layers whose attempts multiply: a model that is in two members of a failover, and somebody above who asks the very same again after a failure. Each is told once, in the warnings of an
 * answer.
 */
export class Layers {
  readonly #untold: SharedV4Warning[] = []
  /** Prompts of requests that have failed, by themselves and by the signal that came with them. */
  readonly #failed = new WeakMap<object, Asked['prompt']>()
  #hasFailed: boolean = false
  #hasToldOfRepeats: boolean = false

  constructor(members: readonly { readonly name: string; readonly model: LanguageModelV4 }[]) {
    const asked = members.map(({ name, model }) => ({ name, models: modelsIn(model), nested: isList(model) }))
    for (const [index, one] of asked.entries()) {
      for (const other of asked.slice(index + 1)) {
        const shared = one.nested || other.nested ? one.models.find((model) => other.models.includes(model)) : undefined
        if (shared !== undefined) this.#untold.push(warning(twice(shared, one.name, other.name)))
      }
    }
  }

  /** A request came to nothing. */
  failed({ prompt, abortSignal }: Asked): void {
    // Of a request that is no request at all.
    if (typeof prompt !== 'object' || prompt === null) return
    this.#failed.set(prompt, prompt)
    if (abortSignal !== undefined) this.#failed.set(abortSignal, prompt)
    this.#hasFailed = true
  }

  /**
   * Whether a layer above asks again what has failed here: with the very same prompt, or, as the AI SDK's `streamRetries` does, with the very same signal and a prompt that says the same. Every call of
   * the AI SDK has a prompt of its own, so that somebody else who asks the same question is not taken for one.
   */
  isRepeated({ prompt, abortSignal }: Asked): boolean {
    if (!this.#hasFailed) return false
    const before = this.#failed.get(prompt) ?? (abortSignal === undefined ? undefined : this.#failed.get(abortSignal))
    if (before === undefined || !(before === prompt || saysTheSame(before, prompt))) return false
    if (!this.#hasToldOfRepeats) this.#untold.push(warning(REPEATED))
    this.#hasToldOfRepeats = true
    return true
  }

  get hasNews(): boolean {
    return this.#untold.length > 0
  }

  /** What has not been told yet, which then counts as told. */
  tell(): readonly SharedV4Warning[] {
    return this.#untold.splice(0)
  }
}

type Asked = Pick<LanguageModelV4CallOptions, 'prompt' | 'abortSignal'>

function saysTheSame(one: Asked['prompt'], other: Asked['prompt']): boolean {
  try {
    return JSON.stringify(one) === JSON.stringify(other)
  } catch {
    return false
  }
}

const REPEATED =
  'A request that had failed here was asked again by a layer above. The attempts of two layers multiply: let one of them try again, and not both.'

function twice({ provider, modelId }: LanguageModelV4, one: string, other: string): string {
  return `${provider}:${modelId} is in "${one}" and in "${other}", so that it is asked twice when it is down.`
}

function warning(message: string): SharedV4Warning {
  return { type: 'other', message }
}

/** The models that are asked in the end. */
function modelsIn(model: LanguageModelV4): readonly LanguageModelV4[] {
  return insides.get(model)?.flatMap(modelsIn) ?? [model]
}
