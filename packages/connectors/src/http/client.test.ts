import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { HoldfastError } from '@holdfast/core'
import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { createHttpClient } from './client.ts'
import type { HttpClient } from './client.ts'
import type { HttpClientOptions } from './options.ts'

const SECRET = 'sk-very-secret-0123456789'

let server: LocalServer | undefined
let client: HttpClient | undefined

async function start(handler: Handler, options: Partial<HttpClientOptions> = {}): Promise<HttpClient> {
  server = await startServer(handler)
  client = createHttpClient({
    baseUrl: `${server.url}/v1`,
    service: 'crm',
    headers: { 'x-api-key': SECRET },
    ...options,
  })
  return client
}

/** undici gives a connection to the next request only a turn of the event loop after a reply. */
async function backInThePool(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

afterEach(async () => {
  await server?.close()
  await client?.close()
  server = client = undefined
})

describe('a client', () => {
  it('sends JSON to the path under its base address with its headers and a query', async () => {
    const crm = await start((_, response) => json(response, { ok: true }))
    const reply = await crm.request({
      path: '/people',
      query: { 'titles[]': ['a b', 'c&d'], page: 1, no: undefined },
      json: { q: 'ä' },
    })
    expect(await reply.json()).toEqual({ ok: true })
    const [request] = server?.requests ?? []
    expect(request).toMatchObject({ method: 'POST', path: '/v1/people', body: '{"q":"ä"}' })
    expect(request?.query.getAll('titles[]')).toEqual(['a b', 'c&d'])
    expect(request?.query.has('no')).toBe(false)
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'x-api-key': SECRET })
  })

  it('keeps the connection for the next request', async () => {
    const crm = await start((_, response) => json(response, {}))
    for (let call = 0; call < 5; call++) {
      await (await crm.request({ path: '/a' })).json()
      await backInThePool()
    }
    expect(server?.open).toBe(1)
  })

  it('streams a body as it comes', async () => {
    const crm = await start(async (_, response) => {
      response.write('one')
      await new Promise((resolve) => setTimeout(resolve, 20))
      response.end('two')
    })
    const chunks: string[] = []
    for await (const chunk of (await crm.request({ path: '/s' })).stream()) chunks.push(Buffer.from(chunk).toString())
    expect(chunks).toEqual(['one', 'two'])
  })

  it('hands a large body over whole while its reader is slow', async () => {
    const part = Buffer.alloc(100_000, 'x')
    const crm = await start((_, response) => {
      for (let count = 0; count < 30; count++) response.write(part)
      response.end()
    })
    let bytes = 0
    for await (const chunk of (await crm.request({})).stream()) {
      bytes += chunk.byteLength
      if (bytes % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(bytes).toBe(3_000_000)
  })

  it.each(['gzip', 'deflate', 'br'])('reads a body that came as %s', async (encoding) => {
    const compress = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[encoding] ?? gzipSync
    const crm = await start((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(compress('{"text":"für 9.000 €"}')),
    )
    expect(await (await crm.request({})).json()).toEqual({ text: 'für 9.000 €' })
  })

  it('asks for nothing compressed unless told', async () => {
    const crm = await start((_, response) => json(response, {}))
    await crm.request({})
    expect(server?.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  it.each([
    [{ maxResponseBytes: 0 }, /maxResponseBytes must be a whole number from 1/],
    [{ connectTimeoutMs: Number.NaN }, /connectTimeoutMs .* but is NaN/],
    [{ maxConnections: 1.5 }, /maxConnections .* but is 1.5/],
    [{ headers: { 'x-api-key': `${SECRET}\n` } }, /the header x-api-key must be text without line breaks/],
    [{ headers: { 'x api key': 'a' } }, /a header name/],
    [{ service: 'crm', baseUrl: 'crm.example' }, /the address of crm must be an http or https URL/],
  ])('refuses %j, with the option and what is allowed', (options, message) => {
    let error: unknown
    try {
      createHttpClient({ baseUrl: 'http://127.0.0.1', ...options })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'INVALID_OPTION' })
    expect((error as Error).message).toMatch(message)
    expect(everythingIn(error)).not.toContain(SECRET)
  })

  it('refuses a base address that is no URL or holds a password, without repeating it', () => {
    for (const baseUrl of ['nonsense', 'ftp://a', `http://user:${SECRET}@host`]) {
      const error = (() => {
        try {
          return void createHttpClient({ baseUrl })
        } catch (thrown) {
          return thrown
        }
      })()
      expect(error).toMatchObject({ code: 'INVALID_OPTION', category: 'validation' })
      expect(everythingIn(error)).not.toContain(SECRET)
    }
  })
})

describe('a failed reply', () => {
  it.each([
    [400, 'client', false, false],
    [401, 'auth', false, false],
    [403, 'auth', false, false],
    [404, 'client', false, false],
    [408, 'timeout', true, true],
    [429, 'rate-limit', true, false],
    [500, 'server', true, true],
    [503, 'overloaded', true, true],
  ] as const)('with status %i is of the category %s', async (status, category, retryable, mayHaveTakenEffect) => {
    const crm = await start((_, response) => json(response, { detail: 'a body' }, status))
    const error = await rejection(crm.request({ path: '/x' }))
    expect(error).toMatchObject({ category, retryable, mayHaveTakenEffect, status })
    expect(everythingIn(error)).not.toContain('a body')
  })

  it.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after-ms': '120' }, 120],
    [{ 'retry-after': 'Mon, 23 Nov 2026 07:00:30 GMT', date: 'Mon, 23 Nov 2026 07:00:00 GMT' }, 30_000],
    [{}, undefined],
  ])('says with %j that it may be tried again after %s ms', async (headers, retryAfterMs) => {
    const crm = await start((_, response) => json(response, {}, 429, headers))
    expect(await rejection(crm.request({}))).toMatchObject({ retryAfterMs })
  })

  it('is explained by the connector that knows its body', async () => {
    const crm = await start((_, response) => json(response, { code: 'NOPE' }, 409))
    const error = await rejection(
      crm.request({
        explain: ({ text }) => ({ code: (JSON.parse(text) as { code: string }).code, category: 'quota' }),
      }),
    )
    expect(error).toMatchObject({ code: 'NOPE', category: 'quota', status: 409 })
  })

  it('with a redirect is a wrong address, and is not followed', async () => {
    const crm = await start((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/login' }).end())
    expect(await rejection(crm.request({}))).toMatchObject({ code: 'UNEXPECTED_REDIRECT', category: 'configuration' })
    expect(server?.requests).toHaveLength(1)
  })

  it('leaves no connection open when its body never ends', async () => {
    const crm = await start((_, response) => response.writeHead(500).write('x'))
    await rejection(crm.request({}))
    await server?.openIs(0)
  })

  it('does not wait for a body that never ends when it is to be explained', async () => {
    const crm = await start((_, response) => {
      response.writeHead(500)
      response.write(Buffer.alloc(70_000, 'x'))
    })
    const error = await rejection(crm.request({ explain: ({ text }) => ({ code: `LENGTH_${text.length > 60_000}` }) }))
    expect(error).toMatchObject({ code: 'LENGTH_true' })
    await server?.openIs(0)
  })
})

describe('a failed reply with a body that never ends, but is short', () => {
  it('keeps its status and its Retry-After', async () => {
    const crm = await start((_, response) => response.writeHead(429, { 'retry-after': '7' }).write('{"half'))
    const error = await rejection(
      crm.request({ explain: ({ text }) => ({ code: text === '{"half' ? 'HALF' : 'NONE' }) }),
    )
    expect(error).toMatchObject({ code: 'HALF', category: 'rate-limit', status: 429, retryAfterMs: 7_000 })
    await server?.openIs(0)
  })

  it('does not keep its caller from giving up', async () => {
    const controller = new AbortController()
    const crm = await start((_, response) => {
      response.writeHead(500).write('{"half')
      setTimeout(() => controller.abort('gone'), 20)
    })
    expect(await rejection(crm.request({ signal: controller.signal, explain: () => ({}) }))).toBe('gone')
    await server?.openIs(0)
  })
})

describe('a reply that cannot be used', () => {
  it('is refused when it announces more bytes than allowed', async () => {
    const crm = await start((_, response) => response.end(Buffer.alloc(1_001)), { maxResponseBytes: 1_000 })
    expect(await rejection(crm.request({}))).toMatchObject({ code: 'RESPONSE_TOO_LARGE', category: 'malformed' })
    await server?.openIs(0)
  })

  it('is refused when it turns out to be larger than allowed', async () => {
    const crm = await start(
      (_, response) => {
        response.write(Buffer.alloc(600))
        setTimeout(() => response.end(Buffer.alloc(600)), 10)
      },
      { maxResponseBytes: 1_000 },
    )
    const reply = await crm.request({})
    expect(await rejection(reply.text())).toMatchObject({ code: 'RESPONSE_TOO_LARGE' })
    await server?.openIs(0)
  })

  it('is refused when it grows larger than allowed as it is decompressed', async () => {
    const crm = await start(
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(100_000))),
      { maxResponseBytes: 10_000 },
    )
    expect(await rejection((await crm.request({})).text())).toMatchObject({ code: 'RESPONSE_TOO_LARGE' })
  })

  it('is an error when it cannot be decompressed', async () => {
    for (const encoding of ['gzip', 'zstd-x']) {
      const crm = await start((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end('plain'))
      expect(await rejection((await crm.request({})).text())).toMatchObject({ code: 'MALFORMED_ENCODING' })
      await server?.close()
      await crm.close()
    }
  })

  it('is one of our errors for the reader of a stream too', async () => {
    const crm = await start((_, response, raw) => {
      response.write('half')
      setTimeout(() => raw.socket.destroy(), 10)
    })
    const reader = (await crm.request({})).stream().getReader()
    await reader.read()
    expect(await rejection(reader.read())).toMatchObject({ name: 'HoldfastError', code: 'CONNECTION_LOST' })
  })

  it('is an error that does not quote it when it is not JSON', async () => {
    const crm = await start((_, response) => response.end(`<p>${SECRET}</p>`))
    const error = await rejection((await crm.request({})).json())
    expect(error).toMatchObject({ code: 'MALFORMED_JSON', category: 'malformed' })
    expect(everythingIn(error)).not.toContain(SECRET)
  })

  it('is an error when it breaks off in the middle', async () => {
    const crm = await start((_, response, raw) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      setTimeout(() => raw.socket.destroy(), 10)
    })
    const error = await rejection((await crm.request({})).text())
    expect(error).toMatchObject({ category: 'network', mayHaveTakenEffect: true })
  })
})

describe('the network', () => {
  it('that refuses a connection has certainly done nothing', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => probe.once('listening', resolve))
    const { port } = probe.address() as AddressInfo
    await new Promise((resolve) => probe.close(resolve))
    client = createHttpClient({ baseUrl: `http://127.0.0.1:${port}`, headers: { 'x-api-key': SECRET } })
    const error = await rejection(client.request({ method: 'POST', json: { secret: SECRET } }))
    expect(error).toMatchObject({ category: 'network', mayHaveTakenEffect: false, retryable: true })
    expect(everythingIn(error)).not.toContain(SECRET)
  })

  it('that does not know the name has certainly done nothing', async () => {
    client = createHttpClient({ baseUrl: 'http://holdfast.invalid' })
    expect(await rejection(client.request({}))).toMatchObject({ category: 'network', mayHaveTakenEffect: false })
  })

  it('that drops a fresh connection is not tried again', async () => {
    const crm = await start((_, __, raw) => raw.socket.destroy())
    const error = await rejection(crm.request({ path: '/get' }))
    expect(error).toMatchObject({ category: 'network', mayHaveTakenEffect: true })
    expect(server?.requests).toHaveLength(1)
  })
})

