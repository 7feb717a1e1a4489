import { defineMcpTool } from '@holdfast/agents/mcp'
import type { McpTool } from '@holdfast/agents/mcp'
import { AIRCRAFT_CATEGORIES } from '@holdfast/connectors/avinode'
import type { Avinode } from '@holdfast/connectors/avinode'
import { z } from 'zod'
import { idempotencyKey, writeOptions } from './inputs.ts'

const icao = z
  .string()
  .regex(/^[A-Z][A-Z0-9]{3}$/)
  .describe('ICAO code of four characters, such as KTEB')
const category = z.enum(AIRCRAFT_CATEGORIES).optional()

const trip = {
  segments: z
    .array(
      z.object({
        from: icao,
        to: icao,
        date: z.iso.date().describe('YYYY-MM-DD, local to the departure'),
        time: z
          .string()
          .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
          .optional()
          .describe('HH:MM, local to the departure'),
      }),
    )
    .min(1)
    .max(20)
    .describe('The legs in the order of flight; a return trip has two'),
  passengers: z.int().min(1).max(500),
  category,
}

const requestId = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/)
  .describe('Such as arfq-12345678')

const price = z.object({ amount: z.number(), currency: z.string() })

const aircraftFields = {
  id: z.string(),
  aircraftType: z.string(),
  category: z.string().optional(),
  tail: z.string().optional(),
  operator: z.string().optional(),
  maxPassengers: z.number().optional(),
  yearOfMake: z.number().optional(),
  homeBase: z.string().optional(),
}
const aircraft = z.object(aircraftFields)

const READS = { readOnlyHint: true, openWorldHint: true } as const

/** Avinode as tools: aircraft for a trip, the fleet, requests for quotes, the quotes. */
export function avinodeTools(avinode: Avinode): readonly McpTool[] {
  return [
    defineMcpTool({
      name: 'search_aircraft',
      title: 'Search aircraft',
      description: 'Finds aircraft that can fly a trip, with estimated prices, which bind nobody. Changes nothing.',
      input: z.object(trip),
      output: z.object({
        searchId: z.string().optional(),
        offers: z.array(
          z.object({
            ...aircraftFields,
            estimatedPrice: price.optional(),
            flightMinutes: z.number().optional(),
          }),
        ),
      }),
      annotations: READS,
      run: ({ category: kind, ...rest }, { signal }) =>
        avinode.searchAircraft({ ...withTimes(rest), ...(kind === undefined ? {} : { category: kind }) }, { signal }),
    }),
    defineMcpTool({
      name: 'list_fleet',
      title: 'List the fleet',
      description: 'Lists the aircraft that the account can see, by category, operator or home base. Changes nothing.',
      input: z.object({
        category,
        operator: z.string().min(1).max(200).optional().describe("A part of the operator's name"),
        base: icao.optional(),
      }),
      output: z.object({ aircraft: z.array(aircraft) }),
      annotations: READS,
      run: async (query, { signal }) => ({ aircraft: await avinode.listFleet(defined(query), { signal }) }),
    }),
    defineMcpTool({
      name: 'request_quotes',
      title: 'Request quotes',
      description:
        'Asks operators for binding quotes for a trip. It sends a real request to real people: only when the customer has asked for quotes.',
      input: z.object({
        ...trip,
        notes: z.string().max(2_000).optional().describe('For the operators'),
        idempotencyKey,
      }),
      output: z.object({
        requestId: z.string(),
        tripId: z.string().optional(),
        viewUrl: z.string().optional(),
        problems: z.array(z.string()),
      }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
      run: ({ idempotencyKey: key, notes, category: kind, ...rest }, { signal }) =>
        avinode.requestQuote(
          {
            ...withTimes(rest),
            ...(kind === undefined ? {} : { category: kind }),
            ...(notes === undefined ? {} : { notes }),
          },
          writeOptions(signal, key),
        ),
    }),
    defineMcpTool({
      name: 'read_quotes',
      title: 'Read quotes',
      description: 'Reads the quotes that have come in for a request so far, up to 100. Changes nothing.',
      input: z.object({ requestId }),
      output: z.object({
        requestId: z.string(),
        tripId: z.string().optional(),
        canceled: z.boolean(),
        quotes: z.array(
          z.object({
            id: z.string(),
            aircraft,
            operator: z.string().optional(),
            price: price.optional(),
            status: z.string().optional(),
            message: z.string().optional(),
            validUntil: z.string().optional(),
          }),
        ),
        unread: z.int().optional().describe('How many more there are that were not read'),
        unanswered: z.array(aircraft),
      }),
      annotations: READS,
      run: (input, { signal }) => avinode.readQuotes(input.requestId, { signal }),
    }),
    defineMcpTool({
      name: 'cancel_request',
      title: 'Cancel a request',
      description: 'Calls a request for quotes off. Only when the customer has said so. Doing it twice does no harm.',
      input: z.object({
        requestId,
        reason: z.enum(['BY_CLIENT', 'CHANGED', 'BOOKED', 'OTHER']).optional(),
        message: z.string().max(2_000).optional().describe('For the operators'),
      }),
      output: z.object({ requestId: z.string(), canceled: z.literal(true) }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
      async run(input, { signal }) {
        await avinode.cancel(defined(input), { signal })
        return { requestId: input.requestId, canceled: true }
      },
    }),
  ]
}

type Segment = { from: string; to: string; date: string; time?: string | undefined }

/** Without what is only there as `undefined`. */
function withTimes<Trip extends { segments: readonly Segment[] }>({ segments, ...rest }: Trip) {
  return {
    ...rest,
    segments: segments.map(({ time, ...leg }) => (time === undefined ? leg : { ...leg, time })),
  }
}

function defined<Fields extends object>(fields: Fields): { [Key in keyof Fields]: NonNullable<Fields[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
