/** What a message asks for. */
export type Intent =
  | 'search-aircraft'
  | 'list-fleet'
  | 'request-quote'
  | 'read-quotes'
  | 'find-people'
  | 'enrich-person'
  | 'find-organisations'
  | 'add-to-sequence'
  | 'greeting'
  | 'help'
  | 'out-of-scope'
  | 'misuse'

/** One leg of a trip. What the asker did not say is absent. */
export interface Segment {
  /** ICAO code. */
  readonly from?: string
  /** ICAO code. */
  readonly to?: string
  /** `YYYY-MM-DD`, local to the place of departure. */
  readonly date?: string
  /** `HH:MM`, local to the place of departure. */
  readonly time?: string
}

/** Who to look for. Empty lists where nothing was said. */
export interface PeopleFilter {
  readonly titles: readonly string[]
  /** Apollo's words: `owner`, `founder`, `c_suite`, `partner`, `vp`, `head`, `director`, `manager`. */
  readonly seniorities: readonly string[]
  readonly locations: readonly string[]
  readonly keywords: readonly string[]
  readonly organisations: readonly string[]
}

/** What a conversation asks for, as far as rules can tell. */
export interface Understanding {
  readonly intent: Intent
  /** ISO 639-1; `en` when it cannot be told. */
  readonly language: string
  readonly segments: readonly Segment[]
  readonly passengers?: number
  /** Aircraft category, such as `light` or `heavy`. */
  readonly category?: string
  readonly people?: PeopleFilter
  readonly person?: { readonly name?: string; readonly email?: string; readonly organisation?: string }
  readonly organisation?: {
    readonly name?: string
    readonly locations: readonly string[]
    readonly keywords: readonly string[]
  }
  readonly sequence?: { readonly name?: string; readonly emails: readonly string[] }
  readonly quoteRequestId?: string
  /** Where the fleet is looked at from: the airport the aircraft are based at, and who flies them. */
  readonly fleet?: { readonly base?: string; readonly operator?: string }
  /** What has to be asked back: `from`, `to`, `date`, `passengers`, `person`, `sequence`, `emails`, `requestId`, `people`. */
  readonly missing: readonly string[]
  /** True when answering changes nothing in another system. */
  readonly readOnly: boolean
  /** True when a date was given relative to now (`tomorrow`, `on Sunday`). */
  readonly relativeDate: boolean
}

/** One message of a conversation. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** When and where the asker is. */
export interface UnderstandOptions {
  readonly now: Date
  /** IANA name, such as `America/New_York`. */
  readonly timeZone: string
  /** Whether every message is about a trip, whatever it would be taken for by itself. Default: false. */
  readonly aboutTrip?: boolean
}
