import type { RetryOptions } from './options.ts'

function preset(maxRetries: number, backoffMs: number): Readonly<RetryOptions> {
  return Object.freeze({ maxRetries, backoffMs })
}

/**
 * Four ways to try again, with factor 2 and waits of at most 10 s. Tries, the first included, and the longest sum of the waits: `AGGRESSIVE` 5 in 7.5 s,
 * for what a person waits for; `STANDARD` 3 in 3 s; `CONSERVATIVE` 2 in 2 s, for what is expensive; `PERSISTENT` 7 in 35 s, for what must get
 * through. An integration whose deadline has no room for the waits refuses the preset.
 *
 * @example
 * ```ts
 * import { createIntegration } from '@holdfast/core'
 * import { RETRY_PRESETS } from '@holdfast/core/presets'
 *
 * const crm = createIntegration({ name: 'crm', deadlineMs: 20_000, retry: { ...RETRY_PRESETS.AGGRESSIVE, jitter: 'equal' } })
 * console.log(crm.name)
 * ```
 */
export const RETRY_PRESETS: Readonly<
  Record<'AGGRESSIVE' | 'STANDARD' | 'CONSERVATIVE' | 'PERSISTENT', Readonly<RetryOptions>>
> = /* @__PURE__ */ Object.freeze({
  AGGRESSIVE: /* @__PURE__ */ preset(4, 500),
  STANDARD: /* @__PURE__ */ preset(2, 1_000),
  CONSERVATIVE: /* @__PURE__ */ preset(1, 2_000),
  PERSISTENT: /* @__PURE__ */ preset(6, 1_000),
})
