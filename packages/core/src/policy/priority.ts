import type { Priority } from './admission.ts'

/** From the last to be shed to the first. */
export const PRIORITIES: readonly Priority[] = ['high', 'medium', 'low']

/** The place of a priority in {@link PRIORITIES}. */
export function rankOf(priority: Priority | undefined): number {
  return priority === 'high' ? 0 : priority === 'low' ? 2 : 1
}
