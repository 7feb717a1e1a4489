import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { call, events, parts, streamError } from '../../test/ask-model.ts'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { VENDORS } from '../../test/vendors.ts'
import type { VendorWire } from '../../test/vendors.ts'
import { languageModel } from './language-model.ts'
import type { LanguageModelOptions } from './options.ts'

const SECRET = 'sk-secret-0123456789'
const SAID = `not for you: ${SECRET}, secret detail`

let server: LocalServer | undefined

afterEach(async () => {
  vi.unstubAllEnvs()
  await server?.close()
  server = undefined
})

async function start(
  vendor: VendorWire,
  handler: Handler,
  more: Partial<LanguageModelOptions> = {},
): Promise<LanguageModelV4> {
  server = await startServer(handler)
  const { provider, model } = vendor
  return languageModel({ provider, model, apiKey: SECRET, baseUrl: `${server.url}/base`, ...more })
}

const tools: LanguageModelV4CallOptions['tools'] = [
  { type: 'function', name: 'find', inputSchema: { type: 'object', properties: { a: { type: 'number' } } } },
]

/** The failures of both ways to ask, looked through for what must not be in them. */
async function failures(model: LanguageModelV4): Promise<unknown[]> {
  const both = [await rejection(model.doGenerate(call)), await streamError(model)]
  for (const failure of both) expectClean(failure)
  return both
}

function expectClean(failure: unknown): void {
  const everything = everythingIn(failure)
  for (const secret of [SECRET, 'secret detail', 'private jet']) expect(everything).not.toContain(secret)
}

