import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { fakeApp, fakeModel } from '../../test/fakes.ts'
import type { FakeAppOptions } from '../../test/fakes.ts'

const sandbox = { context: { sandbox: { controlUrl: 'http://127.0.0.1:1', running: true } } }
const messages = [{ role: 'user', content: 'x' }]
const chat = { assistant: 'desk', message: 'x' }
const stream = { accept: 'text/event-stream' }

const ANSWERS: [string, 'GET' | 'POST', string, object | undefined, Record<string, string>][] = [
  ['an answer', 'POST', '/v1/chat/completions', { model: 'desk', messages }, {}],
  ['a stream', 'POST', '/v1/chat/completions', { model: 'desk', messages, stream: true }, {}],
  ['a request that is refused', 'POST', '/v1/chat/completions', { model: 'desk', messages: [] }, {}],
  ['the list of models', 'GET', '/v1/models', undefined, {}],
  ['a chat', 'POST', '/chat', chat, {}],
  ['a streamed chat', 'POST', '/chat', chat, stream],
  ['the health', 'GET', '/health', undefined, {}],
  ['the metrics', 'GET', '/metrics', undefined, {}],
  ['the page', 'GET', '/', undefined, {}],
  ['a refusal by a guard', 'GET', '/health', undefined, { host: 'attacker.example' }],
  ['an unknown address', 'GET', '/nothing', undefined, {}],
  ['a malformed address', 'GET', '/%E0%A4%A', undefined, {}],
]

async function send(options: FakeAppOptions, [, method, url, payload, headers]: (typeof ANSWERS)[number]) {
  const { app } = await fakeApp(options)
  const body = payload === undefined ? {} : { payload }
  return app.inject({ method, url, headers: { host: 'localhost', ...headers }, ...body })
}

describe('x-holdfast-sandbox', () => {
  it.each(ANSWERS)('is on %s while a service is the sandbox, and only then', async (...asked) => {
    expect((await send(sandbox, asked)).headers['x-holdfast-sandbox']).toBe('true')
    expect((await send({}, asked)).headers['x-holdfast-sandbox']).toBeUndefined()
  })

  it('is on answers whose tier was not the sandbox, and when none could answer', async () => {
    const model = fakeModel({ failure: new Error('no') })
    for (const asked of ANSWERS.slice(0, 2)) {
      const response = await send({ ...sandbox, model }, asked)
      expect(response.statusCode).toBeGreaterThanOrEqual(500)
      expect(response.headers['x-holdfast-sandbox']).toBe('true')
    }
  })

  it('is on the refusal of what is no HTTP', async () => {
    const { app } = await fakeApp(sandbox)
    await app.listen({ host: '127.0.0.1', port: 0 })
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8')
    socket.write('nonsense\r\n\r\n')
    const [reply] = (await once(socket, 'data')) as [string]
    socket.destroy()
    await app.close()
    expect(reply).toMatch(/^HTTP\/1\.1 400 .*\r\nx-holdfast-sandbox: true\r\n/s)
  })
})
