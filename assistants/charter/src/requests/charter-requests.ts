import { defineDesk } from '@holdfast/agents/desks'
import type { Desk, DeskDefinition, DeskHook, DeskRuntime, NewRequest, OpenedRequest } from '@holdfast/agents/desks'
import { createAvinode } from '@holdfast/connectors/avinode'
import { createResend } from '@holdfast/connectors/email'
import { HoldfastError } from '@holdfast/core'
import { isTimeZone } from '../conversation.ts'
import { charterRequest } from './charter-request.ts'
import { clientDataAgent } from './client-data.ts'
import { communicationAgent } from './communication.ts'
import { dailyReport, dayOf } from './daily-report.ts'
import { flightSearchAgent, QUOTES_CHANGED } from './flight-search.ts'
import { proposalAnalysisAgent } from './proposal-analysis.ts'
import type { CharterTerms, CharterTools } from './tools.ts'
import { questionFor, readTrip } from './trip.ts'

/** How the desk for requests goes about them. */
export interface CharterRequestsOptions extends Partial<CharterTerms> {
  /** Default: `charter`. */
  readonly name?: string | undefined
  /** IANA name: where "tomorrow" is meant, and 9:00 of the daily report. Default: `America/New_York`. */
  readonly timeZone?: string | undefined
  /** When the daily report goes out: five fields of cron. Default: `0 9 * * *`. */
  readonly reportCron?: string | undefined
  /** The tools, where they are not those of the configured services. */
  readonly tools?: Partial<CharterTools> | undefined
}

const HOUR_MS = 3_600_000

/** What {@link CharterRequestsOptions} fall back to. */
export const CHARTER_TERMS: Omit<CharterTerms, 'deskName' | 'deskEmail'> = Object.freeze({
  approvers: Object.freeze(['staff']),
  quoteWaitMs: 2 * HOUR_MS,
  lookEveryMs: 300_000,
  quorum: 3,
  approvalWaitMs: 3 * 24 * HOUR_MS,
  followUpMs: 24 * HOUR_MS,
})

/**
 * The charter desk for requests that take hours or days: "four people, Teterboro to Miami, Friday" becomes a search and requests for quotes at Avinode, a ranked proposal with reasons, a
 * letter that a person approves, and a second letter to a client who has not answered after a day. A daily report goes out at 9:00.
 *
 * @throws HoldfastError `INVALID_OPTION` for a time zone that there is not.
 */
export function charterRequests(options: CharterRequestsOptions = {}): DeskDefinition {
  const { name = 'charter', timeZone = 'America/New_York' } = options
  if (!isTimeZone(timeZone)) throw invalidZone(timeZone)
  return defineDesk({
    name,
    title: 'Charter desk',
    integrations: ['avinode', 'resend'],
    build: (runtime) => buildDesk(runtime, { ...options, timeZone }),
  })
}

function buildDesk(runtime: DeskRuntime, options: CharterRequestsOptions & { readonly timeZone: string }): Desk {
  const { timeZone, reportCron = '0 9 * * *' } = options
  const terms: CharterTerms = {
    ...CHARTER_TERMS,
    deskName: runtime.contact.name ?? 'The charter desk',
    deskEmail: runtime.contact.email ?? 'desk@example.com',
    ...defined(options),
  }
  const opened = toolsOf(runtime, options.tools)
  const { tools } = opened
  const agents = {
    clientData: clientDataAgent(tools),
    flightSearch: flightSearchAgent(tools, terms),
    proposalAnalysis: proposalAnalysisAgent(),
    communication: communicationAgent(tools),
  }
  const request = charterRequest(agents, terms)
  const report = dailyReport(tools, terms)
  return {
    workflows: [request, ...Object.values(agents), report],
    open: (asked) => open(asked, { request, now: () => runtime.clock.wallTime(), timeZone }),
    hooks: { avinode: (hook) => quotesChanged(runtime, hook) },
    schedules: [
      {
        name: 'daily-report',
        cron: reportCron,
        timeZone,
        workflow: report,
        input: (at) => ({ day: dayOf(at, timeZone), until: at }),
        key: (at) => dayOf(at, timeZone),
      },
    ],
    close: opened.close,
  }
}

