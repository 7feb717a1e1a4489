import { HoldfastError } from './holdfast-error.ts'

/**
 * The reason to abort a call with when another way was faster. An integration counts such an attempt as
 * `slow`; any other abort by a caller counts as nothing.
 *
 * @param waitedMs how long the whole of what is aborted was waited for, in ms. The reason may reach calls that began only at the
 * end of that, such as the last step of an agent: one that was at work for less than half of it is not to blame, and counts as
 * nothing. Default: 0, every call counts.
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
export function overtaken(waitedMs: number = 0): HoldfastError {
  const reason = new HoldfastError({
    code: 'OVERTAKEN',
    category: 'cancelled',
    message: 'another way was faster',
    retryable: false,
    stack: false,
  })
  return Object.assign(reason, { waitedMs })
}

/** Whether the signal's reason makes an attempt that was at work for `durationMs` a slow one. */
export function isTooSlow(reason: unknown, durationMs: number): boolean {
  if (!isOvertaken(reason)) return false
  const { waitedMs } = reason as { readonly waitedMs?: unknown }
  return typeof waitedMs !== 'number' || durationMs >= waitedMs / 2
}

/** Whether a signal's reason says `OVERTAKEN`; by code, so that it holds across duplicate installs. */
export function isOvertaken(reason: unknown): boolean {
  return HoldfastError.isInstance(reason) && reason.code === 'OVERTAKEN'
}
