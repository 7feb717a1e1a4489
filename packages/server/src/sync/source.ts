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
  { store, name, kind }: SourceContext,
  tenant: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const rows = await store.asWorker(
    tenant,
    (transaction) =>
      transaction
        .selectFrom('sync_records')
        .select('source_id')
        .where('kind', '=', kind)
        .where('source', '=', name)
        .where('deleted_at', 'is', null)
        .execute(),
    { signal },
  )
  return rows.map(({ source_id: id }) => id)
}

/** Pages that say of records that they are gone, the last with the cursor alone. */
export function* goneFrom(
  { name: source, kind }: SourceContext,
  ids: readonly string[],
  observedAt: number,
  cursor: SourcePage['cursor'],
): Generator<SourcePage, undefined, void> {
  for (let from = 0; from === 0 || from < ids.length; from += PAGE_RECORDS) {
    const records = ids.slice(from, from + PAGE_RECORDS).map((id) => ({ kind, source, id, observedAt, deleted: true }))
    yield { records, cursor }
  }
}
