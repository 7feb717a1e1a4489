import type { Due, TimeLimited } from '@holdfast/core/by-hand'
import type { Plan } from './plan.ts'

/** Watches for a silence that lasts too long. Only the time counts in which somebody waits; only output ends a silence. It looks at the time once in many parts. */
export class SilenceWatch implements TimeLimited {
  dueAt: number = 0
  previous: Due | undefined = undefined
  next: Due | undefined = undefined
  readonly #plan: Pick<Plan, 'clock' | 'deadlines' | 'idleTimeoutMs'>
  readonly #onSilence: () => void
  /** Monotonic, since when somebody waits; unset while nobody does. */
  #since: number | undefined
  /** How long somebody had waited since the last output before that, in ms. */
  #silentMs: number = 0
  #isWatched: boolean = false

  constructor(plan: Pick<Plan, 'clock' | 'deadlines' | 'idleTimeoutMs'>, onSilence: () => void) {
    this.#plan = plan
    this.#onSilence = onSilence
  }

  /** Somebody waits from now on. */
  wait(): void {
    const now = this.#plan.clock.now()
    this.#since = now
    if (!this.#isWatched) this.#watch(now)
  }

  /** What was waited for has come. */
  heard(isOutput: boolean): void {
    const since = this.#since
    this.#since = undefined
    if (isOutput) this.#silentMs = 0
    else if (since !== undefined) this.#silentMs += this.#plan.clock.now() - since
  }

  stop(): void {
    this.#since = undefined
    if (!this.#isWatched) return
    this.#isWatched = false
    this.#plan.deadlines.forget(this)
  }

  /** The limit has passed since it was set; whether in silence is another question. */
  expire(): void {
    this.#isWatched = false
    const since = this.#since
    if (since === undefined) return
    const now = this.#plan.clock.now()
    if (this.#silentMs + now - since >= this.#plan.idleTimeoutMs) this.#onSilence()
    else this.#watch(since)
  }

  /** @param since when the present wait began. */
  #watch(since: number): void {
    this.#isWatched = true
    this.#plan.deadlines.watch(this, since + this.#plan.idleTimeoutMs - this.#silentMs)
  }
}
