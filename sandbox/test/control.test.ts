import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SERVICES, startSandbox, type Sandbox } from '../src/index.ts'
import { call, type Result } from './call.ts'
import type { Json } from './vendor.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(async () => {
  await sandbox.close()
})
afterEach(async () => {
  await control('DELETE', '/faults')
  await control('DELETE', '/settings')
  await control('DELETE', '/requests')
})

function send(method: string, path: string, body?: unknown, headers = {}): Promise<Result> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  return call(`${sandbox.url}${path}`, { method, headers: { ...type, ...headers }, body })
}

async function control(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number | undefined; json: Json }> {
  const { status, body: text } = await send(method, path, body)
  return { status, json: JSON.parse(text) }
}

const healthz = () => call(`${new URL(sandbox.services.n8n.url).origin}/healthz`)

describe('what it is', () => {
  it('says on every reply that it is a sandbox', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/health'],
      ['GET', '/nothing'],
      ['POST', '/faults'],
    ] as const) {
      expect((await send(method, path)).headers['x-holdfast-sandbox']).toBe('true')
    }
    for (const service of SERVICES) {
      const { headers } = await call(new URL('/nothing', sandbox.services[service].url).href)
      expect(headers['x-holdfast-sandbox']).toBe('true')
    }
  })

  it('tells programs where the services are, which faults are set and how it is set up', async () => {
    await control('POST', '/faults', { service: 'llm', fault: 'slow' })
    const { json } = await control('GET', '/health')
    expect(json).toMatchObject({
      sandbox: true,
      message: expect.stringContaining('not the real'),
      faults: [{ service: 'llm', fault: 'slow', delayMs: 6_000, hits: 0 }],
      settings: { n8nReply: 'object' },
    })
    expect(json.services).toEqual(
      Object.fromEntries(SERVICES.map((service) => [service, sandbox.services[service].url])),
    )
  })

  it('tells people the same in a page', async () => {
    const { headers, body } = await send('GET', '/')
    expect(headers['content-type']).toContain('text/html')
    expect(body).toContain('Not the real world')
    for (const { url } of Object.values(sandbox.services)) expect(body).toContain(url)
  })
})

describe('faults', () => {
  it('are set, listed and cleared', async () => {
    expect(await control('POST', '/faults', { service: 'n8n', fault: 'error' })).toEqual({
      status: 200,
      json: { service: 'n8n', fault: 'error', status: 500 },
    })
    expect((await healthz()).status).toBe(500)
    expect((await control('GET', '/faults')).json).toEqual([{ service: 'n8n', fault: 'error', status: 500, hits: 1 }])
    await control('POST', '/faults', { service: 'llm', fault: 'hang', next: 3 })
    expect((await control('DELETE', '/faults?service=n8n')).json).toMatchObject([{ service: 'llm', left: 3 }])
    expect((await healthz()).status).toBe(200)
    expect((await control('DELETE', '/faults')).json).toEqual([])
  })

  it('have struck when the reply has come', async () => {
    await control('POST', '/faults', { service: 'n8n', fault: 'down' })
    expect((await healthz()).error).toBe('ECONNREFUSED')
    await control('DELETE', '/faults')
    expect((await healthz()).status).toBe(200)
  })

  it.each([
    [
      { service: 'n9n', fault: 'down' },
      /^service: must be one of n8n, llm, apollo, avinode, anthropic, .*, got "n9n"$/,
    ],
    [{ fault: 'down' }, /^service: .*got nothing$/],
    [
      { service: 'n8n', fault: 'explode' },
      /^fault: must be one of down, error, slow, hang, silent, cut, malformed, flap, rate-limit, got "explode"$/,
    ],
    [{ service: 'n8n', fault: 'error', status: 200 }, /^status: .*400/],
    [{ service: 'n8n', fault: 'slow', delayMs: '5s' }, /^delayMs: .*number/],
    [{ service: 'n8n', fault: 'slow', share: 0 }, /^share: /],
    [{ service: 'n8n', fault: 'slow', share: 1.5 }, /^share: /],
    [{ service: 'n8n', fault: 'slow', next: 0 }, /^next: /],
    [{ service: 'n8n', fault: 'hang', delayMs: 5 }, /^no field delayMs here$/],
    [
      { service: 'n8n', fault: 'malformed', variant: 'odd' },
      /^variant: must be one of broken-json, wrong-shape, html, empty, error-body, rate-limit-body$/,
    ],
    [{ service: 'n8n', fault: 'slow', delayMs: -1, next: 0 }, /next: .*; delayMs: /],
    [[], /must be a JSON object/],
  ])('are refused when wrong, naming the field: %j', async (body, error) => {
    const { status, json } = await control('POST', '/faults', body)
    expect(status).toBe(400)
    expect(json.error).toMatch(error)
    expect((await control('GET', '/faults')).json).toEqual([])
  })

  it('are refused for an unknown service in the query', async () => {
    expect(await control('DELETE', '/faults?service=x')).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining('n8n, llm') },
    })
  })

  it('are taken as JSON only, so that no web page can set them with a form', async () => {
    const { status } = await send(
      'POST',
      '/faults',
      { service: 'n8n', fault: 'down' },
      { 'content-type': 'text/plain' },
    )
    expect(status).toBe(415)
  })
})

