import { BREAKER_DEFAULTS, type BreakerOptions, resolveBreakerOptions } from '../breaker/options.ts'
import { type RetryOptions, resolveRetryOptions } from '../retry/options.ts'
import { withDefaults } from '../validation/defaults.ts'
import {
  aBoolean,
  aName,
  ENVIRONMENT_RULES,
  invalidOption,
  numberFrom,
  objectOrFalse,
  oneOf,
  type Rules,
  validate,
} from '../validation/validate.ts'
import type { Environment, IntegrationKind } from './integration.ts'

/** How one dependency is guarded. Everything but `name` has a default. */
export interface IntegrationOptions extends Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
  /** Default: `external-api`. */
  readonly kind?: IntegrationKind
  /**
   * Total time of a call, retries and their waits included (for a stream: to its first output), in ms. 1 to 86,400,000.
   * Default: 30,000.
   */
  readonly deadlineMs?: number
  /**
   * Time for one attempt, to its last byte (for a stream: to its first output), in ms. 1 to `deadlineMs`.
   * Default: 10,000, or `deadlineMs` if that is less.
   */
  readonly attemptTimeoutMs?: number
  /** Streams: longest silence between two outputs, in ms. 1 to 86,400,000. Default: 10,000. */
  readonly idleTimeoutMs?: number
  /** Whether operations may be repeated without harm unless the call says otherwise. Default: false. */
  readonly idempotent?: boolean
  readonly retry?: RetryOptions
  /** `false` for none. `probeLeaseMs` is by default at least `attemptTimeoutMs` and `idleTimeoutMs`. */
  readonly breaker?: BreakerOptions | false
}

/** What an integration does when nothing else is said; for `retry` and `breaker` see `RETRY_DEFAULTS` and `BREAKER_DEFAULTS`. */
export const INTEGRATION_DEFAULTS: Readonly<
  Required<Omit<IntegrationOptions, 'name' | 'retry' | 'breaker' | keyof Environment>>
> = Object.freeze({
  kind: 'external-api',
  deadlineMs: 30_000,
  attemptTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  idempotent: false,
})

const DAY_MS = 86_400_000

const INTEGRATION_RULES: Rules<IntegrationOptions> = {
  name: aName,
  kind: oneOf('webhook', 'ai-service', 'external-api', 'database', 'queue', 'cache', 'mail'),
  deadlineMs: numberFrom(1, DAY_MS),
  attemptTimeoutMs: numberFrom(1, DAY_MS),
  idleTimeoutMs: numberFrom(1, DAY_MS),
  idempotent: aBoolean,
  retry: objectOrFalse(false),
  breaker: objectOrFalse(true),
  ...ENVIRONMENT_RULES,
}

/** The checked options of an integration, complete but for its environment. */
export interface ResolvedIntegrationOptions {
  readonly name: string
  readonly kind: IntegrationKind
  readonly deadlineMs: number
  readonly attemptTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly idempotent: boolean
  readonly retry: Required<RetryOptions>
  readonly breaker: Required<BreakerOptions> | false
}

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveIntegrationOptions(options: IntegrationOptions): ResolvedIntegrationOptions {
  validate('integration', options, INTEGRATION_RULES)
  const { name, retry, breaker, clock: _clock, random: _random, events: _events, ...own } = options
  if (!aName.accepts(name)) throw invalidOption('integration.name', aName.allowed, name)
  const resolved = withDefaults(INTEGRATION_DEFAULTS, own)
  if (own.attemptTimeoutMs !== undefined && own.attemptTimeoutMs > resolved.deadlineMs) {
    const allowed = `at most deadlineMs (${resolved.deadlineMs}), which holds the attempts`
    throw invalidOption(`${name}.attemptTimeoutMs`, allowed, own.attemptTimeoutMs)
  }
  const attemptTimeoutMs = Math.min(resolved.attemptTimeoutMs, resolved.deadlineMs)
  const leaseMs = Math.max(BREAKER_DEFAULTS.probeLeaseMs, attemptTimeoutMs, resolved.idleTimeoutMs)
  return {
    ...resolved,
    name,
    attemptTimeoutMs,
    retry: resolveRetryOptions(`${name}.retry`, retry ?? {}),
    // A probe has time limits of its own, and must not lose its lease before one of them has ended it.
    breaker:
      breaker === false
        ? false
        : resolveBreakerOptions(`${name}.breaker`, { ...breaker, probeLeaseMs: breaker?.probeLeaseMs ?? leaseMs }),
  }
}
