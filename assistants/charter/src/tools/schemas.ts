import { SENIORITIES } from '@holdfast/connectors/apollo'
import { AIRCRAFT_CATEGORIES } from '@holdfast/connectors/avinode'
import { z } from 'zod'

const icao = z
  .string()
  .regex(/^[A-Z][A-Z0-9]{3}$/)
  .describe('ICAO code of four characters, such as KTEB')
const category = z.string().describe(`Aircraft category, one of: ${AIRCRAFT_CATEGORIES.join(', ')}`)
const words = (what: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  z.array(z.string().min(1).max(200)).max(25).optional().describe(what)

const trip = {
  segments: z
    .array(
      z.object({
        from: icao,
        to: icao,
        date: z.iso.date().describe('YYYY-MM-DD, local to the departure'),
        time: z
          .string()
          .regex(/^\d{2}:\d{2}$/)
          .optional()
          .describe('HH:MM, local to the departure'),
      }),
    )
    .min(1)
    .max(20)
    .describe('The legs in the order of flight; a return trip has two'),
  passengers: z.int().min(1).max(500),
  category: category.optional(),
}

/** What each tool takes. */
export const TOOL_INPUTS = {
  search_aircraft: z.object(trip),
  list_fleet: z.object({
    category: category.optional(),
    operator: z.string().min(1).optional().describe("A part of the operator's name"),
    base: icao.optional(),
  }),
  request_quote: z.object({ ...trip, notes: z.string().max(2000).optional().describe('For the operators') }),
  read_quotes: z.object({ requestId: z.string().min(1).max(64).describe('Such as arfq-12345678') }),
  find_people: z.object({
    titles: words('Job titles'),
    seniorities: z.array(z.enum(SENIORITIES)).optional(),
    locations: words('Cities, states or countries'),
    keywords: words('Industries and the like'),
    organisations: words('Names of employers'),
  }),
  enrich_person: z.object({
    name: z.string().min(1).optional(),
    email: z.string().min(3).optional(),
    organisation: z.string().min(1).optional(),
    domain: z.string().min(3).optional(),
  }),
  find_organisations: z.object({
    name: z.string().min(1).optional(),
    locations: words('Cities, states or countries'),
    keywords: words('Industries and the like'),
  }),
  add_to_sequence: z.object({
    emails: z.array(z.string().min(3)).min(1).max(100),
    sequence: z.string().min(1).describe('The name of an existing sequence'),
  }),
} as const

/** What each tool is for, as the language model is told. */
export const TOOL_DESCRIPTIONS: Readonly<Record<keyof typeof TOOL_INPUTS, string>> = {
  search_aircraft: 'Finds aircraft that can fly a trip, with estimated prices. Changes nothing.',
  list_fleet: 'Lists aircraft by category, operator or home base. Changes nothing.',
  request_quote:
    'Asks operators for binding quotes for a trip. It sends a real request: use it only when the customer asks for a quote.',
  read_quotes: 'Reads the quotes that have come in for a request. Changes nothing.',
  find_people: 'Finds people to contact by title, place, industry or employer. Changes nothing.',
  enrich_person: 'Looks one person up, by e-mail address or by name and employer, with contact details. Costs credits.',
  find_organisations: 'Finds companies by place and industry, or by name. Changes nothing.',
  add_to_sequence:
    'Adds people to an outreach sequence, which then writes to them. Use it only when the customer asks for it.',
}

/** Tools that change something in another system. */
export const WRITE_TOOLS: ReadonlySet<string> = new Set(['request_quote', 'add_to_sequence'])
