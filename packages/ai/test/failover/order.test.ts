import { seededRandom } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { ask, finish, open, say, shut, start, whole } from '../scripted-model.ts'
import { apiError, bench, stream } from './models.ts'

const good = whole('Hello')

describe('a failover chooses', () => {
  it('by weight, at random', async () => {
    const it = bench([good, good, good], { choose: 'weighted', random: seededRandom(7) }, [
      { weight: 6 },
      { weight: 3 },
      { weight: 1 },
    ])
    for (let request = 0; request < 1_000; request++) await stream(it, ask(), 0)
    const shares = it.models.map(({ calls }) => calls.length / 1_000)
    expect(shares[0]).toBeCloseTo(0.6, 1)
    expect(shares[1]).toBeCloseTo(0.3, 1)
    expect(shares[2]).toBeCloseTo(0.1, 1)
  })

  it('one of weight 0 only when all others have failed', async () => {
    const it = bench([good, { reject: apiError(500) }], { choose: 'weighted' }, [{ weight: 0 }, { weight: 1 }])
    expect((await stream(it)).provenance?.attempts.map(({ tier }) => tier)).toEqual(['b', 'a'])
  })

  it('the same for one session by weight, while it works, and spreads the sessions', async () => {
    const it = bench([good, good, good], { choose: 'weighted' })
    const served = new Map<string, Set<string>>()
    for (let request = 0; request < 300; request++) {
      const sessionId = `s${request % 60}`
      const { provenance } = await stream(it, ask('x', { providerOptions: { holdfast: { sessionId } } }), 0)
      served.set(sessionId, (served.get(sessionId) ?? new Set()).add(provenance!.tier))
    }
    expect([...served.values()].every((tiers) => tiers.size === 1)).toBe(true)
    for (const { calls } of it.models) expect(calls.length).toBeGreaterThan(50)
  })

  const session = (sessionId: string, tenant = 'one') =>
    ask('x', { providerOptions: { holdfast: { sessionId, tenant } } })
  const prices = [4, 1, 2].map((price) => ({ price: { inputPerMillion: price, outputPerMillion: price } }))

  it.each(['least-loaded', 'cheapest'] as const)('the same for one session, %s, while it works', async (choose) => {
    // The second, which is the cheapest, is gone for one request of the conversation, and back after it.
    const down = Array.from({ length: 10 }, () => ({ reject: apiError(500) }))
    const it = bench([good, [good, good, good, ...down, good], good], { choose, random: seededRandom(5) }, prices)
    const tierOf = async (options = session('s')): Promise<string | undefined> =>
      (await stream(it, options, 0)).provenance?.tier
    if (choose === 'cheapest') {
      expect([await tierOf(), await tierOf(), await tierOf()]).toEqual(['b', 'b', 'b'])
      for (let request = 0; request < 10; request++) await tierOf(ask())
      expect([await tierOf(), await tierOf()]).toEqual(['c', 'c'])
      await it.clock.advance(60_000)
      expect(await tierOf(ask())).toBe('b')
      expect(await tierOf()).toBe('c')
      expect(await tierOf(session('s', 'two'))).toBe('b')
      return
    }
    const served = new Map<string, Set<string | undefined>>()
    const calm = bench([good, good, good], { choose, random: seededRandom(5) })
    for (let request = 0; request < 300; request++) {
      const id = `s${request % 60}`
      const { provenance } = await stream(calm, session(id), 0)
      served.set(id, (served.get(id) ?? new Set()).add(provenance?.tier))
    }
    expect([...served.values()].every((tiers) => tiers.size === 1)).toBe(true)
    for (const { calls } of calm.models) expect(calls.length).toBeGreaterThan(50)
  })

  it('by load: hardly the slow one, and never a dead one that fails at once', async () => {
    const slow = { connect: 2_000, steps: good.steps! }
    const quick = { connect: 50, steps: good.steps! }
    const dead = { connect: 1, reject: apiError(500) }
    const it = bench([slow, quick, quick, dead], { choose: 'least-loaded', random: seededRandom(3) })
    const answers: PromiseLike<unknown>[] = []
    for (let request = 0; request < 400; request++) {
      answers.push(it.model.doGenerate(ask()))
      await it.clock.advance(25)
    }
    await it.clock.advance(30_000)
    await Promise.all(answers)
    const [a = 0, b = 0, c = 0, d = 0] = it.models.map(({ calls }) => calls.length)
    expect(b + c).toBeGreaterThan(350)
    expect(Math.abs(b - c)).toBeLessThan(100)
    expect(a).toBeLessThan(25)
    expect(d).toBeLessThan(25)
  })

  it('the cheapest that works, for the size of the request', async () => {
    const about = [
      { price: { inputPerMillion: 1, outputPerMillion: 20 } },
      { price: { inputPerMillion: 3, outputPerMillion: 4 } },
      {},
    ]
    const it = bench([good, good, good], { choose: 'cheapest' }, about)
    const long = 'word '.repeat(20_000)
    expect((await stream(it, ask('short'))).provenance?.tier).toBe('b')
    expect((await stream(it, ask(long, { maxOutputTokens: 10 }))).provenance?.tier).toBe('a')
    const broken = bench([{ reject: apiError(500) }, { reject: apiError(500) }, good], { choose: 'cheapest' }, about)
    expect((await stream(broken)).provenance?.attempts.map(({ tier }) => tier)).toEqual(['b', 'a', 'c'])
  })

  it('as a function says, and by itself where that says nothing', async () => {
    const of = async (choose: () => readonly string[]): Promise<string | undefined> =>
      (await stream(bench([good, good], { choose }))).provenance?.tier
    expect(await of(() => ['b', 'nobody', 'b'])).toBe('b')
    expect(await of(() => [])).toBe('a')
    expect(await of(() => ['nobody'])).toBe('a')
    expect(
      await of(() => {
        throw new Error('x')
      }),
    ).toBe('a')
  })

  it('who can do what is asked, and otherwise asks all the same', async () => {
    const about = [{ supports: { tools: false } }, { supports: { json: false } }, { supports: { files: false } }]
    const json = whole('{}')
    const it = bench([json, json, json], {}, about)
    const tool = { type: 'function', name: 'f', inputSchema: { type: 'object' } } as const
    const file = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } } as const
    const tierOf = async (options: Parameters<typeof stream>[1]): Promise<string | undefined> =>
      (await stream(it, options)).provenance?.tier
    expect(await tierOf(ask('x', { tools: [tool] }))).toBe('b')
    expect(await tierOf(ask('x', { responseFormat: { type: 'json' } }))).toBe('a')
    expect(await tierOf({ prompt: [{ role: 'user', content: [file] }], tools: [tool] })).toBe('b')
    expect(await tierOf({ ...ask('x'), tools: [tool], responseFormat: { type: 'json' } })).toBe('c')
    const none = bench([good], {}, [{ supports: { tools: false } }])
    expect((await stream(none, ask('x', { tools: [tool] }))).text).toBe('Hello')
  })

  it('who has room for the prompt, and the largest when nobody certainly has', async () => {
    const about = [{ contextWindow: 1_000 }, { contextWindow: 10_000 }]
    const it = bench([good, good], {}, about)
    expect((await stream(it, ask('word '.repeat(500)))).provenance?.tier).toBe('a')
    expect((await stream(it, ask('word '.repeat(5_000)))).provenance).toMatchObject({ tier: 'b', degraded: false })
    expect((await stream(it, ask('short', { maxOutputTokens: 5_000 }))).provenance?.tier).toBe('b')
    expect((await stream(it, ask('word '.repeat(50_000)))).provenance?.tier).toBe('b')
  })

  it('no longer an answer than a model gives', async () => {
    const it = bench([{ reject: apiError(500) }, good], {}, [{ maxOutputTokens: 100 }, {}])
    await stream(it, ask('x', { maxOutputTokens: 4_000 }))
    expect(it.models.map(({ calls }) => calls[0]?.options.maxOutputTokens)).toEqual([100, 4_000])
  })
})

