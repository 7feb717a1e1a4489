import { HoldfastError } from '@holdfast/core'

/** What a store that is away fails with. */
export function lost(mayHaveTakenEffect: boolean): HoldfastError {
  return new HoldfastError({
    code: 'STORE_UNREACHABLE',
    category: 'network',
    message: 'away',
    retryable: true,
    mayHaveTakenEffect,
  })
}
