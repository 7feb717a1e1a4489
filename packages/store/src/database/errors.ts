import { type ErrorCategory, HoldfastError } from '@holdfast/core'

/** Something that was given and cannot be used. */
export function invalid(
  code: 'INVALID_OPTION' | 'STORE_CLAIMS_INVALID' | 'STORE_VALUE',
  message: string,
): HoldfastError {
  return made(code, 'validation', message)
}

export function keyReused(): HoldfastError {
  return made(
    'STORE_KEY_REUSED',
    'validation',
    'The idempotency key stands for other input. Other work needs a key of its own.',
  )
}

export function transactionEnded(why: string): HoldfastError {
  return made(
    'STORE_TRANSACTION_ENDED',
    'validation',
    `The transaction has ended (${why}); its handle can no longer be used.`,
  )
}

export function statementRefused(word: string, why: string): HoldfastError {
  return made(
    'STORE_STATEMENT_REFUSED',
    'validation',
    `'${word}' cannot be used in a transaction of the store: ${why}.`,
  )
}

export function notAwaited(): HoldfastError {
  return made(
    'STORE_QUERY_NOT_AWAITED',
    'validation',
    'The function ended before its queries did, so nothing of it was kept. Await each of them.',
  )
}

/** A statement failed, the function went on all the same, and PostgreSQL kept nothing. */
export function rolledBack(cause: unknown): HoldfastError {
  return made(
    'STORE_ROLLED_BACK',
    'client',
    'A statement failed before, so PostgreSQL kept nothing of the transaction although its function ended well.',
    { cause },
  )
}

export function deadlineExceeded(deadlineMs: number): HoldfastError {
  return made('STORE_DEADLINE', 'timeout', `The transaction took longer than ${deadlineMs} ms, and was rolled back.`, {
    retryable: true,
  })
}

/** The commit was under way when the time was over: nobody knows. */
export function commitUnknown(deadlineMs: number): HoldfastError {
  return made(
    'STORE_COMMIT_UNKNOWN',
    'timeout',
    `The commit was not confirmed within ${deadlineMs} ms; it may have been made.`,
    {
      retryable: true,
      mayHaveTakenEffect: true,
    },
  )
}

export function closed(): HoldfastError {
  return made('STORE_CLOSED', 'rejected', 'The store is closed, or closing.')
}

/** @param owner of the lock, as it said itself */
export function locked(directory: string, owner: string): HoldfastError {
  return made('STORE_LOCKED', 'configuration', `The store in ${directory} is open already: ${owner}.`)
}

export function newer(found: string): HoldfastError {
  return made(
    'STORE_NEWER',
    'configuration',
    `The database has the migration ${found}, which this version does not know. It is left as it is; use the version that made it, or a later one.`,
  )
}

export function migrationChanged(id: string): HoldfastError {
  return made(
    'STORE_MIGRATION_CHANGED',
    'configuration',
    `The migration ${id} is not the one that the database was made with. It is left as it is; a migration that was released never changes.`,
  )
}

export function outdated(missing: readonly string[]): HoldfastError {
  return made(
    'STORE_OUTDATED',
    'configuration',
    `The database lacks the migrations ${missing.join(', ')}, and 'migrate' is false.`,
  )
}

export function migrationFailed(id: string, says: string, cause: unknown): HoldfastError {
  return made(
    'STORE_MIGRATION_FAILED',
    'configuration',
    `The migration ${id} failed, and nothing of it was kept: ${says}.`,
    {
      cause,
    },
  )
}

export function cannotOpen(where: string, why: string, cause?: unknown): HoldfastError {
  return made('STORE_CANNOT_OPEN', 'configuration', `The store (${where}) cannot be opened: ${why}.`, { cause })
}

export function notEmpty(table: string): HoldfastError {
  return made(
    'STORE_NOT_EMPTY',
    'configuration',
    `A backup is restored into an empty store only, and there are rows in ${table}.`,
  )
}

export function backupDamaged(file: string, why: string): HoldfastError {
  return made('STORE_BACKUP_DAMAGED', 'malformed', `${file} is no whole backup: ${why}. Nothing was restored.`)
}

export function backupFailed(file: string, why: string, cause: unknown): HoldfastError {
  return made('STORE_BACKUP_FAILED', 'server', `${file} could not be ${why}.`, { cause })
}

interface Details {
  readonly cause?: unknown
  readonly retryable?: boolean
  readonly mayHaveTakenEffect?: boolean
}

function made(code: string, category: ErrorCategory, message: string, details: Details = {}): HoldfastError {
  return new HoldfastError({ code, category, message, retryable: false, mayHaveTakenEffect: false, ...details })
}
