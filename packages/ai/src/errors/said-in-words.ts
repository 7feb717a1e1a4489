import type { Verdict } from '@holdfast/core'

type Meaning = Pick<Verdict, 'code' | 'category' | 'says'>

/**
 * What providers say in a refusal that has the status of a wrong request (400, 404, 413, 422), or none: by their code where they have one, otherwise by their
 * words. The first that fits counts. Everything here is the matter of one model or account; what is wrong with the request itself must fit nowhere.
 */
const WORDS: readonly (readonly [Meaning, ...RegExp[]])[] = [
  [
    { code: 'CONTENT_FILTERED', category: 'rejected', says: 'let its content filter refuse the request' },
    // Azure, OpenAI, Alibaba; Azure, Anthropic, OpenAI.
    /^(content_filter(ed)?|content_policy_violation|moderation_blocked|data_inspection_failed)$/i,
    /"code"\s*:\s*"(content_filter(ed)?|content_policy_violation|moderation_blocked|data_inspection_failed)"/i,
    /ResponsibleAIPolicyViolation|content management policy|blocked by (our )?content filter/i,
    /flagged as potentially violating our usage policy/i,
  ],
  [
    { code: 'NOT_AUTHORISED', category: 'auth', says: 'did not accept the credential' },
    // Google; xAI.
    /API_KEY_INVALID|API key (not valid|expired)|(incorrect|invalid) API key/i,
  ],
  [
    { code: 'QUOTA_EXHAUSTED', category: 'quota', says: 'says that the account is used up' },
    // Anthropic.
    /credit balance is too low|insufficient_quota|billing_not_active|billing_hard_limit_reached/i,
  ],
  [
    { code: 'TOO_MANY_REQUESTS', category: 'rate-limit', says: 'asks to be called less often' },
    // Groq: 413 for a request larger than what is left of the minute.
    /^rate_limit_exceeded$|"code"\s*:\s*"rate_limit_exceeded"|\b(tokens|requests) per (minute|day)\b/i,
  ],
  [
    { code: 'NOT_CONFIGURED', category: 'configuration', says: 'is not set up' },
    // Google: 400 where it is not offered.
    /\bFAILED_PRECONDITION\b|location is not supported for the API use/i,
    // vLLM, Groq, Ollama; OpenRouter, LiteLLM; Bedrock.
    /^model_(decommissioned|not_found)$|"code"\s*:\s*"model_(decommissioned|not_found)"/i,
    /\bmodel\b.{0,120}\b(does not exist|not found|has been (decommissioned|deprecated|removed)|is no longer (available|supported))/i,
    /is not a valid model id|invalid model name|model identifier is invalid/i,
  ],
  [
    { code: 'CONTEXT_LENGTH', category: 'context-length', says: 'says that the prompt is too long' },
    // OpenAI and what is compatible with it, Azure, Anthropic, Google, Bedrock, Mistral, Cohere, vLLM, SGLang, llama.cpp, Groq, OpenRouter, xAI.
    /context[ _-]?(length|window|limit|size)/i,
    /maximum (context|prompt|input|model) ?(length|tokens)?/i,
    /(prompt|input|request|messages?) (is|are|was|has|exceeds?|too) .{0,40}(too (long|large|many tokens)|token)/i,
    /too many (input )?tokens/i,
    /(input|prompt)( token)? (count|length).{0,60}exceed/i,
    /exceeds? .{0,40}(max(imum)?|limit).{0,30}tokens/i,
    /reduce the length of the (messages|prompt|input)/i,
    /longer than the model'?s? context/i,
  ],
  [
    { code: 'NOT_SUPPORTED', category: 'rejected', says: 'cannot do what the request asks for' },
    // OpenAI; Ollama, Groq, xAI; OpenRouter; vLLM.
    /^unsupported_(value|parameter)$|"code"\s*:\s*"unsupported_(value|parameter)"|\bunsupported (value|parameter):/i,
    /\bmodel\b.{0,120}\b(does not|doesn't) support\b|only supported by certain models/i,
    /\b(does not|doesn't) support (tool|function|image|vision|audio|file|structured output|thinking|reasoning)/i,
    /not supported (by|with|for|in|on) (this|the) model|no endpoints found that support/i,
    /requires --enable-auto-tool-choice/i,
    // The answer may not be as long: OpenAI, Anthropic.
    /max_(completion_|output_)?tokens['"`\\]* is too large|\bmax_tokens: \d+ > \d+/i,
    /supports at most \d+ (completion|output) tokens|maximum allowed number of output tokens/i,
  ],
]

/** What a refusal means by the provider's code or words, which are looked at and not kept. `undefined` when they say nothing known. */
export function saidInWords(error: unknown): Meaning | undefined {
  const said = textsOf(error)
  return WORDS.find(([, ...words]) => words.some((word) => said.some((text) => word.test(text))))?.[0]
}

/** The provider's own words, wherever the SDK keeps them; a bounded part of each. */
function textsOf(error: unknown): string[] {
  const texts: string[] = []
  const look = (value: unknown, depth: number): void => {
    if (typeof value === 'string') texts.push(value.slice(0, 2_000))
    else if (typeof value === 'object' && value !== null && depth > 0) {
      const { message, code, type, status, error: inner, data, responseBody, cause, lastError } = value as Fields
      for (const next of [message, code, type, status, inner, data, responseBody, cause, lastError])
        look(next, depth - 1)
    }
  }
  try {
    look(error, 4)
  } catch {
    // A getter of the error threw.
  }
  return texts
}

type Fields = Readonly<Record<string, unknown>>
