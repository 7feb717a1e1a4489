import { verify } from 'node:crypto'
import { createIntegration } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer, Received } from '../../test/local-server.ts'
import { KEY_LINE, PUBLIC_KEY, SERVICE_ACCOUNT } from '../../test/service-account.ts'
import { createGoogleAuth, parseServiceAccountKey } from './index.ts'
import type { GoogleAuth, GoogleAuthOptions } from './index.ts'

const SCOPES = ['https://www.googleapis.com/auth/spreadsheets', 'https://www.googleapis.com/auth/calendar']
const HOUR_MS = 3_600_000

let server: LocalServer
let auth: GoogleAuth
let clock: ReturnType<typeof fakeClock>
let issued = 0

async function start(handler: Handler, options: Partial<GoogleAuthOptions> = {}): Promise<void> {
  server = await startServer(handler)
  clock = fakeClock({ wallTime: Date.UTC(2026, 10, 26) })
  auth = createGoogleAuth({
    key: SERVICE_ACCOUNT,
    scopes: SCOPES,
    tokenUrl: `${server.url}/token`,
    clock,
    integration: createIntegration({ name: 'google-auth', retry: { maxRetries: 1, backoffMs: 1, jitter: 'none' } }),
    ...options,
  })
}

const grant: Handler = (_, response) =>
  json(response, { access_token: `token-${++issued}`, expires_in: 3_599, token_type: 'Bearer' })

afterEach(async () => {
  issued = 0
  await server.close()
  await auth.close()
})

/** The parts of the assertion that was sent, its signature checked. */
function assertionIn(request: Received | undefined): { header: unknown; claims: unknown; form: URLSearchParams } {
  const form = new URLSearchParams(request?.body)
  const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.')
  const signed = Buffer.from(`${header}.${claims}`)
  expect(verify('RSA-SHA256', signed, PUBLIC_KEY, Buffer.from(signature, 'base64url'))).toBe(true)
  const parse = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
  return { header: parse(header), claims: parse(claims), form }
}

describe('a token', () => {
  it('is asked for by a form with an assertion that the account has signed, good for an hour', async () => {
    await start(grant, { subject: 'ada@charter-desk.example' })
    expect(await auth.headers()).toEqual({ authorization: 'Bearer token-1' })
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', path: '/token' })
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    const { header, claims, form } = assertionIn(request)
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' })
    const now = Date.UTC(2026, 10, 26) / 1_000
    expect(claims).toEqual({
      iss: SERVICE_ACCOUNT.clientEmail,
      scope: SCOPES.join(' '),
      aud: `${server.url}/token`,
      iat: now,
      exp: now + 3_600,
      sub: 'ada@charter-desk.example',
    })
  })

  it('is kept until five minutes before it expires, and then renewed', async () => {
    await start(grant)
    await auth.headers()
    await clock.advance(HOUR_MS - 302_000)
    expect(await auth.headers()).toEqual({ authorization: 'Bearer token-1' })
    await clock.advance(2_000)
    expect(await auth.headers()).toEqual({ authorization: 'Bearer token-2' })
    expect(server.requests).toHaveLength(2)
  })

  it('that lives shorter than the margin is kept for half of its life', async () => {
    await start((_, response) => json(response, { access_token: `token-${++issued}`, expires_in: 60 }))
    await auth.headers()
    await clock.advance(29_000)
    await auth.headers()
    expect(server.requests).toHaveLength(1)
    await clock.advance(2_000)
    await auth.headers()
    expect(server.requests).toHaveLength(2)
  })

  it('is fetched once for all who ask meanwhile, and for the rest when the one who came first leaves', async () => {
    const answers: (() => void)[] = []
    await start((request, response, raw) => answers.push(() => void grant(request, response, raw)))
    const controller = new AbortController()
    const first = rejection(auth.headers(controller.signal))
    const others = Promise.all(Array.from({ length: 20 }, () => auth.headers()))
    await expect.poll(() => answers.length).toBe(1)
    controller.abort('enough')
    expect(await first).toBe('enough')
    answers[0]?.()
    expect(new Set(await others).size).toBe(1)
    expect(server.requests).toHaveLength(1)
  })

  it('that is refused is forgotten, but not the one that was fetched since', async () => {
    await start(grant)
    const old = await auth.headers()
    expect(auth.refused(old)).toBe(true)
    const renewed = await auth.headers()
    expect(renewed).toEqual({ authorization: 'Bearer token-2' })
    auth.refused(old)
    expect(await auth.headers()).toBe(renewed)
  })
})