describe('an idle connection that the peer has closed', () => {
  /** Answers the first request on each connection, and closes the connection as the second arrives. */
  const closing: Handler = (_, response, raw) => {
    const socket = raw.socket as typeof raw.socket & { served?: boolean }
    if (socket.served === true) return socket.destroy()
    socket.served = true
    return json(response, {})
  }

  it('is no failure for a request that may be repeated', async () => {
    const crm = await start(closing)
    await (await crm.request({ path: '/1' })).json()
    await backInThePool()
    const reply = await crm.request({ path: '/2' })
    expect(reply.status).toBe(200)
    expect(server?.requests.map((request) => request.path)).toEqual(['/v1/1', '/v1/2', '/v1/2'])
  })

  it('is reported for one that may not, as something that may have taken effect', async () => {
    const crm = await start(closing)
    await (await crm.request({ path: '/1' })).json()
    await backInThePool()
    const error = await rejection(crm.request({ method: 'POST', path: '/2', json: {} }))
    expect(error).toMatchObject({ category: 'network', mayHaveTakenEffect: true })
    expect(server?.requests).toHaveLength(2)
  })

  it('is not met at all when the pool has seen it close', async () => {
    const crm = await start((_, response) => json(response, {}))
    await (await crm.request({ path: '/1' })).json()
    server?.dropConnections()
    await server?.openIs(0)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect((await crm.request({ method: 'POST', path: '/2', json: {} })).status).toBe(200)
  })
})

