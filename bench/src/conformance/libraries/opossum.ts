import CircuitBreaker from 'opossum'
import { isAbort } from './abort.ts'
import { versionOf } from './version.ts'
import type { BreakerAsk, BreakerState, BreakerSubject, Library, Run, Work } from '../subject.ts'

type Options = NonNullable<ConstructorParameters<typeof CircuitBreaker>[1]>
type Breaker = CircuitBreaker<[Work, string?], unknown>

/** One circuit for any work, with a controller where its signal is asked for. */
function circuitOf(options: Options): Breaker {
  const circuit: Breaker = new CircuitBreaker((work: Work) => work({ signal: circuit.getSignal() }), options)
  return circuit
}

function optionsOf(ask: BreakerAsk): Options {
  return {
    timeout: false,
    errorThresholdPercentage: ask.failureRatio * 100,
    volumeThreshold: ask.minimumCalls,
    rollingCountTimeout: ask.windowMs,
    resetTimeout: ask.openMs,
    errorFilter: isAbort,
  }
}

function runOf(circuit: Breaker): Run {
  return (work) => circuit.fire(work)
}

function stateOf(circuit: Breaker): BreakerState {
  return circuit.opened ? 'open' : circuit.halfOpen ? 'half-open' : 'closed'
}

function subjectOf(circuit: Breaker, options: Options): BreakerSubject {
  return {
    identity: circuit,
    run: runOf(circuit),
    state: () => stateOf(circuit),
    onChange: (listener) => {
      for (const event of ['open', 'halfOpen', 'close']) circuit.on(event, listener)
    },
    save: () => JSON.stringify(circuit.toJSON()),
    restored: (saved) => {
      const again = { ...options, ...(JSON.parse(saved) as { state: unknown; status: unknown }) }
      return subjectOf(circuitOf(again), again)
    },
    snapshot: () => circuit.toJSON(),
    dispose: () => circuit.shutdown(),
  }
}

export const opossum: Library = {
  name: 'opossum',
  version: versionOf('opossum'),
  takesSignal: false,
  givesSignal: true,
  breaker: (ask) => subjectOf(circuitOf(optionsOf(ask)), optionsOf(ask)),
  defaultBreaker: () => subjectOf(circuitOf({}), {}),
  timeout: (timeoutMs) =>
    runOf(circuitOf({ timeout: timeoutMs, volumeThreshold: 1_000, abortController: new AbortController() })),
  bulkheadAndTimeout: (slots, timeoutMs) =>
    runOf(circuitOf({ timeout: timeoutMs, capacity: slots, volumeThreshold: 1_000 })),
  stack: () => runOf(circuitOf({ timeout: 10_000 })),
  fallback: (timeoutMs, work, instead) => circuitOf({ timeout: timeoutMs }).fallback(instead).fire(work),
  cachedBreaker: (ask) => {
    const circuit = circuitOf({ ...optionsOf(ask), cache: true, cacheGetKey: (_work, key) => String(key) })
    return { get: (key, work) => circuit.fire(work, key), state: () => stateOf(circuit) }
  },
  healthCheck: () => {
    const circuit = circuitOf({})
    return {
      start: (check, everyMs) => circuit.healthCheck(check, everyMs),
      stop: () => circuit.shutdown(),
    }
  },
  cache: (freshMs) => {
    const circuit = circuitOf({
      timeout: false,
      volumeThreshold: 1_000,
      cache: true,
      coalesce: true,
      coalesceTTL: freshMs,
      cacheGetKey: (_work, key) => String(key),
    })
    return { get: (key, compute) => circuit.fire(compute, key) }
  },
  exitProgram: `
    import CircuitBreaker from 'opossum'
    await new CircuitBreaker(async () => 1, { timeout: 60_000 }).fire()
  `,
}
