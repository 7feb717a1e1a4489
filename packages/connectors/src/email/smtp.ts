import { createHash, randomUUID } from 'node:crypto'
import type { Integration } from '@holdfast/core'
import { createTransport } from 'nodemailer'
import type { SendMailOptions } from 'nodemailer'
import type { ApiCallOptions } from '../api/options.ts'
import { invalidOption } from '../http/options.ts'
import type { WriteMemory } from '../once/write-memory.ts'
import { createWriteRegistry } from '../once/write-registry.ts'
import type { Mailer, SentEmail } from './mailer.ts'
import { checkEmail, checkSender, withoutBytes } from './message.ts'
import type { CheckedEmail, EmailAddress } from './message.ts'
import { smtpFailure } from './smtp-failures.ts'
import { watchTransaction } from './smtp-transaction.ts'

/** How to send by an SMTP server. */
export interface SmtpOptions {
  readonly host: string
  /** 1 to 65,535. Default: 465 with `tls`, otherwise 587. */
  readonly port?: number | undefined
  /**
   * `starttls` begins in the clear and refuses to go on without encryption; `tls` is encrypted from the first byte; `none` is for a server on the same machine.
   * Default: `starttls`.
   */
  readonly security?: 'starttls' | 'tls' | 'none' | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** Who it comes from. */
  readonly from: EmailAddress
  /** Every call runs through it. */
  readonly integration: Integration
  /** Time to connect, and time without a word from the server, in ms. 1 to 300,000. Default: 10,000. */
  readonly timeoutMs?: number | undefined
  /** Where writes are remembered by their idempotency keys. Default: in the memory of this process. */
  readonly writeMemory?: WriteMemory | undefined
  /** Certificates to trust beside those of the platform, PEM. */
  readonly ca?: string | undefined
}

/** A mailer that sends by SMTP. */
export interface Smtp extends Mailer {
  /** Connects, and signs in where there is a user; sends nothing. After an abort the connection may stay for as long as the server may be silent. */
  health(call?: ApiCallOptions): Promise<void>
}

const SERVICE = 'The mail server'

/** Resend's own SMTP server takes idempotency keys in this header. */
const KEY_HEADER = 'Resend-Idempotency-Key'

const SECURITIES: readonly unknown[] = ['starttls', 'tls', 'none']

/** Makes a mailer that sends by SMTP, one connection a message. @throws HoldfastError `INVALID_OPTION`, `INVALID_INPUT` for a wrong `from`. */
export function createSmtp(options: SmtpOptions): Smtp {
  const { integration } = options
  const sender = checkSender(SERVICE, options.from)
  const server = serverOf(options)
  const writes = createWriteRegistry(SERVICE, options.writeMemory)

  async function attempt(
    email: CheckedEmail,
    messageId: string,
    key: string | undefined,
    signal: AbortSignal,
  ): Promise<SentEmail> {
    const transaction = watchTransaction()
    // Files and addresses are never read in the name of a message.
    const transport = createTransport({ ...server, logger: transaction.logger, transactionLog: true })
    try {
      const { rejected } = await transport.sendMail({ ...mailOf(email, messageId, key), signal })
      return { id: messageId, rejected: rejected.map(String) }
    } catch (error) {
      signal.throwIfAborted()
      throw smtpFailure(SERVICE, error, transaction.hasContent)
    } finally {
      transport.close()
    }
  }

  async function knock(): Promise<void> {
    const transport = createTransport(server)
    try {
      await transport.verify()
    } catch (error) {
      throw smtpFailure(SERVICE, error, false)
    } finally {
      transport.close()
    }
  }

  return {
    async send(message, call: ApiCallOptions = {}) {
      const { signal, requestId, idempotencyKey } = call
      const email = checkEmail(SERVICE, message, sender)
      const id = messageIdOf(idempotencyKey, email)
      return writes.once(call, withoutBytes(email), () =>
        integration.call((context) => attempt(email, id, idempotencyKey, context.signal), {
          idempotent: false,
          ...(signal === undefined ? {} : { signal }),
          ...(requestId === undefined ? {} : { requestId }),
        }),
      )
    },
    async health(call = {}) {
      await integration.call(() => knock(), {
        ...(call.signal === undefined ? {} : { signal: call.signal }),
        ...(call.requestId === undefined ? {} : { requestId: call.requestId }),
      })
    },
    close: () => Promise.resolve(),
  }
}

type Server = Exclude<Parameters<typeof createTransport>[0], string | undefined>

function serverOf({ host, port, security = 'starttls', user, password, timeoutMs = 10_000, ca }: SmtpOptions): Server {
  if (typeof host !== 'string' || !/^[\w.:-]+$/.test(host))
    throw invalidOption('host', 'must be a host name or an address')
  if (!SECURITIES.includes(security)) throw invalidOption('security', `must be one of ${SECURITIES.join(', ')}`)
  if ((user === undefined) !== (password === undefined))
    throw invalidOption('user and password', 'must be given both, or none')
  whole('timeoutMs', timeoutMs, 300_000)
  if (port !== undefined) whole('port', port, 65_535)
  return {
    host,
    port: port ?? (security === 'tls' ? 465 : 587),
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  }
}

function whole(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw invalidOption(name, `must be a whole number from 1 to ${most}, but is ${String(value)}`)
  }
}

function mailOf(
  { from, to, cc, bcc, replyTo, subject, text, html, attachments }: CheckedEmail,
  messageId: string,
  key: string | undefined,
): SendMailOptions {
  return {
    from: { ...from },
    to: to.map((box) => ({ ...box })),
    cc: cc.map((box) => ({ ...box })),
    bcc: bcc.map((box) => ({ ...box })),
    subject,
    messageId,
    ...(replyTo === undefined ? {} : { replyTo: { ...replyTo } }),
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
    ...(key === undefined ? {} : { headers: { [KEY_HEADER]: hash(key) } }),
    attachments: attachments.map(({ filename, content, contentType }) => ({
      filename,
      content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
      ...(contentType === undefined ? {} : { contentType }),
    })),
  }
}

/** The same for the same key, so that a mailbox that gets a message twice can tell. */
function messageIdOf(key: string | undefined, { from }: CheckedEmail): string {
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1)
  return `<${key === undefined ? randomUUID() : hash(key)}@${domain}>`
}

function hash(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 40)
}
