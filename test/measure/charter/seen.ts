import type { Plan } from '@holdfast/assistant-charter/report'
import type { ReceivedRequest } from '../../harness/desk.ts'

/** A deed as it can be told from both ends: what was decided, and what an API received. */
export interface Deed {
  readonly tool: string
  /** Arguments in one fixed form, as JSON. */
  readonly input: string
}

type Fields = Readonly<Record<string, unknown>>

/** What was decided, as far as it can be seen at the API. */
export function decided(plan: Extract<Plan, { kind: 'call' }>, visible: 'at-the-api' | 'at-the-model'): Deed {
  return deed(plan.tool, plan.input, visible)
}

/** The tool calls that a language model was shown to have made, out of the bodies of the requests to it. */
export function calledByModel(requests: readonly ReceivedRequest[]): Deed[] {
  const calls = new Map<string, Deed>()
  for (const { body } of requests) {
    // The journal cuts long bodies, so they are not whole JSON documents.
    const pattern = /"id":"([^"]+)","type":"function","function":\{"name":"([^"]+)","arguments":("(?:[^"\\]|\\.)*")\}/g
    for (const [, id = '', tool = '', quoted = '""'] of (body ?? '').matchAll(pattern)) {
      const input = JSON.parse(JSON.parse(quoted) as string) as Fields
      calls.set(id, deed(tool, input, 'at-the-model'))
    }
  }
  return [...calls.values()]
}

/** What the requests that two APIs received for one question amount to; `wanted` tells two deeds apart that look the same there. */
export function seenAtApis(requests: readonly ReceivedRequest[], wanted?: string): Deed[] {
  const deeds: Deed[] = []
  for (const request of requests) {
    const query = new URLSearchParams(request.query)
    const one = (name: string): string | undefined => query.get(name) ?? undefined
    const operation = `${request.method} ${request.path.replace(/^\/api(\/v1)?/, '')}`
    const id = /^GET \/rfqs\/([^/]+)$/.exec(operation)?.[1]
    if (operation === 'POST /searches') deeds.push(deed('search_aircraft', tripOf(request), 'at-the-api'))
    else if (operation === 'POST /rfqs') deeds.push(deed('request_quote', tripOf(request), 'at-the-api'))
    else if (operation === 'GET /aircraft') deeds.push(deed('list_fleet', {}, 'at-the-api'))
    else if (id !== undefined) deeds.push(deed('read_quotes', { requestId: decodeURIComponent(id) }, 'at-the-api'))
    else if (operation === 'POST /mixed_people/api_search') {
      const words = one('q_keywords')
      const input =
        wanted === 'enrich_person'
          ? { name: words }
          : {
              titles: query.getAll('person_titles[]'),
              seniorities: query.getAll('person_seniorities[]'),
              locations: query.getAll('person_locations[]'),
              keywords: words === undefined ? [] : [words],
            }
      deeds.push(deed(wanted === 'enrich_person' ? wanted : 'find_people', input, 'at-the-api'))
    } else if (operation === 'POST /people/match') {
      const input = { name: one('name'), email: one('email'), organisation: one('organization_name') }
      deeds.push(deed('enrich_person', input, 'at-the-api'))
    } else if (operation === 'POST /mixed_companies/search') {
      const input = {
        name: one('q_organization_name'),
        locations: query.getAll('organization_locations[]'),
        keywords: query.getAll('q_organization_keyword_tags[]'),
      }
      deeds.push(deed('find_organisations', input, 'at-the-api'))
    } else if (operation === 'POST /emailer_campaigns/search') {
      deeds.push(deed('add_to_sequence', { sequence: one('q_name') }, 'at-the-api'))
    }
  }
  return deeds
}

/** How many requests changed something at an API. */
export function writesIn(requests: readonly ReceivedRequest[]): number {
  return requests.filter(({ method, path }) => method === 'POST' && /\/rfqs$|\/add_contact_ids$/.test(path)).length
}

function tripOf({ body }: ReceivedRequest): Fields {
  const { segments = [], criteria } = JSON.parse(body ?? '{}') as {
    segments?: readonly {
      startAirport: { icao: string }
      endAirport: { icao: string }
      dateTime: { date: string; time: string }
      timeTBD: boolean
      paxCount: string
    }[]
    criteria?: { requiredLift?: readonly { aircraftCategory?: string }[] }
  }
  return {
    segments: segments.map(({ startAirport, endAirport, dateTime, timeTBD }) => ({
      from: startAirport.icao,
      to: endAirport.icao,
      date: dateTime.date,
      ...(timeTBD ? {} : { time: dateTime.time }),
    })),
    passengers: Number(segments[0]?.paxCount),
    category: criteria?.requiredLift?.[0]?.aircraftCategory,
  }
}

function deed(tool: string, input: Fields, visible: 'at-the-api' | 'at-the-model'): Deed {
  return { tool, input: JSON.stringify(inFixedForm(tool, input, visible)) }
}

function inFixedForm(tool: string, input: Fields, visible: 'at-the-api' | 'at-the-model'): Fields {
  switch (tool) {
    case 'search_aircraft':
    case 'request_quote': {
      const legs = (input['segments'] as readonly Fields[] | undefined) ?? []
      return {
        segments: legs.map(({ from, to, date, time }) => ({ from, to, date, time })),
        passengers: input['passengers'],
        category: plainCategory(input['category']),
      }
    }
    case 'list_fleet':
      // Avinode gives the whole fleet; which of it was asked for is picked out by the client.
      return visible === 'at-the-api'
        ? {}
        : { category: input['category'], operator: input['operator'], base: input['base'] }
    case 'read_quotes':
      return { requestId: input['requestId'] }
    case 'find_people':
      return {
        titles: listed(input['titles']),
        seniorities: listed(input['seniorities']),
        locations: listed(input['locations']),
        // Apollo has one field for both.
        words: [...listed(input['keywords']), ...listed(input['organisations'])].join(' '),
      }
    case 'enrich_person':
      return { name: input['name'], email: input['email'], organisation: input['organisation'] }
    case 'find_organisations':
      return { name: input['name'], locations: listed(input['locations']), keywords: listed(input['keywords']) }
    case 'add_to_sequence':
      // Whom to add is looked up once the sequence is found; the sandbox does not have those of the questions.
      if (visible === 'at-the-api') return { sequence: input['sequence'] }
      return {
        sequence: input['sequence'],
        emails: listed(input['emails'])
          .map((email) => email.toLowerCase())
          .sort(),
      }
    default:
      return input
  }
}

function listed(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function plainCategory(category: unknown): string {
  return (typeof category === 'string' ? category : '')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '')
    .replace(/jets?$/, '')
}
