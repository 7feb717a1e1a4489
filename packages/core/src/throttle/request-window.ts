const SLICES = 10

/** What happened in a tenth of the window. */
export interface Slice {
  /** The number of its tenth since the clock's origin; `-Infinity` when it is empty. */
  epoch: number
  /** Requests that were made, by whether they have a verdict by now. */
  requests: number
  undecided: number
  /** Verdicts that came in. */
  accepted: number
  refused: number
  /** Requests that the throttle turned away itself. */
  rejected: number
}

/**
 * Requests of the last `windowMs` in ten lazily emptied slices of monotonic time. A request counts in the slice it was made
 * in, its acceptance in the slice it came in.
 */
export class RequestWindow {
  readonly #sliceMs: number
  readonly #slices: readonly Slice[] = Array.from({ length: SLICES }, emptySlice)
  #current: Slice | undefined

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES
  }

  /** The slice for what happens now. */
  at(now: number): Slice {
    const epoch = Math.floor(now / this.#sliceMs)
    const current = this.#current
    if (current?.epoch === epoch) return current
    if (current !== undefined && isOver(current)) this.#forgetAllBut(current)
    // The clock's origin is arbitrary, so an epoch may be negative.
    const slice = this.#slices[((epoch % SLICES) + SLICES) % SLICES] as Slice
    Object.assign(slice, emptySlice(), { epoch })
    this.#current = slice
    return slice
  }

  /** Requests and acceptances of the window. A request has the benefit of the doubt while it has no verdict, for half the window. */
  counts(now: number): { requests: number; accepted: number } {
    const { epoch } = this.at(now)
    let requests = 0
    let accepted = 0
    for (const slice of this.#slices) {
      const age = epoch - slice.epoch
      if (age >= SLICES) continue
      requests += slice.requests
      accepted += slice.accepted
      if (age < SLICES / 2) requests -= slice.undecided
    }
    return { requests, accepted }
  }

  #forgetAllBut(kept: Slice): void {
    for (const slice of this.#slices) if (slice !== kept) slice.epoch = -Infinity
  }
}

/** Whether a slice shows that a time of refusals is over: requests were still turned away, but nine of ten that were sent were accepted. */
function isOver({ rejected, accepted, refused }: Slice): boolean {
  return rejected > 0 && accepted > 0 && accepted >= 9 * refused
}

function emptySlice(): Slice {
  return { epoch: -Infinity, requests: 0, undecided: 0, accepted: 0, refused: 0, rejected: 0 }
}
