import { defineMcpTool } from '@holdfast/agents/mcp'
import type { McpTool } from '@holdfast/agents/mcp'
import { SENIORITIES } from '@holdfast/connectors/apollo'
import type { Apollo, EnrichQuery, OrganisationQuery, PageRequest, PeopleQuery } from '@holdfast/connectors/apollo'
import { z } from 'zod'
import { idempotencyKey, writeOptions } from './inputs.ts'

const words = (what: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  z.array(z.string().min(1).max(200)).max(25).optional().describe(what)
const word = z.string().min(1).max(200).optional()

const page = {
  page: z.int().min(1).max(500).optional(),
  perPage: z.int().min(1).max(100).optional(),
}

const person = z.object({
  id: z.string(),
  name: z.string(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  title: z.string().optional(),
  seniority: z.string().optional(),
  email: z.string().optional(),
  hasEmail: z.boolean().optional(),
  emailStatus: z.string().optional(),
  linkedinUrl: z.string().optional(),
  city: z.string().optional(),
  state: z.string().optional(),
  country: z.string().optional(),
  organisation: z.object({ id: z.string().optional(), name: z.string(), domain: z.string().optional() }).optional(),
})

const organisation = z.object({
  id: z.string(),
  name: z.string(),
  domain: z.string().optional(),
  websiteUrl: z.string().optional(),
  linkedinUrl: z.string().optional(),
  phone: z.string().optional(),
  industry: z.string().optional(),
  employees: z.number().optional(),
  city: z.string().optional(),
  state: z.string().optional(),
  country: z.string().optional(),
})

const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), page: z.number(), perPage: z.number(), total: z.number().optional() })

const contact = { id: z.string(), email: z.string() }
const READS = { readOnlyHint: true, openWorldHint: true } as const
/** They change nothing but the bill: what says that it only reads is repeated by clients. */
const COSTS = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true } as const

/** Apollo.io as tools: people, companies, enrichment, sequences. */
export function apolloTools(apollo: Apollo): readonly McpTool[] {
  return [
    defineMcpTool({
      name: 'search_people',
      title: 'Search people',
      description:
        'Finds people by title, seniority, place, employer or keyword; at least one of them. Addresses are not among what it gives: enrich_person has them. Changes nothing.',
      input: z.object({
        titles: words('Job titles'),
        seniorities: z.array(z.enum(SENIORITIES)).optional(),
        locations: words('Cities, states or countries'),
        keywords: words('Industries and the like'),
        organisations: words('Names of employers'),
        organisationDomains: words('Domains of employers, such as example.com'),
        ...page,
      }),
      output: pageOf(person),
      annotations: READS,
      run: (query, { signal }) => apollo.searchPeople(defined(query) as PeopleQuery & PageRequest, { signal }),
    }),
    defineMcpTool({
      name: 'search_organisations',
      title: 'Search companies',
      description: 'Finds companies by name, domain, place or keyword; at least one of them. Costs credits.',
      input: z.object({
        name: word,
        domains: words('Such as example.com'),
        locations: words('Cities, states or countries of the headquarters'),
        keywords: words('Industries and the like'),
        ...page,
      }),
      output: pageOf(organisation),
      annotations: COSTS,
      run: (query, { signal }) =>
        apollo.searchOrganisations(defined(query) as OrganisationQuery & PageRequest, { signal }),
    }),
    defineMcpTool({
      name: 'enrich_person',
      title: 'Look a person up',
      description:
        'Gives what is known of one person: by id, by e-mail address, by LinkedIn address, or by name and employer. Costs credits.',
      input: z.object({
        id: word,
        email: z.email().optional(),
        linkedinUrl: z.url().optional(),
        name: word,
        organisation: word,
        domain: word,
      }),
      output: z.object({ found: z.boolean(), person: person.optional() }),
      annotations: COSTS,
      async run(query, { signal }) {
        const found = await apollo.enrichPerson(defined(query) as EnrichQuery, { signal })
        return found === undefined ? { found: false } : { found: true, person: found }
      },
    }),
    defineMcpTool({
      name: 'add_to_sequence',
      title: 'Add people to a sequence',
      description:
        'Adds people to an existing outreach sequence, which then writes to them. Only when the customer has asked for it.',
      input: z.object({
        sequence: z.string().min(1).max(200).describe('The name of an existing sequence, or its id'),
        emails: z.array(z.email()).min(1).max(100),
        idempotencyKey,
      }),
      output: z.object({
        sequence: z.object({ id: z.string(), name: z.string() }),
        added: z.array(z.object(contact)),
        skipped: z.array(z.object({ ...contact, reason: z.string() })),
      }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
      run: ({ idempotencyKey: key, ...addition }, { signal }) =>
        apollo.addToSequence(addition, writeOptions(signal, key)),
    }),
  ]
}

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
