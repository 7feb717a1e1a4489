import type { Apollo, Organisation, Page, Person, SequenceResult } from '@holdfast/connectors/apollo'
import type { Aircraft, AircraftSearch, Avinode, QuoteList, SentQuoteRequest } from '@holdfast/connectors/avinode'
import type { z } from 'zod'
import { TOOL_INPUTS } from './schemas.ts'

/** The outside systems of the charter desk. */
export interface CharterApis {
  readonly apollo: Apollo
  readonly avinode: Avinode
}

/** What every tool call is made with. */
export interface ToolCallOptions {
  readonly signal?: AbortSignal
  readonly requestId?: string
  /** Writes only: the same key never does it twice. */
  readonly idempotencyKey?: string
}

/** What each tool takes, by name. */
export type ToolInput<Name extends ToolName> = z.infer<(typeof TOOL_INPUTS)[Name]>
/** The tools' names. */
export type ToolName = keyof typeof TOOL_INPUTS

/** What each tool gives. */
export interface ToolResults {
  search_aircraft: AircraftSearch
  list_fleet: readonly Aircraft[]
  request_quote: SentQuoteRequest
  read_quotes: QuoteList
  find_people: Page<Person>
  enrich_person: { readonly person: Person | undefined; readonly candidates: readonly Person[] }
  find_organisations: Page<Organisation>
  add_to_sequence: SequenceResult
}

const PEOPLE_PER_PAGE = 10

type Runners = {
  readonly [Name in ToolName]: (
    apis: CharterApis,
    input: ToolInput<Name>,
    options: ToolCallOptions,
  ) => Promise<ToolResults[Name]>
}

const runners: Runners = {
  search_aircraft: ({ avinode }, input, options) => avinode.searchAircraft(defined(input), options),
  list_fleet: ({ avinode }, input, options) => avinode.listFleet(defined(input), options),
  request_quote: ({ avinode }, input, options) => avinode.requestQuote(defined(input), options),
  read_quotes: ({ avinode }, { requestId }, options) => avinode.readQuotes(requestId, options),
  find_people: ({ apollo }, input, options) =>
    apollo.searchPeople({ ...defined(input), perPage: PEOPLE_PER_PAGE }, options),
  async enrich_person({ apollo }, input, options) {
    const { name, email, organisation, domain } = input
    if (email === undefined && organisation === undefined && domain === undefined && name !== undefined) {
      // A name alone does not tell one person from another: whoever bears it is offered to choose from.
      const page = await apollo.searchPeople({ keywords: [name], perPage: PEOPLE_PER_PAGE }, options)
      return { person: undefined, candidates: page.items }
    }
    return { person: await apollo.enrichPerson(defined(input), options), candidates: [] }
  },
  find_organisations: ({ apollo }, input, options) =>
    apollo.searchOrganisations({ ...defined(input), perPage: PEOPLE_PER_PAGE }, options),
  add_to_sequence: ({ apollo }, input, options) => apollo.addToSequence(defined(input), options),
}

/**
 * Runs one tool.
 * @throws ZodError for an input of the wrong shape; HoldfastError when the service fails.
 */
export function runTool<Name extends ToolName>(
  apis: CharterApis,
  name: Name,
  input: unknown,
  options: ToolCallOptions = {},
): Promise<ToolResults[Name]> {
  const parsed = TOOL_INPUTS[name].parse(input) as ToolInput<Name>
  return runners[name](apis, parsed, options)
}

type Defined<T> = T extends readonly (infer Item)[]
  ? Defined<Item>[]
  : T extends object
    ? { [Key in keyof T]: Defined<Exclude<T[Key], undefined>> }
    : T

/** Without undefined properties, all the way down; the clients tell absent from undefined. */
function defined<T>(value: T): Defined<T> {
  if (Array.isArray(value)) return value.map((item: unknown) => defined(item)) as Defined<T>
  if (typeof value !== 'object' || value === null) return value as Defined<T>
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(entries.map(([key, inner]) => [key, defined(inner)])) as Defined<T>
}
