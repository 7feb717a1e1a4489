import type { FailedReply, FailureHint } from '../http/index.ts'
import type { UsedUpDay } from './day.ts'

/** When a window that is used up is worth another try, in ms, where HubSpot does not say it. */
const WINDOW_MS: Readonly<Record<string, number>> = { SECONDLY: 1_000, TEN_SECONDLY_ROLLING: 10_000 }

/** Says what HubSpot means by a reply that is not 2xx. */
export function explainer(day: UsedUpDay): (reply: FailedReply) => FailureHint | undefined {
  return ({ status, headers, text }) => {
    if (status === 429) return tooOften(text, headers, day)
    if (status === 401) {
      return { message: 'HubSpot refused the access token', retryable: false, mayHaveTakenEffect: false }
    }
    if (status === 403) {
      return {
        message: 'HubSpot refused the call: the app lacks a scope for it',
        retryable: false,
        mayHaveTakenEffect: false,
      }
    }
    if (status === 404) {
      return {
        code: 'RECORD_NOT_FOUND',
        category: 'client',
        message: 'HubSpot has no such record',
        retryable: false,
        mayHaveTakenEffect: false,
      }
    }
    if (status === 409) {
      return {
        code: 'RECORD_EXISTS',
        category: 'client',
        message: 'HubSpot has this record already',
        retryable: false,
        mayHaveTakenEffect: false,
      }
    }
    // Somebody else changes the record; HubSpot keeps it locked for two seconds.
    if (status === 423) {
      return {
        category: 'server',
        message: 'HubSpot has locked the record for a moment (423)',
        retryable: true,
        retryAfterMs: 2_000,
        mayHaveTakenEffect: false,
      }
    }
    return status < 500 ? { message: `HubSpot refused the request (${status})`, mayHaveTakenEffect: false } : undefined
  }
}

function tooOften(text: string, headers: Readonly<Record<string, string>>, day: UsedUpDay): FailureHint {
  const policy = policyIn(text)
  if (policy === 'DAILY') {
    return {
      code: 'QUOTA_EXHAUSTED',
      category: 'quota',
      message: 'The requests that the HubSpot account may make in a day are used up',
      retryable: false,
      retryAfterMs: day.usedUp(),
      mayHaveTakenEffect: false,
    }
  }
  const windowMs = WINDOW_MS[policy]
  const told = headers['retry-after'] !== undefined
  return {
    category: 'rate-limit',
    message: 'HubSpot was asked too often',
    ...(told || windowMs === undefined ? {} : { retryAfterMs: windowMs }),
    mayHaveTakenEffect: false,
  }
}

function policyIn(text: string): string {
  try {
    const { policyName } = JSON.parse(text) as { policyName?: unknown }
    return typeof policyName === 'string' ? policyName.toUpperCase() : ''
  } catch {
    return ''
  }
}
