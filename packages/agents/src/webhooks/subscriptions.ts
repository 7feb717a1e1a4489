import { randomUUID } from 'node:crypto'
import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import { sql } from 'kysely'
import { webhookError } from './failures.ts'
import { lockTenant, MATCHES, restartTopics } from './queue.ts'
import type { SecretPlace, Sealing } from './sealing.ts'
import type { KeptSecrets, Webhook } from './webhooks.ts'

/** As many secrets as sign a message. */
const MAX_SECRETS = 5

/** A secret on its way into the store: whose it is, and how it is kept there. */
export interface SecretToKeep {
  readonly tenant: string
  readonly secret: string
  readonly sealing: Sealing
}

/** @throws HoldfastError `TOO_MANY_WEBHOOKS` */
export async function insertWebhook(
  transaction: Transaction,
  webhook: { readonly url: string; readonly events: readonly string[]; readonly label: string },
  secret: SecretToKeep,
  most: number,
): Promise<string> {
  await lockTenant(transaction)
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from webhooks`.execute(transaction)
  if ((rows[0]?.count ?? 0) >= most)
    throw webhookError('TOO_MANY_WEBHOOKS', 'client', `A tenant may have ${most} webhooks`)
  const { id } = await transaction
    .insertInto('webhooks')
    // The time of the transaction may be before what was handed out while it waited for the lock.
    .values({ ...webhook, events: json(webhook.events), created_at: sql<Date>`clock_timestamp()` })
    .returning('id')
    .executeTakeFirstOrThrow()
  await insertSecret(transaction, id, secret)
  return id
}

async function insertSecret(
  transaction: Transaction,
  webhook: string,
  { tenant, secret, sealing }: SecretToKeep,
): Promise<void> {
  const id = randomUUID()
  const kept = sealing.seal(secret, { tenant, webhook, id })
  await transaction.insertInto('webhook_secrets').values({ webhook_id: webhook, id, secret: kept }).execute()
}

/** Keeps all secrets as the first key does. Those that cannot be read stay as they are; those that have ended are not kept. */
export async function sealSecrets(transaction: Transaction, tenant: string, sealing: Sealing): Promise<KeptSecrets> {
  await lockTenant(transaction)
  await sql`delete from webhook_secrets where expires_at <= now()`.execute(transaction)
  const rows = await transaction.selectFrom('webhook_secrets').select(['webhook_id', 'id', 'secret']).execute()
  const count = { sealed: 0, unreadable: 0, plain: 0 }
  for (const { webhook_id: webhook, id, secret: kept } of rows) {
    const place = { tenant, webhook, id }
    const secret = opened(sealing, kept, place)
    if (secret === undefined) count.unreadable += 1
    else if (!sealing.isCurrent(kept)) {
      const again = sealing.seal(secret, place)
      await transaction.updateTable('webhook_secrets').set({ secret: again }).where('id', '=', id).execute()
      count.sealed += 1
    } else if (secret === kept) count.plain += 1
  }
  return count
}

function opened(sealing: Sealing, kept: string, place: SecretPlace): string | undefined {
  try {
    return sealing.open(kept, place)
  } catch {
    return undefined
  }
}

export async function listWebhooks(transaction: Transaction): Promise<readonly Webhook[]> {
  const owed = sql<{ webhook_id: string; state: string; count: number }>`
    select webhook_id, state, count(*)::int as count from webhook_deliveries group by webhook_id, state`
  const { rows } = await owed.execute(transaction)
  const count = (id: string, state: string): number =>
    rows.find((row) => row.webhook_id === id && row.state === state)?.count ?? 0
  const webhooks = await transaction.selectFrom('webhooks').selectAll().orderBy('created_at').orderBy('id').execute()
  return webhooks.map(({ id, url, events, label, ...row }) => ({
    id,
    url,
    events,
    label,
    createdAt: row.created_at,
    state: row.dead_at === null ? 'active' : 'dead',
    ...(row.last_success_at === null ? {} : { lastSuccessAt: row.last_success_at }),
    ...(row.failing_since === null ? {} : { failingSince: row.failing_since }),
    ...(row.dead_at === null ? {} : { deadAt: row.dead_at }),
    ...(row.dead_code === null ? {} : { deadCode: row.dead_code }),
    pending: count(id, 'pending'),
    dead: count(id, 'dead'),
  }))
}

export async function removeWebhook(transaction: Transaction, id: string): Promise<boolean> {
  await lockTenant(transaction)
  const { numDeletedRows } = await transaction.deleteFrom('webhooks').where('id', '=', id).executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

/** @throws HoldfastError `WEBHOOK_UNKNOWN` */
export async function addSecret(
  transaction: Transaction,
  id: string,
  secret: SecretToKeep,
  overlapMs: number,
): Promise<void> {
  await lockTenant(transaction)
  await mustExist(transaction, id)
  const end = sql<Date>`now() + ${overlapMs} * interval '1 millisecond'`
  // One that ends before that is left to end then.
  await transaction
    .updateTable('webhook_secrets')
    .set({ expires_at: end })
    .where('webhook_id', '=', id)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', end)]))
    .execute()
  await insertSecret(transaction, id, secret)
  await sql`delete from webhook_secrets where webhook_id = ${id} and (expires_at <= now() or id not in (
    select id from webhook_secrets where webhook_id = ${id}
    order by expires_at desc nulls first, created_at desc limit ${MAX_SECRETS}))`.execute(transaction)
}

/** @returns how many are owed. @throws HoldfastError `WEBHOOK_UNKNOWN` */
export async function redriveWebhook(transaction: Transaction, id: string): Promise<number> {
  await lockTenant(transaction)
  await mustExist(transaction, id)
  // What was handed out while it was dead was not owed to it. What is not handed out yet will be.
  await sql`insert into webhook_deliveries (webhook_id, topic, seq)
    select w.id, o.topic, o.seq from outbox o join webhooks w on o.created_at >= w.dead_at and ${MATCHES}
    where w.id = ${id} and o.dispatched_at is not null
    on conflict do nothing`.execute(transaction)
  await sql`update webhook_deliveries set state = 'pending', attempts = 0, first_at = null, next_at = null, lease = null
    where webhook_id = ${id} and not (lease is not null and coalesce(next_at > now(), false))`.execute(transaction)
  await sql`update webhooks set dead_at = null, dead_code = null, failing_since = null where id = ${id}`.execute(
    transaction,
  )
  await restartTopics(transaction, id)
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from webhook_deliveries where webhook_id = ${id}`.execute(transaction)
  return rows[0]?.count ?? 0
}

export async function mustExist(transaction: Transaction, id: string): Promise<void> {
  const found = await transaction.selectFrom('webhooks').select('id').where('id', '=', id).executeTakeFirst()
  if (found === undefined) throw webhookError('WEBHOOK_UNKNOWN', 'client', 'There is no such webhook')
}
