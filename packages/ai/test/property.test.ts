import fc from 'fast-check'
import { fakeClock } from '@holdfast/core/testing'
import { expect, it } from 'vitest'
import { AllTiersFailedError, provenanceOf, tierList } from '../src/index.ts'
import { ask, call, drain, finish, metadata, open, say, scripted, shut, start } from './scripted-model.ts'
import type { Script, Step } from './scripted-model.ts'

const pieces = 3

/** What a tier called `name` says when it says all of it. */
function answerOf(name: string): string {
  return Array.from({ length: pieces }, (_, index) => `${name}${index} `).join('')
}

const failure = fc.constantFrom<Step | 'close'>(
  { type: 'error', error: new Error('in band') },
  { throw: new Error('socket') },
  finish('error'),
  finish('interrupted'),
  'close',
  'hang',
)

/** How a tier behaves: how long it waits, after how many steps it fails (if it does), and how. */
const behaviour = fc.record({
  connect: fc.oneof(fc.constantFrom<number | 'hang'>(0, 0, 0, 50, 500, 3_000, 'hang'), fc.nat(800)),
  rejects: fc.constantFrom(true, false, false, false, false),
  failsAfter: fc.option(fc.integer({ min: 0, max: 14 }), { nil: undefined, freq: 2 }),
  failure,
  pauseMs: fc.constantFrom(0, 0, 100, 700),
  tool: fc.boolean(),
  commit: fc.constantFrom('first-output' as const, 'complete' as const),
  hedgeAfterMs: fc.constantFrom(undefined, 0, 100, 1_000),
  timeoutMs: fc.constantFrom(undefined, 400, 2_000, 10_000),
  lastResortAfterMs: fc.constantFrom(undefined, undefined, 300, 1_500, 60_000),
})

type Behaviour = typeof behaviour extends fc.Arbitrary<infer Value> ? Value : never

function scriptOf(name: string, is: Behaviour): Script {
  if (is.rejects) return { connect: is.connect, reject: new Error('down') }
  const steps: Step[] = [start, metadata, open]
  for (let index = 0; index < pieces; index += 1) {
    if (is.pauseMs > 0) steps.push({ wait: is.pauseMs })
    steps.push(say(`${name}${index} `))
  }
  steps.push(shut, ...(is.tool ? call('book', {}, `call-${name}`) : []), finish(is.tool ? 'tool-calls' : 'stop'))
  if (is.failsAfter !== undefined) {
    steps.splice(is.failsAfter)
    if (is.failure !== 'close') steps.push(is.failure)
  }
  return { connect: is.connect, steps }
}

it("delivers exactly one tier's whole answer, or ends in an error, whatever fails and when", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(behaviour, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (behaviours, generates) => {
        const clock = fakeClock()
        const names = behaviours.map((_, index) => 'abcd'[index]!)
        const models = behaviours.map((is, index) => scripted(clock, scriptOf(names[index]!, is)))
        const list = tierList({
          name: 'desk',
          clock,
          deadlineMs: 8_000,
          idleTimeoutMs: 1_000,
          tiers: behaviours.map(({ commit, hedgeAfterMs, timeoutMs, lastResortAfterMs }, index) => ({
            name: names[index]!,
            model: models[index]!,
            commit,
            safeToRepeat: true,
            ...(hedgeAfterMs === undefined ? {} : { hedgeAfterMs }),
            ...(timeoutMs === undefined ? {} : { timeoutMs }),
            ...(lastResortAfterMs === undefined ? {} : { lastResortAfterMs }),
          })),
        })
        const outcome = generates
          ? list.doGenerate(ask()).then(
              (result) => ({
                kind: 'whole' as const,
                text: result.content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
                tools: result.content.flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : [])),
                provenance: provenanceOf(result.providerMetadata),
              }),
              (error: unknown) => ({ kind: 'exhausted' as const, error }),
            )
          : list.doStream(ask()).then(
              async ({ stream }) => {
                const { text, types, parts } = await drain(stream)
                const last = parts.at(-1)
                if (last?.type !== 'finish') throw new Error(`ends with ${last?.type}`)
                expect(types.filter((type) => type === 'stream-start')).toEqual(['stream-start'])
                expect(types[0]).toBe('stream-start')
                expect(types.filter((type) => type === 'finish')).toEqual(['finish'])
                const broke = types.includes('error')
                expect(broke).toBe(last.finishReason.unified === 'error')
                return {
                  kind: broke ? ('broken' as const) : ('whole' as const),
                  text,
                  tools: parts.flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : [])),
                  provenance: provenanceOf(last.providerMetadata),
                }
              },
              (error: unknown) => ({ kind: 'exhausted' as const, error }),
            )
        await clock.advance(60_000)
        const seen = await outcome
        if (seen.kind === 'exhausted') {
          expect(seen.error).toBeInstanceOf(AllTiersFailedError)
        } else {
          const tier = seen.provenance?.tier ?? '?'
          // The deadline, and the second that the last tier has in any case.
          expect(seen.provenance?.firstOutputMs).toBeLessThanOrEqual(9_000)
          if (generates) expect(seen.provenance?.durationMs).toBeLessThanOrEqual(9_000)
          if (seen.kind === 'whole') {
            expect(seen.text).toBe(answerOf(tier))
            expect(seen.tools).toEqual(behaviours[names.indexOf(tier)]!.tool ? [`call-${tier}`] : [])
          } else {
            expect(answerOf(tier).startsWith(seen.text)).toBe(true)
            expect(seen.tools).toEqual([])
          }
          expect(seen.provenance?.attempts.filter((attempt) => attempt.outcome === 'served')).toHaveLength(
            seen.kind === 'whole' ? 1 : 0,
          )
        }
        // Nothing goes on behind the reader's back, and no timer waits for anything.
        expect(models.flatMap((model) => model.calls).every((one) => one.ended)).toBe(true)
        expect(clock.pending).toBe(0)
      },
    ),
    { numRuns: 1_000 },
  )
}, 60_000)
