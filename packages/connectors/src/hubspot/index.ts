/*
 * HubSpot: contacts, companies, deals, and what belongs together.
 *
 * Documented (developers.hubspot.com, OpenAPI `HubSpot-public-api-spec-collection`): base address, bearer, the paths with a date for a version (`/crm/objects/2026-03/{type}`) and
 * those of v3 and v4 before, search with `filterGroups` (5 groups, 6 filters each, 18 in all), 200 records a page and 10,000 in all, `paging.next.after`, `batch/upsert` by a unique
 * property with `new` in its results, default associations, `x-hubspot-ratelimit-*` on replies but those of a search, 429 with `policyName` (`TEN_SECONDLY_ROLLING`, `SECONDLY`,
 * `DAILY`), that the day ends at midnight in the account's time zone.
 * Read in HubSpot's own client: a 429 by the ten seconds is tried again after ten seconds, one of a search after one.
 * Not verified: whether a 429 carries `Retry-After` (it is obeyed when it does); the time zone of an account, which is an option.
 */
export { createHubSpot, HUBSPOT_DEFAULTS } from './hubspot.ts'
export type { HubSpotOptions } from './hubspot.ts'
export type { ApiCallOptions } from '../api/options.ts'
export { HUBSPOT_OPERATORS, HUBSPOT_TYPES } from './types.ts'
export type {
  AssociatedRecord,
  HubSpot,
  HubSpotFilter,
  HubSpotLimits,
  HubSpotOperator,
  HubSpotPage,
  HubSpotRecord,
  HubSpotSearch,
  HubSpotType,
  PropertyValue,
  ReadOptions,
  RecordReference,
  UpsertResult,
} from './types.ts'
