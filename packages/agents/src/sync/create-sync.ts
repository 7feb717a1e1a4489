import { systemClock } from '@holdfast/core'
import type { Transaction } from '@holdfast/store/database'
import { checkOptions, isText } from './checks.ts'
import type { Conflict, Entity } from './entity.ts'
import { syncError } from './failures.ts'
import { forgetEntity } from './forget.ts'
import { ingestRecords } from './ingest.ts'
import type { RecordFacts } from './facts.ts'
import type { EntityKind, FieldValues } from './kind.ts'
import { keysOf } from './match.ts'
import type { SyncOptions } from './options.ts'
import { pullPages } from './pull.ts'
import { purgeDeleted } from './purge.ts'
import { refOf } from './record.ts'
import type { JsonValue, RecordName } from './record.ts'
import { mergeAround } from './reconcile.ts'
import { resolveConflict } from './resolve.ts'
import { holdTenant, lockTenant, readHolders, storedKey } from './rows.ts'
import type { QueuedConflict, Sync } from './sync.ts'

/**
 * Brings together what several sources know of the same things. What it comes to is a pure function of the facts that they have told, whatever their order.
 *
 * @throws HoldfastError `INVALID_OPTION`
 * @example
 * ```ts
 * import { createSync, emailKey } from '@holdfast/agents/sync'
 * import { openStore } from '@holdfast/store/database'
 *
 * const store = await openStore()
 * await store.asWorker('acme', (transaction) => transaction.insertInto('tenants').values({ id: 'acme', name: 'Acme' }).execute())
 * const sync = createSync({
 *   store,
 *   kinds: { client: { fields: { email: 'newest', name: 'newest' }, match: { email: ({ email }) => emailKey(email) } } },
 * })
 * await sync.ingest('acme', [{ kind: 'client', source: 'crm', id: '7', fields: { email: 'Ada@example.com', name: 'Ada' }, observedAt: '2026-11-02T09:00:00Z' }])
 * console.log((await sync.get('acme', 'client', { source: 'crm', id: '7' }))?.fields) // { email: 'Ada@example.com', name: 'Ada' }
 * await store.close()
 * ```
 */
