import type { HoldfastErrorOptions } from '@holdfast/core'

type Meaning = Pick<HoldfastErrorOptions, 'code' | 'category' | 'retryable' | 'mayHaveTakenEffect'> & {
  readonly says: string
}

const CONTEXT: Meaning = {
  code: 'CONTEXT_LENGTH',
  category: 'context-length',
  retryable: false,
  mayHaveTakenEffect: false,
  says: 'says that the prompt is too long',
}
const KEY: Meaning = {
  code: 'NOT_AUTHORISED',
  category: 'auth',
  retryable: false,
  mayHaveTakenEffect: false,
  says: 'did not accept the credential',
}
const CREDIT: Meaning = {
  code: 'QUOTA_EXHAUSTED',
  category: 'quota',
  retryable: false,
  mayHaveTakenEffect: false,
  says: 'says that the account is used up',
}

/** Refusals for which a vendor has no status or code of their own, only words. */
const WORDS: readonly (readonly [RegExp, Meaning])[] = [
  // Anthropic: 400 `invalid_request_error`.
  [/prompt is too long|input length and `?max_tokens`? exceed context limit/i, CONTEXT],
  // Google: 400 `INVALID_ARGUMENT`.
  [/input token count.{0,40} exceeds the maximum number of tokens/i, CONTEXT],
  // OpenAI, and what is compatible with it, where the code is left out.
  [/maximum context length/i, CONTEXT],
  // Google: 400 `INVALID_ARGUMENT` for a key that does not exist or has expired.
  [/"?API_KEY_INVALID"?|API key not valid|API key expired/i, KEY],
  // Anthropic: 400 `invalid_request_error`.
  [/credit balance is too low/i, CREDIT],
]

/** What a refusal means by its words, which are looked at and not kept. `undefined` when they say nothing known. */
export function saidInWords(error: unknown): Meaning | undefined {
  const said = textsOf(error)
  return WORDS.find(([words]) => said.some((text) => words.test(text)))?.[1]
}

/** OpenAI: 400 of a model that thinks, which has been asked and whose one token was not enough. */
export function saidOutOfTokens(error: unknown): boolean {
  return textsOf(error).some((text) => /max_tokens or model output limit was reached/i.test(text))
}

/** Google says in the body how long to wait: `google.rpc.RetryInfo`, `"retryDelay": "34.07s"`. In ms. */
export function retryInfoMs(error: unknown): number | undefined {
  for (const text of textsOf(error)) {
    const seconds = /"retryDelay"\s*:\s*"(\d{1,9}(?:\.\d{1,9})?)s"/.exec(text)?.[1]
    if (seconds !== undefined) return Math.ceil(Number(seconds) * 1_000)
  }
  return undefined
}

/** Where the SDK, or an error object in a reply, keeps what the vendor said; the beginning of each. */
function textsOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return []
  const { message, responseBody } = error as { message?: unknown; responseBody?: unknown }
  const { details } = error as { details?: unknown }
  return [message, responseBody, Array.isArray(details) ? JSON.stringify(details) : undefined].flatMap((text) =>
    typeof text === 'string' ? [text.slice(0, 16_384)] : [],
  )
}
