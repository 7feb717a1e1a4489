import { checkHeaders, invalidOption, parseBase } from '../http/options.ts'
import type { ModelFetchOptions } from './model-fetch.ts'

/** Whose wire format a model speaks. */
export type LlmProvider = 'anthropic' | 'google' | 'openai' | 'openrouter' | 'openai-compatible'

/** Every {@link LlmProvider}. */
export const LLM_PROVIDERS: readonly LlmProvider[] = Object.freeze([
  'anthropic',
  'google',
  'openai',
  'openrouter',
  'openai-compatible',
])

/** Which language model answers, in plain data. */
export interface LanguageModelOptions extends ModelFetchOptions {
  readonly provider: LlmProvider
  /** As the provider calls it: `claude-sonnet-4-5`. 1 to 256 characters. */
  readonly model: string
  /** Never taken from the environment. Needed by every provider but `openai-compatible`. */
  readonly apiKey?: string | undefined
  /**
   * Up to and including the version, without a query; another region or a gateway is another address. Needed for `openai-compatible`. Default:
   * {@link LLM_BASE_URLS}.
   */
  readonly baseUrl?: string | undefined
  /**
   * In errors and in `servedBy`, so that two regions can be told apart. 1 to 64 of `a-z`, `0-9`, `-`. Of an `openai-compatible` model it is the `provider`
   * too, and whose `providerOptions` it reads. Default: the provider.
   */
  readonly name?: string | undefined
  /** Sent with every request: `anthropic-beta`, `OpenAI-Organization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Time to connect, TLS included, in ms. 1 to 300,000. The guard around the model owns every other timeout. Default: 5,000. */
  readonly connectTimeoutMs?: number | undefined
  /** A longer reply is refused, in bytes. 1 to 2^30. Default: 8 MiB. */
  readonly maxResponseBytes?: number | undefined
}

/** Where each provider is, unless told otherwise. */
export const LLM_BASE_URLS: Readonly<Record<Exclude<LlmProvider, 'openai-compatible'>, string>> = Object.freeze({
  anthropic: 'https://api.anthropic.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
  openai: 'https://api.openai.com/v1',
  openrouter: 'https://openrouter.ai/api/v1',
})

/** The options with nothing left out. */
export interface CheckedOptions {
  readonly provider: LlmProvider
  readonly model: string
  /** Empty where none is needed. */
  readonly apiKey: string
  readonly baseUrl: string
  readonly name: string
  readonly headers: Record<string, string>
}

/** @throws HoldfastError `INVALID_OPTION`, without key, address or header. */
export function checkOptions(options: LanguageModelOptions): CheckedOptions {
  const { provider, model, name = provider, headers = {} } = options
  if (!LLM_PROVIDERS.includes(provider)) refuse('provider', `one of ${LLM_PROVIDERS.join(', ')}`)
  if (typeof model !== 'string' || model.trim() !== model || model.length < 1 || model.length > 256) {
    refuse('model', 'the name of a model, of 1 to 256 characters without space around it')
  }
  if (!/^[a-z0-9-]{1,64}$/.test(name)) refuse('name', '1 to 64 lower-case letters, digits and "-"')
  checkHeaders(headers)
  return { provider, model, name, headers: { ...headers }, apiKey: keyOf(options), baseUrl: baseUrlOf(options) }
}

function keyOf({ provider, apiKey = '' }: LanguageModelOptions): string {
  if (apiKey === '' && provider === 'openai-compatible') return apiKey
  if (typeof apiKey !== 'string' || !/^[\x21-\x7e]+$/.test(apiKey)) {
    refuse('apiKey', `the key of ${provider}, in ASCII and without spaces; what came is not shown`)
  }
  return apiKey
}

function baseUrlOf({ provider, baseUrl }: LanguageModelOptions): string {
  const given = baseUrl ?? (provider === 'openai-compatible' ? '' : LLM_BASE_URLS[provider])
  const { origin, path } = parseBase(given, undefined)
  const { search, hash } = new URL(given)
  if (search !== '' || hash !== '') refuse('baseUrl', 'without a query or a fragment')
  return origin + path
}

function refuse(option: string, allowed: string): never {
  throw invalidOption(option, `must be ${allowed}`)
}
