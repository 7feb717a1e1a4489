/**
 * Google's token endpoint, for service accounts. Documented by Google: the form with `grant_type` and `assertion`, the claims of the assertion, the reply, the errors
 * `invalid_grant`, `invalid_scope` and `unsupported_grant_type`. The assertion must be signed with RS256 by somebody; by whom is not checked, as any key will do here.
 * Not verified: the wording of the errors. Tokens are good for an hour.
 */
import { takesPath } from '../http/guest.ts'
import { parseJson, type Received } from '../http/received.ts'
import { json, type Reply } from '../http/reply.ts'
import type { Vendor } from '../http/stand-in.ts'
import { oauthError, oauthErrors } from './errors.ts'
import { issueToken } from './tokens.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const LIFE_SECONDS = 3_599

/** Makes the stand-in for the token endpoint. */
export function googleAuth({ now }: { readonly now: () => number }): Vendor {
  let issued = 0

  const grant = (request: Received): Reply => {
    const form = new URLSearchParams(request.body)
    if (form.get('grant_type') !== GRANT) return oauthError(400, 'unsupported_grant_type', 'Invalid grant_type')
    const [header, claims, signature = ''] = (form.get('assertion') ?? '').split('.')
    const { alg } = part(header)
    const { iss, scope, aud, iat, exp } = part(claims)
    const seconds = now() / 1_000
    if (alg !== 'RS256' || signature === '' || typeof iss !== 'string' || iss === '') {
      return oauthError(400, 'invalid_grant', 'Invalid JWT Signature.')
    }
    if (typeof scope !== 'string' || scope === '') return oauthError(400, 'invalid_scope', 'Empty or missing scope.')
    if (typeof aud !== 'string' || !aud.endsWith('/token'))
      return oauthError(400, 'invalid_grant', 'Invalid JWT audience.')
    const shortLived = typeof iat === 'number' && typeof exp === 'number' && exp - iat <= 3_600 && exp > iat
    // A few minutes are forgiven to clocks that differ.
    if (!shortLived || exp < seconds - 300 || iat > seconds + 300) {
      return oauthError(
        400,
        'invalid_grant',
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
      )
    }
    issued += 1
    const token = issueToken(issued, now() + LIFE_SECONDS * 1_000)
    return json(200, { access_token: token, expires_in: LIFE_SECONDS, token_type: 'Bearer' })
  }

  return {
    service: 'google-auth',
    errors: oauthErrors,
    takes: takesPath('google-auth'),
    answer: (request) =>
      request.method === 'POST' && request.path.endsWith('/token')
        ? grant(request)
        : oauthError(404, 'not_found', 'Not Found'),
  }
}

function part(text: string | undefined): Readonly<Record<string, unknown>> {
  const value = parseJson(Buffer.from(text ?? '', 'base64url').toString('utf8'))
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
