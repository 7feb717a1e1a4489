import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Service = 'n8n' | 'llm' | 'apollo' | 'avinode'

/** A request as a service got it. */
export interface Received {
  readonly service: Service
  /** Method and path, such as `POST /searches`. */
  readonly operation: string
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
}

/** What a service answers: status, content type, body. `never`: it takes the request and says nothing. */
export type Reply = { readonly status?: number; readonly type?: string; readonly body: string } | 'never'

/** The four services of the desk on one port, with invented facts. */
export interface Outside {
  url(service: Service): string
  readonly received: readonly Received[]
  /** The requests that one service got, as `operation`. */
  operations(service: Service): string[]
  /** Resolves once a service has got a request. */
  reached(service: Service): Promise<void>
  /** What the service answers from now on, instead of its facts; of several, each once, and the last one for ever. */
  answer(service: Service, ...replies: Reply[]): void
  close(): Promise<void>
}

const json = (value: unknown): Reply => ({ body: JSON.stringify(value) })
const avinode = (data: unknown): Reply => json({ meta: { errors: [], warnings: [], infos: [] }, data })

const JET = {
  id: 'acraft-1',
  aircraftType: 'Citation CJ3',
  aircraftCategory: 'Light jet',
  aircraftTail: 'N123HF',
  sellerCompany: { displayName: 'Aerolux' },
  maxPax: 7,
  homebase: { icao: 'KVNY' },
}
const LIFT = { ...JET, sellerPrice: { price: 18500, currency: 'USD' }, segments: [{ flightMinutes: 165 }] }
const WHERE = { city: 'Boston', state: 'Massachusetts', country: 'United States' }
const PERSON = {
  ...WHERE,
  id: 'p1',
  first_name: 'Dana',
  last_name: 'Whitlock',
  name: 'Dana Whitlock',
  title: 'Executive Assistant',
  email: 'dana@kitehill.example',
  organization: { name: 'Kite Hill' },
}
const COMPANY = {
  ...WHERE,
  id: 'o1',
  name: 'Kite Hill',
  industry: 'biotechnology',
  estimated_num_employees: 1200,
  primary_domain: 'kitehill.example',
}

const FACTS: Readonly<Record<string, Reply>> = {
  'n8n POST /': json({ output: 'The workflow suggests a Citation CJ3.' }),
  'llm POST /chat/completions': {
    type: 'text/event-stream',
    body: [
      chunk({ role: 'assistant', content: 'The model suggests a Citation CJ3.' }, null),
      chunk({}, 'stop'),
      'data: [DONE]\n\n',
    ].join(''),
  },
  'avinode POST /searches': avinode({ id: 'asearch-1', lift: [LIFT] }),
  'avinode GET /aircraft': avinode([JET]),
  'avinode POST /rfqs': avinode({ id: 'arfq-4471' }),
  'avinode GET /rfqs/arfq-4471': avinode({
    id: 'arfq-4471',
    sellerLift: [{ ...JET, links: { quotes: [{ id: 'aquote-9' }] } }],
  }),
  'avinode GET /quotes/aquote-9': avinode({ id: 'aquote-9', sellerPrice: { price: 21300, currency: 'USD' } }),
  'apollo POST /mixed_people/api_search': json({ people: [PERSON], total_entries: 1 }),
  'apollo POST /people/match': json({ person: PERSON }),
  'apollo POST /mixed_companies/search': json({ organizations: [COMPANY], pagination: { total_entries: 1 } }),
  'apollo POST /emailer_campaigns/search': json({ emailer_campaigns: [{ id: 'c1', name: 'Spring Offers' }] }),
  'apollo POST /contacts/search': json({ contacts: [{ id: 'k1', email: 'dana@kitehill.example' }] }),
  'apollo GET /email_accounts': json({ email_accounts: [{ id: 'm1', active: true, default: true }] }),
  'apollo POST /emailer_campaigns/c1/add_contact_ids': json({ contacts: [{ id: 'k1' }] }),
}

function chunk(delta: object, reason: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: reason }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'm', choices })}\n\n`
}

/** Starts them on 127.0.0.1. */
export async function startOutside(): Promise<Outside> {
  const received: Received[] = []
  const replies = new Map<Service, Reply[]>()
  const waiting: { service: Service; resolve: () => void }[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const [, service = '', ...rest] = url.pathname.split('/')
    const chunks: Buffer[] = []
    request.on('data', (part: Buffer) => chunks.push(part))
    request.on('end', () => {
      const operation = `${request.method} /${rest.join('/')}`
      const text = Buffer.concat(chunks).toString()
      const body = (text === '' ? {} : JSON.parse(text)) as Received['body']
      received.push({ service: service as Service, operation, query: url.searchParams, body })
      for (const one of waiting) if (one.service === service) one.resolve()
      const given = replies.get(service as Service) ?? []
      const reply = (given.length > 1 ? given.shift() : given[0]) ??
        FACTS[`${service} ${operation}`] ?? { status: 404, body: '{}' }
      if (reply === 'never') return
      response.writeHead(reply.status ?? 200, { 'content-type': reply.type ?? 'application/json' }).end(reply.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: (service) => `http://127.0.0.1:${port}/${service}${service === 'n8n' ? '/' : ''}`,
    received,
    operations: (wanted) => received.filter(({ service }) => service === wanted).map(({ operation }) => operation),
    reached: (service) =>
      received.some((request) => request.service === service)
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ service, resolve })),
    answer: (service, ...given) => void replies.set(service, given),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
