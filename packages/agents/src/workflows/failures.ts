import { HoldfastError } from '@holdfast/core'
import type { ErrorCategory } from '@holdfast/core'
import { failureOf, isUnrecoverable } from '../jobs/failures.ts'

/** What a memory of writes says of one that may have been made, until a person has settled it. */
export const WRITE_UNCONFIRMED = 'WRITE_UNCONFIRMED'

/** What a step or a run failed with, as it is kept: no secret is in it. */
export interface WorkflowFailure {
  /** Of what was thrown, or `STEP_FAILED`. */
  readonly code: string
  readonly category: ErrorCategory
  readonly message: string
  /** Of a run: the steps whose failure nobody caught. */
  readonly steps?: readonly string[] | undefined
  readonly mayHaveTakenEffect: boolean
}

/** Somebody else has the run by now: nothing more may be written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/** Reads what was thrown. */
export function workflowFailureOf(thrown: unknown, fallback: string): WorkflowFailure {
  const { code, message } = failureOf(thrown)
  const known = HoldfastError.isInstance(thrown) ? thrown : undefined
  return {
    code: code === 'JOB_FAILED' ? fallback : code,
    category: known?.category ?? 'unknown',
    message: message === 'The handler failed' ? 'It failed without a word' : message,
    mayHaveTakenEffect: known?.mayHaveTakenEffect ?? true,
  }
}

/** Whether a further try may help. One that may have taken effect is made again only where that does no harm. */
export function isWorthAnotherTry(thrown: unknown, isRepeatable: boolean): boolean {
  if (isUnrecoverable(thrown)) return false
  return isRepeatable || (HoldfastError.isInstance(thrown) && !thrown.mayHaveTakenEffect)
}

/** The error that the function of a workflow gets of a step that has failed: the same the first time and when it is run again. */
export function stepError(failure: WorkflowFailure): HoldfastError {
  const { code, category, message, mayHaveTakenEffect } = failure
  return new HoldfastError({ code, category, message, retryable: false, mayHaveTakenEffect })
}

/** What was asked of a run cannot be done. */
export function workflowError(code: string, category: ErrorCategory, message: string): HoldfastError {
  return new HoldfastError({ code, category, message, retryable: false, mayHaveTakenEffect: false })
}

/** The function takes another way than it did before. */
export function otherWay(message: string): HoldfastError {
  return workflowError(
    'WORKFLOW_CHANGED',
    'configuration',
    `${message}. The function must take the same way each time; where it has changed, it needs a new version`,
  )
}
