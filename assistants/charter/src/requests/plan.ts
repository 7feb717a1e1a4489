import type { LanguageModelV4 } from '@ai-sdk/provider'
import { createRouter } from '@holdfast/agents/orchestrator'
import type { Orchestrator, Route } from '@holdfast/agents/orchestrator'
import type { WorkflowRun } from '@holdfast/agents/workflows'
import { toHoldfastError } from '@holdfast/core'
import { json } from '@holdfast/store/database'

/** Which of the agents a request needs. `offer`: all of them, to the letter. `market`: all but the letters, until somebody says that an offer is to be made. */
export const PLANS = ['offer', 'market'] as const
export type Plan = (typeof PLANS)[number]

/** What a plan is made by. */
export interface PlanRequest {
  /** In the customer's words. */
  readonly text: string
  /** Where whoever sends the request says it. */
  readonly wanted?: Plan | undefined
}

/** Words by which it may be that no letter is wished for. Without one of them nobody is asked. */
const DOUBTFUL =
  /\b(?:just|only|merely|rough(?:ly)?|ballpark|indicat\w*|estimates?|idea|(?:don['’]?t|do not|without) (?:\w+ ){0,2}(?:writ|send|mail|contact|tell)\w*)\b/i

/** Decides the plan: by what is said, else by a model where the words leave it open; and where that is away it is an offer, as ever. */
export function planner(model: LanguageModelV4 | undefined): Orchestrator<PlanRequest>['route'] {
  const specialists = {
    market: {
      description:
        'Asks operators for prices and ranks them for the desk’s own people. For somebody who only wants to know what it would cost, and does not want the client to be written to.',
      when: ({ wanted }: PlanRequest) => wanted === 'market',
    },
    offer: {
      description:
        'Asks operators for prices, ranks them, and writes an offer to the client, which a person approves. For everybody who wants to fly.',
      when: ({ text, wanted }: PlanRequest) => wanted === 'offer' || (wanted === undefined && !DOUBTFUL.test(text)),
    },
  }
  // A client who gets no letter loses more than a desk that has to reject one.
  const router = createRouter<PlanRequest>({ specialists, model, fallback: 'offer', minConfidence: 0.8 })
  return router.route
}

/** Plans a request, once: the choice is kept with the run, and told. */
export async function planned(
  run: WorkflowRun,
  route: Orchestrator<PlanRequest>['route'],
  request: PlanRequest,
): Promise<Plan> {
  const chosen = await run
    .step('plan', ({ signal }) => route(request, { signal }), { retries: 0 })
    .catch((error: unknown): Route => {
      return { specialist: 'offer', by: 'fallback', reason: toHoldfastError(error, 'orchestrator').code }
    })
  const { specialist: plan, ...why } = chosen
  await run.transaction('note-plan', async (transaction) => {
    if (run.requestId === undefined) return null
    const details = json({ plan, ...why })
    await transaction
      .insertInto('activities')
      .values({ request_id: run.requestId, agent: 'orchestrator', activity: 'planned', details })
      .execute()
    await transaction
      .insertInto('outbox')
      .values({ topic: `request:${run.requestId}`, event: 'planned', payload: details })
      .execute()
    return null
  })
  return plan as Plan
}
