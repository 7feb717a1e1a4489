import { sql } from 'kysely'
import type { Transaction } from './session-dialect.ts'

/** Events that are forgotten in one transaction. */
const AT_ONCE = 1_000

/**
 * Forgets the oldest events from before a moment, up to 1,000. Of a topic those in front go, never one behind another that stays: whoever reads from the beginning meets no hole. One that a subscriber
 * or a webhook has yet to be told stays, with all behind it; one that a webhook was given up on goes. Topics count on. For a tenant's workers; others may not.
 *
 * @returns how many were forgotten; as long as they are 1,000 there may be more.
 */
export async function forgetEvents(transaction: Transaction, before: Date): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    with due as materialized (
      select o.tenant, o.topic, o.seq from outbox o
      where o.created_at < ${before}
        and not exists (select from event_deliveries d
          where d.tenant = o.tenant and d.topic = o.topic and d.seq <= o.seq)
        and not exists (select from webhook_deliveries d
          where d.tenant = o.tenant and d.topic = o.topic and d.seq <= o.seq and d.state = 'pending')
        and not exists (select from outbox e join webhooks w on w.tenant = e.tenant
          where e.tenant = o.tenant and e.topic = o.topic and e.seq <= o.seq and e.dispatched_at is null)
      order by o.created_at, o.topic, o.seq limit ${AT_ONCE}
    ), stays as (
      -- A transaction that was begun late may have written before one that was begun early.
      select e.tenant, e.topic, min(e.seq) as seq from outbox e
      where e.topic in (select topic from due)
        and not exists (select from due where due.topic = e.topic and due.seq = e.seq)
      group by e.tenant, e.topic
    )
    delete from outbox o using due left join stays on stays.topic = due.topic
    where o.tenant = due.tenant and o.topic = due.topic and o.seq = due.seq
      and (stays.seq is null or due.seq < stays.seq)`.execute(transaction)
  return Number(numAffectedRows)
}
