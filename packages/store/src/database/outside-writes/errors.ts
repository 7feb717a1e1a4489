import { HoldfastError } from '@holdfast/core'

/** @internal */
export function unconfirmed(service: string, cause?: HoldfastError): HoldfastError {
  return new HoldfastError({
    code: 'WRITE_UNCONFIRMED',
    category: 'rejected',
    message: `An earlier write to ${service} with this key may have taken effect; it is not made again until a person has looked`,
    retryable: false,
    mayHaveTakenEffect: true,
    ...(cause === undefined ? {} : { cause }),
  })
}

/** @internal The write was not made, since it could not have been remembered. */
export function memoryAway(service: string, cause?: HoldfastError): HoldfastError {
  return new HoldfastError({
    code: 'WRITE_MEMORY_AWAY',
    category: 'rejected',
    message: `The write to ${service} was not made: the store that remembers it is away`,
    retryable: true,
    mayHaveTakenEffect: false,
    ...(cause === undefined ? {} : { cause }),
    ...(cause?.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs }),
  })
}
