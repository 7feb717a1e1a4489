import type { Clock } from '../clock/clock.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import type { AttemptOutcome } from '../events/events.ts'

/** How much a call matters when there is not room for all: `low` is shed first, `high` last. */
export type Priority = 'high' | 'medium' | 'low'

/** What an admission policy may want to know of the call that asks. Everything can be left out. */
export interface AdmissionRequest {
  /** The caller's abort: it leaves a queue at once, and the reason comes back unchanged. */
  readonly signal?: AbortSignal | undefined
  /** Monotonic time, in ms, at which the call is over; a queue drops an entry that cannot make it. Default: `Infinity`. */
  readonly deadlineAt?: number | undefined
  /** Default: `medium`. A policy that asks for it refuses another word (`INVALID_OPTION`), whether there is room or not. */
  readonly priority?: Priority | undefined
  /** Whose call it is (a tenant, a user); callers of one priority get equal shares of a queue. Default: one caller for all. */
  readonly caller?: string | undefined
  /** A conversation that is either let in or kept out as a whole while capacity is reduced. */
  readonly session?: string | undefined
  /**
   * `true` from whoever settles, or takes back, each permit exactly once, as pipelines and integrations do: a policy may then give them all one object,
   * which settled a second time gives back what another holds. Default: false; a permit may be settled again, and that does nothing.
   */
  readonly settlesOnce?: boolean | undefined
}

/** How a piece of work went, for {@link Permit.settle}. */
export interface Settlement {
  /** How long it took, in ms. Default: the time since the permit was given. */
  readonly durationMs?: number | undefined
  /** What failed. */
  readonly error?: unknown
  /** The work itself, when it goes on after its verdict (it was timed out and does not stop): what it takes up stays taken until then, if the policy does not bound that. */
  readonly until?: PromiseLike<unknown> | undefined
}

/** The leave to do one piece of work. It must be settled, once, however the work ends; settling it again does nothing. */
export interface Permit {
  readonly admitted: true
  /**
   * Says how the work went, and gives back what the permit took.
   * `ignored` is for work that says nothing about the dependency, such as a call that its caller cancelled.
   * @returns the outcome as it was counted.
   */
  settle(outcome: AttemptOutcome, settlement?: Settlement): AttemptOutcome
  /**
   * Takes the leave back as if nobody had asked for it; in place of settling, and only right after acquiring: for whoever asks several
   * policies in turn and is refused by a later one. Does nothing once the permit is settled. A policy without it settles as `ignored`.
   */
  readonly undo?: (() => void) | undefined
}

/** No leave: the work must not be done. */
export interface Rejection {
  readonly admitted: false
  /** Of category `rejected`; a new one each time, without a stack. */
  readonly error: HoldfastError
}

/** A policy that lets work in, or not. */
export interface Admission {
  /** What it measures time with, where it shows it: a pipeline or an integration with another clock refuses it. */
  readonly clock?: Clock | undefined
  /** Whether it decides about calls, not attempts: it is not asked again for a retry. Default: false. */
  readonly perCall?: boolean | undefined
  /** Asks for leave, without waiting. */
  tryAcquire(request?: AdmissionRequest): Permit | Rejection
  /**
   * Asks for leave, and waits for it where the policy has a queue. Comes back at once, without a promise, when there is nothing to wait
   * for. The promise rejects only with the caller's own reason, when `signal` aborts in the queue. A call waits for it no longer than until
   * `deadlineAt` or that abort, whatever it does; a permit that comes later is taken back.
   */
  acquire(request?: AdmissionRequest): Permit | Rejection | Promise<Permit | Rejection>
}

/** An admission that can also be used on its own. */
export interface AdmissionPolicy extends Admission {
  /**
   * Performs work if there is leave for it, waiting where the policy has a queue, and says how it went. It adds nothing else: no time limit, no retry, and
   * an abort ends the waiting but not the work; a {@link pipeline} adds those. How a failure counts, its category decides ({@link classify},
   * {@link CATEGORY_RULES}); one after `signal` has aborted counts as nothing.
   * @throws what the work throws, as it is; the policy's refusal, of category `rejected`; the reason of `signal`; `INVALID_OPTION` for
   * `work` that cannot be called.
   */
  execute<T>(work: () => T | PromiseLike<T>, request?: AdmissionRequest): Promise<T>
}
