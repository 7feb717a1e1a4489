/** Aborts the signal of a context; also one that nobody has read yet. For the policies; an operation cannot reach it. */
export let abortContext: (context: LazySignal, reason: unknown) => void

/** A context whose `AbortController` is made when its signal is first read: most operations that are quick never do. */
export class LazySignal {
  /** What there is of it: nothing, the reason of an abort, or the controller. */
  #state: undefined | { readonly abortedWith: unknown } | AbortController

  static {
    abortContext = (context, reason) => context.#abort(reason)
  }

  /** Built on first read. */
  get signal(): AbortSignal {
    const state = this.#state
    if (state instanceof AbortController) return state.signal
    const controller = new AbortController()
    if (state !== undefined) controller.abort(state.abortedWith)
    this.#state = controller
    return controller.signal
  }

  #abort(reason: unknown): void {
    if (this.#state instanceof AbortController) this.#state.abort(reason)
    else this.#state ??= { abortedWith: reason }
  }
}
