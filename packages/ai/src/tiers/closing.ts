import type { Due, TimeLimited } from '@holdfast/core/by-hand'
import type { Plan } from './plan.ts'

/** How long a stream that has said all may take to close by itself before it is cancelled, in ms. */
const CLOSING_MS = 1_000

/** Reads a stream to its close, so that its source ends well rather than cancelled; but does not wait for ever. */
export function letClose(reader: ReadableStreamDefaultReader<unknown>, { clock, deadlines }: Plan): void {
  const closing = new Closing(reader)
  deadlines.watch(closing, clock.now() + CLOSING_MS)
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
