import { createHash } from 'node:crypto'
import type { Transaction } from '@holdfast/store/database'
import { sql } from 'kysely'

/** An event that a subscriber has yet to be told. */
export interface OwedEvent {
  /** The same when it is told again. 1 to 100 characters. */
  readonly id: string
  readonly topic: string
  /** 1, 2, 3 in its topic. */
  readonly seq: number
  readonly event: string
  readonly payload: unknown
  readonly at: Date
}

/** One that was taken: nobody else is told it until the lease is over. */
export interface TakenEvent extends OwedEvent {
  readonly lease: string
  readonly attempt: number
}

/** Notes what a subscriber of the tenant is told from now on; nothing: he is forgotten, with all that is owed to him. */
export async function note(transaction: Transaction, name: string, events: readonly string[]): Promise<void> {
  if (events.length === 0) {
    await transaction.deleteFrom('event_subscribers').where('name', '=', name).execute()
    return
  }
  const wanted = JSON.stringify(events)
  await sql`insert into event_subscribers (name, events) values (${name}, ${wanted}::jsonb)
    on conflict (tenant, name) do update set events = excluded.events`.execute(transaction)
}

/** Takes what is due, in the order of the topics. */
export async function take(
  transaction: Transaction,
  subscriber: string,
  { room, leaseMs }: { readonly room: number; readonly leaseMs: number },
): Promise<readonly TakenEvent[]> {
  const { rows } = await sql<Omit<TakenEvent, 'id'>>`
    with due as (
      select tenant, topic, seq from event_deliveries where subscriber = ${subscriber} and next_at <= now()
      order by topic, seq limit ${room} for update skip locked
    )
    update event_deliveries d set lease = gen_random_uuid(), attempts = d.attempts + 1,
      next_at = now() + ${leaseMs} * interval '1 millisecond'
    from due join outbox o on o.tenant = due.tenant and o.topic = due.topic and o.seq = due.seq
    where d.tenant = due.tenant and d.subscriber = ${subscriber} and d.topic = due.topic and d.seq = due.seq
    returning d.topic, d.seq, d.lease, d.attempts as attempt, o.event, o.payload, o.created_at as at`.execute(
    transaction,
  )
  return rows
    .map((row) => ({ ...row, id: idOf(row.topic, row.seq) }))
    .toSorted((a, b) => (a.topic === b.topic ? a.seq - b.seq : a.topic < b.topic ? -1 : 1))
}

/** That it was told, or given up. One whose lease somebody else has taken has nothing more to say. */
export async function settle(transaction: Transaction, subscriber: string, event: TakenEvent): Promise<void> {
  await sql`delete from event_deliveries ${mine(subscriber, event)}`.execute(transaction)
}

/** Gives it back, for a later time. */
export async function putBack(
  transaction: Transaction,
  subscriber: string,
  event: TakenEvent,
  { inMs, isUntold = false }: { readonly inMs: number; readonly isUntold?: boolean },
): Promise<void> {
  await sql`update event_deliveries set lease = null, attempts = attempts - ${isUntold ? 1 : 0},
    next_at = now() + ${inMs} * interval '1 millisecond' ${mine(subscriber, event)}`.execute(transaction)
}

function mine(subscriber: string, { topic, seq, lease }: TakenEvent) {
  return sql`where subscriber = ${subscriber} and topic = ${topic} and seq = ${seq} and lease = ${lease}`
}

function idOf(topic: string, seq: number): string {
  const id = `${topic}:${seq}`
  return id.length <= 100 ? id : createHash('sha256').update(id).digest('hex')
}
