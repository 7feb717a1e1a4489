import { choose, newestFirst } from './choose.ts'
import type { Choice } from './choose.ts'
import type { Conflict, Entity, FieldProvenance, SourceValue, Violation } from './entity.ts'
import { compareDecisions, isAlive, momentOf, saidBy } from './facts.ts'
import type { Decision, Facts, RecordFacts } from './facts.ts'
import { rankOf } from './kind.ts'
import type { EntityKind, FieldStrategy, FieldValues } from './kind.ts'
import { exists, matchRecords } from './match.ts'
import type { Matches } from './match.ts'
import { canonical, compareText, digest } from './record.ts'
import type { JsonValue, RecordName } from './record.ts'

/** A conflict with what a decision of it needs. */
export interface OpenConflict extends Conflict {
  readonly refs: readonly string[]
  readonly seen: readonly string[]
}

/** What facts come to. */
export interface Merged {
  readonly entities: readonly Entity[]
  readonly conflicts: readonly OpenConflict[]
  readonly matches: Matches
}

/** What a set of facts of one kind comes to. A pure function of it: see {@link joinFacts}. */
export function mergeFacts(name: string, kind: EntityKind, facts: Facts, common?: ReadonlySet<string>): Merged {
  const matches = matchRecords(kind, facts, common)
  const conflicts: OpenConflict[] = matches.conflicts.map(({ records, reasons }) =>
    conflictOf(name, 'match', records, facts, [], [], reasons),
  )
  const unsure = new Map(conflicts.flatMap(({ id, refs }) => refs.map((ref) => [ref, id] as const)))
  const entities = matches.groups.map((refs) => {
    const { entity, open } = mergeGroup(name, kind, refs, facts)
    conflicts.push(...open)
    const waits = [...open.map(({ id }) => id), ...new Set(refs.flatMap((ref) => unsure.get(ref) ?? []))]
    return { ...entity, conflicts: waits.toSorted(compareText) }
  })
  return { entities, conflicts: conflicts.toSorted((a, b) => compareText(a.id, b.id)), matches }
}

function mergeGroup(
  name: string,
  kind: EntityKind,
  refs: readonly string[],
  facts: Facts,
): { readonly entity: Entity; readonly open: readonly OpenConflict[] } {
  const records = refs.map((ref) => facts.get(ref)!)
  const open: OpenConflict[] = []
  const fields: Record<string, JsonValue> = {}
  const provenance: Record<string, FieldProvenance> = {}
  const decisions = decisionsOf(refs, facts)
  for (const [field, declared] of Object.entries(kind.fields)) {
    const { strategy, trust = kind.trust } = typeof declared === 'string' ? { strategy: declared } : declared
    const candidates = candidatesOf(records, field).toSorted(newestFirst(trust))
    if (candidates.length === 0) continue
    const choice = chooseField(strategy, candidates, trust, decisions.get(`field:${field}`))
    if (choice === undefined) {
      const seen = candidates.map(({ value }) => canonical(value))
      open.push(conflictOf(name, 'field', refs, facts, candidates, seen, [], field))
    } else {
      if (choice.value !== null) fields[field] = choice.value
      provenance[field] = choice.provenance
    }
  }
  const states = records.map((record) => stateOf(record))
  const deleted = isDeleted(kind, records, states, refs, decisions.get('deletion:'))
  if (deleted === undefined) {
    open.push(
      conflictOf(
        name,
        'deletion',
        refs,
        facts,
        states,
        states.map((state, index) => token(refs[index]!, state)),
        [],
      ),
    )
  }
  const violations = deleted === true ? [] : violationsOf(kind, fields)
  const entity: Entity = {
    kind: name,
    id: refs[0]!,
    records: records
      .map((record) => ({ source: record.source, id: record.id, deleted: !isAlive(record) }))
      .toSorted(byName),
    fields,
    provenance,
    deleted: deleted === true,
    violations,
    blocked: violations.some(({ effect }) => effect === 'block'),
    conflicts: [],
  }
  return { entity, open }
}

function chooseField(
  strategy: FieldStrategy,
  candidates: readonly SourceValue[],
  trust: readonly string[] | undefined,
  decision: Decision | undefined,
): Choice | undefined {
  const isNews = (said: SourceValue): boolean =>
    momentOf(said) > decision!.at &&
    canonical(said.value) !== canonical(decision!.value) &&
    !decision!.seen.includes(canonical(said.value))
  if (decision === undefined || candidates.some(isNews)) return choose(strategy, candidates, trust)
  const { value, by, at } = decision
  const agreeing = candidates.filter((one) => canonical(one.value) === canonical(value))
  const { value: _, ...from }: Partial<SourceValue> = agreeing[0] ?? {}
  return {
    value,
    provenance: {
      strategy: 'person',
      ...from,
      contributors: agreeing,
      lost: candidates.filter((one) => !agreeing.includes(one)),
      decided: { by, at },
    },
  }
}

