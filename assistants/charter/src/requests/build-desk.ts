import type { Desk, DeskHook, DeskRuntime, NewRequest, OpenedRequest } from '@holdfast/agents/desks'
import { createAvinode } from '@holdfast/connectors/avinode'
import { createResend } from '@holdfast/connectors/email'
import { HoldfastError } from '@holdfast/core'
import { charterRequest } from './charter-request.ts'
import { clientDataAgent } from './client-data.ts'
import { communicationAgent } from './communication.ts'
import { dailyReport, dayOf } from './daily-report.ts'
import { flightSearchAgent, QUOTES_CHANGED } from './flight-search.ts'
import { proposalAnalysisAgent } from './proposal-analysis.ts'
import { CHARTER_TERMS } from './charter-requests.ts'
import type { CharterRequestsOptions } from './charter-requests.ts'
import type { CharterTerms, CharterTools } from './tools.ts'
import { questionFor, readTrip } from './trip.ts'

/** Puts the desk together. */
export function buildDesk(runtime: DeskRuntime, options: CharterRequestsOptions & { readonly timeZone: string }): Desk {
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
    tools: { ...given, avinode: (given.avinode ?? avinode)!, mailer: (given.mailer ?? mailer)! },
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
