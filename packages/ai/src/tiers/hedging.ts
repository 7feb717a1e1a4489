/** When the next tier starts beside one that is silent. */
export interface Hedging {
  /** How long a silence is too long, in ms; `undefined` while that is not known. */
  readonly delayMs: number | undefined
  /** A request begins that may come to be hedged. */
  asked(): void
  /** Whether another attempt may be made now; if so, it counts. */
  tryHedge(): boolean
  /** An attempt took so long to its first output, in ms; or longer, where it was left before. */
  took(ms: number): void
}

/** After a time that is given, as often as that comes. */
export function hedgeAfter(delayMs: number): Hedging {
  return Object.freeze({ delayMs, asked: () => undefined, tryHedge: () => true, took: () => undefined })
}
