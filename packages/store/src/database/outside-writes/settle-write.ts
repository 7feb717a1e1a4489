import { HoldfastError } from '@holdfast/core'
import type { Transaction } from '../session-dialect.ts'
import { AGE_MS, asMade } from './claims.ts'
import type { WriteName } from './claims.ts'

/** A write of which nobody knows whether it was made. */
export interface UnconfirmedWrite extends WriteName {
  readonly claimedAt: Date
  /** What was to be written, as JSON: its first 2,000 characters. */
  readonly input: string
}

/** What a person has found out about a write. */
export interface WriteSettlement extends WriteName {
  /** `not-made` lets the key be used again; with `made` whoever comes with it gets the result. */
  readonly outcome: 'made' | 'not-made'
  /** Of one that was made: what the connector would have given, as JSON. It may be added later. Default: nothing. */
  readonly result?: unknown
  /** Who has looked; it stands in the audit. */
  readonly by: string
}

/** @internal The oldest first. @param underWayMs how long a claim counts as under way, in ms. */
export async function listUnconfirmed(
  transaction: Transaction,
  limit: number,
  underWayMs: number,
): Promise<readonly UnconfirmedWrite[]> {
  const rows = await transaction
    .selectFrom('outside_writes')
    .select(['service', 'key', 'claimed_at', 'input'])
    .where(({ eb, or, and }) =>
      or([eb('state', '=', 'unconfirmed'), and([eb('state', '=', 'claimed'), eb(AGE_MS, '>=', underWayMs)])]),
    )
    .orderBy('claimed_at')
    .limit(limit)
    .execute()
  // Claims of an earlier schema have none.
  return rows.map(({ claimed_at: claimedAt, input, ...name }) => ({ ...name, claimedAt, input: input ?? '' }))
}

/** @internal @throws HoldfastError `WRITE_UNKNOWN`, `WRITE_UNDER_WAY`, `WRITE_SETTLED` */
export async function settle(
  transaction: Transaction,
  { service, key, outcome, result, by }: WriteSettlement,
  underWayMs: number,
): Promise<void> {
  const row = await transaction
    .selectFrom('outside_writes')
    .select(['state', 'result', AGE_MS.as('ageMs')])
    .where('key', '=', key)
    .where('service', '=', service)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw refused('WRITE_UNKNOWN', 'There is no write to this service with this key')
  // Who has said that it was made may have left out what came of it.
  const isAdded = outcome === 'made' && result !== undefined && row.result === null
  if (row.state === 'made' && !isAdded) throw refused('WRITE_SETTLED', 'This write is known to have been made')
  if (row.state === 'claimed' && row.ageMs < underWayMs) {
    throw refused('WRITE_UNDER_WAY', 'This write may be under way just now; look again later')
  }
  if (outcome === 'made') {
    await transaction
      .updateTable('outside_writes')
      .set(asMade(result))
      .where('key', '=', key)
      .where('service', '=', service)
      .execute()
  } else {
    await transaction.deleteFrom('outside_writes').where('key', '=', key).where('service', '=', service).execute()
  }
  await transaction
    .insertInto('audit')
    .values({ actor: by, action: `write-${outcome}`, target: `${service}: ${key}` })
    .execute()
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, category: 'validation', message, retryable: false, mayHaveTakenEffect: false })
}
