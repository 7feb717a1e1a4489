import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import { syncError } from './failures.ts'
import type { RecordFacts } from './facts.ts'
import type { EntityKind } from './kind.ts'
import { keysOf, MAX_HOLDERS } from './match.ts'
import { mergeFacts } from './merge.ts'
import type { Merged } from './merge.ts'
import {
  inParts,
  readHolders,
  readKeys,
  readRecords,
  removeRecords,
  storedKey,
  writeComponents,
  writeRecords,
} from './rows.ts'
import type { KeptRecord } from './rows.ts'

/** More than can hang together: beyond it a transaction would take too long. */
const MAX_LOADED = 20_000
/** Records of a batch, by which a key can become common, or cease to be. */
export const MAX_BATCH = 1_000

interface Neighbourhood {
  readonly records: ReadonlyMap<string, KeptRecord>
  readonly common: ReadonlySet<string>
}

/** Merges what a record belongs to. */
export async function mergeAround(
  transaction: Transaction,
  name: string,
  kind: EntityKind,
  refs: readonly string[],
): Promise<Merged & { readonly records: ReadonlyMap<string, KeptRecord> }> {
  const around = await neighbourhood(transaction, name, kind, { known: new Map(), refs, components: [], keys: [] })
  return { ...merged(name, kind, around), records: around.records }
}

/** Writes changed records and takes removed ones away, and brings what follows from that up to date: what hangs together, and what waits for a person. */
export async function reconcile(
  transaction: Transaction,
  name: string,
  kind: EntityKind,
  changed: ReadonlyMap<string, KeptRecord>,
  removed: ReadonlyMap<string, KeptRecord> = new Map(),
): Promise<void> {
  const touched = [...changed.keys(), ...removed.keys()]
  const before = [...changed.values(), ...removed.values()].map(({ component }) => component)
  const keysBefore = await readKeys(transaction, name, touched)
  await writeRecords(transaction, name, kind, changed)
  await removeRecords(transaction, name, [...removed.keys()])
  const around = await neighbourhood(transaction, name, kind, {
    known: changed,
    refs: [],
    components: before,
    keys: [...keysBefore, ...storedKeys(kind, changed)],
  })
  const { matches, conflicts } = merged(name, kind, around)
  const old = new Set([...before, ...[...around.records.values()].map(({ component }) => component)])
  const moved = [...matches.components].flatMap(([ref, component]) => {
    const record = around.records.get(ref)!
    return record.component === component ? [] : [[ref, { ...record, component }] as const]
  })
  await writeComponents(transaction, name, new Map(moved))
  await writeConflicts(
    transaction,
    name,
    [...new Set([...old, ...matches.components.values()])],
    conflicts.map((conflict) => ({
      id: conflict.id,
      component: matches.components.get(conflict.refs[0]!)!,
      body: json(conflict),
    })),
  )
}

function merged(name: string, kind: EntityKind, { records, common }: Neighbourhood): Merged {
  const facts = new Map<string, RecordFacts>([...records].map(([ref, record]) => [ref, record.facts]))
  const isCommon = [...facts.values()].flatMap((record) => keysOf(kind, record)).map(({ key }) => key)
  return mergeFacts(name, kind, facts, new Set(isCommon.filter((key) => common.has(storedKey(key)))))
}

/** All records that hang together with these, those that were just written among them, by keys, by what was one before, and by decisions. */
async function neighbourhood(
  transaction: Transaction,
  name: string,
  kind: EntityKind,
  from: {
    readonly known: ReadonlyMap<string, KeptRecord>
    readonly refs: readonly string[]
    readonly components: readonly string[]
    readonly keys: readonly string[]
  },
): Promise<Neighbourhood> {
  const records = new Map<string, KeptRecord>()
  const common = new Set<string>()
  const seen = { ref: new Set<string>(), component: new Set<string>(), key: new Set<string>() }
  const fresh = (of: keyof typeof seen, values: readonly string[]): string[] =>
    [...new Set(values)].filter((value) => !seen[of].has(value) && seen[of].add(value))
  let { known, refs, components, keys } = from
  let most = MAX_HOLDERS + MAX_BATCH
  while (known.size + refs.length + components.length + keys.length > 0) {
    const holders = await readHolders(transaction, name, fresh('key', keys), most)
    most = MAX_HOLDERS
    for (const key of holders.common) common.add(key)
    for (const ref of known.keys()) seen.ref.add(ref)
    const found = [
      ...known,
      ...(await readRecords(transaction, name, 'ref', fresh('ref', [...refs, ...holders.refs]))),
      ...(await readRecords(transaction, name, 'component', fresh('component', components))),
    ].filter(([ref]) => !records.has(ref))
    for (const [ref, record] of found) {
      records.set(ref, record)
      seen.ref.add(ref)
    }
    if (records.size > MAX_LOADED) {
      throw syncError(
        'SYNC_TOO_LARGE',
        'client',
        `More than ${MAX_LOADED} records of ${name} hang together: look at its match keys`,
      )
    }
    known = new Map()
    components = found.map(([, { component }]) => component).filter((component) => !seen.component.has(component))
    keys = storedKeys(kind, found).filter((key) => !seen.key.has(key))
    refs = found.flatMap(([, { facts }]) => Object.values(facts.decisions).flatMap((decision) => decision.records))
    refs = refs.filter((ref) => !seen.ref.has(ref))
  }
  return { records, common }
}

function storedKeys(kind: EntityKind, records: Iterable<readonly [string, KeptRecord]>): readonly string[] {
  return [...records].flatMap(([, { facts }]) => keysOf(kind, facts).map(({ key }) => storedKey(key)))
}

async function writeConflicts(
  transaction: Transaction,
  kind: string,
  components: readonly string[],
  conflicts: readonly { readonly id: string; readonly component: string; readonly body: ReturnType<typeof json> }[],
): Promise<void> {
  const now = new Set(conflicts.map(({ id }) => id))
  for (const some of inParts(components)) {
    const rows = await transaction
      .selectFrom('sync_conflicts')
      .select('id')
      .where('kind', '=', kind)
      .where('component', 'in', some)
      .execute()
    for (const gone of inParts(rows.map(({ id }) => id).filter((id) => !now.has(id)))) {
      await transaction.deleteFrom('sync_conflicts').where('kind', '=', kind).where('id', 'in', gone).execute()
    }
  }
  for (const some of inParts(conflicts)) {
    await transaction
      .insertInto('sync_conflicts')
      .values(some.map((conflict) => ({ kind, ...conflict })))
      // One that was there keeps the time at which it was opened.
      .onConflict((conflict) =>
        conflict
          .columns(['tenant', 'kind', 'id'])
          .doUpdateSet((of) => ({ component: of.ref('excluded.component'), body: of.ref('excluded.body') })),
      )
      .execute()
  }
}
