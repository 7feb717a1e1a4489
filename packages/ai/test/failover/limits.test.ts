import { fakeClock, seededRandom } from '@holdfast/core/testing'
import type { LanguageModelV4CallOptions, LanguageModelV4StreamResult } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { failover, provenanceOf } from '../../src/index.ts'
import type { FailoverModel, FailoverOptions } from '../../src/index.ts'
import { ask, scripted, whole } from '../scripted-model.ts'
import type { Script, ScriptedModel } from '../scripted-model.ts'
import { apiError, bench, rejection, stream } from './models.ts'
import type { Bench } from './models.ts'

const good = whole('Hello ', 'world')

/** No requests left, for so many seconds. */
const none = (seconds: number) => ({ 'ratelimit-remaining': '0', 'ratelimit-reset': String(seconds) })

/** Scripted models whose replies have these headers, one set after another, and the last one for ever. */
function withHeaders(
  scripts: readonly (Script | readonly Script[])[],
  headers: readonly (readonly Readonly<Record<string, string>>[])[],
  options: FailoverOptions = {},
  about: readonly Partial<FailoverModel>[] = [],
): Bench {
  const clock = fakeClock()
  const models = scripts.map((script, index) =>
    answering(scripted(clock, script, 'abcdefgh'[index]), headers[index] ?? []),
  )
  const model = failover(
    models.map((member, index) => ({ name: 'abcdefgh'[index]!, model: member, ...about[index] })),
    { clock, random: seededRandom(1), ...options },
  )
  return { clock, models, model, events: [] }
}

