import type { WorkflowRun } from '@holdfast/agents/workflows'
import { json } from '@holdfast/store/database'

/** Where the request is, for those who look at it and those who watch. @param round of a status that it may have several times. */
export async function mark(run: WorkflowRun, status: string, round: number = 1): Promise<void> {
  await run.transaction(round === 1 ? `mark-${status}` : `mark-${status}-${round}`, async (transaction) => {
    if (run.requestId === undefined) return null
    await transaction.updateTable('requests').set({ status }).where('id', '=', run.requestId).execute()
    await transaction
      .insertInto('outbox')
      .values({ topic: `request:${run.requestId}`, event: 'status', payload: json({ status }) })
      .execute()
    return null
  })
}

/** What a proposal has come to. */
interface Settled {
  /** `overtaken`: what it offers has changed; `expired`: it was over before it could be sent. */
  readonly status: 'approved' | 'rejected' | 'overtaken' | 'expired'
  readonly approved_by?: string
  readonly approved_at?: Date
}

/** Keeps what became of a proposal: by whom it was approved and when, or that it does not hold any more, and why. */
export async function settle(
  run: WorkflowRun,
  step: string,
  proposal: string,
  settled: Settled,
  changes: readonly string[] = [],
): Promise<void> {
  await run.transaction(step, async (transaction) => {
    if (proposal !== '') await transaction.updateTable('proposals').set(settled).where('id', '=', proposal).execute()
    if (run.requestId === undefined || changes.length === 0) return null
    const details = json({ changes })
    await transaction
      .insertInto('activities')
      .values({ request_id: run.requestId, agent: 'charter-request', activity: 'offer-changed', details })
      .execute()
    await transaction
      .insertInto('outbox')
      .values({ topic: `request:${run.requestId}`, event: 'offer-changed', payload: details })
      .execute()
    return null
  })
}
