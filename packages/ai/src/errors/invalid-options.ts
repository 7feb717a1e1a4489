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

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value)
}