function answering(model: ScriptedModel, headers: readonly Readonly<Record<string, string>>[]): ScriptedModel {
  const asked = model.doStream.bind(model)
  return Object.assign(model, {
    doStream: async (options: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> => {
      const given = headers[Math.min(model.calls.length, headers.length - 1)]
      const result = await asked(options)
      return given === undefined ? result : { ...result, response: { headers: given } }
    },
  })
}

const counts = ({ models }: Bench): readonly number[] => models.map(({ calls }) => calls.length)

describe('a model that takes no more for a while by its own figures', () => {
  it('is passed over until its reset, which is told, and no request is wasted', async () => {
    const it = withHeaders([good, good], [[none(20), {}]])
    expect((await stream(it, ask(), 0)).provenance).toMatchObject({ tier: 'a', attempts: [{ tier: 'a' }] })
    const { provenance } = await stream(it, ask(), 0)
    expect(provenance).toMatchObject({
      tier: 'b',
      degraded: true,
      attempts: [
        { tier: 'a', outcome: 'skipped', code: 'RATE_LIMITED', category: 'rejected', mayHaveTakenEffect: false },
        { tier: 'b', outcome: 'served' },
      ],
    })
    expect(counts(it)).toEqual([1, 1])
    await it.clock.advance(20_000)
    expect((await stream(it, ask(), 0)).provenance?.tier).toBe('a')
  })

  it('loses a session to another, which keeps it', async () => {
    const prices = [1, 2].map((price) => ({ price: { inputPerMillion: price, outputPerMillion: price } }))
    const it = withHeaders([good, good], [[none(20), {}]], { choose: 'cheapest' }, prices)
    const session = ask('x', { providerOptions: { holdfast: { sessionId: 's' } } })
    const tiers: (string | undefined)[] = []
    for (const afterMs of [0, 0, 60_000]) {
      await it.clock.advance(afterMs)
      tiers.push((await stream(it, session, 0)).provenance?.tier)
    }
    expect(tiers).toEqual(['a', 'b', 'b'])
  })

  it('is asked all the same when the others fail', async () => {
    const it = withHeaders([good, { reject: apiError(500) }], [[none(20)]])
    await stream(it, ask(), 0)
    expect((await stream(it, ask(), 0)).provenance).toMatchObject({
      tier: 'a',
      attempts: [
        { tier: 'a', outcome: 'skipped' },
        { tier: 'b', outcome: 'failed' },
        { tier: 'a', outcome: 'served' },
      ],
    })
  })

  it('is asked when nobody has room, the one with the soonest reset first', async () => {
    const it = withHeaders([good, good, good], [[none(30)], [none(10)], [none(20)]])
    for (let request = 0; request < 3; request++) await stream(it, ask(), 0)
    expect(counts(it)).toEqual([1, 1, 1])
    expect((await stream(it, ask(), 0)).provenance?.tier).toBe('b')
    const alone = withHeaders([good], [[none(30)]])
    for (let request = 0; request < 3; request++) expect((await stream(alone, ask(), 0)).text).toBe('Hello world')
  })

  it('is passed over when its tokens are too few for this request, and asked for a smaller one', async () => {
    const tokens = { 'x-ratelimit-remaining-tokens': '100', 'x-ratelimit-reset-tokens': '30s' }
    const it = withHeaders([good, good], [[tokens]])
    await stream(it, ask(), 0)
    expect((await stream(it, ask('x'.repeat(4_000)), 0)).provenance?.tier).toBe('b')
    expect((await stream(it, ask(), 0)).provenance?.tier).toBe('a')
  })

  it('gets no more at once than it has room for', async () => {
    const three = { 'ratelimit-remaining': '3', 'ratelimit-reset': '30' }
    const it = withHeaders([good, { connect: 10, steps: good.steps! }], [[three, {}]])
    await stream(it, ask(), 0)
    const asked = Promise.all(Array.from({ length: 20 }, () => it.model.doGenerate(ask())))
    await it.clock.advance(100)
    await asked
    expect(counts(it)).toEqual([1 + 3, 17])
  })

  it('is not passed over where that is switched off', async () => {
    const it = withHeaders([good, good], [[none(20)]], { heedRateLimits: false })
    for (let request = 0; request < 3; request++) await stream(it, ask(), 0)
    expect(counts(it)).toEqual([3, 0])
  })
})

describe('a 429 that names a reset', () => {
  const limited = (seconds: number) =>
    apiError(429, 'slow down', {
      responseHeaders: { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': `${seconds}s` },
    })

  it('has its model passed over until then, and its circuit does not count it', async () => {
    const it = bench([[...Array.from({ length: 9 }, () => ({ reject: limited(20) })), good], good])
    for (let request = 0; request < 5; request++) {
      expect((await stream(it, ask(), 0)).provenance?.tier).toBe('b')
    }
    expect(counts(it)).toEqual([1, 5])
    for (let round = 0; round < 8; round++) {
      await it.clock.advance(20_000)
      await stream(it, ask(), 0)
    }
    expect(counts(it)[0]).toBe(9)
    expect(it.events.filter(({ type }) => type === 'circuit-opened')).toEqual([])
    await it.clock.advance(20_000)
    expect((await stream(it, ask(), 0)).provenance?.tier).toBe('a')
  })

  it('is found behind what the SDK wraps around it', async () => {
    const wrapped = Object.assign(new Error('gave up'), { name: 'AI_RetryError', lastError: limited(20) })
    const it = bench([{ reject: wrapped }, good])
    for (let request = 0; request < 3; request++) await stream(it, ask(), 0)
    expect(counts(it)).toEqual([1, 3])
  })
})

describe('several credentials of one provider', () => {
  const KEYS = ['sk-live-AAAA1111', 'sk-live-BBBB2222']

  for (const status of [401, 402, 403, 429]) {
    it(`go on with the next one when one is refused with ${status}`, async () => {
      const refusal = apiError(status, `bad key ${KEYS[0]}`, {
        responseHeaders: { 'retry-after': '20', authorization: `Bearer ${KEYS[0]}` },
        requestBodyValues: { apiKey: KEYS[0] },
        responseBody: `{"error":"${KEYS[0]}"}`,
      })
      const it = bench([{ reject: refusal }, good], {}, [{ credential: 'a' }, { credential: 'b' }])
      const { provenance, text } = await stream(it, ask(), 0)
      expect(text).toBe('Hello world')
      expect(provenance?.attempts).toMatchObject([
        { credential: 'a', outcome: 'failed', provider: 'test' },
        { credential: 'b', outcome: 'served', provider: 'test' },
      ])
      expect(JSON.stringify([provenance, it.events])).not.toContain(KEYS[0])
    })
  }

  it('show no key in the error when all are refused', async () => {
    const it = bench(
      KEYS.map((key) => ({
        reject: apiError(401, key, { responseHeaders: { authorization: key }, responseBody: key }),
      })),
      {},
      [{ credential: 'a' }, { credential: 'b' }],
    )
    const error = (await rejection(it.model.doStream(ask()))) as Error & { cause?: unknown }
    const shown = [error.message, error.stack, JSON.stringify(error), String(error.cause), JSON.stringify(it.events)]
    expect(shown.join('\n')).not.toMatch(/AAAA1111|BBBB2222/)
    expect(deepStrings(error).join('\n')).not.toMatch(/AAAA1111|BBBB2222/)
  })

  it('have names, circuits and limits of their own', async () => {
    const clock = fakeClock()
    const [a, b] = [
      answering(scripted(clock, [good, { reject: apiError(401) }], 'gpt'), [none(5)]),
      scripted(clock, good, 'gpt'),
    ]
    const model = failover(
      [
        { model: a, credential: 'a' },
        { model: b, credential: 'b' },
      ],
      { clock },
    )
    const served = async (): Promise<string | undefined> =>
      provenanceOf((await model.doGenerate(ask())).providerMetadata)?.tier
    expect(await served()).toBe('test-gpt-a')
    // It has no room left, which says nothing about the other one.
    expect(await served()).toBe('test-gpt-b')
    await clock.advance(5_000)
    for (let request = 0; request < 12; request++) expect(await served()).toBe('test-gpt-b')
    // Once well, then refused until its circuit opened; the other one's has not heard of it.
    expect(a.calls).toHaveLength(1 + 7)
    expect(b.calls).toHaveLength(1 + 12)
  })

  it('share the requests by weight', async () => {
    const it = bench([good, good], { choose: 'weighted' }, [
      { credential: 'a', weight: 3 },
      { credential: 'b', weight: 1 },
    ])
    for (let request = 0; request < 400; request++) await it.model.doGenerate(ask())
    expect(counts(it)[0]).toBeGreaterThan(270)
    expect(counts(it)[0]).toBeLessThan(330)
  })

  it('share the requests by load', async () => {
    const slow: Script = { connect: 200, steps: good.steps! }
    const it = bench([slow, { connect: 50, steps: good.steps! }], { choose: 'least-loaded' }, [
      { credential: 'a' },
      { credential: 'b' },
    ])
    const asked: PromiseLike<unknown>[] = []
    for (let request = 0; request < 100; request++) {
      asked.push(it.model.doGenerate(ask()))
      await it.clock.advance(20)
    }
    await it.clock.advance(1_000)
    await Promise.all(asked)
    const [toSlow = 0, toQuick = 0] = counts(it)
    expect(toQuick).toBeGreaterThan(2 * toSlow)
    expect(toSlow).toBeGreaterThan(0)
  })

  it('are refused when two have one label, or a label is a key', () => {
    const clock = fakeClock()
    const model = scripted(clock, good, 'gpt')
    expect(() =>
      failover([
        { model, credential: 'a' },
        { model, credential: 'a' },
      ]),
    ).toThrow(/INVALID|name/)
    expect(() => failover([{ model, credential: KEYS[0]! }])).toThrow(/^(?!.*AAAA1111).*credential/)
  })
})

/** Every text in a value, hidden ones and causes included. */
function deepStrings(value: unknown, seen: Set<unknown> = new Set()): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  return Reflect.ownKeys(value).flatMap((name) => deepStrings(Reflect.get(value, name), seen))
}
