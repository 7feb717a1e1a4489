import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import { isText, jsonOf } from './checks.ts'
import { syncError } from './failures.ts'
import { joinRecord } from './facts.ts'
import type { Decision } from './facts.ts'
import type { EntityKind } from './kind.ts'
import type { OpenConflict } from './merge.ts'
import { canonical, compareText, digest, refOf } from './record.ts'
import type { JsonValue } from './record.ts'
import { reconcile } from './reconcile.ts'
import { readRecords } from './rows.ts'
import type { Resolution } from './sync.ts'

const MAX_VALUE = 65_536

/** Keeps what a person decided at each of the records that it is about. */
export async function resolveConflict(
  transaction: Transaction,
  kind: EntityKind,
  resolution: Resolution,
  now: number,
): Promise<void> {
  const { kind: name, conflict: id, by } = resolution
  if (!isText(id, 100)) throw wrong('conflict must be the id of one')
  if (!isText(by, 200)) throw wrong('by must be text of 1 to 200 characters')
  const key = `sync-resolve:${name}:${id}`
  const fingerprint = digest(by, canonical(resolution.value ?? null), canonical(resolution.groups ?? null))
  const row = await transaction
    .selectFrom('sync_conflicts')
    .select('body')
    .where('kind', '=', name)
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return refuseUnlessDone(transaction, key, fingerprint)
  const conflict = row.body as OpenConflict
  const records = await readRecords(transaction, name, 'ref', conflict.refs)
  const before = [...records.values()].flatMap(({ facts }) => Object.values(facts.decisions)).map(({ at }) => at)
  // After every other: clocks of two machines may differ, and this person saw what those had decided.
  const at = Math.max(now, ...before.map((one) => one + 1))
  const decision = decisionOf(conflict, resolution, at)
  const changed = new Map(
    [...records].map(([ref, { facts, component }]) => {
      const news = { ...facts, decisions: { [decision.key]: decision } }
      return [ref, { facts: joinRecord(facts, news), component }]
    }),
  )
  await reconcile(transaction, name, kind, changed)
  await transaction.deleteFrom('idempotency_keys').where('key', '=', key).execute()
  await transaction.insertInto('idempotency_keys').values({ key, fingerprint }).execute()
  const details = json({
    kind: name,
    type: conflict.type,
    ...(conflict.field === undefined ? {} : { field: conflict.field }),
  })
  await transaction.insertInto('audit').values({ actor: by, action: 'sync-resolved', target: id, details }).execute()
}

async function refuseUnlessDone(transaction: Transaction, key: string, fingerprint: string): Promise<void> {
  const done = await transaction
    .selectFrom('idempotency_keys')
    .select('fingerprint')
    .where('key', '=', key)
    .executeTakeFirst()
  if (done?.fingerprint === fingerprint) return
  throw syncError(
    'CONFLICT_NOT_FOUND',
    'client',
    'There is no such conflict, or it is no longer what it was: look again',
  )
}

function decisionOf({ id, type, field, refs, seen }: OpenConflict, resolution: Resolution, at: number): Decision {
  const groups = type === 'match' ? groupsOf(refs, resolution.groups) : undefined
  return {
    key: digest(type, field ?? '', ...refs),
    conflict: id,
    type,
    ...(field === undefined ? {} : { field }),
    records: refs,
    by: resolution.by,
    at,
    value: type === 'match' ? null : valueOf(type, resolution.value),
    seen,
    ...(groups === undefined ? {} : { groups }),
  }
}

function valueOf(type: 'field' | 'deletion', value: unknown): JsonValue {
  if (type === 'deletion' && typeof value !== 'boolean') throw wrong('value must be true or false')
  try {
    return jsonOf(value, MAX_VALUE, 'value')
  } catch (error) {
    throw wrong((error as Error).message)
  }
}

function groupsOf(refs: readonly string[], groups: Resolution['groups']): readonly (readonly string[])[] {
  if (!Array.isArray(groups)) throw wrong('groups must be lists of the records that are the same thing')
  const named = (groups as NonNullable<Resolution['groups']>).map((group) => group.map(refOf).toSorted(compareText))
  const all = named.flat().toSorted(compareText)
  if (canonical(all) !== canonical(refs.toSorted(compareText)))
    throw wrong('groups must have each record of the conflict once')
  return named.toSorted(([a = ''], [b = '']) => compareText(a, b))
}

function wrong(message: string): Error {
  return syncError('INVALID_RESOLUTION', 'validation', message)
}
