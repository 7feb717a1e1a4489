import { describe, expectTypeOf, it } from 'vitest'
import type {
  AttemptFailed,
  AttemptStarted,
  AttemptSucceeded,
  BulkheadEvent,
  CacheEvent,
  CallFailed,
  CallRejected,
  CallStarted,
  CallSucceeded,
  CapacityEvent,
  ChaosInjected,
  CircuitChanged,
  CoreEvent,
  FallbackServed,
  FeatureChanged,
  GoodputLimited,
  HealthChanged,
  HealthChecked,
  HedgeStarted,
  HedgeWon,
  LevelChanged,
  LimitChanged,
  OperationFailed,
  OverrideEnded,
  OverrideSet,
  RateLimitEvent,
  RecoveryForced,
  RecoveryValidated,
  RetryDenied,
  RetryScheduled,
  SessionEvent,
  SlotReclaimed,
  ThrottleEvent,
} from '../src/index.ts'

/** What somebody outside can name. */
type Exported =
  | AttemptFailed
  | AttemptStarted
  | AttemptSucceeded
  | BulkheadEvent
  | CacheEvent
  | CallFailed
  | CallRejected
  | CallStarted
  | CallSucceeded
  | CapacityEvent
  | ChaosInjected
  | CircuitChanged
  | FallbackServed
  | FeatureChanged
  | GoodputLimited
  | HealthChanged
  | HealthChecked
  | HedgeStarted
  | HedgeWon
  | LevelChanged
  | LimitChanged
  | OperationFailed
  | OverrideEnded
  | OverrideSet
  | RateLimitEvent
  | RecoveryForced
  | RecoveryValidated
  | RetryDenied
  | RetryScheduled
  | SessionEvent
  | SlotReclaimed
  | ThrottleEvent

describe('the types of events', () => {
  it('are all exported from @holdfast/core (the compiler holds this)', () => {
    expectTypeOf<Exported['type']>().toEqualTypeOf<CoreEvent['type']>()
    expectTypeOf<CoreEvent>().toExtend<Exported>()
  })
})
