import { HoldfastError, type HoldfastErrorOptions } from '../errors/holdfast-error.ts'
import type { Rejection } from './admission.ts'

/**
 * The answer of a policy that has no leave to give now, but may have later.
 * @param more what else, or other, the error says.
 */
export function refuse(
  name: string,
  code: string,
  why: string,
  retryAfterMs?: number,
  more?: Partial<HoldfastErrorOptions>,
): Rejection {
  const error = new HoldfastError({
    code,
    category: 'rejected',
    message: `${name} ${why}`,
    retryable: true,
    retryAfterMs: retryAfterMs && Math.ceil(retryAfterMs),
    mayHaveTakenEffect: false,
    integration: name,
    stack: false,
    ...more,
  })
  return { admitted: false, error }
}
