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
import type { Resolution, ResolveResult } from './sync.ts'

const MAX_VALUE = 65_536

/** Keeps what a person decided at each of the records that it is about. */
export async function resolveConflict(
  transaction: Transaction,
  kind: EntityKind,
  resolution: Resolution,
  now: number,
): Promise<ResolveResult> {
  const { kind: name, conflict: id, by, candidate } = resolution
  if (!isText(id, 100)) throw wrong('conflict must be the id of one')
  if (!isText(by, 200)) throw wrong('by must be text of 1 to 200 characters')
  if (candidate !== undefined && (resolution.value !== undefined || resolution.groups !== undefined))
    throw wrong('candidate must be without value and groups')
  const key = `sync-resolve:${name}:${id}`
  const row = await transaction
    .selectFrom('sync_conflicts')
    .select('body')
    .where('kind', '=', name)
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return refuseUnlessDone(transaction, key, resolution)
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
  const fingerprint = fingerprintOf(decision.value, decision.groups)
  const agreeing = conflict.candidates.filter((one) => canonical(one.value) === canonical(decision.value)).map(refOf)
  await transaction
    .insertInto('idempotency_keys')
    .values({ key, fingerprint, result: json({ agreeing }) })
    .execute()
  const details = json({
    kind: name,
    type: conflict.type,
    ...(conflict.field === undefined ? {} : { field: conflict.field }),
  })
  await transaction.insertInto('audit').values({ actor: by, action: 'sync-resolved', target: id, details }).execute()
  return { repeated: false }
}

async function refuseUnlessDone(transaction: Transaction, key: string, resolution: Resolution): Promise<ResolveResult> {
  const done = await transaction
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'result'])
    .where('key', '=', key)
    .executeTakeFirst()
  if (done !== undefined) {
    const { candidate, value, groups } = resolution
    const { agreeing = [] } = (done.result ?? {}) as { readonly agreeing?: readonly string[] }
    const isSame =
      candidate === undefined
        ? fingerprintOf(value ?? null, groups === undefined ? undefined : sortedGroups(groups)) === done.fingerprint
        : agreeing.includes(refOf(candidate))
    if (isSame) return { repeated: true }
    throw syncError('CONFLICT_RESOLVED', 'client', 'It was resolved otherwise: look again')
  }
  throw syncError(
    'CONFLICT_NOT_FOUND',
    'client',
    'There is no such conflict, or it is no longer what it was: look again',
  )
}

/** Of what was decided, by whomever. */
function fingerprintOf(value: unknown, groups: readonly (readonly string[])[] | undefined): string {
  return digest(canonical(value), canonical(groups ?? null))
}

function decisionOf(conflict: OpenConflict, resolution: Resolution, at: number): Decision {
  const { id, type, field, refs, seen } = conflict
  const groups = type === 'match' ? groupsOf(refs, resolution.groups) : undefined
  return {
    key: digest(type, field ?? '', ...refs),
    conflict: id,
    type,
    ...(field === undefined ? {} : { field }),
    records: refs,
    by: resolution.by,
    at,
    value: type === 'match' ? null : valueOf(type, saidIn(conflict, resolution)),
    seen,
    ...(groups === undefined ? {} : { groups }),
  }
}

function saidIn({ candidates }: OpenConflict, { value, candidate }: Resolution): unknown {
  if (candidate === undefined) return value
  const said = candidates.find(({ source, id }) => source === candidate.source && id === candidate.id)
  if (said === undefined) throw wrong('candidate must be the source and the id of one of its candidates')
  return said.value
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
  const named = sortedGroups(groups as NonNullable<Resolution['groups']>)
  const all = named.flat().toSorted(compareText)
  if (canonical(all) !== canonical(refs.toSorted(compareText)))
    throw wrong('groups must have each record of the conflict once')
  return named
}

function sortedGroups(groups: NonNullable<Resolution['groups']>): readonly (readonly string[])[] {
  return groups
    .map((group) => group.map(refOf).toSorted(compareText))
    .toSorted(([a = ''], [b = '']) => compareText(a, b))
}

function wrong(message: string): Error {
  return syncError('INVALID_RESOLUTION', 'validation', message)
}
