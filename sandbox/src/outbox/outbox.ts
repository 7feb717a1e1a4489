/** Services that hand something over to people. */
export const OUTBOX_SERVICES = ['resend', 'teams'] as const
export type OutboxService = (typeof OUTBOX_SERVICES)[number]

/** Something that would be with somebody now. */
export interface Arrival {
  readonly service: OutboxService
  /** The service's own id for it. */
  readonly id: string
  /** When it was taken, in milliseconds since 1970. */
  readonly at: number
  /** An e-mail as it was sent, attachments by their names; a message as the card that was posted. */
  readonly content: unknown
}

/** What the stand-ins for e-mail and Teams have taken; the newest only. Nothing leaves the machine. */
export class Outbox {
  readonly #maxArrivals: number
  readonly #now: () => number
  #arrivals: Arrival[] = []

  constructor(now: () => number, maxArrivals = 1_000) {
    this.#now = now
    this.#maxArrivals = maxArrivals
  }

  add(service: OutboxService, id: string, content: unknown): Arrival {
    const arrival = { service, id, at: this.#now(), content }
    this.#arrivals = [...this.#arrivals, arrival].slice(-this.#maxArrivals)
    return arrival
  }

  /** All of them or one service's, oldest first. */
  list(service?: OutboxService): Arrival[] {
    return this.#arrivals.filter((arrival) => service === undefined || arrival.service === service)
  }

  get(service: OutboxService, id: string): Arrival | undefined {
    return this.#arrivals.find((arrival) => arrival.service === service && arrival.id === id)
  }

  clear(): void {
    this.#arrivals = []
  }
}
