import type { AttemptOutcome } from '../events/events.ts'
import { Executor } from '../policy/executor.ts'
import type { Admission, AdmissionRequest, Permit, Rejection, Settlement } from '../policy/admission.ts'
import { refuse } from '../policy/refuse.ts'
import { LazySignal } from '../signal/lazy-signal.ts'
import { runLimited } from '../timeout/run-limited.ts'
import type { CallRecord } from './call.ts'

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

type Answer = Permit | Rejection

type Asked = Pick<Admission, 'acquire'>

/**
 * Asks one admission after the other, without a promise as long as none of them makes the call wait. What was given before one refuses, throws, or the
 * caller leaves a queue, is taken back. None makes a call wait past its end, or its caller's abort.
 * @throws what an admission throws; from the promise, what its own promise rejects with, or the caller's reason.
 */
export function acquireAll(admissions: readonly Admission[], call: CallRecord): Answer | Promise<Answer> {
  return acquireFrom(0, NO_PERMIT, admissions, call)
}

/** The same without waiting. @returns a promise where somebody else's admission promises all the same. */
export function tryAcquireAll(admissions: readonly Admission[], call: CallRecord): Answer | Promise<Answer> {
  const atOnce = admissions.map((admission) => ({
    acquire: (request: AdmissionRequest) => admission.tryAcquire(request),
  }))
  return acquireFrom(0, NO_PERMIT, atOnce, call)
}

/** @param before what the admissions before this `index` have given. */
function acquireFrom(
  index: number,
  before: Permit,
  admissions: readonly Asked[],
  call: CallRecord,
): Answer | Promise<Answer> {
  let given = before
  try {
    for (let next = index; next < admissions.length; next++) {
      const admission = admissions[next] as Asked
      const answer = admission.acquire(requestFor(admission, call))
      if ('then' in answer) {
        const inTime = admission instanceof Executor ? answer : withinCall(answer, call)
        return acquireLater(inTime, next + 1, given, admissions, call)
      }
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
  waiting: Promise<Answer>,
  index: number,
  before: Permit,
  admissions: readonly Asked[],
  call: CallRecord,
): Promise<Answer> {
  let given: Permit
  try {
    const answer = await waiting
    if (!answer.admitted) return refused(before, answer)
    given = both(before, answer)
  } catch (reason) {
    takeBack(before)
    throw reason
  }
  return acquireFrom(index, given, admissions, call)
}

/** What somebody else's admission answers, for as long as its call can wait. A permit that comes later is taken back. */
async function withinCall(waiting: PromiseLike<Answer>, { engine, signal, deadlineAt }: CallRecord): Promise<Answer> {
  const { clock, name } = engine
  const answer = Promise.resolve(waiting)
  const late = noTimeLeft(name)
  const timeoutMs = deadlineAt - clock.now()
  try {
    return await runLimited(() => answer, new LazySignal(), {
      clock,
      signal,
      timeoutMs,
      timeoutError: () => late.error,
    })
  } catch (reason) {
    takeBackLater(answer)
    if (reason === late.error) return late
    throw reason
  }
}

/** For a call whose time is over before an attempt could be made. */
export function noTimeLeft(name: string): Rejection {
  return refuse(name, 'DEADLINE_EXCEEDED', 'was not called: no time was left', undefined, {
    category: 'timeout',
    retryable: false,
  })
}

/** One of somebody else's gets a plain object, which it may copy and change for whom it asks in turn. */
function requestFor(admission: Asked, request: AdmissionRequest): AdmissionRequest {
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

/** Takes a permit back as if nobody had asked for it. What is none, a rejection say, is left as it is. */
export function takeBack(given: Answer): void {
  try {
    const permit = given as Permit
    hush(permit.undo === undefined ? permit.settle('ignored') : permit.undo())
  } catch {
    // As above.
  }
}

/** The same for one that may come later. */
export function takeBackLater(waiting: Promise<Answer>): void {
  hush(waiting.then(takeBack))
}

function hush(answer: unknown): void {
  if (answer instanceof Promise) answer.catch(() => undefined)
}
