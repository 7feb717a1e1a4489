import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hostOf } from '../src/services.ts'
import { MALFORMED_VARIANTS, SERVICES, startSandbox, type Sandbox, type Service } from '../src/index.ts'
import { call, until, type Result } from './call.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ settings: { partDelayMs: 1, now: '2026-11-23T15:00:00Z' } })
})
afterAll(async () => {
  await sandbox.close()
})
afterEach(async () => {
  await sandbox.faults.clear()
  sandbox.settings.reset()
  sandbox.clearRequests()
})

const QUESTION = 'A jet from Teterboro to Miami for 4 people on December 4, 2026'
const SEGMENT = {
  startAirport: { icao: 'KTEB' },
  endAirport: { icao: 'KMIA' },
  dateTime: { date: '2026-12-04', time: '09:00' },
  paxCount: '4',
}
const calls: Readonly<Record<Service, () => Promise<Result>>> = {
  n8n: () => ask(),
  llm: () => complete(false),
  apollo: () =>
    call(`${sandbox.services.apollo.url}/mixed_people/api_search?person_titles[]=ceo`, {
      method: 'POST',
      headers: { 'x-api-key': 'k' },
    }),
  avinode: () =>
    call(`${sandbox.services.avinode.url}/searches`, {
      method: 'POST',
      headers: {
        'x-avinode-apitoken': 'k',
        authorization: 'Bearer k',
        'x-avinode-product': 'test',
        'x-avinode-senttimestamp': new Date().toISOString(),
      },
      body: { segments: [SEGMENT] },
    }),
  anthropic: () => message(false),
  'google-auth': () => call(sandbox.services['google-auth'].url, { method: 'POST', body: assertion() }),
  'google-sheets': () =>
    call(`${sandbox.services['google-sheets'].url}/v4/spreadsheets/sandbox-clients/values/Clients!A1:C3`, BEARER),
  hubspot: () => call(`${sandbox.services.hubspot.url}/crm/objects/2026-03/companies?limit=2`, BEARER),
  'google-calendar': () => call(`${sandbox.services['google-calendar'].url}/calendars/primary/events`, BEARER),
  'cal-com': () =>
    call(`${sandbox.services['cal-com'].url}/bookings`, {
      headers: { ...BEARER.headers, 'cal-api-version': '2026-02-25' },
    }),
  resend: () =>
    call(`${sandbox.services.resend.url}/emails`, {
      method: 'POST',
      ...BEARER,
      body: { from: 'a@b.example', to: ['c@d.example'], subject: 'x', text: 'y' },
    }),
  teams: () =>
    call(sandbox.services.teams.url.replace('workflow', 'webhook'), {
      method: 'POST',
      body: {
        type: 'message',
        attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard' } }],
      },
    }),
}

const BEARER = { headers: { authorization: 'Bearer k' } }

/** What a service account sends for a token. */
function assertion(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = Math.floor(Date.now() / 1_000)
  const claims = { iss: 'desk@sandbox.example', scope: 'x', aud: 'http://127.0.0.1/token', iat, exp: iat + 3_600 }
  const jwt = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.c2lnbmVk`
  return `grant_type=${encodeURIComponent('urn:ietf:params:oauth:grant-type:jwt-bearer')}&assertion=${jwt}`
}

function ask(giveUpMs = 5_000): Promise<Result> {
  return call(sandbox.services.n8n.url, {
    method: 'POST',
    headers: { 'x-api-key': 'k' },
    body: { chatInput: QUESTION },
    giveUpMs,
  })
}

function complete(stream: boolean): Promise<Result> {
  return call(`${sandbox.services.llm.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer k' },
    body: { model: 'gpt-5', stream, messages: [{ role: 'user', content: 'hello' }] },
  })
}

