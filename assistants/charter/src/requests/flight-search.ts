import { defineWorkflow } from '@holdfast/agents/workflows'
import type { StepOptions, Workflow } from '@holdfast/agents/workflows'
import type { Quote } from '@holdfast/connectors/avinode'
import type { Clock } from '@holdfast/core'
import { json } from '@holdfast/store/database'
import { keepQuotes } from './keep-quotes.ts'
import { namesOf } from './quote-check.ts'
import { tripSchema } from './trip.ts'
import type { Trip } from './trip.ts'
import { PATIENTLY } from './tools.ts'
import type { CharterTerms, CharterTools } from './tools.ts'

/** The signal that operators may have answered. */
export const QUOTES_CHANGED = 'quotes-changed'

/** What the market offers for a trip. */
export interface MarketAnswer {
  /** At Avinode; absent where nobody could fly it, and so nobody was asked. */
  readonly rfqId?: string
  readonly quotes: readonly Quote[]
  /** Those who were asked and have not answered in time. */
  readonly missing: readonly string[]
  /** `canceled`: somebody has called it off at the marketplace. */
  readonly endedBy: 'all' | 'quorum' | 'deadline' | 'no-aircraft' | 'canceled'
}

/** What was seen; of a run of version 1 nothing is known of `canceled`. */
interface Look extends Pick<MarketAnswer, 'quotes' | 'missing'> {
  readonly canceled?: boolean
}

/**
 * The agent for flights: looks who could fly, asks for quotes, and waits for them. What it is told of from outside is only a hint: the quotes are always read at
 * Avinode itself, so that nobody can slip one in.
 */
export function flightSearchAgent(
  { avinode }: CharterTools,
  terms: CharterTerms,
  clock: Pick<Clock, 'wallTime'>,
  version: number,
): Workflow<Trip, MarketAnswer> {
  const { quoteWaitMs, lookEveryMs, quorum } = terms
  return defineWorkflow({
    name: 'flight-search',
    version,
    input: tripSchema,
    async run(run, trip) {
      const call = run.requestId === undefined ? {} : { requestId: run.requestId }
      const found = await run.step(
        'search-aircraft',
        async ({ signal }) => {
          const { offers } = await avinode.searchAircraft(queryOf(trip), { ...call, signal })
          return { offers: offers.length }
        },
        PATIENTLY,
      )
      if (found.offers === 0) return { quotes: [], missing: [], endedBy: 'no-aircraft' }
      const { requestId: rfqId } = await run.step(
        'request-quotes',
        ({ signal, idempotencyKey }) => avinode.requestQuote(queryOf(trip), { ...call, signal, idempotencyKey }),
        // Avinode knows no key of ours. The desk's memory of writes does: what nobody knows to have been sent is for a person to look at.
        { ...PATIENTLY, awaitsSettlement: true },
      )
      await run.transaction('note-request', async (transaction) => {
        if (run.requestId === undefined) return
        await transaction
          .insertInto('rfps')
          .values({ request_id: run.requestId, external_id: rfqId, status: 'sent', details: json({ runId: run.id }) })
          .execute()
      })
      const look = (name: string, options: StepOptions): Promise<Look> =>
        run.step(
          name,
          async ({ signal }) => {
            const { canceled, quotes, unanswered } = await avinode.readQuotes(rfqId, { ...call, signal })
            return { canceled, quotes, missing: namesOf(unanswered) }
          },
          options,
        )
      // The time decides, and not how often somebody has said that there is something to see.
      const time = (name: string): Promise<number> => run.step(name, () => Promise.resolve(clock.wallTime()))
      const began = await time('begin-to-wait')
      let seen: Look | undefined
      let endedBy: MarketAnswer['endedBy'] | undefined
      let waited = 0
      for (let round = 1; endedBy === undefined; round += 1) {
        const timeoutMs = Math.min(lookEveryMs, quoteWaitMs - waited)
        await run.waitFor(`quotes-${round}`, { signal: QUOTES_CHANGED, timeoutMs })
        waited = (await time(`time-${round}`)) - began
        if (waited >= quoteWaitMs) endedBy = 'deadline'
        try {
          seen = await look(`look-${round}`, { retries: 0 })
        } catch {
          // Avinode is away: the next look comes by itself.
          continue
        }
        const priced = seen.quotes.filter(({ price }) => price !== undefined).length
        if (seen.canceled === true) endedBy = 'canceled'
        else if (seen.missing.length === 0) endedBy = 'all'
        else if (priced >= quorum && waited * 2 >= quoteWaitMs) endedBy ??= 'quorum'
      }
      // What nobody could look at is not nothing.
      const { quotes, missing } = seen ?? (await look('look-late', PATIENTLY))
      const answer: MarketAnswer = { rfqId, quotes, missing, endedBy }
      await run.transaction('keep-quotes', (transaction) => keepQuotes(transaction, rfqId, { quotes }))
      return answer
    },
  })
}

function queryOf({ segments, passengers, category }: Trip): Parameters<CharterTools['avinode']['searchAircraft']>[0] {
  const legs = segments.map(({ time, ...leg }) => (time === undefined ? leg : { ...leg, time }))
  return { segments: legs, passengers, ...(category === undefined ? {} : { category }) }
}
