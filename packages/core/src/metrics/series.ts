import type { CircuitChanged, CircuitState } from '../events/events.ts'
import { add, EmptyRecord, Slice, type Tally } from './slice.ts'

/** The state of a circuit, and how long it has been in each. */
export interface CircuitTimes {
  readonly state: CircuitState
  /** Milliseconds in each state since the first event of the integration. */
  readonly msByState: Readonly<Partial<Record<CircuitState, number>>>
}

/** What happened to one thing: lately, in slices of time, and before. */
export class Series {
  readonly operations: Map<string, Series> = new Map()
  readonly #past = new Slice()
  readonly #slices: Slice[] = []
  readonly #length: number
  readonly #msByState: Tally = new EmptyRecord()
  #state: CircuitState | undefined
  /** Monotonic time of the circuit's latest change; before one, of the first event. */
  #since: number

  constructor(slices: number, now: number) {
    this.#length = slices
    this.#since = now
  }

  /** The slice to count in. */
  at(epoch: number): Slice {
    // The clock's origin is arbitrary, so an epoch may be negative.
    const place = ((epoch % this.#length) + this.#length) % this.#length
    const slice = this.#slices[place]
    if (slice?.epoch === epoch) return slice
    if (slice !== undefined) this.#past.add(slice)
    return (this.#slices[place] = new Slice(epoch))
  }

  /** Adds what happened in the window that ends with `epoch`, and what happened at all, operations included. */
  addTo(window: Slice, total: Slice, epoch: number): void {
    total.add(this.#past)
    // The places that are still empty are passed over.
    this.#slices.forEach((slice) => {
      total.add(slice)
      if (slice.epoch > epoch - this.#length) window.add(slice)
    })
    for (const series of this.operations.values()) series.addTo(window, total, epoch)
  }

  changed({ from, to }: CircuitChanged, changedAt: number): void {
    const at = Math.max(this.#since, changedAt)
    add(this.#msByState, from, at - this.#since)
    this.#state = to
    this.#since = at
  }

  circuit(now: number): CircuitTimes | undefined {
    const state = this.#state
    if (state === undefined) return undefined
    const msByState: CircuitTimes['msByState'] = { ...this.#msByState }
    return { state, msByState: { ...msByState, [state]: (msByState[state] ?? 0) + now - this.#since } }
  }
}
