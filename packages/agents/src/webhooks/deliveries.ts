import type { Transaction } from '@holdfast/store/database'
import { sql } from 'kysely'
import type { WebhookDelivery } from './webhooks.ts'

/** What is owed to a webhook, and what was given up, in the order in which it was last looked at; what was never tried comes last. */
export async function listDeliveries(
  transaction: Transaction,
  id: string,
  limit: number,
): Promise<readonly WebhookDelivery[]> {
  const rows = await transaction
    .selectFrom('webhook_deliveries as d')
    .innerJoin('outbox as o', (join) =>
      join.onRef('o.tenant', '=', 'd.tenant').onRef('o.topic', '=', 'd.topic').onRef('o.seq', '=', 'd.seq'),
    )
    .select(['d.topic', 'd.seq', 'o.event', 'd.state', 'd.attempts', 'd.next_at', 'd.last_at', 'd.last_code'])
    .where('d.webhook_id', '=', id)
    .orderBy(sql`d.last_at desc nulls last`)
    .orderBy('d.topic')
    .orderBy('d.seq')
    .limit(limit)
    .execute()
  return rows.map(({ topic, seq, event, state, attempts, ...row }) => ({
    topic,
    seq,
    event,
    state,
    attempts,
    ...(row.next_at === null ? {} : { nextAt: row.next_at }),
    ...(row.last_at === null ? {} : { lastAt: row.last_at }),
    ...(row.last_code === null ? {} : { lastCode: row.last_code }),
  }))
}
