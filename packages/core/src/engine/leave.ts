import { type CircuitBreaker, GivenPermit } from '../breaker/create-breaker.ts'
import type { AttemptOutcome } from '../events/events.ts'
import type { Goodput } from '../goodput-limit/goodput-limit.ts'
import type { Admission, AdmissionRequest, Permit, Rejection } from '../policy/admission.ts'

export const NO_PERMITS: readonly Permit[] = []

/** The leave to make one attempt: of the circuit, of every admission, and of the goodput limit. */
export class Leave extends GivenPermit {
  readonly permits: readonly Permit[]
  #goodput: Goodput | undefined

  constructor(
    breaker: CircuitBreaker | undefined,
    now: number,
    permits: readonly Permit[],
    goodput: Goodput | undefined,
  ) {
    super(breaker, now)
    this.permits = permits
    this.#goodput = goodput
  }

  /** Whether the work must be waited for although its verdict is known. */
  get holds(): boolean {
    return this.permits.length > 0
  }

  /** A stream has begun to answer: from here on it takes as long as it takes. */
  answered(now: number): void {
    this.#goodput?.leave('success', now - this.startedAt, now)
    this.#goodput = undefined
  }

  /** @param until the work, where it goes on after its verdict. */
  end(
    outcome: AttemptOutcome,
    now: number,
    durationMs: number,
    error: unknown,
    until: PromiseLike<unknown> | undefined,
  ): void {
    this.#goodput?.leave(outcome, durationMs, now)
    this.#goodput = undefined
    this.settleAt(outcome, now, error)
    for (const permit of this.permits) {
      permit.settle(outcome, until === undefined ? { durationMs, error } : { durationMs, error, until })
    }
  }
}

/**
 * Asks one admission after the other, without a promise as long as none of them makes the call wait. What was given before one refuses, or the caller
 * leaves a queue, is taken back.
 * @throws the caller's reason, from the promise.
 */
export function acquireAll(
  admissions: readonly Admission[],
  request: AdmissionRequest,
): readonly Permit[] | Rejection | Promise<readonly Permit[] | Rejection> {
  let permits: Permit[] | undefined
  try {
    for (let index = 0; index < admissions.length; index++) {
      const answer = (admissions[index] as Admission).acquire(request)
      if (answer instanceof Promise) return acquireRest(answer, admissions.slice(index + 1), permits ?? [], request)
      if (!answer.admitted) return undo(permits ?? NO_PERMITS, answer)
      // Most have one; a list that is pushed to is made for many.
      if (permits === undefined) permits = [answer]
      else permits.push(answer)
    }
  } catch (error) {
    giveBack(permits ?? NO_PERMITS)
    throw error
  }
  return permits ?? NO_PERMITS
}

/** The same without waiting. */
export function tryAcquireAll(
  admissions: readonly Admission[],
  request: AdmissionRequest,
): readonly Permit[] | Rejection {
  const permits: Permit[] = []
  try {
    for (const admission of admissions) {
      const answer = admission.tryAcquire(request)
      if (!answer.admitted) return undo(permits, answer)
      permits.push(answer)
    }
  } catch (error) {
    giveBack(permits)
    throw error
  }
  return permits
}

async function acquireRest(
  waiting: Promise<Permit | Rejection>,
  rest: readonly Admission[],
  permits: Permit[],
  request: AdmissionRequest,
): Promise<readonly Permit[] | Rejection> {
  try {
    for (let answer = await waiting, next = 0; ; next++) {
      if (!answer.admitted) return undo(permits, answer)
      permits.push(answer)
      const admission = rest[next]
      if (admission === undefined) return permits
      answer = await admission.acquire(request)
    }
  } catch (reason) {
    giveBack(permits)
    throw reason
  }
}

function undo(permits: readonly Permit[], rejection: Rejection): Rejection {
  giveBack(permits)
  return rejection
}

/** Takes permits back as if nobody had asked for them. */
export function giveBack(permits: readonly Permit[]): void {
  for (const permit of permits) {
    if (permit.undo === undefined) permit.settle('ignored')
    else permit.undo()
  }
}
