import { type Breaker, type BreakerConfiguration, createBreaker, pipeline } from '@holdfast/core'
import { circuitBreaker, type CircuitBreakerPolicy, handleAll, SamplingBreaker } from 'cockatiel'
import CircuitBreaker from 'opossum'
import { compare } from '../harness/rounds.ts'
import { type Benchmark, ratio } from './benchmark.ts'

const operation = async (): Promise<number> => 1
const error = new Error('down')
const failing = (): Promise<never> => Promise.reject(error)
const ignore = (): undefined => undefined
const HOUR_MS = 3_600_000

function ours(options: Partial<BreakerConfiguration> = {}): Breaker {
  return createBreaker({ name: 'bench', ...options })
}

function cockatielOf(threshold = 0.5, duration = 30_000): CircuitBreakerPolicy {
  return circuitBreaker(handleAll, { halfOpenAfter: HOUR_MS, breaker: new SamplingBreaker({ threshold, duration }) })
}

/** A breaker alone, closed, around a function that succeeds. */
export const breakerAlone: Benchmark = async () => {
  const breaker = ours()
  const composed = pipeline([breaker])
  const cockatiel = cockatielOf()
  const opossum = new CircuitBreaker(operation, { timeout: false })
  const opossumLean = new CircuitBreaker(operation, {
    timeout: false,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
  })
  const figures = await compare({
    'bare call': operation,
    holdfast: () => breaker.execute(operation),
    'holdfast pipeline': () => composed.execute(operation),
    'holdfast by hand': async () => {
      const admission = breaker.tryAcquire()
      if (!admission.admitted) throw admission.error
      const value = await operation()
      admission.settle('success')
      return value
    },
    cockatiel: () => cockatiel.execute(operation),
    opossum: () => opossum.fire(),
    'opossum without percentiles': () => opossumLean.fire(),
  })
  opossum.shutdown()
  opossumLean.shutdown()
  return {
    name: 'breaker',
    title: 'A breaker alone',
    figures,
    aims: ['cockatiel', 'opossum', 'opossum without percentiles'].map((other) => ({
      what: `share of ${other}'s time`,
      value: ratio(figures, 'holdfast', other),
      limit: 1,
    })),
  }
}

/** A circuit that is open: how fast a call is turned away. */
export const openCircuit: Benchmark = async () => {
  const breaker = ours()
  breaker.isolate()
  const composed = pipeline([breaker])
  const tripped = ours({ openMs: HOUR_MS, maxOpenMs: HOUR_MS })
  tripped.open()
  const trippedPipeline = pipeline([tripped])
  const cockatiel = cockatielOf()
  cockatiel.isolate()
  const cockatielTripped = circuitBreaker(handleAll, {
    halfOpenAfter: HOUR_MS,
    breaker: new SamplingBreaker({ threshold: 0.5, duration: 1_000, minimumRps: 1 }),
  })
  for (let call = 0; call < 10; call++) await cockatielTripped.execute(failing).catch(ignore)
  const opossum = new CircuitBreaker(operation, { timeout: false, resetTimeout: HOUR_MS })
  opossum.open()
  const figures = await compare({
    'holdfast pipeline': () => trippedPipeline.execute(operation).catch(ignore),
    'holdfast pipeline, isolated': () => composed.execute(operation).catch(ignore),
    'holdfast by hand': () => tripped.tryAcquire().admitted,
    cockatiel: () => cockatielTripped.execute(operation).catch(ignore),
    'cockatiel, isolated': () => cockatiel.execute(operation).catch(ignore),
    opossum: () => opossum.fire().catch(ignore),
  })
  opossum.shutdown()
  return {
    name: 'open-circuit',
    title: 'An open circuit turns a call away',
    figures,
    aims: [
      { what: "share of cockatiel's time", value: ratio(figures, 'holdfast pipeline', 'cockatiel'), limit: 0.5 },
      {
        what: "isolated: share of cockatiel's time",
        value: ratio(figures, 'holdfast pipeline, isolated', 'cockatiel, isolated'),
        limit: 0.5,
      },
    ],
  }
}

/** The failing path with few and with many results in the window. */
export const failingPath: Benchmark = async () => {
  const few = 10
  const many = 10_000
  const holdfast = async (samples: number): Promise<() => Promise<unknown>> => {
    const breaker = ours({ failureRatio: 1, slowRatio: 1, windowMs: HOUR_MS })
    const composed = pipeline([breaker])
    await composed.execute(operation)
    for (let call = 1; call < samples; call++) await composed.execute(failing).catch(ignore)
    return () => composed.execute(failing).catch(ignore)
  }
  const cockatiel = async (samples: number): Promise<() => Promise<unknown>> => {
    const policy = cockatielOf(0.999_999, HOUR_MS)
    for (let call = 0; call < samples; call++) await policy.execute(operation)
    return () => policy.execute(failing).catch(ignore)
  }
  const opossum = async (samples: number): Promise<() => Promise<unknown>> => {
    const circuit = new CircuitBreaker((fails: boolean) => (fails ? failing() : operation()), {
      timeout: false,
      errorThresholdPercentage: 100,
      rollingCountTimeout: HOUR_MS,
    })
    for (let call = 0; call < samples; call++) await circuit.fire(false)
    return () => circuit.fire(true).catch(ignore)
  }
  const contestants = {
    'holdfast, 10 samples': await holdfast(few),
    'holdfast, 10,000 samples': await holdfast(many),
    'cockatiel, 10 samples': await cockatiel(few),
    'cockatiel, 10,000 samples': await cockatiel(many),
    'opossum, 10,000 samples': await opossum(many),
  }
  const figures = await compare(contestants)
  return {
    name: 'failing-path',
    title: 'A call that fails, with few and with many results in the window',
    figures,
    aims: [
      {
        what: '10,000 samples: times that of 10',
        value: ratio(figures, 'holdfast, 10,000 samples', 'holdfast, 10 samples'),
        // The same, but for what a measurement is off by.
        limit: 1.15,
      },
    ],
  }
}
