import type { FieldProvenance, SourceValue } from './entity.ts'
import { momentOf } from './facts.ts'
import { rankOf } from './kind.ts'
import type { FieldStrategy } from './kind.ts'
import { canonical, compareText } from './record.ts'
import type { JsonValue } from './record.ts'

/** What came of a field. */
export interface Choice {
  readonly value: JsonValue
  readonly provenance: FieldProvenance
}

/** The best first: the newest, then the most trusted, then one that is always the same. */
export function newestFirst(trust: readonly string[] | undefined): (a: SourceValue, b: SourceValue) => number {
  return (a, b) => momentOf(b) - momentOf(a) || rankOf(trust, a.source) - rankOf(trust, b.source) || byName(a, b)
}

/** @param candidates at least one, none of them `null`. @returns `undefined` where a person has to say. */
export function choose(
  strategy: FieldStrategy,
  candidates: readonly SourceValue[],
  trust: readonly string[] | undefined,
): Choice | undefined {
  const ordered = candidates.toSorted(newestFirst(trust))
  switch (strategy) {
    case 'newest':
      return chosen(strategy, ordered[0]!, ordered)
    case 'trusted':
      return chosen(
        strategy,
        ordered.toSorted((a, b) => rankOf(trust, a.source) - rankOf(trust, b.source))[0]!,
        ordered,
      )
    case 'merge':
      return merged(ordered)
    case 'ask':
      return new Set(ordered.map(({ value }) => canonical(value))).size === 1
        ? chosen(strategy, ordered[0]!, ordered)
        : undefined
  }
}

function chosen(strategy: FieldStrategy, winner: SourceValue, ordered: readonly SourceValue[]): Choice {
  const { value, ...from } = winner
  const lost = ordered.filter((one) => canonical(one.value) !== canonical(value))
  return { value, provenance: { strategy, ...from, contributors: [winner], lost } }
}

function merged(ordered: readonly SourceValue[]): Choice {
  const value = mergeValues(ordered.map((one) => one.value))
  const contributors = ordered.filter((one) => holds(value, one.value))
  const lost = ordered.filter((one) => !contributors.includes(one))
  const { value: _, ...from } = contributors[0] ?? ordered[0]!
  return { value, provenance: { strategy: 'merge', ...from, contributors, lost } }
}

/** @param values the newest first. */
function mergeValues(values: readonly JsonValue[]): JsonValue {
  if (values.every((value) => Array.isArray(value))) {
    const all = new Map(values.flat().map((value) => [canonical(value), value as JsonValue]))
    return [...all].toSorted(([a], [b]) => compareText(a, b)).map(([, value]) => value)
  }
  if (values.every(isObject)) {
    const names = [...new Set(values.flatMap((value) => Object.keys(value)))].toSorted(compareText)
    return Object.fromEntries(
      names.map((name) => [
        name,
        mergeValues(values.filter((value) => Object.hasOwn(value, name)).map((value) => value[name]!)),
      ]),
    )
  }
  return values[0]!
}

/** Whether nothing of a value is missing in what it was merged to. */
function holds(whole: JsonValue, part: JsonValue): boolean {
  if (Array.isArray(whole) && Array.isArray(part)) {
    const all = new Set(whole.map(canonical))
    return part.every((value) => all.has(canonical(value)))
  }
  if (isObject(whole) && isObject(part)) {
    return Object.entries(part).every(([name, value]) => Object.hasOwn(whole, name) && holds(whole[name]!, value))
  }
  return canonical(whole) === canonical(part)
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function byName(a: SourceValue, b: SourceValue): number {
  return (
    compareText(a.source, b.source) || compareText(a.id, b.id) || compareText(canonical(a.value), canonical(b.value))
  )
}
