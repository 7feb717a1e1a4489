import { systemClock } from '@holdfast/core'
import type { Clock, Integration } from '@holdfast/core'
import type { Dispatcher } from 'undici'
import { createApiCaller } from '../api/api-caller.ts'
import { createHttpClient } from '../http/index.ts'
import type { FailedReply, FailureHint } from '../http/index.ts'
import type { WriteMemory } from '../once/write-memory.ts'
import { createWriteRegistry } from '../once/write-registry.ts'
import { checkAddition, checkEnrichQuery, checkMaxItems, checkOrganisationQuery, checkPeopleQuery } from './input.ts'
import { createApolloLimits } from './limits.ts'
import { addToSequence } from './sequences.ts'
import type { Apollo, PeopleQuery, Person } from './types.ts'
import { readHealth, readMatch, readOrganisations, readPeople } from './wire.ts'

/** How to reach Apollo. */
export interface ApolloOptions {
  readonly apiKey: string
  /** Every call runs through it. */
  readonly integration: Integration
  /** Default: `https://api.apollo.io/api/v1`. */
  readonly baseUrl?: string
  /** The mailbox that sequences send from. Default: the account's default one. */
  readonly emailAccountId?: string
  /** Where writes are remembered by their idempotency keys. Default: in the memory of this process. */
  readonly writeMemory?: WriteMemory | undefined
  /** For the windows of its limits. Default: the system's. */
  readonly clock?: Pick<Clock, 'now'> | undefined
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher
}

/** Where Apollo's API is. */
export const APOLLO_BASE_URL = 'https://api.apollo.io/api/v1'

/** Apollo shows at most this many pages of a search. */
const MAX_PAGES = 500

/** Makes a client of Apollo.io. */
export function createApollo(options: ApolloOptions): Apollo {
  const http = createHttpClient({
    baseUrl: options.baseUrl ?? APOLLO_BASE_URL,
    service: 'Apollo',
    headers: { 'x-api-key': options.apiKey, 'cache-control': 'no-cache' },
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  })
  const writes = createWriteRegistry('Apollo', options.writeMemory)
  const limits = createApolloLimits(options.clock ?? systemClock)
  const api = createApiCaller({
    service: 'Apollo',
    http,
    integration: options.integration,
    explain,
    leave: async (_, __, path) => limits.check(path),
    onHeaders: (headers, path) => limits.seen(path, headers),
  })

  const client: Apollo = {
    async searchPeople(query, call = {}) {
      const { page, perPage, ...filters } = checkPeopleQuery(query)
      const found = await api.call(
        {
          method: 'POST',
          path: '/mixed_people/api_search',
          query: { ...peopleParameters(filters), page, per_page: perPage },
          read: readPeople,
          effect: 'read',
        },
        call,
      )
      return { ...found, page, perPage }
    },

    async *people({ maxItems: limit, perPage = 100, ...query }, call = {}): AsyncGenerator<Person, undefined, void> {
      let left = checkMaxItems(limit)
      for (let page = 1; page <= MAX_PAGES && left > 0; page++) {
        const { items, total } = await client.searchPeople({ ...query, page, perPage }, call)
        yield* items.slice(0, left)
        left -= items.length
        if (items.length < perPage || (total !== undefined && page * perPage >= total)) return
      }
    },

    async enrichPerson(query, call = {}) {
      const checked = checkEnrichQuery(query)
      return api.call(
        {
          method: 'POST',
          path: '/people/match',
          query: {
            id: checked.id,
            name: checked.name,
            first_name: checked.firstName,
            last_name: checked.lastName,
            email: checked.email,
            domain: checked.domain,
            organization_name: checked.organisation,
            linkedin_url: checked.linkedinUrl,
            reveal_personal_emails: checked.revealPersonalEmails,
          },
          read: readMatch,
          effect: 'paid-read',
        },
        call,
      )
    },

    async searchOrganisations(query, call = {}) {
      const { page, perPage, ...filters } = checkOrganisationQuery(query)
      const found = await api.call(
        {
          method: 'POST',
          path: '/mixed_companies/search',
          query: {
            q_organization_name: filters.name,
            'q_organization_domains_list[]': filters.domains,
            'organization_locations[]': filters.locations,
            'q_organization_keyword_tags[]': filters.keywords,
            'organization_num_employees_ranges[]': filters.employees?.map(([low, high]) => `${low},${high}`),
            page,
            per_page: perPage,
          },
          read: readOrganisations,
          effect: 'paid-read',
        },
        call,
      )
      return { ...found, page, perPage }
    },

    async addToSequence(addition, call = {}) {
      const checked = checkAddition(addition)
      const emailAccountId = checked.emailAccountId ?? options.emailAccountId
      const input = {
        sequence: checked.sequence,
        emails: checked.emails,
        ...(emailAccountId === undefined ? {} : { emailAccountId }),
      }
      return writes.once(call, input, () => addToSequence(api, input, call))
    },

    async health(call = {}) {
      return api.call({ path: '/auth/health', read: readHealth, effect: 'read' }, call)
    },

    rateLimits: limits.last,
    close: () => http.close(),
  }
  return client
}

function peopleParameters(query: PeopleQuery): Record<string, string | boolean | readonly string[] | undefined> {
  const keywords = [...(query.keywords ?? []), ...(query.organisations ?? [])].join(' ')
  return {
    'person_titles[]': query.titles,
    'person_seniorities[]': query.seniorities,
    'person_locations[]': query.locations,
    'q_organization_domains_list[]': query.organisationDomains,
    q_keywords: keywords === '' ? undefined : keywords,
    include_similar_titles: query.includeSimilarTitles,
  }
}

/** The bodies of Apollo's errors are not documented; only the statuses are. A refusal has changed nothing. */
function explain({ status }: FailedReply): FailureHint | undefined {
  if (status === 401) {
    return { message: 'Apollo refused the API key', retryable: false, mayHaveTakenEffect: false }
  }
  if (status === 403) {
    return {
      message: 'Apollo refused the call: the API key is no master key, or the plan does not include it',
      retryable: false,
      mayHaveTakenEffect: false,
    }
  }
  if (status === 422) {
    return { message: 'Apollo refused the parameters (422)', retryable: false, mayHaveTakenEffect: false }
  }
  if (status === 400 || status === 404 || status === 429) return { mayHaveTakenEffect: false }
  return undefined
}
