import { canonical, compareText, refOf } from './record.ts'
import type { JsonValue, RecordName } from './record.ts'

/** When something was said: the version of its source counts first, then the time. */
export interface Stamp {
  readonly observedAt: number
  readonly version: number
}

/** The last that a source said of a field. */
export interface FieldFact extends Stamp {
  readonly value: JsonValue
  /** Nobody knows when it came to be: the stamp is of the reading that saw it first. That counts among what its source says; beside others it is older than whatever has a time. */
  readonly undated?: true
}

/** What a person decided, with what was to be seen then. */
export interface Decision {
  /** The same for every decision of one question: of them the last counts. */
  readonly key: string
  readonly conflict: string
  readonly type: 'field' | 'deletion' | 'match'
  readonly field?: string
  /** The records that it is about, in order. */
  readonly records: readonly string[]
  readonly by: string
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  readonly value: JsonValue
  /** The answers of the sources that the person had before them. */
  readonly seen: readonly string[]
  /** Of a match: which are the same thing. */
  readonly groups?: readonly (readonly string[])[]
}

/** All that is known of one record of one source. */
export interface RecordFacts extends RecordName {
  readonly fields: Readonly<Record<string, FieldFact>>
  readonly deleted?: Stamp
  readonly decisions: Readonly<Record<string, Decision>>
}

/** Facts of one kind, by the names of their records inside. */
export type Facts = ReadonlyMap<string, RecordFacts>

/** Decisions that are kept at a record: the newest. */
const MAX_DECISIONS = 100

/**
 * Two sets of facts as one. Of each field, deletion and decision the greater stays, in an order that is total: so this is the join of a semilattice (commutative, associative, idempotent), and what comes of
 * facts does not depend on the order, the grouping or the number of times in which they arrive.
 */
export function joinFacts(a: Facts, b: Facts): Facts {
  const joined = new Map(a)
  for (const [ref, facts] of b) {
    const known = joined.get(ref)
    joined.set(ref, known === undefined ? facts : joinRecord(known, facts))
  }
  return joined
}

/** Facts of one record as one. */
export function joinRecord(a: RecordFacts, b: RecordFacts): RecordFacts {
  const deleted = later(a.deleted, b.deleted)
  return {
    source: a.source,
    id: a.id,
    fields: joinBy(a.fields, b.fields, compareField),
    ...(deleted === undefined ? {} : { deleted }),
    decisions: newest(joinBy(a.decisions, b.decisions, compareDecisions)),
  }
}

/** The facts of a list of them. */
export function factsOf(records: Iterable<RecordFacts>): Facts {
  let all: Facts = new Map()
  for (const record of records) all = joinFacts(all, new Map([[refOf(record), record]]))
  return all
}

export function compareStamps(a: Stamp, b: Stamp): number {
  return a.version - b.version || a.observedAt - b.observedAt
}

/** Which of two decisions counts: the later; of the same moment, one that is always the same. */
export function compareDecisions(a: Decision, b: Decision): number {
  return a.at - b.at || compareText(canonical(a), canonical(b))
}

/** When something was said, to hold against what others said: what nobody knows the time of was before all else. */
export function momentOf({ observedAt, undated }: { readonly observedAt: number; readonly undated?: true }): number {
  return undated ? -Number.MAX_VALUE : observedAt
}

/** Whether anything was said after it was deleted. A deletion of the same moment wins. */
export function isAlive({ fields, deleted }: RecordFacts): boolean {
  return deleted === undefined || Object.values(fields).some((field) => compareStamps(field, deleted) > 0)
}

/** What a record says: of one that was deleted and made again what came after; of one that is deleted nothing less than what it had, by which it is still known. */
export function saidBy(record: RecordFacts): Readonly<Record<string, FieldFact>> {
  const { fields, deleted } = record
  if (deleted === undefined || !isAlive(record)) return fields
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => compareStamps(field, deleted) > 0))
}

/** News of a record in which what it said already, and still says, has the time of then, also where it was gone meanwhile. What it says otherwise than before has the time of its reading, if it has none of its own. */
export function withTimesOf(known: RecordFacts, news: RecordFacts): RecordFacts {
  const said = saidBy(known)
  const fields = Object.entries(news.fields).map(([name, field]) => {
    const before = said[name]
    return [name, before === undefined ? field : withTimeOf(before, field, known)] as const
  })
  return { ...news, fields: Object.fromEntries(fields) }
}

function withTimeOf(before: FieldFact, field: FieldFact, known: RecordFacts): FieldFact {
  const { undated, ...dated } = field
  if (canonical(before.value) !== canonical(field.value)) return dated
  if (before.undated && !undated) return field
  if (isAlive(known)) return before
  const kept = before.undated ? field : { ...before, version: field.version }
  return compareStamps(kept, known.deleted!) > 0 ? kept : dated
}

function compareField(a: FieldFact, b: FieldFact): number {
  return (
    compareStamps(a, b) ||
    compareText(canonical(a.value), canonical(b.value)) ||
    Number(b.undated ?? false) - Number(a.undated ?? false)
  )
}

function later(a: Stamp | undefined, b: Stamp | undefined): Stamp | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compareStamps(a, b) >= 0 ? a : b
}

function joinBy<Value>(
  a: Readonly<Record<string, Value>>,
  b: Readonly<Record<string, Value>>,
  compare: (a: Value, b: Value) => number,
): Readonly<Record<string, Value>> {
  const joined = new Map(Object.entries(a))
  for (const [name, value] of Object.entries(b)) {
    const known = joined.get(name)
    if (known === undefined || compare(value, known) > 0) joined.set(name, value)
  }
  return Object.fromEntries([...joined].toSorted(([x], [y]) => compareText(x, y)))
}

// The greatest so many of a union are the greatest of the greatest of its parts: the bound keeps the join what it is.
function newest(decisions: Readonly<Record<string, Decision>>): Readonly<Record<string, Decision>> {
  const all = Object.entries(decisions)
  if (all.length <= MAX_DECISIONS) return decisions
  return Object.fromEntries(all.toSorted(([, a], [, b]) => compareDecisions(b, a)).slice(0, MAX_DECISIONS))
}