function open(
  { text, client }: NewRequest,
  {
    request,
    now,
    timeZone,
  }: { readonly request: ReturnType<typeof charterRequest>; readonly now: () => number; readonly timeZone: string },
): OpenedRequest {
  const read = readTrip(text, { now: new Date(now()), timeZone })
  const missing = 'missing' in read ? [...read.missing] : []
  if (client?.email === undefined) missing.push('client.email')
  if ('missing' in read || client?.email === undefined) {
    return {
      missing,
      question: questionFor(missing.map((name) => (name === 'client.email' ? 'where to write to' : name))),
    }
  }
  const { email, name } = client
  return {
    workflow: request,
    input: { trip: read.trip, client: { email, ...(name === undefined ? {} : { name }) } },
    criteria: { ...read.trip, language: read.language },
  }
}

/** Avinode tells that something has happened with a request for quotes. Only which one is taken from it. */
async function quotesChanged({ store }: DeskRuntime, { tenant, body, workflows, signal }: DeskHook): Promise<void> {
  const [rfqId] = /\barfq-\d{1,20}\b/.exec(JSON.stringify(body) ?? '') ?? []
  if (rfqId === undefined) throw unreadable()
  const rfp = await store.asWorker(
    tenant,
    (transaction) =>
      transaction.selectFrom('rfps').select('details').where('external_id', '=', rfqId).executeTakeFirst(),
    { signal },
  )
  const runId = rfp?.details['runId']
  // It is of another system that uses the account, or of a request that has been deleted.
  if (typeof runId !== 'string') return
  await workflows.signal(tenant, runId, QUOTES_CHANGED, null, { signal })
}

function toolsOf(
  runtime: DeskRuntime,
  given: Partial<CharterTools> = {},
): { readonly tools: CharterTools; close(): Promise<void> } {
  const avinode = given.avinode === undefined ? avinodeOf(runtime) : undefined
  const mailer = given.mailer === undefined ? mailerOf(runtime) : undefined
  return {
    tools: { clock: runtime.clock, ...given, avinode: (given.avinode ?? avinode)!, mailer: (given.mailer ?? mailer)! },
    async close() {
      await Promise.all([avinode?.close(), mailer?.close()])
    },
  }
}

function avinodeOf(runtime: DeskRuntime): ReturnType<typeof createAvinode> {
  const { url, credentials, settings } = runtime.service('avinode')
  const { accessToken } = credentials
  const { product } = settings
  return createAvinode({
    apiToken: credentials['apiKey'] ?? '',
    baseUrl: url,
    integration: runtime.integration('avinode'),
    clock: runtime.clock,
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(product === undefined ? {} : { product }),
  })
}

function mailerOf(runtime: DeskRuntime): ReturnType<typeof createResend> {
  const { url, credentials, settings } = runtime.service('resend')
  return createResend({
    apiKey: credentials['apiKey'] ?? '',
    from: settings['from'] ?? runtime.contact.email ?? 'desk@example.com',
    baseUrl: url,
    integration: runtime.integration('resend'),
  })
}

function defined(options: CharterRequestsOptions): Partial<CharterTerms> {
  const terms = [
    'deskName',
    'deskEmail',
    'approvers',
    'quoteWaitMs',
    'lookEveryMs',
    'quorum',
    'approvalWaitMs',
    'followUpMs',
  ] as const
  return Object.fromEntries(terms.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])))
}

function unreadable(): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_INPUT',
    category: 'validation',
    message: 'The body names no request for quotes; it must hold an id like "arfq-10000001".',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

function invalidZone(zone: unknown): HoldfastError {
  const came = typeof zone === 'string' ? JSON.stringify(zone.slice(0, 80)) : String(zone)
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message: `timeZone must be the IANA name of a time zone, such as "America/New_York"; it is ${came}.`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
