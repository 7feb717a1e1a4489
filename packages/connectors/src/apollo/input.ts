import { z } from 'zod'
import { checkInput } from '../api/validate.ts'
import { SENIORITIES } from './types.ts'
import type { EnrichQuery, OrganisationQuery, PageRequest, PeopleQuery, SequenceAddition } from './types.ts'

const text = z.string().trim().min(1, 'must not be empty').max(500, 'at most 500 characters')
const list = z.array(text).max(100, 'at most 100 entries')
const email = z.email('must be an e-mail address')

const page = {
  page: z.int('must be 1 to 500').min(1, 'must be 1 to 500').max(500, 'must be 1 to 500').default(1),
  perPage: z.int('must be 1 to 100').min(1, 'must be 1 to 100').max(100, 'must be 1 to 100').default(25),
}

const peopleFilters = {
  titles: list.optional(),
  seniorities: z.array(z.enum(SENIORITIES, `must be one of ${SENIORITIES.join(', ')}`)).optional(),
  locations: list.optional(),
  keywords: list.optional(),
  organisationDomains: list.optional(),
  organisations: list.optional(),
  includeSimilarTitles: z.boolean('must be true or false').optional(),
}

function someFilter(value: object, names: readonly string[]): boolean {
  return names.some((name) => {
    const filter = (value as Record<string, unknown>)[name]
    return Array.isArray(filter) ? filter.length > 0 : filter !== undefined
  })
}

const PEOPLE_FILTERS = ['titles', 'seniorities', 'locations', 'keywords', 'organisationDomains', 'organisations']
const ORGANISATION_FILTERS = ['name', 'domains', 'locations', 'keywords', 'employees']

const peopleQuery = z
  .strictObject({ ...peopleFilters, ...page })
  .refine((value) => someFilter(value, PEOPLE_FILTERS), `needs at least one of ${PEOPLE_FILTERS.join(', ')}`)

const maxItems = z
  .int('must be 1 to 50,000')
  .min(1, 'must be 1 to 50,000')
  .max(50_000, 'must be 1 to 50,000')
  .default(1_000)

const people = z.int('must be a whole number from 0').min(0, 'must be a whole number from 0')

const organisationQuery = z
  .strictObject({
    name: text.optional(),
    domains: list.optional(),
    locations: list.optional(),
    keywords: list.optional(),
    employees: z
      .array(z.tuple([people, people]))
      .max(20, 'at most 20 entries')
      .optional(),
    ...page,
  })
  .refine(
    (value) => someFilter(value, ORGANISATION_FILTERS),
    `needs at least one of ${ORGANISATION_FILTERS.join(', ')}`,
  )

const enrichQuery = z
  .strictObject({
    id: text.optional(),
    name: text.optional(),
    firstName: text.optional(),
    lastName: text.optional(),
    email: email.optional(),
    domain: text.optional(),
    organisation: text.optional(),
    linkedinUrl: z.url('must be a URL').optional(),
    revealPersonalEmails: z.boolean('must be true or false').optional(),
  })
  .refine(
    (value) =>
      value.id !== undefined ||
      value.email !== undefined ||
      value.linkedinUrl !== undefined ||
      ((value.name !== undefined || value.lastName !== undefined) &&
        (value.domain !== undefined || value.organisation !== undefined)),
    'needs an id, an email, a linkedinUrl, or a name with a domain or an organisation',
  )

const sequenceAddition = z.strictObject({
  sequence: text,
  emails: z.array(email).min(1, 'needs 1 to 100 entries').max(100, 'needs 1 to 100 entries'),
  emailAccountId: text.optional(),
})

/** A query with its page filled in. */
export type Paged<Query> = Query & Required<PageRequest>

/** Checks a query. @throws HoldfastError `INVALID_INPUT`, as all of these. */
export function checkPeopleQuery(query: unknown): Paged<PeopleQuery> {
  return checkInput('searchPeople', peopleQuery, query) as Paged<PeopleQuery>
}

/** Checks how many people are wanted. */
export function checkMaxItems(limit: unknown): number {
  return checkInput('people', z.object({ maxItems }), { maxItems: limit }).maxItems
}

/** Checks a query. */
export function checkOrganisationQuery(query: unknown): Paged<OrganisationQuery> {
  return checkInput('searchOrganisations', organisationQuery, query) as Paged<OrganisationQuery>
}

/** Checks whom to enrich. */
export function checkEnrichQuery(query: unknown): EnrichQuery {
  return checkInput('enrichPerson', enrichQuery, query) as EnrichQuery
}

/** Checks whom to add. */
export function checkAddition(addition: unknown): SequenceAddition {
  return checkInput('addToSequence', sequenceAddition, addition) as SequenceAddition
}
