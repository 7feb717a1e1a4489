import type { ErrorCategory } from '../errors/category.ts'
import type { CallLabels } from './labels.ts'

/** A function that was wrapped with {@link withErrorHandling} failed. It carries the labels of the operation, and nothing of the message. */
export interface OperationFailed extends CallLabels {
  readonly type: 'operation-failed'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  /** `CANCELLED` when its caller gave up. */
  readonly code: string
  readonly category: ErrorCategory
}