describe('a refusal', () => {
  it.each([
    ['invalid_grant', 400, /clock of this machine/],
    ['unauthorized_client', 401, /act for this user/],
    ['invalid_scope', 400, /scopes/],
  ])('%s is of the category auth, is not retried, and tells no secret', async (error, status, message) => {
    await start((_, response) =>
      json(response, { error, error_description: `no ${SERVICE_ACCOUNT.clientEmail}` }, status),
    )
    const failure = await rejection(auth.headers())
    expect(failure).toMatchObject({ code: 'NOT_AUTHORISED', category: 'auth', retryable: false })
    expect(failure).toMatchObject({ mayHaveTakenEffect: false })
    expect((failure as Error).message).toMatch(message)
    const all = everythingIn(failure)
    for (const secret of [SERVICE_ACCOUNT.clientEmail, KEY_LINE, 'eyJ']) expect(all).not.toContain(secret)
    expect(server.requests).toHaveLength(1)
  })

  it('of a server that is down is retried', async () => {
    let failures = 1
    await start((request, response, raw) => (failures-- > 0 ? json(response, {}, 503) : grant(request, response, raw)))
    expect(await auth.headers()).toEqual({ authorization: 'Bearer token-1' })
  })

  it('is a reply without a token, or one that would not fit into a header', async () => {
    await start((_, response) => json(response, { access_token: 'two words', expires_in: 3_600 }))
    expect(await rejection(auth.headers())).toMatchObject({ code: 'MALFORMED_REPLY', mayHaveTakenEffect: false })
  })
})

describe('a key file', () => {
  const file = {
    type: 'service_account',
    client_email: SERVICE_ACCOUNT.clientEmail,
    private_key: SERVICE_ACCOUNT.privateKey,
    private_key_id: 'key-1',
  }

  it('is read as JSON and in base64', () => {
    const text = JSON.stringify(file)
    expect(parseServiceAccountKey(text)).toEqual(SERVICE_ACCOUNT)
    expect(parseServiceAccountKey(Buffer.from(text).toString('base64'))).toEqual(SERVICE_ACCOUNT)
  })

  it('may say where its tokens come from, by https or on this machine', async () => {
    const from = (token_uri: string) => parseServiceAccountKey(JSON.stringify({ ...file, token_uri }))
    expect(from('https://tokens.example.com/v2').tokenUrl).toBe('https://tokens.example.com/v2')
    expect(from('http://127.0.0.1:4703/token').tokenUrl).toBe('http://127.0.0.1:4703/token')
    for (const url of ['http://tokens.example.com', 'https://a:b@c.example', 'https://c.example?x=1', 'tokens'])
      expect(() => from(url)).toThrow(/token_uri of the service account key must be an https address/)
    await start(grant)
    const key = { ...SERVICE_ACCOUNT, tokenUrl: `${server.url}/own` }
    const own = createGoogleAuth({ key, scopes: SCOPES, integration: createIntegration({ name: 'google-auth' }) })
    expect((await own.headers(new AbortController().signal))['authorization']).toMatch(/^Bearer token-/)
    await own.close()
    expect(server.requests.at(-1)?.path).toBe('/own')
  })

  it.each([
    ['no JSON', `{${KEY_LINE}`],
    ['without a key', JSON.stringify({ client_email: KEY_LINE })],
    ['with a key that is none', JSON.stringify({ ...file, private_key: SERVICE_ACCOUNT.privateKey.slice(0, 600) })],
  ])('%s is refused without being shown', async (_, text) => {
    const error = await rejection(Promise.resolve().then(() => parseServiceAccountKey(text)))
    expect(error).toMatchObject({ code: 'INVALID_OPTION', category: 'validation' })
    expect(everythingIn(error)).not.toContain(KEY_LINE)
  })
})

it.each([
  [{ scopes: [] }, /scopes/],
  [{ scopes: ['two words'] }, /scopes/],
  [{ renewBeforeMs: -1 }, /renewBeforeMs must be a number from 0 to 3,000,000, but is -1/],
])('refuses %j at construction', async (options, message) => {
  await start(grant)
  const make = (): GoogleAuth =>
    createGoogleAuth({
      key: SERVICE_ACCOUNT,
      scopes: SCOPES,
      integration: createIntegration({ name: 'google-auth' }),
      ...options,
    })
  expect(make).toThrow(message)
})
