/** A file of the journal. */
export interface Segment {
  readonly number: number
  /** Its name in the directory. */
  readonly file: string
  /** What of it is known to be whole. */
  bytes: number
  /** What in it is still needed. */
  readonly live: Set<Entry>
}

/** Where a line is. */
export interface Location {
  segment: Segment
  offset: number
  length: number
}

/** A record that waits to be handled; or, once it is handled, the mark that says so, while its key is remembered. */
export interface Entry extends Location {
  readonly sequence: number
  /** Tenant, kind and key. */
  readonly scope: string
  readonly check: string
  /** Its mark is on the way to the disk. */
  marking?: Promise<void> | undefined
}

const NAME = /^(\d{12})\.log$/
const LEFTOVER = /^\d{12}\.tmp$/
const KEPT = /^\d{12}\.damaged-\d+$/

export function newSegment(number: number): Segment {
  return { number, file: `${digits(number)}.log`, bytes: 0, live: new Set() }
}

/** What a new version of the segment is called until it takes its place. */
export function temporaryName({ number }: Segment): string {
  return `${digits(number)}.tmp`
}

/** A name for a copy of a damaged segment that nothing has yet. */
export function nameForCopy({ number }: Segment, names: readonly string[]): string {
  for (let copy = 1; ; copy += 1) {
    const name = `${digits(number)}.damaged-${copy}`
    if (!names.includes(name)) return name
  }
}

export function scopeOf(tenant: string, kind: string, key: string): string {
  return JSON.stringify([tenant, kind, key])
}

/** The numbers of the segments among the names of a directory, what a crash left half made, and copies of damaged ones; each in order. */
export function sortNames(names: readonly string[]): {
  readonly segments: readonly number[]
  readonly leftovers: readonly string[]
  readonly copies: readonly string[]
} {
  const segments = names.flatMap((name) => {
    const match = NAME.exec(name)
    return match === null ? [] : [Number(match[1])]
  })
  return {
    segments: segments.toSorted((a, b) => a - b),
    leftovers: names.filter((name) => LEFTOVER.test(name)),
    copies: names.filter((name) => KEPT.test(name)).toSorted(),
  }
}

function digits(number: number): string {
  return String(number).padStart(12, '0')
}
