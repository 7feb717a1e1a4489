import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { HoldfastError, createEvents } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { AllTiersFailedError, provenanceOf, tierList } from '../src/index.ts'
import type { AiEvent } from '../src/index.ts'
import { ask, drain, finish, metadata, open, say, scripted, shut, start, whole } from './scripted-model.ts'
import type { Script } from './scripted-model.ts'

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

/** Every way an answer can fail before its first word. */
const failuresBeforeOutput: Record<string, Script> = {
  rejects: { reject: refused },
  'rejects with a plain object': { reject: { statusCode: 503, message: 'busy' } },
  'rejects with nothing': { reject: undefined },
  'sends an error right after stream-start': { steps: [start, { type: 'error', error: { type: 'overloaded_error' } }] },
  'sends an error after response-metadata': {
    steps: [start, metadata, open, { type: 'error', error: 'too_many_requests' }],
  },
  'sends a comment, an empty delta, and an error': {
    steps: [start, { type: 'ping' }, open, say(''), say(' \n'), { type: 'error', error: new Error('late') }],
  },
  'closes without a part': { steps: [] },
  'closes without a finish': { steps: [start, metadata, open, shut] },
  'finishes without output': { steps: [start, metadata, finish()] },
  'finishes with white space only': { steps: [start, open, say('\n'), say('  '), shut, finish()] },
  'finishes with reason error': { steps: [start, finish('error')] },
  'finishes with reason interrupted': { steps: [start, finish('interrupted')] },
  'finishes with reason other and no output': { steps: [start, finish('other')] },
  'breaks its stream': { steps: [start, metadata, { throw: refused }] },
}

/** Every way an answer can fail in its middle. */
const failuresAfterOutput: Record<string, Script> = {
  'sends an error part': { steps: [start, open, say('HALF '), { type: 'error', error: { message: 'x' } }] },
  'breaks its stream': { steps: [start, open, say('HALF '), { throw: refused }] },
  'closes without a finish': { steps: [start, open, say('HALF ')] },
  'finishes with reason error': { steps: [start, open, say('HALF '), shut, finish('error')] },
  'finishes with reason interrupted': { steps: [start, open, say('HALF '), shut, finish('interrupted')] },
}

