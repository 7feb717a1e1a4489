import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { Desk, DeskHook, DeskRuntime, NewRequest, OpenedRequest } from '@holdfast/agents/desks'
import { HoldfastError } from '@holdfast/core'
import { json } from '@holdfast/store/database'
import { languageModelOf } from '../language-model.ts'
import { charterRequest1 } from './charter-request-1.ts'
import { charterRequest } from './charter-request.ts'
import { clientDataAgent } from './client-data.ts'
import { communicationAgent, letterWritingAgent } from './communication.ts'
import { dailyReport, dayOf } from './daily-report.ts'
import { flightSearchAgent, QUOTES_CHANGED } from './flight-search.ts'
import { lateQuotes, QUOTES_CAME_LATE } from './late-quotes.ts'
import { planner, PLANS } from './plan.ts'
import type { Plan } from './plan.ts'
import { proposalAnalysisAgent } from './proposal-analysis.ts'
import { quoteCheckAgent } from './quote-check.ts'
import { CHARTER_TERMS, CLIENT_SHEET, WRITING_LIMITS } from './charter-requests.ts'
import type { CharterRequestsOptions } from './charter-requests.ts'
import { reconciledClient } from './reconciled-client.ts'
import type { CharterTerms, CharterTools, ClientSheet } from './tools.ts'
import { toolsOver } from './tools-over-mcp.ts'
import { addressIn, questionFor, readTrip } from './trip.ts'
import { writersWith } from './writing.ts'

/** Puts the desk together. */
export function buildDesk(runtime: DeskRuntime, options: CharterRequestsOptions & { readonly timeZone: string }): Desk {
  const { timeZone, reportCron = '0 9 * * *' } = options
  const terms: CharterTerms = {
    ...CHARTER_TERMS,
    deskName: runtime.contact.name ?? 'The charter desk',
    deskEmail: runtime.contact.email ?? 'desk@example.com',
    ...defined(options),
  }
  const { clock, sync } = runtime
  const tools: CharterTools = {
    ...toolsOver(runtime.tools, sheetOf(runtime, options.clientSheet)),
    ...(sync === undefined ? {} : { reconciledClient: (tenant, email) => reconciledClient(sync, tenant, email) }),
  }
  const model = modelOf(runtime, options)
  const writers = model === undefined ? undefined : writersWith(model, { ...WRITING_LIMITS, ...options.writing }, clock)
  const agents = {
    clientData: clientDataAgent(tools),
    flightSearch: flightSearchAgent(tools, terms, clock, 2),
    quoteCheck: quoteCheckAgent(tools, clock),
    proposalAnalysis: proposalAnalysisAgent(writers),
    letterWriting: letterWritingAgent(writers),
    communication: communicationAgent(tools, clock),
  }
  const request = charterRequest(agents, terms, clock, planner(model))
  const report = dailyReport(tools, terms, timeZone)
  const late = lateQuotes(tools, terms, 2)
  // For runs that were begun by an earlier version of the desk.
  const earlier = [
    charterRequest1(agents, terms, clock),
    flightSearchAgent(tools, terms, clock, 1),
    lateQuotes(tools, terms, 1),
  ]
  return {
    workflows: [request, ...Object.values(agents), report, late, ...earlier],
    open: (asked) => open(asked, { request, now: () => clock.wallTime(), timeZone }),
    hooks: { avinode: (hook) => quotesChanged(runtime, hook) },
    triggers: [{ event: QUOTES_CAME_LATE, workflow: late }],
    schedules: [
      {
        name: 'daily-report',
        cron: reportCron,
        timeZone,
        workflow: report,
        input: ({ from, until }) => ({ day: dayOf(until, timeZone), from, until }),
      },
    ],
  }
}

function open(
  { text, client, details }: NewRequest,
  {
    request,
    now,
    timeZone,
  }: { readonly request: ReturnType<typeof charterRequest>; readonly now: () => number; readonly timeZone: string },
): OpenedRequest {
  const read = readTrip(text, client?.name, { now: new Date(now()), timeZone })
  const email = client?.email ?? addressIn(text)
  const missing = 'missing' in read ? [...read.missing] : []
  if (email === undefined) missing.push('client.email')
  if ('missing' in read || email === undefined) {
    return {
      missing,
      question: questionFor(missing.map((name) => (name === 'client.email' ? 'where to write to' : name))),
    }
  }
  const { name } = client ?? {}
  return {
    workflow: request,
    input: { trip: read.trip, client: { email, ...(name === undefined ? {} : { name }) }, text, ...planIn(details) },
    criteria: { ...read.trip, language: read.language },
  }
}

/** The plan that whoever sends the request has said. @throws HoldfastError `INVALID_INPUT` */
function planIn(details: NewRequest['details']): { readonly wanted?: Plan } {
  const plan = details?.['plan']
  if (plan === undefined) return {}
  const wanted = PLANS.find((known) => known === plan)
  if (wanted !== undefined) return { wanted }
  throw invalidInput(`details.plan must be one of ${PLANS.join(', ')}.`)
}

/**
 * Avinode tells that something has happened with a request for quotes. Only which one is taken from it. While it is searched for, whoever searches looks at once; after that the event starts somebody who
 * looks, so that nothing is passed over wherever the request stands.
 */
async function quotesChanged({ store }: DeskRuntime, { tenant, body, workflows, signal }: DeskHook): Promise<void> {
  const [rfqId] = /\barfq-\d{1,20}\b/.exec(JSON.stringify(body) ?? '') ?? []
  if (rfqId === undefined)
    throw invalidInput('The body names no request for quotes; it must hold an id like "arfq-10000001".')
  const rfp = await store.asWorker(
    tenant,
    (transaction) =>
      transaction
        .selectFrom('rfps')
        .innerJoin('requests', 'requests.id', 'rfps.request_id')
        .select(['rfps.details', 'requests.id', 'requests.status'])
        .where('external_id', '=', rfqId)
        .executeTakeFirst(),
    { signal },
  )
  // It is of another system that uses the account, or of a request that has been deleted.
  if (rfp === undefined) return
  const { runId } = rfp.details
  if (rfp.status === 'searching' && typeof runId === 'string') {
    const { status } = await workflows.signal(tenant, runId, QUOTES_CHANGED, null, { signal })
    if (status !== 'late') return
  }
  await store.asWorker(
    tenant,
    (transaction) =>
      transaction
        .insertInto('outbox')
        .values({ topic: `request:${rfp.id}`, event: QUOTES_CAME_LATE, payload: json({ rfqId }) })
        .execute(),
    { signal },
  )
}

/** Where the sheet is not set up, the store alone knows clients. */
function sheetOf({ tools }: DeskRuntime, given: CharterRequestsOptions['clientSheet']): ClientSheet | undefined {
  const isThere = tools.snapshot().some(({ name }) => name === 'google-sheets')
  return isThere ? { ...CLIENT_SHEET, ...given } : undefined
}

/** None, where the words are to be the desk's own. */
function modelOf(runtime: DeskRuntime, { models }: CharterRequestsOptions): LanguageModelV4 | undefined {
  if (models?.length === 0) return undefined
  return languageModelOf(
    runtime,
    models?.map((name) => runtime.model(name)),
  )
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

function invalidInput(message: string): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_INPUT',
    category: 'validation',
    message,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
