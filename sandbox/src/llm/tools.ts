import type { Understanding } from '../brain/understanding.ts'
import type { ToolCall } from './spoken.ts'
import type { ChatRequest } from './request.ts'

type Tools = NonNullable<ChatRequest['tools']>

/** Words of tool names for each intent, best first; all words of one entry must occur in the name. */
const NAMES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'search-aircraft': [['search', 'aircraft'], ['aircraft'], ['flight']],
  'list-fleet': [['fleet']],
  'request-quote': [
    ['request', 'quote'],
    ['request', 'rfq'],
    ['create', 'rfq'],
  ],
  'read-quotes': [['read', 'quotes'], ['get', 'quotes'], ['quotes']],
  'find-people': [['find', 'people'], ['search', 'people'], ['people']],
  'enrich-person': [['enrich', 'person'], ['enrich'], ['match']],
  'find-organisations': [['find', 'organisations'], ['organisations'], ['organizations'], ['companies']],
  'add-to-sequence': [['add', 'sequence'], ['sequence']],
}

/** The call of the tool that the caller insists on, or of the offered one that fits, its arguments cut to what the tool takes. */
export function toolCall(
  understanding: Understanding,
  { tools, tool_choice: choice }: Pick<ChatRequest, 'tools' | 'tool_choice'>,
  turn: number,
): ToolCall | undefined {
  if (choice === 'none') return undefined
  const offered = tools ?? []
  const named = typeof choice === 'object' ? choice?.function.name : undefined
  const tool =
    offered.find((one) => one.function.name === named) ??
    fitting(understanding.intent, offered) ??
    (choice === 'required' ? offered.at(-1) : undefined)
  if (tool === undefined) return undefined
  const { name, parameters } = tool.function
  // The same conversation gives the same id, a later turn another.
  return {
    id: `call_sandbox_${turn}_${name}`,
    name,
    arguments: taken(argumentsFor(understanding), parameters?.properties),
  }
}

/** What was asked as JSON, its fields cut to those of the schema. */
export function structured(understanding: Understanding, format: NonNullable<ChatRequest['response_format']>): string {
  const fields = { intent: understanding.intent, ...argumentsFor(understanding) }
  return taken(fields, format.json_schema?.schema?.properties)
}

function taken(fields: Readonly<Record<string, unknown>>, properties: object | undefined): string {
  const entries = Object.entries(fields).filter(
    ([field, value]) => value !== undefined && (properties === undefined || field in properties),
  )
  return JSON.stringify(Object.fromEntries(entries))
}

function fitting(intent: string, tools: Tools): Tools[number] | undefined {
  for (const wanted of NAMES[intent] ?? []) {
    const found = tools.find((tool) => {
      const parts = tool.function.name.toLowerCase().split(/[^a-z]+/)
      return wanted.every((word) => parts.includes(word))
    })
    if (found !== undefined) return found
  }
  return undefined
}

function argumentsFor(understanding: Understanding): Record<string, unknown> {
  const { segments, passengers, category, people, person, organisation, sequence, quoteRequestId, fleet } =
    understanding
  switch (understanding.intent) {
    case 'search-aircraft':
    case 'request-quote':
      return { segments, passengers, category }
    case 'list-fleet':
      return { category, operator: fleet?.operator, base: fleet?.base }
    case 'read-quotes':
      return { requestId: quoteRequestId }
    case 'find-people':
      return {
        titles: some(people?.titles),
        seniorities: some(people?.seniorities),
        locations: some(people?.locations),
        keywords: some(people?.keywords),
        organisations: some(people?.organisations),
      }
    case 'enrich-person':
      return { name: person?.name, email: person?.email, organisation: person?.organisation }
    case 'find-organisations':
      return {
        name: organisation?.name,
        locations: some(organisation?.locations),
        keywords: some(organisation?.keywords),
      }
    case 'add-to-sequence':
      return { emails: sequence?.emails, sequence: sequence?.name }
    default:
      return {}
  }
}

function some(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}
