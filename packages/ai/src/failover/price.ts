import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import { between } from '../errors/invalid-options.ts'
import type { Writable } from '../tiers/writable.ts'

/** What a model costs, in any currency, per million tokens. */
export interface Price {
  readonly inputPerMillion: number
  readonly outputPerMillion: number
  /** Input that was read from the provider's cache. Default: `inputPerMillion`. */
  readonly cacheReadPerMillion?: number | undefined
  /** Input that was written to the provider's cache. Default: `inputPerMillion`. */
  readonly cacheWritePerMillion?: number | undefined
}

/** Tokens of one attempt. */
export interface AttemptUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  /** True when the provider has not told it, and it was estimated from the length of the texts. */
  readonly estimated?: true
}

/** Characters to a token, roughly, of English prose in the tokenizers of today. Other languages and code have fewer. */
const CHARS_PER_TOKEN = 4

/** Tokens of so many characters, roughly. */
export function tokensOf(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN)
}

/** What a provider has told of an attempt; `undefined` when it has told nothing. */
export function usageTold(usage: LanguageModelV4Usage | undefined): AttemptUsage | undefined {
  const input = usage?.inputTokens
  const output = usage?.outputTokens.total
  if (input?.total === undefined && output === undefined) return undefined
  const told: Writable<AttemptUsage> = { inputTokens: input?.total ?? 0, outputTokens: output ?? 0 }
  if (input?.cacheRead !== undefined) told.cacheReadTokens = input.cacheRead
  if (input?.cacheWrite !== undefined) told.cacheWriteTokens = input.cacheWrite
  return told
}

/** What an attempt has cost. */
export function costOf(usage: AttemptUsage, price: Price): number {
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage
  const { inputPerMillion, outputPerMillion } = price
  const { cacheReadPerMillion = inputPerMillion, cacheWritePerMillion = inputPerMillion } = price
  const plain = Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens)
  const total =
    plain * inputPerMillion +
    cacheReadTokens * cacheReadPerMillion +
    cacheWriteTokens * cacheWritePerMillion +
    outputTokens * outputPerMillion
  return total / 1_000_000
}

/** Checks a price. @throws HoldfastError INVALID_OPTION. */
export function priceOf(price: Price | undefined, option: string): Price | undefined {
  if (price === undefined) return undefined
  for (const name of ['inputPerMillion', 'outputPerMillion', 'cacheReadPerMillion', 'cacheWritePerMillion'] as const) {
    const value = price[name]
    if (value !== undefined || name.endsWith('putPerMillion'))
      between(`${option}.${name}`, value as number, 0, 1_000_000_000)
  }
  return Object.freeze({ ...price })
}
