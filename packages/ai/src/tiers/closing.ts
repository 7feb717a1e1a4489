import type { Deadlines, Due, TimeLimited } from '@holdfast/core/by-hand'

/** How long a stream that has said all may take to close by itself before it is cancelled, in ms. */
const CLOSING_MS = 1_000

/** Reads a stream to its close, so that its source ends well rather than cancelled; but does not wait for ever. */
export function letClose(reader: ReadableStreamDefaultReader<unknown>, deadlines: Deadlines, now: number): void {
  const closing = new Closing(reader)
  deadlines.watch(closing, now + CLOSING_MS)
  reader.read().then(
    ({ done }) => {
      deadlines.forget(closing)
      if (!done) closing.expire()
    },
    () => deadlines.forget(closing),
  )
}

class Closing implements TimeLimited {
  dueAt: number = 0
  previous: Due | undefined = undefined
  next: Due | undefined = undefined
  readonly #reader: ReadableStreamDefaultReader<unknown>

  constructor(reader: ReadableStreamDefaultReader<unknown>) {
    this.#reader = reader
  }

  expire(): void {
    this.#reader.cancel().catch(() => undefined)
  }
}
