import { createIntegration } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { createWriteMemory } from '../once/write-memory.ts'
import type { WriteMemory } from '../once/write-memory.ts'
import type { Mailer } from './mailer.ts'
import type { EmailMessage } from './message.ts'
import { createResend } from './resend.ts'

const KEY = 're_very_secret'
const mail: EmailMessage = { to: 'ada@example.com', subject: 'Your quote', text: 'Two jets are free.' }

let server: LocalServer
let mailer: Mailer

async function start(
  handler: Handler,
  integration = createIntegration({ name: 'resend', retry: false }),
  writeMemory?: WriteMemory,
): Promise<Mailer> {
  server = await startServer(handler)
  mailer = createResend({
    apiKey: KEY,
    from: { name: 'Desk "One"', address: 'desk@example.com' },
    integration,
    baseUrl: server.url,
    writeMemory,
  })
  return mailer
}

const sent: Handler = (_, response) => json(response, { id: 'mail-1' })
const refuses =
  (status: number, name: string): Handler =>
  (_, response) =>
    json(response, { statusCode: status, name, message: `about ada@example.com` }, status)

afterEach(async () => {
  await mailer?.close()
  await server?.close()
})

describe('a message by Resend', () => {
  it('goes out as its API wants it', async () => {
    const desk = await start(sent)
    await expect(
      desk.send(
        {
          to: [{ name: 'Ada', address: 'ada@example.com' }, 'bob@example.com'],
          bcc: ['audit@example.com'],
          replyTo: 'sales@example.com',
          subject: 'Your quote',
          text: 'Two jets are free.',
          html: '<p>Two jets are free.</p>',
          attachments: [
            { filename: 'quote.txt', content: new TextEncoder().encode('EUR 9,000'), contentType: 'text/plain' },
          ],
        },
        { idempotencyKey: 'quote-7', requestId: 'r-1' },
      ),
    ).resolves.toEqual({ id: 'mail-1', rejected: [] })
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', path: '/emails' })
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'idempotency-key': 'quote-7',
      'x-request-id': 'r-1',
    })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      from: String.raw`"Desk \"One\"" <desk@example.com>`,
      to: ['"Ada" <ada@example.com>', 'bob@example.com'],
      bcc: ['audit@example.com'],
      reply_to: 'sales@example.com',
      subject: 'Your quote',
      text: 'Two jets are free.',
      html: '<p>Two jets are free.</p>',
      attachments: [{ filename: 'quote.txt', content: 'RVVSIDksMDAw', content_type: 'text/plain' }],
    })
  })

  it('is tried again with the same key, also when nobody knows how the first attempt went', async () => {
    let calls = 0
    const clock = fakeClock()
    const integration = createIntegration({ name: 'resend', retry: { maxRetries: 1 }, clock, random: () => 0 })
    const desk = await start((_, response) => {
      calls += 1
      if (calls === 1) response.destroy()
      else json(response, { id: 'mail-2' })
    }, integration)
    const sending = desk.send(mail)
    await expect
      .poll(async () => {
        await clock.advance(1_000)
        return server.requests.length
      })
      .toBe(2)
    await expect(sending).resolves.toMatchObject({ id: 'mail-2' })
    const [first, second] = server.requests.map(({ headers }) => headers['idempotency-key'])
    expect(first).toMatch(/^[0-9a-f-]{36}$/)
    expect(second).toBe(first)
  })

  it('goes out once for its key, also when Resend has forgotten it, and a doubtful one waits for a person then', async () => {
    const clock = fakeClock()
    const memory = createWriteMemory({ clock })
    let answers: Handler = sent
    const desk = await start((...call) => answers(...call), undefined, memory)
    const hours = (count: number): Promise<void> => clock.advance(count * 3_600_000)
    const send = (idempotencyKey: string): Promise<unknown> => desk.send(mail, { idempotencyKey })
    await send('a')
    await hours(25)
    expect(await send('a')).toEqual({ id: 'mail-1', rejected: [] })
    expect(server.requests).toHaveLength(1)
    expect(await rejection(desk.send({ ...mail, subject: 'Another' }, { idempotencyKey: 'a' }))).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
    answers = refuses(500, 'internal_server_error')
    for (const key of ['b', 'c']) await rejection(send(key))
    await hours(22)
    answers = sent
    await expect(send('b')).resolves.toMatchObject({ id: 'mail-1' })
    await hours(1)
    expect(await rejection(send('c'))).toMatchObject({ code: 'WRITE_UNCONFIRMED', mayHaveTakenEffect: true })
    expect(server.requests).toHaveLength(4)
  })

  it('has another key for another message, and never half a key', async () => {
    const desk = await start(sent)
    const long = 'k'.repeat(300)
    for (const idempotencyKey of [undefined, undefined, `${long}1`, `${long}2`, 'with a space']) {
      await desk.send(mail, idempotencyKey === undefined ? {} : { idempotencyKey })
    }
    const keys = server.requests.map(({ headers }) => String(headers['idempotency-key']))
    expect(new Set(keys).size).toBe(5)
    expect(Math.max(...keys.map(({ length }) => length))).toBeLessThanOrEqual(256)
  })

  it.each<[number, string, object]>([
    [429, 'rate_limit_exceeded', { category: 'rate-limit', retryable: true }],
    [429, 'daily_quota_exceeded', { code: 'QUOTA_EXHAUSTED', category: 'quota', retryable: false }],
    [409, 'concurrent_idempotent_requests', { category: 'server', retryable: true }],
    [409, 'invalid_idempotent_request', { code: 'IDEMPOTENCY_KEY_REUSED', category: 'validation', retryable: false }],
    [403, 'invalid_api_key', { category: 'auth', retryable: false }],
    [401, 'restricted_api_key', { category: 'auth', retryable: false }],
    [422, 'validation_error', { retryable: false, mayHaveTakenEffect: false }],
    [500, 'internal_server_error', { category: 'server', retryable: true }],
  ])('that is answered %i %s fails as what that means', async (status, name, expected) => {
    const desk = await start(refuses(status, name))
    const error = await rejection(desk.send(mail))
    expect(error).toMatchObject(expected)
    expect(everythingIn(error)).not.toMatch(/ada@example|very_secret/)
  })

  it('heeds how long it is told to wait', async () => {
    const desk = await start((_, response) =>
      json(response, { name: 'rate_limit_exceeded' }, 429, { 'retry-after': '2' }),
    )
    await expect(desk.send(mail)).rejects.toMatchObject({ retryAfterMs: 2_000, mayHaveTakenEffect: false })
  })

  it('is not sent while Resend has said that nothing is left', async () => {
    const headers = { 'ratelimit-remaining': '0', 'ratelimit-reset': '20' }
    const desk = await start((_, response) => json(response, { id: 'mail-1' }, 200, headers))
    await desk.send(mail)
    const error = await rejection(desk.send(mail))
    expect(error).toMatchObject({ category: 'rate-limit', retryable: true, mayHaveTakenEffect: false })
    expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(15_000)
    expect(server.requests).toHaveLength(1)
  })

  it('is not taken for sent when the reply has no id', async () => {
    const desk = await start((_, response) => json(response, { ok: true }))
    await expect(desk.send(mail)).rejects.toMatchObject({ code: 'MALFORMED_REPLY', mayHaveTakenEffect: true })
  })

  it('that is aborted ends at once with the reason, and its connection with it', async () => {
    const desk = await start(() => undefined)
    const caller = new AbortController()
    const sending = desk.send(mail, { signal: caller.signal })
    await server.openIs(1)
    const reason = new Error('hung up')
    caller.abort(reason)
    await expect(sending).rejects.toBe(reason)
    await server.openIs(0)
  })
})

