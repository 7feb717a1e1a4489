import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Orchestrator } from '@holdfast/agents/orchestrator'
import type { Workflow } from '@holdfast/agents/workflows'
import type { Quote } from '@holdfast/connectors/avinode'
import type { EmailMessage } from '@holdfast/connectors/email'
import type { Clock } from '@holdfast/core'
import * as z from 'zod'
import type { KnownClient } from './client-data.ts'
import type { SentLetter } from './communication.ts'
import { departureOf } from './departure.ts'
import type { MarketAnswer } from './flight-search.ts'
import { MOST_OFFERS, pricesFor } from './letters.ts'
import type { Letter, LetterKind } from './letters.ts'
import { changesOf, firstEnd, inUtc, signatureOf } from './offers.ts'
import type { Proposal } from './proposal-analysis.ts'
import type { CheckedQuotes } from './quote-check.ts'
import { planned, PLANS } from './plan.ts'
import type { Plan, PlanRequest } from './plan.ts'
import { rank } from './ranking.ts'
import type { RankedQuote } from './ranking.ts'
import { mark, settle } from './request-records.ts'
import { CLIENT_ANSWERED, MAKE_OFFER, OFFERS_CHANGED } from './signals.ts'
import type { CharterTerms } from './tools.ts'
import { tripSchema } from './trip.ts'
import type { Trip } from './trip.ts'

/** How often offers may change before it is given up: an operator who changes his mind each minute must not keep a run for ever. */
const MOST_ROUNDS = 40

/** What a request came to. */
export interface CharterOutcome {
  /** `offer-expired`: what was offered was over before it could be sent. `called-off`: somebody has cancelled the request for quotes at the marketplace. `priced`: only prices were wanted. */
  readonly status:
    'answered' | 'followed-up' | 'nothing-found' | 'not-approved' | 'offer-expired' | 'called-off' | 'priced'
  readonly proposalId?: string
}

export interface CharterInput {
  readonly trip: Trip
  readonly client: { readonly email: string; readonly name?: string | undefined }
  /** In the customer's words; requests of an earlier version have none. */
  readonly text?: string | undefined
  readonly wanted?: Plan | undefined
}

/** What a request begins with. */
export const charterInput: z.ZodType<CharterInput, CharterInput> = z.object({
  trip: tripSchema,
  client: z.object({ email: z.email(), name: z.string().optional() }),
  text: z.string().optional(),
  wanted: z.enum(PLANS).optional(),
})

/** Who does what. */
export interface CharterAgents {
  readonly clientData: Workflow<{ email: string; name?: string | undefined }, KnownClient>
  readonly flightSearch: Workflow<Trip, MarketAnswer>
  readonly quoteCheck: Workflow<{ rfqId: string; isPatient: boolean }, CheckedQuotes>
  readonly proposalAnalysis: Workflow<{ trip: Trip; market: Pick<MarketAnswer, 'quotes' | 'missing'> }, Proposal>
  readonly letterWriting: Workflow<Letter, EmailMessage>
  readonly communication: Workflow<
    { kind: LetterKind | 'prices'; message: EmailMessage; notAfter?: number | undefined },
    SentLetter
  >
}

/**
 * A request for a flight, from the first word to the last letter: who the client is and what the market offers, side by side; a ranked proposal; a person's approval; the letter; and a
 * second one to a client who has not answered. Each part is an agent of its own, and finished once it was begun. What is offered is looked at again before a person is asked and before
 * the letter goes out: where it does not stand any more, what is left is ranked again and put up for approval again.
 */