describe('an abort', () => {
  const never: Handler = () => undefined

  it('before the request sends nothing and comes back as it is', async () => {
    const crm = await start(never)
    const reason = { my: 'reason' }
    expect(await rejection(crm.request({ signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(server?.requests).toHaveLength(0)
  })

  it('while the headers are awaited destroys the connection', async () => {
    const crm = await start(never)
    const controller = new AbortController()
    const reason = new HoldfastError({ code: 'X', category: 'cancelled', message: 'x', retryable: false })
    const waiting = rejection(crm.request({ signal: controller.signal }))
    await server?.openIs(1)
    controller.abort(reason)
    expect(await waiting).toBe(reason)
    await server?.openIs(0)
  })

  it('while the body is read destroys the connection', async () => {
    const crm = await start((_, response) => response.write('half'))
    const controller = new AbortController()
    const reply = await crm.request({ signal: controller.signal })
    const waiting = rejection(reply.text())
    controller.abort('enough')
    expect(await waiting).toBe('enough')
    await server?.openIs(0)
  })

  it('of the reader destroys the connection', async () => {
    const crm = await start((_, response) => response.write('half'))
    const reader = (await crm.request({})).stream().getReader()
    await reader.read()
    await reader.cancel('enough')
    await server?.openIs(0)
  })

  it('leaves no listener on the signal once the body has ended', async () => {
    const crm = await start((_, response) => json(response, {}))
    const controller = new AbortController()
    let listeners = 0
    const { signal } = controller
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args))
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args))
    await (await crm.request({ signal })).json()
    expect(listeners).toBe(0)
  })
})
