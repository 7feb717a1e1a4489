/** A stream under way: what is still to be sent, and to whom. */
interface Run {
  readonly parts: readonly string[]
  readonly delayMs: number
  readonly startedAt: number
  readonly write: (chunk: string) => void
  readonly done: () => void
  next: number
}

/**
 * Sends the parts of many streams at their pace with one timer for all. A stream that is behind its pace gets all that is
 * due in one write, so a busy machine sends fewer, larger chunks instead of falling further behind.
 */
export class Pacer {
  readonly #runs = new Set<Run>()
  readonly #tickMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(tickMs = 5) {
    this.#tickMs = tickMs
  }

  /** Writes `parts` one every `delayMs`, the first at once, then calls `done`. Returns a function that stops it. */
  start(parts: readonly string[], delayMs: number, write: (chunk: string) => void, done: () => void): () => void {
    const run: Run = { parts, delayMs, startedAt: performance.now(), write, done, next: 0 }
    this.#runs.add(run)
    this.#advance(run, run.startedAt)
    if (this.#runs.size > 0) this.#timer ??= setInterval(() => this.#tick(), this.#tickMs)
    return () => this.#drop(run)
  }

  #tick(): void {
    const now = performance.now()
    for (const run of this.#runs) this.#advance(run, now)
  }

  #advance(run: Run, now: number): void {
    const due =
      run.delayMs === 0
        ? run.parts.length
        : Math.min(run.parts.length, Math.floor((now - run.startedAt) / run.delayMs) + 1)
    if (due > run.next) {
      const chunk = run.next + 1 === due ? run.parts[run.next]! : run.parts.slice(run.next, due).join('')
      run.next = due
      run.write(chunk)
    }
    if (run.next >= run.parts.length) {
      this.#drop(run)
      run.done()
    }
  }

  #drop(run: Run): void {
    this.#runs.delete(run)
    if (this.#runs.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }
}
