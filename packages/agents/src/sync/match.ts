import { compareDecisions, isAlive, saidBy } from './facts.ts'
import type { Decision, Facts, RecordFacts } from './facts.ts'
import type { EntityKind, FieldValues } from './kind.ts'
import { compareText } from './record.ts'

/** A key of more records than this says nothing (`n/a`, the address of an office), and joins none. */
export const MAX_HOLDERS = 50
/** More records than this are not one thing. */
const MAX_RECORDS = 50
const MAX_KEYS = 10
const MAX_KEY_LENGTH = 500

/** Records that may be one thing, and were not joined. */
export interface MatchConflict {
  readonly records: readonly string[]
  readonly reasons: readonly string[]
}

/** Which records are the same thing. */
export interface Matches {
  /** Those that are, in order. Every record is in one. */
  readonly groups: readonly (readonly string[])[]
  readonly conflicts: readonly MatchConflict[]
  /** For each record the first of all that it hangs together with, by whatever. */
  readonly components: ReadonlyMap<string, string>
}

/** The keys of a record, with their names. */
export function keysOf(
  kind: EntityKind,
  record: RecordFacts,
): readonly { readonly name: string; readonly key: string }[] {
  const values: FieldValues = Object.fromEntries(
    Object.entries(saidBy(record)).flatMap(([name, { value }]) => (value === null ? [] : [[name, value] as const])),
  )
  return Object.entries(kind.match ?? {}).flatMap(([name, of]) =>
    listed(of, values).map((key) => ({ name, key: `${name}:${key}` })),
  )
}

/** Who knows anything of a record: one of which only a decision has come is not there yet. */
export function exists({ fields, deleted }: RecordFacts): boolean {
  return deleted !== undefined || Object.keys(fields).length > 0
}

/**
 * Joins records that share a key, also through others. Where such a group cannot be one thing, it stays apart, but for what a person said is the same, and is a conflict.
 *
 * @param common keys that too many have, beyond those that are here.
 */
export function matchRecords(kind: EntityKind, facts: Facts, common: ReadonlySet<string> = new Set()): Matches {
  const refs = [...facts]
    .filter(([, record]) => exists(record))
    .map(([ref]) => ref)
    .toSorted(compareText)
  const keys = new Map(refs.map((ref) => [ref, keysOf(kind, facts.get(ref)!)]))
  const decided = pairsOf(facts)
  const [all, sure, same] = [partition(refs), partition(refs), partition(refs)]
  for (const holders of holdersOf(keys, common)) {
    for (const [a, b] of pairs(holders)) {
      all.join(a, b)
      if (decided.get(pairKey(a, b))?.same !== false) sure.join(a, b)
    }
  }
  for (const { a, b, same: isSame } of decided.values()) {
    if (!all.has(a) || !all.has(b)) continue
    all.join(a, b)
    if (isSame) for (const one of [sure, same]) one.join(a, b)
  }
  const groups: string[][] = []
  const conflicts: MatchConflict[] = []
  for (const group of sure.groups()) {
    const reasons = doubts(kind, group, facts, keys, decided)
    if (reasons.length === 0) {
      groups.push(group)
      continue
    }
    conflicts.push({ records: group, reasons })
    for (const part of same.groups(group)) groups.push(...(isApart(part, decided) ? part.map((ref) => [ref]) : [part]))
  }
  return {
    groups: groups.toSorted(([a = ''], [b = '']) => compareText(a, b)),
    conflicts,
    components: new Map(refs.map((ref) => [ref, all.root(ref)])),
  }
}

interface Pair {
  readonly a: string
  readonly b: string
  readonly same: boolean
  readonly decision: Decision
}

type Pairs = ReadonlyMap<string, Pair>

