import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { failover, offlineTier, provenanceOf, tierList } from '../../src/index.ts'
import type { FailoverOptions } from '../../src/index.ts'
import { lastWord } from '../../src/last-word/index.ts'
import { createIntents, staticTier, templateTier } from '../../src/replies/index.ts'
import { ask, drain, open, say, scripted, start, whole } from '../scripted-model.ts'
import type { Script } from '../scripted-model.ts'
import { apiError, bench, rejection, stream } from './models.ts'

const booked: readonly LanguageModelV4StreamPart[] = [
  { type: 'tool-call', toolCallId: 'srv-1', toolName: 'book', input: '{}', providerExecuted: true, dynamic: true },
  { type: 'tool-result', toolCallId: 'srv-1', toolName: 'book', result: { booked: true } },
]
const fault = { type: 'error', error: apiError(500) } as const
const books: Script = { steps: [start, ...booked, fault] }
const booksLate: Script = { steps: [start, open, say('Booked: '), ...booked, { throw: new Error('socket') }] }

describe('a tool that the provider has run itself', () => {
  it('is not run again: nobody else is asked, nor the same again, and the error says so', async () => {
    for (const options of [{}, { maxRetries: 2 }, { commit: 'complete' }] satisfies FailoverOptions[]) {
      const it = bench([books, whole('Booked again.')], options)
      const error = await rejection(stream(it))
      expect(error).toMatchObject({
        name: 'RequestRefusedError',
        code: 'TOOL_HAS_RUN',
        category: 'server',
        isRetryable: false,
        mayHaveTakenEffect: true,
        attempts: [{ tier: 'a', outcome: 'failed', code: 'HTTP_500' }],
      })
      expect((error as Error).message).toContain('HTTP_500')
      expect(it.models.map(({ calls }) => calls.length)).toEqual([1, 0])
    }
  })

  it('is not run again when its answer falls silent or takes too long', async () => {
    for (const end of ['hang', { throw: new Error('socket') }] as const) {
      const it = bench([{ steps: [start, ...booked, end] }, whole('Booked again.')])
      expect(await rejection(stream(it))).toMatchObject({ code: 'TOOL_HAS_RUN' })
      expect(it.models[1]?.calls).toHaveLength(0)
    }
  })

  it('is run again where an option allows it, for all requests or for this one', async () => {
    for (const safeToRepeat of [true, () => true]) {
      expect(await stream(bench([books, whole('Found.')], { safeToRepeat }))).toMatchObject({ text: 'Found.' })
    }
    const it = bench([books, whole('Found.')], {
      safeToRepeat: () => {
        throw new Error('x')
      },
    })
    expect(await rejection(stream(it))).toMatchObject({ code: 'TOOL_HAS_RUN' })
  })

  it('is not run again to restart an answer that has broken off', async () => {
    for (const onMidStream of ['restart', 'continue-or-restart'] as const) {
      const it = bench([booksLate, whole('Booked again.')], { onMidStream })
      expect(await stream(it)).toMatchObject({ text: 'Booked: ', error: { code: 'TOOL_HAS_RUN' }, finish: 'error' })
      expect(it.models[1]?.calls).toHaveLength(0)
    }
  })

  it('is not run by a third when it was run by who was to continue an answer', async () => {
    const first: Script = { steps: [start, open, say('Half an answer '), { throw: new Error('socket') }] }
    const it = bench([first, books, whole('Booked again.')], { onMidStream: 'continue-or-restart' })
    expect(await stream(it)).toMatchObject({ text: 'Half an answer ', finish: 'error' })
    expect(it.models.map(({ calls }) => calls.length)).toEqual([1, 1, 0])
  })

  it('leaves a list of tiers only its last resorts', async () => {
    const clock = fakeClock()
    const substitute = scripted(clock, whole('Booked again.'), 'b')
    const inner = failover([scripted(clock, books, 'a'), scripted(clock, whole('no'), 'a2')], { clock })
    for (const model of [inner, scripted(clock, books, 'a')]) {
      const tiers = [
        { name: 'a', model },
        { name: 'b', model: substitute },
      ]
      const notice = { name: 'notice', model: scripted(clock, whole('We call you.'), 'n'), lastResortAfterMs: 1_000 }
      const list = tierList({ name: 'desk', clock, tiers: [...tiers, notice] })
      expect(await drain((await list.doStream(ask())).stream)).toMatchObject({ text: 'We call you.' })
      const bare = tierList({ name: 'desk', clock, tiers })
      expect(await rejection(bare.doStream(ask()))).toMatchObject({ code: 'TOOL_HAS_RUN' })
      expect(substitute.calls).toHaveLength(0)
    }
  })

  it('leaves a list its tiers of ready texts, though they are not marked as last resorts', async () => {
    const clock = fakeClock()
    const contact = { name: 'the desk', phone: '+1 555 0100' }
    const ready = [
      templateTier({ intents: createIntents(), contact }),
      staticTier({ contact }),
      offlineTier({ contact }),
      lastWord(contact) as LanguageModelV4,
    ]
    for (const words of ready) {
      const tiers = [scripted(clock, books, 'a'), scripted(clock, whole('Booked again.'), 'b'), words].map(
        (model, index) => ({ name: 'abc'[index]!, model }),
      )
      const list = tierList({ name: 'desk', clock, tiers })
      const { content, providerMetadata } = await list.doGenerate(ask('How much is an antivirus?'))
      expect(content).toMatchObject([{ type: 'text' }])
      expect(provenanceOf(providerMetadata)).toMatchObject({ tier: 'c', attempts: [{ tier: 'a' }, { tier: 'c' }] })
    }
    const impostor = tierList({
      name: 'offline',
      clock,
      tiers: [{ name: 'x', model: scripted(clock, whole('Booked again.')) }],
    })
    const tiers = [
      { name: 'a', model: scripted(clock, books, 'a') },
      { name: 'b', model: impostor },
    ]
    expect(await rejection(tierList({ name: 'desk', clock, tiers }).doStream(ask()))).toMatchObject({
      code: 'TOOL_HAS_RUN',
    })
  })

  it('is no reason to keep a request without one from the next model', async () => {
    const failed: Script = { steps: [start, { ...booked[0]!, providerExecuted: false } as never, fault] }
    const tools = [{ type: 'function', name: 'book', inputSchema: { type: 'object' } }] as const
    expect(await stream(bench([failed, whole('Yes.')]), ask('x', { tools: [...tools] }))).toMatchObject({
      text: 'Yes.',
    })
  })
})
