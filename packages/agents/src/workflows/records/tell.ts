import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'

/** Of which run something is told. */
export interface ToldRun {
  readonly id: string
  readonly workflow: string
  readonly request_id: string | null
}

/** What is told of a run. `step-started` is for those who watch; the rest is also written down. */
export type WorkflowEventName =
  | 'workflow-started'
  | 'workflow-completed'
  | 'workflow-failed'
  | 'workflow-cancelled'
  | 'workflow-redriven'
  | 'signal-received'
  | 'step-started'
  | 'step-waiting'
  | 'step-retried'
  | 'step-completed'
  | 'step-failed'
  | 'approval-asked'
  | 'approval-decided'

/** Tells what has become of a run: an event for those who watch, and a line of the log. In the transaction of what it tells of. */
export async function tell(
  transaction: Transaction,
  run: ToldRun,
  event: WorkflowEventName,
  details: Readonly<Record<string, unknown>>,
  agent: string = run.workflow,
): Promise<void> {
  const payload = json({ runId: run.id, workflow: run.workflow, ...details })
  if (event !== 'step-started') {
    await transaction
      .insertInto('activities')
      .values({ request_id: run.request_id, agent, activity: event, details: payload })
      .execute()
  }
  // Last: the counter of the topic is held until the commit.
  await transaction
    .insertInto('outbox')
    .values({ topic: topicOf(run), event, payload })
    .execute()
}

/** Where the events of a run are: with those of its request, or by themselves. */
export function topicOf({ id, request_id: request }: Pick<ToldRun, 'id' | 'request_id'>): string {
  return request === null ? `run:${id}` : `request:${request}`
}
