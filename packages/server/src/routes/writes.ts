import type { FastifyInstance } from 'fastify'
import { createRedactor } from '@holdfast/ai/guardrails'
import * as z from 'zod'
import type { AppContext } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'
import { desksOf, read, told } from './desk-calls.ts'

/** What somebody may have written into a text. Names and addresses of people stay: a person has to find the write by them. */
const secrets = createRedactor({ kinds: ['key', 'jwt', 'bearer', 'private-key', 'password'] })

/** What is shown at once. */
const MOST_WRITES = 100

const settlement = z.strictObject({
  service: z.string('must be text').min(1, 'must not be empty').max(200, 'must be at most 200 characters'),
  key: z.string('must be text').min(1, 'must not be empty').max(400, 'must be at most 400 characters'),
  outcome: z.enum(['made', 'not-made'], 'must be "made" or "not-made"'),
  result: z.unknown().optional(),
})

/** `/admin/writes`: the writes to other systems of which nobody knows whether they were made, and what a person has found out about one. */
export function writeRoutes(admin: FastifyInstance, context: AppContext): void {
  admin.get('/admin/writes', async (_request, reply) => {
    const writes = await told(desksOf(context).writes.unconfirmed({ limit: MOST_WRITES }))
    const shown = writes.map((write) => ({ ...write, input: secrets.redact(write.input).text }))
    await reply.header('cache-control', 'no-store').send({ writes: shown })
  })
  admin.post('/admin/writes/settle', async (request) => {
    const found = read(settlement, request.body)
    if (found.outcome === 'not-made' && found.result !== undefined) {
      throw new ApiError('invalid_request', {
        message: '`result` is only for a write that was made.',
        param: 'result',
      })
    }
    await told(desksOf(context).writes.settle({ ...found, by: 'admin' }))
    return { service: found.service, key: found.key, outcome: found.outcome }
  })
}
