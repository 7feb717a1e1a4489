import type { Clock, HoldfastError } from '@holdfast/core'
import { isBlameless } from '../errors/failures.ts'

/** After this long a request weighs a third of a new one, in ms. */
const MEMORY_MS = 10_000

/** What says nothing about whether asking again helps. */
const OTHERS_MATTER = ['client', 'validation', 'context-length', 'cancelled', 'rejected']

/**
 * Keeps attempts from multiplying while everybody is down: attempts after the first of a request, whoever they go to, may come to nothing for at most `ratio` times as many as there were
 * requests in the last ten seconds, or `floor` if that is more. Those that help give back what they took, so that where another model answers nobody is kept from asking it.
 * All are counted with exponential decay.
 */
export class ExtraAttempts {
  readonly #clock: Clock
  readonly #ratio: number
  readonly #floor: number
  #requests: number = 0
  #vain: number = 0
  #helped: number = 0
  /** Monotonic, of the counts. */
  #at: number = -Infinity

  constructor(clock: Clock, ratio: number, floor: number) {
    this.#clock = clock
    this.#ratio = ratio
    this.#floor = floor
  }

  /** A request begins. */
  asked(now: number): void {
    this.#decay(now)
    this.#requests += 1
  }

  /** Whether no more may be made now. */
  get isSpent(): boolean {
    this.#decay(this.#clock.now())
    return this.#vain + 1 > Math.max(this.#floor, this.#ratio * this.#requests + this.#helped)
  }

  /** One has given the answer. */
  helped(): void {
    this.#helped += 1
  }

  /** So many were made for a request that has no answer. */
  inVain(count: number): void {
    this.#vain += count
  }

  #decay(now: number): void {
    const kept = Math.exp(Math.min(0, this.#at - now) / MEMORY_MS)
    this.#requests *= kept
    this.#vain *= kept
    this.#helped *= kept
    this.#at = now
  }
}

/** Whether a failure is one of those after which asking again, or another, may be in vain for everybody. */
export function isTrouble(error: HoldfastError): boolean {
  return !isBlameless(error) && !OTHERS_MATTER.includes(error.category)
}
