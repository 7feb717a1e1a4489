import { verdictOf } from './verdict-table.ts'
import type { Verdict } from './verdict.ts'

/** What an HTTP status means; `undefined` for what is none, or no error. */
export function verdictOfStatus(status: unknown): Verdict | undefined {
  const text = String(status)
  if (typeof status !== 'number' || !/^[45]\d\d$/.test(text)) return undefined
  const verdict = verdictOf(text) ?? verdictOf(status < 500 ? 'invalid_request_error' : 'server_error')
  return (
    verdict && {
      ...verdict,
      code: `HTTP_${text}`,
      retryable: status === 425 || (verdict.retryable && status !== 501 && status !== 505),
      // With these a service refuses before it does anything.
      mayHaveTakenEffect: !/^4(0[0-7]|1[013457]|2[125689]|31)$/.test(text),
      says: `answered with HTTP status ${text}`,
    }
  )
}
