import { type Admission, createHedge, createTimeout, pipeline } from '@holdfast/core'
import { createRateLimiter, createThrottle } from '@holdfast/core/admission'
import { timeout, TimeoutStrategy } from 'cockatiel'
import { compare } from '../harness/rounds.ts'
import type { Benchmark } from './benchmark.ts'

const operation = async (): Promise<number> => 1

/** Asks, and gives back, by hand. */
function byHand(admission: Admission): () => unknown {
  return () => {
    const permit = admission.tryAcquire()
    if (permit.admitted) permit.settle('success')
    return permit.admitted
  }
}

/** What the other policies cost, each alone. */
export const otherPolicies: Benchmark = async () => {
  const bucket = createRateLimiter({ name: 'bench', limit: 1_000_000_000 })
  const sliding = createRateLimiter({ name: 'bench', limit: 1_000_000_000, algorithm: 'sliding-window' })
  const throttle = createThrottle({ name: 'bench' })
  const hedge = pipeline([createHedge({ delayMs: 1_000 })], { idempotent: true })
  const moving = pipeline([createHedge()], { idempotent: true })
  const limited = pipeline([createTimeout({ timeoutMs: 10_000 })])
  const other = timeout(10_000, TimeoutStrategy.Aggressive)
  const figures = await compare({
    'bare call': operation,
    'rate limiter by hand, token bucket': byHand(bucket),
    'rate limiter by hand, sliding window': byHand(sliding),
    'throttle by hand': byHand(throttle),
    'pipeline with nothing in it': () => empty.execute(operation),
    'pipeline with a timeout': () => limited.execute(operation),
    'pipeline with a hedge, fixed delay': () => hedge.execute(operation),
    'pipeline with a hedge, moving quantile': () => moving.execute(operation),
    "cockatiel's timeout": () => other.execute(operation),
  })
  return { name: 'other-policies', title: 'The other policies, each alone', figures, aims: [] }
}

const empty = pipeline([])
