/** What there is of a signal: nothing, the reason of an abort, or its controller. */
export type SignalState = undefined | { readonly abortedWith: unknown } | AbortController

/** The controller of a signal that is read now, perhaps for the first time. */
export function controllerOf(state: SignalState): AbortController {
  if (state instanceof AbortController) return state
  const controller = new AbortController()
  if (state !== undefined) controller.abort(state.abortedWith)
  return controller
}

/** What there is of a signal after an abort. A second one changes nothing. */
export function aborted(state: SignalState, reason: unknown): SignalState {
  if (state instanceof AbortController) state.abort(reason)
  return state ?? { abortedWith: reason }
}

/** Aborts the signal of a context; also one that nobody has read yet. For the policies; an operation cannot reach it. */
export let abortContext: (context: LazySignal, reason: unknown) => void

/** A context whose `AbortController` is made when its signal is first read: most operations that are quick never do. */
export class LazySignal {
  #state: SignalState

  static {
    abortContext = (context, reason) => void (context.#state = aborted(context.#state, reason))
  }

  /** Built on first read. */
  get signal(): AbortSignal {
    const controller = controllerOf(this.#state)
    this.#state = controller
    return controller.signal
  }
}
