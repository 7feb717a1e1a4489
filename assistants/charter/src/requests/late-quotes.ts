import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow, WorkflowRun } from '@holdfast/agents/workflows'
import type { Quote } from '@holdfast/connectors/avinode'
import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import * as z from 'zod'
import { keepQuotes, noteChanges } from './keep-quotes.ts'
import type { QuoteChange } from './keep-quotes.ts'
import { inMoney } from './offers.ts'
import { rank } from './ranking.ts'
import { OFFERS_CHANGED } from './signals.ts'
import { PATIENTLY } from './tools.ts'
import type { CharterTerms, CharterTools } from './tools.ts'
import { tripInWords, tripSchema } from './trip.ts'
import type { Trip } from './trip.ts'

/** The event that operators may have answered after the search. */
export const QUOTES_CAME_LATE = 'quotes-came-late'

/** What is told of a late quote. */
interface Late {
  readonly quoteId: string
  /** 1 is the best, of all the quotes there are now; left out for one that cannot be offered. */
  readonly place?: number
  readonly of: number
  readonly words: string
}

/** Where a request stands whose proposal is with the client. */
const SENT: readonly string[] = ['proposed', 'followed-up', 'answered']

/**
 * The agent for quotes that come, are revised or withdrawn after the search: it reads them at Avinode, ranks all of them again, and tells the desk's people where they stand. The request is told
 * where it can still offer them: then what is put up for approval is made anew.
 * @param version 1 of runs that were begun before requests were told.
 */
export function lateQuotes(
  { avinode, mailer }: CharterTools,
  { deskEmail, deskName }: CharterTerms,
  version: number,
): Workflow<{ rfqId: string }, { readonly late: number }> {
  return defineWorkflow({
    name: 'charter-late-quotes',
    version,
    input: z.object({ rfqId: z.string().max(100) }),
    async run(run, { rfqId }) {
      const { requestId } = run
      if (requestId === undefined) return { late: 0 }
      const seen: { readonly quotes: readonly Quote[]; readonly unread?: number } | readonly Quote[] = await run.step(
        'look',
        async ({ signal }) => {
          const { canceled, quotes, unread = 0 } = await avinode.readQuotes(rfqId, { signal, requestId })
          return canceled ? { quotes: [] } : { quotes, unread }
        },
        PATIENTLY,
      )
      // Runs that were begun before lists could be cut have noted the quotes alone.
      const list = 'quotes' in seen ? seen : { quotes: seen }
      const late = await run.transaction('keep-late', async (transaction) => {
        const request = await transaction
          .selectFrom('requests')
          .select('criteria')
          .where('id', '=', requestId)
          .executeTakeFirst()
        const trip = tripSchema.safeParse(request?.criteria)
        if (!trip.success) return []
        const changes = await keepQuotes(transaction, rfqId, list)
        await noteChanges(transaction, requestId, changes)
        const told = toldOf(changes, list.quotes, trip.data, run.startedAt)
        for (const { words: _, ...one } of told)
          await transaction
            .insertInto('outbox')
            .values({ topic: `request:${requestId}`, event: 'late-quote', payload: json(one) })
            .execute()
        return told
      })
      if (late.length === 0) return { late: 0 }
      const advice = version === 1 ? AS_IT_WAS : await tellRequest(run, requestId)
      await run.step(
        'tell-desk',
        async ({ signal, idempotencyKey }) => {
          const lines = late.map(
            ({ place, of, words }) =>
              `- ${place === undefined ? 'not to be offered' : `place ${place} of ${of}`}: ${words}`,
          )
          const text = [`Quotes of request ${requestId} have changed after the search:`, lines.join('\n'), advice].join(
            '\n\n',
          )
          const subject = `${deskName}: a late quote`
          const { id } = await mailer.send({ to: deskEmail, subject, text }, { signal, idempotencyKey, requestId })
          return { id }
        },
        PATIENTLY,
      )
      return { late: late.length }
    },
  })
}

function toldOf(changes: readonly QuoteChange[], quotes: readonly Quote[], trip: Trip, at: number): readonly Late[] {
  const ranking = rank(quotes, trip, at)
  return changes.map(({ kind, quoteId, operator, before }): Late => {
    const index = ranking.findIndex((quote) => quote.quoteId === quoteId)
    const ranked = ranking[index]
    const was = before?.price === undefined ? '' : `, before ${inMoney(before.price)}`
    const of = { quoteId, of: ranking.length }
    if (ranked === undefined)
      return {
        ...of,
        words: `${operator ?? quoteId}: ${kind === 'withdrawn' ? 'withdrawn' : 'without a price that holds'}${was}`,
      }
    const { aircraft, operator: by, price, reasons } = ranked
    const words = `${aircraft}, ${by}: ${inMoney(price)} (${reasons.join(', ')})${was}, for ${tripInWords(trip)}`
    return { ...of, place: index + 1, words }
  })
}

/** Tells the run that leads a request, where it can still do something with it. @returns what becomes of it, for the desk's people. */
async function tellRequest(run: WorkflowRun, requestId: string): Promise<string> {
  const found = await run.transaction('find-request', (transaction) => leading(transaction, requestId))
  if (found === null) return AS_IT_WAS
  if (SENT.includes(found.status))
    return 'The proposal has been sent already, and is as it was. To offer something else, write to the client, or ask again.'
  if (found.status === 'priced') return 'An offer that is made of the prices is made with them as they are then.'
  const { status } = await run.signal('tell-request', { runId: found.runId, signal: OFFERS_CHANGED })
  return status === 'late'
    ? `The request is over (${found.status}). To offer this, ask again.`
    : 'All quotes are ranked again. What can be offered now is put up for approval, unless it was approved and sent meanwhile.'
}

const AS_IT_WAS = 'The proposal is as it was. To offer these instead, reject it, and ask again.'

/** The run that leads a request, of a version that can be told; and where the request stands. */
async function leading(
  transaction: Transaction,
  requestId: string,
): Promise<{ readonly runId: string; readonly status: string } | null> {
  const found = await transaction
    .selectFrom('workflow_runs')
    .innerJoin('requests', 'requests.id', 'request_id')
    .select(['workflow_runs.id as runId', 'requests.status'])
    .where('request_id', '=', requestId)
    .where('workflow', '=', 'charter-request')
    .where('version', '>', 1)
    .executeTakeFirst()
  return found ?? null
}
