import type { Transaction } from '@holdfast/store/database'
import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'

/** Events that are handed out in one transaction. */
const BATCH = 500

/** One message that was taken: nobody else sends it until its lease is over. */
export interface TakenMessage {
  readonly webhook: string
  readonly topic: string
  readonly seq: number
  readonly lease: string
  readonly attempt: number
  readonly url: string
  readonly event: string
  readonly payload: unknown
  readonly createdAt: Date
  readonly secrets: readonly KeptSecret[]
}

/** A secret as it is kept. */
export interface KeptSecret {
  readonly id: string
  readonly kept: string
}

/** How an attempt has ended. */
export type Outcome =
  | { readonly type: 'delivered' }
  /** The receiver is gone for good. */
  | { readonly type: 'gone'; readonly code: string }
  /** No further attempt can help this message. */
  | { readonly type: 'hopeless'; readonly code: string }
  | { readonly type: 'failed'; readonly code: string; readonly retryInMs: number }
  /** It was given up by us. */
  | { readonly type: 'released' }

/** What has become of the message. */
export type Settled = 'done' | 'retried' | 'dead' | 'webhook-dead'

/** Whether an event `o` is one of those that a webhook `w` wants. */
export const MATCHES: RawBuilder<unknown> = sql`exists (select from jsonb_array_elements_text(w.events) as wanted(name)
  where wanted.name = o.event or (right(wanted.name, 1) = '*' and starts_with(o.event, left(wanted.name, -1))))`

/** Of a tenant one at a time: what is owed, and to whom, changes as a whole. */
export async function lockTenant(transaction: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('holdfast.webhooks ' || holdfast.current_tenant(), 0))`.execute(
    transaction,
  )
}

/** Hands new events out, and takes messages that are due. @returns them, and whether there may be more. */
export async function take(
  transaction: Transaction,
  { room, perWebhook, leaseMs }: { readonly room: number; readonly perWebhook: number; readonly leaseMs: number },
): Promise<{ readonly messages: readonly TakenMessage[]; readonly isMore: boolean }> {
  await lockTenant(transaction)
  const handedOut = await handOut(transaction)
  const messages = await lease(transaction, room, perWebhook, leaseMs)
  return { messages, isMore: handedOut === BATCH || messages.length === room }
}

/** In the order of their topics, and each once: an event is noted as handed out in the transaction that makes its deliveries. */
async function handOut(transaction: Transaction): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    with o as (
      select tenant, topic, seq, event, created_at from outbox where dispatched_at is null
      order by topic, seq limit ${BATCH} for update
    ), owed as (
      insert into webhook_deliveries (webhook_id, topic, seq, next_at)
      select w.id, o.topic, o.seq, case when w.dead_at is null
        and row_number() over (partition by w.id, o.topic order by o.seq) = 1
        and not exists (select from webhook_deliveries d
          where d.webhook_id = w.id and d.topic = o.topic and d.state = 'pending') then now() end
      from o join webhooks w on o.created_at >= w.created_at and (w.dead_at is null or o.created_at < w.dead_at)
        and ${MATCHES}
      on conflict do nothing
    )
    update outbox set dispatched_at = now() from o
    where outbox.tenant = o.tenant and outbox.topic = o.topic and outbox.seq = o.seq`.execute(transaction)
  return Number(numAffectedRows)
}

async function lease(
  transaction: Transaction,
  room: number,
  perWebhook: number,
  leaseMs: number,
): Promise<readonly TakenMessage[]> {
  const { rows } = await sql<Omit<TakenMessage, 'secrets'>>`
    with due as (
      select webhook_id, topic, seq, row_number() over (partition by webhook_id order by next_at, topic) as place
      from webhook_deliveries join webhooks on id = webhook_id where next_at <= now() and dead_at is null
    ), busy as (
      select webhook_id, count(*) as messages from webhook_deliveries
      where next_at > now() and lease is not null group by webhook_id
    ), chosen as (
      select due.webhook_id, topic, seq from due left join busy on busy.webhook_id = due.webhook_id
      where place + coalesce(messages, 0) <= ${perWebhook} order by place limit ${room}
    )
    update webhook_deliveries d set lease = gen_random_uuid(), attempts = d.attempts + 1,
      first_at = coalesce(d.first_at, now()), next_at = now() + ${leaseMs} * interval '1 millisecond'
    from chosen c
      join webhooks w on w.id = c.webhook_id
      join outbox o on o.tenant = w.tenant and o.topic = c.topic and o.seq = c.seq
    where d.tenant = w.tenant and d.webhook_id = c.webhook_id and d.topic = c.topic and d.seq = c.seq
    returning d.webhook_id as webhook, d.topic, d.seq, d.lease, d.attempts as attempt, w.url, o.event, o.payload,
      o.created_at as "createdAt"`.execute(transaction)
  if (rows.length === 0) return []
  const secrets = await transaction
    .selectFrom('webhook_secrets')
    .select(['webhook_id', 'id', 'secret as kept'])
    .where('webhook_id', 'in', [...new Set(rows.map(({ webhook }) => webhook))])
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', sql<Date>`now()`)]))
    .orderBy('created_at', 'desc')
    .execute()
  return rows.map((row) => ({
    ...row,
    secrets: secrets.filter(({ webhook_id }) => webhook_id === row.webhook).map(({ id, kept }) => ({ id, kept })),
  }))
}

