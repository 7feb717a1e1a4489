import type { LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { APICallError } from '@ai-sdk/provider'
import { createEvents, createIntegration } from '@holdfast/core'
import type { AttemptFailed, CoreEvent, IntegrationOptions } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { streamText } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { guarded, provenanceOf, tierList } from '../src/index.ts'
import { ask, call, drain, finish, metadata, open, say, scripted, shut, start, whole } from './scripted-model.ts'
import type { Script } from './scripted-model.ts'

function setUp(script: Script | readonly Script[], options: Partial<IntegrationOptions> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const seen: CoreEvent[] = []
  events.on((event) => seen.push(event))
  const integration = createIntegration({ name: 'llm', clock, events, retry: { maxRetries: 0 }, ...options })
  const model = scripted(clock, script)
  const failures = (): AttemptFailed[] => seen.filter((event) => event.type === 'attempt-failed')
  return { clock, integration, model, seen, failures, guarded: guarded(model, integration) }
}

describe('a guarded model', () => {
  it('passes a good answer through as it is, and counts it as a success', async () => {
    const { guarded: model, integration, clock } = setUp(whole('Hello ', 'world'))
    const { parts, text } = await drain((await model.doStream(ask())).stream)
    expect(text).toBe('Hello world')
    expect(parts).toEqual(whole('Hello ', 'world').steps)
    await clock.settle()
    expect(integration.snapshot().totals).toMatchObject({ succeeded: 1, failed: 0 })
  })

  it('takes a tool call for output', async () => {
    const { guarded: model } = setUp({ steps: [start, ...call('book', {}), finish('tool-calls')] })
    expect((await drain((await model.doStream(ask())).stream)).types).toContain('tool-call')
  })

  const failing: Record<string, [Script, string]> = {
    rejects: [{ reject: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }, 'CONNECTION_REFUSED'],
    'sends an error part': [{ steps: [start, metadata, { type: 'error', error: { statusCode: 529 } }] }, 'HTTP_529'],
    'finishes with reason error': [{ steps: [start, finish('error')] }, 'FINISHED_WITH_ERROR'],
    'is interrupted': [{ steps: [start, finish('interrupted')] }, 'STREAM_INCOMPLETE'],
    'finishes without output': [{ steps: [start, open, shut, finish()] }, 'EMPTY_ANSWER'],
    'closes without a finish': [{ steps: [start, open] }, 'STREAM_INCOMPLETE'],
  }
  for (const [how, [script, code]] of Object.entries(failing)) {
    it(`rejects and counts a failure when the model ${how}`, async () => {
      const { guarded: model, failures } = setUp(script)
      await expect(model.doStream(ask())).rejects.toMatchObject({ name: 'HoldfastError', code })
      expect(failures()).toMatchObject([{ code, outcome: 'failure' }])
    })
  }

  it('retries up to the first output, if the call may be made twice', async () => {
    const scripts = [{ steps: [start, metadata, { type: 'error', error: new Error('x') }] }, whole('second')] as const
    const { clock, integration, model: raw } = setUp(scripts, { retry: { maxRetries: 1, jitter: 'none' } })
    const model = guarded(raw, integration, { idempotent: true })
    const answer = model.doStream(ask())
    await clock.advance(1_000)
    expect((await drain((await answer).stream)).text).toBe('second')
    const never = guarded(scripted(clock, scripts), integration, { idempotent: () => false })
    await expect(never.doStream(ask())).rejects.toMatchObject({ name: 'HoldfastError' })
  })

  it('does not take an earlier attempt for output of a later one', async () => {
    const {
      clock,
      integration,
      model: raw,
      failures,
    } = setUp(
      [{ steps: [start, ...call('t', {}).slice(0, 1), { throw: new Error('x') }] }, { steps: [start, finish()] }],
      { retry: { maxRetries: 1, jitter: 'none' } },
    )
    const answer = guarded(raw, integration, { idempotent: true }).doStream(ask())
    const rejected = expect(answer).rejects.toMatchObject({ code: 'EMPTY_ANSWER' })
    await clock.advance(1_000)
    await rejected
    expect(failures()).toHaveLength(2)
  })

  it('tells the headers of the attempt that answers, though an earlier one opens its stream late', async () => {
    const { clock, integration } = setUp(whole(), { attemptTimeoutMs: 100, retry: { maxRetries: 1, backoffMs: 0 } })
    let asked = 0
    const deaf = new MockLanguageModelV4({
      doStream: async (options) => {
        const attempt = (asked += 1)
        if (attempt === 1) await clock.sleep(150)
        const script =
          attempt === 1 ? whole('late') : { steps: [start, { wait: 80 }, open, say('good'), shut, finish()] }
        const { stream } = await scripted(clock, script).doStream(options)
        return { stream, response: { headers: { 'x-attempt': String(attempt) } } }
      },
    })
    const answer = guarded(deaf, integration, { idempotent: true }).doStream(ask())
    await clock.advance(1_000)
    const { stream, response } = await answer
    expect((await drain(stream)).text).toBe('good')
    expect(response?.headers).toEqual({ 'x-attempt': '2' })
  })

  it('ends the stream with an error when it breaks off later, and counts that', async () => {
    const { guarded: model, failures } = setUp({ steps: [start, open, say('HALF '), { throw: new Error('cut') }] })
    const { stream } = await model.doStream(ask())
    await expect(drain(stream)).rejects.toMatchObject({ name: 'HoldfastError' })
    expect(failures()).toMatchObject([{ outcome: 'failure' }])
  })

  it('is seen to break off by streamText, too', async () => {
    const { guarded: model } = setUp({ steps: [start, open, say('HALF '), { throw: new Error('cut') }] })
    const read = async (): Promise<void> => {
      for await (const part of streamText({ model, prompt: 'x', onError: () => undefined }).stream) {
        if (part.type === 'error') throw part.error
      }
    }
    await expect(read()).rejects.toMatchObject({ name: 'HoldfastError' })
  })

  it('gives a caller that gave up its own reason, which is no failure of the model', async () => {
    const { guarded: model, clock, model: raw, failures } = setUp({ connect: 'hang' })
    const caller = new AbortController()
    const answer = expect(model.doStream(ask('x', { abortSignal: caller.signal }))).rejects.toBe('gone')
    await clock.advance(10)
    caller.abort('gone')
    await answer
    expect(raw.calls[0]?.ended).toBe(true)
    expect(failures()).toMatchObject([{ outcome: 'ignored' }])
  })

  it('checks what doGenerate returns in the same way', async () => {
    const clock = fakeClock()
    const integration = createIntegration({ name: 'llm', clock, retry: { maxRetries: 0 } })
    const good: LanguageModelV4GenerateResult = {
      content: [{ type: 'text', text: 'Hello' }],
      finishReason: { unified: 'stop', raw: undefined },
      usage: { inputTokens: {} as never, outputTokens: {} as never },
      warnings: [],
    }
    const results = [
      good,
      { ...good, content: [] },
      { ...good, content: [{ type: 'text' as const, text: ' ' }] },
      { ...good, finishReason: { unified: 'error' as const, raw: undefined } },
    ]
    const model = guarded(new MockLanguageModelV4({ doGenerate: results }), integration)
    expect(await model.doGenerate(ask())).toBe(good)
    await expect(model.doGenerate(ask())).rejects.toMatchObject({ code: 'EMPTY_ANSWER' })
    await expect(model.doGenerate(ask())).rejects.toMatchObject({ code: 'EMPTY_ANSWER' })
    await expect(model.doGenerate(ask())).rejects.toMatchObject({ code: 'FINISHED_WITH_ERROR' })
  })

  it('classifies what the AI SDK throws, without its text', async () => {
    const error = new APICallError({
      message: 'key sk-secret is out of tokens',
      url: 'https://example.com',
      requestBodyValues: {},
      statusCode: 429,
      responseHeaders: { 'retry-after': '7' },
    })
    const { guarded: model } = setUp({ reject: error })
    const thrown: unknown = await model.doStream(ask()).then(undefined, (reason: unknown) => reason)
    expect(thrown).toMatchObject({ category: 'rate-limit', retryAfterMs: 7_000, status: 429 })
    expect(JSON.stringify(thrown)).not.toContain('secret')
  })

  it('hands the request id to the integration', async () => {
    const { guarded: model, seen } = setUp(whole('x'))
    await model.doStream(ask('x', { providerOptions: { holdfast: { requestId: 'r-9' } } }))
    expect(seen[0]).toMatchObject({ type: 'call-started', requestId: 'r-9' })
  })
})

describe('guarded models in a tier list', () => {
  it('open their circuit when they are overtaken again and again, and are then skipped at once', async () => {
    const {
      clock,
      guarded: hanging,
      model: raw,
      integration,
    } = setUp(
      { connect: 'hang' },
      { breaker: { minimumCalls: 5, openJitter: 0 }, attemptTimeoutMs: 60_000, deadlineMs: 60_000 },
    )
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'n8n', model: hanging, commit: 'complete', hedgeAfterMs: 1_500, safeToRepeat: true, timeoutMs: 15_000 },
        { name: 'direct', model: scripted(clock, whole('direct')) },
      ],
    })
    for (let count = 0; count < 5; count += 1) {
      const answer = list.doGenerate(ask())
      await clock.advance(1_500)
      await answer
    }
    await clock.settle()
    expect(integration.circuit.state).toBe('open')
    const { providerMetadata } = await list.doGenerate(ask())
    expect(provenanceOf(providerMetadata)).toMatchObject({
      tier: 'direct',
      durationMs: 0,
      attempts: [
        { tier: 'n8n', outcome: 'skipped', code: 'CIRCUIT_OPEN' },
        { tier: 'direct', outcome: 'served' },
      ],
    })
    expect(raw.calls).toHaveLength(5)
    expect(raw.calls.every((one) => one.ended)).toBe(true)
  })

  it('open their circuit when they use up their time slice again and again', async () => {
    const {
      clock,
      guarded: hanging,
      integration,
    } = setUp({ connect: 'hang' }, { breaker: { minimumCalls: 5 }, attemptTimeoutMs: 60_000, deadlineMs: 60_000 })
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'n8n', model: hanging, timeoutMs: 2_000 },
        { name: 'direct', model: scripted(clock, whole('direct')) },
      ],
    })
    for (let count = 0; count < 5; count += 1) {
      const answer = list.doGenerate(ask())
      await clock.advance(2_000)
      await answer
    }
    await clock.settle()
    expect(integration.circuit.state).toBe('open')
  })

  it('open their circuit as well when they only drip, and never come to the end of their answer in time', async () => {
    const drops = Array.from({ length: 9 }, () => [say('drop '), { wait: 1_000 } as const]).flat()
    const { clock, guarded: dripping, integration } = setUp({ steps: [start, open, ...drops, 'hang'] })
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'n8n', model: dripping, commit: 'complete', timeoutMs: 5_000 },
        { name: 'direct', model: scripted(clock, whole('direct')) },
      ],
    })
    for (let count = 0; count < 5; count += 1) {
      const answer = list.doGenerate(ask())
      await clock.advance(5_000)
      await answer
    }
    await clock.settle()
    expect(integration.circuit.state).toBe('open')
  })

  it('are counted as well when their answer was whole and read to its finish', async () => {
    const { clock, guarded: model, integration } = setUp(whole('Hello'))
    const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model }] })
    await drain((await list.doStream(ask())).stream)
    await list.doGenerate(ask())
    await clock.settle()
    expect(integration.snapshot().totals).toMatchObject({ succeeded: 2, failed: 0 })
    expect(clock.pending).toBe(0)
  })
})
