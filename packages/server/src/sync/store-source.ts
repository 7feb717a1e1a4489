import { fieldValue } from './field-value.ts'
import { goneFrom, knownIds, PAGE_RECORDS } from './source.ts'
import type { OpenSource, SourceContext } from './source.ts'

/** What is written down from others, by the desk: it would come back as if the store had said it. */
const ECHOES: readonly string[] = ['sheet', 'sync']

const FIRST = '00000000-0000-0000-0000-000000000000'

/** The clients of the store, in the order of their ids. One that breaks off goes on after the last that was kept. */
export function storeSource(context: SourceContext): OpenSource {
  const { name: source, kind, store, clock } = context
  return {
    async *read(cursor, { tenant, signal }) {
      const { after: begin = FIRST } = (cursor ?? {}) as { readonly after?: string }
      for (let after = begin; ;) {
        const clients = await store.asWorker(
          tenant,
          (transaction) =>
            transaction
              .selectFrom('clients')
              .select(['id', 'email', 'name', 'phone', 'updated_at'])
              .where('id', '>', after)
              .where((of) => of.or([of('source', 'is', null), of('source', 'not in', ECHOES)]))
              .orderBy('id')
              .limit(PAGE_RECORDS)
              .execute(),
          { signal },
        )
        const last = clients.at(-1)?.id
        if (last === undefined) break
        after = last
        const records = clients.map(({ id, email, name, phone, updated_at: at }) => ({
          kind,
          source,
          id,
          observedAt: at,
          sameKeepsTime: true,
          fields: {
            email: fieldValue('email', email),
            // One whose name nobody knows goes by his address.
            name: name === email ? null : fieldValue('name', name),
            phone: fieldValue('phone', phone),
          },
        }))
        yield { records, cursor: { after } }
      }
      const known = await knownIds(context, tenant, signal)
      const there = await store.asWorker(
        tenant,
        (transaction) => transaction.selectFrom('clients').select('id').execute(),
        { signal },
      )
      const ids = new Set(there.map(({ id }) => id))
      const now = Math.floor(clock.wallTime())
      yield* goneFrom(
        context,
        known.filter((id) => !ids.has(id)),
        now,
        { readAt: now },
      )
    },
  }
}
