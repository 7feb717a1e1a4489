import { HoldfastError } from '@holdfast/core'
import type { ErrorCategory } from '@holdfast/core'

export function webhookError(code: string, category: ErrorCategory, message: string): HoldfastError {
  return new HoldfastError({ code, category, message, retryable: false, mayHaveTakenEffect: false })
}
