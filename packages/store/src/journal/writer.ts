import type { Log } from './log.ts'
import type { Location } from './segment.ts'

/** What one write takes at most, if it is more than one line. */
const BATCH_BYTES = 1_048_576

/** A line that waits for its turn; without one, somebody who waits until what was found at opening is certain. */
interface Waiting {
  readonly line: Buffer | undefined
  /** Of a record; a mark has none. */
  readonly sequence: number | undefined
  readonly kept: (place: Location | undefined) => void
  readonly failed: (error: unknown) => void
}

/** Brings lines to the disk: what comes while one write is under way goes together into the next one, with one sync for all. */
export class Writer {
  readonly #log: Log
  readonly #queue: Waiting[] = []
  #running: Promise<void> | undefined
  #isClosing = false
  /** The number that the next record will have. */
  nextSequence: number

  constructor(log: Log, nextSequence: number) {
    this.#log = log
    this.nextSequence = nextSequence
  }

  /** @param kept is called once the line is on the disk, and before `push` resolves. */
  push<Result>(
    line: Buffer | undefined,
    sequence: number | undefined,
    kept: (place: Location | undefined) => Result,
  ): Promise<Result> {
    const pushed = new Promise<Result>((resolve, failed) => {
      this.#queue.push({ line, sequence, kept: (place) => resolve(kept(place)), failed })
    })
    this.#running ??= this.#run()
    return pushed
  }

  /** Resolves when all that was pushed is on the disk or has failed. */
  async drain(): Promise<void> {
    this.#isClosing = true
    await this.#running
  }

  async #run(): Promise<void> {
    // Who pushes in the same turn shall be in the first write.
    await Promise.resolve()
    let mayCompact = true
    while (this.#queue.length > 0 || (mayCompact && !this.#isClosing)) {
      if (this.#queue.length > 0) await this.#write(this.#nextBatch())
      mayCompact = await this.#log.compact(this.#first())
    }
    this.#running = undefined
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const first = this.#first(batch)
    const next = this.#first()
    const lines = batch.flatMap(({ line }) => line ?? [])
    try {
      const places = await this.#log.write(lines, first, next)
      let place = 0
      for (const { line, kept } of batch) kept(line === undefined ? undefined : places[place++])
    } catch (error) {
      for (const { failed } of batch) failed(error)
    }
  }

  #nextBatch(): Waiting[] {
    let bytes = 0
    const end = this.#queue.findIndex(({ line }, place) => (bytes += line?.length ?? 0) > BATCH_BYTES && place > 0)
    return this.#queue.splice(0, end < 0 ? this.#queue.length : end)
  }

  /** The lowest number that is not written yet, with these and what waits still to come. */
  #first(batch: readonly Waiting[] = []): number {
    const isRecord = ({ sequence }: Waiting): boolean => sequence !== undefined
    return (batch.find(isRecord) ?? this.#queue.find(isRecord))?.sequence ?? this.nextSequence
  }
}