export function createSync(options: SyncOptions): Sync {
  const { keepDeletedMs, maxAheadMs } = checkOptions(options)
  const { store, kinds, sources = {}, clock = systemClock } = options
  const now = (): number => Math.floor(clock.wallTime())

  const kindOf = (name: string): EntityKind => {
    if (typeof name !== 'string' || !Object.hasOwn(kinds, name))
      throw syncError('UNKNOWN_KIND', 'validation', 'There is no such kind')
    return kinds[name]!
  }
  const locked = <T>(tenant: string, signal: AbortSignal | undefined, work: (transaction: Transaction) => Promise<T>) =>
    store.asWorker(
      tenant,
      async (transaction) => {
        if (!(await lockTenant(transaction))) throw syncError('UNKNOWN_TENANT', 'validation', 'There is no such tenant')
        return work(transaction)
      },
      { signal },
    )

  const readCursor = (tenant: string, source: string, signal?: AbortSignal): Promise<JsonValue | undefined> =>
    store.asWorker(
      tenant,
      async (transaction) => {
        const row = await transaction
          .selectFrom('sync_cursors')
          .select('cursor')
          .where('source', '=', source)
          .executeTakeFirst()
        return row?.cursor as JsonValue | undefined
      },
      { signal },
    )

  const sync: Sync = {
    ingest: (tenant, records, { cursor, signal } = {}) =>
      ingestRecords(records, cursor, kinds, now() + maxAheadMs, (work) => locked(tenant, signal, work)),
    async pull(tenant, name, limits = {}) {
      const source = Object.hasOwn(sources, name) ? sources[name] : undefined
      if (source === undefined) throw syncError('UNKNOWN_SOURCE', 'validation', 'There is no such source')
      return pullPages(source, name, tenant, sync, limits, await readCursor(tenant, name, limits.signal))
    },
    cursor: (tenant, source) => readCursor(tenant, source),
    async get(tenant, kind, name) {
      const known = kindOf(kind)
      const ref = nameOf(name)
      return store.asWorker(tenant, async (transaction) => {
        await holdTenant(transaction)
        const { matches, entities } = await mergeAround(transaction, kind, known, [ref])
        return entityOf(ref, matches.groups, entities)
      })
    },
    async find(tenant, kind, fields) {
      const known = kindOf(kind)
      return store.asWorker(tenant, async (transaction) => {
        await holdTenant(transaction)
        const keys = keysOf(known, factsWith(fields)).map(({ key }) => storedKey(key))
        const { refs } = await readHolders(transaction, kind, [...new Set(keys)])
        if (refs.length === 0) return []
        const { matches, entities } = await mergeAround(transaction, kind, known, refs)
        return entities.filter((_, index) => matches.groups[index]!.some((ref) => refs.includes(ref)))
      })
    },
    async conflict(tenant, id) {
      const row = await store.asWorker(tenant, (transaction) =>
        transaction
          .selectFrom('sync_conflicts')
          .select(['body', 'opened_at'])
          .where('id', '=', id)
          .where('kind', 'in', Object.keys(kinds))
          .executeTakeFirst(),
      )
      return row === undefined ? undefined : queued(row)
    },
    async conflicts(tenant, kind, { limit = 100, after = '' } = {}) {
      kindOf(kind)
      if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw invalidLimit('limit', '1 to 1,000')
      const rows = await store.asWorker(tenant, (transaction) =>
        transaction
          .selectFrom('sync_conflicts')
          .select(['body', 'opened_at'])
          .where('kind', '=', kind)
          .where('id', '>', after)
          .orderBy('id')
          .limit(limit)
          .execute(),
      )
      return rows.map(queued)
    },
    async resolve(tenant, resolution) {
      const kind = kindOf(resolution.kind)
      return locked(tenant, undefined, (transaction) => resolveConflict(transaction, kind, resolution, now()))
    },
    purge: (tenant) =>
      locked(tenant, undefined, (transaction) => purgeDeleted(transaction, kinds, new Date(now() - keepDeletedMs))),
    async forget(tenant, kind, name, { by }) {
      const known = kindOf(kind)
      const ref = nameOf(name)
      if (!isText(by, 200))
        throw syncError('INVALID_RESOLUTION', 'validation', 'by must be text of 1 to 200 characters')
      return locked(tenant, undefined, (transaction) => forgetEntity(transaction, kind, known, ref, by))
    },
  }
  return sync
}

/** The thing that a record is of. */
function entityOf(
  ref: string,
  groups: readonly (readonly string[])[],
  entities: readonly Entity[],
): Entity | undefined {
  return entities[groups.findIndex((group) => group.includes(ref))]
}

function nameOf(name: string | RecordName): string {
  return typeof name === 'string' ? name : refOf(name)
}

/** A record that is only looked for. */
function factsWith(fields: FieldValues): RecordFacts {
  const stated = Object.entries(fields).map(([name, value]) => [name, { value, observedAt: 0, version: 0 }] as const)
  return { source: '', id: '', fields: Object.fromEntries(stated), decisions: {} }
}

function queued({ body, opened_at: opened }: { readonly body: unknown; readonly opened_at: Date }): QueuedConflict {
  return { ...shown(body as Conflict), openedAt: opened.getTime() }
}

function shown({ id, kind, type, field, records, candidates, reasons }: Conflict): Conflict {
  return { id, kind, type, ...(field === undefined ? {} : { field }), records, candidates, reasons }
}

function invalidLimit(option: string, range: string): Error {
  return syncError('INVALID_OPTION', 'validation', `${option} must be a whole number from ${range}`)
}
