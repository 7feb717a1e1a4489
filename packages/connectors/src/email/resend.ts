import { createHash, randomUUID } from 'node:crypto'
import { systemClock } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { createApiCaller } from '../api/api-caller.ts'
import { createUsedUp, numberIn } from '../api/used-up.ts'
import { checkReply } from '../api/validate.ts'
import { createHttpClient } from '../http/index.ts'
import type { WriteMemory } from '../once/write-memory.ts'
import { createWriteRegistry } from '../once/write-registry.ts'
import type { Mailer } from './mailer.ts'
import { checkEmail, checkSender, withoutBytes } from './message.ts'
import type { CheckedEmail, EmailAddress, Mailbox } from './message.ts'
import { explain } from './resend-failures.ts'

/** How to send by Resend. */
export interface ResendOptions {
  /** `re_…` */
  readonly apiKey: string
  /** Who it comes from; an address of a domain that is verified there. */
  readonly from: EmailAddress
  /** Every call runs through it. An account may make two requests a second unless told otherwise: give it a rate limit. */
  readonly integration: Integration
  /** Default: `https://api.resend.com`. */
  readonly baseUrl?: string | undefined
  /** Where writes are remembered by their idempotency keys. Default: in the memory of this process. */
  readonly writeMemory?: WriteMemory | undefined
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher | undefined
}

/** Where Resend's API is. */
export const RESEND_BASE_URL = 'https://api.resend.com'

const SERVICE = 'Resend'

const MAX_KEY_LENGTH = 256

/** Resend keeps a key for 24 hours. An attempt that begins an hour before is over by then. */
const REPEATABLE_FOR_MS = 23 * 3_600_000

const reply = z.looseObject({ id: z.string().min(1) })

/** Makes a mailer that sends by Resend. @throws HoldfastError `INVALID_OPTION`, `INVALID_INPUT` for a wrong `from`. */
export function createResend(options: ResendOptions): Mailer {
  const { apiKey, from, integration, baseUrl, writeMemory, dispatcher } = options
  const sender = checkSender(SERVICE, from)
  const http = createHttpClient({
    baseUrl: baseUrl ?? RESEND_BASE_URL,
    service: SERVICE,
    headers: { authorization: `Bearer ${apiKey}` },
    // Its replies are ids.
    maxResponseBytes: 65_536,
    ...(dispatcher === undefined ? {} : { dispatcher }),
  })
  const usedUp = createUsedUp(SERVICE, systemClock)
  const api = createApiCaller({
    service: SERVICE,
    http,
    integration,
    explain,
    leave: async () => usedUp.check(),
    onHeaders(headers) {
      if (numberIn(headers, 'ratelimit-remaining') === 0) usedUp.mark(resetMs(numberIn(headers, 'ratelimit-reset')))
    },
  })
  const writes = createWriteRegistry(SERVICE, writeMemory, REPEATABLE_FOR_MS)

  return {
    async send(message, call = {}) {
      const email = checkEmail(SERVICE, message, sender)
      return writes.once(call, withoutBytes(email), async () => {
        const { id } = await api.call(
          {
            method: 'POST',
            path: '/emails',
            json: bodyOf(email),
            // One for each intent: with it, an attempt of which nobody knows how it went can be made again.
            headers: { 'idempotency-key': keyOf(call.idempotencyKey) },
            read: (json) => checkReply(SERVICE, reply, json),
            effect: 'repeatable-write',
          },
          call,
        )
        return { id, rejected: [] }
      })
    },
    close: () => http.close(),
  }
}

/** Its windows are of a second; who says more than a minute means something else. */
function resetMs(seconds = 0): number {
  return Math.min(seconds, 60) * 1_000
}

function bodyOf({ from, to, cc, bcc, replyTo, subject, text, html, attachments }: CheckedEmail): object {
  return {
    from: written(from),
    to: to.map(written),
    ...(cc.length === 0 ? {} : { cc: cc.map(written) }),
    ...(bcc.length === 0 ? {} : { bcc: bcc.map(written) }),
    ...(replyTo === undefined ? {} : { reply_to: written(replyTo) }),
    subject,
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
    ...(attachments.length === 0
      ? {}
      : {
          attachments: attachments.map(({ filename, content, contentType }) => ({
            filename,
            content: Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64'),
            ...(contentType === undefined ? {} : { content_type: contentType }),
          })),
        }),
  }
}

/** A mailbox as RFC 5322 writes it; the name in quotes, where anything may stand in it. */
function written({ name, address }: Mailbox): string {
  return name === '' ? address : `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}" <${address}>`
}

/** A key that would not fit into the header, or that Resend would cut, is hashed: two that differ must never become one. */
function keyOf(key: string = randomUUID()): string {
  return key.length <= MAX_KEY_LENGTH && /^[\x21-\x7e]+$/.test(key)
    ? key
    : createHash('sha256').update(key).digest('hex')
}
