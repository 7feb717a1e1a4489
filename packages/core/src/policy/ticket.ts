import type { AttemptOutcome } from '../events/events.ts'
import type { Permit } from './admission.ts'

/** A policy whose leave takes nothing up while the work runs. */
export interface TicketOffice {
  /** A ticket was not used. */
  undone(mark: number): void
}

/** The leave of such a policy: how the work ends makes no difference to it. */
export class Ticket implements Permit {
  readonly admitted = true as const
  readonly #mark: number
  #office: TicketOffice | undefined

  /** @param mark comes back with {@link TicketOffice.undone}. */
  constructor(office: TicketOffice, mark: number) {
    this.#office = office
    this.#mark = mark
  }

  settle(outcome: AttemptOutcome): AttemptOutcome {
    if (this.#office === undefined) return 'ignored'
    this.#office = undefined
    return outcome
  }

  undo(): void {
    const office = this.#office
    this.#office = undefined
    office?.undone(this.#mark)
  }
}
