import type { Priority } from '../policy/admission.ts'

/** A throttle turned a request away. */
export interface ThrottleEvent {
  readonly type: 'call-throttled'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly throttle: string
  readonly priority: Priority
  /** The share of requests of this priority that is turned away now, 0 to 1. */
  readonly rejectedShare: number
}
