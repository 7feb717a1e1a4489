import { setLast } from './bounded-map.ts'

/** Deletions that are remembered one by one; a deletion before them counts for every tag. */
const MOST_MARKS = 10_000

/** The version of what came from a store, where another process may have put it: only wall time says when. */
export const LOADED = -1

/** What may be older than a deletion by one of its tags. */
export interface Dated {
  readonly tags: readonly string[]
  /** {@link TagMarks.version} when the work that gave it began, or {@link LOADED}. */
  readonly version: number
  readonly wallAt?: number
}

interface Mark {
  readonly version: number
  readonly wallAt: number
}

/** Which tags were deleted when. What has them is found out of date when it is looked at. */
export class TagMarks {
  readonly #marks = new Map<string, Mark>()
  #floor: Mark = { version: 0, wallAt: 0 }
  /** Deletions so far. */
  version = 0

  add(tag: string, wallAt: number): void {
    this.version += 1
    this.#floor = setLast(this.#marks, tag, { version: this.version, wallAt }, MOST_MARKS) ?? this.#floor
  }

  isOutdated({ tags, version, wallAt = 0 }: Dated): boolean {
    if (tags.length === 0) return false
    const isOver = (mark: Mark | undefined): boolean =>
      mark !== undefined && (version === LOADED ? mark.wallAt >= wallAt : mark.version > version)
    return isOver(this.#floor) || tags.some((tag) => isOver(this.#marks.get(tag)))
  }
}
