import { createHash } from 'node:crypto'

/** What JSON can say. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** A record by the name that its source has for it. */
export interface RecordName {
  /** 1 to 64 lower-case letters, digits and `-`. */
  readonly source: string
  /** 1 to 200 characters. */
  readonly id: string
}

/** What a source says of one thing. */
export interface SourceRecord extends RecordName {
  /** Such as `client`: one of the kinds that the synchronisation was made with. */
  readonly kind: string
  /**
   * What the source has, by the names of the kind. One that is missing says nothing; `null` says that the source has nothing there, which takes back what it said before and is no value beside
   * those of others. Default: none.
   */
  readonly fields?: Readonly<Record<string, JsonValue>> | undefined
  /** When the source said so: milliseconds since the Unix epoch, a `Date`, or ISO 8601 with its offset from UTC. */
  readonly observedAt: number | Date | string
  /** The same for single fields. Default: `observedAt`. */
  readonly fieldsObservedAt?: Readonly<Record<string, number | Date | string>> | undefined
  /** A number that its source raises with every change. It counts before the time, among the records of this source alone. 0 to 2^53 - 1. Default: 0. */
  readonly version?: number | undefined
  /** The source does not say when each value came to be, so that `observedAt` is of the whole record, or of its reading: a value that it has said before keeps the time at which it was first said. Default: false. */
  readonly sameKeepsTime?: boolean | undefined
  /**
   * The source says of no value when it came to be, and `observedAt` is of its reading. A value that it tells of for the first time is then older than whatever has a time, and one that it told otherwise before is of this reading; one that it has said before
   * keeps its time, as with `sameKeepsTime`. Default: false.
   */
  readonly undated?: boolean | undefined
  /** The source has deleted it. Its fields are then those that it had. Default: false. */
  readonly deleted?: boolean | undefined
}

/** A value as text, the same for the same value however its keys are ordered. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => compareText(a, b)))
      : part,
  )
}

/** By code units: the same in every language of the machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What a thing is called inside: a hash of its names, so that it fits into every key. */
export function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

/** The name of a record inside its kind. */
export function refOf({ source, id }: RecordName): string {
  return digest(source, id)
}
