import type { FailedReply, FailureHint } from '../http/index.ts'

/** What Resend's error names mean where the status alone would say less, or something else. */
const BY_NAME: Readonly<Record<string, FailureHint>> = {
  missing_api_key: { message: 'Resend refused the call: there is no API key', mayHaveTakenEffect: false },
  invalid_api_key: { category: 'auth', message: 'Resend refused the API key', mayHaveTakenEffect: false },
  restricted_api_key: { message: 'Resend refused the call: the API key may not do this', mayHaveTakenEffect: false },
  daily_quota_exceeded: {
    code: 'QUOTA_EXHAUSTED',
    category: 'quota',
    message: 'The daily quota of the Resend account is used up',
    retryable: false,
    mayHaveTakenEffect: false,
  },
  monthly_quota_exceeded: {
    code: 'QUOTA_EXHAUSTED',
    category: 'quota',
    message: 'The monthly quota of the Resend account is used up',
    retryable: false,
    mayHaveTakenEffect: false,
  },
  rate_limit_exceeded: { message: 'Resend was asked too often', mayHaveTakenEffect: false },
  // The first request with this key is still under way there.
  concurrent_idempotent_requests: {
    category: 'server',
    message: 'Resend is still at work on this message',
    retryable: true,
  },
  invalid_idempotent_request: {
    code: 'IDEMPOTENCY_KEY_REUSED',
    category: 'validation',
    message: 'This idempotency key was used before for a different message',
    retryable: false,
    mayHaveTakenEffect: false,
  },
}

/** What a status that is not 2xx means. */
export function explain({ status, text }: FailedReply): FailureHint | undefined {
  const hint = BY_NAME[nameIn(text)]
  if (hint !== undefined) return hint
  if (status === 403) {
    // By its name also a wrong field; what it means in practice is that the sender's domain is not verified.
    return {
      message: 'Resend refused the sender or the recipient (403): is the domain verified?',
      mayHaveTakenEffect: false,
    }
  }
  // Refused before anything was done.
  return status >= 400 && status < 500 ? { mayHaveTakenEffect: false } : undefined
}

function nameIn(text: string): string {
  try {
    const { name } = JSON.parse(text) as { name?: unknown }
    return typeof name === 'string' && Object.hasOwn(BY_NAME, name) ? name : ''
  } catch {
    return ''
  }
}
