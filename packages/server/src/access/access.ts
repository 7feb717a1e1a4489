import type { IncomingHttpHeaders } from 'node:http'
import type { ApiKey } from '../environment/environment.ts'
import { ApiError } from '../http/errors.ts'
import { bearerToken, secretMatcher } from './secret.ts'

/** Who may do what. */
export interface Access {
  /**
   * The tenant of a request to `/v1` or `/chat`.
   * @throws ApiError `api_key_required` or `invalid_api_key`.
   */
  tenantOf(headers: IncomingHttpHeaders): string
  /** @throws ApiError `admin_token_required` unless the admin token came with the request. */
  requireAdmin(headers: IncomingHttpHeaders): void
}

/** What {@link createAccess} is made with. */
export interface AccessOptions {
  readonly apiKeys: readonly ApiKey[]
  /** Whether a request without a key is refused. */
  readonly keyRequired: boolean
  readonly adminToken: string
}

/**
 * Checks keys and tokens. Without any key configured, on loopback, a key that a client sends all the same (most clients
 * cannot do without one) means nothing; with keys configured, a wrong one is refused even where none is needed.
 */
export function createAccess(options: AccessOptions): Access {
  const keys = options.apiKeys.map(({ tenant, key }) => ({ tenant, secret: secretMatcher(key) }))
  const admin = secretMatcher(options.adminToken)
  return {
    tenantOf(headers) {
      const presented = bearerToken(headers.authorization)
      if (presented === undefined || keys.length === 0) {
        if (options.keyRequired) throw new ApiError('api_key_required', { headers: { 'www-authenticate': 'Bearer' } })
        return 'default'
      }
      let tenant: string | undefined
      // Every key is compared, so that the time does not tell which one was near.
      for (const candidate of keys) if (candidate.secret.matches(presented)) tenant = candidate.tenant
      if (tenant === undefined) throw new ApiError('invalid_api_key', { headers: { 'www-authenticate': 'Bearer' } })
      return tenant
    },
    requireAdmin(headers) {
      const presented = bearerToken(headers.authorization)
      if (presented === undefined || !admin.matches(presented)) {
        throw new ApiError('admin_token_required', { headers: { 'www-authenticate': 'Bearer' } })
      }
    },
  }
}
