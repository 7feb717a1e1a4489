import type { Clock, CoreEvent, Events, Integration, Random } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import { z } from 'zod'
import { webhookError } from './failures.ts'
import type { WebhookEvent } from './events.ts'
import type { EncryptionKey } from './sealing.ts'

/** How webhooks are made. */
export interface WebhooksOptions {
  /** Has the events, the webhooks, and what is owed to them. */
  readonly store: Store
  /** Whose events are sent. The function is asked again every `pollMs`. */
  readonly tenants: readonly string[] | (() => readonly string[] | Promise<readonly string[]>)
  /** Messages under way at once. 1 to 1,000. Default: 16. */
  readonly concurrency?: number | undefined
  /** Of them to one webhook, of all processes together. 1 to 100. Default: 4. */
  readonly concurrencyPerWebhook?: number | undefined
  /** For one message, with looking its name up, in ms. 1 to 300,000. Default: 10,000. */
  readonly attemptTimeoutMs?: number | undefined
  /** Before the second attempt, in ms; doubles, with a random part. 0 to 86,400,000. Default: 5,000. */
  readonly backoffMs?: number | undefined
  /** The longest of these waits, in ms, and the longest that a receiver may ask for. 0 to 86,400,000. Default: 3,600,000. */
  readonly maxBackoffMs?: number | undefined
  /** How long a message, and a webhook that takes none, is tried, in ms. 0 to 31,536,000,000. Default: 432,000,000 (five days). */
  readonly giveUpAfterMs?: number | undefined
  /** The largest message, in bytes. 1,024 to 16,777,216. Default: 262,144. */
  readonly maxBodyBytes?: number | undefined
  /** How often it looks for itself, in ms, beside being woken. 10 to 3,600,000. Default: 5,000. */
  readonly pollMs?: number | undefined
  /** Webhooks of a tenant. 1 to 10,000. Default: 100. */
  readonly maxWebhooks?: number | undefined
  /** Whether `http:` will do. Default: false. */
  readonly allowHttp?: boolean | undefined
  /** Whether a webhook may lead to loopback, private and other addresses that are not public. Default: false. */
  readonly allowPrivateAddresses?: boolean | undefined
  /** What secrets are encrypted with in the store: the first one encrypts, each of them opens. At most 10. Default: none; they are kept as they are. */
  readonly encryptionKeys?: readonly EncryptionKey[] | undefined
  /** Every message runs through it, once. Default: one named `webhooks`, without retries and breaker: each receiver has its own pace in the store. */
  readonly integration?: Integration | undefined
  readonly events?: Events<WebhookEvent> | undefined
  /** Where the default integration reports. */
  readonly coreEvents?: Events<CoreEvent> | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
  /** Default: `Math.random`. */
  readonly random?: Random | undefined
}

/** What {@link WebhooksOptions} fall back to. */
export const WEBHOOK_DEFAULTS: Readonly<{
  concurrency: number
  concurrencyPerWebhook: number
  attemptTimeoutMs: number
  backoffMs: number
  maxBackoffMs: number
  giveUpAfterMs: number
  maxBodyBytes: number
  pollMs: number
  maxWebhooks: number
  allowHttp: boolean
  allowPrivateAddresses: boolean
}> = Object.freeze({
  concurrency: 16,
  concurrencyPerWebhook: 4,
  attemptTimeoutMs: 10_000,
  backoffMs: 5_000,
  maxBackoffMs: 3_600_000,
  giveUpAfterMs: 432_000_000,
  maxBodyBytes: 262_144,
  pollMs: 5_000,
  maxWebhooks: 100,
  allowHttp: false,
  allowPrivateAddresses: false,
})

export type WebhookSettings = typeof WEBHOOK_DEFAULTS

const RANGES: readonly (readonly [keyof WebhookSettings, number, number])[] = [
  ['concurrency', 1, 1_000],
  ['concurrencyPerWebhook', 1, 100],
  ['attemptTimeoutMs', 1, 300_000],
  ['backoffMs', 0, 86_400_000],
  ['maxBackoffMs', 0, 86_400_000],
  ['giveUpAfterMs', 0, 31_536_000_000],
  ['maxBodyBytes', 1_024, 16_777_216],
  ['pollMs', 10, 3_600_000],
  ['maxWebhooks', 1, 10_000],
]

/** Checks options and fills in what is left out. @throws HoldfastError `INVALID_OPTION` */
export function settingsOf(options: WebhooksOptions): WebhookSettings {
  const given = Object.entries(WEBHOOK_DEFAULTS).map(([name, standard]) => [
    name,
    options[name as keyof WebhookSettings] ?? standard,
  ])
  const settings = Object.fromEntries(given) as WebhookSettings
  for (const [name, least, most] of RANGES) {
    const value = settings[name]
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
      throw refused(name, `a whole number from ${figure(least)} to ${figure(most)}`, value)
  }
  for (const name of ['allowHttp', 'allowPrivateAddresses'] as const)
    if (typeof settings[name] !== 'boolean') throw refused(name, 'true or false', settings[name])
  if (typeof options.tenants !== 'function' && !Array.isArray(options.tenants))
    throw refused('tenants', 'a list or a function', options.tenants)
  return settings
}

/** A {@link NewWebhook} that can be added. */
interface CheckedWebhook {
  readonly url: string
  readonly events: readonly string[]
  readonly label: string
  readonly secret?: string | undefined
}

const text = (least: number, most: number): z.ZodString => {
  const allowed = `must be text of ${least} to ${most} characters`
  return z.string(allowed).min(least, allowed).max(most, allowed)
}
const pattern = text(1, 200).regex(/^[^*]*\*?$/, 'may have a "*" at its end only')
const MANY = 'must be a list of 1 to 100'
const newWebhook: z.ZodType<CheckedWebhook> = z.strictObject({
  url: text(1, 2_000),
  events: z.array(pattern, MANY).min(1, MANY).max(100, MANY),
  label: text(0, 200).default(''),
  secret: z.string().optional(),
})

/** @throws HoldfastError `INVALID_WEBHOOK` */
export function checkWebhook(webhook: unknown): CheckedWebhook {
  const result = newWebhook.safeParse(webhook)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw webhookError('INVALID_WEBHOOK', 'validation', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is wrong'}`)
}

/** @throws HoldfastError `INVALID_OPTION` */
export function between(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw refused(option, `a whole number from ${figure(least)} to ${figure(most)}`, value)
}

function figure(value: number): string {
  return value.toLocaleString('en-US')
}

function refused(option: string, allowed: string, value: unknown): Error {
  const came = typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value
  return webhookError('INVALID_OPTION', 'validation', `webhooks.${option} must be ${allowed}, but is ${came}`)
}