describe('a tier list', () => {
  for (const [how, script] of Object.entries(failuresBeforeOutput)) {
    it(`serves the next tier, streaming, when the first one ${how}`, async () => {
      const clock = fakeClock()
      const first = scripted(clock, script)
      const list = tierList({
        name: 'desk',
        clock,
        tiers: [
          { name: 'a', model: first },
          { name: 'b', model: scripted(clock, whole('Hello ', 'world')) },
        ],
      })
      const { stream } = await list.doStream(ask())
      const { text, types, parts } = await drain(stream)
      expect(text).toBe('Hello world')
      expect(types.filter((type) => type === 'stream-start')).toHaveLength(1)
      expect(types.filter((type) => type === 'response-metadata')).toHaveLength(1)
      expect(types).not.toContain('error')
      expect(types.at(-1)).toBe('finish')
      const last = parts.at(-1)
      const provenance = provenanceOf(last?.type === 'finish' ? last.providerMetadata : undefined)
      expect(provenance).toMatchObject({ tier: 'b', degraded: true })
      expect(provenance?.attempts.map(({ tier, outcome }) => [tier, outcome])).toEqual([
        ['a', 'failed'],
        ['b', 'served'],
      ])
      expect(first.calls[0]?.ended).toBe(true)
    })
  }

  for (const [how, script] of Object.entries({ ...failuresBeforeOutput, ...failuresAfterOutput })) {
    it(`serves the next tier, generating, when the first one ${how}`, async () => {
      const clock = fakeClock()
      const list = tierList({
        name: 'desk',
        clock,
        tiers: [
          { name: 'a', model: scripted(clock, script) },
          { name: 'b', model: scripted(clock, whole('Hello ', 'world')) },
        ],
      })
      const result = await list.doGenerate(ask())
      expect(result.content).toEqual([{ type: 'text', text: 'Hello world' }])
      expect(provenanceOf(result.providerMetadata)).toMatchObject({ tier: 'b', degraded: true })
    })

    it(`hides it behind commit: complete when the first one ${how}`, async () => {
      const clock = fakeClock()
      const list = tierList({
        name: 'desk',
        clock,
        tiers: [
          { name: 'a', model: scripted(clock, script), commit: 'complete' },
          { name: 'b', model: scripted(clock, whole('Hello ', 'world')) },
        ],
      })
      const { text, types } = await drain((await list.doStream(ask())).stream)
      expect(text).toBe('Hello world')
      expect(types).toEqual([
        'stream-start',
        'response-metadata',
        'text-start',
        'text-delta',
        'text-delta',
        'text-end',
        'finish',
      ])
    })
  }

  for (const [how, script] of Object.entries(failuresAfterOutput)) {
    it(`ends in one error part and a finish with reason error, after the first word, when the tier ${how}`, async () => {
      const clock = fakeClock()
      const second = scripted(clock, whole('never'))
      const list = tierList({
        name: 'desk',
        clock,
        tiers: [
          { name: 'a', model: scripted(clock, script) },
          { name: 'b', model: second },
        ],
      })
      const { text, types, parts } = await drain((await list.doStream(ask())).stream)
      expect(text).toBe('HALF ')
      expect(types.slice(-2)).toEqual(['error', 'finish'])
      expect(types.filter((type) => type === 'error')).toHaveLength(1)
      expect(types.filter((type) => type === 'finish')).toHaveLength(1)
      expect(parts.at(-1)).toMatchObject({
        finishReason: { unified: 'error' },
        providerMetadata: { holdfast: { tier: 'a', attempts: [{ tier: 'a', outcome: 'failed' }] } },
      })
      const error = parts.at(-2)
      expect(HoldfastError.isInstance(error?.type === 'error' ? error.error : undefined)).toBe(true)
      expect(second.calls).toHaveLength(0)
    })
  }

  it('takes the first tier when it is well, and says so in metadata and headers', async () => {
    const clock = fakeClock()
    const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: scripted(clock, whole('Hi')) }] })
    const { stream, response } = await list.doStream(
      ask('Hello?', { providerOptions: { holdfast: { requestId: 'r-1' } } }),
    )
    expect(response?.headers).toEqual({
      'x-holdfast-request-id': 'r-1',
      'x-holdfast-tier': 'a',
      'x-holdfast-served-by': 'test:scripted',
      'x-holdfast-attempts': '1',
    })
    const { parts } = await drain(stream)
    expect(parts).toContainEqual(metadata)
    expect(parts.at(-1)).toMatchObject({
      providerMetadata: {
        holdfast: {
          requestId: 'r-1',
          assistant: 'desk',
          tier: 'a',
          servedBy: 'test:scripted',
          degraded: false,
          stale: false,
          hedged: false,
        },
      },
    })
  })

  it('gives every request an id of its own when the caller has none', async () => {
    const clock = fakeClock()
    const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: scripted(clock, whole('Hi')) }] })
    const [one, two] = await Promise.all([list.doGenerate(ask()), list.doGenerate(ask())])
    const ids = [one, two].map((result) => provenanceOf(result.providerMetadata)?.requestId)
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect(ids[0]).not.toBe(ids[1])
  })

  it('passes an answer over whose tier has run out of its time slice, and stops that tier', async () => {
    const clock = fakeClock()
    for (const script of [{ connect: 'hang' }, { steps: [start, metadata, 'hang'] }] satisfies Script[]) {
      const slow = scripted(clock, script)
      const list = tierList({
        name: 'desk',
        clock,
        tiers: [
          { name: 'a', model: slow, timeoutMs: 2_000 },
          { name: 'b', model: scripted(clock, whole('here')) },
        ],
      })
      const answer = list.doStream(ask())
      await clock.advance(1_999)
      expect(slow.calls[0]?.ended).toBe(false)
      await clock.advance(1)
      expect((await drain((await answer).stream)).text).toBe('here')
      expect(slow.calls[0]?.ended).toBe(true)
    }
  })

  it('asks the last tier even after the deadline, and passes over the ones between', async () => {
    const clock = fakeClock()
    // A clock that jumps, as after the machine has slept, is the only way past the reserves.
    let jumped = 0
    const jumping: Clock = {
      now: () => clock.now() + jumped,
      wallTime: () => clock.wallTime(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      schedule: (ms, callback) => clock.schedule(ms, callback),
    }
    const first = scripted(clock, { connect: 100, reject: refused })
    const between = scripted(clock, whole('too late'))
    const list = tierList({
      name: 'desk',
      clock: jumping,
      deadlineMs: 1_000,
      tiers: [
        { name: 'a', model: first },
        { name: 'b', model: between },
        { name: 'offline', model: scripted(clock, whole('offline')) },
      ],
    })
    const answer = list.doGenerate(ask())
    jumped = 5_000
    await clock.advance(100)
    const provenance = provenanceOf((await answer).providerMetadata)
    expect(provenance?.tier).toBe('offline')
    expect(provenance?.attempts[1]).toMatchObject({ tier: 'b', outcome: 'skipped', code: 'DEADLINE_EXCEEDED' })
    expect(between.calls).toHaveLength(0)
  })

  it('keeps a reserve of the deadline for the tiers that follow', async () => {
    const clock = fakeClock()
    const list = tierList({
      name: 'desk',
      clock,
      deadlineMs: 10_000,
      tiers: [
        { name: 'a', model: scripted(clock, { connect: 'hang' }) },
        { name: 'b', model: scripted(clock, { connect: 'hang' }) },
        { name: 'c', model: scripted(clock, { connect: 900, steps: whole('just in time').steps! }) },
      ],
    })
    const answer = list.doGenerate(ask())
    await clock.advance(10_000)
    const provenance = provenanceOf((await answer).providerMetadata)
    expect(provenance?.attempts.map(({ tier, durationMs }) => [tier, durationMs])).toEqual([
      ['a', 8_000],
      ['b', 1_000],
      ['c', 900],
    ])
  })

  it('counts a policy that refused as skipped, not as failed', async () => {
    const clock = fakeClock()
    const rejected = new HoldfastError({
      code: 'CIRCUIT_OPEN',
      category: 'rejected',
      message: 'open',
      retryable: false,
      mayHaveTakenEffect: false,
    })
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: scripted(clock, { reject: rejected }) },
        { name: 'b', model: scripted(clock, whole('b')) },
      ],
    })
    const { providerMetadata } = await list.doGenerate(ask())
    expect(provenanceOf(providerMetadata)?.attempts[0]).toMatchObject({
      outcome: 'skipped',
      code: 'CIRCUIT_OPEN',
      category: 'rejected',
      mayHaveTakenEffect: false,
    })
  })

  it('throws ALL_TIERS_FAILED with its attempts when nobody could answer', async () => {
    const clock = fakeClock()
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: scripted(clock, { reject: refused }) },
        { name: 'b', model: scripted(clock, { steps: [start, finish()] }) },
      ],
    })
    const error: unknown = await list.doStream(ask()).then(undefined, (reason: unknown) => reason)
    expect(error).toBeInstanceOf(AllTiersFailedError)
    expect(error).toMatchObject({
      code: 'ALL_TIERS_FAILED',
      category: 'exhausted',
      retryable: false,
      isRetryable: false,
      attempts: [
        { tier: 'a', outcome: 'failed', category: 'network', mayHaveTakenEffect: false },
        { tier: 'b', outcome: 'failed', code: 'EMPTY_ANSWER', mayHaveTakenEffect: true },
      ],
    })
  })

  it('tells later tiers what was tried before', async () => {
    const clock = fakeClock()
    const first = scripted(clock, { steps: [start, 'hang'] })
    const second = scripted(clock, whole('b'))
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: first, timeoutMs: 50 },
        { name: 'b', model: second },
      ],
    })
    const answer = list.doGenerate(ask('x', { providerOptions: { holdfast: { tenant: 't' }, openai: { user: 'u' } } }))
    await clock.advance(50)
    await answer
    expect(first.calls[0]?.options.providerOptions?.['holdfast']).not.toHaveProperty('priorAttempts')
    expect(second.calls[0]?.options.providerOptions).toMatchObject({
      openai: { user: 'u' },
      holdfast: {
        tenant: 't',
        priorAttempts: [{ tier: 'a', outcome: 'failed', code: 'TIER_TIMEOUT', mayHaveTakenEffect: true }],
      },
    })
  })

  it("folds the attempts of a list inside a tier into its own, under the tier's name", async () => {
    const clock = fakeClock()
    const direct = tierList({
      name: 'direct',
      clock,
      tiers: [
        { name: 'agent', model: scripted(clock, { reject: refused }) },
        { name: 'rules', model: scripted(clock, whole('by rule'), 'rules') },
      ],
    })
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'n8n', model: scripted(clock, { reject: refused }) },
        { name: 'direct', model: direct },
      ],
    })
    const { stream, response } = await list.doStream(ask())
    expect(response?.headers).toMatchObject({ 'x-holdfast-served-by': 'test:rules', 'x-holdfast-attempts': '4' })
    const last = (await drain(stream)).parts.at(-1)
    const provenance = provenanceOf(last?.type === 'finish' ? last.providerMetadata : undefined)
    expect(provenance).toMatchObject({ assistant: 'desk', tier: 'direct', servedBy: 'test:rules', degraded: true })
    expect(provenance?.attempts.map(({ tier, outcome }) => [tier, outcome])).toEqual([
      ['n8n', 'failed'],
      ['direct', 'served'],
      ['direct/agent', 'failed'],
      ['direct/rules', 'served'],
    ])
  })

  it('names the attempts of a list inside a tier that failed as a whole', async () => {
    const clock = fakeClock()
    const inner = tierList({
      name: 'inner',
      clock,
      tiers: [{ name: 'x', model: scripted(clock, { reject: refused }) }],
    })
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'direct', model: inner },
        { name: 'last', model: scripted(clock, whole('ok')) },
      ],
    })
    const provenance = provenanceOf((await list.doGenerate(ask())).providerMetadata)
    expect(provenance?.attempts.map(({ tier, code }) => [tier, code])).toEqual([
      ['direct', 'ALL_TIERS_FAILED'],
      ['direct/x', 'CONNECTION_REFUSED'],
      ['last', undefined],
    ])
    expect(provenance?.attempts[0]?.mayHaveTakenEffect).toBe(false)
  })

  it('fails an answer that falls silent in its middle', async () => {
    const clock = fakeClock()
    const silent = scripted(clock, { steps: [start, open, say('HALF '), { type: 'ping' }, 'hang'] })
    const list = tierList({ name: 'desk', clock, idleTimeoutMs: 500, tiers: [{ name: 'a', model: silent }] })
    const reading = drain((await list.doStream(ask())).stream)
    await clock.advance(2_000)
    const { types, parts } = await reading
    expect(types.slice(-2)).toEqual(['error', 'finish'])
    expect(parts.at(-2)).toMatchObject({ error: { code: 'IDLE_TIMEOUT', category: 'timeout' } })
    expect(silent.calls[0]?.ended).toBe(true)
  })

  it('does not take parts without output for the end of a silence, however often the reader waits', async () => {
    const clock = fakeClock()
    const dots = Array.from({ length: 9 }, () => [{ wait: 200 } as const, { type: 'ping' } as const]).flat()
    const model = scripted(clock, { steps: [start, open, say('HALF '), ...dots, shut, finish()] })
    const list = tierList({ name: 'desk', clock, idleTimeoutMs: 500, tiers: [{ name: 'a', model }] })
    const reading = drain((await list.doStream(ask())).stream)
    await clock.advance(500)
    const { parts } = await reading
    expect(parts.at(-2)).toMatchObject({ error: { code: 'IDLE_TIMEOUT' } })
  })

  it("lets a reader take its time, which is not the tier's silence", async () => {
    const clock = fakeClock()
    const list = tierList({
      name: 'desk',
      clock,
      idleTimeoutMs: 500,
      tiers: [{ name: 'a', model: scripted(clock, whole('one ', 'two ', 'three')) }],
    })
    const reader = (await list.doStream(ask())).stream.getReader()
    const parts: LanguageModelV4StreamPart[] = []
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
      await clock.advance(5_000)
    }
    const words = ['text-start', 'text-delta', 'text-delta', 'text-delta', 'text-end']
    expect(parts.map(({ type }) => type)).toEqual(['stream-start', 'response-metadata', ...words, 'finish'])
    expect(clock.pending).toBe(0)
  })

  it('fails a held answer that is larger than it may hold', async () => {
    const clock = fakeClock()
    const list = tierList({
      name: 'desk',
      clock,
      maxHeldBytes: 1_024,
      tiers: [
        { name: 'a', commit: 'complete', model: scripted(clock, whole('x'.repeat(2_000))) },
        { name: 'b', model: scripted(clock, whole('small')) },
      ],
    })
    const { parts, text } = await drain((await list.doStream(ask())).stream)
    expect(text).toBe('small')
    expect(parts.at(-1)).toMatchObject({
      providerMetadata: { holdfast: { attempts: [{ code: 'ANSWER_TOO_LARGE' }, {}] } },
    })
  })

  it('tells the story of a request in events', async () => {
    const clock = fakeClock()
    const events = createEvents<AiEvent>()
    const seen: AiEvent[] = []
    events.on((event) => seen.push(event))
    const list = tierList({
      name: 'desk',
      clock,
      events,
      tiers: [
        { name: 'a', model: scripted(clock, { reject: refused }) },
        { name: 'b', model: scripted(clock, whole('b')) },
      ],
    })
    await list.doGenerate(ask('x', { providerOptions: { holdfast: { requestId: 'r', tenant: 't' } } }))
    expect(seen.map((event) => event.type)).toEqual(['answer-started', 'tier-failed', 'tier-served', 'answer-served'])
    for (const event of seen) expect(event).toMatchObject({ assistant: 'desk', requestId: 'r', tenant: 't' })
  })

  it('serves a thousand requests at once on one instance, first tier down, and crosses none', async () => {
    const clock = fakeClock()
    const echo = scripted(clock, whole('unused'))
    echo.doStream = async (options) => {
      const turn = options.prompt.at(-1)?.content[0]
      const said = typeof turn === 'object' && turn.type === 'text' ? turn.text : '?'
      const { steps = [] } = whole('you said ', said)
      return {
        stream: new ReadableStream({
          start(controller) {
            for (const step of steps) if (typeof step === 'object' && 'type' in step) controller.enqueue(step)
            controller.close()
          },
        }),
      }
    }
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: scripted(clock, { reject: refused }) },
        { name: 'b', model: echo },
      ],
    })
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, async (_, index) => {
        const options = ask(`number ${index}`, { providerOptions: { holdfast: { requestId: `r-${index}` } } })
        const { parts, text } = await drain((await list.doStream(options)).stream)
        const last = parts.at(-1)
        return { text, provenance: provenanceOf(last?.type === 'finish' ? last.providerMetadata : undefined) }
      }),
    )
    for (const [index, { text, provenance }] of answers.entries()) {
      expect(text).toBe(`you said number ${index}`)
      expect(provenance).toMatchObject({ requestId: `r-${index}`, tier: 'b' })
      expect(provenance?.attempts).toHaveLength(2)
    }
  })
})
