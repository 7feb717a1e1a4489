import { invalidOption, oneOf } from '../validation/validate.ts'
import type { Priority } from './admission.ts'

/** From the last to be shed to the first. */
export const PRIORITIES: readonly Priority[] = ['high', 'medium', 'low']

/**
 * The place of a priority in {@link PRIORITIES}; without one, that of `medium`. Policies ask for it before they do anything, so that a word that is none shows
 * at the first call and not in the first overload.
 * @throws HoldfastError `INVALID_OPTION`, for a word that is none.
 */
export function rankOf(priority: Priority | undefined): number {
  if (priority === undefined || priority === 'medium') return 1
  if (priority === 'high') return 0
  if (priority === 'low') return 2
  throw invalidOption('call.priority', oneOf(...PRIORITIES).allowed, priority)
}
