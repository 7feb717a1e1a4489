import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { HoldfastError, toHoldfastError } from '@holdfast/core'

/** The code of what must not be asked again. */
export const TOOL_HAS_RUN = 'TOOL_HAS_RUN'

/** The answer finished without a single word, tool call or file. */
export function emptyAnswer(): HoldfastError {
  return new HoldfastError({
    code: 'EMPTY_ANSWER',
    category: 'malformed',
    message: 'The model finished without any output.',
    retryable: true,
  })
}

/** The stream closed without a `finish` part, or the provider said that it was broken off. */
export function incompleteAnswer(): HoldfastError {
  return new HoldfastError({
    code: 'STREAM_INCOMPLETE',
    category: 'malformed',
    message: 'The answer broke off before its end.',
    retryable: true,
  })
}

/** The model itself finished with the reason `error`. */
function finishedWithError(): HoldfastError {
  return new HoldfastError({
    code: 'FINISHED_WITH_ERROR',
    category: 'server',
    message: 'The model gave up with finish reason "error".',
    retryable: true,
  })
}

/** What was to be kept back of an answer is more than the list may hold. */
export function answerTooLarge(maxHeldBytes: number): HoldfastError {
  return new HoldfastError({
    code: 'ANSWER_TOO_LARGE',
    category: 'malformed',
    message: `The answer is larger than the ${maxHeldBytes} bytes that may be kept back until it is whole.`,
    retryable: false,
  })
}

/** The failure that a finish reason stands for, if it does. */
export function finishFailure(unified: string): HoldfastError | undefined {
  if (unified === 'error') return finishedWithError()
  if (unified === 'interrupted') return incompleteAnswer()
  return undefined
}

/** The failure that a stream part carries in band, if it does. Emptiness needs the whole stream, so it is not judged here. */
export function partFailure(part: LanguageModelV4StreamPart, integration?: string): HoldfastError | undefined {
  if (part.type === 'error') return toHoldfastError(part.error, integration)
  if (part.type === 'finish') return finishFailure(part.finishReason.unified)
  return undefined
}

/** A tier used up its time slice without coming to its commit. */
export function tierTimeout(tier: string, sliceMs: number): HoldfastError {
  return new HoldfastError({
    code: 'TIER_TIMEOUT',
    category: 'timeout',
    message: `Tier "${tier}" did not answer within ${Math.round(sliceMs)} ms.`,
    retryable: true,
  })
}

