import type { ToolName } from '../tools/run-tool.ts'
import { WRITE_TOOLS } from '../tools/schemas.ts'
import type { Segment, Understanding } from '../understanding/index.ts'

/** What is to be done about a message. */
export type Plan =
  | { readonly kind: 'call'; readonly tool: ToolName; readonly input: Readonly<Record<string, unknown>> }
  | { readonly kind: 'ask'; readonly missing: readonly string[] }
  | { readonly kind: 'refuse'; readonly reason: 'out-of-scope' | 'misuse' }
  | { readonly kind: 'greet' }

/** Turns what was understood into one tool call with its arguments, a question back, a refusal or a greeting. */
export function plan(understanding: Understanding): Plan {
  const { intent, missing } = understanding
  if (intent === 'misuse' || intent === 'out-of-scope') return { kind: 'refuse', reason: intent }
  if (intent === 'greeting' || intent === 'help') return { kind: 'greet' }
  if (missing.length > 0) return { kind: 'ask', missing }
  const { passengers, category, people, person, organisation, sequence, fleet, quoteRequestId } = understanding
  switch (intent) {
    case 'search-aircraft':
    case 'request-quote':
      return {
        kind: 'call',
        tool: intent === 'search-aircraft' ? 'search_aircraft' : 'request_quote',
        input: {
          segments: understanding.segments.map((segment: Segment) => ({ ...segment })),
          passengers,
          ...present({ category }),
        },
      }
    case 'list-fleet':
      return {
        kind: 'call',
        tool: 'list_fleet',
        input: present({ category, operator: fleet?.operator, base: fleet?.base }),
      }
    case 'read-quotes':
      return { kind: 'call', tool: 'read_quotes', input: present({ requestId: quoteRequestId }) }
    case 'find-people':
      return { kind: 'call', tool: 'find_people', input: filled({ ...people }) }
    case 'enrich-person':
      return { kind: 'call', tool: 'enrich_person', input: present({ ...person }) }
    case 'find-organisations':
      return {
        kind: 'call',
        tool: 'find_organisations',
        input: {
          ...present({ name: organisation?.name }),
          ...filled({ locations: organisation?.locations, keywords: organisation?.keywords }),
        },
      }
    case 'add-to-sequence':
      return {
        kind: 'call',
        tool: 'add_to_sequence',
        input: { emails: sequence?.emails ?? [], sequence: sequence?.name },
      }
  }
}

/** Whether a message asks for something to be done in another system, and says all that is needed for it. */
export function asksForWrite(understanding: Understanding): boolean {
  const todo = plan(understanding)
  return todo.kind === 'call' && WRITE_TOOLS.has(todo.tool)
}

function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function filled(fields: Record<string, readonly string[] | undefined>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, list]) => list !== undefined && list.length > 0))
}