function doubts(
  kind: EntityKind,
  group: readonly string[],
  facts: Facts,
  keys: ReadonlyMap<string, ReturnType<typeof keysOf>>,
  decided: Pairs,
): readonly string[] {
  if (group.length > MAX_RECORDS) return ['too-many']
  const reasons = new Set<string>()
  for (const [a, b] of pairs(group)) {
    const decision = decided.get(pairKey(a, b))
    if (decision?.same === false) reasons.add('kept-apart')
    if (decision !== undefined) continue
    const [one, other] = [facts.get(a)!, facts.get(b)!]
    // One that is deleted was replaced by the other.
    if (!isAlive(one) || !isAlive(other)) continue
    if (kind.onePerSource !== false && one.source === other.source) reasons.add('source-twice')
    for (const name of kind.exclusive ?? []) {
      const [mine, theirs] = [a, b].map((ref) =>
        keys
          .get(ref)!
          .filter((key) => key.name === name)
          .map(({ key }) => key),
      )
      if (mine!.length > 0 && theirs!.length > 0 && !mine!.some((key) => theirs!.includes(key)))
        reasons.add(`exclusive:${name}`)
    }
  }
  return [...reasons].toSorted(compareText)
}

/** Of each pair the last that was decided. */
function pairsOf(facts: Facts): Pairs {
  const decided = new Map<string, Pair>()
  for (const { decisions } of facts.values()) {
    for (const decision of Object.values(decisions)) {
      if (decision.groups === undefined) continue
      const place = new Map(decision.groups.flatMap((group, index) => group.map((ref) => [ref, index] as const)))
      for (const [a, b] of pairs([...place.keys()].toSorted(compareText))) {
        const known = decided.get(pairKey(a, b))
        if (known !== undefined && compareDecisions(known.decision, decision) >= 0) continue
        decided.set(pairKey(a, b), { a, b, same: place.get(a) === place.get(b), decision })
      }
    }
  }
  return decided
}

function isApart(group: readonly string[], decided: Pairs): boolean {
  return pairs(group).some(([a, b]) => decided.get(pairKey(a, b))?.same === false)
}

function holdersOf(
  keys: ReadonlyMap<string, ReturnType<typeof keysOf>>,
  common: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const holders = new Map<string, string[]>()
  for (const [ref, own] of keys) {
    for (const key of new Set(own.map((one) => one.key))) {
      const known = holders.get(key)
      if (known === undefined) holders.set(key, [ref])
      else known.push(ref)
    }
  }
  return [...holders].filter(([key, refs]) => refs.length <= MAX_HOLDERS && !common.has(key)).map(([, refs]) => refs)
}

function listed(of: (fields: FieldValues) => unknown, values: FieldValues): readonly string[] {
  try {
    const found = of(values)
    return (Array.isArray(found) ? (found as unknown[]) : [found])
      .filter((key) => typeof key === 'string')
      .filter((key) => key !== '' && key.length <= MAX_KEY_LENGTH)
      .slice(0, MAX_KEYS)
  } catch {
    return []
  }
}

function pairs(refs: readonly string[]): readonly (readonly [string, string])[] {
  return refs.flatMap((a, index) => refs.slice(index + 1).map((b) => [a, b] as const))
}

function pairKey(a: string, b: string): string {
  return `${a} ${b}`
}

interface Partition {
  has(ref: string): boolean
  root(ref: string): string
  join(a: string, b: string): void
  groups(of?: readonly string[]): string[][]
}

/** Disjoint sets, each named after its first. */
function partition(refs: readonly string[]): Partition {
  const parents = new Map(refs.map((ref) => [ref, ref]))
  const root = (ref: string): string => {
    let at = ref
    while (parents.get(at) !== at) {
      const above = parents.get(parents.get(at)!)!
      parents.set(at, above)
      at = above
    }
    return at
  }
  return {
    has: (ref) => parents.has(ref),
    root,
    join(a, b) {
      const [first, second] = [root(a), root(b)].toSorted(compareText)
      parents.set(second!, first!)
    },
    groups(of = refs) {
      const groups = new Map<string, string[]>()
      for (const ref of of) groups.set(root(ref), [...(groups.get(root(ref)) ?? []), ref])
      return [...groups.values()]
    },
  }
}
