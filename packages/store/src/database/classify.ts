import { type Classify, HoldfastError, toHoldfastError } from '@holdfast/core'

/**
 * What the errors of a transaction mean where core does not tell them apart: those that a caller caused, and that say nothing against the
 * database. Give it to the integration of a database, as `classify`. It knows `pg` and PGlite, by SQLSTATE (PostgreSQL, appendix A). No value of a row
 * goes into a message: those stand in `detail`, and names of constraints and columns are ours.
 *
 * @example
 * ```ts
 * import { toHoldfastError } from '@holdfast/core'
 * import { classifyDatabase } from '@holdfast/store/database'
 *
 * const duplicate = Object.assign(new Error(), { severity: 'ERROR', code: '23505', constraint: 'users_email' })
 * const { code, category } = toHoldfastError(duplicate, 'database', undefined, classifyDatabase)
 * console.log(code, category) // STORE_DUPLICATE client
 * ```
 */
export const classifyDatabase: Classify = (error) => {
  const { code, severity } = (error ?? {}) as { readonly code?: unknown; readonly severity?: unknown }
  if (typeof code !== 'string' || typeof severity !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return undefined
  const found = OURS.find(([begins]) => code.startsWith(begins))
  if (found === undefined) return undefined
  const [, word, says] = found
  return {
    code: word,
    category: 'client',
    retryable: false,
    mayHaveTakenEffect: false,
    says: `${says}${nameIn(error)}`,
  }
}

/** How a SQLSTATE begins, and what it is here; the first that fits counts. */
const OURS: readonly (readonly [begins: string, code: string, says: string])[] = [
  ['23505', 'STORE_DUPLICATE', 'has such a row already'],
  ['23P01', 'STORE_DUPLICATE', 'has such a row already'],
  ['23503', 'STORE_REFERENCE', 'has no row that is referred to, or has rows that refer to it'],
  ['23', 'STORE_VALUE', 'cannot keep the value'],
  ['22', 'STORE_VALUE', 'cannot keep the value'],
  ['44', 'STORE_DENIED', 'does not allow that'],
  ['42501', 'STORE_DENIED', 'does not allow that'],
  ['42', 'STORE_STATEMENT', 'does not understand the statement'],
  ['25P02', 'STORE_ROLLED_BACK', 'does nothing more in this transaction: a statement of it has failed'],
  ['54', 'STORE_STATEMENT', 'cannot do so much in one statement'],
]

/** Where in a transaction something failed. */
export type Phase = 'connect' | 'statement' | 'commit'

/** Until a commit is sent nothing has taken effect, whatever happened. */
export function databaseError(error: unknown, phase: Phase, integration = 'the store'): HoldfastError {
  if (HoldfastError.isInstance(error)) return error
  return toHoldfastError(withoutData(error), integration, undefined, (thrown) => {
    const verdict = classifyDatabase(thrown)
    return phase === 'commit' ? verdict : { ...verdict, mayHaveTakenEffect: false }
  })
}

/** Whether an error tells of the database, rather than of what it was asked. */
export function isFailureOfDatabase({ category }: HoldfastError): boolean {
  return category !== 'client' && category !== 'validation' && category !== 'cancelled'
}

/** What the drivers add of the rows and the parameters: nobody who logs a cause means to log those. */
const DATA = ['detail', 'where', 'internalQuery', 'query', 'params', 'queryOptions', 'input'] as const

function withoutData(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error
  for (const name of DATA) if (name in error) Reflect.deleteProperty(error, name)
  return error
}

function nameIn(error: unknown): string {
  const { constraint, column, table } = error as Readonly<Record<'constraint' | 'column' | 'table', unknown>>
  const name = [constraint, column, table].find((one) => typeof one === 'string' && /^\w{1,128}$/.test(one))
  return typeof name === 'string' ? ` (${name})` : ''
}
