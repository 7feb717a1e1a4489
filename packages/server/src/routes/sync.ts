import type { Entity, QueuedConflict, Resolution } from '@holdfast/agents/sync'
import { HoldfastError } from '@holdfast/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { claimsOf } from '../access/claims.ts'
import type { SyncKind } from '../config/options.ts'
import type { AppContext } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'
import type { ServerSync } from '../sync/server-sync.ts'
import { desksOf, read, told } from './desk-calls.ts'

/** What the id of a conflict looks like: a hash. */
const ID = /^[A-Za-z0-9_-]{43}$/

const page = z.object({
  kind: z.string('must be the name of a kind').optional(),
  limit: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1, 'must be 1 to 200')
    .max(200, 'must be 1 to 200')
    .default(50),
  after: z
    .string()
    .regex(/^[a-z]{1,20}\.[A-Za-z0-9_-]{43}$/, 'must be `next` of the page before')
    .optional(),
})

const nameOf = 'must be an object with source and id'
const record = z.strictObject(
  {
    source: z.string('must be text').min(1, 'must not be empty').max(64, 'must be at most 64 characters'),
    id: z.string('must be text').min(1, 'must not be empty').max(200, 'must be at most 200 characters'),
  },
  nameOf,
)
const oneOfThem = 'must have one of candidate, value and groups'
const decision = z
  .strictObject({
    candidate: record.optional(),
    value: z.json('must be what JSON can say').optional(),
    groups: z
      .array(
        z.array(record, 'must be a list of records').min(1, 'must not be empty').max(50, 'must be at most 50'),
        'must be a list of groups',
      )
      .min(1, 'must not be empty')
      .max(50, 'must be at most 50')
      .optional(),
  })
  .refine((body) => Object.values(body).filter((one) => one !== undefined).length === 1, oneOfThem)

interface Admin {
  readonly sync: ServerSync
  readonly tenant: string
  readonly user: string
  readonly params: Readonly<Record<string, string | undefined>>
  /** Notes what he has done. */
  done(action: string, target: string): Promise<void>
}

/** `/sync` and `/conflicts`: what several sources know of the same, and where a person has to say, for the admins of the tenant. */
export function syncRoutes(app: FastifyInstance, context: AppContext): void {
  const admin = async (request: FastifyRequest): Promise<Admin> => {
    const { keys, sync } = desksOf(context)
    const by = await told(claimsOf(request.headers, context.access, keys))
    if (by.roles?.includes('admin') !== true) throw new ApiError('role_required')
    if (sync === undefined) throw new ApiError('not_found', { message: 'No `sync` is configured here.' })
    const done: Admin['done'] = async (action, target) => context.audit?.(by, { action, target })
    return { sync, tenant: by.tenant, user: by.user, params: request.params as Admin['params'], done }
  }

  app.get('/sync', async (request, reply) => {
    const { sync, tenant } = await admin(request)
    await reply.header('cache-control', 'no-store').send(await told(sync.state(tenant)))
  })

  app.post('/sync/:source/pull', async (request, reply) => {
    const { sync, tenant, params, done } = await admin(request)
    const { source = '' } = params
    const state = await told(sync.pull(tenant, source))
    if (state === undefined) throw new ApiError('not_found', { message: 'There is no source of this name.' })
    await done('sync-pull-asked', `sync:${source}`)
    await reply.code(202).send({ source, state })
  })

  app.get('/conflicts', async (request, reply) => {
    const { sync, tenant } = await admin(request)
    const { kind, limit, after } = read(page, request.query)
    const kinds = sync.kinds.filter((one) => kind === undefined || one === kind)
    if (kinds.length === 0)
      throw new ApiError('invalid_request', {
        message: `\`kind\` must be one of ${sync.kinds.join(', ')}.`,
        param: 'kind',
      })
    const found = await told(queue(sync, tenant, kinds, limit, after))
    await reply.header('cache-control', 'no-store').send(found)
  })

  app.get('/conflicts/:id', async (request, reply) => {
    const { sync, tenant, params } = await admin(request)
    const conflict = await told(conflictOf(sync, tenant, params['id']))
    const things = await told(thingsOf(sync, tenant, conflict))
    await reply.header('cache-control', 'no-store').send({ ...inTimes(conflict), things })
  })

  app.post('/conflicts/:id/resolve', async (request, reply) => {
    const { sync, tenant, user: by, params } = await admin(request)
    const { id = '' } = params
    if (!ID.test(id)) throw noSuch()
    const said = read(decision, request.body) as Pick<Resolution, 'candidate' | 'value' | 'groups'>
    const { repeated } = await told(resolve(sync, tenant, { conflict: id, by, ...said }))
    await reply.header('cache-control', 'no-store').send({ id, state: 'resolved', repeated })
  })
}

