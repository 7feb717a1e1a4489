import { jsonSchema, tool, type ToolSet } from 'ai'

export const QUESTION = 'A jet from Teterboro to Miami for 4 people on December 4, 2026'
/** The stand-in answers at length, so that there is a middle. */
export const SMALL_TALK = 'What can you do?'

export const TRIP = {
  type: 'object',
  properties: {
    passengers: { type: 'number' },
    segments: {
      type: 'array',
      items: {
        type: 'object',
        properties: { from: { type: 'string' }, to: { type: 'string' }, date: { type: 'string' } },
        required: ['from', 'to', 'date'],
      },
    },
  },
  required: ['passengers', 'segments'],
} as const

export const TOOL_NAME = 'search_aircraft'

const OFFER = { aircraftType: 'Learjet 75', operator: 'Kestrel Executive', estimatedPrice: { amount: 19_350 } }

const offered = { description: 'Finds aircraft.', inputSchema: jsonSchema(TRIP) }

/** The offered tool; who asks stops at its call. */
export const tools: ToolSet = { [TOOL_NAME]: tool(offered) }

/** The same as one that runs, and says with what. */
export function runningTools(ran: (input: unknown) => void): ToolSet {
  const execute = (input: unknown): unknown => {
    ran(input)
    return { offers: [OFFER] }
  }
  return { [TOOL_NAME]: tool({ ...offered, execute }) }
}