describe.each(VENDORS)('a model of $provider', (vendor) => {
  const { provider, model: id } = vendor

  it('answers whole, with its usage and who gave it', async () => {
    const model = await start(vendor, (_, response) => json(response, vendor.whole('In Nice.')))
    expect(model).toMatchObject({ specificationVersion: 'v4', provider: vendor.id, modelId: id })
    expect(await model.doGenerate(call)).toMatchObject({
      content: [{ type: 'text', text: 'In Nice.' }],
      finishReason: { unified: 'stop' },
      usage: { inputTokens: { total: 5 }, outputTokens: { total: 2 } },
      providerMetadata: { holdfast: { servedBy: `${provider}:${id}` } },
    })
    const [request] = server?.requests ?? []
    expect(request?.path).toBe(`/base${vendor.paths[0]}`)
    expect(request?.headers[vendor.keyHeader]).toBe(`${vendor.keyPrefix}${SECRET}`)
    expect(request?.body).not.toContain('holdfast')
  })

  it('answers in a stream, with its usage', async () => {
    const model = await start(vendor, events(vendor.begun('In Nice.'), vendor.end))
    const seen = await parts(model)
    expect(seen.flatMap((part) => (part.type === 'text-delta' ? [part.delta] : [])).join('')).toBe('In Nice.')
    expect(seen.at(-1)).toMatchObject({
      type: 'finish',
      finishReason: { unified: 'stop' },
      usage: { outputTokens: { total: 2 } },
      providerMetadata: { holdfast: { servedBy: `${provider}:${id}` } },
    })
    expect(server?.requests[0]?.path).toBe(`/base${vendor.paths[1]}`)
  })

  it('calls a tool', async () => {
    const model = await start(vendor, events(vendor.toolCall))
    const seen = await parts(model, { ...call, tools })
    const called = seen.find((part) => part.type === 'tool-call')
    expect(called?.toolName).toBe('find')
    expect(JSON.parse(called?.input ?? '')).toEqual({ a: 1 })
    expect(seen.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'tool-calls' } })
  })

  it('goes by a name of its own, so that two regions can be told apart', async () => {
    const model = await start(vendor, (_, response) => json(response, vendor.whole('Yes.')), { name: 'eu-1' })
    expect((await model.doGenerate(call)).providerMetadata).toMatchObject({ holdfast: { servedBy: `eu-1:${id}` } })
    await server?.close()
    expect(await rejection(model.doGenerate(call))).toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: expect.stringContaining('eu-1'),
      mayHaveTakenEffect: false,
    })
  })

  it.each([
    [400, 'client', false],
    [401, 'auth', false],
    [403, 'auth', false],
    [404, 'configuration', false],
    [429, 'rate-limit', true],
    [500, 'server', true],
    [503, 'overloaded', true],
    [529, 'overloaded', true],
  ])('fails with status %i as %s, after one request', async (status, category, retryable) => {
    const refuse: Handler = (_, response) => json(response, vendor.error(status, SAID), status, { 'retry-after': '2' })
    const model = await start(vendor, refuse)
    for (const failure of await failures(model)) {
      expect(failure).toMatchObject({ name: 'HoldfastError', category, retryable, status, retryAfterMs: 2_000 })
    }
    expect(server?.requests).toHaveLength(2)
  })

  it.each([429, 500, 529])('takes a 200 with error %i in its body for the failure it is', async (status) => {
    const model = await start(vendor, (_, response) => json(response, vendor.error(status, SAID)))
    const category = status === 429 ? 'rate-limit' : expect.stringMatching(/^(server|overloaded)$/)
    for (const failure of await failures(model)) expect(failure).toMatchObject({ name: 'HoldfastError', category })
  })

  it.each([
    ['a web page', '<!DOCTYPE html><p>secret detail</p>', 'HTML_REPLY'],
    ['nothing', '', 'EMPTY_REPLY'],
    ['half of it', '{"secret detail', 'MALFORMED_JSON'],
  ])('takes a 200 with %s for a failure', async (_, body, code) => {
    const model = await start(vendor, (__, response) => response.writeHead(200).end(body))
    for (const failure of await failures(model)) expect(failure).toMatchObject({ code, category: 'malformed' })
  })

  it('takes a 200 with something else for a failure', async () => {
    const model = await start(vendor, (_, response) => json(response, { 'secret detail': [] }))
    for (const failure of await failures(model)) expect(failure).toMatchObject({ category: 'malformed' })
  })

  it('ends with the error that comes in the middle of its stream', async () => {
    const model = await start(vendor, events(vendor.begun('In '), vendor.errorEvent(503, SAID), vendor.end))
    const seen = await parts(model)
    expect(seen.some((part) => part.type === 'text-delta')).toBe(true)
    const last = seen.at(-1)
    expect(last).toMatchObject({ type: 'error', error: { category: expect.stringMatching(/^(server|overloaded)$/) } })
    expectClean(last)
  })

  it('fails when the error is the first thing in its stream', async () => {
    const model = await start(vendor, events(vendor.errorEvent(429, SAID), vendor.end))
    const failure = await streamError(model)
    expect(failure).toMatchObject({ category: 'rate-limit' })
    expectClean(failure)
  })

  it.each(['In ', ''])('fails when its stream ends without its end, after %j', async (text) => {
    const model = await start(vendor, events(vendor.begun(text)))
    expect(await streamError(model)).toMatchObject({ code: 'STREAM_INCOMPLETE', category: 'malformed' })
  })

  it('fails when its connection breaks off in the middle', async () => {
    const model = await start(vendor, (_, response, raw) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(vendor.begun('In '), () => raw.socket.destroy())
    })
    expect(await streamError(model)).toMatchObject({ category: 'network', retryable: true })
  })

  it('fails when it has said nothing', async () => {
    const model = await start(vendor, ({ body }, response, raw) => {
      const isStream = /"stream":true/.test(body) || raw.url?.includes('stream')
      return isStream
        ? events(vendor.begun(''), vendor.end)({} as never, response, raw)
        : json(response, vendor.whole(''))
    })
    for (const failure of await failures(model)) expect(failure).toMatchObject({ code: 'EMPTY_REPLY' })
  })

  it('tells when a content filter has ended it before its first word, which is for others to judge', async () => {
    const model = await start(vendor, events(vendor.filtered))
    expect((await parts(model)).at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'content-filter' } })
  })

  it('gives the reason of an abort back, and closes the connection', async () => {
    const model = await start(vendor, () => undefined)
    const controller = new AbortController()
    const reason = { my: 'reason' }
    const waiting = rejection(model.doStream({ ...call, abortSignal: controller.signal }))
    await server?.openIs(1)
    controller.abort(reason)
    expect(await waiting).toBe(reason)
    await server?.openIs(0)
  })

  it('takes neither key nor address from the environment', async () => {
    for (const vendorName of ['ANTHROPIC', 'OPENAI', 'GOOGLE_GENERATIVE_AI', 'OPENROUTER']) {
      vi.stubEnv(`${vendorName}_API_KEY`, 'env-key')
      vi.stubEnv(`${vendorName}_BASE_URL`, 'http://127.0.0.1:9/env')
    }
    vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'env-token')
    const model = await start(vendor, (_, response) => json(response, vendor.whole('Yes.')))
    await model.doGenerate(call)
    expect(JSON.stringify(server?.requests[0]?.headers)).not.toMatch(/env-(key|token)/)
    if (provider === 'openai-compatible') return
    expect(() => languageModel({ provider, model: id })).toThrow(`apiKey must be the key of ${provider}`)
  })
})

