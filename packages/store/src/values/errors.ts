import { HoldfastError } from '@holdfast/core'
import { codeOf } from '../journal/errors.ts'

export function locked(directory: string): HoldfastError {
  return refusedToOpen('VALUES_LOCKED', `What is kept in ${directory} is open already, here or in another process.`)
}

export function cannotOpen(directory: string, cause: unknown): HoldfastError {
  return refusedToOpen('VALUES_CANNOT_OPEN', `What is kept in ${directory} cannot be read (${codeOf(cause)}).`, cause)
}

function refusedToOpen(code: string, message: string, cause?: unknown): HoldfastError {
  const is = { code, category: 'configuration', retryable: false, mayHaveTakenEffect: false } as const
  return new HoldfastError({ ...is, message, cause })
}

export function writeFailed(cause: unknown): HoldfastError {
  return new HoldfastError({
    code: 'VALUES_WRITE_FAILED',
    category: 'server',
    message: `What is to be kept could not be written (${codeOf(cause)}).`,
    retryable: true,
    mayHaveTakenEffect: true,
    cause,
  })
}
