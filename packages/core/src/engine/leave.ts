import type { GivenPermit } from '../breaker/create-breaker.ts'
import type { AttemptOutcome } from '../events/events.ts'
import type { Admission, AdmissionRequest, Permit, Rejection } from '../policy/admission.ts'

export const NO_PERMITS: readonly Permit[] = []

/** The leave to make one attempt: of every admission, and of the circuit. */
export class Leave {
  readonly admitted = true as const
  readonly circuit: GivenPermit | undefined
  readonly permits: readonly Permit[]

  constructor(circuit: GivenPermit | undefined, permits: readonly Permit[]) {
    this.circuit = circuit
    this.permits = permits
  }

  /** Whether the work must be waited for although its verdict is known. */
  get holds(): boolean {
    return this.permits.length > 0
  }

  /** @param until the work, where it goes on after its verdict. */
  settle(
    outcome: AttemptOutcome,
    now: number,
    durationMs: number,
    error: unknown,
    until: PromiseLike<unknown> | undefined,
  ): void {
    this.circuit?.settleAt(outcome, now, error)
    if (this.permits.length === 0) return
    const settlement = { durationMs, error, ...(until === undefined ? {} : { until }) }
    for (const permit of this.permits) permit.settle(outcome, settlement)
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
  const permits: Permit[] = []
  for (const [index, admission] of admissions.entries()) {
    const answer = admission.acquire(request)
    if (answer instanceof Promise) return acquireRest(answer, admissions.slice(index + 1), permits, request)
    if (!answer.admitted) return undo(permits, answer)
    permits.push(answer)
  }
  return permits
}

/** The same without waiting. */
export function tryAcquireAll(
  admissions: readonly Admission[],
  request: AdmissionRequest,
): readonly Permit[] | Rejection {
  const permits: Permit[] = []
  for (const admission of admissions) {
    const answer = admission.tryAcquire(request)
    if (!answer.admitted) return undo(permits, answer)
    permits.push(answer)
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
