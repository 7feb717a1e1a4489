import { ruleOf } from '../errors/category-rules.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import { checkOperation } from '../validation/validate.ts'
import type { AdmissionPolicy, AdmissionRequest, Permit, Rejection } from './admission.ts'

/** What all admissions have in common: {@link AdmissionPolicy.execute}. */
export abstract class Executor implements AdmissionPolicy {
  abstract tryAcquire(request?: AdmissionRequest): Permit | Rejection

  abstract acquire(request?: AdmissionRequest): Permit | Rejection | Promise<Permit | Rejection>

  async execute<T>(work: () => T | PromiseLike<T>, request?: AdmissionRequest): Promise<T> {
    checkOperation(work)
    const signal = request?.signal
    if (hasLeft(signal)) throw signal?.reason
    let answer = this.acquire(request)
    if (answer instanceof Promise) answer = await answer
    if (!answer.admitted) throw answer.error
    if (hasLeft(signal)) {
      // It aborted between the end of the wait and now.
      answer.settle('ignored')
      throw signal?.reason
    }
    let value: T
    try {
      value = await work()
    } catch (thrown) {
      const error = toHoldfastError(thrown)
      answer.settle(hasLeft(signal) ? 'ignored' : ruleOf(error.category).breaker, { error })
      throw thrown
    }
    answer.settle('success')
    return value
  }
}

function hasLeft(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}
