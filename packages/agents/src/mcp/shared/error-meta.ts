import { CATEGORY_RULES, HoldfastError } from '@holdfast/core'
import type { ErrorCategory } from '@holdfast/core'

/** Where, in `_meta` of a tool's result, our servers say what kind of failure it is; what a model reads of it stands in the text. */
export const ERROR_META = 'holdfast/error'

/** The longest wait that another program may ask for, in ms. */
const MAX_RETRY_AFTER_MS = 86_400_000

/** A failure as it travels from server to client. */
export interface ErrorMeta {
  readonly code: string
  readonly category: ErrorCategory
  readonly retryable: boolean
  /** In ms. */
  readonly retryAfterMs?: number
  readonly mayHaveTakenEffect: boolean
}

/** What of an error travels: no message, no cause. */
export function errorMeta(error: HoldfastError): ErrorMeta {
  const { code, category, retryable, retryAfterMs, mayHaveTakenEffect } = error
  return {
    code,
    category,
    retryable,
    mayHaveTakenEffect,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** What another program says of its failure, if it is said in a way that can be used. */
export function readErrorMeta(meta: unknown): ErrorMeta | undefined {
  const said = isRecord(meta) ? meta[ERROR_META] : undefined
  if (!isRecord(said)) return undefined
  const { code, category, retryable, retryAfterMs, mayHaveTakenEffect } = said
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]{1,63}$/.test(code)) return undefined
  // A caller's own abort, above all, is nobody else's to claim.
  if (typeof category !== 'string' || !Object.hasOwn(CATEGORY_RULES, category) || category === 'cancelled') {
    return undefined
  }
  const waits = typeof retryAfterMs === 'number' && retryAfterMs >= 0 && retryAfterMs <= MAX_RETRY_AFTER_MS
  return {
    code,
    category: category as ErrorCategory,
    retryable: retryable === true,
    mayHaveTakenEffect: mayHaveTakenEffect !== false,
    ...(waits ? { retryAfterMs } : {}),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