/** One page, how many wait in all, and what the next one begins after. */
async function queue(
  sync: ServerSync,
  tenant: string,
  kinds: readonly SyncKind[],
  limit: number,
  begin: string | undefined,
): Promise<{ readonly conflicts: readonly object[]; readonly total: number; readonly next?: string }> {
  const [kind = '', id = ''] = begin?.split('.') ?? []
  const after = begin === undefined ? undefined : { kind, id }
  const { conflicts, total } = await sync.waiting(tenant, kinds, { limit: limit + 1, after })
  const shown = conflicts.slice(0, limit)
  const last = shown.at(-1)
  return {
    conflicts: shown.map(({ id, kind, type, field, reasons, records, openedAt }) => ({
      id,
      kind,
      type,
      ...(field === undefined ? {} : { field }),
      ...(reasons.length === 0 ? {} : { reasons }),
      sources: [...new Set(records.map(({ source }) => source))],
      openedAt: new Date(openedAt),
    })),
    total,
    ...(conflicts.length > limit && last !== undefined ? { next: `${last.kind}.${last.id}` } : {}),
  }
}

async function conflictOf(sync: ServerSync, tenant: string, id: string = ''): Promise<QueuedConflict> {
  const conflict = ID.test(id) ? await sync.conflict(tenant, id) : undefined
  if (conflict === undefined) throw noSuch()
  return conflict
}

/** What is known besides of the things that it is about: of a match, of each. */
async function thingsOf(sync: ServerSync, tenant: string, { kind, records }: QueuedConflict): Promise<object[]> {
  const things = new Map<string, Entity>()
  for (const name of records) {
    if ([...things.values()].some((thing) => thing.records.some((one) => isSame(one, name)))) continue
    const thing = await sync.get(tenant, kind, name)
    if (thing !== undefined) things.set(thing.id, thing)
  }
  return [...things.values()].map(({ id, records: of, fields, provenance, deleted, violations }) => ({
    id,
    records: of,
    fields,
    provenance: Object.fromEntries(
      Object.entries(provenance).map(([field, { strategy, source, observedAt, undated, decided, lost }]) => [
        field,
        {
          strategy,
          ...(source === undefined ? {} : { source }),
          ...(observedAt === undefined ? {} : { observedAt: new Date(observedAt) }),
          ...(undated ? { undated } : {}),
          ...(decided === undefined ? {} : { decided: { by: decided.by, at: new Date(decided.at) } }),
          over: lost.map((one) => ({ source: one.source, value: one.value })),
        },
      ]),
    ),
    deleted,
    violations,
  }))
}

/** Of whatever kind it is: one that is over is looked for among all, since it may have been resolved the same. */
async function resolve(
  sync: ServerSync,
  tenant: string,
  said: Omit<Resolution, 'kind'>,
): ReturnType<ServerSync['resolve']> {
  const open = await sync.conflict(tenant, said.conflict)
  for (const kind of open === undefined ? sync.kinds : [open.kind]) {
    try {
      return await sync.resolve(tenant, { kind, ...said })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  throw noSuch()
}

function noSuch(): ApiError {
  return new ApiError('not_found', {
    message: 'There is no such conflict now: it never was, or its records have changed.',
  })
}

function isNotFound(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.code === 'CONFLICT_NOT_FOUND'
}

function inTimes({ openedAt, candidates, ...conflict }: QueuedConflict): object {
  const said = candidates.map(({ observedAt, ...one }) => ({ ...one, observedAt: new Date(observedAt) }))
  return { ...conflict, candidates: said, openedAt: new Date(openedAt) }
}

function isSame(a: { readonly source: string; readonly id: string }, b: typeof a): boolean {
  return a.source === b.source && a.id === b.id
}
