import { ask, type Answer } from '../harness/ask.ts'
import type { Desk } from '../harness/desk.ts'
import { inParallel, quantile } from './statistics.ts'

/** What failing over cost the callers, measured from outside, in ms. */
export interface AddedLatency {
  readonly fault: string
  readonly circuit: 'closed (first callers)' | 'open'
  readonly requests: number
  /** The direct tier alone, n8n's circuit held open, in the same run. */
  readonly alone: { readonly p50: number; readonly p95: number }
  readonly failedOver: { readonly p50: number; readonly p95: number }
  /** p95 of (a request's time less the median of the direct tier alone). */
  readonly addedP95: number
  readonly limit: number
  readonly notDirect: number
}

interface Case {
  readonly title: string
  readonly fault: string
  readonly options?: Record<string, unknown>
  readonly limit: number
}

const FIRST_CALLERS: readonly Case[] = [
  { title: 'refused', fault: 'down', limit: 100 },
  { title: 'error 500', fault: 'error', options: { status: 500 }, limit: 100 },
  { title: 'error 503', fault: 'error', options: { status: 503 }, limit: 100 },
  { title: 'malformed', fault: 'malformed', limit: 100 },
  { title: 'hang', fault: 'hang', limit: 2_000 },
  { title: 'silent', fault: 'silent', limit: 2_000 },
]

const CIRCUIT_OPEN: readonly Case[] = [
  { title: 'refused', fault: 'down', limit: 50 },
  { title: 'error 500', fault: 'error', options: { status: 500 }, limit: 50 },
  { title: 'hang', fault: 'hang', limit: 50 },
  { title: 'silent', fault: 'silent', limit: 50 },
]

/**
 * Measures every case in small batches that alternate with the direct tier alone, so that a machine that slows down
 * slows both. A first caller is one who meets the fault with the circuit still closed: it is reset before each batch.
 */
export async function measureAddedLatency(desk: Desk, requests: number): Promise<AddedLatency[]> {
  // Words at once: how fast the stand-in types has nothing to do with what failing over costs, and would hide it.
  await desk.settings({ partDelayMs: 0 })
  await inParallel(20, 4, () => ask(desk))
  const results: AddedLatency[] = []
  for (const example of FIRST_CALLERS) {
    results.push(await measure(desk, example, requests, 'closed (first callers)'))
  }
  for (const example of CIRCUIT_OPEN) results.push(await measure(desk, example, requests, 'open'))
  await desk.settings({ partDelayMs: 10 })
  return results
}

async function measure(
  desk: Desk,
  example: Case,
  requests: number,
  circuit: AddedLatency['circuit'],
): Promise<AddedLatency> {
  // One at a time, so that callers do not wait for each other; where each waits for a hedge anyway, four: the circuit opens at
  // the fifth failure of its window, so all of a batch still meet it closed.
  const width = example.limit >= 1_000 ? 4 : 1
  const alone: Answer[] = []
  const failedOver: Answer[] = []
  await desk.clearFaults()
  if (circuit === 'open') {
    await desk.resetCircuits()
    await desk.fault('n8n', example.fault, example.options)
    await inParallel(12, 6, () => ask(desk))
  }
  while (failedOver.length < requests) {
    if (circuit === 'open') {
      failedOver.push(...(await inParallel(width, width, () => ask(desk))))
      // The direct tier alone cannot be had without touching the circuit, so it is measured below, after the batches.
      continue
    }
    await desk.clearFaults()
    await desk.openCircuit('n8n')
    alone.push(...(await inParallel(width, width, () => ask(desk))))
    await desk.fault('n8n', example.fault, example.options)
    await desk.resetCircuits()
    failedOver.push(...(await inParallel(width, width, () => ask(desk))))
  }
  if (circuit === 'open') {
    await desk.clearFaults()
    for (let done = 0; done < Math.min(requests, 60); done += width) {
      await desk.openCircuit('n8n')
      alone.push(...(await inParallel(width, width, () => ask(desk))))
    }
  }
  await desk.clearFaults()
  const median = quantile(
    alone.map((answer) => answer.durationMs),
    0.5,
  )
  const times = (answers: readonly Answer[]): { p50: number; p95: number } => ({
    p50: quantile(
      answers.map((answer) => answer.durationMs),
      0.5,
    ),
    p95: quantile(
      answers.map((answer) => answer.durationMs),
      0.95,
    ),
  })
  return {
    fault: example.title,
    circuit,
    requests: failedOver.length,
    alone: times(alone),
    failedOver: times(failedOver),
    addedP95: quantile(
      failedOver.map((answer) => answer.durationMs - median),
      0.95,
    ),
    limit: example.limit,
    notDirect: failedOver.filter((answer) => answer.tier !== 'direct' || answer.status !== 200).length,
  }
}
