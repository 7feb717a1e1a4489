import type { Conflict, QueuedConflict } from '@holdfast/agents/sync'
import type { Store } from '@holdfast/store/database'

/** Some of what waits for a person, and how much it is in all at that moment. */
export interface Waiting {
  readonly conflicts: readonly QueuedConflict[]
  readonly total: number
}

/** Which of them. */
export interface WaitingQuery {
  readonly limit: number
  /** The last that was seen. */
  readonly after?: { readonly kind: string; readonly id: string } | undefined
}

/** Reads the queue by kind and id. What is counted and what is shown are of one statement: a pull between two would have them differ. */
export async function readWaiting(
  store: Pick<Store, 'asWorker'>,
  tenant: string,
  kinds: readonly string[],
  { limit, after }: WaitingQuery,
): Promise<Waiting> {
  return store.asWorker(tenant, async (transaction) => {
    const all = transaction
      .selectFrom('sync_conflicts as all')
      .select(({ fn }) => fn.countAll<string>().as('total'))
      .where('all.kind', 'in', kinds)
    const rows = await transaction
      .selectFrom('sync_conflicts')
      .select(['body', 'opened_at', all.as('total')])
      .where('kind', 'in', kinds)
      .$if(after !== undefined, (query) =>
        query.where((of) =>
          of.or([of('kind', '>', after!.kind), of.and([of('kind', '=', after!.kind), of('id', '>', after!.id)])]),
        ),
      )
      .orderBy('kind')
      .orderBy('id')
      .limit(limit)
      .execute()
    const total = rows[0]?.total ?? (after === undefined ? 0 : (await all.executeTakeFirstOrThrow()).total)
    return {
      conflicts: rows.map(({ body, opened_at: at }) => ({ ...(body as Conflict), openedAt: at.getTime() })),
      total: Number(total),
    }
  })
}
