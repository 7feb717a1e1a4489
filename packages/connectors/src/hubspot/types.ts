import type { ApiCallOptions } from '../api/options.ts'

/** Kinds of records. */
export const HUBSPOT_TYPES = ['contacts', 'companies', 'deals'] as const

/** A kind of record. */
export type HubSpotType = (typeof HUBSPOT_TYPES)[number]

/** How a property is compared. */
export const HUBSPOT_OPERATORS = [
  'EQ',
  'NEQ',
  'LT',
  'LTE',
  'GT',
  'GTE',
  'IN',
  'NOT_IN',
  'HAS_PROPERTY',
  'NOT_HAS_PROPERTY',
  'CONTAINS_TOKEN',
  'NOT_CONTAINS_TOKEN',
  'BETWEEN',
] as const

/** How a property is compared. */
export type HubSpotOperator = (typeof HUBSPOT_OPERATORS)[number]

/** What a property is set to; HubSpot keeps text. `''` empties it. */
export type PropertyValue = string | number | boolean

/** A record. */
export interface HubSpotRecord {
  /** HubSpot's own id, digits. */
  readonly id: string
  /** Those that were asked for, or HubSpot's usual ones; without the empty ones. */
  readonly properties: Readonly<Record<string, string>>
  /** ISO 8601. */
  readonly createdAt?: string
  /** ISO 8601. */
  readonly updatedAt?: string
}

/** Which record: by HubSpot's id, or by the value of a property that is unique. */
export interface RecordReference {
  readonly id: string
  /** The unique property that `id` is a value of, such as `email`. Default: HubSpot's own id. */
  readonly idProperty?: string | undefined
}

/** What of a record is read. */
export interface ReadOptions {
  /** Names of properties, at most 100. Default: HubSpot's usual ones. */
  readonly properties?: readonly string[] | undefined
}

/** A condition. */
export interface HubSpotFilter {
  readonly property: string
  /** Default: `EQ`. */
  readonly operator?: HubSpotOperator | undefined
  /** For all but `IN`, `NOT_IN`, `HAS_PROPERTY` and `NOT_HAS_PROPERTY`. */
  readonly value?: PropertyValue | undefined
  /** For `BETWEEN`. */
  readonly highValue?: PropertyValue | undefined
  /** For `IN` and `NOT_IN`: 1 to 100, in lower case. */
  readonly values?: readonly PropertyValue[] | undefined
}

/** What is looked for. At least one of `filters` and `text`. */
export interface HubSpotSearch extends ReadOptions {
  /** All must be so; 1 to 6. */
  readonly filters?: readonly HubSpotFilter[] | undefined
  /** Words in the usual properties: name, address, phone. */
  readonly text?: string | undefined
  /** A property, with the direction. Default: by creation. */
  readonly sort?: { readonly property: string; readonly descending?: boolean | undefined } | undefined
  /** Records of a page. 1 to 200. Default: 50. */
  readonly limit?: number | undefined
  /** From the page before. */
  readonly after?: string | undefined
}

/** A page of what was found. */
export interface HubSpotPage {
  readonly items: readonly HubSpotRecord[]
  readonly total: number
  /** For the next page; missing on the last. HubSpot shows no more than 10,000 records of a search. */
  readonly after?: string
}

/** What an upsert did. */
export interface UpsertResult extends HubSpotRecord {
  /** Whether there was none before. */
  readonly created: boolean
}

/** A record that belongs to another. */
export interface AssociatedRecord {
  readonly id: string
  /** What they are to each other, such as `Primary`; empty without a label. */
  readonly labels: readonly string[]
}

/** What HubSpot says is left, from the last good reply that said so; searches do not. */
export interface HubSpotLimits {
  /** Of a day of the account. Not said to OAuth apps. */
  readonly daily?: { readonly limit?: number; readonly left?: number }
  /** Of the short window. */
  readonly window?: { readonly limit?: number; readonly left?: number; readonly intervalMs?: number }
}

/** Contacts, companies and deals of one account. */
export interface HubSpot {
  /** A record; `undefined` when there is none. */
  get(
    type: HubSpotType,
    record: RecordReference & ReadOptions,
    call?: ApiCallOptions,
  ): Promise<HubSpotRecord | undefined>
  /** A page of records. */
  search(type: HubSpotType, query: HubSpotSearch, call?: ApiCallOptions): Promise<HubSpotPage>
  /** Records, page by page: a page is fetched when it is needed. `maxItems` is 1 to 10,000. Default: 1,000. */
  records(
    type: HubSpotType,
    query: Omit<HubSpotSearch, 'after'> & { readonly maxItems?: number | undefined },
    call?: ApiCallOptions,
  ): AsyncIterable<HubSpotRecord>
  /**
   * Creates the record with this value of a unique property, or sets properties of the one there is. May be repeated: the property makes it one record.
   * Contacts have `email`; companies and deals need a property of the account's own that is unique.
   */
  upsert(
    type: HubSpotType,
    record: {
      readonly id: string
      readonly idProperty: string
      readonly properties: Readonly<Record<string, PropertyValue>>
    },
    call?: ApiCallOptions,
  ): Promise<UpsertResult>
  /**
   * Creates a record without a unique property, a deal for example. Made once.
   * @throws HoldfastError `RECORD_EXISTS` (`client`) when HubSpot knows it already, a contact by its address.
   */
  create(
    type: HubSpotType,
    properties: Readonly<Record<string, PropertyValue>>,
    call?: ApiCallOptions,
  ): Promise<HubSpotRecord>
  /** Sets properties. May be repeated. @throws HoldfastError `RECORD_NOT_FOUND` (`client`). */
  update(
    type: HubSpotType,
    record: RecordReference & { readonly properties: Readonly<Record<string, PropertyValue>> },
    call?: ApiCallOptions,
  ): Promise<HubSpotRecord>
  /** Says that two records belong together, without a label. May be repeated. Both by HubSpot's own id. */
  associate(
    from: { readonly type: HubSpotType; readonly id: string },
    to: { readonly type: HubSpotType; readonly id: string },
    call?: ApiCallOptions,
  ): Promise<void>
  /** What belongs to a record, page by page. */
  associations(
    from: { readonly type: HubSpotType; readonly id: string },
    toType: HubSpotType,
    call?: ApiCallOptions,
  ): AsyncIterable<AssociatedRecord>
  /** What may still be asked. */
  rateLimits(): HubSpotLimits
  /** Whether the token is accepted; reads one contact's id. */
  health(call?: ApiCallOptions): Promise<void>
  /** Closes its connections, unless they were given. */
  close(): Promise<void>
}
