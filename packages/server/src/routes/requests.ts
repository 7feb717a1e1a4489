import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HoldfastError } from '@holdfast/core'
import type { Claims } from '@holdfast/store/database'
import * as z from 'zod'
import { claimsOf } from '../access/claims.ts'
import { secretMatcher } from '../access/secret.ts'
import type { OpenDesks, RequestView } from '../desks/desks.ts'
import type { AppContext } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'
import { openEventStream } from '../http/event-stream.ts'
import { desksOf, keyOf, read, storable, told, UUID } from './desk-calls.ts'

/** After so long a reader that was cut off comes back, in ms. */
const COME_BACK_MS = 2_000

/** How often it is asked whether the key of a stream is still good, in ms. */
const LOOK_AT_KEY_MS = 5_000

/** Streams of one tenant at once. */
const MOST_STREAMS = 1_000

const newRequest = storable(
  z.strictObject({
    desk: z.string('must be the name of a desk').optional(),
    text: z.string('must be text').trim().min(1, 'must not be empty').max(10_000, 'must be at most 10,000 characters'),
    client: z
      .strictObject(
        {
          name: z.string('must be text').max(200, 'must be at most 200 characters').optional(),
          email: z.email('must be a mail address').optional(),
        },
        'must be an object with name and email',
      )
      .optional(),
    details: z.record(z.string(), z.unknown(), 'must be an object').optional(),
  }),
)

const decision = z.strictObject({
  decision: z.enum(['approve', 'reject'], 'must be "approve" or "reject"'),
  step: z.string('must be the name of a step').max(1_000, 'must be at most 1,000 characters').optional(),
  note: z.string('must be text').max(10_000, 'must be at most 10,000 characters').optional(),
})

const page = z.object({
  limit: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1, 'must be 1 to 100')
    .max(100, 'must be 1 to 100')
    .default(20),
  before: z.coerce.date('must be a time of ISO 8601').optional(),
})

/** `/requests`: what desks work on for hours or days. `/hooks`: what they are told from outside. */
export function requestRoutes(app: FastifyInstance, context: AppContext): void {
  const streams = new Map<string, number>()

  app.post('/requests', async (request, reply) => {
    const desks = desksOf(context)
    const by = await told(claimsOf(request.headers, context.access, desks.keys))
    const { desk = desks.names[0]!, ...asked } = read(newRequest, request.body)
    if (!desks.names.includes(desk)) {
      throw new ApiError('invalid_request', {
        message: `There is no desk "${desk.slice(0, 60)}"; there are ${desks.names.join(', ')}.`,
        param: 'desk',
      })
    }
    const taken = await told(desks.take(by, desk, asked, keyOf(request)))
    if ('missing' in taken) {
      throw new ApiError('request_incomplete', { message: taken.question, param: taken.missing[0]! })
    }
    const { id, runId, repeated } = taken
    await reply
      .code(repeated ? 200 : 202)
      .header('location', `/requests/${id}`)
      .send({
        id,
        desk,
        ...(runId === undefined ? { waitsFor: 'store' } : { runId }),
        repeated,
        events: `/requests/${id}/events`,
      })
  })

  app.get('/requests', async (request, reply) => {
    const desks = desksOf(context)
    const by = await told(claimsOf(request.headers, context.access, desks.keys))
    const { limit, before } = read(page, request.query)
    await reply.header('cache-control', 'no-store').send({ requests: await told(desks.list(by, { limit, before })) })
  })

  app.get('/requests/:id', async (request, reply) => {
    const desks = desksOf(context)
    const by = await told(claimsOf(request.headers, context.access, desks.keys))
    await reply.header('cache-control', 'no-store').send(await viewOf(desks, by, request))
  })

  app.post('/requests/:id/decision', async (request, reply) => {
    const desks = desksOf(context)
    const by = await told(claimsOf(request.headers, context.access, desks.keys))
    const { decision: what, step, note } = read(decision, request.body)
    const { run, approvals, lapsed = [] } = await requestOf(desks, by, request)
    const isMeant = (approval: { readonly step: string }): boolean => step === undefined || approval.step === step
    const [open, late] = [approvals.find(isMeant), lapsed.findLast(isMeant)]
    if (late !== undefined) {
      // Whoever names no step may have seen what was asked before.
      const again = `What is to be decided has changed: look at the request again, and name the step, "${open?.step}".`
      throw new ApiError('decision_too_late', { message: open === undefined ? late.message : again })
    }
    if (run === undefined || open === undefined) throw new ApiError('nothing_to_decide')
    const decide = what === 'approve' ? desks.workflows.approve : desks.workflows.reject
    await told(decide.call(desks.workflows, by, run.runId, open.step, note === undefined ? {} : { note }))
    await reply.code(202).send({ step: open.step, decision: what })
  })

  app.post('/requests/:id/signals/:signal', async (request, reply) => {
    const desks = desksOf(context)
    const by = await told(claimsOf(request.headers, context.access, desks.keys))
    if (by.roles?.includes('staff') !== true) throw new ApiError('not_found')
    const { run } = await requestOf(desks, by, request)
    if (run === undefined) throw new ApiError('not_found')
    const { signal } = request.params as { readonly signal: string }
    const key = keyOf(request)
    const { status } = await told(
      desks.workflows.signal(
        by,
        run.runId,
        signal,
        request.body ?? null,
        key === undefined ? {} : { idempotencyKey: key },
      ),
    )
    await reply.code(202).send({ status })
  })

  app.get('/requests/:id/events', async (request, reply) => {
    const desks = desksOf(context)
    const by = await told(claimsOf(request.headers, context.access, desks.keys))
    const after = lastEventOf(request)
    const { id } = await requestOf(desks, by, request)
    const many = streams.get(by.tenant) ?? 0
    if (many >= MOST_STREAMS)
      throw new ApiError('overloaded', { message: 'Too many streams are open. Try again later.' })
    streams.set(by.tenant, many + 1)
    try {
      const isKeyGood = (): Promise<boolean> =>
        claimsOf(request.headers, context.access, desks.keys).then(
          () => true,
          // Of a store that is away keys have a time of grace, and after that nobody knows.
          () => false,
        )
      await streamEvents(context, desks, reply, { by, topic: `request:${id}`, after, isKeyGood })
    } finally {
      const left = (streams.get(by.tenant) ?? 1) - 1
      if (left === 0) streams.delete(by.tenant)
      else streams.set(by.tenant, left)
    }
    return reply
  })

  const hookToken = context.hookToken === undefined ? undefined : secretMatcher(context.hookToken)
  app.post('/hooks/:tenant/:desk/:hook', async (request, reply) => {
    const desks = desksOf(context)
    const { token } = request.query as { readonly token?: unknown }
    const presented = request.headers['x-holdfast-hook-token'] ?? token
    const isKnown = typeof presented === 'string' && hookToken?.matches(presented) === true
    // Without a token only this machine may, where nobody else reaches the server.
    if (!isKnown && (hookToken !== undefined || !context.loopback)) throw new ApiError('hook_token_required')
    const { tenant, desk, hook } = request.params as Readonly<Record<'tenant' | 'desk' | 'hook', string>>
    const isThere = await told(desks.hook(tenant, desk, hook, request.body, AbortSignal.timeout(10_000)))
    if (!isThere) throw new ApiError('not_found')
    await reply.code(202).send({ status: 'accepted' })
  })
}

