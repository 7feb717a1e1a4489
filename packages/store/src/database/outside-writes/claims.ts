import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Transaction } from '../session-dialect.ts'

/** Which write, by its names in the table. */
export interface WriteName {
  readonly service: string
  readonly key: string
}

/** What somebody finds who wants to make a write. */
export type ClaimOutcome =
  /** Nobody else makes it. One that is repeated was begun before, and nobody knows what came of that. */
  | { readonly state: 'ours'; readonly isRepeated: boolean }
  | { readonly state: 'made'; readonly result: unknown }
  | { readonly state: 'unconfirmed' | 'reused' }
  /** Somebody has claimed it so many ms ago, and has not said what came of it. */
  | { readonly state: 'claimed'; readonly ageMs: number }

/** What came of a write. */
export type WriteEnd =
  | { readonly state: 'made'; readonly result: unknown }
  | { readonly state: 'unconfirmed' }
  /** It certainly has not been made: the key may be used again. */
  | { readonly state: 'free' }

/** @internal How long ago a row was claimed, in ms, by the clock of the database. */
export const AGE_MS: RawBuilder<number> = sql<number>`(extract(epoch from now() - claimed_at) * 1000)::float8`

/** What a write is claimed with. */
export interface Claiming {
  readonly fingerprint: string
  readonly claim: string
  readonly input: string
  readonly underWayMs: number
  /** See {@link OutsideWrite.repeatableForMs}. */
  readonly repeatableForMs: number
}

/** @internal Claims a write, unless somebody has done so before. */
export async function claimWrite(
  transaction: Transaction,
  { service, key }: WriteName,
  { fingerprint, claim, input, underWayMs, repeatableForMs }: Claiming,
): Promise<ClaimOutcome> {
  await transaction
    .insertInto('outside_writes')
    .values({ service, key, fingerprint, claim, input })
    .onConflict((conflict) => conflict.columns(['key', 'service', 'tenant']).doNothing())
    .execute()
  const row = await transaction
    .selectFrom('outside_writes')
    .select(['fingerprint', 'state', 'claim', 'result', AGE_MS.as('ageMs')])
    .where('key', '=', key)
    .where('service', '=', service)
    .executeTakeFirst()
  // It was given back between the two statements.
  if (row === undefined) return { state: 'claimed', ageMs: 0 }
  if (row.fingerprint !== fingerprint) return { state: 'reused' }
  if (row.state === 'made') return { state: 'made', result: row.result === null ? undefined : JSON.parse(row.result) }
  if (row.claim === claim) return { state: 'ours', isRepeated: false }
  const isUnknown = row.state === 'unconfirmed' || row.ageMs >= underWayMs
  if (isUnknown && row.ageMs < repeatableForMs) {
    // Since when it is claimed stays: the service counts from its first attempt.
    const { numUpdatedRows } = await transaction
      .updateTable('outside_writes')
      .set({ state: 'claimed', claim })
      .where('key', '=', key)
      .where('service', '=', service)
      .where('claim', '=', row.claim)
      .where('state', '=', row.state)
      .executeTakeFirst()
    return numUpdatedRows === 1n ? { state: 'ours', isRepeated: true } : { state: 'claimed', ageMs: 0 }
  }
  return row.state === 'unconfirmed' ? { state: 'unconfirmed' } : { state: 'claimed', ageMs: row.ageMs }
}

/** @internal Notes what came of a write that was claimed. Does nothing where a person has settled it since. */
export async function endWrite(
  transaction: Transaction,
  { service, key }: WriteName,
  claim: string,
  end: WriteEnd,
): Promise<void> {
  if (end.state === 'free') {
    await transaction
      .deleteFrom('outside_writes')
      .where('key', '=', key)
      .where('service', '=', service)
      .where('claim', '=', claim)
      .where('state', '=', 'claimed')
      .execute()
    return
  }
  await transaction
    .updateTable('outside_writes')
    .set(end.state === 'made' ? asMade(end.result) : { state: end.state })
    .where('key', '=', key)
    .where('service', '=', service)
    .where('claim', '=', claim)
    .where('state', '=', 'claimed')
    .execute()
}

/** @internal What is kept of a write that was made. @throws TypeError for a result that JSON cannot say. */
export function asMade(result: unknown): {
  readonly state: 'made'
  readonly result: string | null
  readonly input: null
} {
  return { state: 'made', result: JSON.stringify(result) ?? null, input: null }
}
