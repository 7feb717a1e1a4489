import type { Clock, Events } from '@holdfast/core'
import type { Contact } from '../assistant/definition.ts'
import { between, DAY_MS, invalid } from '../errors/invalid-options.ts'
import type { AiEvent } from '../events/events.ts'
import type { Triage } from './options.ts'
import type { EmergencyText } from './texts.ts'
import type { EmergencyTicket } from './ticket.ts'

/** What an emergency tier is made of. */
export interface EmergencyTierOptions {
  readonly triage: Triage
  /** Whom to call. The phone number is a must. */
  readonly contact: Contact
  /**
   * Keeps the ticket where a crash cannot take it, and resolves when it is there: then the answer leaves. Called once for each
   * `key`, unless it failed and the request comes again. Whoever keeps tickets by `key` and has this one already may resolve
   * to the id that it has. It is given `openTimeoutMs`, and is not stopped after that.
   */
  readonly openTicket: (ticket: EmergencyTicket) => string | void | Promise<string | void>
  /** How long the answer waits for the ticket, in ms. 0 to 10,000. Default: 100. */
  readonly openTimeoutMs?: number | undefined
  /**
   * Tells somebody, once for each ticket, after the answer has left and without delaying it. It is not tried again, and does
   * not survive a crash: what must arrive is sent from where the tickets are kept.
   */
  readonly notify?: ((ticket: EmergencyTicket, confirmed: boolean) => unknown) | undefined
  /** Answers by ISO 639-1, instead of or beside those of the package. One that throws or leaves out the number is not used. Default: `EMERGENCY_TEXTS`. */
  readonly texts?: Readonly<Record<string, EmergencyText>> | undefined
  /** For messages too short to tell their language, by ISO 639-1. Default: `en`. */
  readonly language?: string | undefined
  /** A request that comes again within this time gets the same ticket, in ms. 0 to 86,400,000. Default: 3,600,000 (an hour). */
  readonly sameTicketMs?: number | undefined
  /** Tickets remembered for that. 1 to 1,000,000. Default: 1,000. */
  readonly maxTickets?: number | undefined
  /**
   * Makes ids, from wall time in ms since the Unix epoch, the tenant, and the `key` of the ticket; without a `key` where the request has no id and
   * will not come again. Default: `EMG-`, the day, and 40 random bits of `crypto`.
   */
  readonly ticketId?: ((at: number, tenant: string, key: string | undefined) => string) | undefined
  /** Named in events. Default: `emergency`. */
  readonly assistant?: string | undefined
  readonly events?: Events<AiEvent> | undefined
  readonly clock?: Clock | undefined
}

/** What {@link EmergencyTierOptions} fall back to. */
export const EMERGENCY_DEFAULTS: Readonly<{
  openTimeoutMs: number
  language: string
  sameTicketMs: number
  maxTickets: number
  assistant: string
}> = Object.freeze({
  openTimeoutMs: 100,
  language: 'en',
  sameTicketMs: 3_600_000,
  maxTickets: 1_000,
  assistant: 'emergency',
})

/** @throws HoldfastError INVALID_OPTION. */
export function checkedEmergency(options: EmergencyTierOptions): typeof EMERGENCY_DEFAULTS & {
  readonly contact: Contact & { readonly phone: string }
} {
  const { contact, openTicket, notify } = options
  const phone: unknown = contact?.phone
  if (typeof phone !== 'string' || phone.trim() === '') throw invalid('contact.phone', 'a phone number', phone)
  if (typeof openTicket !== 'function') throw invalid('openTicket', 'a function', openTicket)
  if (notify !== undefined && typeof notify !== 'function') throw invalid('notify', 'a function', notify)
  const or = <Name extends keyof typeof EMERGENCY_DEFAULTS>(name: Name): (typeof EMERGENCY_DEFAULTS)[Name] =>
    (options[name] ?? EMERGENCY_DEFAULTS[name]) as (typeof EMERGENCY_DEFAULTS)[Name]
  return {
    contact: { ...contact, phone },
    openTimeoutMs: between('openTimeoutMs', or('openTimeoutMs'), 0, 10_000),
    sameTicketMs: between('sameTicketMs', or('sameTicketMs'), 0, DAY_MS),
    maxTickets: between('maxTickets', or('maxTickets'), 1, 1_000_000),
    language: or('language'),
    assistant: or('assistant'),
  }
}
