import type { JsonValue } from './record.ts'

/**
 * How the value of a field is chosen among those of its sources. `newest`: what was observed last. `trusted`: that of the source which comes first in `trust`. `merge`: lists become one list without repetitions, objects one object (key by
 * key); where they cannot, the newest. `ask`: where sources disagree, a person.
 */
export type FieldStrategy = 'newest' | 'trusted' | 'merge' | 'ask'

/**
 * What it means that a source has deleted its record while others have theirs. `source`: that source says nothing any more. `newest`: the thing is deleted if that came last. `trusted`: it is deleted if the most trusted of its sources has
 * deleted it. `ask`: a person.
 */
export type DeletionStrategy = 'source' | 'newest' | 'trusted' | 'ask'

/** The values of fields, by name. */
export type FieldValues = Readonly<Record<string, JsonValue>>

/** What has to hold of a thing. */
export interface ConsistencyRule {
  /** 1 to 64 lower-case letters, digits and `-`. */
  readonly name: string
  /** Whether a thing that breaks it is only marked, or blocked: then nobody should act on it. */
  readonly effect: 'mark' | 'block'
  /** What is wrong, in words; `undefined` when nothing is. It must depend on the fields alone. One that throws counts as broken. */
  readonly check: (fields: FieldValues) => string | undefined
}

/** A kind of thing that several sources know. */
export interface EntityKind {
  /** Its fields, 1 to 200, and how each is chosen. */
  readonly fields: Readonly<
    Record<string, FieldStrategy | { readonly strategy: FieldStrategy; readonly trust?: readonly string[] }>
  >
  /**
   * By what its records are recognised as the same thing: two that have the same key under one name are. A function from the fields of one record to a key (at most 500 characters), several (at most 10), or none. One that throws gives none. 0 to 10. Default: none.
   */
  readonly match?:
    Readonly<Record<string, (fields: FieldValues) => string | readonly string[] | null | undefined>> | undefined
  /** Names in `match` of which one thing has one key only: records that were joined by another name and differ here go to the queue. Default: none. */
  readonly exclusive?: readonly string[] | undefined
  /** Whether a source has each thing once: two of its records that match go to the queue. Default: true. */
  readonly onePerSource?: boolean | undefined
  /** Sources, the most trusted first; those that are not in it come after them, by name. It also decides between values of one moment. Default: none. */
  readonly trust?: readonly string[] | undefined
  /** Default: `source`. */
  readonly deletion?: DeletionStrategy | undefined
  /** At most 50. Default: none. */
  readonly rules?: readonly ConsistencyRule[] | undefined
}

/** The place of a source among the trusted ones; lower is better. */
export function rankOf(trust: readonly string[] | undefined, source: string): number {
  const place = trust?.indexOf(source) ?? -1
  return place === -1 ? (trust?.length ?? 0) : place
}