describe('what a vendor says in words only', () => {
  const google = VENDORS.find(({ provider }) => provider === 'google') as VendorWire
  const anthropic = VENDORS.find(({ provider }) => provider === 'anthropic') as VendorWire
  const openrouter = VENDORS.find(({ provider }) => provider === 'openrouter') as VendorWire

  it.each([
    [anthropic, 'prompt is too long: 210000 tokens > 200000 maximum', 'context-length'],
    [anthropic, 'input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000', 'context-length'],
    [
      google,
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      'context-length',
    ],
    [openrouter, "This endpoint's maximum context length is 8192 tokens.", 'context-length'],
    [anthropic, 'Your credit balance is too low to access the Anthropic API.', 'quota'],
    [google, 'API key not valid. Please pass a valid API key.', 'auth'],
    [openrouter, 'Request too large for model `m` on tokens per minute (TPM): Limit 6000', 'rate-limit'],
    [openrouter, 'This model does not support tools', 'rejected'],
    [openrouter, "Unsupported value: 'temperature' does not support 0.2 with this model.", 'rejected'],
    [anthropic, 'max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens', 'rejected'],
    [anthropic, 'Output blocked by content filtering policy', 'rejected'],
    [openrouter, 'The model `m` does not exist.', 'configuration'],
    [google, 'User location is not supported for the API use.', 'configuration'],
    [anthropic, 'messages: roles must alternate', 'client'],
  ])('is understood: $0.provider, 400, %s', async (vendor, words, category) => {
    const model = await start(vendor, (_, response) => json(response, vendor.error(400, words), 400))
    for (const failure of await failures(model)) {
      expect(failure).toMatchObject({ category, status: 400, retryable: false })
      expect(everythingIn(failure)).not.toContain(words)
    }
  })

  it('tells how long to wait, where Google puts it', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' }]
    const body = { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded', details } }
    const model = await start(google, (_, response) => json(response, body, 429))
    for (const failure of await failures(model)) {
      expect(failure).toMatchObject({ category: 'rate-limit', retryAfterMs: 34_500 })
    }
  })

  it('is found in the list that Google makes of the error of a stream', async () => {
    const model = await start(google, (_, response) => json(response, [google.error(503, SAID)]))
    expect(await streamError(model)).toMatchObject({ category: 'overloaded' })
  })
})

describe('the options', () => {
  const right: LanguageModelOptions = { provider: 'openai', model: 'gpt-x', apiKey: SECRET }

  it.each<[string, Partial<Record<keyof LanguageModelOptions, unknown>>]>([
    ['provider must be one of anthropic, google, openai, openrouter, openai-compatible', { provider: 'acme' }],
    ['model must be', { model: ' gpt-x' }],
    ['model must be', { model: undefined }],
    ['apiKey must be the key of openai', { apiKey: undefined }],
    ['apiKey must be the key of openai', { apiKey: '' }],
    ['apiKey must be the key of openai', { apiKey: `${SECRET}\n` }],
    ['name must be', { name: 'EU' }],
    ['baseUrl must be an http or https URL', { provider: 'openai-compatible' }],
    ['baseUrl must be without a query', { baseUrl: `https://api.example.com/v1?key=${SECRET}` }],
    ['baseUrl must not hold a user name', { baseUrl: `https://me:${SECRET}@api.example.com/v1` }],
    ['the header x-extra must be', { headers: { 'x-extra': `${SECRET}\n` } }],
    ['connectTimeoutMs must be', { connectTimeoutMs: 0 }],
    ['maxResponseBytes must be', { maxResponseBytes: 0 }],
  ])('are refused: %s', async (message, wrong) => {
    const failure = await rejection(
      Promise.resolve().then(() => languageModel({ ...right, ...wrong } as LanguageModelOptions)),
    )
    expect(failure).toMatchObject({
      code: 'INVALID_OPTION',
      category: 'validation',
      message: expect.stringContaining(message),
    })
    expect(everythingIn(failure)).not.toContain(SECRET)
  })

  it('take headers of your own, and need no key where none is wanted', async () => {
    const [vendor] = VENDORS.filter(({ provider }) => provider === 'openai-compatible') as [VendorWire]
    const model = await start(vendor, (_, response) => json(response, vendor.whole('Yes.')), {
      apiKey: undefined,
      headers: { 'x-extra': 'one' },
    })
    await model.doGenerate(call)
    expect(server?.requests[0]?.headers).toMatchObject({ 'x-extra': 'one' })
    expect(server?.requests[0]?.headers['authorization']).toBeUndefined()
  })

  it('say which files by address the model can fetch itself', async () => {
    const { supportedUrls } = languageModel({ ...right, provider: 'anthropic' })
    expect(Object.keys(await supportedUrls)).toContain('image/*')
  })
})
