export type { Clock, Random, ScheduledTask } from './clock/clock.ts'
export { sleepOn, systemClock, systemRandom } from './clock/system-clock.ts'
export type { ErrorCategory } from './errors/category.ts'
export { CATEGORY_RULES } from './errors/category-rules.ts'
export type { CategoryRule } from './errors/category-rules.ts'
export { HoldfastError } from './errors/holdfast-error.ts'
export type { HoldfastErrorJson, HoldfastErrorOptions } from './errors/holdfast-error.ts'
export { overtaken } from './errors/overtaken.ts'
export { parseRetryAfter } from './errors/retry-after.ts'
export type { HeadersLike } from './errors/retry-after.ts'
export { toHoldfastError } from './errors/to-holdfast-error.ts'
export { createEvents } from './events/channel.ts'
export type {
  AttemptFailed,
  AttemptOutcome,
  AttemptStarted,
  AttemptSucceeded,
  CacheEvent,
  CallFailed,
  CallRejected,
  CallStarted,
  CallSucceeded,
  CircuitChangeReason,
  CircuitChanged,
  CircuitState,
  CoreEvent,
  Events,
  Listener,
  RetryScheduled,
} from './events/events.ts'
export { createIntegration } from './integration/create-integration.ts'
export type {
  AttemptContext,
  CallOptions,
  CircuitControl,
  Environment,
  HealthStatus,
  Integration,
  IntegrationKind,
  IntegrationSnapshot,
  Operation,
  StreamRules,
} from './integration/integration.ts'
export { INTEGRATION_DEFAULTS } from './integration/options.ts'
export type { IntegrationOptions } from './integration/options.ts'
export { createBreaker } from './breaker/create-breaker.ts'
export type { Breaker, BreakerConfiguration, BreakerPermit, BreakerSnapshot } from './breaker/breaker.ts'
export type { Admission, AdmissionRequest, Permit, Priority, Rejection, Settlement } from './policy/admission.ts'
export { BREAKER_DEFAULTS } from './breaker/options.ts'
export type { BreakerOptions } from './breaker/options.ts'
export { RETRY_DEFAULTS } from './retry/options.ts'
export type { RetryOptions } from './retry/options.ts'
export { createCache } from './cache/cache.ts'
export { CACHE_DEFAULTS } from './cache/options.ts'
export type { Cache, Cached, CacheOptions } from './cache/options.ts'
export { fallback } from './fallback/fallback.ts'
export { FALLBACK_DEFAULTS } from './fallback/options.ts'
export type {
  FallbackContext,
  FallbackFailure,
  FallbackOptions,
  FallbackOutcome,
  FallbackStep,
} from './fallback/options.ts'
