/** One time of being down, `critical`. */
export interface Outage {
  /** Wall time of its beginning. */
  readonly at: number
  readonly durationMs: number
}

/** How much of the time a dependency was there: anything but `critical`. As seen by the monitor, on monotonic time. */
export interface Availability {
  /** Share of the time since the monitor was made, 0 to 1. */
  readonly availability: number
  readonly uptimeMs: number
  readonly downtimeMs: number
  /** Times it went down. */
  readonly outages: number
  /** Mean time to recovery, in ms, of the outages that are over. */
  readonly mttrMs: number | undefined
  /** Mean time between failures, in ms: uptime per outage. */
  readonly mtbfMs: number | undefined
  /** Of late: the time looked at (`periodMs`, or less where there was less, or more than 100 outages), and the share of it. */
  readonly recent: { readonly periodMs: number; readonly availability: number }
  /** The last 100 that are over, the oldest first. */
  readonly lastOutages: readonly Outage[]
  /** While it is down: wall time since when. */
  readonly downSince: number | undefined
}

/** What is kept of anything: results, outages. */
export const KEPT = 100

/** Keeps count of the outages of one dependency. */
export class Uptime {
  readonly #startedAt: number
  /** Monotonic beginnings of `#outages`. */
  readonly #begun: number[] = []
  readonly #outages: Outage[] = []
  /** No outage that is forgotten reaches beyond this. */
  #knownFrom: number
  #ended = 0
  #endedMs = 0
  #down: { readonly since: number; readonly at: number } | undefined

  constructor(now: number) {
    this.#startedAt = now
    this.#knownFrom = now
  }

  note(isUp: boolean, now: number, at: number): void {
    const down = this.#down
    if (isUp === (down === undefined)) return
    if (down === undefined) {
      this.#down = { since: now, at }
      return
    }
    this.#down = undefined
    const durationMs = now - down.since
    this.#ended += 1
    this.#endedMs += durationMs
    this.#begun.push(down.since)
    this.#outages.push(Object.freeze({ at: down.at, durationMs }))
    if (this.#outages.length > KEPT) {
      this.#knownFrom = (this.#begun.shift() ?? 0) + (this.#outages.shift()?.durationMs ?? 0)
    }
  }

  report(now: number, periodMs: number): Availability {
    const down = this.#down
    const ageMs = now - this.#startedAt
    const from = Math.max(now - periodMs, this.#knownFrom)
    const sinceMs = down === undefined ? 0 : now - down.since
    const downtimeMs = this.#endedMs + sinceMs
    let recentMs = Math.min(sinceMs, now - from)
    this.#outages.forEach(({ durationMs }, index) => {
      const begun = this.#begun[index] ?? 0
      recentMs += Math.max(0, begun + durationMs - Math.max(begun, from))
    })
    const outages = this.#ended + (down === undefined ? 0 : 1)
    // Sums of parts may be more than the whole, by rounding.
    const uptimeMs = Math.max(0, ageMs - downtimeMs)
    return {
      availability: share(uptimeMs, ageMs),
      uptimeMs,
      downtimeMs,
      outages,
      mttrMs: this.#ended > 0 ? this.#endedMs / this.#ended : undefined,
      mtbfMs: outages > 0 ? uptimeMs / outages : undefined,
      recent: { periodMs: now - from, availability: share(now - from - recentMs, now - from) },
      lastOutages: [...this.#outages],
      downSince: down?.at,
    }
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : Math.max(0, part / whole)
}
