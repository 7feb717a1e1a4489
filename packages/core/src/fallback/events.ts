import type { CallLabels } from '../context/labels.ts'
import type { FallbackSource } from './options.ts'

/** Another step than the first gave the value. */
export interface FallbackServed extends CallLabels {
  readonly type: 'fallback-served'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  /** The name of the fallback; for an integration's, the name of the integration. */
  readonly fallback: string
  /** The name of the step. */
  readonly servedBy: string
  readonly source: FallbackSource
  /** How old the value is, where it was remembered. */
  readonly ageMs?: number
  /** How many steps had failed before. */
  readonly failures: number
}
