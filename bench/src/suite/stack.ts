import { createBreaker, createIntegration, createRetry, createTimeout, pipeline } from '@holdfast/core'
import { createBulkhead } from '@holdfast/core/admission'
import {
  bulkhead,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import { compare } from '../harness/rounds.ts'
import { type Benchmark, ratio } from './benchmark.ts'
import { handWritten } from './hand-written.ts'

const operation = async (): Promise<number> => 1
const readsSignal = async ({ signal }: { readonly signal: AbortSignal }): Promise<number> => (signal.aborted ? 0 : 1)

/** Retry, breaker, timeout and bulkhead around an asynchronous function that succeeds. */
export const stack: Benchmark = async () => {
  const byHand = handWritten(10)
  const composed = pipeline(
    [
      createBulkhead({ name: 'bench' }),
      createRetry(),
      createBreaker({ name: 'bench' }),
      createTimeout({ timeoutMs: 10_000 }),
    ],
    { idempotent: true },
  )
  const integration = createIntegration({ name: 'bench', admissions: [createBulkhead({ name: 'bench' })] })
  const plain = createIntegration({ name: 'bench' })
  const caller = { signal: new AbortController().signal }
  const others = wrap(
    retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
    circuitBreaker(handleAll, {
      halfOpenAfter: 5_000,
      breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000 }),
    }),
    timeout(10_000, TimeoutStrategy.Aggressive),
    bulkhead(10),
  )
  const figures = await compare(
    {
      'bare call': operation,
      'by hand': () => byHand(operation),
      'holdfast pipeline': () => composed.execute(operation),
      'holdfast pipeline, signal read': () => composed.execute(readsSignal),
      'holdfast integration + bulkhead': () => integration.call(operation),
      'holdfast integration': () => plain.call(operation),
      'holdfast integration, with a signal': () => plain.call(operation, caller),
      cockatiel: () => others.execute(operation),
    },
    { measuresGarbage: true },
  )
  const garbage = (name: string): number => figures.find((figure) => figure.name === name)?.bytes ?? Number.NaN
  return {
    name: 'stack',
    title: 'Retry, breaker, timeout and bulkhead around a function that succeeds',
    figures,
    aims: ['holdfast pipeline', 'holdfast integration + bulkhead'].flatMap((ours) => [
      { what: `${ours}: share of cockatiel's time`, value: ratio(figures, ours, 'cockatiel'), limit: 1 / 15 },
      { what: `${ours}: times the hand-written stack`, value: ratio(figures, ours, 'by hand'), limit: 2.5 },
      { what: `${ours}: bytes of garbage a call`, value: garbage(ours), limit: 1_024 },
    ]),
  }
}
