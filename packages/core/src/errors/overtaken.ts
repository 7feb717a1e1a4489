import { HoldfastError } from './holdfast-error.ts'

/**
 * The reason to abort a call with when another way to the same answer was faster. An integration counts such an attempt as
 * `slow`; any other abort by a caller counts as nothing.
 *
 * @example
 * ```ts
 * import { createIntegration, overtaken } from '@holdfast/core'
 *
 * const slow = createIntegration({ name: 'slow' })
 * const controller = new AbortController()
 * const call = slow.call(() => new Promise<never>(() => undefined), { signal: controller.signal })
 * controller.abort(overtaken())
 * await call.catch(() => console.log(slow.snapshot().window.slow))
 * ```
 */
export function overtaken(): HoldfastError {
  return new HoldfastError({
    code: 'OVERTAKEN',
    category: 'cancelled',
    message: 'another way to the same answer was faster',
    retryable: false,
    stack: false,
  })
}

/** Whether a signal's reason says `OVERTAKEN`; by code, so that it holds across duplicate installs. */
export function isOvertaken(reason: unknown): boolean {
  return HoldfastError.isInstance(reason) && reason.code === 'OVERTAKEN'
}
