import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { ErrorCategory } from '@holdfast/core'
import type { LanguageModelV4FinishReason } from '@ai-sdk/provider'
import { malformedReply, saysWrongAddress } from '../http/index.ts'
import { retryInfoMs, saidInWords } from './said-in-words.ts'

/** A reply that says success and cannot be used. */
export function malformed(code: string, service: string, what: string): HoldfastError {
  return malformedReply(service, code, `answered ${what}`, 200)
}

/** The error for a stream that ended before its finish. */
export function incomplete(service: string): HoldfastError {
  return malformed('STREAM_INCOMPLETE', service, 'with a stream that ended before its finish')
}

/**
 * What is wrong with how an answer ended. One without output is a failure, unless a content filter ended it: then it is told as it is, and who
 * asked decides.
 */
export function endFailure(
  { unified }: LanguageModelV4FinishReason,
  output: boolean,
  service: string,
): HoldfastError | undefined {
  if (unified === 'interrupted') return incomplete(service)
  if (unified === 'error') return providerError(service)
  if (output || unified === 'content-filter') return undefined
  return malformed('EMPTY_REPLY', service, 'with neither text nor a tool call')
}

/** The error for an error object in a reply that said 200, or in the middle of a stream. */
export function saidFailure(error: unknown, service: string): HoldfastError {
  const known = detached(error, service)
  return known.category === 'unknown' ? providerError(service) : known
}

function providerError(service: string): HoldfastError {
  return new HoldfastError({
    code: 'PROVIDER_ERROR',
    category: 'server',
    message: `${service} said success and then that it failed`,
    retryable: true,
  })
}

/** Makes one of our errors of whatever the AI SDK or the network threw; the caller's reason when it was the caller. */
export function llmFailure(error: unknown, service: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason
  const name = (error as { name?: unknown } | null | undefined)?.name
  if (name === 'AI_InvalidResponseDataError') {
    return incomplete(service)
  }
  return error instanceof Error ? detached(error, service) : saidFailure(error, service)
}

/**
 * Classified by core, and without the `cause`: the SDK's errors hold the prompt and the reply, and the endpoint's message may quote
 * a part of the key.
 */
function detached(error: unknown, service: string): HoldfastError {
  const known = ours(error) ?? toHoldfastError(error, service)
  const { code, category, message, retryable, mayHaveTakenEffect, status } = known
  const retryAfterMs = known.retryAfterMs ?? retryInfoMs(error)
  const told = shouldRetry(error)
  const { says, ...meant } = (category === 'client' || category === 'unknown' ? saidInWords(error) : undefined) ?? {
    says: undefined,
    code,
    category: category === 'client' ? refusal(status, told) : category,
    retryable: told ?? retryable,
    mayHaveTakenEffect,
  }
  return new HoldfastError({
    ...meant,
    message: says === undefined ? message : `${service} ${says}`,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** What a refusal is that core takes for the question's fault. */
function refusal(status: number | undefined, told: boolean | undefined): ErrorCategory {
  // Asking again helps, so it is not the question that is wrong.
  if (told === true) return 'server'
  // A wrong path or an unknown model: it counts against the endpoint.
  return saysWrongAddress(status) ? 'configuration' : 'client'
}

/** What the reply itself says of asking again (`x-should-retry`, of OpenAI and Anthropic), which is lost with the SDK's error. */
function shouldRetry(error: unknown): boolean | undefined {
  const reply = error as { readonly responseHeaders?: Readonly<Record<string, string>> } | null | undefined
  const told = reply?.responseHeaders?.['x-should-retry']
  return told === 'true' ? true : told === 'false' ? false : undefined
}

/** The SDK wraps what `fetch` throws, ours too. */
function ours(error: unknown): HoldfastError | undefined {
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 5; depth++) {
    if (HoldfastError.isInstance(at)) return at
    at = (at as { cause?: unknown }).cause
  }
  return undefined
}
