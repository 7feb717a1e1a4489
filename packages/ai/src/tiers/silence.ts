import type { Clock, ScheduledTask } from '@holdfast/core'

/** Watches for a silence that lasts too long. Only the time counts in which somebody waits; only output ends a silence. One timer watches over many parts. */
export class SilenceWatch {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #onSilence: () => void
  /** Monotonic, since when somebody waits; unset while nobody does. */
  #since: number | undefined
  /** How long somebody had waited since the last output before that, in ms. */
  #silentMs: number = 0
  #timer: ScheduledTask | undefined

  constructor(clock: Clock, limitMs: number, onSilence: () => void) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#onSilence = onSilence
  }

  /** Somebody waits from now on. */
  wait(): void {
    this.#since = this.#clock.now()
    this.#timer ??= this.#clock.schedule(this.#limitMs - this.#silentMs, this.#look)
  }

  /** What was waited for has come. */
  heard(isOutput: boolean): void {
    const since = this.#since
    this.#since = undefined
    if (isOutput) this.#silentMs = 0
    else if (since !== undefined) this.#silentMs += this.#clock.now() - since
  }

  stop(): void {
    this.#since = undefined
    this.#timer?.cancel()
    this.#timer = undefined
  }

  readonly #look = (): void => {
    this.#timer = undefined
    if (this.#since === undefined) return
    const leftMs = this.#limitMs - this.#silentMs - (this.#clock.now() - this.#since)
    if (leftMs > 0) this.#timer = this.#clock.schedule(leftMs, this.#look)
    else this.#onSilence()
  }
}
