import type { Caller, StartedRun, StartOptions } from '../workflows/index.ts'

/** Who gets a request, and why. */
export interface Route {
  readonly specialist: string
  readonly by: 'rule' | 'model' | 'fallback'
  /** In the words of the model, or why nobody else has it. */
  readonly reason: string
  /** Of the model, 0 to 1. */
  readonly confidence?: number
}

/** What a request may be sent with. */
export interface DispatchOptions extends StartOptions {
  /** Who gets it, where that is known: nobody is asked. */
  readonly to?: string | undefined
}

/** A request that somebody has now. */
export interface Dispatched extends StartedRun {
  readonly route: Route
}

/** Something that has happened. */
export interface OrchestratedEvent {
  /** The same when it is told again: it starts nothing twice. 1 to 100 characters. */
  readonly id: string
  readonly event: string
  readonly payload: unknown
  readonly requestId?: string | undefined
}

/** Finds who does what, and lets it be done. */
export interface Orchestrator<Request = unknown> {
  /**
   * Finds who gets a request: the first whose rule holds, or the choice of the model, or the fallback.
   * @throws HoldfastError `NOBODY_RESPONSIBLE`; the reason of the signal
   */
  route(request: Request, options?: { readonly signal?: AbortSignal | undefined }): Promise<Route>
  /**
   * Finds who gets a request, and starts his workflow. It does not wait for what comes of it.
   * @throws HoldfastError as {@link Orchestrator.route} and `Workflows.start`
   */
  dispatch(by: Caller, request: Request, options?: DispatchOptions): Promise<Dispatched>
  /** Starts what an event starts, each once. @returns the runs. */
  handle(by: Caller, event: OrchestratedEvent): Promise<readonly StartedRun[]>
}
