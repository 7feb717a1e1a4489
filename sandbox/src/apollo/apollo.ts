/**
 * Apollo.io. From its OpenAPI document: paths, filters as query parameters, paging, the fields used here, 401 as text, the bodies
 * of 403, 422 and 429, `retry-after`. From its guide: windows per minute, hour and day for each endpoint, the headers of good replies.
 * Not verified: what a person search answers to a page beyond the last; how the body of a 500 looks.
 */
import { parseJson, type Received } from '../http/received.ts'
import { json, withHeaders, type Reply } from '../http/reply.ts'
import type { Vendor } from '../http/stand-in.ts'
import { findOrganisations, findPeople, matchPerson, type PeopleFilter, type PersonClue } from '../world/prospects.ts'
import type { World } from '../world/world.ts'
import { errors, forbidden, unprocessable } from './errors.ts'
import { parametersOf, readParameters, type Parameters } from './parameters.ts'
import { createRateLimits } from './rate-limits.ts'
import * as wire from './wire.ts'

const PREFIX = '/api'
/** Shown pages of a search end here. */
const MAX_PAGES = 500
const MAILBOX = {
  id: '6630ffa2a7f52601c7578345',
  email: 'desk@charter-desk.example',
  type: 'gmail',
  active: true,
  default: true,
}

/** Makes the stand-in for Apollo. A key that contains `limited` is no master key. */
export function apollo(world: World, options: { readonly now: () => number }): Vendor {
  const limits = createRateLimits(options.now)

  const route = (request: Received): Reply => {
    const path = request.path.replace(PREFIX, '').replace(/\/$/, '')
    const master = !(request.headers['x-api-key'] ?? '').includes('limited')
    const parameters = readParameters(request)
    if (request.method === 'GET' && path === '/v1/auth/health') return json(200, { healthy: true, is_logged_in: true })
    if (request.method === 'GET' && path === '/v1/email_accounts') {
      return master ? json(200, { email_accounts: [MAILBOX] }) : forbidden(request.path)
    }
    if (request.method !== 'POST') return errors.error(404, request.path)
    switch (path) {
      case '/v1/mixed_people/api_search':
        return master ? searchPeople(world, parameters) : forbidden(request.path)
      case '/v1/mixed_companies/search':
        return searchOrganisations(world, parameters)
      case '/v1/people/match':
        return matchOne(world, parameters)
      case '/v1/people/bulk_match':
        return matchMany(world, request)
      case '/v1/contacts':
        return createContact(world, parameters)
      case '/v1/contacts/search':
        return searchContacts(world, parameters)
      case '/v1/emailer_campaigns/search':
        return master ? searchSequences(world, parameters) : forbidden(request.path)
      default: {
        const addition = /^\/v1\/emailer_campaigns\/([0-9a-f]+)\/add_contact_ids$/.exec(path)
        if (addition === null) return errors.error(404, request.path)
        return master ? addContacts(world, addition[1]!, parameters) : forbidden(request.path)
      }
    }
  }

  return {
    service: 'apollo',
    errors,
    answer(request) {
      const authorized =
        (request.headers['x-api-key'] ?? '') !== '' || /^Bearer .+/.test(request.headers.authorization ?? '')
      if (!authorized) return errors.error(401, request.path)
      const limit = limits.use(request.path.replace(/\/[0-9a-f]{24}/, '/{id}'))
      if (limit.exceeded !== undefined) return errors.rateLimited(request.path, limit.exceeded.retryAfterSeconds)
      const reply = route(request)
      return reply.status === 200 ? withHeaders(reply, limit.headers) : reply
    },
  }
}

function searchPeople(world: World, parameters: Parameters): Reply {
  const filter: PeopleFilter = {
    titles: parameters.list('person_titles'),
    seniorities: parameters.list('person_seniorities'),
    locations: parameters.list('person_locations'),
    organisationLocations: parameters.list('organization_locations'),
    domains: parameters.list('q_organization_domains_list'),
    organisationIds: parameters.list('organization_ids'),
    employeeRanges: parameters.list('organization_num_employees_ranges'),
    keywords: parameters.one('q_keywords') ?? '',
    similarTitles: parameters.one('include_similar_titles') !== 'false',
  }
  return paged(parameters, findPeople(world.people, filter), ({ rows, total }) => ({
    total_entries: total,
    people: rows.map(wire.foundPerson),
  }))
}

function searchOrganisations(world: World, parameters: Parameters): Reply {
  const name = parameters.one('q_organization_name')
  const found = findOrganisations(world.organisations, {
    ...(name === undefined ? {} : { name }),
    locations: parameters.list('organization_locations'),
    notLocations: parameters.list('organization_not_locations'),
    keywords: parameters.list('q_organization_keyword_tags'),
    domains: parameters.list('q_organization_domains_list'),
    ids: parameters.list('organization_ids'),
    employeeRanges: parameters.list('organization_num_employees_ranges'),
  })
  return paged(parameters, found, ({ rows, pagination }) => ({
    breadcrumbs: [],
    partial_results_only: false,
    has_join: false,
    disable_eu_prospecting: false,
    partial_results_limit: 10_000,
    pagination,
    accounts: [],
    organizations: rows.map(wire.organisation),
    model_ids: rows.map(({ id }) => id),
    num_fetch_result: null,
    derived_params: null,
  }))
}

function matchOne(world: World, parameters: Parameters): Reply {
  const person = matchPerson(world.people, clue(parameters))
  return json(200, { person: person === undefined ? null : wire.person(person) })
}

