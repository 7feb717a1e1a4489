import type { AttemptOutcome } from '../events/events.ts'
import { Executor } from '../policy/executor.ts'
import type { Admission, AdmissionRequest, Permit, Rejection, Settlement } from '../policy/admission.ts'

/** What there is where nobody had to be asked: it takes nothing up. */
export const NO_PERMIT: Permit = Object.freeze({ admitted: true, settle: (outcome: AttemptOutcome) => outcome })

/** Two permits as one. */
class Both implements Permit {
  readonly admitted = true as const
  readonly #first: Permit
  readonly #second: Permit

  constructor(first: Permit, second: Permit) {
    this.#first = first
    this.#second = second
  }

  settle(outcome: AttemptOutcome, settlement: Settlement): AttemptOutcome {
    settle(this.#first, outcome, settlement)
    settle(this.#second, outcome, settlement)
    return outcome
  }

  undo(): void {
    takeBack(this.#first)
    takeBack(this.#second)
  }
}

/**
 * Asks one admission after the other, without a promise as long as none of them makes the call wait. What was given before one refuses, throws, or the
 * caller leaves a queue, is taken back.
 * @throws what an admission throws; from the promise, what its own promise rejects with: the caller's reason, if it is one of ours.
 */
export function acquireAll(
  admissions: readonly Admission[],
  request: AdmissionRequest,
): Permit | Rejection | Promise<Permit | Rejection> {
  return acquireFrom(0, NO_PERMIT, admissions, request)
}

/** The same without waiting. */
export function tryAcquireAll(admissions: readonly Admission[], request: AdmissionRequest): Permit | Rejection {
  let given = NO_PERMIT
  try {
    for (const admission of admissions) {
      const answer = admission.tryAcquire(requestFor(admission, request))
      if (!answer.admitted) return refused(given, answer)
      given = both(given, answer)
    }
  } catch (error) {
    takeBack(given)
    throw error
  }
  return given
}

/** @param before what the admissions before this `index` have given. */
function acquireFrom(
  index: number,
  before: Permit,
  admissions: readonly Admission[],
  request: AdmissionRequest,
): Permit | Rejection | Promise<Permit | Rejection> {
  let given = before
  try {
    for (let next = index; next < admissions.length; next++) {
      const admission = admissions[next] as Admission
      const answer = admission.acquire(requestFor(admission, request))
      if ('then' in answer) return acquireLater(answer, next + 1, given, admissions, request)
      if (!answer.admitted) return refused(given, answer)
      given = both(given, answer)
    }
  } catch (error) {
    takeBack(given)
    throw error
  }
  return given
}

async function acquireLater(
  waiting: PromiseLike<Permit | Rejection>,
  index: number,
  before: Permit,
  admissions: readonly Admission[],
  request: AdmissionRequest,
): Promise<Permit | Rejection> {
  let given: Permit
  try {
    const answer = await waiting
    if (!answer.admitted) return refused(before, answer)
    given = both(before, answer)
  } catch (reason) {
    takeBack(before)
    throw reason
  }
  return acquireFrom(index, given, admissions, request)
}

/** One of somebody else's gets a plain object, which it may copy and change for whom it asks in turn. */
function requestFor(admission: Admission, request: AdmissionRequest): AdmissionRequest {
  if (admission instanceof Executor) return request
  const { signal, deadlineAt = Infinity, priority, caller, session } = request
  return { signal, deadlineAt, priority, caller, session }
}

function both(first: Permit, second: Permit): Permit {
  return first === NO_PERMIT ? second : new Both(first, second)
}

function refused(before: Permit, rejection: Rejection): Rejection {
  takeBack(before)
  return rejection
}

/** Settles a permit. One of somebody else's that throws, at once or later, holds up neither the call nor the other permits. */
export function settle(permit: Permit, outcome: AttemptOutcome, settlement: Settlement): void {
  try {
    hush(permit.settle(outcome, settlement))
  } catch {
    // The attempt has ended as it has; there is nobody to tell.
  }
}

/** Takes a permit back as if nobody had asked for it. */
export function takeBack(permit: Permit): void {
  try {
    hush(permit.undo === undefined ? permit.settle('ignored') : permit.undo())
  } catch {
    // As above.
  }
}

function hush(answer: unknown): void {
  if (answer instanceof Promise) answer.catch(() => undefined)
}
