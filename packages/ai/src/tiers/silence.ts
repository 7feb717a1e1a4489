import type { HoldfastError } from '@holdfast/core'
import type { Due, TimeLimited } from '@holdfast/core/by-hand'
import { answerStalled, answerTooSlow } from '../errors/failures.ts'
import type { Plan } from './plan.ts'

type Limits = Pick<Plan, 'clock' | 'deadlines' | 'idleTimeoutMs' | 'paceMs' | 'paceChars'>

/**
 * Watches for a silence that lasts too long, and for an answer that trickles. Only the time counts in which somebody waits; only output ends a silence. It looks at the time once in
 * many parts.
 */
export class SilenceWatch implements TimeLimited {
  dueAt: number = 0
  previous: Due | undefined = undefined
  next: Due | undefined = undefined
  readonly #limits: Limits
  readonly #onEnd: (error: HoldfastError) => void
  /** Monotonic, since when somebody waits; unset while nobody does. */
  #since: number | undefined
  /** How long somebody had waited since the last output before that, in ms. */
  #silentMs: number = 0
  /** The same since there were `paceChars` characters last, and how many have come meanwhile. */
  #slowMs: number = 0
  #chars: number = 0
  #isWatched: boolean = false

  constructor(limits: Limits, onEnd: (error: HoldfastError) => void) {
    this.#limits = limits
    this.#onEnd = onEnd
  }

  get isWaiting(): boolean {
    return this.#since !== undefined
  }

  /** Somebody waits from now on, if not since before. */
  wait(): void {
    if (this.#since !== undefined) return
    const now = this.#limits.clock.now()
    this.#since = now
    if (!this.#isWatched) this.#watch(now)
  }

  /** What was waited for has come. @param chars of output; `undefined` for what is none. */
  heard(chars: number | undefined): void {
    const since = this.#since
    if (since === undefined) return
    this.#since = undefined
    this.#chars += chars ?? 0
    if (chars !== undefined && this.#chars >= this.#limits.paceChars) {
      // So it is with most parts, and no look at the time is needed.
      this.#chars = this.#slowMs = this.#silentMs = 0
      return
    }
    const waitedMs = this.#limits.clock.now() - since
    this.#slowMs += waitedMs
    this.#silentMs = chars === undefined ? this.#silentMs + waitedMs : 0
  }

  stop(): void {
    this.#since = undefined
    if (!this.#isWatched) return
    this.#isWatched = false
    this.#limits.deadlines.forget(this)
  }

  /** A limit has passed since it was set; whether anything was wrong meanwhile is another question. */
  expire(): void {
    this.#isWatched = false
    const since = this.#since
    if (since === undefined) return
    const { clock, idleTimeoutMs } = this.#limits
    const waitedMs = clock.now() - since
    if (this.#silentMs + waitedMs >= idleTimeoutMs) this.#onEnd(answerStalled(idleTimeoutMs))
    else if (this.#slowMs + waitedMs >= this.#paceMs) this.#onEnd(answerTooSlow())
    else this.#watch(since)
  }

  get #paceMs(): number {
    return this.#limits.paceChars === 0 ? Infinity : this.#limits.paceMs
  }

  /** @param since when the present wait began. */
  #watch(since: number): void {
    this.#isWatched = true
    const leftMs = Math.min(this.#limits.idleTimeoutMs - this.#silentMs, this.#paceMs - this.#slowMs)
    this.#limits.deadlines.watch(this, since + leftMs)
  }
}
