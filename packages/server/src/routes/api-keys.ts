import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import type { Author } from '@holdfast/store/intake'
import type { AppContext } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'
import { desksOf, read, told, UUID } from './desk-calls.ts'

const owner = z.strictObject({
  tenant: z.string('must be the name of a tenant').min(1, 'must not be empty').max(64, 'must be at most 64 characters'),
})

/** `/admin/api-keys`: ends a key of the store. @param by who has the admin token */
export function apiKeyRoutes(admin: FastifyInstance, context: AppContext, by: Author): void {
  admin.post<{ Params: { id: string } }>('/admin/api-keys/:id/revoke', async (request) => {
    const { id } = request.params
    const { keys } = desksOf(context)
    const { tenant } = read(owner, request.body)
    if (!UUID.test(id) || !(await told(keys.revoke(tenant, id)))) throw new ApiError('not_found')
    await context.audit?.(by, { action: 'api-key-revoked', target: `api-key:${id}`, actor: 'admin' })
    return { id, state: 'revoked' }
  })
}
