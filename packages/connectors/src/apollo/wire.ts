import { z } from 'zod'
import { checkReply } from '../api/validate.ts'
import type { Organisation, Person } from './types.ts'

/*
 * The replies, as narrow as they are used. Apollo sends many more fields, and null for most that it does not know.
 */

const text = z.string().nullish()
const count = z.number().nullish()

const wireEmployer = z.looseObject({ id: text, name: text, primary_domain: text })

const wirePerson = z.looseObject({
  id: z.string(),
  first_name: text,
  last_name: text,
  last_name_obfuscated: text,
  name: text,
  title: text,
  seniority: text,
  email: text,
  has_email: z.boolean().nullish(),
  email_status: text,
  linkedin_url: text,
  city: text,
  state: text,
  country: text,
  organization: wireEmployer.nullish(),
})

const wireOrganisation = z.looseObject({
  id: z.string(),
  name: z.string(),
  primary_domain: text,
  website_url: text,
  linkedin_url: text,
  phone: text,
  industry: text,
  estimated_num_employees: count,
  city: text,
  state: text,
  country: text,
})

const pagination = z.looseObject({ total_entries: count }).nullish()

const peopleReply = z.looseObject({ people: z.array(wirePerson), total_entries: count, pagination })
const matchReply = z.looseObject({ person: wirePerson.nullish() })
const organisationsReply = z.looseObject({
  organizations: z.array(wireOrganisation),
  /** Companies that the team has saved; the same shape, and not repeated among `organizations`. */
  accounts: z.array(wireOrganisation).nullish(),
  pagination,
})
const sequencesReply = z.looseObject({
  emailer_campaigns: z.array(z.looseObject({ id: z.string(), name: z.string(), archived: z.boolean().nullish() })),
})
const wireContact = z.looseObject({
  id: z.string(),
  email: text,
  /** The sequences that the contact is in. */
  emailer_campaign_ids: z.array(z.string()).nullish(),
})
const contactsReply = z.looseObject({ contacts: z.array(wireContact) })
const contactReply = z.looseObject({ contact: wireContact })
const emailAccountsReply = z.looseObject({
  email_accounts: z.array(
    z.looseObject({ id: z.string(), active: z.boolean().nullish(), default: z.boolean().nullish() }),
  ),
})
const additionReply = z.looseObject({
  contacts: z.array(z.looseObject({ id: z.string() })).nullish(),
  skipped_contact_ids: z.union([z.array(z.string()), z.record(z.string(), z.string())]).nullish(),
})
const healthReply = z.looseObject({ is_logged_in: z.boolean() })

const SERVICE = 'Apollo'

/** Items of one page, and how many there are on all. */
export interface Found<Item> {
  readonly items: Item[]
  readonly total?: number
}

/** Reads a people search. @throws HoldfastError `MALFORMED_REPLY`, as all of these. */
export function readPeople(json: unknown): Found<Person> {
  const { people, total_entries: total, pagination: page } = checkReply(SERVICE, peopleReply, json)
  return { items: people.map(person), ...totalOf(total ?? page?.total_entries) }
}

/** Reads an enrichment. */
export function readMatch(json: unknown): Person | undefined {
  const { person: match } = checkReply(SERVICE, matchReply, json)
  return match ? person(match) : undefined
}

/** Reads a company search. */
export function readOrganisations(json: unknown): Found<Organisation> {
  const { accounts, organizations, pagination: page } = checkReply(SERVICE, organisationsReply, json)
  return { items: [...(accounts ?? []), ...organizations].map(organisation), ...totalOf(page?.total_entries) }
}

/** Reads the sequences that are in use. */
export function readSequences(json: unknown): { readonly id: string; readonly name: string }[] {
  const { emailer_campaigns: sequences } = checkReply(SERVICE, sequencesReply, json)
  return sequences.filter((sequence) => sequence.archived !== true)
}

/** A contact, as much as adding it to a sequence needs. */
export interface Contact {
  readonly id: string
  readonly email: string | undefined
  /** The sequences it is in. */
  readonly sequences: readonly string[]
}

/** Reads a contact search. */
export function readContacts(json: unknown): Contact[] {
  return checkReply(SERVICE, contactsReply, json).contacts.map(contact)
}

/** Reads a contact that was created. */
export function readContact(json: unknown): Contact {
  return contact(checkReply(SERVICE, contactReply, json).contact)
}

/** Reads the mailbox to send from: the default one of those in use, else the first. */
export function readMailbox(json: unknown): string | undefined {
  const { email_accounts: accounts } = checkReply(SERVICE, emailAccountsReply, json)
  const active = accounts.filter((account) => account.active !== false)
  return (active.find((account) => account.default === true) ?? active[0])?.id
}

/** Reads whom Apollo did not add, and why. */
export function readSkipped(json: unknown): ReadonlyMap<string, string> {
  const skipped = checkReply(SERVICE, additionReply, json).skipped_contact_ids ?? {}
  return new Map(Array.isArray(skipped) ? skipped.map((id) => [id, 'skipped by Apollo']) : Object.entries(skipped))
}

/** Reads whether the key is accepted. */
export function readHealth(json: unknown): { readonly loggedIn: boolean } {
  return { loggedIn: checkReply(SERVICE, healthReply, json).is_logged_in }
}

function totalOf(total: number | null | undefined): { total?: number } {
  return total === null || total === undefined ? {} : { total }
}

function contact(wire: z.output<typeof wireContact>): Contact {
  return { id: wire.id, email: wire.email ?? undefined, sequences: wire.emailer_campaign_ids ?? [] }
}

/** An object without the keys whose value is null or undefined. */
function known<Value extends object>(value: Value): { [Key in keyof Value]: NonNullable<Value[Key]> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined)) as never
}

function person(wire: z.output<typeof wirePerson>): Person {
  const employer = wire.organization
  const parts = [wire.first_name, wire.last_name ?? wire.last_name_obfuscated].filter(Boolean)
  return known({
    id: wire.id,
    name: wire.name || parts.join(' ') || 'unknown',
    firstName: wire.first_name,
    lastName: wire.last_name,
    title: wire.title,
    seniority: wire.seniority,
    email: wire.email,
    hasEmail: wire.has_email,
    emailStatus: wire.email_status,
    linkedinUrl: wire.linkedin_url,
    city: wire.city,
    state: wire.state,
    country: wire.country,
    organisation: employer?.name
      ? known({ id: employer.id, name: employer.name, domain: employer.primary_domain })
      : null,
  }) as Person
}

function organisation(wire: z.output<typeof wireOrganisation>): Organisation {
  return known({
    id: wire.id,
    name: wire.name,
    domain: wire.primary_domain,
    websiteUrl: wire.website_url,
    linkedinUrl: wire.linkedin_url,
    phone: wire.phone,
    industry: wire.industry,
    employees: wire.estimated_num_employees,
    city: wire.city,
    state: wire.state,
    country: wire.country,
  }) as Organisation
}
