import { BREAKER_DEFAULTS, type BreakerOptions, resolveBreakerOptions } from '../breaker/options.ts'
import type { Clock } from '../clock/clock.ts'
import { CARRIER_RULE, type LabelCarrier } from '../context/labels.ts'
import type { Chaos } from '../engine/parts.ts'
import type { Classify } from '../errors/to-holdfast-error.ts'
import { type GoodputLimitOptions, resolveGoodputLimitOptions } from '../goodput-limit/options.ts'
import { type HedgeOptions, type ResolvedHedgeOptions, resolveHedgeOptions } from '../hedge/options.ts'
import type { Admission } from '../policy/admission.ts'
import { checkSame } from '../policy/check-same.ts'
import { checkWaits, type ResolvedRetryOptions, type RetryOptions, resolveRetryOptions } from '../retry/options.ts'
import { type Complete, withDefaults } from '../validation/defaults.ts'
import {
  aBoolean,
  aFunction,
  aName,
  check,
  ENVIRONMENT_RULES,
  invalidOption,
  numberFrom,
  objectOrFalse,
  objectWith,
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
  readonly kind?: IntegrationKind | undefined
  /**
   * Total time of a call, retries and their waits included (for a stream: to its first output), in ms. 1 to 86,400,000.
   * Default: 30,000.
   */
  readonly deadlineMs?: number | undefined
  /**
   * Time for one attempt, to its last byte (for a stream: to its first output), in ms. 1 to `deadlineMs`.
   * Default: 10,000, or `deadlineMs` if that is less.
   */
  readonly attemptTimeoutMs?: number | undefined
  /**
   * Kept back from the deadline, in ms: every attempt, and the wait for one, ends that much before it, so that whoever set the deadline still has time for an
   * answer of its own. 0 to 86,400,000, and less than `deadlineMs`. Default: 0.
   */
  readonly reserveMs?: number | undefined
  /** Streams: longest silence between two outputs, in ms. 1 to 86,400,000. Default: 10,000. */
  readonly idleTimeoutMs?: number | undefined
  /** Whether operations may be repeated without harm unless the call says otherwise. Default: false. */
  readonly idempotent?: boolean | undefined
  /** `false` for none. Default: `RETRY_DEFAULTS`. */
  readonly retry?: RetryOptions | false | undefined
  /** A second attempt beside a slow one, for calls that are `idempotent`. `false` for none. Default: false. */
  readonly hedge?: HedgeOptions | false | undefined
  /**
   * Policies that let an attempt in, or not, asked in this order: a capacity, a throttle, a rate limiter, a bulkhead, or a breaker that
   * several integrations share beside their own. One object may guard several integrations together. Default: none.
   */
  readonly admissions?: readonly Admission[] | undefined
  /** Where labels come from that a call does not bring itself, such as an `AsyncLocalStorage`. Default: nowhere. */
  readonly carrier?: LabelCarrier | undefined
  /**
   * Keeps what is under way to what is answered in time, once a share of it is not: see {@link createGoodputLimit}. Its `timeoutMs` is the
   * `attemptTimeoutMs`. `false` for none. Default: `GOODPUT_LIMIT_DEFAULTS`.
   */
  readonly goodputLimit?: Omit<GoodputLimitOptions, 'timeoutMs'> | false | undefined
  /** Faults for a rehearsal, from `@holdfast/core/chaos`. Default: none. */
  readonly chaos?: Chaos | undefined
  /** What this dependency's errors mean where the general rules do not know it, such as which of them count at the circuit. Default: nothing of its own. */
  readonly classify?: Classify | undefined
  /** `false` for none. `probeLeaseMs` is by default at least `attemptTimeoutMs` and `idleTimeoutMs`. Default: `BREAKER_DEFAULTS`. */
  readonly breaker?: BreakerOptions | false | undefined
}

/** What of it can be replaced while it is in use. */
export type ReplaceableOptions = Omit<IntegrationOptions, 'name' | 'kind' | 'carrier' | keyof Environment>

/** What an integration does when nothing else is said; for `retry` and `breaker` see `RETRY_DEFAULTS` and `BREAKER_DEFAULTS`. */
export const INTEGRATION_DEFAULTS: Complete<
  Omit<
    IntegrationOptions,
    | 'name'
    | 'retry'
    | 'hedge'
    | 'breaker'
    | 'admissions'
    | 'goodputLimit'
    | 'carrier'
    | 'chaos'
    | 'classify'
    | keyof Environment
  >