describe('the account of a failover', () => {
  const price = { inputPerMillion: 1_000_000, outputPerMillion: 2_000_000 }
  const started = { steps: [start, open, say('x'.repeat(40)), { type: 'error', error: apiError(500) } as const] }

  it('bills each attempt at the price of its own model', async () => {
    const told = { steps: [start, open, say('x'), shut, finish('error')] }
    const it = bench([told, good], { commit: 'complete' }, [{ price }, { price: { ...price, inputPerMillion: 0 } }])
    const { provenance } = await stream(it)
    expect(provenance?.attempts).toMatchObject([
      { outcome: 'failed', usage: { inputTokens: 3, outputTokens: 10 }, cost: 23 },
      { outcome: 'served', usage: { inputTokens: 3, outputTokens: 10 }, cost: 20 },
    ])
    expect(provenance?.cost).toBe(43)
  })

  it('estimates what a failed model has not told, and says so', async () => {
    const it = bench([started, good], { commit: 'complete' }, [{ price }])
    const { provenance } = await stream(it, ask('y'.repeat(80)))
    expect(provenance?.attempts[0]).toMatchObject({
      usage: { inputTokens: 20, outputTokens: 10, estimated: true },
      cost: 40,
    })
    expect(provenance?.attempts[1]?.usage?.estimated).toBeUndefined()
  })

  it('bills nothing for a model that was never reached', async () => {
    const refused = { reject: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }
    const { provenance } = await stream(bench([refused, good], {}, [{ price }]))
    expect(provenance?.attempts[0]).not.toHaveProperty('usage')
    expect(provenance?.attempts[0]).not.toHaveProperty('cost')
  })

  it('takes prices from a table, and counts the cache', async () => {
    const usage = {
      inputTokens: { total: 100, noCache: 40, cacheRead: 50, cacheWrite: 10 },
      outputTokens: { total: 10, text: 10, reasoning: undefined },
    }
    const cached = { steps: [start, open, say('x'), shut, { ...finish(), usage } as never] }
    const table = { 'test:a': { ...price, cacheReadPerMillion: 100_000, cacheWritePerMillion: 2_000_000 } }
    const { provenance } = await stream(bench([cached], { prices: table }))
    expect(provenance?.cost).toBeCloseTo(40 + 5 + 20 + 20)
  })
})
