import type { Contact } from '../assistant/definition.ts'

/** What the answer to an emergency is written from. */
export interface EmergencyFacts {
  readonly contact: Contact & { readonly phone: string }
  readonly ticketId: string
  /** Whether the ticket is certainly kept. */
  readonly confirmed: boolean
  /** Whether somebody is told, besides. */
  readonly notified: boolean
}

/** Writes the answer to an emergency in one language. */
export type EmergencyText = (facts: EmergencyFacts) => string

/** The answers that come with the package, by ISO 639-1. */
export const EMERGENCY_TEXTS: Readonly<Record<string, EmergencyText>> = Object.freeze({
  en: ({ contact, ticketId, confirmed, notified }: EmergencyFacts) =>
    [
      `This sounds like an emergency. Please call us now:`,
      phoneLine(contact),
      confirmed
        ? `Your ticket is ${ticketId}.${notified ? ' The person on call is being told.' : ''} Please have the number at hand when you call.`
        : `Your reference is ${ticketId}. We could not confirm that it has been registered, so please do call and do not wait for us.`,
    ].join('\n\n'),
  it: ({ contact, ticketId, confirmed, notified }: EmergencyFacts) =>
    [
      `Sembra un'emergenza. Ci chiami subito:`,
      phoneLine(contact),
      confirmed
        ? `Il suo ticket è ${ticketId}.${notified ? ' Stiamo avvisando il tecnico reperibile.' : ''} Tenga il numero a portata di mano quando chiama.`
        : `Il suo riferimento è ${ticketId}. Non abbiamo la conferma che sia stato registrato: per favore telefoni, senza aspettare noi.`,
    ].join('\n\n'),
})

/** The number stands alone in its line, where nobody can miss it. */
function phoneLine({ phone, name, hours }: EmergencyFacts['contact']): string {
  return `📞 ${phone}\n${name}${hours === undefined ? '' : ` (${hours})`}`
}
