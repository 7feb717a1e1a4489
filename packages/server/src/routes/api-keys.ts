import type { FastifyInstance } from 'fastify'
import { HoldfastError } from '@holdfast/core'
import * as z from 'zod'
import type { Author } from '@holdfast/store/intake'
import type { OpenDesks } from '../desks/desks.ts'
import type { AppContext } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'
import { desksOf, pageLimit, read, storable, told, UUID } from './desk-calls.ts'

const tenant = z
  .string('must be the name of a tenant')
  .min(1, 'must not be empty')
  .max(64, 'must be at most 64 characters')

const owner = z.strictObject({ tenant })

const ROLE = 'must be 1 to 64 lower-case letters, digits and hyphens'
const LABEL = 'must be 1 to 100 characters in one line'

const newKey = storable(
  z.strictObject({
    tenant,
    label: z.string('must be text').regex(/^[^\p{Cc}]{1,100}$/u, LABEL),
    roles: z
      .array(z.string(ROLE).regex(/^[a-z0-9-]{1,64}$/, ROLE), 'must be a list of roles')
      .max(20, 'must be at most 20')
      .default([]),
    expiresAt: z.iso
      .datetime({ offset: true, error: 'must be a time of ISO 8601, such as 2027-01-31T00:00:00Z' })
      .optional(),
  }),
)

const page = z.object({
  tenant,
  limit: pageLimit,
  before: z.coerce.date('must be a time of ISO 8601').optional(),
})

/** `/admin/tenants`, and `/admin/api-keys`: makes, shows and ends keys of the store. @param by who has the admin token */
export function apiKeyRoutes(admin: FastifyInstance, context: AppContext, by: Author): void {
  admin.get('/admin/tenants', async () => ({ tenants: desksOf(context).tenants.map((name) => ({ name })) }))

  admin.get('/admin/api-keys', async (request, reply) => {
    const desks = desksOf(context)
    const { tenant: whose, ...which } = read(page, request.query)
    const keys = await told(desks.keys.list(served(desks, whose), which))
    await reply.header('cache-control', 'no-store').send({ keys })
  })

  admin.post('/admin/api-keys', async (request, reply) => {
    const desks = desksOf(context)
    const { tenant: whose, label, roles, expiresAt: until } = read(newKey, request.body)
    const expiresAt = until === undefined ? undefined : new Date(until)
    if (expiresAt !== undefined && expiresAt.getTime() <= context.clock.wallTime())
      throw invalid('expiresAt', 'must be in the future')
    const { id, key } = await told(
      desks.keys.make(served(desks, whose), { label, roles, expiresAt }).catch((error: unknown) => {
        if (!HoldfastError.isInstance(error) || error.code !== 'CONFLICT') throw error
        throw invalid('label', 'is that of another key of this tenant')
      }),
    )
    await context.audit?.(by, { action: 'api-key-created', target: `api-key:${id}`, actor: 'admin' })
    await reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({ id, key, tenant: whose, label, roles, ...(expiresAt === undefined ? {} : { expiresAt }) })
  })

  admin.post<{ Params: { id: string } }>('/admin/api-keys/:id/revoke', async (request) => {
    const { id } = request.params
    const { keys } = desksOf(context)
    const { tenant: whose } = read(owner, request.body)
    if (!UUID.test(id) || !(await told(keys.revoke(whose, id)))) throw new ApiError('not_found')
    await context.audit?.(by, { action: 'api-key-revoked', target: `api-key:${id}`, actor: 'admin' })
    return { id, state: 'revoked' }
  })
}

/** @throws ApiError `invalid_request` for a tenant that is not served: nobody would look after what its keys begin. */
function served({ tenants }: Pick<OpenDesks, 'tenants'>, name: string): string {
  if (tenants.includes(name)) return name
  throw invalid('tenant', `must be one that this server has: ${tenants.join(', ')}`)
}

function invalid(param: string, what: string): ApiError {
  return new ApiError('invalid_request', { message: `\`${param}\` ${what}.`, param })
}
