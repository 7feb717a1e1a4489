import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { languageModel } from '@holdfast/connectors/llm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type FaultOptions, type Sandbox } from '../src/index.ts'
import { until } from './call.ts'

const QUESTION: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
}

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ settings: { partDelayMs: 0, now: '2026-11-23T15:00:00Z' } })
})
afterAll(async () => {
  await sandbox.close()
})
afterEach(async () => {
  await sandbox.faults.clear()
  sandbox.clearRequests()
})

describe.each([
  { service: 'anthropic', provider: 'anthropic', id: 'claude-sonnet-4-5' },
  { service: 'llm', provider: 'openai', id: 'gpt-5-mini' },
] as const)('a model of $provider', ({ service, provider, id }) => {
  const model = (): LanguageModelV4 =>
    languageModel({ provider, model: id, apiKey: 'sandbox-key', baseUrl: sandbox.services[service].url })
  const set = (fault: FaultOptions): Promise<void> => sandbox.faults.set(service, fault)

  const whole = (signal?: AbortSignal): Promise<unknown> =>
    Promise.resolve(model().doGenerate({ ...QUESTION, ...(signal === undefined ? {} : { abortSignal: signal }) })).then(
      ({ content }) => content,
      (error: unknown) => error,
    )

  /** What a streamed answer said before its end, and the end: its `finish`, or its error. */
  const streamed = async (): Promise<{ text: string; end: unknown }> => {
    const seen: LanguageModelV4StreamPart[] = []
    const text = (): string => seen.flatMap((part) => (part.type === 'text-delta' ? [part.delta] : [])).join('')
    try {
      for await (const part of (await model().doStream(QUESTION)).stream) seen.push(part)
    } catch (error) {
      return { text: text(), end: error }
    }
    const last = seen.at(-1)
    return { text: text(), end: last?.type === 'error' ? last.error : last?.type }
  }

  it('answers, whole and streamed', async () => {
    expect(await whole()).toMatchObject([{ type: 'text', text: expect.stringMatching(/^Hello!/) }])
    expect(await streamed()).toEqual({ text: expect.stringMatching(/^Hello!/), end: 'finish' })
  })

  it.each([
    [401, 'auth'],
    [403, 'auth'],
    [404, 'configuration'],
    [429, 'rate-limit'],
    [500, 'server'],
    [503, 'overloaded'],
  ])('meets error %i: %s, after one request', async (status, category) => {
    await set({ fault: 'error', status })
    for (const failure of [await whole(), (await streamed()).end]) {
      expect(failure).toMatchObject({ name: 'HoldfastError', category, status })
      expect(JSON.stringify(failure)).not.toContain('sandbox-key')
    }
    expect(sandbox.requests(service)).toHaveLength(2)
  })

  it('meets rate-limit: it hands on when to come again', async () => {
    await set({ fault: 'rate-limit', retryAfterSeconds: 7 })
    expect(await whole()).toMatchObject({ category: 'rate-limit', retryAfterMs: 7_000 })
    expect((await streamed()).end).toMatchObject({ category: 'rate-limit', retryAfterMs: 7_000 })
  })

  it('meets error, variant context-length: a prompt that is too long, whatever was asked', async () => {
    await set({ fault: 'error', status: 400, variant: 'context-length' })
    expect(await whole()).toMatchObject({ category: 'context-length' })
  })

  it.each(['broken-json', 'wrong-shape', 'html', 'empty', 'error-body', 'rate-limit-body'] as const)(
    'meets malformed, variant %s: a failure, not an answer',
    async (variant) => {
      await set({ fault: 'malformed', variant })
      const inBody = variant === 'error-body' ? 'server' : 'rate-limit'
      const category = variant.endsWith('-body') ? inBody : 'malformed'
      expect(await whole()).toMatchObject({ name: 'HoldfastError', category })
    },
  )

  it.each(['broken-json', 'wrong-shape', 'error-body', 'rate-limit-body'] as const)(
    'meets malformed, variant %s: a stream that turns bad ends with an error',
    async (variant) => {
      await set({ fault: 'malformed', variant, afterParts: 6 })
      const { text, end } = await streamed()
      expect(text).not.toBe('')
      expect(end).toMatchObject({ name: 'HoldfastError' })
    },
  )

  it.each([
    ['destroy', { category: 'network' }],
    ['end', { code: 'STREAM_INCOMPLETE' }],
  ] as const)('meets cut, variant %s: what was said, then an error', async (variant, failure) => {
    await set({ fault: 'cut', variant, afterParts: 6 })
    const { text, end } = await streamed()
    expect(text).not.toBe('')
    expect(end).toMatchObject({ name: 'HoldfastError', ...failure })
  })

  it.each(['silent', 'hang'] as const)('meets %s: it gives up when the caller does, and hangs up', async (fault) => {
    await set({ fault })
    const controller = new AbortController()
    const failed = whole(controller.signal)
    await until(() => sandbox.requests(service).length === 1)
    controller.abort('enough')
    expect(await failed).toBe('enough')
    await until(() => sandbox.requests(service).every(({ open }) => !open))
  })

  it('meets slow: an answer that is late', async () => {
    await set({ fault: 'slow', delayMs: 30 })
    expect(await whole()).toMatchObject([{ type: 'text' }])
  })

  it.each(['down', 'flap'] as const)('meets %s: no connection, and an answer once it is over', async (fault) => {
    await set({ fault })
    expect(await whole()).toMatchObject({ category: 'network', retryable: true })
    await sandbox.faults.clear()
    expect(await whole()).toMatchObject([{ type: 'text' }])
  })
})
