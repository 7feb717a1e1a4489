import { json } from '@holdfast/store/database'
import type { StoredRow, Transaction } from '@holdfast/store/database'
import { isAlive } from './facts.ts'
import type { Decision, FieldFact, RecordFacts, Stamp } from './facts.ts'
import type { EntityKind } from './kind.ts'
import { keysOf, MAX_HOLDERS } from './match.ts'
import { digest } from './record.ts'

/** A record with the component it was found in. */
export interface KeptRecord {
  readonly facts: RecordFacts
  readonly component: string
}

/** Rows that go into one statement: its parameters are counted in 16 bits. */
const ROWS_AT_ONCE = 1_000

/** What a key is in the store, where its value is nobody's business. */
export function storedKey(key: string): string {
  return digest('key', key)
}

/** Nobody else changes what this tenant has before the transaction ends. @returns whether there is such a tenant. */
export async function lockTenant(transaction: Transaction): Promise<boolean> {
  const tenants = await transaction.selectFrom('tenants').select('id').forNoKeyUpdate().execute()
  return tenants.length === 1
}

/** Nobody changes what this tenant has while it is read. */
export async function holdTenant(transaction: Transaction): Promise<void> {
  await transaction.selectFrom('tenants').select('id').forShare().execute()
}

export async function readRecords(
  transaction: Transaction,
  kind: string,
  by: 'ref' | 'component',
  values: readonly string[],
): Promise<ReadonlyMap<string, KeptRecord>> {
  const found = new Map<string, KeptRecord>()
  for (const some of inParts(values)) {
    const rows = await transaction
      .selectFrom('sync_records')
      .selectAll()
      .where('kind', '=', kind)
      .where(by, 'in', some)
      .execute()
    for (const row of rows) found.set(row.ref, { facts: factsOfRow(row), component: row.component })
  }
  return found
}

/** Who has these keys, but for those that more than `most` have. */
export async function readHolders(
  transaction: Transaction,
  kind: string,
  keys: readonly string[],
  most: number = MAX_HOLDERS,
): Promise<{ readonly refs: readonly string[]; readonly common: readonly string[] }> {
  const refs = new Set<string>()
  const common: string[] = []
  for (const some of inParts(keys)) {
    const counted = await transaction
      .selectFrom('sync_keys')
      .select((of) => ['key', of.fn.countAll().as('holders')])
      .where('kind', '=', kind)
      .where('key', 'in', some)
      .groupBy('key')
      .execute()
    common.push(...counted.filter(({ holders }) => Number(holders) > MAX_HOLDERS).map(({ key }) => key))
    const followed = counted.filter(({ holders }) => Number(holders) <= most).map(({ key }) => key)
    if (followed.length === 0) continue
    const rows = await transaction
      .selectFrom('sync_keys')
      .select('ref')
      .where('kind', '=', kind)
      .where('key', 'in', followed)
      .execute()
    for (const { ref } of rows) refs.add(ref)
  }
  return { refs: [...refs], common }
}

export async function readKeys(
  transaction: Transaction,
  kind: string,
  refs: readonly string[],
): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const some of inParts(refs)) {
    const rows = await transaction
      .selectFrom('sync_keys')
      .select('key')
      .where('kind', '=', kind)
      .where('ref', 'in', some)
      .execute()
    for (const { key } of rows) found.add(key)
  }
  return [...found]
}

/** Writes records with their keys. */
export async function writeRecords(
  transaction: Transaction,
  name: string,
  kind: EntityKind,
  records: ReadonlyMap<string, KeptRecord>,
): Promise<void> {
  for (const some of inParts([...records])) {
    await transaction
      .insertInto('sync_records')
      .values(some.map(([ref, { facts, component }]) => rowOf(name, ref, facts, component)))
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'kind', 'ref']).doUpdateSet((of) => ({
          component: of.ref('excluded.component'),
          fields: of.ref('excluded.fields'),
          deleted: of.ref('excluded.deleted'),
          decisions: of.ref('excluded.decisions'),
          deleted_at: of.ref('excluded.deleted_at'),
        })),
      )
      .execute()
    const refs = some.map(([ref]) => ref)
    await transaction.deleteFrom('sync_keys').where('kind', '=', name).where('ref', 'in', refs).execute()
    const keys = some.flatMap(([ref, { facts }]) =>
      [...new Set(keysOf(kind, facts).map(({ key }) => storedKey(key)))].map((key) => ({ kind: name, key, ref })),
    )
    for (const part of inParts(keys))
      await transaction
        .insertInto('sync_keys')
        .values([...part])
        .execute()
  }
}

/** Moves records to other components. By an upsert, which finds each by its key in one statement, whatever the planner thinks of the table; each is there, so that of a new row only what must be in it is said. */
export async function writeComponents(
  transaction: Transaction,
  kind: string,
  moved: ReadonlyMap<string, KeptRecord>,
): Promise<void> {
  for (const some of inParts([...moved])) {
    await transaction
      .insertInto('sync_records')
      .values(
        some.map(([ref, { facts, component }]) => ({
          kind,
          ref,
          source: facts.source,
          source_id: facts.id,
          component,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'kind', 'ref']).doUpdateSet((of) => ({ component: of.ref('excluded.component') })),
      )
      .execute()
  }
}

export async function removeRecords(transaction: Transaction, kind: string, refs: readonly string[]): Promise<void> {
  for (const some of inParts(refs)) {
    await transaction.deleteFrom('sync_records').where('kind', '=', kind).where('ref', 'in', some).execute()
  }
}

export function inParts<Value>(values: readonly Value[]): readonly (readonly Value[])[] {
  const parts: (readonly Value[])[] = []
  for (let from = 0; from < values.length; from += ROWS_AT_ONCE) parts.push(values.slice(from, from + ROWS_AT_ONCE))
  return parts
}

export function factsOfRow(row: StoredRow<'sync_records'>): RecordFacts {
  return {
    source: row.source,
    id: row.source_id,
    fields: row.fields as Readonly<Record<string, FieldFact>>,
    ...(row.deleted === null ? {} : { deleted: row.deleted as Stamp }),
    decisions: row.decisions as Readonly<Record<string, Decision>>,
  }
}

function rowOf(kind: string, ref: string, facts: RecordFacts, component: string) {
  const { source, id, fields, deleted, decisions } = facts
  return {
    kind,
    ref,
    source,
    source_id: id,
    component,
    fields: json(fields),
    deleted: deleted === undefined ? null : json(deleted),
    decisions: json(decisions),
    deleted_at: deleted === undefined || isAlive(facts) ? null : new Date(deleted.observedAt),
  }
}
