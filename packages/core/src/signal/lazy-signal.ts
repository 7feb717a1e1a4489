/** Aborts the signal of a context; also one that nobody has read yet. For the policies; an operation cannot reach it. */
export let abortContext: (context: LazySignal, reason: unknown) => void

/** A context whose `AbortController` is made when its signal is first read: most operations that are quick never do. */
export class LazySignal {
  #controller: AbortController | undefined
  #abortedWith: { readonly reason: unknown } | undefined

  static {
    abortContext = (context, reason) => context.#abort(reason)
  }

  /** Built on first read. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortedWith !== undefined) this.#controller.abort(this.#abortedWith.reason)
    }
    return this.#controller.signal
  }

  #abort(reason: unknown): void {
    if (this.#abortedWith !== undefined) return
    this.#abortedWith = { reason }
    this.#controller?.abort(reason)
  }
}