/** The last decision of each question. It holds while all the records that it was about, and that there still are, are one thing. */
function decisionsOf(refs: readonly string[], facts: Facts): ReadonlyMap<string, Decision> {
  const last = new Map<string, Decision>()
  const isThere = (ref: string): boolean => facts.has(ref) && exists(facts.get(ref)!)
  for (const ref of refs) {
    for (const decision of Object.values(facts.get(ref)!.decisions)) {
      if (decision.records.some((other) => isThere(other) && !refs.includes(other))) continue
      const question = `${decision.type}:${decision.field ?? ''}`
      const known = last.get(question)
      if (known === undefined || compareDecisions(decision, known) > 0) last.set(question, decision)
    }
  }
  return last
}

function candidatesOf(records: readonly RecordFacts[], field: string): readonly SourceValue[] {
  const alive = records.filter(isAlive)
  // Of a thing that nobody has any more, what they had is what there is to show.
  return (alive.length > 0 ? alive : records).flatMap((record) => {
    const fact = saidBy(record)[field]
    if (fact === undefined || fact.value === null) return []
    const { version: _, ...said } = fact
    return [{ source: record.source, id: record.id, ...said }]
  })
}

/** Whether a record is deleted, as a candidate of that question. */
function stateOf(record: RecordFacts): SourceValue {
  const { source, id, deleted } = record
  if (!isAlive(record)) return { source, id, value: true, observedAt: deleted!.observedAt }
  const [last] = Object.values(saidBy(record)).toSorted(
    (a, b) => momentOf(b) - momentOf(a) || b.observedAt - a.observedAt,
  )
  const { observedAt, undated } = last!
  return { source, id, value: false, observedAt, ...(undated ? { undated } : {}) }
}

function isDeleted(
  kind: EntityKind,
  records: readonly RecordFacts[],
  states: readonly SourceValue[],
  refs: readonly string[],
  decision: Decision | undefined,
): boolean | undefined {
  const gone = states.filter(({ value }) => value === true)
  if (gone.length === 0 || gone.length === states.length) return gone.length > 0
  switch (kind.deletion ?? 'source') {
    case 'source':
      return false
    case 'newest':
      return Math.max(...gone.map(momentOf)) >= Math.max(...states.filter(({ value }) => value === false).map(momentOf))
    case 'trusted': {
      const most = records.toSorted(
        (a, b) => rankOf(kind.trust, a.source) - rankOf(kind.trust, b.source) || byName(a, b),
      )[0]!
      return !isAlive(most)
    }
    case 'ask': {
      const isNews = states.some(
        (state, index) =>
          decision !== undefined &&
          momentOf(state) > decision.at &&
          !decision.seen.includes(token(refs[index]!, state)),
      )
      return decision === undefined || isNews ? undefined : decision.value === true
    }
  }
}

function violationsOf({ rules = [] }: EntityKind, fields: FieldValues): readonly Violation[] {
  return rules.flatMap(({ name, effect, check }) => {
    const problem = problemOf(check, fields)
    return problem === undefined ? [] : [{ rule: name, effect, problem }]
  })
}

function problemOf(check: (fields: FieldValues) => string | undefined, fields: FieldValues): string | undefined {
  try {
    return check(fields)
  } catch {
    return 'The rule could not be checked'
  }
}

function conflictOf(
  kind: string,
  type: Conflict['type'],
  refs: readonly string[],
  facts: Facts,
  candidates: readonly SourceValue[],
  seen: readonly string[],
  reasons: readonly string[],
  field?: string,
): OpenConflict {
  const records = refs.map((ref) => ({ source: facts.get(ref)!.source, id: facts.get(ref)!.id }))
  return {
    // Other records or other values are another question.
    id: digest(kind, type, field ?? '', ...refs, ...seen.toSorted(compareText)),
    kind,
    type,
    ...(field === undefined ? {} : { field }),
    records: records.toSorted(byName),
    candidates,
    reasons,
    refs,
    seen,
  }
}

function token(ref: string, { value }: SourceValue): string {
  return `${ref}:${value === true ? 'deleted' : 'there'}`
}

function byName(a: RecordName, b: RecordName): number {
  return compareText(a.source, b.source) || compareText(a.id, b.id)
}
