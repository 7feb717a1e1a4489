/** Something in the diary. */
export interface Entry {
  readonly id: string
  /** As it was written, and as it is shown again. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Milliseconds since 1970. */
  readonly start: number
  readonly end: number
  readonly cancelled: boolean
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** The desk's time: shared by both calendars, so that what is booked in one is taken in the other. The newest entries only. */
export class Diary {
  readonly #entries = new Map<string, Entry>()
  readonly #maxEntries: number

  constructor(maxEntries = 5_000) {
    this.#maxEntries = maxEntries
  }

  /** Adds an entry, or puts it in place of the one with its id. */
  set(entry: Entry): Entry {
    this.#entries.set(entry.id, entry)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) break
      this.#entries.delete(oldest)
    }
    return entry
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** Those that are not cancelled and overlap a span, by their beginnings. */
  between(from: number, to: number): Entry[] {
    return this.all().filter(({ start, end, cancelled }) => !cancelled && start < to && end > from)
  }

  /** All of them, by their beginnings. */
  all(): Entry[] {
    return [...this.#entries.values()].sort((a, b) => a.start - b.start)
  }
}

/** Whether the desk is there: weekdays from 9 to 17 in UTC; and from 12 to 13 it is at lunch. */
export function isOpen(start: number, end: number): boolean {
  const weekday = new Date(start).getUTCDay()
  const [from, to] = [start % DAY_MS, (start % DAY_MS) + (end - start)]
  const atLunch = from < 13 * HOUR_MS && to > 12 * HOUR_MS
  return weekday >= 1 && weekday <= 5 && from >= 9 * HOUR_MS && to <= 17 * HOUR_MS && !atLunch
}
