import { sql } from 'kysely'
import type { Transaction } from './session-dialect.ts'

/** Events that are forgotten in one transaction. */
const AT_ONCE = 1_000

/**
 * Forgets events from before a moment, up to 1,000. Of a topic those in front go, never one behind another that stays: whoever reads from the beginning meets no hole. One that a subscriber
 * or a webhook has yet to be told stays, with all behind it; one that a webhook was given up on goes. Topics count on. For a tenant's workers; others may not.
 *
 * @returns how many were forgotten; as long as they are 1,000 there may be more.
 */
export async function forgetEvents(transaction: Transaction, before: Date): Promise<number> {
  // All that stays is looked through once a batch: the embedded database knows nothing of how its rows are spread, and would choose a look at all of them for each of them.
  const { numAffectedRows = 0n } = await sql`
    with stays as materialized (
      select topic, min(seq) as seq from (
        select topic, seq from outbox where created_at >= ${before}
        union all select topic, seq from outbox where dispatched_at is null and exists (select from webhooks)
        union all select topic, seq from event_deliveries
        union all select topic, seq from webhook_deliveries where state = 'pending'
      ) needed group by topic
    ), due as materialized (
      select o.tenant, o.topic, o.seq from outbox o left join stays on stays.topic = o.topic
      where o.created_at < ${before} and (stays.seq is null or o.seq < stays.seq)
      order by o.topic, o.seq limit ${AT_ONCE}
    )
    delete from outbox o using due
    where o.tenant = due.tenant and o.topic = due.topic and o.seq = due.seq`.execute(transaction)
  return Number(numAffectedRows)
}
