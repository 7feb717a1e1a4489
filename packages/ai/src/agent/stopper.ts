import type { Clock } from '@holdfast/core'

/** One signal for the whole loop: aborted by the caller, by the timeout, or by whoever calls `stop`. */
export class Stopper {
  readonly #controller: AbortController = new AbortController()
  readonly #caller: AbortSignal | undefined
  #onStop: ((reason: unknown) => void) | undefined
  #cancelTimer: (() => void) | undefined

  constructor(caller: AbortSignal | undefined) {
    this.#caller = caller
    caller?.addEventListener('abort', this.#onAbort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Stops with the reason that `reason` gives, after `ms`. */
  after(clock: Clock, ms: number, reason: () => unknown): void {
    const task = clock.schedule(ms, () => this.stop(reason()))
    this.#cancelTimer = () => task.cancel()
  }

  /** Is told at once, even if what the signal was meant for does not listen. */
  onStop(listener: (reason: unknown) => void): void {
    this.#onStop = listener
  }

  stop(reason: unknown): void {
    const onStop = this.#onStop
    this.release()
    this.#controller.abort(reason)
    onStop?.(reason)
  }

  /** There is nothing left to stop. */
  release(): void {
    this.#onStop = undefined
    this.#caller?.removeEventListener('abort', this.#onAbort)
    this.#cancelTimer?.()
  }

  readonly #onAbort = (): void => this.stop(this.#caller?.reason)
}
