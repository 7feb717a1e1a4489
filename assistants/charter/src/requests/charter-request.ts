import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Decision, Workflow, WorkflowRun } from '@holdfast/agents/workflows'
import { json } from '@holdfast/store/database'
import type { EmailMessage } from '@holdfast/connectors/email'
import * as z from 'zod'
import type { KnownClient } from './client-data.ts'
import type { MarketAnswer } from './flight-search.ts'
import type { Letter, LetterKind } from './letters.ts'
import type { Proposal } from './proposal-analysis.ts'
import { CLIENT_ANSWERED } from './signals.ts'
import type { CharterTerms } from './tools.ts'
import { tripSchema } from './trip.ts'
import type { Trip } from './trip.ts'

/** The step at which a person decides about a proposal. */
const APPROVAL = 'approve-proposal'

/** What a request came to. */
export interface CharterOutcome {
  readonly status: 'answered' | 'followed-up' | 'nothing-found' | 'not-approved'
  readonly proposalId?: string
}

interface CharterInput {
  readonly trip: Trip
  readonly client: { readonly email: string; readonly name?: string | undefined }
}

/** Who does what. */
export interface CharterAgents {
  readonly clientData: Workflow<{ email: string; name?: string | undefined }, KnownClient>
  readonly flightSearch: Workflow<Trip, MarketAnswer>
  readonly proposalAnalysis: Workflow<{ trip: Trip; market: Pick<MarketAnswer, 'quotes' | 'missing'> }, Proposal>
  readonly letterWriting: Workflow<Letter, EmailMessage>
  readonly communication: Workflow<{ kind: LetterKind; message: EmailMessage }, { readonly id: string }>
}

/**
 * A request for a flight, from the first word to the last letter: who the client is and what the market offers, side by side; a ranked proposal; a person's approval; the letter; and a
 * second one to a client who has not answered. Each part is an agent of its own, and finished once it was begun.
 */
export function charterRequest(agents: CharterAgents, terms: CharterTerms): Workflow<CharterInput, CharterOutcome> {
  const { clientData, flightSearch, proposalAnalysis, letterWriting, communication } = agents
  const { deskName, approvers, approvalWaitMs, followUpMs } = terms
  return defineWorkflow({
    name: 'charter-request',
    version: 1,
    input: z.object({ trip: tripSchema, client: z.object({ email: z.email(), name: z.string().optional() }) }),
    async run(run, { trip, client: asked }): Promise<CharterOutcome> {
      await mark(run, 'searching')
      const { client, market } = await run.all('prepare', {
        client: (branch) => branch.delegate('client-data', clientData, asked),
        market: (branch) => branch.delegate('flight-search', flightSearch, trip),
      })
      const proposal = await run.delegate('proposal-analysis', proposalAnalysis, {
        trip,
        market: { quotes: market.quotes, missing: market.missing },
      })
      const write = (kind: LetterKind): Promise<EmailMessage> =>
        run.delegate(`write-${kind}`, letterWriting, { kind, client, trip, deskName, ranking: proposal.ranking })
      if (proposal.ranking.length === 0) {
        const message = await write('nothing-found')
        await run.delegate('tell-nothing-found', communication, { kind: 'nothing-found', message })
        await mark(run, 'nothing-found')
        return { status: 'nothing-found' }
      }
      const message = await write('proposal')
      await mark(run, 'waits-for-approval')
      const ask = { letter: message, ranking: proposal.ranking, missing: proposal.missing }
      const decision = await run.approval(APPROVAL, { ask, roles: approvers, timeoutMs: approvalWaitMs })
      if (decision.decision !== 'approved') {
        await settle(run, proposal.id, decision)
        await mark(run, 'not-approved')
        return { status: 'not-approved', proposalId: proposal.id }
      }
      await settle(run, proposal.id, decision)
      await run.delegate('send-proposal', communication, { kind: 'proposal', message })
      await mark(run, 'proposed')
      const answer = await run.waitFor('wait-for-client', { signal: CLIENT_ANSWERED, timeoutMs: followUpMs })
      if (answer.status === 'received') {
        await mark(run, 'answered')
        return { status: 'answered', proposalId: proposal.id }
      }
      await run.delegate('follow-up', communication, { kind: 'follow-up', message: await write('follow-up') })
      await mark(run, 'followed-up')
      return { status: 'followed-up', proposalId: proposal.id }
    },
  })
}

/** Where the request is, for those who look at it and those who watch. */
async function mark(run: WorkflowRun, status: string): Promise<void> {
  await run.transaction(`mark-${status}`, async (transaction) => {
    if (run.requestId === undefined) return null
    await transaction.updateTable('requests').set({ status }).where('id', '=', run.requestId).execute()
    await transaction
      .insertInto('outbox')
      .values({ topic: `request:${run.requestId}`, event: 'status', payload: json({ status }) })
      .execute()
    return null
  })
}

/** Keeps what was decided about the proposal, by whom and when. */
async function settle(run: WorkflowRun, proposal: string, decision: Decision): Promise<void> {
  const approval =
    decision.decision === 'approved'
      ? { status: 'approved', approved_by: decision.by, approved_at: new Date(decision.at) }
      : { status: 'rejected' }
  await run.transaction('settle-proposal', async (transaction) => {
    if (proposal !== '') await transaction.updateTable('proposals').set(approval).where('id', '=', proposal).execute()
    return null
  })
}
