import { HoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { AllTiersFailedError, failover, RequestRefusedError } from '../../src/index.ts'
import { ask, call, finish, open, say, scripted, shut, start, whole } from '../scripted-model.ts'
import type { Script } from '../scripted-model.ts'
import { apiError, bench, rejection, stream } from './models.ts'

const good = whole('Hello ', 'world')

/** The body of a reply that failed, as the SDK reads it. */
function said(error: object): object {
  return { error }
}

/** What sends a request on to the next model, and the class it is put into. */
const movesOn: readonly (readonly [string, unknown, string])[] = [
  ['a connection refused', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'network'],
  [
    'a socket that breaks',
    Object.assign(new TypeError('terminated'), { cause: { code: 'UND_ERR_SOCKET' } }),
    'network',
  ],
  ['an abort that nobody asked for', new DOMException('aborted', 'AbortError'), 'network'],
  ['a timeout of the provider', new DOMException('late', 'TimeoutError'), 'timeout'],
  ['408', apiError(408), 'timeout'],
  ['429', apiError(429), 'rate-limit'],
  ['a used-up quota', apiError(429, 'pay', { data: { error: { code: 'insufficient_quota' } } }), 'quota'],
  ['500', apiError(500), 'server'],
  ['503', apiError(503), 'overloaded'],
  ['529', apiError(529), 'overloaded'],
  ['an overloaded_error of Anthropic', { type: 'overloaded_error', message: 'Overloaded' }, 'overloaded'],
  ['a wrong key', apiError(401), 'auth'],
  ['a model that is gone', apiError(404, 'model_not_found'), 'configuration'],
  ['a path that is gone', apiError(410), 'configuration'],
  [
    'an account without credit, as Anthropic says it',
    apiError(400, 'Your credit balance is too low to access'),
    'quota',
  ],
  ['a key that Google does not know', apiError(400, 'API key not valid. Please pass a valid API key.'), 'auth'],
  ['the same by its reason', apiError(400, 'x', { responseBody: '{"reason":"API_KEY_INVALID"}' }), 'auth'],
  [
    'a country where Google is not',
    apiError(400, 'x', { data: said({ status: 'FAILED_PRECONDITION' }) }),
    'configuration',
  ],
  [
    'a request larger than a minute has tokens, as Groq says it',
    apiError(413, 'Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000', {
      data: said({ code: 'rate_limit_exceeded' }),
    }),
    'rate-limit',
  ],
  ['a value the model does not take', apiError(400, 'x', { data: said({ code: 'unsupported_value' }) }), 'rejected'],
  [
    'a parameter it does not take',
    apiError(400, 'x', { responseBody: '{"error":{"code":"unsupported_parameter"}}' }),
    'rejected',
  ],
  ['the same in words only', apiError(400, "Unsupported value: 'temperature' does not support 0.2"), 'rejected'],
  ['tools it cannot call', apiError(400, 'This model does not support tools'), 'rejected'],
  ['a picture it cannot see', apiError(400, 'image_url is only supported by certain models.'), 'rejected'],
  [
    'too long an answer for OpenAI',
    apiError(400, 'max_tokens is too large: 100000. This model supports at most 16384 completion tokens'),
    'rejected',
  ],
  [
    'too long an answer for Anthropic',
    apiError(400, 'max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for claude'),
    'rejected',
  ],
  ['a model that vLLM does not have', apiError(400, 'The model `m` does not exist.'), 'configuration'],
  [
    'a model that Groq has no more',
    apiError(400, 'x', { data: said({ code: 'model_decommissioned' }) }),
    'configuration',
  ],
  ['424', apiError(424), 'server'],
  ['an unknown thing', { what: 'ever' }, 'unknown'],
  ['nothing at all', undefined, 'unknown'],
]

/** What is wrong with the request itself, so that nobody else is asked. */
const stops: readonly (readonly [string, unknown, string])[] = [
  ['400', apiError(400), 'client'],
  [
    'a schema that is none',
    apiError(400, "Invalid schema for function 'book': 'oneOf' is not permitted.", {
      data: said({ type: 'invalid_request_error', code: 'invalid_function_parameters' }),
    }),
    'client',
  ],
  [
    'a tool that got no answer',
    apiError(400, 'messages.2: `tool_use` ids were found without `tool_result` blocks immediately after', {
      data: said({ type: 'invalid_request_error' }),
    }),
    'client',
  ],
  ['a role there is not', apiError(400, "Invalid value: 'boss'. Supported values are: 'system', 'user'."), 'client'],
  [
    'a parameter there is not',
    apiError(400, "Unknown parameter: 'temperatur'.", { data: said({ code: 'unknown_parameter' }) }),
    'client',
  ],
  ['a field Google does not know', apiError(400, 'x', { data: said({ status: 'INVALID_ARGUMENT' }) }), 'client'],
  ['422', apiError(422), 'client'],
  ['413', apiError(413), 'client'],
]

/** In the words of the providers: OpenAI, Azure, Anthropic (twice), Google, OpenRouter, vLLM, Mistral, Bedrock, xAI, Groq, SGLang. */
const tooLong: readonly unknown[] = [
  apiError(400, 'x', { data: { error: { code: 'context_length_exceeded' } } }),
  apiError(400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."),
  apiError(400, 'prompt is too long: 213462 tokens > 200000 maximum'),
  apiError(400, 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000'),
  apiError(400, 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'),
  apiError(400, 'x', {
    responseBody: '{"error":{"message":"maximum prompt length is 131072 but the request has 140000"}}',
  }),
  apiError(400, 'The decoder prompt is longer than the maximum model length of 4096'),
  apiError(400, 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length'),
  apiError(400, 'Input is too long for requested model: too many input tokens'),
  apiError(400, 'Please reduce the length of the messages or completion.'),
  apiError(413, 'Request too large for model: exceeds the limit of 6000 tokens'),
  apiError(400, 'Requested token count exceeds the model’s maximum context length'),
]

describe('a failover', () => {
  for (const [what, error, category] of movesOn) {
    for (const [how, script] of Object.entries<Script>({
      rejected: { reject: error },
      'in band': { steps: [start, { type: 'error', error }] },
    })) {
      it(`asks the next model after ${what}, ${how}`, async () => {
        const { text, provenance } = await stream(bench([script, good]))
        expect(text).toBe('Hello world')
        expect(provenance).toMatchObject({ tier: 'b', degraded: true, attempts: [{ category, outcome: 'failed' }, {}] })
      })
    }
  }

  for (const [what, error, category] of stops) {
    it(`asks nobody else after ${what}, and nobody asks again`, async () => {
      const it = bench([{ reject: error }, good])
      const thrown = await rejection(stream(it))
      expect(thrown).toBeInstanceOf(RequestRefusedError)
      expect(thrown).toMatchObject({ category, isRetryable: false, retryable: false, attempts: [{ tier: 'a' }] })
      expect(it.models[1]?.calls).toHaveLength(0)
    })
  }

  for (const error of tooLong) {
    it(`takes a prompt that is too long to a larger model only: ${(error as Error).message.slice(0, 40)}`, async () => {
      const about = [{ contextWindow: 8_000 }, { contextWindow: 4_000 }, { contextWindow: 100_000 }]
      const it = bench([{ reject: error }, good, good], {}, about)
      const { provenance } = await stream(it)
      expect(provenance?.attempts.map(({ tier, category }) => [tier, category])).toEqual([
        ['a', 'context-length'],
        ['c', undefined],
      ])
      expect(it.models[1]?.calls).toHaveLength(0)
      const alone = await rejection(stream(bench([{ reject: error }, good], {}, about)))
      expect(alone).toMatchObject({ category: 'context-length', isRetryable: false })
    })
  }

  it('does not blame a model for what a request did wrong', async () => {
    const it = bench([{ reject: apiError(400) }])
    for (let request = 0; request < 30; request++) await rejection(stream(it))
    expect(it.models[0]?.calls).toHaveLength(30)
    expect(it.events.filter(({ type }) => type === 'circuit-opened')).toHaveLength(0)
  })

  it('leaves a model alone that keeps failing, and comes back to it', async () => {
    const it = bench([[...Array.from({ length: 4 }, () => ({ reject: apiError(500) })), good], good])
    for (let request = 0; request < 30; request++) expect((await stream(it, ask(), 0)).text).toBe('Hello world')
    expect(it.models[0]?.calls).toHaveLength(4)
    const { provenance } = await stream(it, ask(), 0)
    expect(provenance?.attempts[0]).toMatchObject({ tier: 'a', outcome: 'skipped', code: 'CIRCUIT_OPEN' })
    await it.clock.advance(60_000)
    for (let request = 0; request < 3; request++) await stream(it)
    expect((await stream(it)).provenance).toMatchObject({ tier: 'a', degraded: false })
  })

  it('says when nobody answers, so that nobody asks again, and tells what was tried', async () => {
    const error = await rejection(stream(bench([{ reject: apiError(500) }, { reject: apiError(503) }])))
    expect(error).toBeInstanceOf(AllTiersFailedError)
    expect(error).toMatchObject({
      isRetryable: false,
      attempts: [
        { tier: 'a', code: 'HTTP_500', provider: 'test', modelId: 'a' },
        { tier: 'b', category: 'overloaded' },
      ],
    })
  })

  it('keeps the prompt, the reply and the headers of a failed model out of its errors and events', async () => {
    const secret = apiError(500, 'bad: the customer’s words', { responseBody: 'the customer’s words' })
    const it = bench([{ reject: secret }, { steps: [start, open, say('x'), { type: 'error', error: secret }] }])
    const { error } = await stream(it)
    const seen = new Set<unknown>()
    const everything = (value: unknown): string => {
      if (typeof value !== 'object' || value === null) return String(value)
      if (seen.has(value)) return ''
      seen.add(value)
      return Reflect.ownKeys(value)
        .map((key) => everything((value as Record<PropertyKey, unknown>)[key]))
        .join('\n')
    }
    expect(HoldfastError.isInstance(error)).toBe(true)
    expect(everything([error, it.events])).not.toContain('customer')
  })

  it('never lets a tool of a failed answer out', async () => {
    const script: Script = { steps: [start, ...call('book', { seats: 4 }), { type: 'error', error: apiError(500) }] }
    const { types, text } = await stream(bench([script, good]))
    expect(text).toBe('Hello world')
    expect(types.filter((type) => type.startsWith('tool'))).toEqual([])
  })

  describe('with an answer that a content filter has ended', () => {
    const filtered: Script = { steps: [start, finish('content-filter')] }
    const half: Script = { steps: [start, open, say('Half'), shut, finish('content-filter')] }

    it('takes it as the answer, unless told otherwise', async () => {
      expect(await stream(bench([filtered, good]))).toMatchObject({ finish: 'content-filter', text: '' })
      expect(await stream(bench([half, good]))).toMatchObject({ finish: 'content-filter', text: 'Half' })
    })

    it('asks the next model where it is told to, and blames nobody', async () => {
      const it = bench([filtered, good], { onContentFilter: 'next' })
      for (let request = 0; request < 20; request++) {
        const { text, provenance } = await stream(it)
        expect(text).toBe('Hello world')
        expect(provenance?.attempts[0]).toMatchObject({ code: 'CONTENT_FILTERED', outcome: 'failed' })
      }
      expect(it.models[0]?.calls).toHaveLength(20)
      const complete = bench([half, good], { onContentFilter: 'next', commit: 'complete' })
      expect((await stream(complete)).text).toBe('Hello world')
    })
  })

  for (const [who, error] of [
    ['Azure', apiError(400, 'x', { data: said({ code: 'content_filter' }) })],
    ['OpenAI', apiError(400, 'x', { responseBody: '{"error":{"code":"content_policy_violation"}}' })],
    ['Anthropic', apiError(400, 'Output blocked by content filtering policy')],
  ] as const) {
    it(`takes a refusal of the content filter of ${who} as one, and asks the next model only where it is told to`, async () => {
      const it = bench([{ reject: error }, good], { onContentFilter: 'next' })
      for (let request = 0; request < 20; request++) {
        const { text, provenance } = await stream(it)
        expect(text).toBe('Hello world')
        expect(provenance?.attempts[0]).toMatchObject({ code: 'CONTENT_FILTERED', outcome: 'failed' })
      }
      expect(it.models[0]?.calls).toHaveLength(20)
      const surfacing = bench([{ reject: error }, good])
      const thrown = await rejection(stream(surfacing))
      expect(thrown).toBeInstanceOf(RequestRefusedError)
      expect(thrown).toMatchObject({ code: 'CONTENT_FILTERED', status: 400 })
      expect(surfacing.models[1]?.calls).toHaveLength(0)
    })
  }

  for (const [what, script] of Object.entries<Script>({
    'is refused with 529': { reject: apiError(529) },
    'is refused with 503': { reject: apiError(503) },
    'is refused with 500': { reject: apiError(500) },
    'is refused with 400': { reject: apiError(400, 'This model does not support tools') },
    'found no connection': { reject: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) },
  })) {
    it(`counts no tokens for an attempt that ${what} before any output`, async () => {
      const { provenance } = await stream(bench([script, good]))
      expect(provenance?.attempts[0]).toMatchObject({ tier: 'a', outcome: 'failed' })
      expect(provenance?.attempts[0]).not.toHaveProperty('usage')
    })
  }

  for (const [what, script] of Object.entries<Script>({
    'ran out of time at the provider': { reject: apiError(504) },
    'lost its connection': { reject: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) },
    'said nothing': { steps: [start, finish()] },
    'called a tool before it failed': { steps: [start, ...call('book', {}), { type: 'error', error: apiError(503) }] },
  })) {
    it(`estimates the tokens of an attempt that ${what}`, async () => {
      const { provenance } = await stream(bench([script, good]))
      expect(provenance?.attempts[0]?.usage).toMatchObject({ inputTokens: expect.any(Number) })
    })
  }

  it('does not ask the same model again where its reply says so, but the next one', async () => {
    const responseHeaders = { 'x-should-retry': 'false' }
    const it = bench([{ reject: apiError(503, 'no', { responseHeaders }) }, good], { maxRetries: 1 })
    expect((await stream(it)).text).toBe('Hello world')
    expect(it.models[0]?.calls).toHaveLength(1)
  })

  it('asks the same model again where its reply says so, also after 400 and 501', async () => {
    const responseHeaders = new Headers({ 'x-should-retry': 'true' })
    for (const status of [400, 501]) {
      const it = bench([[{ reject: apiError(status, 'no', { responseHeaders }) }, good], good], { maxRetries: 1 })
      expect((await stream(it)).provenance).toMatchObject({ tier: 'a' })
      expect(it.models[0]?.calls).toHaveLength(2)
    }
  })

  it('refuses options it cannot use, and says what is allowed', () => {
    const model = scripted({} as never, good)
    const wrong: readonly (readonly [unknown, unknown, string])[] = [
      [[], {}, 'models must be at least one model'],
      [undefined, {}, 'models must be'],
      [[undefined], {}, 'models[0] must be a language model'],
      [[{ model: { specificationVersion: 'v2' } }], {}, 'models[0].model.specificationVersion'],
      [[model, model], {}, 'models[1].name must be a name, or a credential, that no other has'],
      [[{ model, name: 'Nö' }], {}, 'models[0].name'],
      [[{ model, credential: 'sk-Secret_0123' }], {}, 'models[0].credential'],
      [[{ model, namespaces: 'openai' }], {}, 'models[0].namespaces must be a list of names'],
      [[{ model, weight: -1 }], {}, 'models[0].weight'],
      [[{ model, contextWindow: 0 }], {}, 'models[0].contextWindow'],
      [[{ model, price: { inputPerMillion: -1, outputPerMillion: 1 } }], {}, 'models[0].price.inputPerMillion'],
      [[model], { choose: 'best' }, 'choose must be ordered, weighted'],
      [[model], { commit: 'soon' }, 'models[0].commit'],
      [[model], { commit: { chars: 0, ms: 1 } }, 'models[0].commit.chars'],
      [[model], { deadlineMs: 0 }, 'deadlineMs must be'],
      [[model], { firstOutputTimeoutMs: 0 }, 'firstOutputTimeoutMs'],
      [[model], { maxRetries: 11 }, 'maxRetries must be a number from 0 to 10'],
      [[model], { hedgeAfterMs: -1 }, 'hedgeAfterMs'],
      [[model], { hedge: { quantile: 1 } }, 'hedge.quantile'],
      [[model], { hedge: true as unknown as object }, 'hedge must be an object'],
      [[model], { hedge: { maxHedges: 2 } as object }, 'hedge.maxHedges'],
      [[model], { hedge: {}, hedgeAfterMs: 5 }, 'hedgeAfterMs'],
      [[model], { name: '' }, 'name must be'],
    ]
    for (const [models, options, message] of wrong) {
      let thrown: unknown
      try {
        failover(models as never, options as never)
      } catch (error) {
        thrown = error
      }
      expect(thrown, message).toMatchObject({ code: 'INVALID_OPTION' })
      expect((thrown as Error).message).toContain(message)
      expect((thrown as Error).message).not.toContain('Secret')
    }
  })
})