export function charterRequest(
  agents: CharterAgents,
  terms: CharterTerms,
  clock: Pick<Clock, 'wallTime'>,
  route: Orchestrator<PlanRequest>['route'],
): Workflow<CharterInput, CharterOutcome> {
  const { clientData, flightSearch, quoteCheck, proposalAnalysis, letterWriting, communication } = agents
  const { deskName, deskEmail, approvers, approvalWaitMs, followUpMs } = terms
  return defineWorkflow({
    name: 'charter-request',
    version: 2,
    input: charterInput,
    async run(run, { trip, client: asked, text = '', wanted }): Promise<CharterOutcome> {
      await mark(run, 'searching')
      let plan = await planned(run, route, { text, wanted })
      const { client, market } = await run.all('prepare', {
        client: (branch) => branch.delegate('client-data', clientData, asked),
        market: (branch) => branch.delegate('flight-search', flightSearch, trip),
      })
      const departure = departureOf(trip)
      const { rfqId = '' } = market
      let { quotes, missing } = market
      let isCalledOff = market.endedBy === 'canceled'
      let proposalId: string | undefined
      /** How often a person was asked. */
      let asks = 0
      /** Why he is asked again. */
      let changes: readonly string[] = []
      const end = async (status: CharterOutcome['status'], round?: number): Promise<CharterOutcome> => {
        await mark(run, status, round)
        return { status, ...(proposalId === undefined ? {} : { proposalId }) }
      }
      for (let round = 1; round <= MOST_ROUNDS && !isCalledOff; round += 1) {
        const step = (name: string): string => (round === 1 ? name : `${name}-${round}`)
        const write = (kind: LetterKind, ranking: Letter['ranking']): Promise<EmailMessage> =>
          run.delegate(step(`write-${kind}`), letterWriting, { kind, client, trip, deskName, ranking })
        const look = async (name: string, isPatient: boolean): Promise<number> => {
          const seen = await run.delegate(step(name), quoteCheck, { rfqId, isPatient })
          quotes = seen.quotes
          missing = seen.missing ?? missing
          isCalledOff = seen.canceled
          return seen.at
        }
        const { id, ranking } = await run.delegate(step('proposal-analysis'), proposalAnalysis, {
          trip,
          market: { quotes, missing },
        })
        if (ranking.length === 0) {
          if (round === 1 && plan === 'offer') {
            const message = await write('nothing-found', ranking)
            await run.delegate('tell-nothing-found', communication, { kind: 'nothing-found', message })
          }
          const outcome = await end(proposalId === undefined ? 'nothing-found' : 'offer-expired', round)
          // A quote that comes yet is offered all the same, up to the flight.
          const timeoutMs = departure - (await run.step(step('time'), () => clock.wallTime()))
          if (rfqId === '' || timeoutMs <= 0) return outcome
          const { status } = await run.waitFor(step('wait-for-quotes'), { signal: OFFERS_CHANGED, timeoutMs })
          if (status === 'timed-out') return outcome
          await look('look-at-late-quotes', true)
          continue
        }
        if (plan === 'market') {
          const message = pricesFor({ deskEmail, deskName, trip, ranking, requestId: run.requestId })
          await run.delegate(step('tell-prices'), communication, { kind: 'prices', message })
          const outcome = await end('priced', round)
          const timeoutMs = Math.max(1, departure - (await run.step(step('time'), () => clock.wallTime())))
          const wish = await run.waitFor(step('wait-for-wish'), { signal: MAKE_OFFER, timeoutMs })
          if (wish.status === 'timed-out') return outcome
          plan = 'offer'
          await look('look-at-prices', true)
          continue
        }
        const message = await write('proposal', ranking)
        const askedAt = await look('look-before-asking', false)
        if (signatureOf(rank(quotes, trip, askedAt)) !== signatureOf(ranking)) continue
        const offered = ranking.slice(0, MOST_OFFERS)
        const bound = boundOf(askedAt, { wait: askedAt + approvalWaitMs, offer: firstEnd(offered), departure })
        await mark(run, 'waits-for-approval', round)
        proposalId = id
        asks += 1
        const decision = await run.approval(asks === 1 ? 'approve-proposal' : `approve-proposal-${asks}`, {
          ask: { letter: message, ranking, missing, until: bound.at, ...(changes.length === 0 ? {} : { changes }) },
          roles: approvers,
          timeoutMs: bound.timeoutMs,
          late: lateWords(bound),
          overtakenBy: OFFERS_CHANGED,
        })
        const isApproved = decision.decision === 'approved'
        if (decision.decision === 'rejected' || (decision.decision === 'timed-out' && bound.by === 'wait')) {
          await settle(run, step('settle-proposal'), id, { status: 'rejected' })
          return end('not-approved', round)
        }
        if (isApproved) await mark(run, 'approved', round)
        const at = await look('look-again', isApproved)
        changes = at < departure ? changesOf(offered, quotes, at) : ['The flight was to begin by now']
        if (!isApproved || isCalledOff || changes.length > 0) {
          const status = decision.decision === 'timed-out' ? 'expired' : 'overtaken'
          await settle(run, step('settle-proposal'), id, { status }, changes)
          if (at >= departure) break
          continue
        }
        await settle(run, step('settle-proposal'), id, {
          status: 'approved',
          approved_by: decision.by,
          approved_at: new Date(decision.at),
        })
        const notAfter = Math.min(departure, firstEnd(quotes.filter((quote) => isOffered(quote, offered))))
        const { isHeldBack } = await run.delegate(step('send-proposal'), communication, {
          kind: 'proposal',
          message,
          ...(notAfter === Infinity ? {} : { notAfter }),
        })
        if (isHeldBack === true) {
          changes = ['The letter could not be sent before an offer was over']
          await settle(run, step('settle-held-back'), id, { status: 'expired' }, changes)
          if ((await look('look-after-sending', false)) >= departure) break
          continue
        }
        await mark(run, 'proposed')
        const answer = await run.waitFor('wait-for-client', { signal: CLIENT_ANSWERED, timeoutMs: followUpMs })
        if (answer.status === 'received') return end('answered')
        await run.delegate('follow-up', communication, {
          kind: 'follow-up',
          message: await write('follow-up', ranking),
        })
        return end('followed-up')
      }
      return end(isCalledOff ? 'called-off' : 'offer-expired')
    },
  })
}

function isOffered({ id }: Quote, offered: readonly RankedQuote[]): boolean {
  return offered.some(({ quoteId }) => quoteId === id)
}

/** Until when a person may decide, and what ends it. */
interface Bound {
  readonly by: 'wait' | 'offer' | 'departure'
  readonly at: number
  readonly timeoutMs: number
}

function boundOf(now: number, ends: Readonly<Record<Bound['by'], number>>): Bound {
  const at = Math.min(...Object.values(ends))
  const by = at === ends.wait ? 'wait' : at === ends.offer ? 'offer' : 'departure'
  return { by, at, timeoutMs: Math.max(1, at - now) }
}

/** What whoever decides after that is told. */
function lateWords({ by, at }: Bound): string {
  const when = inUtc(at)
  switch (by) {
    case 'wait':
      return `The time to decide was over on ${when}. Nothing was sent. To go on, send the request anew.`
    case 'offer':
      return `An offer ran out on ${when}, before it was approved. Nothing was sent. What still holds is put up for approval again: look at the request. Where nothing does, send the request anew.`
    case 'departure':
      return `The flight was to begin on ${when}. Nothing was sent. For another day, send a new request.`
  }
}
