import { HoldfastError } from '@holdfast/core'
import type { Question } from '../answer/answer.ts'
import { budgetRefusal } from '../budgets/budget-refusal.ts'
import type { AppContext } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'

/** The error to tell a reader when an assistant gave no answer; the cause goes to the log, not to the reader. */
export function noAnswer(error: unknown, question: Question, context: AppContext): ApiError {
  const reason: unknown = question.signal.aborted ? question.signal.reason : error
  if (HoldfastError.isInstance(reason) && reason.code === 'SHUTTING_DOWN') {
    return new ApiError('shutting_down', { headers: { connection: 'close' } })
  }
  const headers = { 'x-holdfast-request-id': question.requestId }
  const refusal = question.signal.aborted ? undefined : budgetRefusal(error)
  if (refusal !== undefined) {
    context.log.info({ requestId: question.requestId, ...describeFailure(error) }, 'no budget has room for a question')
    return new ApiError('budget_exceeded', { headers: { ...headers, ...retryAfter(refusal.retryAfterMs) } })
  }
  if (!question.signal.aborted) {
    context.log.error(
      { requestId: question.requestId, ...describeFailure(error) },
      HoldfastError.isInstance(error) ? 'no tier gave an answer' : 'an assistant failed in an unforeseen way',
    )
  }
  return new ApiError('no_answer', { headers })
}

function retryAfter(ms: number | undefined): Record<string, string> {
  return ms === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(ms / 1_000))) }
}

/** What of an error goes to the log: never a body of a reply, never a cause. */
export function describeFailure(error: unknown): Record<string, unknown> {
  if (HoldfastError.isInstance(error)) return { code: error.code, category: error.category, error: error.message }
  return error instanceof Error ? { error: error.message, stack: error.stack } : { error: String(error) }
}
