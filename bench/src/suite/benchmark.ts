import type { Figure } from '../harness/rounds.ts'

/** A number that must be met. */
export interface Aim {
  readonly what: string
  readonly value: number
  readonly limit: number
}

/** What one benchmark found. */
export interface Finding {
  /** Name of its file in `bench/results`. */
  readonly name: string
  readonly title: string
  readonly figures: readonly Figure[]
  readonly aims: readonly Aim[]
}

export type Benchmark = () => Promise<Finding>

/** Time of one contestant over that of another, in the median round. */
export function ratio(figures: readonly Figure[], of: string, to: string): number {
  return figures.find(({ name }) => name === of)?.times[to] ?? Number.NaN
}
