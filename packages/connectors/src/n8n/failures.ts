import { HoldfastError } from '@holdfast/core'
import { malformedReply, saysWrongAddress } from '../http/index.ts'
import type { FailedReply, FailureHint } from '../http/index.ts'

/** What n8n means by a status that is not 2xx. */
export function explainStatus({ status, text }: FailedReply): FailureHint {
  if (status === 404 && /not registered/i.test(text)) {
    return {
      code: 'WEBHOOK_NOT_REGISTERED',
      category: 'configuration',
      message:
        'n8n knows no webhook at this address: the workflow is not active, the path or the method is wrong, or n8n started ' +
        'only seconds ago and has not registered its webhooks yet',
      retryable: false,
      mayHaveTakenEffect: false,
    }
  }
  if ((status === 403 || status === 401) && /authorization|authentication/i.test(text)) {
    return {
      code: 'WEBHOOK_AUTH_REJECTED',
      category: 'auth',
      message: 'n8n refused the credential of the webhook: is the header name right, and the key?',
      retryable: false,
      mayHaveTakenEffect: false,
    }
  }
  if (status === 500 && /error in workflow/i.test(text)) {
    return { code: 'WORKFLOW_FAILED', category: 'server', message: 'The n8n workflow failed', retryable: true }
  }
  // A Respond node sends what status it likes, after the workflow has done what it does.
  return saysWrongAddress(status)
    ? { category: 'configuration', mayHaveTakenEffect: true }
    : { mayHaveTakenEffect: true }
}

/** The workflow said in its reply that it failed. */
export function workflowFailed(): HoldfastError {
  return new HoldfastError({
    code: 'WORKFLOW_FAILED',
    category: 'server',
    message: 'The n8n workflow answered 200 and said that it failed',
    retryable: true,
    status: 200,
  })
}

/** A 200 that holds no answer. Counts as a failure: a workflow that throws before its Respond node looks like this. */
export function unusable(code: string, what: string): HoldfastError {
  return malformedReply('n8n', code, `answered 200 ${what}`, 200)
}

/** The webhook is set up in a way that can never give an answer. */
export function misconfigured(what: string): HoldfastError {
  return new HoldfastError({
    code: 'WEBHOOK_MISCONFIGURED',
    category: 'configuration',
    message: `n8n answered 200 ${what}`,
    retryable: false,
    status: 200,
  })
}

/** A streamed reply that ended before it was whole. */
export function incomplete(): HoldfastError {
  return malformedReply('n8n', 'STREAM_INCOMPLETE', 'ended its streamed reply before the answer was whole', 200)
}
