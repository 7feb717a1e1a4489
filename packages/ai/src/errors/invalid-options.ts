import { HoldfastError } from '@holdfast/core'

/** An option was refused at construction. */
export function invalid(option: string, allowed: string, value: unknown): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message: `${option} must be ${allowed}; it is ${describe(value)}.`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

/** A day in ms: the longest that most times may be. */
export const DAY_MS = 86_400_000

/** Returns the value if it can be a name in events, circuits and provenance. @throws HoldfastError INVALID_OPTION otherwise. */
export function named(option: string, value: string): string {
  if (/^[a-z0-9-]{1,64}$/.test(value)) return value
  throw invalid(option, '1 to 64 lower-case letters, digits and "-"', value)
}

/** Returns the value if it lies in the range. @throws HoldfastError INVALID_OPTION otherwise. */
export function between(option: string, value: number, least: number, most: number): number {
  if (Number.isFinite(value) && value >= least && value <= most) return value
  throw invalid(option, `a number from ${least} to ${most}`, value)
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value)
}
