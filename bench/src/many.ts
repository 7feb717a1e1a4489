/*
 * Many at once on one shared failover: 50 and 1,000 who ask while the first model is down, beside others; and 1,000 streams at once of which 30 of a hundred
 * attempts fail at random, with the memory before and after. Run it with `node --conditions=holdfast-source bench/src/many.ts`; it fails when an answer
 * is lost, crossed or doubled.
 */
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { failover } from '@holdfast/ai'
import { seededRandom } from '@holdfast/core/testing'
import { APICallError } from 'ai'
import { createFallback } from 'ai-fallback'
import { createRetryableModel } from 'ai-retry/language-model'
import { exposeCollector } from './harness/collector.ts'

const DOWN_MS = 5
const SECOND_MS = 100
const STREAMS = 1_000
const ROUNDS = 12
const FAILING = 0.3
const SPREAD_MS = 1_000

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
}

type Answer = (options: LanguageModelV4CallOptions) => Promise<ReadableStream<LanguageModelV4StreamPart>>

function model(modelId: string, answer: Answer): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'bench',
    modelId,
    supportedUrls: {},
    doStream: async (options) => ({ stream: await answer(options) }),
    async doGenerate(options) {
      const text = await textOf(await answer(options))
      return {
        content: [{ type: 'text', text }],
        finishReason: { unified: 'stop', raw: undefined },
        usage,
        warnings: [],
      }
    },
  }
}

function partsOf(words: readonly string[]): LanguageModelV4StreamPart[] {
  return [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: 't' },
    ...words.map((delta) => ({ type: 'text-delta', id: 't', delta }) as const),
    { type: 'text-end', id: 't' },
    { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage },
  ]
}

/** Hands the parts out one by one, others' in between; throws after `failsAfter` of them. */
function streamOf(
  parts: readonly LanguageModelV4StreamPart[],
  failsAfter = Infinity,
  pauseMs = 0,
): ReadableStream<LanguageModelV4StreamPart> {
  let next = 0
  return new ReadableStream(
    {
      async pull(controller) {
        await setTimeout(pauseMs)
        if (next >= failsAfter) throw new Error('socket hang up')
        const part = parts[next++]
        if (part === undefined) controller.close()
        else controller.enqueue(part)
      },
    },
    { highWaterMark: 0 },
  )
}

async function textOf(stream: ReadableStream<LanguageModelV4StreamPart>): Promise<string> {
  let text = ''
  for await (const part of stream) {
    if (part.type === 'text-delta') text += part.delta
    if (part.type === 'error') throw part.error
  }
  return text
}

const ask = (text: string): LanguageModelV4CallOptions => ({
  prompt: [{ role: 'user', content: [{ type: 'text', text }] }],
})

const first = model('first', async () => {
  await setTimeout(DOWN_MS)
  throw new APICallError({ message: 'overloaded', url: '', requestBodyValues: {}, statusCode: 503, isRetryable: true })
})
const second = model('second', async () => {
  await setTimeout(SECOND_MS)
  return streamOf(partsOf(['Hello', ' world']))
})

/** How many are answered, and when the last one is, in ms. */
async function atOnce(subject: LanguageModelV4, count: number): Promise<{ answered: number; lastMs: number }> {
  const from = performance.now()
  let [answered, lastMs] = [0, 0]
  const one = async (): Promise<void> => {
    try {
      const { content } = await subject.doGenerate(ask('Hello?'))
      if (content[0]?.type !== 'text' || content[0].text !== 'Hello world') return
      answered += 1
      lastMs = performance.now() - from
    } catch {
      // It counts as not answered.
    }
  }
  await Promise.all(Array.from({ length: count }, one))
  return { answered, lastMs }
}

const shared: Readonly<Record<string, () => LanguageModelV4>> = {
  'the second model alone': () => second,
  failover: () => failover([first, second]),
  'ai-fallback': () => createFallback({ models: [first, second] }),
  'ai-retry': () => createRetryableModel({ model: first, retries: [second] }),
}

let lost = 0
const rows = []
for (const count of [50, 1_000]) {
  for (const make of Object.values(shared)) await atOnce(make(), count)
  for (const [name, make] of Object.entries(shared)) {
    const { answered, lastMs } = await atOnce(make(), count)
    if (name === 'failover') lost += count - answered
    rows.push({ 'at once': count, '': name, answered, 'the last after, ms': lastMs.toFixed(0) })
  }
}
console.table(rows)

const random = seededRandom(7)
const words = Array.from({ length: 30 }, (_, index) => `word${index} `)
const moody = (id: string): LanguageModelV4 =>
  model(id, async ({ prompt }) => {
    const question = /q\d+!/.exec(JSON.stringify(prompt))?.[0] ?? ''
    const parts = partsOf([`${id} to ${question} `, ...words])
    await setImmediate()
    return streamOf(parts, random() < FAILING ? Math.floor(random() * parts.length) : Infinity, 20)
  })
const all = failover([moody('a'), moody('b'), moody('c')], { choose: 'least-loaded' })

/** What came of one stream. */
async function outcomeOf(index: number): Promise<'whole' | 'error' | 'WRONG'> {
  const question = `q${index}!`
  const wholes = ['a', 'b', 'c'].map((id) => `${id} to ${question} ${words.join('')}`)
  let text = ''
  try {
    for await (const part of (await all.doStream(ask(question))).stream) {
      if (part.type === 'text-delta') text += part.delta
      if (part.type === 'error') return wholes.some((whole) => whole.startsWith(text)) ? 'error' : 'WRONG'
    }
    return wholes.includes(text) ? 'whole' : 'WRONG'
  } catch {
    return text === '' ? 'error' : 'WRONG'
  }
}

exposeCollector()
async function heapMiB(): Promise<number> {
  await setTimeout(50)
  ;(globalThis as { gc?: () => void }).gc?.()
  return process.memoryUsage().heapUsed / 1_048_576
}

const rounds = []
for (let round = 0; round < ROUNDS; round++) {
  const outcomes = await Promise.all(
    Array.from({ length: STREAMS }, async (_, index) => {
      // Not in step: or all that fail would fail before the first that does not.
      await setTimeout(random() * SPREAD_MS)
      return outcomeOf(index)
    }),
  )
  const count = (what: string): number => outcomes.filter((outcome) => outcome === what).length
  lost += count('WRONG')
  rounds.push({
    whole: count('whole'),
    error: count('error'),
    wrong: count('WRONG'),
    'heap after, MiB': (await heapMiB()).toFixed(2),
  })
}
console.table(rounds)
if (lost > 0) {
  console.error(`${lost} answers were lost or wrong`)
  process.exitCode = 1
}
