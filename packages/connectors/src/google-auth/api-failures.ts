import type { FailedReply, FailureHint } from '../http/index.ts'

/** What of an error of Google's APIs is used: its code words, never its messages, which quote what was sent. */
interface Said {
  /** `error.status`, such as `PERMISSION_DENIED`. */
  readonly status: string
  /** `error.errors[].reason` and the reasons of `error.details[]`, such as `rateLimitExceeded`, `RATE_LIMIT_EXCEEDED`. */
  readonly reasons: readonly string[]
}

const RATE = new Set(['ratelimitexceeded', 'userratelimitexceeded', 'rate_limit_exceeded'])
const QUOTA = new Set(['quotaexceeded', 'dailylimitexceeded'])
const DISABLED = new Set(['accessnotconfigured', 'service_disabled'])

/** Says what Google's APIs mean by a reply that is not 2xx, in the name of one of them. */
export function explainFor(service: string): (reply: FailedReply) => FailureHint | undefined {
  return ({ status, text }) => {
    const { status: word, reasons } = read(text)
    const says = (names: ReadonlySet<string>): boolean => reasons.some((reason) => names.has(reason.toLowerCase()))
    if (status === 429 || (status === 403 && says(RATE))) {
      // They say no time: quotas are refilled every minute, and the backoff of the integration waits.
      return {
        category: 'rate-limit',
        message: `${service} was asked too often (${status})`,
        retryable: true,
        mayHaveTakenEffect: false,
      }
    }
    if (status === 401) {
      return { message: `${service} refused the access token`, retryable: false, mayHaveTakenEffect: false }
    }
    if (status === 403 && says(QUOTA)) {
      return {
        code: 'QUOTA_EXHAUSTED',
        category: 'quota',
        message: `The quota of the project at ${service} is used up`,
        retryable: false,
        mayHaveTakenEffect: false,
      }
    }
    if (status === 403 && says(DISABLED)) {
      return {
        category: 'configuration',
        message: `${service} is not switched on in the project of the service account`,
        retryable: false,
        mayHaveTakenEffect: false,
      }
    }
    if (status === 403) {
      return {
        message: `${service} refused the service account: is what it shall use shared with its address?`,
        retryable: false,
        mayHaveTakenEffect: false,
      }
    }
    // Refused before anything was done.
    if (status < 500) {
      const because = /^[A-Z_]{1,40}$/.test(word) ? `, ${word}` : ''
      return { message: `${service} refused the request (${status}${because})`, mayHaveTakenEffect: false }
    }
    return undefined
  }
}

function read(text: string): Said {
  const nothing: Said = { status: '', reasons: [] }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return nothing
  }
  const error = field(value, 'error')
  const list = (name: string): unknown[] => {
    const found = field(error, name)
    return Array.isArray(found) ? found.slice(0, 20) : []
  }
  const reasons = [...list('errors'), ...list('details')].map((entry) => field(entry, 'reason'))
  const status = field(error, 'status')
  return {
    status: typeof status === 'string' ? status : '',
    reasons: reasons.filter((reason) => typeof reason === 'string'),
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
