import { HoldfastError } from '@holdfast/core'
import type { ApiCaller } from '../api/api-caller.ts'
import type { ApiCallOptions } from '../api/options.ts'
import type { SequenceAddition, SequenceResult } from './types.ts'
import { readContact, readContacts, readMailbox, readSequences, readSkipped } from './wire.ts'
import type { Contact } from './wire.ts'

/** How many contacts are looked up at once. */
const CONTACTS_AT_ONCE = 4

/** Adds people to a sequence: finds the sequence, finds or creates each contact, finds the mailbox, then adds once. */
export async function addToSequence(
  api: ApiCaller,
  addition: SequenceAddition,
  options: ApiCallOptions,
): Promise<SequenceResult> {
  const sequence = await findSequence(api, addition.sequence, options)
  const contacts = await findContacts(api, [...new Set(addition.emails.map((email) => email.toLowerCase()))], options)
  const skipped: SequenceResult['skipped'][number][] = []
  const missing: typeof contacts = []
  for (const contact of contacts) {
    if (contact.sequences.includes(sequence.id)) {
      skipped.push({ id: contact.id, email: contact.email, reason: 'already in this sequence' })
    } else missing.push(contact)
  }
  if (missing.length === 0) return { sequence, added: [], skipped }

  const mailbox = addition.emailAccountId ?? (await findMailbox(api, options))
  const refused = await api.call(
    {
      method: 'POST',
      path: `/emailer_campaigns/${encodeURIComponent(sequence.id)}/add_contact_ids`,
      query: {
        emailer_campaign_id: sequence.id,
        'contact_ids[]': missing.map((contact) => contact.id),
        send_email_from_email_account_id: mailbox,
      },
      read: readSkipped,
      effect: 'write',
    },
    options,
  )
  const added: SequenceResult['added'][number][] = []
  for (const { id, email } of missing) {
    const reason = refused.get(id)
    if (reason === undefined) added.push({ id, email })
    else skipped.push({ id, email, reason })
  }
  return { sequence, added, skipped }
}

/** Only the whole name counts: the wrong sequence writes to the wrong people. */
async function findSequence(
  api: ApiCaller,
  nameOrId: string,
  options: ApiCallOptions,
): Promise<{ id: string; name: string }> {
  const wanted = nameOrId.trim()
  const isId = /^[0-9a-f]{24}$/.test(wanted)
  if (isId) return { id: wanted, name: wanted }
  const usable = await api.call(
    {
      method: 'POST',
      path: '/emailer_campaigns/search',
      query: { q_name: wanted, page: 1, per_page: 100 },
      read: readSequences,
      effect: 'read',
    },
    options,
  )
  const exact = usable.filter((sequence) => sequence.name.trim().toLowerCase() === wanted.toLowerCase())
  const [found] = exact
  if (found !== undefined && exact.length === 1) return { id: found.id, name: found.name }
  const names = usable.slice(0, 5).map((sequence) => `"${sequence.name}"`)
  throw new HoldfastError({
    code: exact.length > 1 ? 'SEQUENCE_AMBIGUOUS' : 'SEQUENCE_NOT_FOUND',
    category: 'validation',
    message:
      exact.length > 1
        ? `Apollo has ${exact.length} sequences with this name; give the id`
        : `Apollo has no sequence with this name${names.length === 0 ? '' : `; there are ${names.join(', ')}`}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

/** A contact whose address is the one that was asked for. */
type Found = Contact & { readonly email: string }

async function findContacts(api: ApiCaller, emails: readonly string[], options: ApiCallOptions): Promise<Found[]> {
  const contacts: Found[] = []
  for (let at = 0; at < emails.length; at += CONTACTS_AT_ONCE) {
    const some = emails.slice(at, at + CONTACTS_AT_ONCE)
    contacts.push(...(await Promise.all(some.map((email) => findOrCreateContact(api, email, options)))))
  }
  return contacts
}

async function findOrCreateContact(api: ApiCaller, email: string, options: ApiCallOptions): Promise<Found> {
  const found = await api.call(
    {
      method: 'POST',
      path: '/contacts/search',
      query: { q_keywords: email, page: 1, per_page: 25 },
      read: readContacts,
      effect: 'read',
    },
    options,
  )
  const match = found.find((contact) => contact.email?.toLowerCase() === email)
  if (match !== undefined) return { ...match, email }
  const created = await api.call(
    {
      method: 'POST',
      path: '/contacts',
      query: { email, run_dedupe: true },
      read: readContact,
      // Apollo finds the duplicate itself, so a contact that was created by an attempt that failed is found by the next.
      effect: 'repeatable-write',
    },
    options,
  )
  return { ...created, email }
}

async function findMailbox(api: ApiCaller, options: ApiCallOptions): Promise<string> {
  const mailbox = await api.call({ path: '/email_accounts', read: readMailbox, effect: 'read' }, options)
  if (mailbox !== undefined) return mailbox
  throw new HoldfastError({
    code: 'NO_MAILBOX',
    category: 'configuration',
    message: 'No mailbox is linked to the Apollo account, so a sequence cannot send',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
