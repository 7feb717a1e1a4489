import { createIntegration } from '@holdfast/core'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, rejection } from '../../test/local-server.ts'
import type { EmailMessage } from './message.ts'
import { createSmtp } from './smtp.ts'
import type { Smtp, SmtpOptions } from './smtp.ts'

const mail: EmailMessage = { to: 'ada@example.com', subject: 'Il preventivo è pronto', text: 'Two jets are free.' }

interface Taken {
  readonly from: string
  readonly to: readonly string[]
  readonly source: string
}

let server: SMTPServer | undefined
let taken: Taken[]
let sockets: Set<Socket>

/** A server that takes every message, but where a test says otherwise. */
async function start(options: SMTPServerOptions = {}, more: Partial<SmtpOptions> = {}): Promise<Smtp> {
  taken = []
  sockets = new Set()
  server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    closeTimeout: 1,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        taken.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString(),
        })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return mailerAt((server.server.address() as AddressInfo).port, more)
}

function mailerAt(port: number, more: Partial<SmtpOptions> = {}): Smtp {
  return createSmtp({
    host: '127.0.0.1',
    port,
    security: 'none',
    from: { name: 'The Desk', address: 'desk@example.com' },
    integration: createIntegration({ name: 'smtp', retry: false }),
    timeoutMs: 2_000,
    ...more,
  })
}

const failing = (responseCode: number): Error & { responseCode: number } =>
  Object.assign(new Error('no, ada@example.com'), { responseCode })

afterEach(async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const socket of sockets ?? []) socket.destroy()
  if (server === undefined) resolve()
  else server.close(() => resolve())
  await promise
  server = undefined
})

