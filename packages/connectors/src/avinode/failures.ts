import { HoldfastError } from '@holdfast/core'
import { z } from 'zod'
import type { FailedReply, FailureHint } from '../http/index.ts'

const wireErrors = z.looseObject({
  meta: z.looseObject({ errors: z.array(z.looseObject({ code: z.string().nullish() })) }),
})

/** Codes in `meta.errors`, as identifiers only: titles may quote what was sent. */
export function errorCodes(reply: unknown): string[] {
  const errors = wireErrors.safeParse(reply).data?.meta.errors ?? []
  const codes = errors.map((error) => error.code ?? 'UNNAMED')
  return codes.filter((code) => /^[A-Z0-9_]{1,64}$/.test(code)).slice(0, 5)
}

/**
 * Refuses a 200 that carries errors, for calls that only read: what comes with it is not what was asked for.
 * @throws HoldfastError `AVINODE_REFUSED`
 */
export function refuseErrors(reply: unknown): void {
  const codes = errorCodes(reply)
  if (codes.length === 0) return
  throw new HoldfastError({
    code: 'AVINODE_REFUSED',
    category: 'client',
    message: `Avinode answered 200 with errors (${codes.join(', ')})`,
    retryable: false,
    status: 200,
  })
}

/** What Avinode means by a status that is not 2xx. A refusal has changed nothing. */
export function explain({ status, text }: FailedReply): FailureHint | undefined {
  let codes: string[] = []
  try {
    codes = errorCodes(JSON.parse(text))
  } catch {
    // A body that is not JSON says no more than the status.
  }
  const because = codes.length === 0 ? '' : ` (${codes.join(', ')})`
  if (status === 401 || status === 403) {
    return {
      message: `Avinode refused the credentials, or the connection may not use this operation${because}`,
      retryable: false,
      mayHaveTakenEffect: false,
    }
  }
  if (status === 400 || status === 404 || status === 405 || status === 422 || status === 429) {
    return { message: `Avinode answered ${status}${because}`, mayHaveTakenEffect: false }
  }
  return codes.length === 0 ? undefined : { message: `Avinode answered ${status}${because}` }
}
