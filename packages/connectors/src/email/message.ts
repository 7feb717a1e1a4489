import { createHash } from 'node:crypto'
import { z } from 'zod'
import { checkInput } from '../api/validate.ts'

/** An address, alone or with the name that is shown beside it. */
export type EmailAddress = string | { readonly name: string; readonly address: string }

/** A file that goes along. */
export interface EmailAttachment {
  /** 1 to 200 characters, without a path. */
  readonly filename: string
  readonly content: Uint8Array
  /** Default: told from the file name. */
  readonly contentType?: string | undefined
}

/** One e-mail. */
export interface EmailMessage {
  /** Default: the mailer's `from`. */
  readonly from?: EmailAddress | undefined
  /** 1 to 50, with `cc` and `bcc` together. */
  readonly to: EmailAddress | readonly EmailAddress[]
  readonly cc?: readonly EmailAddress[] | undefined
  /** Nobody else sees them. */
  readonly bcc?: readonly EmailAddress[] | undefined
  readonly replyTo?: EmailAddress | undefined
  /** 1 to 500 characters, in one line. */
  readonly subject: string
  /** At least one of `text` and `html`; each at most 1,000,000 characters. */
  readonly text?: string | undefined
  readonly html?: string | undefined
  /** At most 20, of 25 MiB together. */
  readonly attachments?: readonly EmailAttachment[] | undefined
}

/** A message that has been checked, with every address in one form. */
export interface CheckedEmail {
  readonly from: Mailbox
  readonly to: readonly Mailbox[]
  readonly cc: readonly Mailbox[]
  readonly bcc: readonly Mailbox[]
  readonly replyTo: Mailbox | undefined
  readonly subject: string
  readonly text: string | undefined
  readonly html: string | undefined
  readonly attachments: readonly EmailAttachment[]
}

/** Where mail goes, or comes from. */
export interface Mailbox {
  readonly name: string
  readonly address: string
}

/** What the attachments of one message may have together, in bytes. */
export const EMAIL_MAX_ATTACHED_BYTES: number = 25 * 1024 * 1024

const MAX_RECIPIENTS = 50

// A line break in a header would begin another header.
const oneLine = (least: number, most: number): z.ZodString => {
  const allowed = `must be text of ${least} to ${most} characters in one line`
  return z
    .string(allowed)
    .min(least, allowed)
    .max(most, allowed)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, allowed)
}

const plainAddress = z
  .email('must be an e-mail address')
  .max(254, 'must be an e-mail address of at most 254 characters')
const mailbox = z.union(
  [
    plainAddress.transform((address) => ({ name: '', address })),
    z.strictObject({ name: oneLine(0, 200), address: plainAddress }),
  ],
  'must be an e-mail address, or an object with a name and an address',
)
const body = z
  .string('must be text')
  .min(1, 'must not be empty')
  .max(1_000_000, 'must have at most 1,000,000 characters')

const message = z
  .strictObject({
    from: mailbox.optional(),
    to: z.union([mailbox.transform((one) => [one]), z.array(mailbox)], 'must be an address or a list of addresses'),
    cc: z.array(mailbox).default([]),
    bcc: z.array(mailbox).default([]),
    replyTo: mailbox.optional(),
    subject: oneLine(1, 500),
    text: body.optional(),
    html: body.optional(),
    attachments: z
      .array(
        z.strictObject({
          filename: oneLine(1, 200).regex(/^[^/\\]*$/, 'must be a file name without a path'),
          content: z.instanceof(Uint8Array, { error: 'must be bytes' }),
          contentType: oneLine(1, 200).optional(),
        }),
      )
      .max(20, 'must be at most 20')
      .default([]),
  })
  .refine(({ to }) => to.length > 0, { path: ['to'], error: 'must have at least one address' })
  .refine(({ to, cc, bcc }) => to.length + cc.length + bcc.length <= MAX_RECIPIENTS, {
    path: ['to'],
    error: `must be at most ${MAX_RECIPIENTS} addresses, with cc and bcc`,
  })
  .refine(({ text, html }) => text !== undefined || html !== undefined, {
    path: ['text'],
    error: 'must be there, or html',
  })
  .refine(({ attachments }) => attachedBytes(attachments) <= EMAIL_MAX_ATTACHED_BYTES, {
    path: ['attachments'],
    error: `must have at most ${EMAIL_MAX_ATTACHED_BYTES} bytes together`,
  })

/** Checks a message before anything goes out. @throws HoldfastError `INVALID_INPUT`, which names what is wrong and what is allowed, never an address. */
export function checkEmail(service: string, input: EmailMessage, defaultFrom: Mailbox): CheckedEmail {
  const { from = defaultFrom, replyTo, text, html, ...rest } = checkInput(service, message, input)
  return { ...rest, from, replyTo, text, html }
}

/** Checks who a mailer sends from. @throws HoldfastError `INVALID_INPUT` */
export function checkSender(service: string, from: EmailAddress): Mailbox {
  return checkInput(service, z.strictObject({ from: mailbox }), { from }).from
}

/** A message as it is compared with another of the same key. */
export function withoutBytes({ attachments, ...email }: CheckedEmail): object {
  return {
    ...email,
    attachments: attachments.map(({ filename, content }) => ({
      filename,
      hash: createHash('sha256').update(content).digest('hex'),
    })),
  }
}

function attachedBytes(attachments: readonly { readonly content: Uint8Array }[]): number {
  let bytes = 0
  for (const { content } of attachments) bytes += content.byteLength
  return bytes
}
