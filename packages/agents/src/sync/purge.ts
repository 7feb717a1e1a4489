import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import { compareStamps } from './facts.ts'
import type { Stamp } from './facts.ts'
import type { EntityKind } from './kind.ts'
import { reconcile } from './reconcile.ts'
import { factsOfRow } from './rows.ts'
import type { KeptRecord } from './rows.ts'

const MAX_PURGED = 1_000

/** Drops what has been deleted since before a moment. Where a deletion counts for others, it stays as long as there is one of them. */
export async function purgeDeleted(
  transaction: Transaction,
  kinds: Readonly<Record<string, EntityKind>>,
  until: Date,
): Promise<number> {
  const alone = Object.keys(kinds).filter((name) => (kinds[name]!.deletion ?? 'source') === 'source')
  const rows = await transaction
    .selectFrom('sync_records as due')
    .selectAll('due')
    .where('due.kind', 'in', Object.keys(kinds))
    .where('due.deleted_at', '<=', until)
    .where((of) =>
      of.or([
        ...(alone.length === 0 ? [] : [of('due.kind', 'in', alone)]),
        of.not(
          of.exists(
            of
              .selectFrom('sync_records as other')
              .select('other.ref')
              .whereRef('other.kind', '=', 'due.kind')
              .whereRef('other.component', '=', 'due.component')
              .where((other) =>
                other.or([other('other.deleted_at', 'is', null), other('other.deleted_at', '>', until)]),
              ),
          ),
        ),
      ]),
    )
    .orderBy('due.deleted_at')
    .limit(MAX_PURGED)
    .execute()
  for (const name of new Set(rows.map(({ kind }) => kind))) {
    const gone = new Map<string, KeptRecord>(
      rows
        .filter(({ kind }) => kind === name)
        .map((row) => [row.ref, { facts: factsOfRow(row), component: row.component }]),
    )
    await raiseWatermarks(transaction, name, gone)
    await reconcile(transaction, name, kinds[name]!, new Map(), gone)
  }
  return rows.length
}

async function raiseWatermarks(
  transaction: Transaction,
  kind: string,
  gone: ReadonlyMap<string, KeptRecord>,
): Promise<void> {
  const rows = await transaction.selectFrom('sync_watermarks').selectAll().where('kind', '=', kind).execute()
  const highest = new Map(rows.map(({ source, stamp }) => [source, stamp as Stamp]))
  for (const { facts } of gone.values()) {
    const known = highest.get(facts.source)
    if (known === undefined || compareStamps(facts.deleted!, known) > 0) highest.set(facts.source, facts.deleted!)
  }
  for (const [source, stamp] of highest) {
    await transaction
      .insertInto('sync_watermarks')
      .values({ kind, source, stamp: json(stamp) })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'kind', 'source']).doUpdateSet((of) => ({ stamp: of.ref('excluded.stamp') })),
      )
      .execute()
  }
}
