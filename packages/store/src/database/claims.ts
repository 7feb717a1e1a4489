import { invalid } from './errors.ts'

/** Who asks. Every query of the transaction sees the rows of this tenant, and no others. */
export interface Claims {
  /** 1 to 200 characters, none of them a control character. */
  readonly tenant: string
  /** The same. */
  readonly user: string
  /** What the user may: at most 32, of 1 to 64 characters each. `admin` may see the audit trail and manage users and API keys. Default: none. */
  readonly roles?: readonly string[] | undefined
}

/** What a connection becomes for one transaction. */
export type Role = 'holdfast_app' | 'holdfast_worker' | 'holdfast_backup'

/** The whole state of a transaction: who it is, and for whom it works. */
export interface Identity {
  readonly role: Role
  /** JSON, for `request.jwt.claims`; empty for nobody. */
  readonly claims: string
  /** For a fair share of the connections. */
  readonly tenant?: string | undefined
  /** What else holds for the transaction: `timezone = 'UTC'`. */
  readonly settings?: readonly string[]
}

const MAX_ROLES = 32

/** @throws HoldfastError `STORE_CLAIMS_INVALID` */
export function identityOf(claims: Claims): Identity {
  if (typeof claims !== 'object' || claims === null) throw refused('claims must be an object with tenant and user')
  const { tenant, user, roles = [] } = claims
  checkText('claims.tenant', tenant, 200)
  checkText('claims.user', user, 200)
  if (!Array.isArray(roles) || roles.length > MAX_ROLES)
    throw refused(`claims.roles must be a list of at most ${MAX_ROLES}`)
  for (const role of roles) checkText('each of claims.roles', role, 64)
  return { role: 'holdfast_app', claims: JSON.stringify({ tenant, user, roles }), tenant }
}

/** A worker has no user and no roles; its tenant is told each time. @throws HoldfastError `STORE_CLAIMS_INVALID` */
export function workerFor(tenant: string): Identity {
  checkText('the tenant', tenant, 200)
  return { role: 'holdfast_worker', claims: JSON.stringify({ tenant }), tenant }
}

/** Somebody who is not known yet: no row is theirs. */
export const NOBODY: Identity = Object.freeze({ role: 'holdfast_app', claims: '' })

/** Whoever makes a backup. */
export const BACKUP: Identity = Object.freeze({
  role: 'holdfast_backup',
  claims: '',
  settings: ["timezone = 'UTC'", "datestyle = 'ISO, YMD'"],
})

/** What the server is to end by itself. */
export interface ServerLimits {
  /** After which it ends a statement, in ms. */
  readonly statementMs: number
  /** Whether it can notice, while a statement runs, that nobody is there any more. */
  readonly noticesHangUp: boolean
}

/** For a transaction that has gone quiet: after the deadline, which is to be the one that is told. */
const IDLE_EXTRA_MS = 1_000

/**
 * Begins a transaction as somebody, in one round trip and for its length only. With `set local`, since a function that sets something would have
 * to be there for everybody: whoever injects SQL into a statement could call it.
 */
export function beginAs(identity: Identity, limits?: ServerLimits, mode = ''): string {
  const statements = [
    `begin ${mode}`,
    `set local role ${identity.role}`,
    `set local request.jwt.claims = ${literal(identity.claims)}`,
    'set local search_path = holdfast, pg_catalog, pg_temp',
    ...(identity.settings ?? []).map((setting) => `set local ${setting}`),
  ]
  if (limits !== undefined) {
    const limit = Math.max(1, Math.ceil(limits.statementMs))
    statements.push(`set local statement_timeout = ${limit}`)
    statements.push(`set local idle_in_transaction_session_timeout = ${limit + IDLE_EXTRA_MS}`)
    if (limits.noticesHangUp) statements.push('set local client_connection_check_interval = 1000')
  }
  return statements.join('; ')
}

/** As `E'…'`, which means the same whatever the server is set to. */
function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

function checkText(what: string, value: unknown, most: number): void {
  const isText = typeof value === 'string' && value !== '' && value.length <= most && !/\p{Cc}/u.test(value)
  if (!isText || !value.isWellFormed())
    throw refused(`${what} must be 1 to ${most} characters, none of them a control character`)
}

function refused(message: string): Error {
  return invalid('STORE_CLAIMS_INVALID', `${message}.`)
}
