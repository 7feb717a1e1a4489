import type { FieldStrategy } from './kind.ts'
import type { JsonValue, RecordName } from './record.ts'

/** What one source has for a field. */
export interface SourceValue extends RecordName {
  readonly value: JsonValue
  /** Milliseconds since the Unix epoch. */
  readonly observedAt: number
  /** Nobody knows when the source came to say so: `observedAt` is when it was seen there first, and it counts as older than whatever has a time. */
  readonly undated?: true
}

/** Where the value of a field comes from. */
export interface FieldProvenance {
  /** `person` where one has decided. */
  readonly strategy: FieldStrategy | 'person'
  /** The source whose value it is. Of a merge the newest that is in it; of a decision the newest that agrees, and missing where none does. */
  readonly source?: string
  readonly id?: string
  readonly observedAt?: number
  /** As of {@link SourceValue}. */
  readonly undated?: true
  /** All that are in it. One, but of a merge. */
  readonly contributors: readonly SourceValue[]
  /** The values that it was chosen over, or of a merge what of them is not in it, the newest first. */
  readonly lost: readonly SourceValue[]
  readonly decided?: { readonly by: string; readonly at: number }
}

/** A rule that does not hold. */
export interface Violation {
  readonly rule: string
  readonly effect: 'mark' | 'block'
  readonly problem: string
}

/** One thing, as all its sources together know it. */
export interface Entity {
  readonly kind: string
  /** The same for the same records. It may change when a further record joins; {@link Sync.get} finds it under the earlier one too, while that record is there. */
  readonly id: string
  readonly records: readonly (RecordName & { readonly deleted: boolean })[]
  /** Without those that nobody has, and those that wait for a person. */
  readonly fields: Readonly<Record<string, JsonValue>>
  readonly provenance: Readonly<Record<string, FieldProvenance>>
  readonly deleted: boolean
  readonly violations: readonly Violation[]
  /** Whether a rule that blocks is broken. */
  readonly blocked: boolean
  /** What of it waits for a person, by the ids of {@link Sync.conflicts}. */
  readonly conflicts: readonly string[]
}

/** What waits for a person. */
export interface Conflict {
  readonly id: string
  readonly kind: string
  /** `field`: which value; `deletion`: whether it is deleted (`true` or `false`); `match`: which records are the same thing. */
  readonly type: 'field' | 'deletion' | 'match'
  readonly field?: string
  readonly records: readonly RecordName[]
  /** What the sources say, the newest first. Of a match: none. */
  readonly candidates: readonly SourceValue[]
  /** Of a match, why it is not sure: `source-twice`, `exclusive:NAME`, `kept-apart`, `too-many`. */
  readonly reasons: readonly string[]
}
