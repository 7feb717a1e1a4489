import type { IncomingHttpHeaders } from 'node:http'
import type { ApiKey } from '../environment/environment.ts'
import { ApiError } from '../http/errors.ts'
import { bearerToken, secretMatcher } from './secret.ts'

/** Whose request it is. */
export interface Caller {
  readonly tenant: string
  /** The label of the API key that it came with; left out when it came with none. */
  readonly key?: string
}

/** Who may do what. */
export interface Access {
  /**
   * Who asks by a request to `/v1` or `/chat`.
   * @throws ApiError `api_key_required` or `invalid_api_key`.
   */
  callerOf(headers: IncomingHttpHeaders): Caller
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
  const keys = options.apiKeys.map(({ tenant, label, key }) => ({
    caller: { tenant, key: label },
    secret: secretMatcher(key),
  }))
  const admin = secretMatcher(options.adminToken)
  return {
    callerOf(headers) {
      const presented = bearerToken(headers.authorization)
      if (presented === undefined || keys.length === 0) {
        if (options.keyRequired) throw new ApiError('api_key_required', { headers: { 'www-authenticate': 'Bearer' } })
        return { tenant: 'default' }
      }
      let caller: Caller | undefined
      // Every key is compared, so that the time does not tell which one was near.
      for (const candidate of keys) if (candidate.secret.matches(presented)) caller = candidate.caller
      if (caller === undefined) throw new ApiError('invalid_api_key', { headers: { 'www-authenticate': 'Bearer' } })
      return caller
    },
    requireAdmin(headers) {
      const presented = bearerToken(headers.authorization)
      if (presented === undefined || !admin.matches(presented)) {
        throw new ApiError('admin_token_required', { headers: { 'www-authenticate': 'Bearer' } })
      }
    },
  }
}
