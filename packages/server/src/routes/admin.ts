import type { FastifyInstance } from 'fastify'
import type { Integration } from '@holdfast/core'
import type { Sessions } from '../answer/sessions.ts'
import { budgetsReport } from '../budgets/account-report.ts'
import { nearestName } from '../config/suggest.ts'
import type { AppContext } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { auditRoutes } from './audit.ts'
import { healthReport } from './health.ts'
import { writeRoutes } from './writes.ts'

/** Whoever has the admin token acts for no tenant; what he has done stands in the first. */
const OPERATOR = { tenant: 'default' }

/** `/admin/*`, for the holder of the admin token. */
export function adminRoutes(app: FastifyInstance, context: AppContext, sessions: Sessions): void {
  void app.register((admin, _options, done) => {
    admin.addHook('onRequest', (request, _reply, next) => {
      context.access.requireAdmin(request.headers)
      next()
    })
    admin.get('/admin/system-status', async (_request, reply) => {
      const { rss, heapUsed } = process.memoryUsage()
      await reply.header('cache-control', 'no-store').send({
        ...healthReport(context),
        answersUnderWay: context.answers.count,
        sessions: sessions.size,
        process: { pid: process.pid, node: process.version, rssBytes: rss, heapUsedBytes: heapUsed },
        integrations: context.integrations.map((integration) => integration.snapshot()),
      })
    })
    admin.get('/admin/budgets', async (_request, reply) => {
      const { budgets, accounts, clock } = context
      const report = budgetsReport(budgets?.standings() ?? [], clock.wallTime(), accounts?.isKept)
      await reply.header('cache-control', 'no-store').send(report)
    })
    admin.post('/admin/reset-circuits', async () => {
      for (const { circuit } of context.integrations) circuit.reset()
      await context.audit?.(OPERATOR, { action: 'circuits-reset', actor: 'admin' })
      return { circuits: context.integrations.map(circuitState) }
    })
    admin.post<{ Params: { name: string; action: string } }>('/admin/circuits/:name/:action', async (request) => {
      const { name, action } = request.params
      const integration = circuitNamed(context, name)
      if (action === 'open') integration.circuit.open()
      else if (action === 'close') integration.circuit.close()
      else if (action === 'reset') integration.circuit.reset()
      else throw new ApiError('not_found', { message: 'Allowed for a circuit are open, close and reset.' })
      await context.audit?.(OPERATOR, { action: `circuit-${action}`, target: `circuit:${name}`, actor: 'admin' })
      return circuitState(integration)
    })
    writeRoutes(admin, context)
    auditRoutes(admin, context)
    apiKeyRoutes(admin, context, OPERATOR)
    done()
  })
}

function circuitState(integration: Integration): object {
  return { name: integration.name, circuit: integration.circuit.state }
}

function circuitNamed(context: AppContext, name: string): Integration {
  const found = context.integrations.find((integration) => integration.name === name)
  if (found !== undefined) return found
  const known = context.integrations.map((integration) => integration.name)
  const near = nearestName(name.slice(0, 64), known)
  throw new ApiError('circuit_not_found', {
    message: `There is no circuit named ${JSON.stringify(name.slice(0, 64))}. ${near === undefined ? '' : `Did you mean "${near}"? `}There are: ${known.join(', ')}.`,
    param: 'name',
  })
}
