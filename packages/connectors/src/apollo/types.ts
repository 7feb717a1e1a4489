import type { ApiCallOptions } from '../api/options.ts'

/** A company. */
export interface Organisation {
  readonly id: string
  readonly name: string
  readonly domain?: string
  readonly websiteUrl?: string
  readonly linkedinUrl?: string
  readonly phone?: string
  readonly industry?: string
  readonly employees?: number
  readonly city?: string
  readonly state?: string
  readonly country?: string
}

/** A person in Apollo's database. Searching gives no e-mail address and a masked last name; enriching may give both. */
export interface Person {
  readonly id: string
  /** As much of the name as the reply holds; a masked last name is in it as it came (`Jane Do***e`). */
  readonly name: string
  readonly firstName?: string
  readonly lastName?: string
  readonly title?: string
  readonly seniority?: string
  readonly email?: string
  /** Whether Apollo has an address, where it says so. */
  readonly hasEmail?: boolean
  /** `verified`, `unverified`, `likely to engage`, `unavailable`, … */
  readonly emailStatus?: string
  readonly linkedinUrl?: string
  readonly city?: string
  readonly state?: string
  readonly country?: string
  readonly organisation?: { readonly id?: string; readonly name: string; readonly domain?: string }
}

/** Levels that Apollo knows. */
export const SENIORITIES = [
  'owner',
  'founder',
  'c_suite',
  'partner',
  'vp',
  'head',
  'director',
  'manager',
  'senior',
  'entry',
  'intern',
] as const
export type Seniority = (typeof SENIORITIES)[number]

/** Whom to look for. At least one filter must be set. */
export interface PeopleQuery {
  readonly titles?: readonly string[]
  readonly seniorities?: readonly Seniority[]
  /** Where they live: cities, states, countries. */
  readonly locations?: readonly string[]
  readonly keywords?: readonly string[]
  /** Domains of their employers, `example.com`. */
  readonly organisationDomains?: readonly string[]
  /** Names of their employers; searched as keywords, because Apollo filters people by an employer's domain or id only. */
  readonly organisations?: readonly string[]
  /** Whether similar titles match too. Default: Apollo's, which is true. */
  readonly includeSimilarTitles?: boolean
}

/** Which companies to look for. At least one filter must be set. */
export interface OrganisationQuery {
  readonly name?: string
  readonly domains?: readonly string[]
  /** Headquarters: cities, states, countries. */
  readonly locations?: readonly string[]
  readonly keywords?: readonly string[]
  /** `[11, 50]`: 11 to 50 people. */
  readonly employees?: readonly (readonly [minimum: number, maximum: number])[]
}

/** Which page. */
export interface PageRequest {
  /** 1 to 500. Default: 1. */
  readonly page?: number
  /** 1 to 100. Default: 25. */
  readonly perPage?: number
}

/** One page of results. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly page: number
  readonly perPage: number
  /** How many there are on all pages, as far as Apollo says. */
  readonly total?: number
}

/** Whom to enrich. An e-mail address, an Apollo id or a LinkedIn address is enough; a name needs an employer beside it. */
export interface EnrichQuery {
  readonly id?: string
  readonly name?: string
  readonly firstName?: string
  readonly lastName?: string
  readonly email?: string
  readonly domain?: string
  readonly organisation?: string
  readonly linkedinUrl?: string
  /** Costs credits. Default: false. */
  readonly revealPersonalEmails?: boolean
}

/** Whom to add to which sequence. */
export interface SequenceAddition {
  /** The sequence's name (compared without regard to case) or its id. */
  readonly sequence: string
  /** 1 to 100 e-mail addresses. A person who is no contact yet becomes one. */
  readonly emails: readonly string[]
  /** The mailbox that sends. Default: the client's, else the account's default one. */
  readonly emailAccountId?: string
}

/** What became of an addition. */
export interface SequenceResult {
  readonly sequence: { readonly id: string; readonly name: string }
  /** Contacts that were added now. */
  readonly added: readonly { readonly id: string; readonly email: string }[]
  /** Contacts that were in the sequence already, or that Apollo skipped. */
  readonly skipped: readonly { readonly id: string; readonly email: string; readonly reason: string }[]
}

/** How many requests are left, as the last good reply said. */
export interface RateLimits {
  readonly minute?: RateLimit
  readonly hour?: RateLimit
  readonly day?: RateLimit
}
export interface RateLimit {
  readonly limit?: number
  readonly left?: number
}

/** A client of Apollo.io. Every call runs through the integration it was made with. */
export interface Apollo {
  /** One page of people. Free of credits; needs a master key. */
  searchPeople(query: PeopleQuery & PageRequest, options?: ApiCallOptions): Promise<Page<Person>>
  /** People page by page, each fetched when it is needed. Ends after `maxItems` (default: 1,000), or Apollo's 50,000. */
  people(
    query: PeopleQuery & { readonly perPage?: number; readonly maxItems?: number },
    options?: ApiCallOptions,
  ): AsyncIterableIterator<Person>
  /**
   * One person with what Apollo knows. `undefined` when it knows none. Costs credits.
   * @throws HoldfastError `CHARGE_UNCONFIRMED` when it may have been charged and the answer was lost; it is not retried.
   */
  enrichPerson(query: EnrichQuery, options?: ApiCallOptions): Promise<Person | undefined>
  /** One page of companies. Costs credits. @throws HoldfastError `CHARGE_UNCONFIRMED` as {@link Apollo.enrichPerson} does. */
  searchOrganisations(query: OrganisationQuery & PageRequest, options?: ApiCallOptions): Promise<Page<Organisation>>
  /**
   * Adds people to an existing sequence, which then writes to them. The same idempotency key never adds twice, and who is in the
   * sequence already is not added again.
   * @throws HoldfastError with `mayHaveTakenEffect: true` when nobody can know whether they were added; it is not retried.
   */
  addToSequence(addition: SequenceAddition, options?: ApiCallOptions): Promise<SequenceResult>
  /** Whether the key is accepted. */
  health(options?: ApiCallOptions): Promise<{ readonly loggedIn: boolean }>
  /** From the headers of the last good reply; empty before it. */
  rateLimits(): RateLimits
  /** Closes idle connections, once the calls under way have ended. */
  close(): Promise<void>
}
