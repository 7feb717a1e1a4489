import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { Clock, ErrorCategory } from '@holdfast/core'

/**
 * What providers say when a prompt is too long, where they have no code for it: OpenAI and what is compatible with it, Azure, Anthropic, Google, Bedrock,
 * Mistral, Cohere, vLLM, SGLang, llama.cpp, Groq, OpenRouter, xAI.
 */
const TOO_LONG = [
  /context[ _-]?(length|window|limit|size)/i,
  /maximum (context|prompt|input|model) ?(length|tokens)?/i,
  /(prompt|input|request|messages?) (is|are|was|has|exceeds?|too) .{0,40}(too (long|large|many tokens)|token)/i,
  /too many (input )?tokens/i,
  /(input|prompt)( token)? (count|length).{0,60}exceed/i,
  /exceeds? .{0,40}(max(imum)?|limit).{0,30}tokens/i,
  /reduce the length of the (messages|prompt|input)/i,
  /longer than the model'?s? context/i,
]

/** Statuses with which a model that cannot be had is refused: another one may be had. */
const GONE = [404, 405, 410]

/**
 * Makes a HoldfastError of what a model threw or sent as an error. What core knows from status, code and body stays; on top of it, from experience with language
 * models: a prompt that is too long is recognised by the provider's words, a model or path that is not there is the `configuration`'s fault and not the
 * request's, and an abort nobody has asked for is the provider's (`network`).
 *
 * Nothing of the original comes along, since the SDK's errors hold the prompt, the reply, and headers.
 *
 * @param servedBy for the message.
 */
export function modelFailure(error: unknown, servedBy: string, clock?: Pick<Clock, 'wallTime'>): HoldfastError {
  const known = ours(error) ?? toHoldfastError(error, servedBy, clock)
  const { code, category, message, retryable, mayHaveTakenEffect, status, retryAfterMs } = known
  const given = {
    code,
    message,
    retryable,
    mayHaveTakenEffect,
    integration: servedBy,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
  const refused = category === 'client' || category === 'unknown'
  if (refused && isTooLong(error)) {
    return again(known, 'context-length', {
      ...given,
      code: 'CONTEXT_LENGTH',
      message: `${servedBy} says that the prompt is too long`,
      retryable: false,
    })
  }
  if (category === 'client' && GONE.includes(status ?? 0)) return again(known, 'configuration', given)
  return again(known, category, given)
}

/** The SDK wraps what a `fetch` of ours has thrown. */
function ours(error: unknown): HoldfastError | undefined {
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 5; depth++) {
    if (HoldfastError.isInstance(at)) return at
    at = (at as { cause?: unknown }).cause
  }
  return undefined
}

function again(
  known: HoldfastError,
  category: ErrorCategory,
  given: Omit<ConstructorParameters<typeof HoldfastError>[0], 'category'>,
): HoldfastError {
  // A list of tiers says more than its code, and holds nothing of the provider's.
  if (known.category === category && known.cause === undefined) return known
  return new HoldfastError({ ...given, category, stack: false })
}

function isTooLong(error: unknown): boolean {
  return textsOf(error).some((text) => TOO_LONG.some((pattern) => pattern.test(text)))
}

/** The provider's own words, wherever the SDK keeps them; a bounded part of each. */
function textsOf(error: unknown): string[] {
  const texts: string[] = []
  const look = (value: unknown, depth: number): void => {
    if (typeof value === 'string') texts.push(value.slice(0, 2_000))
    else if (typeof value === 'object' && value !== null && depth > 0) {
      const { message, error: inner, data, responseBody, cause, lastError } = value as Record<string, unknown>
      for (const next of [message, inner, data, responseBody, cause, lastError]) look(next, depth - 1)
    }
  }
  try {
    look(error, 4)
  } catch {
    // A getter of the error threw.
  }
  return texts
}
