import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import { forgottenDigest } from './ingest.ts'
import type { EntityKind } from './kind.ts'
import { mergeAround, reconcile } from './reconcile.ts'
import type { KeptRecord } from './rows.ts'

/** Erases the thing that a record is of. @returns how many records it had. */
export async function forgetEntity(
  transaction: Transaction,
  name: string,
  kind: EntityKind,
  ref: string,
  by: string,
): Promise<number> {
  const { matches, records } = await mergeAround(transaction, name, kind, [ref])
  const refs = matches.groups.find((group) => group.includes(ref))
  if (refs === undefined) return 0
  await transaction
    .insertInto('sync_forgotten')
    .values(refs.map((one) => ({ digest: forgottenDigest(name, one) })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const removed = new Map(refs.map((one) => [one, records.get(one)!]))
  await reconcile(transaction, name, kind, withoutDecisionsOn(refs, records), removed)
  await transaction
    .insertInto('audit')
    .values({
      actor: by,
      action: 'sync-forgotten',
      target: refs[0]!,
      details: json({ kind: name, records: refs.length }),
    })
    .execute()
  return refs.length
}

/** The others, where they have a decision that was about these too: values of these may be in it. */
function withoutDecisionsOn(
  refs: readonly string[],
  records: ReadonlyMap<string, KeptRecord>,
): ReadonlyMap<string, KeptRecord> {
  const changed = new Map<string, KeptRecord>()
  for (const [ref, { facts, component }] of records) {
    if (refs.includes(ref)) continue
    const all = Object.entries(facts.decisions)
    const kept = all.filter(([, decision]) => !decision.records.some((one) => refs.includes(one)))
    if (kept.length < all.length)
      changed.set(ref, { facts: { ...facts, decisions: Object.fromEntries(kept) }, component })
  }
  return changed
}
