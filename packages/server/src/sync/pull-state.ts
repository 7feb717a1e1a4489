import { HoldfastError } from '@holdfast/core'
import { json } from '@holdfast/store/database'
import type { StoredRow, Store } from '@holdfast/store/database'
import type { PullCounts, SourceState } from './server-sync.ts'

/** Notes how a pull goes, for all processes to see. */
export interface PullState {
  /** @returns how many have failed since the last that went well. */
  begin(at: Date): Promise<number>
  /** @throws HoldfastError `PULL_TAKEN_OVER` */
  progress(counts: PullCounts): Promise<void>
  /** Also tells those who watch the tenant's events, the first time that it fails, and when it goes well again. */
  end(how: PullOutcome): Promise<void>
}

/** How a pull ended. */
export interface PullOutcome {
  readonly at: Date
  readonly counts: PullCounts
  readonly failure?: { readonly code: string; readonly message: string }
}

/** @param run the id of this pull: who begins another has it from then on. */
export function pullState(store: Pick<Store, 'asWorker'>, tenant: string, source: string, run: string): PullState {
  return {
    begin: (at) =>
      store.asWorker(tenant, async (transaction) => {
        const begun = { run, state: 'running', started_at: at, ended_at: null, counts: json(NOTHING) } as const
        const { failures } = await transaction
          .insertInto('sync_pulls')
          .values({ source, ...begun })
          .onConflict((conflict) => conflict.columns(['tenant', 'source']).doUpdateSet(begun))
          .returning('failures')
          .executeTakeFirstOrThrow()
        return failures
      }),
    progress: (counts) =>
      store.asWorker(tenant, async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('sync_pulls')
          .set({ counts: json(counts) })
          .where('source', '=', source)
          .where('run', '=', run)
          .executeTakeFirstOrThrow()
        if (numUpdatedRows === 0n) throw takenOver()
      }),
    end: ({ at, counts, failure }) =>
      store.asWorker(tenant, async (transaction) => {
        const before = await transaction
          .selectFrom('sync_pulls')
          .select('failures')
          .where('source', '=', source)
          .where('run', '=', run)
          .forUpdate()
          .executeTakeFirst()
        if (before === undefined) return
        const ended = { ended_at: at, counts: json(counts) }
        await transaction
          .updateTable('sync_pulls')
          .set(
            failure === undefined
              ? { ...ended, state: 'done', succeeded_at: at, failures: 0, failure: null }
              : { ...ended, state: 'failed', failures: before.failures + 1, failure: json(failure) },
          )
          .where('source', '=', source)
          .execute()
        if ((failure === undefined) === (before.failures === 0)) return
        const event = failure === undefined ? 'sync-source-recovered' : 'sync-source-failed'
        const payload = json({ source, ...(failure === undefined ? {} : { code: failure.code }) })
        await transaction
          .insertInto('outbox')
          .values({ topic: `sync:${source}`, event, payload })
          .execute()
      }),
  }
}

const NOTHING: PullCounts = Object.freeze({ pages: 0, records: 0 })

/** What is shown of a row. */
export function shownState(
  row: StoredRow<'sync_pulls'> | undefined,
): Pick<SourceState, 'state' | 'startedAt' | 'endedAt' | 'succeededAt' | 'failures' | 'failure' | 'counts'> {
  if (row === undefined) return { state: 'never', failures: 0, counts: NOTHING }
  const { state, started_at: startedAt, ended_at: endedAt, succeeded_at: succeededAt, failures, failure, counts } = row
  return {
    state,
    startedAt,
    ...(endedAt === null ? {} : { endedAt }),
    ...(succeededAt === null ? {} : { succeededAt }),
    failures,
    // What an earlier one failed with is of no interest while it goes well.
    ...(failure === null ? {} : { failure: failure as NonNullable<PullOutcome['failure']> }),
    counts: counts as PullCounts,
  }
}

function takenOver(): HoldfastError {
  return new HoldfastError({
    code: 'PULL_TAKEN_OVER',
    category: 'client',
    message: 'Somebody else pulls this source now',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
