import type { FailedReply, FailureHint } from '../http/index.ts'

/** Words for a slot that somebody else has, or that is not one. */
const TAKEN = /already has booking at this time|is not available|no_available_users_found|can't be booked at the/i

/** What a status that is not 2xx means. Messages stay out: they hold names and addresses. */
export function explain({ status, text }: FailedReply): FailureHint | undefined {
  if (status === 400 && TAKEN.test(text)) {
    return {
      code: 'SLOT_TAKEN',
      category: 'client',
      message: 'This slot of Cal.com is taken, or is none',
      retryable: false,
      mayHaveTakenEffect: false,
    }
  }
  if (status === 401) return { message: 'Cal.com refused the API key', retryable: false, mayHaveTakenEffect: false }
  if (status === 403) {
    return { message: 'Cal.com refused the call: the key may not do this', retryable: false, mayHaveTakenEffect: false }
  }
  if (status === 404) {
    return {
      code: 'BOOKING_NOT_FOUND',
      category: 'client',
      message: 'Cal.com has no such booking or event type',
      retryable: false,
      mayHaveTakenEffect: false,
    }
  }
  return status < 500 ? { message: `Cal.com refused the request (${status})`, mayHaveTakenEffect: false } : undefined
}
