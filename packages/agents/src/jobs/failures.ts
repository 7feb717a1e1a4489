import { CATEGORY_RULES, HoldfastError, toHoldfastError } from '@holdfast/core'
import type { ErrorCategory } from '@holdfast/core'
import { createRedactor } from '@holdfast/ai/guardrails'
import type { JobFailure, JobReference } from './job.ts'

/** A handler throws it for a job that no further try will help. */
export class UnrecoverableJobError extends Error {
  override readonly name = 'UnrecoverableJobError'
  readonly code: string

  /** @param code capital letters, digits and `_`. Default: `UNRECOVERABLE`. */
  constructor(message: string, code = 'UNRECOVERABLE') {
    super(message)
    this.code = code
  }
}

const MAX_MESSAGE = 1_000

/** What an error may quote of a request that failed. Names and addresses of people stay: the job itself has them. */
const secrets = createRedactor({ kinds: ['key', 'jwt', 'bearer', 'private-key', 'password'] })

/** What of an error is kept with a job. */
export function failureOf(thrown: unknown): JobFailure {
  const { message, code } = (typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }) as {
    readonly message?: unknown
    readonly code?: unknown
  }
  return {
    code: typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'JOB_FAILED',
    message: secrets
      .redact(typeof message === 'string' && message !== '' ? message.slice(0, 10 * MAX_MESSAGE) : 'The handler failed')
      .text.replaceAll('\0', '')
      .slice(0, MAX_MESSAGE),
  }
}

/** Whether a further try cannot help: the handler says so, or its error is of a kind that stays. */
export function isUnrecoverable(thrown: unknown): boolean {
  if (thrown instanceof UnrecoverableJobError) return true
  if (!HoldfastError.isInstance(thrown)) return false
  return !thrown.retryable && !CATEGORY_RULES[thrown.category].retry
}

/** A failure that was kept, as far as it can be told. */
export function storedFailure(code: unknown, message: unknown): JobFailure {
  return failureOf({ code, message })
}

/** Reads what a driver has thrown. */
export function queueFailure(thrown: unknown): HoldfastError {
  if (HoldfastError.isInstance(thrown)) return thrown
  const known = toHoldfastError(thrown, 'jobs')
  // What a client of a database says in words about its connection.
  const isUnknown = known.category === 'unknown'
  return new HoldfastError({
    code: isUnknown ? 'QUEUE_UNREACHABLE' : known.code,
    category: isUnknown ? 'network' : known.category,
    message: 'The job queue cannot be reached',
    retryable: isUnknown || known.retryable,
    // What the driver was asked may be done; ids are ours, so asking again does no harm.
    mayHaveTakenEffect: true,
    cause: typeof thrown === 'object' && thrown !== null && 'code' in thrown ? { code: thrown.code } : undefined,
  })
}

export function jobError(code: string, category: ErrorCategory, message: string): HoldfastError {
  return new HoldfastError({ code, category, message, retryable: false, mayHaveTakenEffect: false })
}

/** A job that is waited for has not come to a result. */
export function jobFailed({ queue, id }: JobReference, failure: JobFailure): HoldfastError {
  return new HoldfastError({
    code: 'JOB_FAILED',
    category: 'server',
    message: `The job ${id} of ${queue} failed with ${failure.code}: ${failure.message}`,
    retryable: false,
    mayHaveTakenEffect: true,
    cause: failure,
  })
}

/** Whether a failure says that the queue is away, and nothing about the job. */
export function isAway(error: unknown): boolean {
  return (
    HoldfastError.isInstance(error) &&
    error.category !== 'validation' &&
    error.category !== 'client' &&
    error.category !== 'configuration'
  )
}
