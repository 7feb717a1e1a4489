import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { createAnswerMemory, createBudgets, failover, guarded, tierList } from '@holdfast/ai'
import { createIntegration } from '@holdfast/core'
import { createFallback } from 'ai-fallback'
import { createRetryableModel } from 'ai-retry/language-model'

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
}

/** A model whose stream has this many text deltas, handed out one by one as they are asked for. */
export function model(deltas: number): LanguageModelV4 {
  const parts: LanguageModelV4StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: 't' },
    ...Array.from({ length: deltas }, () => ({ type: 'text-delta', id: 't', delta: 'word ' }) as const),
    { type: 'text-end', id: 't' },
    { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage },
  ]
  return {
    specificationVersion: 'v4',
    provider: 'bench',
    modelId: 'bench',
    supportedUrls: {},
    doGenerate: async () => ({
      content: [{ type: 'text', text: 'word '.repeat(deltas) }],
      finishReason: { unified: 'stop', raw: undefined },
      usage,
      warnings: [],
    }),
    doStream: async () => {
      let next = 0
      const stream = new ReadableStream<LanguageModelV4StreamPart>(
        {
          pull(controller) {
            const part = parts[next++]
            if (part === undefined) controller.close()
            else controller.enqueue(part)
          },
        },
        { highWaterMark: 0 },
      )
      return { stream }
    },
  }
}

/** The same, with headers like those of OpenAI. */
function telling(inner: LanguageModelV4): LanguageModelV4 {
  const headers = {
    'content-type': 'text/event-stream',
    date: 'Sun, 01 Mar 2026 11:00:00 GMT',
    'x-request-id': 'req_1',
    'openai-processing-ms': '120',
    'x-ratelimit-limit-requests': '5000',
    'x-ratelimit-remaining-requests': '4999',
    'x-ratelimit-reset-requests': '12ms',
    'x-ratelimit-limit-tokens': '150000',
    'x-ratelimit-remaining-tokens': '149984',
    'x-ratelimit-reset-tokens': '6ms',
  }
  return { ...inner, doStream: async (call) => ({ ...(await inner.doStream(call)), response: { headers } }) }
}

/** What a model is wrapped in, by its name. */
export const wrappers: Readonly<Record<string, (inner: LanguageModelV4) => LanguageModelV4>> = {
  'the model alone': (inner) => inner,
  'tier list': (inner) => tierList({ name: 'bench', tiers: [{ name: 'a', model: inner }] }),
  'tier list, commit complete': (inner) =>
    tierList({ name: 'bench', tiers: [{ name: 'a', model: inner, commit: 'complete' }] }),
  'tier list with a memory, a hedge and four tiers': (inner) =>
    tierList({
      name: 'bench',
      memory: createAnswerMemory(),
      tiers: ['a', 'b', 'c', 'd'].map((name) => ({
        name,
        model: inner,
        hedgeAfterMs: 1_500,
        safeToRepeat: true,
        timeoutMs: 15_000,
      })),
    }),
  failover: (inner) => failover([inner]),
  'failover of two': (inner) => failover(['a', 'b'].map((name) => ({ name, model: inner }))),
  'failover of three, commit complete': (inner) =>
    failover(
      ['a', 'b', 'c'].map((name) => ({ name, model: inner })),
      { commit: 'complete' },
    ),
  'ai-fallback': (inner) => createFallback({ models: [inner, inner] }),
  'ai-retry': (inner) => createRetryableModel({ model: inner, retries: [inner] }),
  'failover, limits told by the provider': (inner) => failover([telling(inner)]),
  'failover with three budgets': (inner) =>
    failover([{ model: inner, price: { inputPerMillion: 3, outputPerMillion: 15 } }], {
      budgets: createBudgets({
        limits: [
          { name: 'all', period: 'month', maxCost: 1e9 },
          { name: 'each-tenant', per: ['tenant'], period: 'day', maxTokens: 1e15 },
          { name: 'each-key', per: ['tenant', 'key'], period: 'minute', window: 'rolling', maxRequests: 1e15 },
        ],
      }),
    }),
  guarded: (inner) => guarded(inner, createIntegration({ name: 'bench' })),
  'tier list over guarded': (inner) =>
    tierList({ name: 'bench', tiers: [{ name: 'a', model: guarded(inner, createIntegration({ name: 'bench' })) }] }),
}
