import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fakeClock } from '@holdfast/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { probeModel } from './model-probes.ts'
import type { ModelProbeOptions } from './model-probes.ts'

const KEY = 'sk-secret-of-the-test'
let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

interface Provider {
  readonly baseUrl: string
  readonly bodies: string[]
  /** Resolves at the first request. */
  readonly asked: Promise<void>
  /** Resolves when its connection is gone. */
  readonly left: Promise<void>
}

/** A provider of chat completions that answers so. */
async function provider(answer: (response: ServerResponse) => unknown): Promise<Provider> {
  const bodies: string[] = []
  const asked = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  server = createServer((request: IncomingMessage, response) => {
    request.on('close', () => asked.resolve())
    response.on('close', () => left.resolve())
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text))
    request.on('end', () => void answer(response))
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { baseUrl: `http://127.0.0.1:${port}/v1`, bodies, asked: asked.promise, left: left.promise }
}

function says(status: number, body: unknown) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

const refuses = (status: number, error: object) => says(status, { error: { message: 'no', ...error } })

function probe(baseUrl: string, options: Partial<ModelProbeOptions> = {}) {
  const model = { provider: 'openai', model: 'gpt-5-mini', baseUrl } as const
  return probeModel('gpt', model, { apiKey: KEY, timeoutMs: 1_000, ...options })
}

describe('the probe of a model', () => {
  it('asks once for one token, and says in how many milliseconds it came', async () => {
    const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'length' }]
    const { baseUrl, bodies } = await provider(says(200, { id: 'x', created: 1, model: 'gpt-5-mini', choices }))
    const result = await probe(baseUrl)
    expect(result).toEqual({ well: true, finding: expect.stringMatching(/^gpt-5-mini answers in \d+ ms$/) })
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      expect.objectContaining({ model: 'gpt-5-mini', max_completion_tokens: 1 }),
    ])
  })

  it.each<[string, number, object, boolean, string]>([
    ['a wrong key', 401, {}, false, 'refuses the key (HTTP_401)'],
    ['a key that may not', 403, {}, false, 'refuses the key (HTTP_403)'],
    [
      'an unknown model',
      404,
      { code: 'model_not_found' },
      false,
      'does not know the model "gpt-5-mini" (NOT_CONFIGURED)',
    ],
    ['a wrong address', 404, {}, false, 'does not know the model "gpt-5-mini", or baseUrl is wrong (HTTP_404)'],
    ['a rate limit, which is an answer', 429, {}, true, 'its rate limit is reached'],
    ['an empty account', 429, { code: 'insufficient_quota' }, false, 'takes the key, but its account is used up'],
    ['a provider in trouble', 503, {}, false, 'HTTP_503'],
  ])('tells %s', async (_title, status, error, well, finding) => {
    const { baseUrl, bodies } = await provider(refuses(status, error))
    expect(await probe(baseUrl)).toEqual({ well, finding: expect.stringContaining(finding) })
    expect(bodies).toHaveLength(1)
  })

  it('tells a key that is missing from one that is refused', async () => {
    const { baseUrl } = await provider(refuses(401, {}))
    const local = { provider: 'openai-compatible', model: 'qwen3', baseUrl } as const
    expect(await probeModel('local', local, { apiKey: undefined, timeoutMs: 1_000 })).toEqual({
      well: false,
      finding: 'needs a key, and none is configured (HTTP_401)',
    })
  })

  it('tells who cannot be reached', async () => {
    const { baseUrl } = await provider(() => undefined)
    await new Promise((resolve) => server?.close(resolve))
    expect(await probe(baseUrl)).toEqual({ well: false, finding: 'cannot be reached (CONNECTION_REFUSED)' })
  })

  it('waits no longer than it may, and hangs up', async () => {
    const clock = fakeClock()
    const { baseUrl, asked, left } = await provider(() => undefined)
    const probing = probe(baseUrl, { clock })
    await asked
    await clock.advance(1_000)
    expect(await probing).toMatchObject({ well: false, finding: expect.stringContaining('does not answer in time') })
    await left
  })

  it('ends at once with the reason of its signal', async () => {
    const caller = new AbortController()
    const { baseUrl, asked, left } = await provider(() => undefined)
    const probing = probe(baseUrl, { signal: caller.signal, clock: fakeClock() })
    await asked
    const reason = new Error('enough')
    caller.abort(reason)
    await expect(probing).rejects.toBe(reason)
    await left
  })

  it('shows nothing of the key, whatever the provider says of it', async () => {
    const { baseUrl } = await provider(refuses(400, { message: `bad ${KEY}` }))
    expect((await probe(baseUrl)).finding).not.toContain(KEY)
  })
})
