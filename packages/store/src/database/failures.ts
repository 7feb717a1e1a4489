import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { ErrorCategory } from '@holdfast/core'

interface Meaning {
  readonly code: string
  readonly category: ErrorCategory
  readonly retryable: boolean
  readonly says: string
}

/**
 * What a SQLSTATE means (PostgreSQL, appendix A). The longest beginning that is listed counts.
 *
 * Values of rows stand in the words of the database ("Key (email)=(…) already exists"), so those never go into an error; the name of the constraint does.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '08': meaning('STORE_UNREACHABLE', 'network', true, 'The connection to the database failed'),
  '22': meaning('VALUE_REFUSED', 'client', false, 'A value does not fit its column'),
  '23': meaning('CONSTRAINT_VIOLATED', 'client', false, 'A constraint of the database does not hold'),
  '23502': meaning('VALUE_MISSING', 'client', false, 'A column that must have a value has none'),
  '23503': meaning('REFERENCE_MISSING', 'client', false, 'What a row refers to is not there'),
  '23505': meaning('CONFLICT', 'client', false, 'There is such a row already'),
  '25P02': meaning(
    'TRANSACTION_FAILED',
    'client',
    false,
    'A statement before had failed, so everything was rolled back',
  ),
  '25P03': meaning('STORE_TIMEOUT', 'timeout', false, 'The transaction was idle for too long'),
  '28': meaning('NOT_AUTHORISED', 'auth', false, 'The database refused the user or the password'),
  '3D000': meaning('STORE_MISCONFIGURED', 'configuration', false, 'There is no such database'),
  '40001': meaning(
    'TRANSACTION_CONFLICT',
    'overloaded',
    true,
    'Another transaction was in the way; make this one again',
  ),
  '40P01': meaning(
    'TRANSACTION_CONFLICT',
    'overloaded',
    true,
    'Another transaction was in the way; make this one again',
  ),
  '42': meaning('STATEMENT_REFUSED', 'client', false, 'The database does not understand the statement'),
  '42501': meaning('NOT_ALLOWED', 'client', false, 'These claims do not allow it'),
  '53': meaning('STORE_OVERLOADED', 'overloaded', true, 'The database has no room'),
  '57014': meaning('STORE_TIMEOUT', 'timeout', false, 'A statement took too long'),
  '57P': meaning('STORE_UNREACHABLE', 'network', true, 'The database is starting, or going away'),
  '58': meaning('STORE_FAILED', 'server', true, 'The system below the database failed'),
  XX: meaning('STORE_FAILED', 'server', false, 'The database failed'),
}

/** What the database is down, or not itself, with. The other failures are of a statement. */
const OUTAGES: ReadonlySet<ErrorCategory> = new Set([
  'network',
  'timeout',
  'server',
  'auth',
  'configuration',
  'overloaded',
  'unknown',
])

/** Reads what an engine has thrown. A HoldfastError comes back as it is. */
export function storeFailure(
  thrown: unknown,
  { mayHaveTakenEffect = false }: { mayHaveTakenEffect?: boolean } = {},
): HoldfastError {
  if (HoldfastError.isInstance(thrown)) return thrown
  const { code, constraint } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    readonly code?: unknown
    readonly constraint?: unknown
  }
  const state = typeof code === 'string' ? code : ''
  const known = meaningOf(state)
  if (known !== undefined) {
    const { category, retryable, says } = known
    const where = typeof constraint === 'string' && /^\w{1,64}$/.test(constraint) ? ` (${constraint})` : ''
    return new HoldfastError({
      code: known.code,
      category,
      message: `${says}${where} [${state}]`,
      retryable,
      // The server has said that it was not done, but where the connection itself is gone.
      mayHaveTakenEffect: category === 'network' && mayHaveTakenEffect,
    })
  }
  const network = toHoldfastError(thrown, 'the database')
  const isKnown = network.category !== 'unknown'
  return new HoldfastError({
    code: isKnown ? network.code : 'STORE_UNREACHABLE',
    // What is no answer of the database, and no error of the network that is known, is one that pg says in words.
    category: isKnown ? network.category : 'network',
    message: 'The connection to the database failed',
    retryable: isKnown ? network.retryable : true,
    mayHaveTakenEffect,
  })
}

/** Whether a failure says something about the database, and not about what was asked of it. */
export function isOutage(error: unknown): error is HoldfastError {
  return HoldfastError.isInstance(error) && OUTAGES.has(error.category) && error.code !== 'TRANSACTION_CONFLICT'
}

function meaningOf(state: string): Meaning | undefined {
  if (!/^[0-9A-Z]{5}$/.test(state)) return undefined
  return MEANINGS[state] ?? MEANINGS[state.slice(0, 3)] ?? MEANINGS[state.slice(0, 2)]
}

function meaning(code: string, category: ErrorCategory, retryable: boolean, says: string): Meaning {
  return { code, category, retryable, says }
}
