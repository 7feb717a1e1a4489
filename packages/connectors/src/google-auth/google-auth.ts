import { sign } from 'node:crypto'
import { systemClock } from '@holdfast/core'
import type { Clock, Integration } from '@holdfast/core'
import { createDedupe } from '@holdfast/core/cache'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { createApiCaller } from '../api/api-caller.ts'
import type { Credentials } from '../api/credentials.ts'
import { checkReply } from '../api/validate.ts'
import { createHttpClient } from '../http/index.ts'
import { invalidOption } from '../http/options.ts'
import { explain } from './failures.ts'
import { privateKeyOf } from './service-account-key.ts'
import type { ServiceAccountKey } from './service-account-key.ts'

/** A service account that fetches access tokens. Give the same one to several clients: they share its token. */
export interface GoogleAuth extends Credentials {
  /** Closes its connections, unless they were given. */
  close(): Promise<void>
}

/** Which account, and what for. */
export interface GoogleAuthOptions {
  readonly key: ServiceAccountKey
  /** What the token may be used for; addresses such as `https://www.googleapis.com/auth/spreadsheets`. At least one. */
  readonly scopes: readonly string[]
  /** On whose behalf: the address of a user whose domain lets the account act for him. Default: none, the account itself. */
  readonly subject?: string | undefined
  /** Requests of tokens run through it. Not the one of the API: a token endpoint that is down is another outage. */
  readonly integration: Integration
  /** That of the key goes before the default. Default: `https://oauth2.googleapis.com/token`. */
  readonly tokenUrl?: string | undefined
  /** A token is renewed this long before it expires, in ms. 0 to 3,000,000. Default: 300,000. */
  readonly renewBeforeMs?: number | undefined
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'wallTime' | 'now'> | undefined
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher | undefined
}

/** Defaults of {@link GoogleAuthOptions}. */
export const GOOGLE_AUTH_DEFAULTS: { readonly tokenUrl: string; readonly renewBeforeMs: number } = Object.freeze({
  tokenUrl: 'https://oauth2.googleapis.com/token',
  renewBeforeMs: 300_000,
})

/** An assertion is good for so long at most. */
const ASSERTION_SECONDS = 3_600

const SERVICE = 'Google OAuth'

const tokenReply = z.looseObject({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.number().positive(),
})

/** Makes the credentials of a service account. Nothing is fetched before they are needed. @throws HoldfastError `INVALID_OPTION` */
export function createGoogleAuth(options: GoogleAuthOptions): GoogleAuth {
  const { key, scopes, subject } = options
  const clock = options.clock ?? systemClock
  const tokenUrl = options.tokenUrl ?? key.tokenUrl ?? GOOGLE_AUTH_DEFAULTS.tokenUrl
  const renewBeforeMs = checkRenewal(options.renewBeforeMs ?? GOOGLE_AUTH_DEFAULTS.renewBeforeMs)
  if (scopes.length === 0 || scopes.some((scope) => !/^\S+$/.test(scope))) {
    throw invalidOption('scopes', 'must be a list of at least one scope, without spaces')
  }
  const privateKey = privateKeyOf(key.privateKey)
  const http = createHttpClient({
    baseUrl: tokenUrl,
    service: SERVICE,
    maxResponseBytes: 65_536,
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  })
  const api = createApiCaller({ service: SERVICE, http, integration: options.integration, explain })
  const dedupe = createDedupe()
  let current: { readonly headers: Readonly<Record<string, string>>; readonly until: number } | undefined

  function assertion(): string {
    const seconds = Math.floor(clock.wallTime() / 1_000)
    const header = { alg: 'RS256', typ: 'JWT', ...(key.privateKeyId === undefined ? {} : { kid: key.privateKeyId }) }
    const claims = {
      iss: key.clientEmail,
      scope: scopes.join(' '),
      aud: tokenUrl,
      iat: seconds,
      exp: seconds + ASSERTION_SECONDS,
      ...(subject === undefined ? {} : { sub: subject }),
    }
    const unsigned = `${base64url(header)}.${base64url(claims)}`
    return `${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), privateKey).toString('base64url')}`
  }

  async function fetchToken(signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const askedAt = clock.now()
    const { token, expiresInMs } = await api.call(
      {
        method: 'POST',
        form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion() },
        read: readToken,
        effect: 'read',
      },
      { signal },
    )
    const headers = Object.freeze({ authorization: `Bearer ${token}` })
    // One that lives shorter than the margin is good for half of its life.
    current = { headers, until: askedAt + Math.max(expiresInMs - renewBeforeMs, expiresInMs / 2) }
    return headers
  }

  return {
    async headers(signal) {
      signal?.throwIfAborted()
      if (current !== undefined && clock.now() < current.until) return current.headers
      return dedupe.run('token', fetchToken, signal === undefined ? {} : { signal })
    },
    refused(headers) {
      // Whoever comes later, with the token from before, gets the one that was fetched meanwhile.
      if (current?.headers === headers) current = undefined
      return true
    },
    close: () => http.close(),
  }
}

function readToken(json: unknown): { readonly token: string; readonly expiresInMs: number } {
  const { access_token: token, expires_in: seconds } = checkReply(SERVICE, tokenReply, json)
  return { token, expiresInMs: seconds * 1_000 }
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function checkRenewal(value: number): number {
  if (Number.isFinite(value) && value >= 0 && value <= 3_000_000) return value
  throw invalidOption('renewBeforeMs', `must be a number from 0 to 3,000,000, but is ${String(value)}`)
}
