import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Claims } from '@holdfast/store/database'
import * as z from 'zod'
import { claimsOf } from '../access/claims.ts'
import type { Leads, NewLead } from '../desks/leads.ts'
import type { AppContext } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'
import { desksOf, keyOf, read, storable, told, UUID } from './desk-calls.ts'

const name = z.string('must be text').trim().min(1, 'must not be empty').max(200, 'must be at most 200 characters')

const client = z
  .strictObject(
    { name: name.optional(), email: z.email('must be a mail address').optional(), phone: name.optional() },
    'must be an object with name, email and phone',
  )
  .refine(({ email, phone }) => email !== undefined || phone !== undefined, 'must have an email or a phone')

const newLead = storable(
  z.strictObject({
    source: name,
    client,
    text: z
      .string('must be text')
      .trim()
      .min(1, 'must not be empty')
      .max(10_000, 'must be at most 10,000 characters')
      .optional(),
    details: z.record(z.string(), z.unknown(), 'must be an object').optional(),
  }),
)

/** `/leads`: somebody who may become a client, which is never lost. */
export function leadRoutes(app: FastifyInstance, context: AppContext): void {
  const ask = async ({ headers }: FastifyRequest): Promise<{ leads: Leads; by: Claims }> => {
    const { keys, leads } = desksOf(context)
    if (leads === undefined) throw new ApiError('not_found')
    return { leads, by: await told(claimsOf(headers, context.access, keys)) }
  }

  app.post('/leads', async (request, reply) => {
    const { leads, by } = await ask(request)
    const lead = read(newLead, request.body) as NewLead
    const taken = await told(leads.take(by, lead, keyOf(request)))
    await reply.code(202).header('location', `/leads/${taken.id}`).send(taken)
  })

  app.get('/leads/:id', async (request, reply) => {
    const { leads, by } = await ask(request)
    const { id } = request.params as { readonly id: string }
    // That there is one is for the staff alone to know.
    if (by.roles?.includes('staff') !== true || !UUID.test(id)) throw new ApiError('not_found')
    const found = await told(leads.find(by, id))
    if (found === undefined) {
      throw leads.isBehind
        ? new ApiError('store_unavailable', { headers: { 'retry-after': '5' } })
        : new ApiError('not_found')
    }
    await reply.header('cache-control', 'no-store').send(found)
  })
}
