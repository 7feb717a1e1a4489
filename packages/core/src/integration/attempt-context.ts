import type { AttemptContext } from './integration.ts'

/** Aborts a context's signal; also one that nobody has read yet. Set from inside the class, for this module's users only. */
export let abortContext: (context: LazyContext, reason: unknown) => void

/** An attempt's context, whose `AbortController` is made when the operation first asks for its signal. */
export class LazyContext implements AttemptContext {
  readonly attempt: number
  readonly timeLeftMs: number
  #controller: AbortController | undefined
  #aborted = false
  #reason: unknown

  static {
    abortContext = (context, reason) => context.#abort(reason)
  }

  constructor(attempt: number, timeLeftMs: number) {
    this.attempt = attempt
    this.timeLeftMs = timeLeftMs
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}
