/** Text deltas of the two answers; each has four parts more. */
export const SHORT = 4
export const LONG = 260
export const OTHER_PARTS = 4

/** What one process has measured, in µs a call. */
export type Found = Readonly<Record<'doStream' | 'doGenerate', { readonly short: number; readonly long: number }>>
