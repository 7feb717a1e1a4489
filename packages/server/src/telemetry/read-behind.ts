/** What was read is good for so long, in ms. */
const GOOD_MS = 15_000

/** Something of a store for whoever asks often. */
export interface ReadBehind<Found> {
  /** What was read last, at once; `undefined` while nothing was. Has it read again when that is 15 seconds old. */
  get(): Found | undefined
  /** Reads it now. Never throws: what cannot be read stays as it was. */
  refresh(): Promise<void>
}

/**
 * Keeps what is read of a store for whoever asks often, and must not wait: he is told what was read last, and has it read again meanwhile. While the store is away, that is what is told.
 *
 * @param now a time that only goes on, in ms.
 */
export function readBehind<Found>(read: () => Promise<Found>, now: () => number): ReadBehind<Found> {
  let last: Found | undefined
  let readAt = -Infinity
  let reading: Promise<void> | undefined
  const readNow = async (): Promise<void> => {
    last = await read()
    readAt = now()
  }
  const refresh = (): Promise<void> =>
    (reading ??= readNow()
      .catch(() => undefined)
      .finally(() => {
        reading = undefined
      }))
  return {
    get() {
      if (now() - readAt >= GOOD_MS) void refresh()
      return last
    },
    refresh,
  }
}
