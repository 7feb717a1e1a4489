import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import type { AppContext } from '../http/context.ts'
import { desksOf, read, told, UUID } from './desk-calls.ts'

const MOST_ENTRIES = 1_000
const limitAllowed = `must be a whole number from 1 to ${MOST_ENTRIES.toLocaleString('en-US')}`

const page = z.strictObject({
  tenant: z
    .string('must be the name of a tenant')
    .min(1, 'must not be empty')
    .max(64, 'must be at most 64 characters')
    .default('default'),
  limit: z
    .string(limitAllowed)
    .regex(/^\d{1,4}$/, limitAllowed)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MOST_ENTRIES, limitAllowed)
    .default(100),
  before: z.string('must be the id of an entry').regex(UUID, 'must be the id of an entry').optional(),
})

/** `GET /admin/audit`: what was done, and by whom, the latest first. */
export function auditRoutes(admin: FastifyInstance, context: AppContext): void {
  admin.get('/admin/audit', async (request, reply) => {
    const { audit } = desksOf(context)
    const { tenant, ...options } = read(page, request.query)
    const entries = await told(audit.list(tenant, options))
    await reply.header('cache-control', 'no-store').send({ entries })
  })
}
