import type { TimeLimited } from '../clock/deadlines.ts'
import { overtaken } from '../errors/overtaken.ts'
import type { HedgePolicy } from '../hedge/hedge.ts'
import type { Due } from '../list/due-lists.ts'
import type { Attempt, AttemptOwner } from './attempt.ts'
import type { Call } from './call.ts'

/** One try of a call with several attempts beside each other, of which the first good one is the result. */
export class HedgedTry<Result> implements AttemptOwner<Result>, TimeLimited {
  dueAt = 0
  previous: Due | undefined = undefined
  next: Due | undefined = undefined
  readonly call: Call<Result>
  readonly #hedge: HedgePolicy
  readonly #delayMs: number
  readonly #running: Attempt<Result>[] = []
  #hedges = 0
  #isOver = false

  constructor(call: Call<Result>, hedge: HedgePolicy, delayMs: number) {
    this.call = call
    this.#hedge = hedge
    this.#delayMs = delayMs
  }

  begin(first: Attempt<Result>): void {
    this.call.engine.deadlines.watch(this, first.startedAt + this.#delayMs)
    this.#start(first)
  }

  /** The attempts under way take too long. */
  expire(): void {
    const { engine } = this.call
    const now = engine.clock.now()
    const attempt = engine.tryHedge(this, now)
    // Without leave the attempts under way go on as they would have.
    if (attempt === undefined) return
    this.#hedges += 1
    engine.reporter.hedgeStarted(attempt, this.#delayMs)
    this.#start(attempt)
    if (!this.#isOver && this.#hedges < this.#hedge.options.maxHedges) {
      engine.deadlines.watch(this, now + this.#delayMs)
    }
  }

  attemptDecides(): void {
    this.#end()
  }

  attemptSucceeded(attempt: Attempt<Result>, result: Result): void {
    for (const other of this.#running) {
      // However long it was at work, it is not to blame: it lost to its own dependency.
      if (other !== attempt) other.cancel(overtaken(Infinity))
    }
    if (this.#hedges > 0) this.call.engine.reporter.hedgeWon(attempt)
    this.call.attemptSucceeded(attempt, result)
  }

  attemptFailed(attempt: Attempt<Result>, reason: unknown): void {
    if (this.#isOver) return
    this.#running.splice(this.#running.indexOf(attempt), 1)
    if (!attempt.cancelled && this.#running.length > 0) return
    this.#end()
    // They hear of their caller's abort by themselves, unless somebody keeps it from them.
    for (const other of this.#running) other.cancel(reason)
    this.call.attemptFailed(attempt, reason)
  }

  #start(attempt: Attempt<Result>): void {
    this.#running.push(attempt)
    attempt.start()
  }

  #end(): void {
    this.#isOver = true
    this.call.engine.deadlines.forget(this)
  }
}