> = Object.freeze({
  kind: 'external-api',
  deadlineMs: 30_000,
  attemptTimeoutMs: 10_000,
  reserveMs: 0,
  idleTimeoutMs: 10_000,
  idempotent: false,
})

const DAY_MS = 86_400_000

const INTEGRATION_RULES: Rules<IntegrationOptions> = {
  name: aName,
  kind: oneOf('webhook', 'ai-service', 'external-api', 'database', 'market-data', 'queue', 'cache', 'mail'),
  reserveMs: numberFrom(0, DAY_MS),
  hedge: objectOrFalse(true),
  goodputLimit: objectOrFalse(true),
  admissions: { allowed: 'a list of policies', accepts: Array.isArray },
  carrier: CARRIER_RULE,
  chaos: objectWith('perform'),
  classify: aFunction,
  deadlineMs: numberFrom(1, DAY_MS),
  attemptTimeoutMs: numberFrom(1, DAY_MS),
  idleTimeoutMs: numberFrom(1, DAY_MS),
  idempotent: aBoolean,
  retry: objectOrFalse(true),
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
  readonly reserveMs: number
  readonly idempotent: boolean
  readonly retry: ResolvedRetryOptions | false
  readonly hedge: ResolvedHedgeOptions | false
  readonly goodputLimit: Complete<GoodputLimitOptions> | false
  readonly admissions: readonly Admission[]
  readonly chaos: Chaos | undefined
  readonly classify: Classify | undefined
  readonly breaker: Complete<BreakerOptions> | false
}

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveIntegrationOptions(options: IntegrationOptions, clock: Clock): ResolvedIntegrationOptions {
  validate('integration', options, INTEGRATION_RULES)
  const { name, retry, hedge, goodputLimit, breaker, admissions, chaos, classify, ...rest } = options
  for (const [index, one] of (admissions ?? []).entries()) {
    const option = `${name}.admissions[${index}]`
    check(option, one, objectWith('tryAcquire', 'acquire'))
    checkSame(`${option}.clock`, one.clock, clock)
  }
  const { clock: _clock, random: _random, events: _events, carrier: _carrier, ...own } = rest
  check('integration.name', name, aName)
  const resolved = withDefaults(INTEGRATION_DEFAULTS, own)
  if (own.attemptTimeoutMs !== undefined && own.attemptTimeoutMs > resolved.deadlineMs) {
    const allowed = `at most deadlineMs (${resolved.deadlineMs}), which holds the attempts`
    throw invalidOption(`${name}.attemptTimeoutMs`, allowed, own.attemptTimeoutMs)
  }
  if (resolved.reserveMs >= resolved.deadlineMs) {
    throw invalidOption(`${name}.reserveMs`, `less than deadlineMs (${resolved.deadlineMs})`, resolved.reserveMs)
  }
  const resolvedRetry = retry !== false && resolveRetryOptions(`${name}.retry`, retry ?? {})
  if (resolvedRetry !== false) checkWaits(`${name}.retry`, resolvedRetry, resolved.deadlineMs - resolved.reserveMs)
  const attemptTimeoutMs = Math.min(resolved.attemptTimeoutMs, resolved.deadlineMs)
  const leaseMs = Math.max(BREAKER_DEFAULTS.probeLeaseMs, attemptTimeoutMs, resolved.idleTimeoutMs)
  return {
    ...resolved,
    name,
    attemptTimeoutMs,
    retry: resolvedRetry,
    hedge: hedge === undefined || hedge === false ? false : resolveHedgeOptions(`${name}.hedge`, hedge),
    goodputLimit:
      goodputLimit === false
        ? false
        : resolveGoodputLimitOptions(`${name}.goodputLimit`, { ...goodputLimit, timeoutMs: attemptTimeoutMs }),
    admissions: Object.freeze([...(admissions ?? [])]),
    chaos,
    classify,
    // A probe has time limits of its own, and must not lose its lease before one of them has ended it.
    breaker:
      breaker === false
        ? false
        : resolveBreakerOptions(`${name}.breaker`, { ...breaker, probeLeaseMs: breaker?.probeLeaseMs ?? leaseMs }),
  }
}
