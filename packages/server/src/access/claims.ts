import type { IncomingHttpHeaders } from 'node:http'
import type { Claims } from '@holdfast/store/database'
import { ApiError } from '../http/errors.ts'
import type { Access } from './access.ts'
import type { KnownKeys } from './known-keys.ts'
import { bearerToken } from './secret.ts'

/** What keys of the store begin with. */
const STORE_KEY = /^hf_[A-Za-z0-9_-]{40,60}$/

/** Who a caller of a tenant is without a name. */
const NOBODY_IN_PARTICULAR = 'api'

/**
 * Whose request it is, for the store. A key of the store says who its holder is. A key of the environment, and whoever is on the machine itself, stands for the whole tenant (roles
 * `staff` and `admin`), unless `x-holdfast-user` says for whom it asks: then it sees what that one sees.
 *
 * @throws ApiError `api_key_required`, `invalid_api_key`, `invalid_request` for a name that cannot be one
 */
export async function claimsOf(
  headers: IncomingHttpHeaders,
  access: Pick<Access, 'callerOf'>,
  keys: Pick<KnownKeys, 'findApiKey'>,
): Promise<Claims> {
  const presented = bearerToken(headers.authorization)
  if (presented !== undefined && STORE_KEY.test(presented)) {
    const found = await keys.findApiKey(presented)
    if (found === undefined) throw new ApiError('invalid_api_key', { headers: { 'www-authenticate': 'Bearer' } })
    return { tenant: found.tenant, user: `key:${found.id}`, roles: found.roles }
  }
  const { tenant } = access.callerOf(headers)
  const user = headers['x-holdfast-user']
  if (user === undefined) return { tenant, user: NOBODY_IN_PARTICULAR, roles: ['staff', 'admin'] }
  if (typeof user !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(user)) {
    throw new ApiError('invalid_request', {
      message: 'The header x-holdfast-user must be 1 to 200 printable ASCII characters without spaces.',
      param: 'x-holdfast-user',
    })
  }
  return { tenant, user, roles: [] }
}
