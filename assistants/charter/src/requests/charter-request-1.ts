import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Decision, Workflow, WorkflowRun } from '@holdfast/agents/workflows'
import type { EmailMessage } from '@holdfast/connectors/email'
import type { Clock } from '@holdfast/core'
import { charterInput } from './charter-request.ts'
import type { CharterAgents, CharterInput, CharterOutcome } from './charter-request.ts'
import { departureOf } from './departure.ts'
import { MOST_OFFERS } from './letters.ts'
import type { LetterKind } from './letters.ts'
import { firstEnd } from './offers.ts'
import { mark } from './request-records.ts'
import { CLIENT_ANSWERED } from './signals.ts'
import type { CharterTerms } from './tools.ts'

/**
 * Requests that were begun before offers were looked at again: they are finished in the way they were begun in, but for an offer that is over by itself, which is not sent. To be taken away when
 * nobody has such requests any more.
 */
export function charterRequest1(
  agents: Omit<CharterAgents, 'quoteCheck'>,
  terms: CharterTerms,
  clock: Pick<Clock, 'wallTime'>,
): Workflow<CharterInput, CharterOutcome> {
  const { clientData, flightSearch, proposalAnalysis, letterWriting, communication } = agents
  const { deskName, approvers, approvalWaitMs, followUpMs } = terms
  return defineWorkflow({
    name: 'charter-request',
    version: 1,
    input: charterInput,
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
      const decision = await run.approval('approve-proposal', { ask, roles: approvers, timeoutMs: approvalWaitMs })
      const notAfter = Math.min(departureOf(trip), firstEnd(proposal.ranking.slice(0, MOST_OFFERS)))
      const isOver = await settle(run, proposal.id, decision, () => clock.wallTime() >= notAfter)
      if (decision.decision !== 'approved') {
        await mark(run, 'not-approved')
        return { status: 'not-approved', proposalId: proposal.id }
      }
      const limit = notAfter === Infinity ? {} : { notAfter }
      const sent =
        isOver === true
          ? undefined
          : await run.delegate('send-proposal', communication, { kind: 'proposal', message, ...limit })
      if (sent === undefined || sent.isHeldBack === true) {
        await mark(run, 'offer-expired')
        return { status: 'offer-expired', proposalId: proposal.id }
      }
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

/** Keeps what was decided about the proposal, by whom and when. @returns whether an approved one is over; of runs that were further already, nothing. */
function settle(run: WorkflowRun, id: string, decision: Decision, isOver: () => boolean): Promise<boolean | null> {
  return run.transaction('settle-proposal', async (transaction) => {
    const isLate = decision.decision === 'approved' && isOver()
    const approval =
      decision.decision === 'approved' && !isLate
        ? { status: 'approved', approved_by: decision.by, approved_at: new Date(decision.at) }
        : { status: isLate ? 'expired' : 'rejected' }
    if (id !== '') await transaction.updateTable('proposals').set(approval).where('id', '=', id).execute()
    return isLate
  })
}
