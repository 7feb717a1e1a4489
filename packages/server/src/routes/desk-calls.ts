import type { FastifyRequest } from 'fastify'
import { HoldfastError } from '@holdfast/core'
import * as z from 'zod'
import type { OpenDesks } from '../desks/desks.ts'
import type { AppContext } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'

/** What the id of a row of the store looks like. */
export const UUID: RegExp = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** How many a list shows at once, as it stands in the query: 1 to 1,000; 100 where nothing is said. */
export const pageLimit: z.ZodType<number> = z.coerce
  .number('must be a number')
  .int('must be a whole number')
  .min(1, 'must be 1 to 1,000')
  .max(1_000, 'must be 1 to 1,000')
  .default(100)

/** What no database keeps: the character NUL, and halves of characters. */
const BROKEN = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

/** The same, without what no database keeps. */
export function storable<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.refine(
    (body) => !BROKEN.test(JSON.stringify(body)),
    'must be without the character NUL, and without halves of characters',
  )
}

/** The desks. @throws ApiError `not_found` where there are none, `store_unavailable` while they cannot be opened */
export function desksOf(context: AppContext): OpenDesks {
  if (context.desks === undefined) throw new ApiError('not_found')
  const { open } = context.desks
  if (open === undefined) throw new ApiError('store_unavailable', { headers: { 'retry-after': '5' } })
  return open
}

/** What the store and the workflows refuse, in the words of the API. */
export async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!HoldfastError.isInstance(error)) throw error
    switch (error.code) {
      case 'IDEMPOTENCY_KEY_REUSED':
        throw new ApiError('idempotency_key_reused')
      case 'APPROVAL_NOT_OPEN':
      case 'APPROVAL_DECIDED':
        throw new ApiError('nothing_to_decide')
      case 'APPROVAL_TOO_LATE':
        throw new ApiError('decision_too_late', { message: error.message })
      case 'CONFLICT_RESOLVED':
        throw new ApiError('conflict_changed')
      case 'WEBHOOK_UNKNOWN':
        throw new ApiError('not_found')
      case 'TOO_MANY_RUNS':
      case 'TOO_MANY_SIGNALS':
        throw new ApiError('overloaded', { message: error.message })
      default:
    }
    if (error.category === 'client' || error.category === 'validation')
      throw new ApiError('invalid_request', { message: error.message })
    throw new ApiError('store_unavailable', { headers: { 'retry-after': '5' } })
  }
}

/** @throws ApiError `invalid_request` with the first thing that is wrong. */
export function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const at = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.')
  const what = issue?.code === 'unrecognized_keys' ? 'is not known here' : (issue?.message ?? 'is wrong')
  throw new ApiError('invalid_request', {
    message: `\`${at === undefined || at === '' ? 'body' : at}\` ${what}.`,
    ...(at === undefined ? {} : { param: at }),
  })
}

/** The idempotency key that came with a request. @throws ApiError `invalid_request` */
export function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && /^[\x21-\x7e]{1,100}$/.test(key)) return key
  throw new ApiError('invalid_request', {
    message: 'The header idempotency-key must be 1 to 100 printable ASCII characters without spaces.',
    param: 'idempotency-key',
  })
}