async function streamEvents(
  context: AppContext,
  desks: OpenDesks,
  reply: FastifyReply,
  {
    by,
    topic,
    after,
    isKeyGood,
  }: {
    readonly by: Claims
    readonly topic: string
    readonly after: number
    readonly isKeyGood: () => Promise<boolean>
  },
): Promise<void> {
  const leaving = new AbortController()
  const look = async (): Promise<void> => {
    if (await isKeyGood()) return
    leaving.abort()
    // What waits for a reader who does not read is not for him any more.
    if (reply.raw.writableNeedDrain) reply.raw.destroy()
  }
  const looking = setInterval(() => void look(), LOOK_AT_KEY_MS)
  looking.unref()
  reply.raw.once('close', () => leaving.abort())
  reply.hijack()
  const stream = openEventStream(reply.raw, reply.getHeaders(), context.options)
  reply.raw.write(`retry: ${COME_BACK_MS}\n\n`)
  try {
    for await (const { seq, event, payload, at } of desks.events.read({
      claims: by,
      topic,
      after,
      signal: leaving.signal,
    })) {
      await stream.send(JSON.stringify({ seq, event, at, payload }), event, String(seq))
    }
  } catch (error) {
    // Whoever has a number that there is not reads everything anew; anything else ends the stream, and the reader comes back with the last number that it has.
    if (HoldfastError.isInstance(error) && error.code === 'EVENTS_MISSING') await stream.send('{}', 'reset', '0')
    else
      context.log.warn(
        { code: HoldfastError.isInstance(error) ? error.code : 'unknown' },
        'a stream of events ended before its time',
      )
  } finally {
    clearInterval(looking)
    await stream.end()
  }
}

async function viewOf(desks: OpenDesks, by: Claims, request: FastifyRequest): Promise<RequestView> {
  const { id } = request.params as { readonly id: string }
  const found = UUID.test(id) ? await told(desks.find(by, id)) : undefined
  // That it is somebody else's is nobody's business.
  if (found === undefined) throw new ApiError('not_found')
  return found
}

/** One that is in the store. */
async function requestOf(desks: OpenDesks, by: Claims, request: FastifyRequest): Promise<RequestView> {
  const found = await viewOf(desks, by, request)
  if (found.waitsFor === 'store') throw new ApiError('store_unavailable', { headers: { 'retry-after': '5' } })
  return found
}

function lastEventOf(request: FastifyRequest): number {
  const given = request.headers['last-event-id'] ?? (request.query as { readonly lastEventId?: unknown }).lastEventId
  if (given === undefined || given === '') return 0
  const last = typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : undefined
  if (last === undefined) {
    throw new ApiError('invalid_request', {
      message: 'The last event id must be a whole number from 0.',
      param: 'last-event-id',
    })
  }
  return last
}
