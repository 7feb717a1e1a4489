import { type ErrorCategory, HoldfastError } from '../../src/index.ts'

/** A way to fail. */
export interface Fault {
  make(): unknown
  /** Whether a write may have been done all the same. */
  readonly mayHaveTakenEffect: boolean
  /** How long the dependency asks to be left alone, where that closes the gate. */
  readonly closesForMs?: number
}

function ours(category: ErrorCategory, retryable: boolean, mayHaveTakenEffect: boolean, retryAfterMs?: number): Fault {
  return {
    mayHaveTakenEffect,
    make: () =>
      new HoldfastError({
        code: category.toUpperCase(),
        category,
        message: `a failure of category ${category}`,
        retryable,
        mayHaveTakenEffect,
        retryAfterMs,
        stack: false,
      }),
    ...(category === 'rate-limit' && retryAfterMs !== undefined ? { closesForMs: retryAfterMs } : {}),
  }
}

const CATEGORIES = {
  timeout: ours('timeout', true, true),
  network: ours('network', true, false),
  'rate-limit': ours('rate-limit', true, false, 700),
  quota: ours('quota', false, false),
  overloaded: ours('overloaded', true, true, 300),
  server: ours('server', true, true),
  malformed: ours('malformed', true, true),
  client: ours('client', false, false),
  validation: ours('validation', false, false),
  auth: ours('auth', false, false),
  configuration: ours('configuration', false, false),
  'context-length': ours('context-length', false, false),
  cancelled: ours('cancelled', false, true),
  rejected: ours('rejected', true, false),
  exhausted: ours('exhausted', false, true),
  unknown: ours('unknown', true, true),
} as const satisfies Record<ErrorCategory, Fault>

/** Ways to fail: one for each category, and what is thrown by others. */
export const FAULTS = {
  ...CATEGORIES,
  plain: { make: () => new Error('no reason given'), mayHaveTakenEffect: true },
  text: { make: () => 'thrown as text', mayHaveTakenEffect: true },
  nothing: { make: () => undefined, mayHaveTakenEffect: true },
  refused: { make: () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), mayHaveTakenEffect: false },
  reset: { make: () => Object.assign(new Error('reset'), { code: 'ECONNRESET' }), mayHaveTakenEffect: true },
  // Thrown by an operation whose own time limit was shorter; nobody's abort.
  'abort-error': { make: () => new DOMException('aborted', 'AbortError'), mayHaveTakenEffect: true },
  'http-429': {
    make: () => Object.assign(new Error('slow down'), { status: 429, headers: { 'retry-after': '2' } }),
    mayHaveTakenEffect: false,
    closesForMs: 2_000,
  },
  'http-503': { make: () => Object.assign(new Error('busy'), { status: 503 }), mayHaveTakenEffect: true },
  'http-400': { make: () => Object.assign(new Error('wrong'), { status: 400 }), mayHaveTakenEffect: false },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS

export const FAULT_NAMES: readonly FaultName[] = Object.keys(FAULTS) as FaultName[]