/** Notes how an attempt has ended. One whose lease somebody else has taken, or whose webhook was removed, has nothing more to say. */
export async function settle(
  transaction: Transaction,
  message: TakenMessage,
  outcome: Outcome,
  giveUpAfterMs: number,
): Promise<Settled> {
  await lockTenant(transaction)
  const { webhook } = message
  switch (outcome.type) {
    case 'delivered': {
      const { numAffectedRows } = await sql`delete from webhook_deliveries ${mine(message)}`.execute(transaction)
      if (numAffectedRows === 0n) return 'done'
      await sql`update webhooks set last_success_at = now(), failing_since = null where id = ${webhook}`.execute(
        transaction,
      )
      await restartTopic(transaction, webhook, message.topic)
      return 'done'
    }
    case 'released':
      await sql`update webhook_deliveries set lease = null, next_at = now() ${mine(message)}`.execute(transaction)
      return 'retried'
    case 'gone':
      await note(transaction, message, outcome.code, 0)
      await bury(transaction, webhook, 'GONE')
      return 'webhook-dead'
    case 'hopeless':
      return dead(transaction, message, outcome.code)
    case 'failed':
      return failed(transaction, message, outcome, giveUpAfterMs)
  }
}

async function failed(
  transaction: Transaction,
  message: TakenMessage,
  { code, retryInMs }: { readonly code: string; readonly retryInMs: number },
  giveUpAfterMs: number,
): Promise<Settled> {
  const isTooLong = (since: 'failing_since' | 'first_at'): RawBuilder<boolean> =>
    sql<boolean>`${sql.ref(since)} <= clock_timestamp() - ${giveUpAfterMs} * interval '1 millisecond'`
  const noted = await note(transaction, message, code, retryInMs)
  if (!noted) return 'retried'
  const webhook = await sql<{ over: boolean }>`
    update webhooks set failing_since = coalesce(failing_since, now()) where id = ${message.webhook}
    returning ${isTooLong('failing_since')} as over`.execute(transaction)
  if (webhook.rows[0]?.over === true) {
    await bury(transaction, message.webhook, 'GAVE_UP')
    return 'webhook-dead'
  }
  const { rows } = await sql<{ over: boolean }>`select ${isTooLong('first_at')} as over from webhook_deliveries
    where webhook_id = ${message.webhook} and topic = ${message.topic} and seq = ${message.seq}`.execute(transaction)
  return rows[0]?.over === true ? dead(transaction, message, code) : 'retried'
}

/** Gives the lease back. @returns whether it was ours. */
async function note(
  transaction: Transaction,
  message: TakenMessage,
  code: string,
  retryInMs: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update webhook_deliveries set lease = null, last_at = now(), last_code = ${code},
      next_at = now() + ${retryInMs} * interval '1 millisecond' ${mine(message)}`.execute(transaction)
  return numAffectedRows === 1n
}

/** Gives one message up, so that those behind it can go. */
async function dead(transaction: Transaction, message: TakenMessage, code: string): Promise<Settled> {
  const { webhook, topic, seq } = message
  await sql`update webhook_deliveries set state = 'dead', next_at = null, lease = null, last_at = now(),
    last_code = ${code} where webhook_id = ${webhook} and topic = ${topic} and seq = ${seq}
    and (lease is null or lease = ${message.lease})`.execute(transaction)
  await restartTopic(transaction, webhook, topic)
  return 'dead'
}

/** Sends a webhook nothing more. What is owed to it stays. */
async function bury(transaction: Transaction, webhook: string, code: string): Promise<void> {
  await sql`update webhooks set dead_at = clock_timestamp(), dead_code = ${code}
    where id = ${webhook} and dead_at is null`.execute(transaction)
  // Those that are under way just now may still be taken.
  await sql`update webhook_deliveries set next_at = null where webhook_id = ${webhook} and lease is null`.execute(
    transaction,
  )
}

/** Gives the first of those that wait in a topic its turn; not while the webhook is dead. */
async function restartTopic(transaction: Transaction, webhook: string, topic: string): Promise<void> {
  await sql`
    update webhook_deliveries set next_at = coalesce(next_at, now())
    where webhook_id = ${webhook} and topic = ${topic}
      and seq = (select min(seq) from webhook_deliveries
        where webhook_id = ${webhook} and topic = ${topic} and state = 'pending')
      and exists (select from webhooks where id = ${webhook} and dead_at is null)`.execute(transaction)
}

/** The same for each of its topics. */
export async function restartTopics(transaction: Transaction, webhook: string): Promise<void> {
  await sql`
    with first as (
      select topic, min(seq) as seq from webhook_deliveries
      where webhook_id = ${webhook} and state = 'pending' group by topic
    )
    update webhook_deliveries d set next_at = coalesce(d.next_at, now()) from first f, webhooks w
    where w.id = ${webhook} and w.dead_at is null
      and d.tenant = w.tenant and d.webhook_id = w.id and d.topic = f.topic and d.seq = f.seq`.execute(transaction)
}

function mine({ webhook, topic, seq, lease: taken }: TakenMessage): RawBuilder<unknown> {
  return sql`where webhook_id = ${webhook} and topic = ${topic} and seq = ${seq} and lease = ${taken}`
}
