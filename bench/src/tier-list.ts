/*
 * What a tier list and a guarded model cost while everything is well, at the model level: a model that answers at once is
 * read to its end, alone and wrapped, with a short answer and a long one. The cost per call is the difference for the short
 * answer, the cost per part is the slope between the two. Run it with `node --conditions=holdfast-source bench/src/tier-list.ts`.
 */
import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { createAnswerMemory, createBudgets, failover, guarded, tierList } from '@holdfast/ai'
import { createIntegration } from '@holdfast/core'
import { createFallback } from 'ai-fallback'
import { createRetryableModel } from 'ai-retry/language-model'

const SHORT = 4
const LONG = 260
const CALLS: Readonly<Record<number, number>> = { [SHORT]: 4_000, [LONG]: 400 }
const ROUNDS = 9

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
}

/** A model whose stream has this many text deltas, handed out one by one as they are asked for. */
function model(deltas: number): LanguageModelV4 {
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

const options = {
  prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Any jets from Nice to London?' }] }],
}

async function streamed(subject: LanguageModelV4): Promise<void> {
  const reader = (await subject.doStream(options)).stream.getReader()
  for (let done = false; !done;) ({ done } = await reader.read())
}

async function generated(subject: LanguageModelV4): Promise<void> {
  await subject.doGenerate(options)
}

const wrappers: Readonly<Record<string, (inner: LanguageModelV4) => LanguageModelV4>> = {
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

/** The median over the rounds, in microseconds a call. */
function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function measure(how: (subject: LanguageModelV4) => Promise<void>, deltas: number): Promise<Map<string, number>> {
  const subjects = Object.entries(wrappers).map(([name, wrap]) => ({ name, subject: wrap(model(deltas)) }))
  const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]))
  const calls = CALLS[deltas] ?? 1
  // Round by round, so that a slow moment of the machine meets all of them.
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const { name, subject } of subjects) {
      const begun = performance.now()
      for (let call = 0; call < calls; call += 1) await how(subject)
      if (round >= 0) times.get(name)?.push(((performance.now() - begun) * 1_000) / calls)
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]))
}

function table(how: string, short: Map<string, number>, long: Map<string, number>): void {
  const alone = short.get('the model alone') ?? 0
  const slope = (name: string): number => ((long.get(name) ?? 0) - (short.get(name) ?? 0)) / (LONG - SHORT)
  const rows = [...short].map(([name, us]) => ({
    [how]: name,
    'µs a call': us.toFixed(1),
    'added a call, µs': (us - alone).toFixed(1),
    'added a part, µs': (slope(name) - slope('the model alone')).toFixed(2),
  }))
  console.table(rows)
}

table('doStream', await measure(streamed, SHORT), await measure(streamed, LONG))
table('doGenerate', await measure(generated, SHORT), await measure(generated, LONG))
