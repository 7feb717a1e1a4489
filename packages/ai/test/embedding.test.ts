import type { EmbeddingModelV4, EmbeddingModelV4CallOptions } from '@ai-sdk/provider'
import { createEvents, createIntegration } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { embed, embedMany } from 'ai'
import { MockEmbeddingModelV3, MockEmbeddingModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import {
  AllTiersFailedError,
  RequestRefusedError,
  createBudgets,
  embeddingFailover,
  provenanceOf,
} from '../src/index.ts'
import type { AiEvent, EmbeddingFailoverOptions, EmbeddingMember } from '../src/index.ts'
import { apiError, rejection } from './failover/models.ts'

type Answer = number | readonly unknown[] | { readonly reject: unknown } | 'hang'

/** A model that gives vectors of so many dimensions, or fails; one answer after another, and the last for ever. */
function model(modelId: string, answers: Answer | readonly Answer[], more = {}): MockEmbeddingModelV4 {
  const list = (Array.isArray(answers) ? answers : [answers]) as readonly Answer[]
  const mock: MockEmbeddingModelV4 = new MockEmbeddingModelV4({
    provider: 'test',
    modelId,
    maxEmbeddingsPerCall: null,
    doEmbed: async ({ values, abortSignal }) => {
      const answer = list[Math.min(mock.doEmbedCalls.length, list.length) - 1]!
      if (answer === 'hang') {
        await new Promise((_, reject) => abortSignal?.addEventListener('abort', () => reject(abortSignal.reason)))
      }
      if (typeof answer === 'object' && 'reject' in answer) throw answer.reject as Error
      const embeddings =
        typeof answer === 'number' ? values.map(() => Array.from({ length: answer }, () => 0.5)) : answer
      return { embeddings: embeddings as number[][], usage: { tokens: 1_000 }, warnings: [] }
    },
    ...more,
  })
  return mock
}

const down = { reject: apiError(503) }
const ask = (more: Partial<EmbeddingModelV4CallOptions> = {}): EmbeddingModelV4CallOptions => ({
  values: ['one', 'two'],
  ...more,
})

function lengths({ embeddings }: { embeddings: readonly { length: number }[] }): number[] {
  return embeddings.map(({ length }) => length)
}

function failing(
  answers: readonly (Answer | readonly Answer[])[],
  options: EmbeddingFailoverOptions = {},
  about: readonly Partial<EmbeddingMember>[] = [],
) {
  const clock = fakeClock()
  const events: AiEvent[] = []
  const channel = createEvents<AiEvent>()
  channel.on((event) => void events.push(event))
  const models = answers.map((answer, index) => model('abc'[index]!, answer))
  const failover = embeddingFailover(
    models.map((member, index) => ({ name: 'abc'[index]!, model: member, ...about[index] })),
    { clock, events: channel, ...options },
  )
  return { clock, models, events, failover }
}

describe('a failover of embedding models', () => {
  it('serves from the first that answers, with its usage, and the account of all', async () => {
    const it = failing([down, 3], {}, [{}, { credential: 'eu', pricePerMillion: 20 }])
    const result = await it.failover.doEmbed(ask({ providerOptions: { holdfast: { requestId: 'r-1' } } }))
    expect(lengths(result)).toEqual([3, 3])
    expect(result.usage).toEqual({ tokens: 1_000 })
    expect(provenanceOf(result.providerMetadata)).toMatchObject({
      requestId: 'r-1',
      assistant: 'embeddings',
      tier: 'b',
      servedBy: 'test:b',
      degraded: true,
      cost: 0.02,
      attempts: [
        { tier: 'a', outcome: 'failed', category: 'overloaded', provider: 'test', modelId: 'a' },
        { tier: 'b', outcome: 'served', credential: 'eu', usage: { inputTokens: 1_000 }, cost: 0.02 },
      ],
    })
    expect(it.events.filter(({ type }) => type === 'tier-failed')).toMatchObject([{ tier: 'a', requestId: 'r-1' }])
  })

  it('warns when a substitute answers that calls itself another model, and only then', async () => {
    const warnings = async (...models: EmbeddingModelV4[]) =>
      (await embeddingFailover(models, { clock: fakeClock() }).doEmbed(ask())).warnings
    expect(await warnings(model('small', down), model('large', 3))).toEqual([
      { type: 'compatibility', feature: 'embedding model', details: expect.stringContaining('"test:large"') },
    ])
    const all = embeddingFailover([model('small', down), model('large', 3)], { clock: fakeClock() })
    expect((await all.doEmbed(ask())).warnings).toHaveLength(1)
    expect((await all.doEmbed(ask())).warnings).toEqual([])
    expect(await warnings(model('small', down), model('small', 3, { provider: 'eu' }))).toEqual([])
    expect(await warnings(model('small', 3), model('large', 3))).toEqual([])
  })

  it('works in the AI SDK, whose retries multiply nothing', async () => {
    const it = failing([[down, 3], 3])
    const { embedding, usage, providerMetadata } = await embed({ model: it.failover, value: 'one' })
    expect([embedding.length, usage.tokens]).toEqual([3, 1_000])
    expect(provenanceOf(providerMetadata)?.tier).toBe('b')
    const none = failing([down, down])
    const error = await rejection(embed({ model: none.failover, value: 'one' }))
    expect(error).toBeInstanceOf(AllTiersFailedError)
    expect(none.models.map(({ doEmbedCalls }) => doEmbedCalls.length)).toEqual([1, 1])
  })

  it('lets the AI SDK ask for no more at once than the least of them takes', async () => {
    const limited = (modelId: string, most: unknown, bytes?: number): EmbeddingModelV4 =>
      model(modelId, 3, {
        maxEmbeddingsPerCall: most,
        maxInputBytesPerCall: bytes,
        supportsParallelCalls: modelId !== 'c',
      })
    const two = embeddingFailover([limited('a', 5), limited('b', Promise.resolve(2)), limited('d', null)])
    expect(await two.maxEmbeddingsPerCall).toBe(2)
    expect(await two.supportsParallelCalls).toBe(true)
    expect(await embeddingFailover([two, limited('c', Infinity)]).supportsParallelCalls).toBe(false)
    expect(await embeddingFailover([limited('d', null)]).maxEmbeddingsPerCall).toBeUndefined()
    const unable = limited('a', Promise.reject(new Error('no network')))
    expect(await embeddingFailover([unable, limited('b', 4)]).maxEmbeddingsPerCall).toBe(4)
    const { embeddings, responses } = await embedMany({ model: two, values: ['1', '2', '3', '4', '5'] })
    expect([embeddings.length, responses?.length]).toEqual([5, 3])
    const small = embeddingFailover([limited('a', null, 100), limited('b', null, 4)])
    expect((await embedMany({ model: small, values: ['abcd', 'efgh', 'ijkl'] })).responses).toHaveLength(3)
  })

  for (const [what, error, category] of [
    ['a refused connection', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'network'],
    ['429', apiError(429), 'rate-limit'],
    ['500', apiError(500), 'server'],
    ['a wrong key', apiError(401), 'auth'],
    ['a model that is gone', apiError(404), 'configuration'],
    ['a text that is too long', apiError(400, "This model's maximum context length is 8192 tokens"), 'context-length'],
    ['an abort that nobody asked for', new DOMException('x', 'AbortError'), 'network'],
  ] as const) {
    it(`asks the next after ${what}`, async () => {
      const result = await failing([{ reject: error }, 3]).failover.doEmbed(ask())
      expect(provenanceOf(result.providerMetadata)?.attempts[0]).toMatchObject({ category })
    })
  }

  it('asks nobody else when the request is wrong, and blames nobody', async () => {
    const it = failing([{ reject: apiError(400, 'the customer’s words') }, 3])
    for (let asked = 0; asked < 10; asked++) {
      const error = await rejection(it.failover.doEmbed(ask()))
      expect(error).toBeInstanceOf(RequestRefusedError)
      expect(JSON.stringify(error) + String((error as Error).cause)).not.toContain('customer')
    }
    expect(it.models.map(({ doEmbedCalls }) => doEmbedCalls.length)).toEqual([10, 0])
  })

  it('leaves a model alone that keeps failing', async () => {
    const it = failing([down, 3])
    for (let asked = 0; asked < 10; asked++) await it.failover.doEmbed(ask())
    expect(it.models.map(({ doEmbedCalls }) => doEmbedCalls.length)).toEqual([4, 10])
    const { providerMetadata } = await it.failover.doEmbed(ask())
    expect(provenanceOf(providerMetadata)?.attempts[0]).toMatchObject({ outcome: 'skipped', code: 'CIRCUIT_OPEN' })
    expect(it.events.some(({ type }) => type === 'circuit-opened')).toBe(true)
    expect(it.events.some(({ type }) => type === 'tier-skipped')).toBe(true)
  })

  it('leaves a model that hangs after its time, and ends when there is none left', async () => {
    const it = failing(['hang', 3], { attemptTimeoutMs: 2_000 })
    const result = it.failover.doEmbed(ask())
    await it.clock.advance(2_000)
    expect(provenanceOf((await result).providerMetadata)).toMatchObject({ tier: 'b', durationMs: 2_000 })
    const none = failing(['hang', 'hang', 3], { attemptTimeoutMs: 2_000, deadlineMs: 3_000 })
    const thrown = rejection(none.failover.doEmbed(ask()))
    await none.clock.advance(3_000)
    expect(await thrown).toMatchObject({
      attempts: [
        { tier: 'a', outcome: 'failed', durationMs: 2_000 },
        { tier: 'b', outcome: 'failed', durationMs: 1_000 },
        { tier: 'c', outcome: 'skipped', code: 'DEADLINE_EXCEEDED' },
      ],
    })
    expect(none.models[2]?.doEmbedCalls).toHaveLength(0)
  })

  it('heeds the abort of a caller, whose reason comes back, and asks nobody else', async () => {
    for (const answers of [['hang', 3], ['hang']] as const) {
      const it = failing(answers)
      const caller = new AbortController()
      const thrown = rejection(it.failover.doEmbed(ask({ abortSignal: caller.signal })))
      await it.clock.advance(10)
      caller.abort('gone')
      expect(await thrown).toBe('gone')
      expect(it.models[1]?.doEmbedCalls ?? []).toHaveLength(0)
      expect(it.events.filter(({ type }) => type === 'tier-failed')).toEqual([])
      expect(await rejection(it.failover.doEmbed(ask({ abortSignal: AbortSignal.abort('before') })))).toBe('before')
      expect(it.models[0]?.doEmbedCalls).toHaveLength(1)
    }
  })

  describe('with a budget', () => {
    const limit = { name: 'all', period: 'day' } as const

    it('counts what was used, and refuses before anybody is asked', async () => {
      const clock = fakeClock()
      const budgets = createBudgets({ limits: [{ ...limit, maxTokens: 1_001, maxCost: 1 }], clock })
      const it = failing([3], { budgets, clock }, [{ pricePerMillion: 20 }])
      await it.failover.doEmbed(ask())
      expect(budgets.snapshot().accounts).toMatchObject([{ used: { cost: 0.02, tokens: 1_000, requests: 1 } }])
      const error = await rejection(it.failover.doEmbed(ask()))
      expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED' })
      expect(it.models[0]?.doEmbedCalls).toHaveLength(1)
    })

    it('passes over a model without room', async () => {
      const clock = fakeClock()
      const budgets = createBudgets({ limits: [{ ...limit, only: { model: 'a' }, maxRequests: 1 }], clock })
      const it = failing([3, 3], { budgets, clock })
      const tiers: unknown[] = []
      for (let asked = 0; asked < 2; asked++) {
        tiers.push(provenanceOf((await it.failover.doEmbed(ask())).providerMetadata)?.tier)
      }
      expect(tiers).toEqual(['a', 'b'])
    })

    it('keeps tenants apart', async () => {
      const clock = fakeClock()
      const budgets = createBudgets({ limits: [{ ...limit, per: ['tenant'], maxRequests: 1 }], clock })
      const { failover } = failing([3], { budgets, clock })
      const of = (tenant: string) => failover.doEmbed(ask({ providerOptions: { holdfast: { tenant } } }))
      await of('one')
      expect(await rejection(of('one'))).toMatchObject({ code: 'BUDGET_EXCEEDED' })
      expect(lengths(await of('two'))).toEqual([3, 3])
    })

    it('estimates what a failed call has cost, and gives back what cannot have cost anything', async () => {
      const clock = fakeClock()
      const budgets = createBudgets({ limits: [{ ...limit, maxTokens: 1e6 }], clock })
      for (const reject of [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), apiError(500)]) {
        await rejection(failing([{ reject }], { budgets, clock }).failover.doEmbed(ask()))
        expect(budgets.snapshot().accounts).toEqual([])
      }
      const cut = { reject: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }
      const error = await rejection(failing([cut], { budgets, clock }).failover.doEmbed(ask()))
      expect(error).toMatchObject({ attempts: [{ usage: { inputTokens: 2, outputTokens: 0, estimated: true } }] })
      expect(budgets.snapshot().accounts).toMatchObject([{ used: { tokens: 2 }, reserved: { tokens: 0 } }])
    })

    it('cannot be built in money for a model without a price', () => {
      const budgets = createBudgets({ limits: [{ ...limit, maxCost: 1 }] })
      expect(() => failing([3], { budgets })).toThrow('models[0].pricePerMillion')
    })
  })

  describe('with vectors', () => {
    it('of another length than declared goes to the next, and leaves that model alone in time', async () => {
      for (const [options, about] of [
        [{ dimensions: 3 }, []],
        [{}, [{}, { dimensions: 3 }]],
      ] as const) {
        const it = failing([4, 3], options, about)
        for (let asked = 0; asked < 6; asked++) expect(lengths(await it.failover.doEmbed(ask()))).toEqual([3, 3])
        expect(it.models[0]?.doEmbedCalls).toHaveLength(4)
      }
    })

    it('of another length than the first there were goes to the next', async () => {
      const it = failing([[down, 4, 3], 3])
      expect(lengths(await it.failover.doEmbed(ask()))).toEqual([3, 3])
      const { providerMetadata } = await it.failover.doEmbed(ask())
      expect(provenanceOf(providerMetadata)?.attempts[0]).toMatchObject({
        code: 'DIMENSION_MISMATCH',
        category: 'configuration',
      })
      expect(provenanceOf((await it.failover.doEmbed(ask())).providerMetadata)?.tier).toBe('a')
    })

    it('never come in two lengths out of calls at the same time', async () => {
      const clock = fakeClock()
      const slow = (modelId: string, dimensions: number, ms: number): EmbeddingModelV4 =>
        model(modelId, dimensions, {
          doEmbed: async ({ values }: EmbeddingModelV4CallOptions) => {
            await clock.sleep(values[0] === 'late' ? ms : 0)
            if (values[0] === 'late' && modelId === 'a') throw apiError(503)
            return { embeddings: values.map(() => Array.from({ length: dimensions }, () => 1)), warnings: [] }
          },
        })
      const failover = embeddingFailover([slow('a', 3, 5), slow('b', 4, 5)], { clock })
      const early = failover.doEmbed(ask())
      const late = rejection(failover.doEmbed(ask({ values: ['late'] })))
      await clock.advance(100)
      expect(lengths(await early)).toEqual([3, 3])
      expect(await late).toMatchObject({ attempts: [{ code: 'HTTP_503' }, { code: 'DIMENSION_MISMATCH' }] })
    })

    it('of the length that a call asks for, whatever others have', async () => {
      const it = failing([3, [2, 3]], {}, [{ dimensions: 3 }])
      expect(lengths(await it.failover.doEmbed(ask({ dimensions: 2 })))).toEqual([2, 2])
      expect(it.models[0]?.doEmbedCalls[0]?.dimensions).toBe(2)
      expect(lengths(await it.failover.doEmbed(ask()))).toEqual([3, 3])
      // It says nothing about the calls that leave it to the models.
      const open = failing([[2, 3]])
      await open.failover.doEmbed(ask({ dimensions: 2 }))
      expect(lengths(await open.failover.doEmbed(ask()))).toEqual([3, 3])
    })

    for (const [what, answer] of Object.entries<Answer>({
      'for too few texts': [[1, 2]],
      'for too many texts': [[1], [2], [3]],
      'without numbers': [[], []],
      'with what is no number': [
        [1, Number.NaN],
        [1, 2],
      ],
      'that are none': ['AAAA', 'BBBB'],
      'of two lengths': [[1, 2], [1]],
    })) {
      it(`${what} go to the next`, async () => {
        const { providerMetadata } = await failing([[answer], 2]).failover.doEmbed(ask())
        const code = what === 'of two lengths' ? 'DIMENSION_MISMATCH' : 'EMBEDDINGS_MALFORMED'
        expect(provenanceOf(providerMetadata)?.attempts.map((attempt) => attempt.code)).toEqual([code, undefined])
      })
    }

    it('of nothing are none, and nobody is asked', async () => {
      const it = failing([3])
      expect(await it.failover.doEmbed(ask({ values: [] }))).toMatchObject({ embeddings: [] })
      expect(it.models[0]?.doEmbedCalls).toHaveLength(0)
    })
  })

  it('takes members of version 3, a guard of their own, and keeps the options of others from them', async () => {
    const seen: unknown[] = []
    const older = new MockEmbeddingModelV3({
      provider: 'azure.embeddings',
      modelId: 'small',
      doEmbed: async (options) => {
        seen.push(options)
        return { embeddings: [[1, 2]], warnings: [] }
      },
    })
    const integration = createIntegration({ name: 'shared' })
    const failover = embeddingFailover([{ model: older, integration }])
    const providerOptions = { azure: { user: 'x' }, openai: { user: 'x' }, google: { taskType: 'x' } }
    const { providerMetadata } = await failover.doEmbed({ values: ['one'], dimensions: 2, providerOptions })
    expect(seen).toMatchObject([{ providerOptions: { azure: { user: 'x' }, openai: { user: 'x' } } }])
    expect(seen[0]).not.toHaveProperty('dimensions')
    expect((seen[0] as EmbeddingModelV4CallOptions).providerOptions).not.toHaveProperty('google')
    expect(provenanceOf(providerMetadata)).toMatchObject({ tier: 'azure-embeddings-small' })
    expect(integration.snapshot().totals.succeeded).toBe(1)
  })

  it('refuses options it cannot use, and says what is allowed', () => {
    const one = model('a', 3)
    const wrong: readonly (readonly [unknown, unknown, string])[] = [
      [[], {}, 'models must be at least one model'],
      [[null], {}, 'models[0] must be an embedding model'],
      [[{ model: { specificationVersion: 'v2' } }], {}, 'models[0].model.specificationVersion must be "v4" or "v3"'],
      [[one, one], {}, 'models[1].name must be a name, or a credential, that no other has'],
      [[{ model: one, credential: 'sk-Secret' }], {}, 'models[0].credential'],
      [
        [
          { model: one, dimensions: 3 },
          { model: one, name: 'b', dimensions: 4 },
        ],
        {},
        'models[1].dimensions must be 3',
      ],
      [[{ model: one, dimensions: 3 }], { dimensions: 4 }, 'models[0].dimensions must be 4'],
      [[{ model: one, dimensions: 1.5 }], {}, 'models[0].dimensions must be a whole number'],
      [[{ model: one, pricePerMillion: -1 }], {}, 'models[0].pricePerMillion'],
      [[{ model: one, namespaces: [''] }], {}, 'models[0].namespaces'],
      [[one], { name: 'No' }, 'name must be'],
      [[one], { deadlineMs: 0 }, 'deadlineMs'],
      [[one], { attemptTimeoutMs: 0 }, 'attemptTimeoutMs'],
    ]
    for (const [models, options, message] of wrong) {
      let thrown: unknown
      try {
        embeddingFailover(models as never, options as never)
      } catch (error) {
        thrown = error
      }
      expect(thrown, message).toMatchObject({ code: 'INVALID_OPTION' })
      expect((thrown as Error).message).toContain(message)
    }
  })
})
