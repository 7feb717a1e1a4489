import { HoldfastError } from '@holdfast/core'

/** Who asks. What a transaction may see and change is decided by the database from these alone. */
export interface Claims {
  /** Whose data: 1 to 200 characters. */
  readonly tenant: string
  /** The person: 1 to 200 characters. */
  readonly user: string
  /** What the person is there, beside a user: `staff`, `broker` and `admin` see the requests of others, `staff` their conversations. 0 to 20, each of 1 to 64 characters. Default: none. */
  readonly roles?: readonly string[] | undefined
}

/** The roles of the database that a transaction can have. */
export type DatabaseRole = 'holdfast_app' | 'holdfast_worker' | 'holdfast_backup'

const MAX_LENGTH = 200
const MAX_ROLES = 20
const MAX_ROLE_LENGTH = 64

/**
 * The statements that make the database see a transaction as somebody's. They end with it: nothing of them is left on a connection. By `set local` alone, which cannot
 * stand inside another statement: a function that sets something, as `set_config` does, could be called by whoever slips SQL into one.
 *
 * @param tellsItself whether triggers tell the transaction where it has appended events, and nobody else.
 */
export function openingFor(
  engine: 'pglite' | 'postgres',
  role: DatabaseRole,
  claims: object,
  timeoutMs: number,
  tellsItself = false,
): string {
  const ms = Math.max(1, Math.ceil(timeoutMs))
  // Inside the process nothing could interrupt a statement.
  const limits = [`set local statement_timeout = ${ms}`, `set local idle_in_transaction_session_timeout = ${ms}`]
  return [
    ...(engine === 'postgres' ? limits : []),
    ...(tellsItself ? ["set local holdfast.signs = 'reply'"] : []),
    // Else tables of a session would stand before ours: `select … into temp clients` is still there for who comes next.
    'set local search_path = holdfast, pg_temp',
    `set local request.jwt.claims = ${literal(JSON.stringify(claims))}`,
    // Last: what stands before it is not for this role to decide.
    `set local role ${role}`,
  ].join('; ')
}

/** @throws HoldfastError `INVALID_CLAIMS` */
export function checkClaims({ tenant, user, roles = [] }: Claims): Claims {
  named('tenant', tenant)
  named('user', user)
  if (!Array.isArray(roles) || roles.length > MAX_ROLES) throw invalid(`roles must be a list of at most ${MAX_ROLES}`)
  for (const role of roles as readonly unknown[]) {
    if (typeof role !== 'string' || role === '' || role.length > MAX_ROLE_LENGTH) {
      throw invalid(`each of the roles must be text of 1 to ${MAX_ROLE_LENGTH} characters`)
    }
  }
  return { tenant, user, roles }
}

/** @throws HoldfastError `INVALID_CLAIMS` */
export function checkTenant(tenant: string): string {
  named('tenant', tenant)
  return tenant
}

function named(claim: string, value: unknown): void {
  // NUL cannot be in a text of PostgreSQL; half a character cannot be in one of UTF-8.
  if (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= MAX_LENGTH &&
    !value.includes('\0') &&
    value.isWellFormed()
  )
    return
  throw invalid(`${claim} must be text of 1 to ${MAX_LENGTH} characters`)
}

/** A text as a constant. In the form with escapes, which means the same whatever `standard_conforming_strings` is. */
function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

function invalid(problem: string): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_CLAIMS',
    category: 'validation',
    message: problem,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
