import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Webhooks } from '@holdfast/agents/webhooks'
import * as z from 'zod'
import { claimsOf } from '../access/claims.ts'
import type { AppContext } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'
import { desksOf, pageLimit, read, told } from './desk-calls.ts'

const rotation = z.strictObject({
  overlapMs: z
    .int('must be a whole number')
    .min(0, 'must be 0 to 2,592,000,000')
    .max(2_592_000_000, 'must be 0 to 2,592,000,000')
    .optional(),
})

const page = z.object({
  limit: pageLimit,
})

interface Admin {
  readonly webhooks: Webhooks
  readonly tenant: string
  readonly id: string
  /** Notes what he has done. */
  done(action: string, target?: string): Promise<void>
}

/** `/webhooks`: who outside is told of what happens with a tenant's requests, for the admins of the tenant. */
export function webhookRoutes(app: FastifyInstance, context: AppContext): void {
  const admin = async (request: FastifyRequest): Promise<Admin> => {
    const { keys, webhooks } = desksOf(context)
    const by = await told(claimsOf(request.headers, context.access, keys))
    if (by.roles?.includes('admin') !== true) throw new ApiError('role_required')
    const { id = '' } = request.params as { readonly id?: string }
    const done: Admin['done'] = async (action, target = id) =>
      context.audit?.(by, { action, target: `webhook:${target}` })
    return { webhooks, tenant: by.tenant, id, done }
  }

  app.get('/webhooks', async (request, reply) => {
    const { webhooks, tenant } = await admin(request)
    await reply.header('cache-control', 'no-store').send({ webhooks: await told(webhooks.list(tenant)) })
  })

  app.post('/webhooks', async (request, reply) => {
    const { webhooks, done, tenant } = await admin(request)
    const added = await told(webhooks.add(tenant, request.body as Parameters<Webhooks['add']>[1]))
    await done('webhook-added', added.id)
    await reply
      .code(201)
      .headers({ location: `/webhooks/${added.id}`, 'cache-control': 'no-store' })
      .send(added)
  })

  app.delete('/webhooks/:id', async (request, reply) => {
    const { webhooks, done, tenant, id } = await admin(request)
    if (!(await told(webhooks.remove(tenant, id)))) throw new ApiError('not_found')
    await done('webhook-removed')
    await reply.code(204).send()
  })

  app.post('/webhooks/:id/rotate', async (request, reply) => {
    const { webhooks, done, tenant, id } = await admin(request)
    const { overlapMs } = read(rotation, request.body)
    const secret = await told(webhooks.rotateSecret(tenant, id, { overlapMs }))
    await done('webhook-secret-rotated')
    await reply.header('cache-control', 'no-store').send({ id, secret })
  })

  app.get('/webhooks/:id/deliveries', async (request, reply) => {
    const { webhooks, tenant, id } = await admin(request)
    const { limit } = read(page, request.query)
    const deliveries = await told(webhooks.deliveries(tenant, id, { limit }))
    await reply.header('cache-control', 'no-store').send({ deliveries })
  })

  app.post('/webhooks/:id/redrive', async (request, reply) => {
    const { webhooks, done, tenant, id } = await admin(request)
    const owed = await told(webhooks.redrive(tenant, id))
    await done('webhook-redriven')
    await reply.code(202).send({ id, owed })
  })
}
