import { HoldfastError } from '@holdfast/core'

/** Whether the store has said no to the entry, and would say so again. Everything else says something about the store, or about nothing. */
export function isForGood(error: unknown): boolean {
  // What is no error of ours is a mistake of the program: it comes again each time.
  if (!HoldfastError.isInstance(error)) return true
  return error.category === 'client' || error.category === 'validation'
}