describe('a message that cannot be sent', () => {
  it.each<[object, RegExp]>([
    [{ ...mail, to: [] }, /to: must have at least one address/],
    [{ ...mail, to: 'nobody' }, /to/],
    [{ ...mail, to: Array.from({ length: 51 }, (_, at) => `a${at}@example.com`) }, /to: must be at most 50 addresses/],
    [{ ...mail, subject: 'Hello\r\nBcc: all@example.com' }, /subject: must be text of 1 to 500 characters in one line/],
    [{ ...mail, to: { name: 'A\nB', address: 'a@example.com' } }, /to/],
    [{ to: 'a@example.com', subject: 'x' }, /text: must be there, or html/],
    [{ ...mail, attachments: [{ filename: '../secret', content: new Uint8Array(1) }] }, /without a path/],
    [{ ...mail, attachments: [{ filename: 'a', content: 'text' }] }, /content: must be bytes/],
    [
      { ...mail, attachments: [{ filename: 'a', content: new Uint8Array(26 * 1024 * 1024) }] },
      /at most 26214400 bytes/,
    ],
    [{ ...mail, colour: 'red' }, /colour/],
  ])('is refused before anything goes out: %#', async (message, allowed) => {
    const desk = await start(sent)
    const error = await rejection(desk.send(message as EmailMessage))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(allowed)
    expect(server.requests).toEqual([])
  })

  it('has a sender who is one', () => {
    const integration = createIntegration({ name: 'resend' })
    expect(() => createResend({ apiKey: KEY, from: 'desk', integration })).toThrow(/from/)
  })
})
