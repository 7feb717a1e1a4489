import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow } from '@holdfast/agents/workflows'
import type { Quote } from '@holdfast/connectors/avinode'
import { json } from '@holdfast/store/database'
import * as z from 'zod'
import type { MarketAnswer } from './flight-search.ts'
import { rank } from './ranking.ts'
import type { RankedQuote } from './ranking.ts'
import { tripSchema } from './trip.ts'
import type { Trip } from './trip.ts'

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

/** The agent for proposals: ranks the quotes, with reasons, and keeps the proposal. */
export function proposalAnalysisAgent(): Workflow<AnalysisInput, Proposal> {
  return defineWorkflow({
    name: 'proposal-analysis',
    version: 1,
    input: z.object({
      trip: tripSchema,
      market: z.object({ quotes: z.array(z.custom<Quote>()).readonly(), missing: z.array(z.string()).readonly() }),
    }),
    async run(run, { trip, market }) {
      const ranking = rank(market.quotes, trip, run.startedAt)
      const id = await run.transaction('keep-proposal', async (transaction) => {
        if (run.requestId === undefined) return ''
        const row = await transaction
          .insertInto('proposals')
          .values({ request_id: run.requestId, ranking: json(ranking) })
          .returning('id')
          .executeTakeFirstOrThrow()
        return row.id
      })
      return { id, ranking, missing: market.missing }
    },
  })
}