/** The deadline had passed before the tier's turn came. */
export function noTimeLeft(tier: string): HoldfastError {
  return new HoldfastError({
    code: 'DEADLINE_EXCEEDED',
    category: 'timeout',
    message: `No time was left for tier "${tier}".`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

/** After its commit an answer fell silent for too long. */
export function answerStalled(idleTimeoutMs: number): HoldfastError {
  return new HoldfastError({
    code: 'IDLE_TIMEOUT',
    category: 'timeout',
    message: `The answer stopped for more than ${idleTimeoutMs} ms.`,
    retryable: true,
  })
}

/** An answer was still going on after the time there is for one. */
export function answerTimedOut(answerTimeoutMs: number): HoldfastError {
  return new HoldfastError({
    code: 'ANSWER_TIMEOUT',
    category: 'timeout',
    message: `The answer had not ended after ${answerTimeoutMs} ms.`,
    retryable: true,
  })
}

/** The provider's content filter has ended the answer. Nobody's failure: the model works, and another one may see it otherwise. */
export function contentFiltered(): HoldfastError {
  return new HoldfastError({
    code: 'CONTENT_FILTERED',
    category: 'rejected',
    message: "The provider's content filter has ended the answer.",
    retryable: false,
  })
}

/** JSON was asked for, and the answer is none, or not what the schema says. */
export function schemaMismatch(at: string | undefined): HoldfastError {
  const what = at === undefined ? 'is not the JSON that was asked for' : `does not fit the JSON schema at "${at}"`
  return new HoldfastError({
    code: 'SCHEMA_MISMATCH',
    category: 'rejected',
    message: `The answer ${what}.`,
    retryable: false,
  })
}

/** A tool was called with something that is no JSON. */
export function toolInputMalformed(): HoldfastError {
  return new HoldfastError({
    code: 'TOOL_INPUT_MALFORMED',
    category: 'rejected',
    message: 'The model called a tool with an input that is no JSON.',
    retryable: false,
  })
}

/** Tools were called as they cannot be, or not at all where they had to be. @param what about the call, without anything of the answer. */
export function toolCallInvalid(what: string): HoldfastError {
  return new HoldfastError({
    code: 'TOOL_CALL_INVALID',
    category: 'rejected',
    message: `The model ${what}.`,
    retryable: false,
  })
}

/** What the request may use is more than is left of a budget. Nobody was asked. @param waitMs until there is room; `Infinity` when there never will be. */
export function budgetExceeded(budget: string, unit: string, waitMs: number): HoldfastError {
  return new HoldfastError({
    code: 'BUDGET_EXCEEDED',
    category: 'rejected',
    message: `The budget "${budget}" has no room for this request (${unit}).`,
    retryable: false,
    retryAfterMs: waitMs,
    mayHaveTakenEffect: false,
    stack: false,
  })
}

/** By what its provider has told, a model would refuse the request now: those behind it are asked first. */
export function noRoomYet(tier: string, waitMs: number): HoldfastError {
  return new HoldfastError({
    code: 'RATE_LIMITED',
    category: 'rejected',
    message: `By its provider's own figures "${tier}" takes no such request now.`,
    retryable: false,
    retryAfterMs: waitMs,
    mayHaveTakenEffect: false,
    stack: false,
  })
}

/** Attempts after the first have helped nobody lately: to make more of them would only multiply what is sent. */
export function budgetSpent(tier: string): HoldfastError {
  return new HoldfastError({
    code: 'RETRY_BUDGET_SPENT',
    category: 'rejected',
    message: `"${tier}" was not asked: too many further attempts have come to nothing lately.`,
    retryable: false,
    mayHaveTakenEffect: false,
    stack: false,
  })
}

/** An answer failed after its provider had run a tool, which would run again if anybody else were asked. */
export function toolHasRun({ code, category, status, retryAfterMs }: HoldfastError): HoldfastError {
  return new HoldfastError({
    code: TOOL_HAS_RUN,
    category,
    message: `The answer failed (${code}) after its provider had run a tool. Nobody else was asked, since it might run twice.`,
    retryable: false,
    mayHaveTakenEffect: true,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** What says something about an answer, or about what a model is not made for, and nothing about its health. */
const BLAMELESS = [
  'CONTENT_FILTERED',
  'CONTINUATION_UNSURE',
  'SCHEMA_MISMATCH',
  'TOOL_CALL_INVALID',
  'TOOL_INPUT_MALFORMED',
  'ANSWER_BLOCKED',
  'NOT_SUPPORTED',
]

/** Whether a model has answered well, and only its answer was of no use. */
export function isBlameless({ code }: HoldfastError): boolean {
  return BLAMELESS.includes(code)
}

/** Statuses with which somebody says that time ran out, in which the model may have worked. */
const TIMED_OUT = [408, 504, 524]

/**
 * Whether an attempt that ended so has cost nothing, as long as nothing has come of it. Providers bill no reply with the status of an error; what has gone
 * on inside a list is another matter.
 */
export function isUndone(reason: unknown): boolean {
  if (!HoldfastError.isInstance(reason)) return false
  const { mayHaveTakenEffect, status = 0, category } = reason
  return !mayHaveTakenEffect || (status >= 400 && !TIMED_OUT.includes(status) && category !== 'exhausted')
}

/** Vectors came, and not one for each text, or no vectors of numbers. */
export function embeddingsMalformed(): HoldfastError {
  return new HoldfastError({
    code: 'EMBEDDINGS_MALFORMED',
    category: 'malformed',
    message: 'The model gave no vector of numbers for each of the texts.',
    retryable: true,
  })
}

/** Vectors came that cannot be compared with those there are. Always the same with this model, so that its circuit should open. */
export function dimensionMismatch(expected: number, given: number): HoldfastError {
  return new HoldfastError({
    code: 'DIMENSION_MISMATCH',
    category: 'configuration',
    message: `The model gives vectors of ${given} dimensions; ${expected} are needed.`,
    retryable: false,
  })
}

/** A model was to go on with the answer of another, and what it said does not begin where that ended. */
export function continuationUnsure(): HoldfastError {
  return new HoldfastError({
    code: 'CONTINUATION_UNSURE',
    category: 'rejected',
    message: 'What was to continue a broken answer does not fit to its end.',
    retryable: false,
  })
}

/** An answer had begun, and went on too slowly to stand by it. */
export function answerTooSlow(): HoldfastError {
  return new HoldfastError({
    code: 'TOO_SLOW',
    category: 'timeout',
    message: 'The answer trickled in too slowly.',
    retryable: true,
  })
}

/** The reason an attempt is aborted with when its result is no longer wanted, through no fault of its own. */
export function notNeeded(): HoldfastError {
  return new HoldfastError({
    code: 'TIER_CANCELLED',
    category: 'cancelled',
    message: 'Another tier answered.',
    retryable: false,
  })
}
