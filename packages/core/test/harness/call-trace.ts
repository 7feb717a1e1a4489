import type { Work } from './dependency.ts'
import type { Guarding } from './guarded.ts'

/** What is known of one attempt from its events. */
export interface AttemptTrace {
  /** Changes of the circuit before it. */
  readonly generation: number
  readonly startedAt: number
  /** What held then. */
  readonly reserveMs: number
  ended: boolean
  /** `Infinity` before. */
  endedAt: number
}

/** What is known of one call from outside. */
export class CallTrace {
  readonly id: string
  readonly number: number
  readonly startedAt: number
  readonly deadlineAt: number
  readonly idempotent: boolean
  readonly signal: AbortSignal | undefined
  /** As its events tell it. */
  started = false
  rejected = false
  end: 'succeeded' | 'failed' | undefined
  retries = 0
  hedges = 0
  readonly attempts: AttemptTrace[] = []
  /** As its dependency saw it. */
  readonly works: Work[] = []
  /** What held when its latest try was made. */
  guarding: Guarding | undefined
  /** As its caller saw it. */
  outcome: 'pending' | 'resolved' | 'rejected' = 'pending'
  abortedAt: number | undefined
  /** A stream that was handed over and is still read. */
  reading = false

  constructor(
    number: number,
    startedAt: number,
    deadlineAt: number,
    idempotent: boolean,
    signal: AbortSignal | undefined,
  ) {
    this.id = `call-${number}`
    this.number = number
    this.startedAt = startedAt
    this.deadlineAt = deadlineAt
    this.idempotent = idempotent
    this.signal = signal
  }

  /** The first try and its retries, without hedges. */
  get tries(): number {
    return this.attempts.length - this.hedges
  }

  /** Whether nothing of it is left anywhere. */
  get isOver(): boolean {
    return this.outcome !== 'pending' && !this.reading && this.works.every(({ ended }) => ended)
  }
}
