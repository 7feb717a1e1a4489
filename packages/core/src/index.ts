export type { Clock, Random, ScheduledTask } from './clock/clock.ts'
export { sleepOn, systemClock, systemRandom } from './clock/system-clock.ts'
export type { OperationFailed } from './context/events.ts'
export type { ErrorCategory } from './errors/category.ts'
export { CATEGORY_RULES } from './errors/category-rules.ts'
export type { CategoryRule } from './errors/category-rules.ts'
export { classify } from './errors/classify.ts'
export type { Verdict } from './errors/verdict.ts'
export { HoldfastError } from './errors/holdfast-error.ts'
export type { HoldfastErrorJson, HoldfastErrorOptions } from './errors/holdfast-error.ts'
export { overtaken } from './errors/overtaken.ts'
export { parseRetryAfter } from './errors/retry-after.ts'
export type { HeadersLike } from './errors/retry-after.ts'
export { toHoldfastError } from './errors/to-holdfast-error.ts'
export type { Classify } from './errors/to-holdfast-error.ts'
export { createEvents } from './events/channel.ts'
export type {
  AttemptFailed,
  AttemptOutcome,
  AttemptStarted,
  AttemptSucceeded,
  CallFailed,
  CallRejected,
  CallStarted,
  CallSucceeded,
  CircuitChangeReason,
  CircuitChanged,
  CircuitState,
  CoreEvent,
  Events,
  HedgeStarted,
  HedgeWon,
  Listener,
  RetryDenied,
  RetryScheduled,
} from './events/events.ts'
export { createIntegration } from './integration/create-integration.ts'
export type {
  CircuitControl,
  Environment,
  HealthStatus,
  Integration,
  IntegrationKind,
  IntegrationSnapshot,
} from './integration/integration.ts'
export type { CallOptions } from './engine/call.ts'
export type { Chaos } from './engine/parts.ts'
export type { StreamRules } from './engine/stream-rules.ts'
export type { AttemptContext, Operation } from './policy/operation.ts'
export { pipeline } from './pipeline/pipeline.ts'
export type { Pipeline, PipelineOptions, Policy } from './pipeline/pipeline.ts'
export { createTimeout } from './timeout/timeout.ts'
export type { Timeout, TimeoutOptions } from './timeout/timeout.ts'
export { createRetry } from './retry/retry.ts'
export type { Retry, RetryCallOptions, RetryConfiguration } from './retry/retry.ts'
export { createHedge } from './hedge/hedge.ts'
export type { Hedge } from './hedge/hedge.ts'
export { HEDGE_DEFAULTS } from './hedge/options.ts'
export type { HedgeOptions } from './hedge/options.ts'
export type { BackoffGrowth, Jitter } from './backoff/backoff.ts'
export type { CallLabels, LabelCarrier } from './context/labels.ts'
export type { BreakerRecord } from './breaker/record.ts'
export { INTEGRATION_DEFAULTS } from './integration/options.ts'
export type { IntegrationOptions } from './integration/options.ts'
export { createBreaker } from './breaker/create-breaker.ts'
export type { Breaker, BreakerConfiguration, BreakerPermit, BreakerSnapshot } from './breaker/breaker.ts'
export type {
  Admission,
  AdmissionPolicy,
  AdmissionRequest,
  Permit,
  Priority,
  Rejection,
  Settlement,
} from './policy/admission.ts'
export { BREAKER_DEFAULTS } from './breaker/options.ts'
export type { BreakerOptions } from './breaker/options.ts'
export type { BulkheadEvent, SlotReclaimed } from './bulkhead/events.ts'
export type { ChaosInjected } from './chaos/events.ts'
export type { CapacityEvent } from './capacity/events.ts'
export type { RateLimitEvent } from './rate-limit/events.ts'
export type { ThrottleEvent } from './throttle/events.ts'
export type { LimitChanged } from './adaptive-concurrency/events.ts'
export { RETRY_DEFAULTS } from './retry/options.ts'
export type { Retryable, RetryOptions } from './retry/options.ts'
export type { CacheEvent } from './cache/events.ts'
export { fallback } from './fallback/fallback.ts'
export { cacheFirst, fixed, lastKnown, simulated } from './fallback/steps.ts'
export type { RememberedOptions, Remembering } from './fallback/steps.ts'
export { FALLBACK_DEFAULTS } from './fallback/options.ts'
export type {
  FallbackContext,
  FallbackFailure,
  FallbackOptions,
  FallbackOutcome,
  FallbackSource,
  FallbackStep,
} from './fallback/options.ts'
export type { FallbackServed } from './fallback/events.ts'
export type { SessionEvent } from './sessions/events.ts'
export type {
  FeatureChanged,
  HealthChanged,
  HealthChangeReason,
  HealthChecked,
  HealthEvent,
  LevelChanged,
  LevelChangeReason,
  OverrideEnded,
  OverrideSet,
  RecoveryForced,
  RecoveryValidated,
  SystemLevel,
} from './health/events.ts'
export type { GoodputLimited } from './goodput-limit/events.ts'
