import { HoldfastError } from '@holdfast/core'
import type { ErrorCategory } from '@holdfast/core'

/** An error of ours: nothing has been done. */
export function syncError(code: string, category: ErrorCategory, message: string): HoldfastError {
  return new HoldfastError({ code, category, message, retryable: false, mayHaveTakenEffect: false })
}
