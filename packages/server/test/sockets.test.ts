import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { fakeApp, fakeModel } from './fakes.ts'
import type { FakeAppOptions } from './fakes.ts'

let app: FastifyInstance | undefined
afterEach(async () => app?.close())

async function listening(options: FakeAppOptions) {
  const fake = await fakeApp(options)
  app = fake.app
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const post = (path: string, body: object, signal?: AbortSignal, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    })
  return { ...fake, port, post }
}

const completion = (stream: boolean) => ({ model: 'desk', stream, messages: [{ role: 'user', content: 'x' }] })

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('a client that hangs up', () => {
  it.each([
    ['before the answer begins', '/v1/chat/completions', completion(false), 0],
    ['before a stream begins', '/v1/chat/completions', completion(true), 0],
    ['in the middle of a stream', '/v1/chat/completions', completion(true), 1],
    ['in the middle of a chat', '/chat', { assistant: 'desk', message: 'x' }, 0],
  ])('%s aborts the call of the model at once and leaves nothing under way', async (_title, path, body, hangsAfter) => {
    const model = fakeModel({ pieces: ['one', 'two'], hangsAfter })
    const { post, context } = await listening({ model })
    const leave = new AbortController()
    const asked = post(path, body, leave.signal).then((response) => response.text())
    await until(() => model.calls.length === 1)
    expect(context.answers.count).toBe(1)
    leave.abort()
    await expect(asked).rejects.toThrow()
    await until(() => model.calls[0]?.abortSignal?.aborted === true)
    expect(model.calls[0]?.abortSignal?.reason).toMatchObject({ code: 'READER_LEFT', category: 'cancelled' })
    await until(() => context.answers.count === 0)
  })
})

describe('a silent stream', () => {
  it('is kept alive with comments that no client takes for words', async () => {
    const { post, context } = await listening({
      model: fakeModel({ pieces: ['one', 'two'], hangsAfter: 1 }),
      options: { keepAliveCommentMs: 100 },
    })
    const response = await post('/v1/chat/completions', completion(true))
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes(': keep-alive\n\n')) text += (await reader.read()).value ?? ''
    expect(text).toContain('"content":"one"')
    await reader.cancel()
    await until(() => context.answers.count === 0)
  })
})

describe('a reader of a stream who does not read', () => {
  const pieces = Array.from({ length: 1_000 }, () => 'x'.repeat(100_000))
  const ask = (port: number): Socket => {
    const body = JSON.stringify(completion(true))
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    return connect(port, '127.0.0.1', function (this: Socket) {
      this.write(head + body)
    })
  }

  it('is let go after a time, and of the answer only so much is made as sockets hold', async () => {
    const model = fakeModel({ pieces })
    const { port, context } = await listening({ model, options: { stalledReaderMs: 300 } })
    const socket = ask(port)
    socket.pause()
    try {
      await until(() => model.calls.length === 1)
      await until(() => context.answers.count === 0)
      expect(model.calls[0]?.abortSignal?.reason).toMatchObject({ code: 'READER_LEFT' })
      // It finds what was on its way, and then no end of the answer.
      let received = 0
      for await (const chunk of socket) received += (chunk as Buffer).length
      expect(received).toBeLessThan(50_000_000)
    } finally {
      socket.destroy()
    }
  })

  it('is let go when all has been said, too', async () => {
    const { port, context } = await listening({
      model: fakeModel({ pieces: ['x'.repeat(30_000_000)] }),
      options: { stalledReaderMs: 300 },
    })
    const socket = ask(port)
    socket.pause()
    try {
      await until(() => context.answers.count === 1)
      const begunAt = performance.now()
      await until(() => context.answers.count === 0)
      expect(performance.now() - begunAt).toBeGreaterThan(250)
    } finally {
      socket.destroy()
    }
  })

  it('is not let go while he reads slowly', async () => {
    const { port, context } = await listening({
      model: fakeModel({ pieces: pieces.slice(0, 100) }),
      options: { stalledReaderMs: 300 },
    })
    const socket = ask(port)
    let received = ''
    for await (const chunk of socket) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      received = (received + String(chunk)).slice(-1_000)
      if (received.includes('[DONE]')) break
    }
    await until(() => context.answers.count === 0)
    expect(received).toContain('[DONE]')
  })
})

/** Sends all before it reads anything, as simple clients do. */
async function sendThenRead(port: number, framing: 'content-length' | 'chunked', body: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const chunked = framing === 'chunked'
  const length = chunked ? 'transfer-encoding: chunked' : `content-length: ${body.length}`
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${length}\r\n\r\n`
  const framed = chunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.write(head + framed, () => resolve())
  })
  let reply = ''
  for await (const text of socket.setEncoding('utf8')) reply += String(text)
  return reply
}

describe('a body of 5 MB', () => {
  it.each(['content-length', 'chunked'] as const)(
    'is answered with 413 that reaches even a client that sends all before it reads, every time (%s)',
    { timeout: 30_000 },
    async (framing) => {
      const { port } = await listening({})
      const body = JSON.stringify({ ...completion(false), filler: 'x'.repeat(5_000_000) })
      for (let round = 0; round < 50; round += 1) {
        const reply = await sendThenRead(port, framing, body)
        expect(reply).toMatch(/^HTTP\/1.1 413 /)
        expect(reply.toLowerCase()).toContain('connection: close')
        expect(JSON.parse(reply.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { code: 'body_too_large' } })
      }
    },
  )
})

describe('what is no request at all', () => {
  it.each([
    ['broken HTTP', 'BREW / HTTP/1.1\r\nno colon\r\n\r\n', 400, 'invalid_request'],
    ['huge headers', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('gets an error in the same format: %s', async (_title, bytes, status, code) => {
    const { port } = await listening({})
    const socket = connect(port, '127.0.0.1')
    let reply = ''
    socket.setEncoding('utf8').on('data', (text: string) => (reply += text))
    socket.on('error', () => undefined)
    socket.write(bytes)
    await once(socket, 'close')
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(reply.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { code } })
  })
})

describe('stopping', () => {
  it('lets an answer under way finish, and aborts it when the grace time is over', async () => {
    const { post, context } = await listening({ model: fakeModel({ pieces: ['one', 'two'], hangsAfter: 1 }) })
    const response = await post('/v1/chat/completions', completion(true))
    const text = response.text()
    await context.answers.stop(50)
    expect(await text).toContain('"code":"shutting_down"')
    expect(await text).not.toContain('[DONE]')
    expect(context.answers.count).toBe(0)
  })
})