describe('a message by SMTP', () => {
  it('arrives whole', async () => {
    const desk = await start()
    const result = await desk.send({
      ...mail,
      cc: ['carla@example.com'],
      bcc: ['audit@example.com'],
      html: '<p>Two jets are free.</p>',
      attachments: [{ filename: 'quote.txt', content: new TextEncoder().encode('EUR 9,000') }],
    })
    const [message] = taken
    expect(message).toMatchObject({
      from: 'desk@example.com',
      to: ['ada@example.com', 'carla@example.com', 'audit@example.com'],
    })
    expect(message?.source).toContain(`Message-ID: ${result.id}`)
    expect(message?.source).toMatch(/^From: The Desk <desk@example\.com>/m)
    expect(message?.source).toMatch(/filename=quote\.txt/)
    expect(message?.source).toContain('RVVSIDksMDAw')
    expect(message?.source).not.toContain('audit@example.com')
    expect(result.rejected).toEqual([])
  })

  it('with a key is sent once, and its id is the same in every process', async () => {
    const desk = await start()
    const options = { idempotencyKey: 'follow-up-7' }
    const [first, second] = await Promise.all([desk.send(mail, options), desk.send(mail, options)])
    expect(second).toEqual(first)
    expect(taken).toHaveLength(1)
    const other = mailerAt((server!.server.address() as AddressInfo).port)
    await expect(other.send(mail, options)).resolves.toEqual(first)
    await expect(desk.send({ ...mail, subject: 'Another' }, options)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
    expect(taken[0]?.source).toMatch(/^Resend-Idempotency-Key: [0-9a-f]{40}/m)
  })

  it('that some may not get goes to the others, and says who', async () => {
    const desk = await start({
      onRcptTo: ({ address }, _session, done) => done(address === 'gone@example.com' ? failing(550) : undefined),
    })
    await expect(desk.send({ ...mail, to: ['ada@example.com', 'gone@example.com'] })).resolves.toMatchObject({
      rejected: ['gone@example.com'],
    })
    expect(taken).toHaveLength(1)
  })

  it('is let in by its password, which no error shows', async () => {
    const more = { user: 'desk', password: 'very-secret' }
    const onAuth: SMTPServerOptions['onAuth'] = ({ password }, _session, done) =>
      password === 'very-secret' ? done(null, { user: 'desk' }) : done(new Error('Invalid user desk'))
    const desk = await start({ authOptional: false, onAuth }, more)
    await desk.send(mail)
    expect(taken).toHaveLength(1)
    const wrong = mailerAt((server!.server.address() as AddressInfo).port, { ...more, password: 'wrong-secret' })
    const error = await rejection(wrong.send(mail))
    expect(error).toMatchObject({
      code: 'NOT_AUTHORISED',
      category: 'auth',
      retryable: false,
      mayHaveTakenEffect: false,
    })
    expect(everythingIn(error)).not.toContain('wrong-secret')
  })

  it.each<[string, SMTPServerOptions, object]>([
    ['too busy', { onConnect: (_session, done) => done(failing(421)) }, { category: 'server', retryable: true }],
    [
      'no such mailbox',
      { onRcptTo: (_address, _session, done) => done(failing(550)) },
      { code: 'SMTP_550', category: 'client', retryable: false },
    ],
    [
      'greylisted',
      { onRcptTo: (_address, _session, done) => done(failing(451)) },
      { code: 'SMTP_451', category: 'server', retryable: true },
    ],
    [
      'a sender that may not',
      { onMailFrom: (_address, _session, done) => done(failing(553)) },
      { code: 'SMTP_553', category: 'configuration', retryable: false },
    ],
    [
      'spam',
      {
        onData: (stream, _session, done) => {
          stream.resume()
          stream.on('end', () => done(failing(554)))
        },
      },
      { code: 'SMTP_554', category: 'client', retryable: false },
    ],
  ])('that is refused as %s has not been taken', async (_, options, expected) => {
    const desk = await start(options)
    const error = await rejection(desk.send(mail))
    expect(error).toMatchObject({ ...expected, mayHaveTakenEffect: false })
    expect(everythingIn(error)).not.toContain('ada@example.com')
  })

  it('may have been taken when the connection is lost in its midst, and then is not sent again', async () => {
    const desk = await start({
      onData: (stream) => {
        stream.resume()
        stream.on('end', () => {
          for (const socket of sockets) socket.destroy()
        })
      },
    })
    const options = { idempotencyKey: 'once' }
    await expect(desk.send(mail, options)).rejects.toMatchObject({ category: 'network', mayHaveTakenEffect: true })
    await expect(desk.send(mail, options)).rejects.toMatchObject({ code: 'WRITE_UNCONFIRMED' })
  })

  it('has certainly not been taken when the connection is lost before', async () => {
    const desk = await start({
      onMailFrom: () => {
        for (const socket of sockets) socket.destroy()
      },
    })
    await expect(desk.send(mail)).rejects.toMatchObject({ category: 'network', mayHaveTakenEffect: false })
  })

  it('has not been taken where nobody listens', async () => {
    await start()
    const { port } = server!.server.address() as AddressInfo
    await new Promise<void>((resolve) => server!.close(() => resolve()))
    server = undefined
    await expect(mailerAt(port).send(mail)).rejects.toMatchObject({
      category: 'network',
      retryable: true,
      mayHaveTakenEffect: false,
    })
  })

  it('is not sent in the clear to a server that offers no encryption, unless told so', async () => {
    const desk = await start({}, { security: 'starttls' })
    await expect(desk.send(mail)).rejects.toMatchObject({ category: 'configuration', mayHaveTakenEffect: false })
    expect(taken).toEqual([])
  })

  it('that is aborted ends at once with the reason, and its connection with it', async () => {
    const desk = await start({ onMailFrom: () => undefined })
    const caller = new AbortController()
    const sending = desk.send(mail, { signal: caller.signal })
    await expect.poll(() => sockets.size).toBe(1)
    const reason = new Error('hung up')
    caller.abort(reason)
    await expect(sending).rejects.toBe(reason)
    await expect.poll(() => sockets.size).toBe(0)
  })
})

describe('a mailer', () => {
  it('can be asked whether its server is there and takes its password, without a message', async () => {
    const onAuth: SMTPServerOptions['onAuth'] = ({ password }, _session, done) =>
      password === 'right' ? done(null, { user: 'desk' }) : done(new Error('no'))
    const desk = await start({ onAuth }, { user: 'desk', password: 'right' })
    await desk.health()
    expect(taken).toEqual([])
    const { port } = server!.server.address() as AddressInfo
    const failed = await rejection(mailerAt(port, { user: 'desk', password: 'wrong-password' }).health())
    expect(failed).toMatchObject({ code: 'NOT_AUTHORISED', category: 'auth' })
    expect(everythingIn(failed)).not.toContain('wrong-password')
    await expect(mailerAt(port, { security: 'starttls' }).health()).rejects.toMatchObject({ category: 'configuration' })
  })

  it('says within its time that a server is silent', async () => {
    const desk = await start({ onConnect: () => undefined }, { timeoutMs: 50 })
    await expect(desk.health()).rejects.toMatchObject({ code: 'SMTP_TIMEOUT', mayHaveTakenEffect: false })
  })

  it.each<[Partial<SmtpOptions>, RegExp]>([
    [{ host: 'a host' }, /host must be a host name or an address/],
    [{ security: 'ssl' as never }, /security must be one of starttls, tls, none/],
    [{ user: 'desk' }, /user and password must be given both, or none/],
    [{ timeoutMs: 0 }, /timeoutMs must be a whole number from 1 to 300000, but is 0/],
    [{ port: 70_000 }, /port must be a whole number from 1 to 65535, but is 70000/],
    [{ from: 'desk' }, /from/],
  ])('is refused with options that cannot be: %#', (options, allowed) => {
    expect(() => mailerAt(25, options)).toThrow(allowed)
  })
})
