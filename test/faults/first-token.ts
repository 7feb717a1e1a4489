import { failover } from '@holdfast/ai'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { streamText } from 'ai'
import { quantile } from '../measure/statistics.ts'
import { CASES, type FaultCase } from './cases.ts'
import { SMALL_TALK } from './question.ts'
import type { Stage } from './run.ts'
import { directly } from './subjects/providers.ts'

/** When the second model starts beside a first one that is silent. */
export const HEDGE_MS = 100

/** What may be added to the second model's own time. */
export const MARGIN_MS = 20

/** Time to the first token with the first model dead, less that of the second model alone, in ms. */
export interface FirstToken {
  readonly fault: string
  readonly asked: number
  readonly alone: number
  readonly p50: number
  readonly p95: number
  /** What the median may be. */
  readonly limit: number
}

/**
 * Measures them in turns, so that both see the same machine. Each question is the first that meets the fault: with a circuit that is
 * open, nobody would ask the dead model.
 */
export async function measureFirstToken(stage: Stage, asked: number): Promise<FirstToken[]> {
  const found: FirstToken[] = []
  const second = directly(stage.second)
  for (const title of ['connection refused', '500', 'headers never', 'headers, then silence']) {
    const one = CASES.find((each) => each.title === title) as FaultCase
    await stage.fault(one)
    const hangs = title.startsWith('headers')
    const [alone, both]: [number[], number[]] = [[], []]
    for (let round = -5; round < asked; round++) {
      const pair = failover([directly(stage.first), second], { hedgeAfterMs: hangs ? HEDGE_MS : false })
      const [one, two] = [await timeToFirstToken(second), await timeToFirstToken(pair)]
      if (round < 0) continue
      alone.push(one)
      both.push(two)
    }
    const usual = quantile(alone, 0.5)
    found.push({
      fault: title,
      asked,
      alone: usual,
      p50: quantile(both, 0.5) - usual,
      p95: quantile(both, 0.95) - usual,
      limit: MARGIN_MS + (hangs ? HEDGE_MS : 0),
    })
  }
  return found
}

async function timeToFirstToken(model: LanguageModelV4): Promise<number> {
  const leave = new AbortController()
  const from = performance.now()
  const result = streamText({
    model,
    prompt: SMALL_TALK,
    maxRetries: 0,
    abortSignal: leave.signal,
    onError: () => undefined,
  })
  for await (const part of result.fullStream) {
    if (part.type !== 'text-delta') continue
    const took = performance.now() - from
    leave.abort()
    return took
  }
  return Number.NaN
}
