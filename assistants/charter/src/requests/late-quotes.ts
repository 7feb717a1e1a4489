import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow } from '@holdfast/agents/workflows'
import { json } from '@holdfast/store/database'
import * as z from 'zod'
import { keepQuotes } from './flight-search.ts'
import { rank } from './ranking.ts'
import { PATIENTLY } from './tools.ts'
import type { CharterTerms, CharterTools } from './tools.ts'
import { tripInWords, tripSchema } from './trip.ts'

/** The event that operators may have answered after the proposal was made. */
export const QUOTES_CAME_LATE = 'quotes-came-late'

/** Where a request stands when a quote is late, and yet of use. */
export const LATE: readonly string[] = ['waits-for-approval', 'proposed']

/** What is told of a late quote. */
interface Late {
  readonly quoteId: string
  /** 1 is the best, of all the quotes there are now. */
  readonly place: number
  readonly of: number
  readonly words: string
}

/**
 * The agent for quotes that come after the proposal was made: it reads them at Avinode, ranks all of them again, and tells the desk's people where the new ones stand. What was proposed stays as it
 * is, since a person may be deciding about it.
 */
export function lateQuotes(
  { avinode, mailer }: CharterTools,
  { deskEmail, deskName }: CharterTerms,
): Workflow<{ rfqId: string }, { readonly late: number }> {
  return defineWorkflow({
    name: 'charter-late-quotes',
    version: 1,
    input: z.object({ rfqId: z.string().max(100) }),
    async run(run, { rfqId }) {
      const { requestId } = run
      if (requestId === undefined) return { late: 0 }
      const quotes = await run.step(
        'look',
        async ({ signal }) => (await avinode.readQuotes(rfqId, { signal, requestId })).quotes,
        PATIENTLY,
      )
      const late = await run.transaction('keep-late', async (transaction) => {
        const request = await transaction
          .selectFrom('requests')
          .select('criteria')
          .where('id', '=', requestId)
          .executeTakeFirst()
        const trip = tripSchema.safeParse(request?.criteria)
        if (!trip.success) return []
        const fresh = await keepQuotes(transaction, rfqId, quotes)
        const ranking = rank(quotes, trip.data, run.startedAt)
        const told = ranking.flatMap(({ quoteId, operator, aircraft, price, reasons }, index): Late[] => {
          if (!fresh.includes(quoteId)) return []
          const amount = `${price.amount.toLocaleString('en-US')} ${price.currency}`
          const words = `${aircraft}, ${operator}: ${amount} (${reasons.join(', ')}), for ${tripInWords(trip.data)}`
          return [{ quoteId, place: index + 1, of: ranking.length, words }]
        })
        for (const { words: _, ...one } of told)
          await transaction
            .insertInto('outbox')
            .values({ topic: `request:${requestId}`, event: 'late-quote', payload: json(one) })
            .execute()
        return told
      })
      if (late.length === 0) return { late: 0 }
      await run.step(
        'tell-desk',
        async ({ signal, idempotencyKey }) => {
          const lines = late.map(({ place, of, words }) => `- place ${place} of ${of}: ${words}`)
          const text = [
            `Quotes have come in for request ${requestId} after its proposal was made:`,
            lines.join('\n'),
            'The proposal is as it was. To offer these instead, reject it, and ask again.',
          ].join('\n\n')
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
