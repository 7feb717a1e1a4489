import { describe, expect, it } from 'vitest'
import { fakeApp } from '../../test/fakes.ts'

const body = { model: 'desk', messages: [{ role: 'user', content: 'x' }] }

async function ask(headers: Record<string, string>, options: Parameters<typeof fakeApp>[0] = {}) {
  const { app } = await fakeApp(options)
  return app.inject({ method: 'POST', url: '/v1/chat/completions', headers, payload: body })
}

describe('a server on loopback', () => {
  it.each(['127.0.0.1:4600', 'localhost:4600', '[::1]:4600', '192.168.1.5', 'desk.localhost'])(
    'answers to the name %s',
    async (host) => {
      expect((await ask({ host })).statusCode).toBe(200)
    },
  )

  it.each(['attacker.example', 'attacker.example:4600', '127.0.0.1.attacker.example', 'localhost.attacker.example'])(
    'refuses the name "%s", which a web page could let point here',
    async (host) => {
      const response = await ask({ host })
      expect(response.statusCode).toBe(403)
      expect(response.json().error.code).toBe('host_not_allowed')
    },
  )

  it('answers to a name that is allowed', async () => {
    const options = { options: { allowedHosts: ['desk.example.com'] } }
    expect((await ask({ host: 'desk.example.com' }, options)).statusCode).toBe(200)
  })
})

describe('a web page of another origin', () => {
  it.each(['https://attacker.example', 'http://127.0.0.1:9999', 'null'])('is refused: %s', async (origin) => {
    const response = await ask({ host: '127.0.0.1:4600', origin })
    expect(response.statusCode).toBe(403)
    expect(response.json().error.code).toBe('origin_not_allowed')
    expect(response.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('is let in when it is configured, and told what it may read', async () => {
    const options = { options: { corsOrigins: ['https://shop.example'] } }
    const headers = { host: '127.0.0.1:4600', origin: 'https://shop.example' }
    const response = await ask(headers, options)
    expect(response.statusCode).toBe(200)
    expect(response.headers['access-control-allow-origin']).toBe('https://shop.example')
    expect(response.headers['access-control-expose-headers']).toContain('x-holdfast-tier')
    const { app } = await fakeApp(options)
    const preflight = await app.inject({ method: 'OPTIONS', url: '/v1/chat/completions', headers })
    expect(preflight.statusCode).toBe(204)
    const admin = await app.inject({ url: '/admin/system-status', headers })
    expect(admin.statusCode).toBe(403)
  })

  it('does not keep the page of the server itself out', async () => {
    const response = await ask({ host: '127.0.0.1:4600', origin: 'http://127.0.0.1:4600' })
    expect(response.statusCode).toBe(200)
  })
})

describe('API keys', () => {
  const keys = { 'key-of-acme': 'acme' }
  const host = '127.0.0.1'

  it('are not needed on loopback, and one that is sent means nothing while none is configured', async () => {
    expect((await ask({ host })).statusCode).toBe(200)
    expect((await ask({ host, authorization: 'Bearer anything' })).statusCode).toBe(200)
  })

  it('are honoured on loopback when they are sent: a wrong one is refused', async () => {
    expect((await ask({ host }, { keys })).statusCode).toBe(200)
    expect((await ask({ host, authorization: 'Bearer key-of-acme' }, { keys })).statusCode).toBe(200)
    const wrong = await ask({ host, authorization: 'Bearer wrong' }, { keys })
    expect(wrong.statusCode).toBe(401)
    expect(wrong.json().error.code).toBe('invalid_api_key')
  })

  it('are needed for /v1 and /chat once other machines reach the server', async () => {
    const open = { keys, context: { loopback: false } }
    const { app } = await fakeApp(open)
    for (const [method, url] of [
      ['POST', '/v1/chat/completions'],
      ['GET', '/v1/models'],
      ['GET', '/v1/models/desk'],
      ['POST', '/chat'],
    ] as const) {
      const response = await app.inject({ method, url, ...(method === 'POST' ? { payload: body } : {}) })
      expect(response.statusCode).toBe(401)
      expect(response.json().error.code).toBe('api_key_required')
    }
    expect((await ask({ host: 'desk.example.com', authorization: 'Bearer key-of-acme' }, open)).statusCode).toBe(200)
  })
})

describe('an address', () => {
  it('that does not exist is 404, a method that it does not take 405 with the ones it takes', async () => {
    const { app } = await fakeApp()
    const headers = { host: 'localhost' }
    expect((await app.inject({ url: '/nothing', headers })).json().error.code).toBe('not_found')
    const wrong = await app.inject({ url: '/v1/chat/completions', headers })
    expect(wrong.statusCode).toBe(405)
    expect(wrong.headers['allow']).toBe('POST')
    expect((await app.inject({ url: '/%E0%A4%A', headers })).statusCode).toBe(400)
  })
})

describe('the sandbox switches', () => {
  it('are not there on a server that other machines reach', async () => {
    const { app } = await fakeApp({ keys: { k: 'a' }, context: { loopback: false } })
    expect((await app.inject({ url: '/sandbox/faults' })).statusCode).toBe(404)
  })

  it('are not there while every service is a real one', async () => {
    const { app } = await fakeApp()
    const response = await app.inject({ url: '/sandbox/faults', headers: { host: 'localhost' } })
    expect(response.json().error.code).toBe('sandbox_not_in_use')
  })

  it('say when the sandbox does not answer', async () => {
    const { app } = await fakeApp({ context: { sandbox: { controlUrl: 'http://127.0.0.1:1', running: false } } })
    const response = await app.inject({ url: '/sandbox/faults', headers: { host: 'localhost' } })
    expect(response.statusCode).toBe(502)
    expect(response.json().error.code).toBe('sandbox_unreachable')
  })
})

describe('the page', () => {
  it('is served with a policy that lets no script but its own files run', async () => {
    const { app } = await fakeApp()
    const response = await app.inject({ url: '/', headers: { host: 'localhost' } })
    expect(response.headers['content-type']).toMatch(/^text\/html/)
    const policy = response.headers['content-security-policy']
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(response.body).not.toMatch(/<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=/)
    const files = [...response.body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, url]) => url ?? '')
    for (const url of files) expect((await app.inject({ url, headers: { host: 'localhost' } })).statusCode).toBe(200)
  })
})
