import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { fakeClock, seededRandom } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { failover, provenanceOf } from '../../src/index.ts'
import type { Provenance } from '../../src/index.ts'
import { ask, finish, open, say, shut, start } from '../scripted-model.ts'
import { apiError } from './models.ts'

const STREAMS = 1_000
const FAILING = 0.3
const NAMES = ['a', 'b', 'c'] as const

/** Names the one who is asked in the middle of his answer, so that a part of it that came to another could be seen. */
const answerTo = (name: string, question: string): readonly string[] => [
  `${name} `,
  'to ',
  `${question} `,
  'says ',
  `${question} `,
  'is ',
  'well',
]

/** What one stream has given. */
interface Outcome {
  readonly question: string
  readonly text: string
  readonly end: 'whole' | 'broken off' | 'error'
  readonly starts: number
  readonly provenance: Provenance | undefined
}

/** Three models of which each fails in 30 of 100 answers, before, in the middle or at the end, and all that happens to them. */
function crowd(seed: number) {
  const clock = fakeClock()
  const random = seededRandom(seed)
  const seen = { attempts: 0, open: 0, failed: 0 }

  function streamOf(parts: readonly LanguageModelV4StreamPart[], failsAt: number): ReadableStream {
    let next = 0
    return new ReadableStream<LanguageModelV4StreamPart>(
      {
        async pull(controller) {
          if (next % 4 === 3) await clock.sleep(Math.floor(random() * 20))
          const part = parts[next++]
          if (part !== undefined && next <= failsAt) {
            controller.enqueue(part)
            return
          }
          seen.open -= 1
          if (part === undefined) controller.close()
          else throw new Error('socket hang up')
        },
        cancel: () => void (seen.open -= 1),
      },
      { highWaterMark: 0 },
    )
  }

  const models = NAMES.map((name): LanguageModelV4 => ({
    specificationVersion: 'v4',
    provider: 'test',
    modelId: name,
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('not asked')),
    async doStream({ prompt }: LanguageModelV4CallOptions) {
      seen.attempts += 1
      const question = /q\d+!/.exec(JSON.stringify(prompt))![0]
      const parts = [start, open, ...answerTo(name, question).map(say), shut, finish()]
      await clock.sleep(Math.floor(random() * 10))
      const fails = random() < FAILING
      seen.failed += fails ? 1 : 0
      if (fails && random() < 0.3) throw apiError(503)
      seen.open += 1
      return { stream: streamOf(parts, fails ? Math.floor(random() * parts.length) : Infinity) }
    },
  }))
  const model = failover(models, { clock, random, choose: 'least-loaded' })

  async function one(index: number): Promise<Outcome> {
    const question = `q${index}!`
    const seenHere = { text: '', starts: 0, isBroken: false, provenance: undefined as Provenance | undefined }
    await clock.sleep(Math.floor(random() * 500))
    try {
      for await (const part of (await model.doStream(ask(question))).stream) {
        if (part.type === 'stream-start') seenHere.starts += 1
        if (part.type === 'text-delta') seenHere.text += part.delta
        if (part.type === 'error') seenHere.isBroken = true
        if (part.type === 'finish') seenHere.provenance = provenanceOf(part.providerMetadata)
      }
      const { isBroken, ...rest } = seenHere
      return { question, end: isBroken ? 'broken off' : 'whole', ...rest }
    } catch {
      return { question, end: 'error', text: seenHere.text, starts: seenHere.starts, provenance: undefined }
    }
  }

  return {
    clock,
    seen,
    async round(): Promise<readonly Outcome[]> {
      const all = Promise.all(Array.from({ length: STREAMS }, (_, index) => one(index)))
      await clock.advance(5_000)
      return all
    },
  }
}

describe('a thousand streams at once, of which 30 of 100 attempts fail', () => {
  it('are each one whole answer of one model, or its beginning and an error; none is crossed with another, none doubled', async () => {
    const { round, seen, clock } = crowd(7)
    const outcomes = await round()
    for (const { question, text, end, starts, provenance } of outcomes) {
      const wholes = NAMES.map((name) => answerTo(name, question).join(''))
      if (end === 'whole') expect(wholes).toContain(text)
      else expect(wholes.some((whole) => whole.startsWith(text))).toBe(true)
      if (end === 'error') expect([text, starts]).toEqual(['', 0])
      else expect(starts).toBe(1)
      if (end === 'whole') expect(text.startsWith(`${provenance?.attempts.at(-1)?.modelId} `)).toBe(true)
      // Nobody is asked twice for one of them.
      const asked = provenance?.attempts.filter(({ outcome }) => outcome !== 'skipped').map(({ tier }) => tier) ?? []
      expect(new Set(asked).size).toBe(asked.length)
    }
    // Most have their answer; only who had begun to read can have it broken off.
    expect(outcomes.filter(({ end }) => end === 'whole').length).toBeGreaterThan(STREAMS * 0.7)
    expect(seen.failed).toBeGreaterThan(STREAMS * 0.25)
    expect(seen.attempts).toBeLessThanOrEqual(STREAMS * (1 + FAILING) * 1.1)
    expect([seen.open, clock.pending]).toEqual([0, 0])
  })

  it('leave nothing behind: the heap is what it was', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { round, seen, clock } = crowd(8)
    const heapAfter = async (): Promise<number> => {
      await round()
      await new Promise((resolve) => setImmediate(resolve))
      collect()
      return process.memoryUsage().heapUsed
    }
    await heapAfter()
    const before = await heapAfter()
    const grown = (await heapAfter()) - before
    // Not even a hundred bytes of each.
    expect(grown).toBeLessThan(STREAMS * 100)
    expect([seen.open, clock.pending]).toEqual([0, 0])
  }, 60_000)
})
