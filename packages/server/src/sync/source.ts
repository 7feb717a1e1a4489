import type { Source, SourcePage } from '@holdfast/agents/sync'
import type { Clock } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import type { SyncKind } from '../config/options.ts'

/** Records of a page; a transaction takes twice as many. */
export const PAGE_RECORDS = 500

/** What every source is made with. */
export interface SourceContext {
  /** In its records. */
  readonly name: string
  readonly kind: SyncKind
  readonly store: Pick<Store, 'asWorker'>
  readonly clock: Pick<Clock, 'wallTime'>
  /** Hears of what a source cannot tell, a row without an id for example, in words without its values. */
  readonly onProblem: (tenant: string, problem: string) => void
}

/** A source, and what stands behind it. */
export interface OpenSource extends Source {
  close?(): Promise<void>
}

/** The ids that a source had told of and has not taken back. */
export async function knownIds(
  context: SourceContext,
  tenant: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const told = await toldIds(context, tenant, signal)
  return [...told].flatMap(([id, isGone]) => (isGone ? [] : [id]))
}

/** The ids that a source had told of, each with whether it has taken it back. */
export async function toldIds(
  { store, name, kind }: SourceContext,
  tenant: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, boolean>> {
  const rows = await store.asWorker(
    tenant,
    (transaction) =>
      transaction
        .selectFrom('sync_records')
        .select(['source_id', 'deleted_at'])
        .where('kind', '=', kind)
        .where('source', '=', name)
        .execute(),
    { signal },
  )
  return new Map(rows.map(({ source_id: id, deleted_at: at }) => [id, at !== null]))
}

/** Pages that say of records that they are gone, the last with the cursor alone. */
export function* goneFrom(
  { name: source, kind }: SourceContext,
  ids: readonly string[],
  observedAt: number,
  cursor: SourcePage['cursor'],
  version = 0,
): Generator<SourcePage, undefined, void> {
  for (let from = 0; from === 0 || from < ids.length; from += PAGE_RECORDS) {
    const some = ids.slice(from, from + PAGE_RECORDS)
    const records = some.map((id) => ({ kind, source, id, observedAt, version, deleted: true }))
    yield { records, cursor }
  }
}
