/*
 * Google's service accounts: a signed JWT is exchanged for an access token (RFC 7523).
 *
 * Documented (developers.google.com/identity/protocols/oauth2/service-account): the token endpoint, the claims `iss`, `scope`, `aud`, `iat`, `exp` (an hour
 * at most) and `sub`, RS256, the form with `grant_type` and `assertion`, the reply with `access_token`, `expires_in` (seconds) and `token_type`, errors
 * `{error, error_description}` of which `invalid_grant` also says that the clock is wrong.
 * Not verified: the status of each error (400 and 401 are read alike).
 */
export { GOOGLE_AUTH_DEFAULTS, createGoogleAuth } from './google-auth.ts'
export type { GoogleAuth, GoogleAuthOptions } from './google-auth.ts'
export { parseServiceAccountKey } from './service-account-key.ts'
export type { ServiceAccountKey } from './service-account-key.ts'
