import type { ErrorCategory } from './category.ts'

/** What a code or a status says about an error. The tables of this folder are made of these. */
export interface Verdict {
  readonly code: string
  readonly category: ErrorCategory
  readonly retryable: boolean
  readonly mayHaveTakenEffect: boolean
  /** Ends the sentence "`crm` …". */
  readonly says: string
}
