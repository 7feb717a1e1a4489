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

const RATE: Meaning = {
  code: 'TOO_MANY_REQUESTS',
  category: 'rate-limit',
  retryable: false,
  mayHaveTakenEffect: false,
  says: 'asks to be called less often',
}
const ABSENT: Meaning = {
  code: 'NOT_CONFIGURED',
  category: 'configuration',
  retryable: false,
  mayHaveTakenEffect: false,
  says: 'is not set up',
}
const INCAPABLE: Meaning = {
  code: 'NOT_SUPPORTED',
  category: 'rejected',
  retryable: false,
  mayHaveTakenEffect: false,
  says: 'cannot do what the request asks for',
}
const FILTERED: Meaning = {
  code: 'CONTENT_FILTERED',
  category: 'rejected',
  retryable: false,
  mayHaveTakenEffect: false,
  says: 'let its content filter refuse the request',
}

/**
 * Refusals for which a vendor has no status or code of their own, only words. `@holdfast/ai` has a list of its own, for models that are not built here: neither
 * package may import the other, and core, which both may, must not grow.
 */
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
  // Groq: 413 for a request larger than what is left of the minute.
  [/\b(tokens|requests) per (minute|day)\b/i, RATE],
  // Azure, OpenAI; Anthropic.
  [/"code"\s*:\s*"(content_filter|content_policy_violation)"|content management policy/i, FILTERED],
  [/blocked by (our )?content filter/i, FILTERED],
  // Google; vLLM and Groq.
  [/\bFAILED_PRECONDITION\b|location is not supported for the API use/i, ABSENT],
  [/\bmodel\b.{0,120}\b(does not exist|has been decommissioned)/i, ABSENT],
  // OpenAI; Ollama and others; an answer that may not be as long: OpenAI, Anthropic.
  [/"code"\s*:\s*"unsupported_(value|parameter)"|\bunsupported (value|parameter):/i, INCAPABLE],
  [/\bmodel\b.{0,120}\b(does not|doesn't) support\b|only supported by certain models/i, INCAPABLE],
  [/supports at most \d+ (completion|output) tokens|maximum allowed number of output tokens/i, INCAPABLE],
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
