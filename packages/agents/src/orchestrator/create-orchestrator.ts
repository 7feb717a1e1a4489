import { workflowError } from '../workflows/failures.ts'
import type { Caller, StartedRun } from '../workflows/index.ts'
import { routeOf } from './create-router.ts'
import { checkOrchestrator } from './options.ts'
import type { OrchestratorOptions } from './options.ts'
import type { Dispatched, DispatchOptions, OrchestratedEvent, Orchestrator, Route } from './orchestrator.ts'

/**
 * Makes an orchestrator over workflows.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createOrchestrator<Request = unknown>(options: OrchestratorOptions<Request>): Orchestrator<Request> {
  checkOrchestrator(options)
  const { workflows, specialists, triggers = [] } = options
  const route = routeOf(options)
  const names = Object.keys(specialists)

  async function dispatch(by: Caller, request: Request, given: DispatchOptions = {}): Promise<Dispatched> {
    const { to, ...more } = given
    if (to !== undefined && !names.includes(to))
      throw workflowError('NOBODY_RESPONSIBLE', 'client', `There is no specialist "${to}"`)
    const found: Route =
      to === undefined
        ? await route(request, { signal: given.signal })
        : { specialist: to, by: 'rule', reason: 'It was named' }
    const { workflow, input } = specialists[found.specialist]!
    const started = await workflows.start(by, workflow, (input === undefined ? request : input(request)) as never, {
      // Asked again, the model may choose another: the request has one run all the same.
      idempotencyInput: request,
      ...more,
    })
    return { ...started, route: found }
  }

  async function handle(
    by: Caller,
    { id, event, payload, requestId }: OrchestratedEvent,
  ): Promise<readonly StartedRun[]> {
    const runs: StartedRun[] = []
    for (const trigger of triggers) {
      if (trigger.event !== event || trigger.when?.(payload) === false) continue
      const input = trigger.input === undefined ? payload : trigger.input(payload)
      runs.push(
        await workflows.start(by, trigger.workflow, input as never, {
          idempotencyKey: `event:${event}:${id}:${trigger.workflow.name}`,
          requestId,
        }),
      )
    }
    return runs
  }

  return Object.freeze({ route, dispatch, handle })
}
