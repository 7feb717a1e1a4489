import { HoldfastError } from '@holdfast/core'
import { replyFailure, saysWrongAddress } from '../http/failure.ts'
import type { FailedReply, FailureHint } from '../http/index.ts'

/** Teams throttles what comes faster than four in a second. */
const THROTTLED_MS = 1_000

/** What a status that is not 2xx means. */
export function explain({ status }: FailedReply): FailureHint | undefined {
  if (status === 401 || status === 403) {
    return { message: `Microsoft Teams refused the address (${status}): its signature is wrong, or has been renewed` }
  }
  if (saysWrongAddress(status)) {
    return {
      category: 'configuration',
      message: `There is no workflow or webhook of Microsoft Teams at this address any more (${status})`,
      retryable: false,
      mayHaveTakenEffect: false,
    }
  }
  return undefined
}

/**
 * Reads what a webhook has written beside a status of success.
 * @throws HoldfastError when it says that nothing was delivered, or says something that it never says.
 */
export function checkDelivered(status: number, body: string): void {
  const said = body.trim()
  // A workflow answers with nothing or with JSON of its own, a webhook with `1`.
  if (said === '' || said === '1') return
  if (/^[{[]/.test(said)) {
    if (tellsOfFailure(said)) throw notDelivered(502)
    return
  }
  const code = /HTTP error (\d{3})/i.exec(said)?.[1]
  if (code === undefined && !/failed|error/i.test(said)) throw notTeams(status)
  throw notDelivered(code === undefined ? 502 : Number(code))
}

/** What workflows say in JSON where they did not run: an `error`, or a `status` of `Failed`. */
function tellsOfFailure(text: string): boolean {
  let told: unknown
  try {
    told = JSON.parse(text)
  } catch {
    return /failed|error/i.test(text)
  }
  const { error, status } = (told ?? {}) as { readonly error?: unknown; readonly status?: unknown }
  return (error !== undefined && error !== null) || (typeof status === 'string' && /^(failed|error)$/i.test(status))
}

/** What Teams itself has said to the webhook in between counts. */
function notDelivered(status: number): HoldfastError {
  return replyFailure(
    'Microsoft Teams',
    { status, headers: {} },
    {
      message: `The webhook of Microsoft Teams took the message and did not deliver it (${status})`,
      ...(status === 429 ? { retryAfterMs: THROTTLED_MS } : {}),
      mayHaveTakenEffect: false,
    },
  )
}

function notTeams(status: number): HoldfastError {
  return new HoldfastError({
    code: 'MALFORMED_REPLY',
    category: 'malformed',
    message: `What is at the address of Microsoft Teams answered ${status} with something that Teams does not say: is the address right?`,
    retryable: false,
    status,
  })
}
