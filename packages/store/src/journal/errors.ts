import { HoldfastError } from '@holdfast/core'

/** An option, or a part of a record, that cannot be used. */
export function invalid(code: 'INVALID_OPTION' | 'JOURNAL_RECORD_INVALID', message: string): HoldfastError {
  return refused(code, message)
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, category: 'validation', message, retryable: false, mayHaveTakenEffect: false })
}

export function tooLarge(bytes: number, maxRecordBytes: number): HoldfastError {
  return refused('JOURNAL_RECORD_TOO_LARGE', `A record may have ${maxRecordBytes} bytes, but this one has ${bytes}.`)
}

export function keyReused(kind: string, sequence: number): HoldfastError {
  return refused(
    'JOURNAL_KEY_REUSED',
    `The key of this ${kind} stands for other data, in record ${sequence}. Another record needs a key of its own.`,
  )
}

export function unknownSequence(last: number): HoldfastError {
  return refused('JOURNAL_SEQUENCE_UNKNOWN', `No record has this number; the last one is ${last}.`)
}

export function full(what: string): HoldfastError {
  return new HoldfastError({
    code: 'JOURNAL_FULL',
    category: 'rejected',
    message: `The journal holds ${what} that wait to be handled, and takes no more until some of them are.`,
    retryable: true,
    mayHaveTakenEffect: false,
  })
}

export function closed(): HoldfastError {
  return new HoldfastError({
    code: 'JOURNAL_CLOSED',
    category: 'rejected',
    message: 'The journal is closed.',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

export function replayRunning(): HoldfastError {
  return new HoldfastError({
    code: 'JOURNAL_REPLAY_RUNNING',
    category: 'rejected',
    message: 'A replay is under way; a second one would hand out the same records.',
    retryable: true,
    mayHaveTakenEffect: false,
  })
}

/** The disk did not take it. @param mayHaveTakenEffect whether it is in the file all the same, perhaps */
export function writeFailed(cause: unknown, mayHaveTakenEffect: boolean, retryAfterMs: number): HoldfastError {
  return new HoldfastError({
    code: 'JOURNAL_WRITE_FAILED',
    category: 'server',
    message: `The journal could not be written (${codeOf(cause)}).`,
    retryable: true,
    retryAfterMs,
    mayHaveTakenEffect,
    cause,
  })
}

/** Somebody removed or replaced the file: what is written to it now is in no directory. */
export function fileGone(): HoldfastError {
  return new HoldfastError({
    code: 'JOURNAL_FILE_GONE',
    category: 'configuration',
    message:
      'The file of the journal was removed or replaced while it was open. Nothing is taken until it is opened anew.',
    retryable: false,
  })
}

export function unreadable(sequence: number, cause?: unknown): HoldfastError {
  return new HoldfastError({
    code: 'JOURNAL_RECORD_UNREADABLE',
    category: 'malformed',
    message: `Record ${sequence} cannot be read (${cause === undefined ? 'its checksum is wrong' : codeOf(cause)}).`,
    retryable: true,
    mayHaveTakenEffect: false,
    cause,
  })
}

export function locked(directory: string): HoldfastError {
  return refusedToOpen('JOURNAL_LOCKED', `The journal in ${directory} is open already, here or in another process.`)
}

export function newerVersion(directory: string): HoldfastError {
  return refusedToOpen(
    'JOURNAL_NEWER',
    `The journal in ${directory} was written by a later version, and is left as it is.`,
  )
}

export function cannotOpen(directory: string, cause: unknown): HoldfastError {
  return refusedToOpen('JOURNAL_CANNOT_OPEN', `The journal in ${directory} cannot be opened (${codeOf(cause)}).`, cause)
}

function refusedToOpen(code: string, message: string, cause?: unknown): HoldfastError {
  return new HoldfastError({
    code,
    category: 'configuration',
    message,
    retryable: false,
    mayHaveTakenEffect: false,
    cause,
  })
}

/** A code such as `ENOSPC`; a message could hold anything. */
export function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : 'an unknown error'
}
