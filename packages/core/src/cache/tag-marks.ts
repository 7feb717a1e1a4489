/** So many tags whose deletion is remembered, at least, and twice as many at most; one that was forgotten counts for every tag. */
const MOST_MARKS = 10_000

/** The version of what came from a store, where another process may have put it: only wall time says when. */
export const LOADED = -1

/** What may be older than a deletion by one of its tags. */
export interface Dated {
  readonly tags: readonly string[]
  /** {@link TagMarks.version} when the work that gave it began, or {@link LOADED}. */
  readonly version: number
  /** Wall time when that work began. */
  readonly begunAt?: number
}

interface Mark {
  readonly version: number
  /** Wall time. What was begun then or before is over. */
  readonly at: number
}

const NO_MARK: Mark = { version: 0, at: -Infinity }

/**
 * Which tags were deleted when, in two generations, so that nothing is ever searched. What has them is found out of date when it is
 * looked at.
 */
export class TagMarks {
  #recent = new Map<string, Mark>()
  #older = new Map<string, Mark>()
  #latest = NO_MARK
  /** The latest of the older ones, and of those that are forgotten. */
  #latestOlder = NO_MARK
  #floor = NO_MARK

  /** Deletions so far. */
  get version(): number {
    return this.#latest.version
  }

  add(tag: string, wallAt: number): void {
    // A clock that is set back takes back no deletion.
    const mark = { version: this.version + 1, at: Math.max(wallAt, this.#latest.at) }
    this.#latest = mark
    this.#recent.set(tag, mark)
    if (this.#recent.size < MOST_MARKS) return
    this.#floor = this.#latestOlder
    this.#latestOlder = mark
    this.#older = this.#recent
    this.#recent = new Map()
  }

  isOutdated({ tags, version, begunAt = 0 }: Dated): boolean {
    if (tags.length === 0 || version === this.version) return false
    const isOver = (mark: Mark | undefined): boolean =>
      mark !== undefined && (version === LOADED ? mark.at >= begunAt : mark.version > version)
    return isOver(this.#floor) || tags.some((tag) => isOver(this.#recent.get(tag) ?? this.#older.get(tag)))
  }
}
