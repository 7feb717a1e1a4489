import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow } from '@holdfast/agents/workflows'
import type { Quote } from '@holdfast/connectors/avinode'
import { json } from '@holdfast/store/database'
import * as z from 'zod'
import { beyondFacts } from './facts.ts'
import type { MarketAnswer } from './flight-search.ts'
import { MOST_OFFERS } from './letters.ts'
import { rank } from './ranking.ts'
import type { RankedQuote } from './ranking.ts'
import { tripSchema } from './trip.ts'
import type { Trip } from './trip.ts'
import { draft, noteWritten } from './writing.ts'
import type { Reasons, ReasonsInput, Writers } from './writing.ts'

/** A proposal as it is kept. */
export interface Proposal {
  readonly id: string
  readonly ranking: readonly RankedQuote[]
  /** Operators who were asked and are not in it, since they had not answered. */
  readonly missing: readonly string[]
}

interface AnalysisInput {
  readonly trip: Trip
  readonly market: Pick<MarketAnswer, 'quotes' | 'missing'>
}

/** The agent for proposals: ranks the quotes by a rule, lets a model say the reasons in words, and keeps the proposal. */
export function proposalAnalysisAgent(writers: Writers | undefined): Workflow<AnalysisInput, Proposal> {
  return defineWorkflow({
    name: 'proposal-analysis',
    version: 1,
    input: z.object({
      trip: tripSchema,
      market: z.object({ quotes: z.array(z.custom<Quote>()).readonly(), missing: z.array(z.string()).readonly() }),
    }),
    async run(run, { trip, market }) {
      const ranked = rank(market.quotes, trip, run.startedAt)
      const best = ranked.slice(0, MOST_OFFERS)
      const asked = askFor(best, trip)
      const { output, written } =
        best.length === 0
          ? { written: undefined }
          : await draft(run, 'say-reasons', writers?.reasons, asked, (said) => problemOf(said, best, asked))
      const ranking = ranked.map((quote) => withWords(quote, output))
      const id = await run.transaction('keep-proposal', async (transaction) => {
        if (run.requestId === undefined) return ''
        const row = await transaction
          .insertInto('proposals')
          .values({ request_id: run.requestId, ranking: json(ranking) })
          .returning('id')
          .executeTakeFirstOrThrow()
        if (written !== undefined) await noteWritten(transaction, run, 'proposal-analysis', 'reasons', written)
        return row.id
      })
      return { id, ranking, missing: market.missing }
    },
  })
}

function askFor(best: readonly RankedQuote[], { passengers }: Trip): ReasonsInput {
  return {
    passengers,
    offers: best.map(({ quoteId, aircraft, operator, tail, reasons }, place) => ({
      quoteId,
      facts: [`Place ${place + 1}`, aircraft, operator, ...(tail === undefined ? [] : [tail]), ...reasons],
    })),
  }
}

/** An answer is for the quotes that were asked about, each once, and each of its own facts. */
function problemOf({ reasons }: Reasons, best: readonly RankedQuote[], asked: ReasonsInput): string | undefined {
  if (new Set(reasons.map(({ quoteId }) => quoteId)).size !== reasons.length || reasons.length !== best.length)
    return 'not one reason for each quote'
  for (const { quoteId, text } of reasons) {
    const facts = asked.offers.find((offer) => offer.quoteId === quoteId)?.facts
    if (facts === undefined) return 'of a quote that there is not'
    const own = best.find((quote) => quote.quoteId === quoteId)!
    if (best.some(({ operator }) => operator !== own.operator && text.includes(operator))) return 'of another operator'
    const wrong = beyondFacts(text, [...facts, `${asked.passengers} passengers`])
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function withWords(quote: RankedQuote, said: Reasons | undefined): RankedQuote {
  const inWords = said?.reasons.find(({ quoteId }) => quoteId === quote.quoteId)?.text
  return inWords === undefined ? quote : { ...quote, inWords }
}
