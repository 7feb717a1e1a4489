import { z } from 'zod'
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

export const peopleReply = z.looseObject({ people: z.array(wirePerson), total_entries: count, pagination })
export const matchReply = z.looseObject({ person: wirePerson.nullish() })
export const organisationsReply = z.looseObject({
  organizations: z.array(wireOrganisation),
  /** Companies that the team has saved; the same shape, and not repeated among `organizations`. */
  accounts: z.array(wireOrganisation).nullish(),
  pagination,
})
export const sequencesReply = z.looseObject({
  emailer_campaigns: z.array(z.looseObject({ id: z.string(), name: z.string(), archived: z.boolean().nullish() })),
})
export const wireContact = z.looseObject({
  id: z.string(),
  email: text,
  /** The sequences that the contact is in. */
  emailer_campaign_ids: z.array(z.string()).nullish(),
})
export type WireContact = z.output<typeof wireContact>
export const contactsReply = z.looseObject({ contacts: z.array(wireContact) })
export const contactReply = z.looseObject({ contact: wireContact })
export const emailAccountsReply = z.looseObject({
  email_accounts: z.array(
    z.looseObject({ id: z.string(), active: z.boolean().nullish(), default: z.boolean().nullish() }),
  ),
})
export const additionReply = z.looseObject({
  contacts: z.array(z.looseObject({ id: z.string() })).nullish(),
  skipped_contact_ids: z.union([z.array(z.string()), z.record(z.string(), z.string())]).nullish(),
})
export const healthReply = z.looseObject({ is_logged_in: z.boolean() })

/** An object without the keys whose value is null or undefined. */
function known<Value extends object>(value: Value): { [Key in keyof Value]: NonNullable<Value[Key]> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined)) as never
}

/** Apollo's person as ours. */
export function person(wire: z.output<typeof wirePerson>): Person {
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

/** Apollo's organisation as ours. */
export function organisation(wire: z.output<typeof wireOrganisation>): Organisation {
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
