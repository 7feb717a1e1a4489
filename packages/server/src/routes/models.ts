import type { FastifyInstance } from 'fastify'
import { nearestName } from '../config/suggest.ts'
import type { AppContext, RunningAssistant } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'

/** `GET /v1/models` and `GET /v1/models/{id}`: the assistants, as OpenAI lists models. */
export function modelRoutes(app: FastifyInstance, context: AppContext): void {
  const created = Math.floor(context.clock.wallTime() / 1_000)
  const describe = ({ definition }: RunningAssistant): object => ({
    id: definition.name,
    object: 'model',
    created,
    owned_by: 'holdfast',
    title: definition.title,
    description: definition.description,
    examples: definition.examples ?? [],
  })
  app.get('/v1/models', (request) => {
    context.access.callerOf(request.headers)
    return { object: 'list', data: [...context.assistants.values()].map(describe) }
  })
  app.get<{ Params: { id: string } }>('/v1/models/:id', (request) => {
    context.access.callerOf(request.headers)
    return describe(assistantNamed(context, request.params.id, 'id'))
  })
}

/** @throws ApiError `model_not_found`, with the names there are. */
export function assistantNamed(context: AppContext, name: string, param = 'model'): RunningAssistant {
  const found = context.assistants.get(name)
  if (found !== undefined) return found
  const known = [...context.assistants.keys()]
  const near = nearestName(name.slice(0, 64), known)
  throw new ApiError('model_not_found', {
    message: `There is no assistant named ${JSON.stringify(name.slice(0, 64))}. ${near === undefined ? '' : `Did you mean "${near}"? `}There are: ${known.join(', ')}.`,
    param,
  })
}
