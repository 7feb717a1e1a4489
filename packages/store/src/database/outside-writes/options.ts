import { HoldfastError } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import type { Store } from '../store.ts'

/** How writes to other systems are remembered in the store. */
export interface WriteMemoryOptions {
  readonly store: Pick<Store, 'asWorker'>
  /** Whose accounts are written with: the tenant whose workers keep it. It must be there. */
  readonly tenant: string
  /** Tells accounts of the same service apart, where several share a store. Part of the service's name from then on. 1 to 100 characters. Default: none. */
  readonly account?: string | undefined
  /**
   * How long a write that was claimed counts as under way, in ms: so long somebody else waits for it, and after that it is `WRITE_UNCONFIRMED`. More than the deadline of the connectors. 0 to 600,000. Default: 30,000.
   */
  readonly underWayMs?: number | undefined
  /** The time that the store gets for each of its parts, in ms. 1 to 300,000. Default: 5,000. */
  readonly timeoutMs?: number | undefined
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'sleep'> | undefined
}

/** Defaults of {@link WriteMemoryOptions}. */
export const WRITE_MEMORY_DEFAULTS: { readonly underWayMs: number; readonly timeoutMs: number } = Object.freeze({
  underWayMs: 30_000,
  timeoutMs: 5_000,
})

/** @internal @throws HoldfastError `INVALID_OPTION` */
export function checkOptions({ account, ...options }: WriteMemoryOptions): {
  readonly underWayMs: number
  readonly timeoutMs: number
} {
  if (account !== undefined && (account === '' || account.length > 100 || !isStorable(account))) {
    throw invalid('account must be text of 1 to 100 characters')
  }
  const { underWayMs = WRITE_MEMORY_DEFAULTS.underWayMs, timeoutMs = WRITE_MEMORY_DEFAULTS.timeoutMs } = options
  whole('underWayMs', underWayMs, 0, 600_000)
  whole('timeoutMs', timeoutMs, 1, 300_000)
  return { underWayMs, timeoutMs }
}

/** @internal @throws HoldfastError `INVALID_INPUT` for a key that could not be kept. */
export function checkKey(key: string): void {
  if (key !== '' && key.length <= 400 && isStorable(key)) return
  throw new HoldfastError({
    code: 'INVALID_INPUT',
    category: 'validation',
    message: 'An idempotency key must be text of 1 to 400 characters, without the character NUL',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

/** NUL cannot be in a text of PostgreSQL; half a character cannot be in one of UTF-8. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw invalid(`${name} must be a whole number from ${least} to ${most.toLocaleString('en-US')}`)
}

function invalid(message: string): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
