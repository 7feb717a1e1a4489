import { readFileSync } from 'node:fs'
import {
  type Breaker,
  type BreakerRecord,
  type CoreEvent,
  createBreaker,
  createEvents,
  createIntegration,
  createRetry,
  createTimeout,
  type Events,
  fallback,
  pipeline,
  type Pipeline,
  type Policy,
} from '@holdfast/core'
import { createBulkhead } from '@holdfast/core/admission'
import { createCache } from '@holdfast/core/cache'
import { createHealthMonitor, type HealthMonitor } from '@holdfast/core/health'
import { adaptiveLimit, hedgeBudget, throttleCounts } from './holdfast-own.ts'
import type { BreakerAsk, BreakerState, BreakerSubject, Library, Run } from '../subject.ts'

function runOf({ execute }: Pipeline): Run {
  return (work, signal) => execute((context) => work(context), signal === undefined ? {} : { signal })
}

function pipelineOf(...policies: Policy[]): Run {
  return runOf(pipeline(policies, { idempotent: true }))
}

function stateOf({ state }: Breaker): BreakerState {
  return state === 'open' || state === 'half-open' ? state : 'closed'
}

function breakerOf(ask: BreakerAsk, events: Events<CoreEvent>): Breaker {
  const { failureRatio, minimumCalls, windowMs, openMs, probes } = ask
  return createBreaker({
    name: 'subject',
    failureRatio,
    // Failures count as slow calls, too, and would open it at half of all calls.
    slowRatio: 1,
    consecutiveFailures: 0,
    minimumCalls,
    windowMs,
    openMs,
    maxOpenMs: openMs,
    halfOpenProbes: probes,
    halfOpenSuccesses: 1,
    rampUpMs: 0,
    events,
  })
}

function subjectOf(ask: BreakerAsk, record?: BreakerRecord): BreakerSubject {
  const events = createEvents<CoreEvent>()
  const breaker = breakerOf(ask, events)
  if (record !== undefined) breaker.restore(record)
  return {
    identity: breaker,
    run: pipelineOf(breaker),
    state: () => stateOf(breaker),
    onChange: (listener) => void events.on(listener),
    save: () => JSON.stringify(breaker.record()),
    restored: (saved) => subjectOf(ask, JSON.parse(saved) as BreakerRecord),
    snapshot: () => ({ snapshot: breaker.snapshot(), record: breaker.record() }),
  }
}

const { version } = JSON.parse(
  readFileSync(new URL('../../../../packages/core/package.json', import.meta.url), 'utf8'),
) as { version: string }

export const holdfast: Library = {
  name: 'holdfast',
  version,
  takesSignal: true,
  givesSignal: true,
  retry: ({ maxRetries, delayMs, factor, maxDelayMs }) =>
    pipelineOf(
      createRetry({
        maxRetries,
        backoffMs: delayMs,
        factor,
        maxBackoffMs: maxDelayMs,
        jitter: 'none',
        budgetFloor: 1_000,
      }),
    ),
  breaker: (ask) => subjectOf(ask),
  defaultBreaker: () => {
    const integration = createIntegration({ name: 'subject' })
    return {
      identity: integration,
      run: (work) => integration.call((context) => work(context)),
      state: () => {
        const { state } = integration.circuit
        return state === 'open' || state === 'half-open' ? state : 'closed'
      },
    }
  },
  timeout: (timeoutMs) => pipelineOf(createTimeout({ timeoutMs })),
  bulkhead: (slots, queued) => {
    const bulkhead = createBulkhead({ name: 'subject', maxConcurrent: slots, maxQueued: queued })
    return {
      run: pipelineOf(bulkhead),
      ended: () => {
        const { success, slow, failure, ignored } = bulkhead.snapshot().totals
        return success + slow + failure + ignored
      },
    }
  },
  bulkheadAndTimeout: (slots, timeoutMs) =>
    pipelineOf(createBulkhead({ name: 'subject', maxConcurrent: slots }), createTimeout({ timeoutMs })),
  stack: () =>
    pipelineOf(
      createTimeout({ timeoutMs: 60_000 }),
      createRetry(),
      createBreaker({ name: 'subject' }),
      createTimeout({ timeoutMs: 10_000 }),
    ),
  fallback: async (timeoutMs, work, instead) => {
    const { value } = await fallback<unknown>([
      { name: 'first', timeoutMs, run: (context) => work(context) },
      { name: 'second', run: instead },
    ])
    return value
  },
  cachedBreaker: (ask) => {
    const breaker = breakerOf(ask, createEvents<CoreEvent>())
    const run = pipelineOf(breaker)
    const cache = createCache<unknown>({ name: 'subject' })
    return {
      get: async (key, work) => (await cache.get(key, (signal) => run(work, signal))).value,
      state: () => stateOf(breaker),
    }
  },
  healthCheck: () => {
    let monitor: HealthMonitor | undefined
    return {
      start: (check, intervalMs) => {
        const integration = createIntegration({ name: 'subject' })
        monitor = createHealthMonitor({ integrations: [{ integration, check, intervalMs }] })
        monitor.start()
      },
      stop: () => monitor?.stop(),
    }
  },
  cache: (freshMs) => {
    const cache = createCache<unknown>({ name: 'subject', freshMs })
    return {
      get: async (key, compute, signal) =>
        (await cache.get(key, compute, signal === undefined ? {} : { signal })).value,
      set: async (key, value) => cache.set(key, value),
    }
  },
  exitProgram: `
    import { createIntegration } from '@holdfast/core'
    await createIntegration({ name: 'subject', deadlineMs: 120_000, attemptTimeoutMs: 60_000 }).call(async () => 1)
  `,
  own: { B36: adaptiveLimit, B37: throttleCounts, B38: hedgeBudget },
}
