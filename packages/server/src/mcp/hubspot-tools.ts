import { defineMcpTool } from '@holdfast/agents/mcp'
import type { McpTool } from '@holdfast/agents/mcp'
import { HUBSPOT_OPERATORS, HUBSPOT_TYPES } from '@holdfast/connectors/hubspot'
import type { HubSpot } from '@holdfast/connectors/hubspot'
import { z } from 'zod'
import { idempotencyKey, writeOptions } from './inputs.ts'

const type = z.enum(HUBSPOT_TYPES)
const property = z.string().regex(/^[a-z][a-z0-9_]{0,99}$/)
const value = z.union([z.string().max(10_000), z.number(), z.boolean()])
const properties = z.array(property).max(50).optional().describe('Which properties are wanted; the usual ones without')
const set = z.record(property, value).describe('Properties, such as firstname, lastname, phone, dealname, amount')
const id = z.string().min(1).max(300)
const ownId = z
  .string()
  .regex(/^\d{1,20}$/)
  .describe("HubSpot's own id")
const side = z.object({ type, id: ownId })

const recordFields = {
  id: z.string(),
  properties: z.record(z.string(), z.string()),
  createdAt: z.string().optional(),
  updatedAt: z.string().optional(),
}
const record = z.object(recordFields)

const READS = { readOnlyHint: true, openWorldHint: true } as const
const REPEATABLE = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true } as const

/** More than a model can read of one record. */
const MAX_ASSOCIATIONS = 200

/** HubSpot as tools: contacts, companies, deals, and what belongs together. */
export function hubspotTools(hubspot: HubSpot): readonly McpTool[] {
  return [
    defineMcpTool({
      name: 'get_record',
      title: 'Look a record up',
      description:
        "Gives a contact, company or deal, by HubSpot's id or by a unique property such as email. Changes nothing.",
      input: z.object({ type, id, idProperty: property.optional().describe('Such as email'), properties }),
      output: z.object({ found: z.boolean(), record: record.optional() }),
      annotations: READS,
      async run({ type: kind, ...which }, { signal }) {
        const found = await hubspot.get(kind, which, { signal })
        return found === undefined ? { found: false } : { found: true, record: found }
      },
    }),
    defineMcpTool({
      name: 'search_records',
      title: 'Search records',
      description:
        'Finds contacts, companies or deals by words, or by properties, of which all must be so. Changes nothing.',
      input: z.object({
        type,
        text: z.string().min(1).max(300).optional(),
        filters: z
          .array(
            z.object({
              property,
              operator: z.enum(HUBSPOT_OPERATORS).optional(),
              value: value.optional(),
              highValue: value.optional(),
              values: z.array(value).min(1).max(100).optional(),
            }),
          )
          .min(1)
          .max(6)
          .optional(),
        properties,
        limit: z.int().min(1).max(100).optional(),
        after: z.string().max(200).optional().describe('From the page before'),
      }),
      output: z.object({ items: z.array(record), total: z.number(), after: z.string().optional() }),
      annotations: READS,
      async run({ type: kind, limit = 20, ...query }, { signal }) {
        const page = await hubspot.search(kind, { ...query, limit }, { signal })
        return { ...page, items: [...page.items] }
      },
    }),
    defineMcpTool({
      name: 'list_associations',
      title: 'List what belongs to a record',
      description: 'Lists the ids of the contacts, companies or deals that belong to a record. Changes nothing.',
      input: z.object({ from: side, toType: type }),
      output: z.object({
        items: z.array(z.object({ id: z.string(), labels: z.array(z.string()) })),
        complete: z.boolean(),
      }),
      annotations: READS,
      async run({ from, toType }, { signal }) {
        const items: { id: string; labels: string[] }[] = []
        for await (const one of hubspot.associations(from, toType, { signal })) {
          if (items.length === MAX_ASSOCIATIONS) return { items, complete: false }
          items.push({ id: one.id, labels: [...one.labels] })
        }
        return { items, complete: true }
      },
    }),
    defineMcpTool({
      name: 'upsert_record',
      title: 'Create or change by a unique property',
      description:
        'Creates the record with this value of a unique property (of contacts: email), or sets properties of the one there is. Only when the customer has asked for it. Doing it twice does no harm.',
      input: z.object({ type, id, idProperty: property, properties: set }),
      output: z.object({ ...recordFields, created: z.boolean() }),
      annotations: REPEATABLE,
      run: ({ type: kind, ...rest }, { signal }) => hubspot.upsert(kind, rest, { signal }),
    }),
    defineMcpTool({
      name: 'create_record',
      title: 'Create a record',
      description:
        'Creates a record without a unique property, a deal for example. Only when the customer has asked for it.',
      input: z.object({ type, properties: set, idempotencyKey }),
      output: record,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
      run: ({ type: kind, properties: all, idempotencyKey: key }, { signal }) =>
        hubspot.create(kind, all, writeOptions(signal, key)),
    }),
    defineMcpTool({
      name: 'update_record',
      title: 'Change a record',
      description: 'Sets properties of a record. Only when the customer has asked for it. Doing it twice does no harm.',
      input: z.object({ type, id, idProperty: property.optional(), properties: set }),
      output: record,
      annotations: REPEATABLE,
      run: ({ type: kind, ...rest }, { signal }) => hubspot.update(kind, rest, { signal }),
    }),
    defineMcpTool({
      name: 'associate_records',
      title: 'Put records together',
      description:
        'Says that two records belong together. Only when the customer has asked for it. Doing it twice does no harm.',
      input: z.object({ from: side, to: side }),
      output: z.object({ associated: z.literal(true) }),
      annotations: { ...REPEATABLE, destructiveHint: false },
      async run({ from, to }, { signal }) {
        await hubspot.associate(from, to, { signal })
        return { associated: true }
      },
    }),
  ]
}
