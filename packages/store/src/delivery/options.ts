import type { Clock, Events, HoldfastError, Integration, Random } from '@holdfast/core'
import { invalid } from '../journal/errors.ts'
import type { Journal } from '../journal/journal.ts'
import type { Send } from './delivery.ts'
import type { DeliveryEvent } from './events.ts'

/** From where to where, and how patiently. */
export interface DeliveryOptions {
  /** All its records are sent. Nobody else may replay it meanwhile. */
  readonly journal: Journal
  /** Guards each sending: attempts, backoff between them, breaker, time limits. */
  readonly integration: Integration
  readonly send: Send
  /** In events: 1 to 64 lower-case letters, digits and `-`. Default: `delivery`. */
  readonly name?: string | undefined
  /** After a record has failed with all retries: how long until it is sent again, in ms; doubles each time, with a random part. 1 to 86,400,000. Default: 1,000. */
  readonly retryDelayMs?: number | undefined
  /** The longest such wait, in ms. `retryDelayMs` to 86,400,000. Default: 30,000. */
  readonly maxRetryDelayMs?: number | undefined
  /** How long a record is sent again that the receiver answers with "this request is wrong", in ms; an outage is never too long. 0 to 31,536,000,000. Default: 86,400,000 (a day). */
  readonly giveUpAfterMs?: number | undefined
  /** How long `stop` lets the sending go on, in ms. 0 to 600,000. Default: 2,000. */
  readonly stopGraceMs?: number | undefined
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Default: `Math.random`. */
  readonly random?: Random | undefined
  /** Where it reports. Default: nowhere. */
  readonly events?: Events<DeliveryEvent> | undefined
}

/** What {@link DeliveryOptions} fall back to. */
export const DELIVERY_DEFAULTS: Readonly<{
  name: string
  retryDelayMs: number
  maxRetryDelayMs: number
  giveUpAfterMs: number
  stopGraceMs: number
}> = Object.freeze({
  name: 'delivery',
  retryDelayMs: 1_000,
  maxRetryDelayMs: 30_000,
  giveUpAfterMs: 86_400_000,
  stopGraceMs: 2_000,
})

/** Checks options and fills in what is left out. @throws HoldfastError `INVALID_OPTION` */
export function settingsOf(options: DeliveryOptions): typeof DELIVERY_DEFAULTS {
  const { name = DELIVERY_DEFAULTS.name, retryDelayMs = DELIVERY_DEFAULTS.retryDelayMs } = options
  if (typeof name !== 'string' || !/^[a-z0-9-]{1,64}$/.test(name))
    throw notAllowed('name', "1 to 64 lower-case letters, digits and '-'")
  for (const [option, method] of [
    ['journal', 'replay'],
    ['integration', 'call'],
  ] as const) {
    const part: unknown = options[option]
    if (typeof part !== 'object' || part === null || typeof Reflect.get(part, method) !== 'function')
      throw notAllowed(option, `an object with ${method}`)
  }
  if (typeof options.send !== 'function') throw notAllowed('send', 'a function')
  between('retryDelayMs', retryDelayMs, 1, 86_400_000)
  const longest = options.maxRetryDelayMs ?? Math.max(DELIVERY_DEFAULTS.maxRetryDelayMs, retryDelayMs)
  return {
    name,
    retryDelayMs,
    maxRetryDelayMs: between('maxRetryDelayMs', longest, retryDelayMs, 86_400_000),
    giveUpAfterMs: between(
      'giveUpAfterMs',
      options.giveUpAfterMs ?? DELIVERY_DEFAULTS.giveUpAfterMs,
      0,
      31_536_000_000,
    ),
    stopGraceMs: between('stopGraceMs', options.stopGraceMs ?? DELIVERY_DEFAULTS.stopGraceMs, 0, 600_000),
  }
}

function between(option: string, value: number, least: number, most: number): number {
  if (Number.isFinite(value) && value >= least && value <= most) return value
  throw notAllowed(option, `a number from ${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`)
}

function notAllowed(option: string, allowed: string): HoldfastError {
  return invalid('INVALID_OPTION', `delivery.${option} must be ${allowed}`)
}
