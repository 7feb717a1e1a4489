import { HoldfastError } from '@holdfast/core'
import type { Session } from '../engine/engine.ts'
import { ROLES } from './001-roles.ts'
import { SWEEPER } from './005-workflows.ts'

/** All that the migrations make, or grant. */
const ALL_ROLES: readonly string[] = [...ROLES, SWEEPER]

/** From this version on whoever may make roles may grant those that he has made, and no others. */
const GRANTED_BY_MAKER = 160_000

/**
 * Roles belong to the whole server: in its second database they are there already, perhaps made by another user. Says what to do where this one may not make them, or not grant them; the database would say
 * that something is not allowed.
 *
 * @throws HoldfastError `STORE_MISCONFIGURED`
 */
export async function checkRoles(session: Session): Promise<void> {
  const { rows } = await session.query(
    `select u.rolsuper as is_super, u.rolcreaterole as can_make, quote_ident(u.rolname) as name,
       current_setting('server_version_num')::int as version,
       array(select r.rolname::text from pg_roles r where r.rolname = any ($1)) as there,
       array(select r.rolname::text from pg_roles r where r.rolname = any ($1)
         and not pg_has_role(u.oid, r.oid, 'member with admin option')) as not_his
     from pg_roles u where u.rolname = current_user`,
    [ALL_ROLES],
  )
  const { is_super, can_make, name, version, there, not_his } = rows[0] as unknown as Found
  if (is_super) return
  if (there.length < ALL_ROLES.length && !can_make) {
    throw misconfigured(`may not make the roles of the store: let a superuser do \`alter role ${name} createrole\``)
  }
  if (not_his.length > 0 && (version >= GRANTED_BY_MAKER || !can_make)) {
    const roles = not_his.join(', ')
    throw misconfigured(
      `may not grant the roles ${roles}, which another user of this server has made: let that one, or a superuser, do \`grant ${roles} to ${name} with admin option\``,
    )
  }
}

interface Found {
  readonly is_super: boolean
  readonly can_make: boolean
  /** Fit for a statement. */
  readonly name: string
  readonly version: number
  readonly there: readonly string[]
  /** Those that he may not grant, where that depends on the role. */
  readonly not_his: readonly string[]
}

function misconfigured(problem: string): HoldfastError {
  return new HoldfastError({
    code: 'STORE_MISCONFIGURED',
    category: 'configuration',
    message: `The migrating user of the database ${problem}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
