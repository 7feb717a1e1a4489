import {
  BreakerState,
  Bulkhead,
  Cache,
  Circuit,
  Fallback,
  type Module,
  Retry,
  RetryMode,
  SlidingTimeBreaker,
  Timeout,
} from 'mollitia'
import { isAbort } from './abort.ts'
import { versionOf } from './version.ts'
import type { BreakerAsk, Library, Run, Work } from '../subject.ts'

const STATES = {
  [BreakerState.CLOSED]: 'closed',
  [BreakerState.OPENED]: 'open',
  [BreakerState.HALF_OPENED]: 'half-open',
} as const

/** One circuit for any work; its modules stand outermost first. */
function circuitOf(...modules: Module[]): Circuit {
  return new Circuit({ func: (work: Work) => work({ signal: undefined }) as Promise<unknown>, options: { modules } })
}

function runOf(circuit: Circuit): Run {
  return (work) => circuit.execute(work)
}

function breakerOf(ask: BreakerAsk): SlidingTimeBreaker {
  return new SlidingTimeBreaker({
    failureRateThreshold: ask.failureRatio * 100,
    minimumNumberOfCalls: ask.minimumCalls,
    slidingWindowSize: ask.windowMs,
    openStateDelay: ask.openMs,
    permittedNumberOfCallsInHalfOpenState: ask.probes,
    onError: (error) => !isAbort(error),
  })
}

export const mollitia: Library = {
  name: 'mollitia',
  version: versionOf('mollitia'),
  takesSignal: false,
  givesSignal: false,
  retry: ({ maxRetries, delayMs, factor, maxDelayMs }) =>
    runOf(
      circuitOf(
        new Retry({
          attempts: maxRetries,
          interval: delayMs,
          mode: RetryMode.EXPONENTIAL,
          factor,
          maxInterval: maxDelayMs,
        }),
      ),
    ),
  breaker: (ask) => {
    const breaker = breakerOf(ask)
    const circuit = circuitOf(breaker)
    return {
      identity: circuit,
      run: runOf(circuit),
      state: () => STATES[breaker.state],
      onChange: (listener) => void breaker.on('state-changed', listener),
      dispose: () => circuit.dispose(),
    }
  },
  defaultBreaker: () => {
    const breaker = new SlidingTimeBreaker()
    return { identity: breaker, run: runOf(circuitOf(breaker)), state: () => STATES[breaker.state] }
  },
  bulkhead: (slots, queued) => {
    const module = new Bulkhead({ concurrentSize: slots, queueSize: queued })
    // It has no event for an end, but says how many run each time that changes.
    let ended = 0
    let running = 0
    module.on('update-concurrent-buffer', (_circuit: unknown, buffer: readonly unknown[]) => {
      if (buffer.length < running) ended += 1
      running = buffer.length
    })
    return { run: runOf(circuitOf(module)), ended: () => ended }
  },
  bulkheadAndTimeout: (slots, timeoutMs) =>
    runOf(circuitOf(new Bulkhead({ concurrentSize: slots, queueSize: 0 }), new Timeout({ delay: timeoutMs }))),
  fallback: (timeoutMs, work, instead) =>
    runOf(circuitOf(new Fallback({ callback: instead }), new Timeout({ delay: timeoutMs })))(work),
  cachedBreaker: (ask) => {
    const breaker = breakerOf(ask)
    const circuit = new Circuit({
      func: (_key: string, work: Work) => work({ signal: undefined }) as Promise<unknown>,
      options: { modules: [new Cache({ ttl: 60_000, adjustCacheParams: (_work, key) => [key] }), breaker] },
    })
    return { get: (key, work) => circuit.execute(key, work), state: () => STATES[breaker.state] }
  },
  cache: (freshMs) => {
    const circuit = new Circuit({
      func: (_key: string, compute: () => Promise<unknown>) => compute(),
      options: { modules: [new Cache({ ttl: freshMs, adjustCacheParams: (_work, key) => [key] })] },
    })
    return { get: (key, compute) => circuit.execute(key, async () => compute()) }
  },
  exitProgram: `
    import { Circuit, Retry, SlidingTimeBreaker, Timeout } from 'mollitia'
    await new Circuit({
      func: async () => 1,
      options: { modules: [new Retry({ attempts: 2 }), new SlidingTimeBreaker({ slidingWindowSize: 10_000 }), new Timeout({ delay: 60_000 })] },
    }).execute()
  `,
}
