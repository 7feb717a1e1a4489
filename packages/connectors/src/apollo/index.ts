/*
 * Apollo.io: people, companies, sequences.
 *
 * Documented (docs.apollo.io, OpenAPI 3.1): base address, `x-api-key`, the endpoints and their query parameters, paging (100 per
 * page, 500 pages), that people search needs a master key and returns neither addresses nor phone numbers, that enriching may
 * answer 200 with no match, `run_dedupe`, 403 without a master key, 422 for missing contacts, `x-rate-limit-*` and
 * `x-*-requests-left` headers on good replies, limits of each endpoint in fixed windows that its first request opens, `auth/health`.
 * Read in public code that uses the API: `last_name_obfuscated`, `has_email`, `total_entries` at the top of a people search,
 * `emailer_campaign_ids` of a contact.
 * Not verified: the bodies of 401, 403 and 429; whether a 429 carries `Retry-After` (it is obeyed when it does); the shape of
 * `skipped_contact_ids` (a list and an object of reasons are both read).
 * There is no endpoint that creates a sequence: a campaign is people added to an existing one.
 */
export { APOLLO_BASE_URL, createApollo } from './apollo.ts'
export type { ApolloOptions } from './apollo.ts'
export type { ApiCallOptions } from '../api/options.ts'
export { SENIORITIES } from './types.ts'
export type {
  Apollo,
  EnrichQuery,
  Organisation,
  OrganisationQuery,
  Page,
  PageRequest,
  PeopleQuery,
  Person,
  RateLimit,
  RateLimits,
  Seniority,
  SequenceAddition,
  SequenceResult,
} from './types.ts'