describe('settings', () => {
  it('are changed one by one and reset together', async () => {
    const { json } = await control('POST', '/settings', { n8nReply: 'stream' })
    expect(json).toMatchObject({ n8nReply: 'stream', partDelayMs: 10 })
    await control('POST', '/settings', { partDelayMs: 0, now: '2026-11-23T15:00:00Z', timeZone: 'Europe/Berlin' })
    expect((await control('GET', '/settings')).json).toMatchObject({
      n8nReply: 'stream',
      partDelayMs: 0,
      timeZone: 'Europe/Berlin',
    })
    expect((await control('DELETE', '/settings')).json).toMatchObject({
      n8nReply: 'object',
      partDelayMs: 10,
      now: null,
    })
  })

  it.each([
    [{ n8nReply: 'xml' }, /^n8nReply: must be one of object, array, text, stream$/],
    [{ timeZone: 'Mars/Olympus' }, /^timeZone: .*IANA/],
    [{ now: 'noon' }, /^now: /],
    [{ colour: 'red' }, /^no field colour here$/],
  ])('are refused when wrong: %j', async (body, error) => {
    expect(await control('POST', '/settings', body)).toMatchObject({
      status: 400,
      json: { error: expect.stringMatching(error) },
    })
  })

  it('let the day be chosen that the stand-ins take for today', async () => {
    await control('POST', '/settings', { now: '2027-03-01T15:00:00Z' })
    const ask = await call(sandbox.services.n8n.url, {
      method: 'POST',
      headers: { 'x-api-key': 'k' },
      body: { chatInput: 'A jet from Teterboro to Miami tomorrow for 4 people' },
    })
    expect(JSON.parse(ask.body).output).toContain('March 2, 2027')
  })
})

describe('requests', () => {
  it('are listed for all services or one, and forgotten', async () => {
    await healthz()
    await call(`${sandbox.services.llm.url}/models?x=1`)
    expect((await control('GET', '/requests')).json).toHaveLength(2)
    const { json } = await control('GET', '/requests?service=llm&bodies=1')
    expect(json).toMatchObject([
      { service: 'llm', method: 'GET', path: '/v1/models', open: false, status: 401, query: 'x=1' },
    ])
    expect(json[0].at).toBeTypeOf('number')
    await control('DELETE', '/requests')
    expect((await control('GET', '/requests')).json).toEqual([])
  })

  it('are counted per slice of time', async () => {
    for (let times = 0; times < 3; times += 1) await healthz()
    const { json } = await control('GET', '/requests/summary?service=n8n&path=/healthz&sliceSeconds=3600')
    expect(json.reduce((sum: number, slice: Json) => sum + slice.requests, 0)).toBe(3)
    expect(json[0]).toMatchObject({ service: 'n8n', sliceMs: 3_600_000 })
    expect((await control('GET', '/requests/summary?sliceSeconds=0')).status).toBe(400)
    expect((await control('GET', '/requests/summary?service=x')).status).toBe(400)
  })
})

it('says what there is when asked for what there is not', async () => {
  const { status, json } = await control('GET', '/nothing')
  expect(status).toBe(404)
  expect(json.error).toContain('/faults')
})
