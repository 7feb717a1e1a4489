import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Rejection } from './admission.ts'

/** The answer of a policy that has no leave to give now, but may have later. */
export function refuse(name: string, code: string, why: string, retryAfterMs?: number): Rejection {
  const error = new HoldfastError({
    code,
    category: 'rejected',
    message: `${name} ${why}`,
    retryable: true,
    mayHaveTakenEffect: false,
    integration: name,
    stack: false,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
  return { admitted: false, error }
}
