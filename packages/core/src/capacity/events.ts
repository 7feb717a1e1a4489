import type { Priority } from '../policy/admission.ts'

/** A capacity was changed (`capacity-changed`), or a call was kept out because it is reduced (`capacity-exceeded`). */
export interface CapacityEvent {
  readonly type: 'capacity-changed' | 'capacity-exceeded'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly capacity: string
  /** The share of the calls that is let in, 0 to 1. */
  readonly share: number
  /** `capacity-changed` only: the share before. */
  readonly from?: number
  /** `capacity-exceeded` only: of the call. */
  readonly priority?: Priority
}
