export type { Clock, Random, ScheduledTask } from './clock/clock.ts'
export type { ErrorCategory } from './errors/category.ts'
export { HoldfastError } from './errors/holdfast-error.ts'
export type { HoldfastErrorJson, HoldfastErrorOptions } from './errors/holdfast-error.ts'
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
export type { IntegrationOptions } from './integration/options.ts'
export type { BreakerOptions } from './breaker/options.ts'
export type { RetryOptions } from './retry/options.ts'
export type { Cache, Cached, CacheOptions } from './cache/options.ts'