function matchMany(world: World, request: Received): Reply {
  const body = parseJson(request.body) as { details?: unknown } | undefined
  const details = body?.details
  const failed = (code: string, message: string): Reply =>
    json(400, { status: 'failed', error_code: code, error_message: message })
  if (!Array.isArray(details)) return failed('INVALID_REQUEST', 'invalid request, missing details')
  if (details.length > 10) return failed('RECORD_LIMIT_EXCEEDED', 'cannot enrich more than 10 in a single request')
  const matches = details.map((detail) => matchPerson(world.people, clue(parametersOf(detail))))
  const found = matches.filter((match) => match !== undefined)
  return json(200, {
    status: 'success',
    error_code: null,
    error_message: null,
    total_requested_enrichments: details.length,
    unique_enriched_records: new Set(found).size,
    missing_records: details.length - found.length,
    credits_consumed: found.length,
    matches: matches.map((match) => (match === undefined ? null : wire.person(match))),
  })
}

function clue(parameters: Parameters): PersonClue {
  const [first, last] = [parameters.one('first_name'), parameters.one('last_name')]
  const name = parameters.one('name') ?? (first !== undefined && last !== undefined ? `${first} ${last}` : undefined)
  return {
    name,
    email: parameters.one('email'),
    organisation: parameters.one('organization_name'),
    domain: parameters.one('domain'),
    id: parameters.one('id'),
  }
}

function createContact(world: World, parameters: Parameters): Reply {
  const email = parameters.one('email') ?? ''
  const existing = parameters.one('run_dedupe') === 'true' && email !== '' ? world.contacts.byEmail(email) : undefined
  if (existing !== undefined) return json(200, { contact: wire.contact(existing) })
  const known = matchPerson(world.people, { email })
  const created = world.contacts.create({
    firstName: parameters.one('first_name') ?? known?.firstName ?? '',
    lastName: parameters.one('last_name') ?? known?.lastName ?? '',
    title: parameters.one('title') ?? known?.title ?? '',
    email,
    organisationName: parameters.one('organization_name') ?? known?.organisation.name ?? '',
    personId: known?.id ?? null,
  })
  return json(200, { contact: wire.contact(created) })
}

function searchContacts(world: World, parameters: Parameters): Reply {
  const words = (parameters.one('q_keywords') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const found = world.contacts.list().filter((contact) => {
    const all =
      `${contact.firstName} ${contact.lastName} ${contact.title} ${contact.organisationName} ${contact.email}`.toLowerCase()
    return words.every((word) => all.includes(word))
  })
  return paged(parameters, found, ({ rows, pagination }) => ({
    contacts: rows.map(wire.contact),
    breadcrumbs: [],
    partial_results_only: false,
    has_join: false,
    disable_eu_prospecting: false,
    partial_results_limit: 10_000,
    pagination,
    num_fetch_result: null,
  }))
}

function searchSequences(world: World, parameters: Parameters): Reply {
  const wanted = (parameters.one('q_name') ?? '').toLowerCase()
  const found = world.sequences.filter(({ name }) => name.toLowerCase().includes(wanted))
  return paged(parameters, found, ({ rows, pagination }) => ({
    pagination,
    breadcrumbs:
      wanted === '' ? [] : [{ label: 'Name', signal_field_name: 'q_name', value: wanted, display_name: wanted }],
    emailer_campaigns: rows.map(wire.sequence),
    num_fetch_result: null,
  }))
}

function addContacts(world: World, sequenceId: string, parameters: Parameters): Reply {
  const ids = parameters.list('contact_ids')
  if (ids.length === 0 && parameters.list('label_names').length === 0) {
    return unprocessable('Please specify either contact_ids or label_names.')
  }
  const mailbox = parameters.one('send_email_from_email_account_id')
  const sequence = world.sequences.find(({ id }) => id === sequenceId)
  if (sequence === undefined || mailbox === undefined || parameters.one('emailer_campaign_id') !== sequenceId) {
    return unprocessable('Please specify a emailer_campaign_id and send_email_from_email_account_id.')
  }
  if (mailbox !== MAILBOX.id) return unprocessable(`These mailboxes are no longer active. ${mailbox}`)
  const contacts = ids.flatMap((id) => world.contacts.get(id) ?? [])
  const skipped = Object.fromEntries(
    ids.filter((id) => !contacts.some((contact) => contact.id === id)).map((id) => [id, 'contact_not_found']),
  )
  const enrolled = contacts.map((contact) => world.contacts.enrol(contact, sequence))
  return json(200, {
    contacts: enrolled.map(wire.contact),
    skipped_contact_ids: skipped,
    emailer_campaign: wire.sequence(sequence),
  })
}

function paged<T>(
  parameters: Parameters,
  all: readonly T[],
  body: (page: { readonly rows: T[]; readonly total: number; readonly pagination: unknown }) => unknown,
): Reply {
  const page = Number(parameters.one('page') ?? 1)
  const perPage = Number(parameters.one('per_page') ?? 10)
  if (
    !Number.isInteger(page) ||
    page < 1 ||
    page > MAX_PAGES ||
    !Number.isInteger(perPage) ||
    perPage < 1 ||
    perPage > 100
  ) {
    return unprocessable('Invalid parameters')
  }
  const pages = Math.max(1, Math.ceil(all.length / perPage))
  return json(
    200,
    body({
      rows: all.slice((page - 1) * perPage, page * perPage),
      total: all.length,
      pagination: { page, per_page: perPage, total_entries: all.length, total_pages: pages },
    }),
  )
}
