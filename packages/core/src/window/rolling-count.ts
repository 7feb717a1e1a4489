const SLICES = 10

/** Counts what happened in the last `windowMs`, in ten lazily emptied slices of monotonic time. */
export class RollingCount {
  readonly #sliceMs: number
  readonly #epochs: number[] = new Array<number>(SLICES).fill(-Infinity)
  readonly #counts: number[] = new Array<number>(SLICES).fill(0)

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES
  }

  add(now: number): void {
    const epoch = Math.floor(now / this.#sliceMs)
    const slice = sliceOf(epoch)
    if (this.#epochs[slice] !== epoch) {
      this.#epochs[slice] = epoch
      this.#counts[slice] = 0
    }
    this.#counts[slice] = (this.#counts[slice] ?? 0) + 1
  }

  total(now: number): number {
    const oldest = Math.floor(now / this.#sliceMs) - SLICES + 1
    let total = 0
    for (let slice = 0; slice < SLICES; slice++) {
      if ((this.#epochs[slice] ?? -Infinity) >= oldest) total += this.#counts[slice] ?? 0
    }
    return total
  }
}

/** The clock's origin is arbitrary, so an epoch may be negative. */
function sliceOf(epoch: number): number {
  return ((epoch % SLICES) + SLICES) % SLICES
}