function message(stream: boolean): Promise<Result> {
  return call(`${sandbox.services.anthropic.url}/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
    body: { model: 'claude-sonnet-4-5', max_tokens: 500, stream, messages: [{ role: 'user', content: 'hello' }] },
  })
}

/** Those at the port of another, which stays open when they are down. */
const isGuest = (service: Service): boolean => hostOf(service) !== service

/** What a client sees of a service that is down. */
const refusalOf = (service: Service): string => (isGuest(service) ? 'ECONNRESET' : 'ECONNREFUSED')

describe.each(SERVICES)('%s', (service) => {
  const use = () => calls[service]()

  it('answers while nothing is wrong', async () => {
    const { status, body, headers } = await use()
    expect(status).toBe(200)
    if (service === 'teams') expect(body).toBe('1')
    else expect(JSON.parse(body)).toBeTypeOf('object')
    expect(headers['x-holdfast-sandbox']).toBe('true')
  })

  it('down: refuses connections, and answers on the same port once cleared', async () => {
    const { url } = sandbox.services[service]
    await sandbox.faults.set(service, { fault: 'down' })
    expect(await use()).toMatchObject({ error: refusalOf(service) })
    if (!isGuest(service)) expect(sandbox.requests(service)).toEqual([])
    await sandbox.faults.clear(service)
    expect(sandbox.services[service].url).toBe(url)
    expect((await use()).status).toBe(200)
  })

  it("error: answers in the vendor's words, with Retry-After when given", async () => {
    await sandbox.faults.set(service, { fault: 'error', status: 503, retryAfterSeconds: 7 })
    const { status, body, headers } = await use()
    expect(status).toBe(503)
    expect(headers['retry-after']).toBe('7')
    expect(headers['x-holdfast-sandbox']).toBe('true')
    expect(Object.keys(JSON.parse(body) as object)).toEqual(
      {
        n8n: ['message'],
        llm: ['error'],
        apollo: ['error'],
        avinode: ['meta'],
        anthropic: ['type', 'error', 'request_id'],
        'google-auth': ['error', 'error_description'],
        'google-sheets': ['error'],
        hubspot: ['status', 'message', 'correlationId', 'category'],
        'google-calendar': ['error'],
        'cal-com': ['status', 'timestamp', 'path', 'error'],
        resend: ['statusCode', 'name', 'message'],
        teams: ['error'],
      }[service],
    )
  })

  it('slow: answers, but late', async () => {
    await sandbox.faults.set(service, { fault: 'slow', delayMs: 60 })
    const { status, ms } = await use()
    expect(status).toBe(200)
    expect(ms).toBeGreaterThanOrEqual(58)
  })

  it.each([
    ['hang', undefined],
    ['silent', 200],
  ] as const)('%s: stays open until the client leaves, and says so', async (fault, status) => {
    await sandbox.faults.set(service, { fault })
    const { origin, pathname } = new URL(sandbox.services[service].url)
    const guestOfPath = isGuest(service) && service !== 'anthropic'
    const path = guestOfPath ? pathname : service === 'n8n' ? '/healthz' : '/v1/models'
    const version: Record<string, string> = service === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}
    const left = call(`${origin}${path}`, { headers: { authorization: 'Bearer k', ...version }, giveUpMs: 80 })
    await until(() => sandbox.requests(service)[0]?.fault === fault)
    expect(sandbox.requests(service)).toMatchObject([{ open: true, fault }])
    const result = await left
    expect(result.error).toBe('GAVE_UP')
    if (service !== 'apollo' && service !== 'avinode' && !guestOfPath) expect(result.status).toBe(status)
    await until(() => sandbox.requests(service)[0]?.open === false)
    expect(sandbox.requests(service)).toMatchObject([{ open: false, aborted: true }])
  })

  it('cut: breaks off in the middle of the body', async () => {
    const { body: whole } = await use()
    await sandbox.faults.set(service, { fault: 'cut' })
    const { status, body, error, headers } = await use()
    expect(status).toBe(200)
    expect(error).toBe('ECONNRESET')
    expect(Number(headers['content-length'])).toBeGreaterThan(Buffer.byteLength(body))
    expect(Math.abs(body.length - whole.length / 2)).toBeLessThan(20)
    expect(sandbox.requests(service).at(-1)).not.toHaveProperty('aborted')
  })

  it('cut, variant end: ends as if nothing were wrong', async () => {
    await sandbox.faults.set(service, { fault: 'cut', variant: 'end' })
    const { status, body, error } = await use()
    expect([status, error]).toEqual([200, undefined])
    expect(() => JSON.parse(body) as unknown).toThrow()
  })

  it.each(MALFORMED_VARIANTS)('malformed, variant %s: says 200 and is not usable', async (variant) => {
    const { body: good } = await use()
    await sandbox.faults.set(service, { fault: 'malformed', variant })
    const { status, body, error } = await use()
    expect([status, error]).toEqual([200, undefined])
    const fields = (text: string) => Object.keys(JSON.parse(text) as object)
    if (service === 'teams' && variant.endsWith('-body')) expect(body).toContain('HTTP error 429')
    else if (variant === 'html') expect(body).toMatch(/^<!doctype html>/)
    else if (variant === 'empty') expect(body).toBe('')
    else if (variant === 'broken-json') expect(() => fields(body)).toThrow()
    else expect(fields(body)).not.toEqual(fields(good))
  })

  it('flap: goes down and comes up in turns', async () => {
    // It begins by being down.
    await sandbox.faults.set(service, { fault: 'flap', downMs: 60_000, upMs: 120 })
    expect((await use()).error).toBe(refusalOf(service))
    await sandbox.faults.set(service, { fault: 'flap', downMs: 40, upMs: 120 })
    const seen = new Set<string>()
    for (let times = 0; times < 200 && seen.size < 2; times += 1) {
      const { error, status } = await use()
      seen.add(error === undefined ? String(status) : 'down')
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    expect(seen).toEqual(new Set(['down', '200']))
    await sandbox.faults.clear(service)
    expect((await use()).status).toBe(200)
  })

  it('rate-limit: refuses what is over the limit, and says when to come again', async () => {
    await sandbox.faults.set(service, { fault: 'rate-limit', limit: 1, windowMs: 30_000 })
    expect((await use()).status).toBe(200)
    const { status, headers, body } = await use()
    expect(status).toBe(429)
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(28)
    expect(JSON.parse(body)).toBeTypeOf('object')
    await sandbox.faults.set(service, { fault: 'rate-limit', retryAfterSeconds: 3 })
    expect((await use()).headers['retry-after']).toBe('3')
  })

  it('next: touches as many requests as asked and clears itself', async () => {
    await sandbox.faults.set(service, { fault: 'error', status: 500, next: 2 })
    const statuses = []
    for (let times = 0; times < 4; times += 1) statuses.push((await use()).status)
    expect(statuses).toEqual([500, 500, 200, 200])
    expect(sandbox.faults.list()).toEqual([])
  })

  it('share: touches an even share', async () => {
    await sandbox.faults.set(service, { fault: 'error', status: 500, share: 0.5 })
    const statuses = []
    for (let times = 0; times < 6; times += 1) statuses.push((await use()).status)
    expect(statuses).toEqual([200, 500, 200, 500, 200, 500])
  })

  it.each(['down', 'flap'] as const)('%s for the next request: resets the connection', async (fault) => {
    await sandbox.faults.set(service, { fault, next: 1 })
    expect((await use()).error).toBe('ECONNRESET')
    expect((await use()).status).toBe(200)
  })
})

describe('streams', () => {
  it('cut: sends as many parts as asked, then breaks off', async () => {
    const { body: whole } = await complete(true)
    await sandbox.faults.set('llm', { fault: 'cut', afterParts: 3 })
    const { body, error, status } = await complete(true)
    expect([status, error]).toEqual([200, 'ECONNRESET'])
    expect(body).toBe(
      whole
        .split('\n\n')
        .slice(0, 3)
        .join('\n\n')
        .replaceAll(/chatcmpl-sandbox\d+/g, /chatcmpl-sandbox\d+/.exec(body)![0]) + '\n\n',
    )
  })

  it('cut, variant end: ends without the finish', async () => {
    await sandbox.faults.set('llm', { fault: 'cut', variant: 'end' })
    const { body, error } = await complete(true)
    expect(error).toBeUndefined()
    expect(body).not.toContain('[DONE]')
    expect(body).not.toContain('"finish_reason":"stop"')
  })

  it('malformed: turns bad in the middle', async () => {
    await sandbox.faults.set('llm', { fault: 'malformed', variant: 'error-body', afterParts: 2 })
    const { body } = await complete(true)
    const events = body.trimEnd().split('\n\n')
    expect(events).toHaveLength(3)
    expect(JSON.parse(events[2]!.slice('data: '.length))).toMatchObject({ error: { type: 'server_error' } })
  })

  it('silent: sends the headers of a stream and nothing more', async () => {
    await sandbox.faults.set('llm', { fault: 'silent' })
    const left = call(`${sandbox.services.llm.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: { model: 'gpt-5', stream: true, messages: [{ role: 'user', content: 'hello' }] },
      giveUpMs: 60,
    })
    const { status, headers, body } = await left
    expect([status, headers['content-type'], body]).toEqual([200, 'text/event-stream; charset=utf-8', ''])
  })

  it("n8n's streamed reply is cut and broken alike", async () => {
    sandbox.settings.change({ n8nReply: 'stream' })
    await sandbox.faults.set('n8n', { fault: 'cut', afterParts: 4 })
    const cut = await ask()
    expect(cut.error).toBe('ECONNRESET')
    expect(cut.body.trimEnd().split('\n')).toHaveLength(4)
    await sandbox.faults.set('n8n', { fault: 'malformed', variant: 'error-body' })
    const broken = await ask()
    expect(JSON.parse(broken.body.trimEnd().split('\n').at(-1)!)).toMatchObject({ type: 'error' })
  })

  it('stops sending to a client that hangs up, and shows that nothing is left open', async () => {
    sandbox.settings.change({ partDelayMs: 50 })
    const { status } = await call(`${sandbox.services.llm.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: { model: 'gpt-5', stream: true, messages: [{ role: 'user', content: 'hello' }] },
      giveUpMs: 90,
    })
    expect(status).toBe(200)
    await until(() => sandbox.requests('llm').every(({ open }) => !open))
    expect(sandbox.requests('llm')).toMatchObject([{ aborted: true }])
  })
})

describe('a fault', () => {
  it('down: destroys the connections that are open', async () => {
    await sandbox.faults.set('n8n', { fault: 'hang' })
    const waiting = ask()
    await until(() => sandbox.requests('n8n').length === 1)
    await sandbox.faults.set('n8n', { fault: 'down' })
    expect((await waiting).error).toBe('ECONNRESET')
    await until(() => sandbox.requests('n8n')[0]?.open === false)
    expect(sandbox.requests('n8n')[0]).not.toHaveProperty('aborted')
  })

  it('takes the place of the earlier one of the same service', async () => {
    await sandbox.faults.set('n8n', { fault: 'down' })
    await sandbox.faults.set('n8n', { fault: 'error', status: 502 })
    expect((await ask()).status).toBe(502)
    expect(sandbox.faults.list()).toHaveLength(1)
  })

  it('touches only the path it is for', async () => {
    await sandbox.faults.set('n8n', { fault: 'error', path: '/webhook' })
    expect((await call(`${new URL(sandbox.services.n8n.url).origin}/healthz`)).status).toBe(200)
    expect((await ask()).status).toBe(500)
  })

  it('does what the request asked for when only the reply is lost', async () => {
    await sandbox.faults.set('avinode', { fault: 'cut', next: 1 })
    const headers = {
      'x-avinode-apitoken': 'k',
      authorization: 'Bearer k',
      'x-avinode-product': 'test',
      'x-avinode-senttimestamp': new Date().toISOString(),
    }
    const { avinode } = sandbox.services
    const lost = await call(`${avinode.url}/rfqs`, { method: 'POST', headers, body: { segments: [SEGMENT] } })
    const id = /arfq-\d+/.exec(lost.body)![0]
    expect((await call(`${avinode.url}/rfqs/${id}`, { headers })).status).toBe(200)
  })
})

describe('the sandbox', () => {
  it('refuses to listen on anything but loopback', async () => {
    await expect(startSandbox({ host: '0.0.0.0' })).rejects.toThrow(/^host: .*loopback/)
  })

  it('waits for its port when somebody else has it for a moment', async () => {
    await sandbox.faults.set('n8n', { fault: 'down' })
    const { port } = new URL(sandbox.services.n8n.url)
    const somebody = createServer().listen(Number(port), '127.0.0.1')
    await once(somebody, 'listening')
    const cleared = sandbox.faults.clear('n8n')
    somebody.close()
    await cleared
    expect((await ask()).status).toBe(200)
  })

  it('says that it is the sandbox even to what is no HTTP', async () => {
    for (const url of [sandbox.url, sandbox.services.llm.url]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.end('garbage\r\n\r\n')
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 .*x-holdfast-sandbox: true/s)
    }
  })

  it('refuses a body of more than a mebibyte', async () => {
    const { status } = await call(sandbox.services.n8n.url, {
      method: 'POST',
      headers: { 'x-api-key': 'k' },
      body: { chatInput: 'x'.repeat(1_100_000) },
    })
    expect(status).toBe(413)
  })

  it('keeps what was asked, without secrets', async () => {
    await call(`${sandbox.services.apollo.url}/contacts?api_key=s3cret&page=1`, {
      method: 'POST',
      headers: { 'x-api-key': 's3cret' },
      body: { email: 'a@b.example', token: 's3cret' },
    })
    expect(sandbox.requests('apollo')[0]).not.toHaveProperty('body')
    const [record] = sandbox.requests('apollo', { bodies: true })
    expect(record).toMatchObject({ query: 'api_key=removed&page=1', body: '{"email":"a@b.example","token":"removed"}' })
  })
})
