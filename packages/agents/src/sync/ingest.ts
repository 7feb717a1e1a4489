import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import { cursorOf, factsFrom, isText } from './checks.ts'
import { syncError } from './failures.ts'
import { compareStamps, joinRecord, withTimesOf } from './facts.ts'
import type { RecordFacts, Stamp } from './facts.ts'
import type { SyncOptions } from './options.ts'
import { canonical, digest, refOf } from './record.ts'
import type { JsonValue, SourceRecord } from './record.ts'
import { MAX_BATCH, reconcile } from './reconcile.ts'
import { inParts, readRecords } from './rows.ts'
import type { KeptRecord } from './rows.ts'
import type { IngestOptions, IngestResult, RefusedRecord } from './sync.ts'

interface Arrival {
  readonly kind: string
  readonly ref: string
  readonly facts: RecordFacts
  readonly sameKeepsTime: boolean
}

type Outcome = 'changed' | 'unchanged' | 'late' | 'forgotten'

/** Takes records, and a cursor, in one transaction. @param latest the last moment that a record may be of. */
export async function ingestRecords(
  records: readonly SourceRecord[],
  cursor: IngestOptions['cursor'],
  kinds: SyncOptions['kinds'],
  latest: number,
  inTransaction: <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>,
): Promise<IngestResult> {
  if (!Array.isArray(records) || records.length > MAX_BATCH) {
    throw syncError('INVALID_RECORDS', 'validation', `records must be a list of at most ${MAX_BATCH}`)
  }
  const next = cursor === undefined ? undefined : checkedCursor(cursor.value)
  if (cursor !== undefined && !isText(cursor.source, 64)) {
    throw syncError('INVALID_RECORDS', 'validation', 'source of the cursor must be text of 1 to 64 characters')
  }
  const refused: RefusedRecord[] = []
  const arrivals: Arrival[] = []
  for (const [index, record] of records.entries()) {
    try {
      const facts = factsFrom(record, kinds, latest)
      const { kind, sameKeepsTime = false, undated = false } = record as SourceRecord
      arrivals.push({ kind, ref: refOf(facts), facts, sameKeepsTime: sameKeepsTime || undated })
    } catch (error) {
      refused.push({ index, problem: error instanceof Error ? error.message : 'It could not be read' })
    }
  }
  return inTransaction(async (transaction) => {
    if (cursor !== undefined) await moveCursor(transaction, cursor, next!)
    const counts: Record<Outcome, number> = { changed: 0, unchanged: 0, late: 0, forgotten: 0 }
    for (const kind of new Set(arrivals.map((arrival) => arrival.kind))) {
      const of = arrivals.filter((arrival) => arrival.kind === kind)
      for (const outcome of await take(transaction, kind, kinds, of)) counts[outcome] += 1
    }
    return { ...counts, refused }
  })
}

async function take(
  transaction: Transaction,
  kind: string,
  kinds: SyncOptions['kinds'],
  arrivals: readonly Arrival[],
): Promise<readonly Outcome[]> {
  const refs = [...new Set(arrivals.map(({ ref }) => ref))]
  const known = new Map(await readRecords(transaction, kind, 'ref', refs))
  const forgotten = await readForgotten(transaction, kind, refs)
  const watermarks = await readWatermarks(transaction, kind)
  const changed = new Map<string, KeptRecord>()
  const outcomes = arrivals.map(({ ref, facts, sameKeepsTime }): Outcome => {
    if (forgotten.has(forgottenDigest(kind, ref))) return 'forgotten'
    const before = known.get(ref)
    const told = before !== undefined && sameKeepsTime ? withTimesOf(before.facts, facts) : facts
    const news = before === undefined ? after(told, watermarks.get(facts.source)) : told
    if (news === undefined) return 'late'
    const joined = before === undefined ? news : joinRecord(before.facts, news)
    if (before !== undefined && canonical(joined) === canonical(before.facts)) return 'unchanged'
    const record = { facts: joined, component: before?.component ?? ref }
    known.set(ref, record)
    changed.set(ref, record)
    return 'changed'
  })
  if (changed.size > 0) await reconcile(transaction, kind, kinds[kind]!, changed)
  return outcomes
}

/** What a record that must not come back is known by. */
export function forgottenDigest(kind: string, ref: string): string {
  return digest('forgotten', kind, ref)
}

/** What of a record is newer than all that is no longer known of its source. */
function after(facts: RecordFacts, watermark: Stamp | undefined): RecordFacts | undefined {
  if (watermark === undefined) return facts
  const fields = Object.fromEntries(
    Object.entries(facts.fields).filter(([, field]) => compareStamps(field, watermark) > 0),
  )
  const { deleted, ...rest } = facts
  const isDeleted = deleted !== undefined && compareStamps(deleted, watermark) > 0
  if (Object.keys(fields).length === 0 && !isDeleted) return undefined
  return { ...rest, fields, ...(isDeleted ? { deleted } : {}) }
}

async function readForgotten(
  transaction: Transaction,
  kind: string,
  refs: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const some of inParts(refs.map((ref) => forgottenDigest(kind, ref)))) {
    const rows = await transaction.selectFrom('sync_forgotten').select('digest').where('digest', 'in', some).execute()
    for (const row of rows) found.add(row.digest)
  }
  return found
}

async function readWatermarks(transaction: Transaction, kind: string): Promise<ReadonlyMap<string, Stamp>> {
  const rows = await transaction
    .selectFrom('sync_watermarks')
    .select(['source', 'stamp'])
    .where('kind', '=', kind)
    .execute()
  return new Map(rows.map(({ source, stamp }) => [source, stamp as Stamp]))
}

function checkedCursor(value: JsonValue): JsonValue {
  try {
    return cursorOf(value)
  } catch (error) {
    throw syncError('INVALID_RECORDS', 'validation', (error as Error).message)
  }
}

async function moveCursor(
  transaction: Transaction,
  cursor: NonNullable<IngestOptions['cursor']>,
  value: JsonValue,
): Promise<void> {
  const { source } = cursor
  if ('after' in cursor) {
    const row = await transaction
      .selectFrom('sync_cursors')
      .select('cursor')
      .where('source', '=', source)
      .executeTakeFirst()
    // JSON has no undefined: there is none yet.
    if (canonical([row?.cursor]) !== canonical([cursor.after])) {
      throw syncError('CURSOR_MOVED', 'client', 'Somebody else has read on: begin again from the cursor that is there')
    }
  }
  await transaction
    .insertInto('sync_cursors')
    .values({ source, cursor: json(value) })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'source']).doUpdateSet((of) => ({
        cursor: of.ref('excluded.cursor'),
        updated_at: of.ref('excluded.updated_at'),
      })),
    )
    .execute()
}
