import {
  bulkhead,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ExponentialBackoff,
  fallback,
  handleAll,
  handleWhen,
  type IPolicy,
  noJitterGenerator,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import { isAbort } from './abort.ts'
import { versionOf } from './version.ts'
import type { BreakerAsk, BreakerSubject, Library, Run } from '../subject.ts'

const failures = handleWhen((error) => !isAbort(error))

const STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
} as const

function runOf(policy: IPolicy): Run {
  return (work, signal) => policy.execute((context) => work(context), signal)
}

function policyOf(ask: BreakerAsk, initialState?: unknown): CircuitBreakerPolicy {
  return circuitBreaker(failures, {
    halfOpenAfter: ask.openMs,
    halfOpenSampling: { calls: ask.probes, threshold: 0 },
    breaker: new SamplingBreaker({
      threshold: ask.failureRatio,
      duration: ask.windowMs,
      minimumRps: (ask.minimumCalls * 1_000) / ask.windowMs,
    }),
    ...(initialState === undefined ? {} : { initialState }),
  })
}

function subjectOf(policy: CircuitBreakerPolicy, ask: BreakerAsk): BreakerSubject {
  return {
    identity: policy,
    run: runOf(policy),
    state: () => STATES[policy.state],
    onChange: (listener) => void policy.onStateChange(listener),
    save: () => JSON.stringify(policy.toJSON()),
    restored: (saved) => subjectOf(policyOf(ask, JSON.parse(saved)), ask),
    snapshot: () => policy.toJSON(),
  }
}

export const cockatiel: Library = {
  name: 'cockatiel',
  version: versionOf('cockatiel'),
  takesSignal: true,
  givesSignal: true,
  retry: ({ maxRetries, delayMs, factor, maxDelayMs }) =>
    runOf(
      retry(failures, {
        maxAttempts: maxRetries,
        backoff: new ExponentialBackoff({
          generator: noJitterGenerator,
          initialDelay: delayMs,
          exponent: factor,
          maxDelay: maxDelayMs,
        }),
      }),
    ),
  breaker: (ask) => subjectOf(policyOf(ask), ask),
  timeout: (timeoutMs) => runOf(timeout(timeoutMs, TimeoutStrategy.Aggressive)),
  bulkhead: (slots, queued) => {
    const policy = bulkhead(slots, queued)
    let ended = 0
    const count = (): void => void (ended += 1)
    policy.onSuccess(count)
    policy.onFailure(count)
    return { run: runOf(policy), ended: () => ended }
  },
  bulkheadAndTimeout: (slots, timeoutMs) =>
    runOf(wrap(bulkhead(slots), timeout(timeoutMs, TimeoutStrategy.Aggressive))),
  stack: () =>
    runOf(
      wrap(
        retry(failures, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
        policyOf({ failureRatio: 0.5, minimumCalls: 5, windowMs: 10_000, openMs: 1_000, probes: 1 }),
        timeout(10_000, TimeoutStrategy.Aggressive),
      ),
    ),
  fallback: (timeoutMs, work, instead) =>
    wrap(fallback(handleAll, instead), timeout(timeoutMs, TimeoutStrategy.Aggressive)).execute((context) =>
      work(context),
    ),
  exitProgram: `
    import { circuitBreaker, ConsecutiveBreaker, ExponentialBackoff, handleAll, retry, timeout, TimeoutStrategy, wrap } from 'cockatiel'
    const policy = wrap(
      retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
      circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) }),
      timeout(60_000, TimeoutStrategy.Aggressive),
    )
    await policy.execute(async () => 1)
  `,
}
