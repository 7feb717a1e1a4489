import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { generateText } from 'ai'
import fc from 'fast-check'
import { createIntegration } from '@holdfast/core'
import { fakeClock, seededRandom } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { createBudgets, failover, provenanceOf, tierList } from '../../src/index.ts'
import type { AllTiersFailedError, BudgetLimit, Budgets, FailoverModel, FailoverOptions } from '../../src/index.ts'
import { staticTier } from '../../src/replies/index.ts'
import { ask, drain, finish, open, say, scripted, shut, start, whole } from '../scripted-model.ts'
import type { Script, Step } from '../scripted-model.ts'
import { apiError, rejection, stream } from './models.ts'
import type { Bench } from './models.ts'

/** What every answer of a scripted model tells: 3 tokens of prompt, 10 of answer. At this price a million each cost 1, so 13. */
const price = { inputPerMillion: 1_000_000, outputPerMillion: 1_000_000 }
const good = whole('Hello ', 'world')

/** "Hello?" is two tokens by estimate; with this much of answer, 12 are set aside. */
const few = (more: Partial<LanguageModelV4CallOptions> = {}) => ask('Hello?', { maxOutputTokens: 10, ...more })

/** What is counted in the first account, and what is set aside. */
function costs({ budgets }: { readonly budgets: Budgets }): readonly [number, number] {
  const [account] = budgets.snapshot().accounts
  return [account?.used.cost ?? 0, account?.reserved.cost ?? 0]
}

const all: BudgetLimit = { name: 'all', period: 'day', maxCost: 1_000 }

/** A failover of scripted models named `a`, `b`, …, with budgets on the same clock. */
function setUp(
  scripts: readonly (Script | readonly Script[])[],
  limits: readonly BudgetLimit[],
  options: FailoverOptions = {},
  about: readonly Partial<FailoverModel>[] = scripts.map(() => ({ price })),
): Bench & { readonly budgets: Budgets } {
  const clock = fakeClock()
  const budgets = createBudgets({ limits, clock })
  const models = scripts.map((script, index) => scripted(clock, script, 'abcdefgh'[index]))
  const model = failover(
    models.map((member, index) => ({ name: 'abcdefgh'[index]!, model: member, ...about[index] })),
    { clock, budgets, random: seededRandom(1), ...options },
  )
  return { clock, models, model, budgets, events: [] }
}

describe('a failover with a budget', () => {
  it('counts what an answer has really cost', async () => {
    const it = setUp([good], [all])
    await stream(it, few())
    expect(costs(it)).toEqual([13, 0])
    await it.model.doGenerate(few())
    expect(costs(it)).toEqual([26, 0])
  })

  it('counts what failed attempts have cost, too', async () => {
    const broken: Script = { steps: [start, open, say('1234567890123456'), { throw: new Error('socket') }] }
    const it = setUp([broken, good], [all], { commit: 'complete' })
    const { provenance } = await stream(it, few())
    // By estimate, 2 tokens of prompt and 4 of answer; then the answer of the other.
    expect(costs(it)).toEqual([6 + 13, 0])
    expect(provenance?.cost).toBe(6 + 13)
  })

  it('gives back what is set aside for an attempt that reached nobody', async () => {
    const it = setUp([{ reject: apiError(401) }, { reject: apiError(429) }], [all])
    expect(await rejection(it.model.doStream(few()))).toMatchObject({ code: 'ALL_TIERS_FAILED' })
    expect(costs(it)).toEqual([0, 0])
  })

  it('gives back what is set aside when a circuit is open', async () => {
    const it = setUp([{ reject: apiError(401) }], [all])
    for (let request = 0; request < 6; request++) await rejection(it.model.doStream(few()))
    expect(it.models[0]?.calls).toHaveLength(4)
    expect(costs(it)).toEqual([0, 0])
  })

  it('refuses before anybody is asked, and counts it at no circuit', async () => {
    const integration = createIntegration({ name: 'guard', clock: fakeClock() })
    const it = setUp([good, good], [{ ...all, maxCost: 20 }], {}, [{ price, integration }, { price }])
    await it.model.doGenerate(few())
    const error = await rejection(it.model.doStream(few()))
    expect(error).toMatchObject({
      code: 'BUDGET_EXCEEDED',
      category: 'rejected',
      retryable: false,
      retryAfterMs: 86_400_000,
    })
    expect(it.models.map(({ calls }) => calls.length)).toEqual([1, 0])
    expect(integration.snapshot().totals).toMatchObject({ calls: 1, failed: 0 })
    await it.clock.advance(86_400_000)
    expect((await stream(it, few())).text).toBe('Hello world')
  })

  it('is not asked again by the AI SDK', async () => {
    const it = setUp([good], [{ ...all, maxCost: 1 }])
    const error = await rejection(generateText({ model: it.model, prompt: 'x', maxRetries: 5 }))
    expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED' })
    expect(it.models[0]?.calls).toHaveLength(0)
  })

  it('leaves the word to the next tier of a list', async () => {
    const it = setUp([good], [{ ...all, maxCost: 1 }])
    const desk = tierList({
      name: 'desk',
      clock: it.clock,
      tiers: [
        { name: 'models', model: it.model },
        { name: 'fixed', model: staticTier({ contact: { name: 'the desk' } }) },
      ],
    })
    const { content, providerMetadata } = await desk.doGenerate(few())
    expect(content[0]).toMatchObject({ type: 'text' })
    expect(provenanceOf(providerMetadata)).toMatchObject({
      tier: 'fixed',
      attempts: [{ tier: 'models', outcome: 'skipped', code: 'BUDGET_EXCEEDED' }, { outcome: 'served' }],
    })
  })

  it('lets no more of a hundred at once through than there is room for', async () => {
    const it = setUp([{ connect: 100, steps: good.steps! }], [{ ...all, maxCost: 60 }])
    const asked = Promise.allSettled(Array.from({ length: 100 }, () => it.model.doGenerate(few())))
    await it.clock.advance(1_000)
    const answers = await asked
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    expect(it.models[0]?.calls).toHaveLength(5)
    // Each was estimated at 12 and has cost 13.
    expect(costs(it)).toEqual([65, 0])
  })

  it('passes over a model without room, and says so', async () => {
    const it = setUp([good, good], [{ name: 'a', period: 'day', only: { credential: 'a' }, maxRequests: 1 }], {}, [
      { price, credential: 'a' },
      { price, credential: 'b' },
    ])
    await stream(it, few())
    const { provenance } = await stream(it, few())
    expect(provenance).toMatchObject({
      tier: 'b',
      degraded: true,
      attempts: [{ tier: 'a', outcome: 'skipped', code: 'BUDGET_EXCEEDED' }, { tier: 'b' }],
    })
    expect(it.models.map(({ calls }) => calls.length)).toEqual([1, 1])
  })

  it('asks a cheaper model where the dearer one does not fit any more', async () => {
    const cheap = { inputPerMillion: 1, outputPerMillion: 1 }
    const it = setUp([good, good], [{ ...all, maxCost: 15 }], {}, [{ price }, { price: cheap }])
    expect((await stream(it, few())).provenance?.tier).toBe('a')
    expect((await stream(it, few())).provenance?.tier).toBe('b')
  })

  it('asks the cheapest first after a soft limit that wants it so', async () => {
    const cheap = { inputPerMillion: 1, outputPerMillion: 1 }
    for (const onSoft of ['tell', 'cheapest'] as const) {
      const limit: BudgetLimit = { name: 'soft', period: 'day', per: ['tenant'], softCost: 10, onSoft }
      const it = setUp([good, good], [limit], {}, [{ price }, { price: cheap }])
      expect((await stream(it, few())).provenance?.tier).toBe('a')
      expect((await stream(it, few())).provenance?.tier).toBe(onSoft === 'tell' ? 'a' : 'b')
      const other = few({ providerOptions: { holdfast: { tenant: 'globex' } } })
      expect((await stream(it, other)).provenance?.tier).toBe('a')
    }
  })

  it('keeps tenants and keys apart, and shows no key that was given in place of its label', async () => {
    const it = setUp([good], [{ name: 'each', period: 'day', per: ['tenant', 'key'], maxRequests: 1 }])
    const of = (tenant: string, key: string) => few({ providerOptions: { holdfast: { tenant, key } } })
    await stream(it, of('acme', 'web'))
    expect(await rejection(it.model.doStream(of('acme', 'web')))).toMatchObject({ code: 'BUDGET_EXCEEDED' })
    await stream(it, of('acme', 'app'))
    await stream(it, of('globex', 'web'))
    await stream(it, of('globex', 'sk-proj-SECRET'))
    expect(await rejection(it.model.doStream(of('globex', 'sk-proj-SECRET')))).toMatchObject({
      code: 'BUDGET_EXCEEDED',
    })
    const shown = JSON.stringify(it.budgets.snapshot())
    expect(shown).toContain('"key":"app"')
    expect(shown).not.toContain('SECRET')
  })

  it('is held to what a model brings along, in whichever failover it is', async () => {
    const clock = fakeClock()
    const budgets = createBudgets({ limits: [{ name: 'day', period: 'day', maxRequests: 2 }], clock })
    const paid = { name: 'paid', model: scripted(clock, good, 'paid'), budgets }
    const free = { name: 'free', model: scripted(clock, good, 'free') }
    const first = failover([paid, free], { clock })
    const second = failover([paid], { clock })
    const tier = async (model: typeof first) => provenanceOf((await model.doGenerate(few())).providerMetadata)?.tier
    expect([await tier(first), await tier(second), await tier(first)]).toEqual(['paid', 'paid', 'free'])
    expect(await rejection(second.doStream(few()))).toMatchObject({
      code: 'BUDGET_EXCEEDED',
      retryAfterMs: 86_400_000,
    })
    expect(() => failover([paid], { clock, budgets })).not.toThrow()
    const others = createBudgets({ limits: [{ name: 'day', period: 'day', maxRequests: 2 }] })
    expect(() => failover([free, paid], { budgets: others })).toThrow(/models\[1\]\.budgets must be left out/)
  })

  it('tells in its attempt how long it has no room, where that ends', async () => {
    for (const [maxRequests, retryAfterMs] of [
      [1, 86_400_000],
      [0, undefined],
    ] as const) {
      const it = setUp([good], [{ name: 'day', period: 'day', maxRequests }])
      await it.model.doGenerate(few()).then(
        () => undefined,
        () => undefined,
      )
      const list = tierList({ name: 'desk', clock: it.clock, tiers: [{ name: 'models', model: it.model }] })
      const { attempts } = (await rejection(list.doStream(few()))) as AllTiersFailedError
      expect(attempts).toMatchObject([{ code: 'BUDGET_EXCEEDED', outcome: 'skipped' }])
      expect(attempts[0]?.retryAfterMs).toBe(retryAfterMs)
    }
  })

  it('cannot be built with a budget in money for a model without a price', () => {
    const model = scripted(fakeClock(), good, 'a')
    const inMoney = createBudgets({ limits: [{ ...all, only: { model: 'a' } }] })
    expect(() => failover([model], { budgets: inMoney })).toThrow(/models\[0\]\.price/)
    expect(() => failover([{ model, price }], { budgets: inMoney })).not.toThrow()
    const elsewhere = createBudgets({ limits: [{ ...all, only: { model: 'b', tenant: 'acme' } }] })
    expect(() => failover([model], { budgets: elsewhere })).not.toThrow()
    const inTokens = createBudgets({ limits: [{ name: 'tokens', period: 'day', maxTokens: 5 }] })
    expect(() => failover([model], { budgets: inTokens })).not.toThrow()
  })

  it('sets aside for the one beside a slow one, too, and settles both', async () => {
    const slow: Script = { connect: 5_000, steps: good.steps! }
    const it = setUp([slow, { connect: 10, steps: good.steps! }], [all], { hedgeAfterMs: 100 })
    const answer = Promise.resolve(it.model.doGenerate(few()))
    await it.clock.advance(105)
    expect(costs(it)).toEqual([0, 24])
    await it.clock.advance(5)
    await answer
    // The slow one may have read the prompt.
    expect(costs(it)).toEqual([2 + 13, 0])
  })

  it('counts by estimate an answer of which the provider tells nothing', async () => {
    const usage = {
      inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    }
    const untold: Script = { steps: [start, open, say('12345678'), shut, { ...finish(), usage } as Step] }
    const it = setUp([untold], [all])
    const { provenance } = await stream(it, few())
    expect(costs(it)).toEqual([4, 0])
    expect(provenance?.attempts[0]?.usage).toEqual({ inputTokens: 2, outputTokens: 2, estimated: true })
  })
})

describe('what is set aside', () => {
  it('is settled when the reader leaves or gives up, whenever that is', async () => {
    const slow: Script = { connect: 50, steps: [start, open, { wait: 50 }, say('12345678'), { wait: 50 }, 'hang'] }
    for (const [atMs, cost] of [
      [0, 2],
      [75, 2],
      [120, 4],
    ] as const) {
      const it = setUp([slow], [all])
      const caller = new AbortController()
      const read = Promise.resolve(it.model.doStream(few({ abortSignal: caller.signal }))).then(({ stream: parts }) =>
        drain(parts),
      )
      read.catch(() => undefined)
      await it.clock.advance(atMs)
      expect(costs(it)[1]).toBe(12)
      caller.abort(new Error('gone'))
      await rejection(read)
      expect(costs(it)).toEqual([cost, 0])
    }
    const it = setUp([{ steps: [start, open, say('12345678'), 'hang'] }], [all])
    const reader = (await it.model.doStream(few())).stream.getReader()
    await reader.read()
    await reader.cancel('enough')
    expect(costs(it)).toEqual([4, 0])
  })

  it('is settled for each of those that take an answer over', async () => {
    const broken: Script = { steps: [start, open, say('12345678'), { throw: new Error('socket') }] }
    const it = setUp([broken, good], [all], { onMidStream: 'restart' })
    await stream(it, few())
    expect(costs(it)).toEqual([4 + 13, 0])
  })

  it('is conserved, and a hard limit never passed by more than the estimates are below the truth, whatever happens', async () => {
    const limit = 200
    const seeds = fc.record({
      seed: fc.integer(),
      callers: fc.integer({ min: 1, max: 40 }),
      hedgeAfterMs: fc.constantFrom(false as const, 20),
      onMidStream: fc.constantFrom('error' as const, 'restart' as const, 'continue-or-restart' as const),
      maxRetries: fc.constantFrom(0, 2),
    })
    await fc.assert(
      fc.asyncProperty(seeds, async ({ seed, callers, ...options }) => {
        const clock = fakeClock()
        const random = seededRandom(seed)
        const budgets = createBudgets({
          clock,
          limits: [
            { name: 'all', period: 'day', maxCost: limit },
            { name: 'each', period: 'day', per: ['tenant', 'model'], maxCost: limit / 3 },
          ],
        })
        /** By how much more than was set aside attempts have used. */
        let above = 0
        const counted: Budgets = {
          ...bound(budgets),
          reserve: (subject, amounts) => {
            const reservation = budgets.reserve(subject, amounts)
            return {
              settle: (used) => {
                above += Math.max(0, (used?.cost ?? 0) - amounts.cost)
                reservation.settle(used)
              },
            }
          },
        }
        const check = (isOver: boolean): void => {
          for (const { budget, used, reserved } of budgets.snapshot().accounts) {
            const most = budget === 'all' ? limit : limit / 3
            expect(used.cost + reserved.cost).toBeLessThanOrEqual(most + above + 1e-9)
            if (isOver) expect(reserved).toEqual({ cost: 0, tokens: 0, requests: 0 })
          }
        }
        const models = ['a', 'b', 'c'].map((id) => ({
          name: id,
          price,
          model: Object.assign(scripted(clock, good, id), {
            doStream: async (call: LanguageModelV4CallOptions) => scripted(clock, anyScript(random), id).doStream(call),
          }),
        }))
        const model = failover(models, { clock, random, budgets: counted, idleTimeoutMs: 200, ...options })
        let cost = 0
        const asking = Array.from({ length: callers }, async (_, index) => {
          await clock.sleep(Math.floor(random() * 300))
          const caller = new AbortController()
          const call = few({
            abortSignal: caller.signal,
            providerOptions: { holdfast: { tenant: `t${index % 2}` } },
          })
          if (random() < 0.2) clock.schedule(random() * 100, () => caller.abort(new Error('gone')))
          try {
            if (random() < 0.3) {
              cost += provenanceOf((await model.doGenerate(call)).providerMetadata)?.cost ?? 0
              return
            }
            const { stream: parts } = await model.doStream(call)
            const reader = parts.getReader()
            const most = random() < 0.2 ? 2 : Infinity
            for (let read = 0; ; read++) {
              if (read >= most) {
                await reader.cancel('enough')
                return
              }
              const { done } = await reader.read()
              if (done) return
            }
          } catch {
            // Refused, failed or aborted.
          } finally {
            check(false)
          }
        })
        await clock.advance(120_000)
        await Promise.all(asking)
        check(true)
        const [account] = budgets.snapshot().accounts
        expect(account?.used.cost ?? 0).toBeGreaterThanOrEqual(cost - 1e-9)
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})

/** The methods of budgets as an object that can be spread. */
function bound(budgets: Budgets): Budgets {
  return {
    expectedOutputTokens: budgets.expectedOutputTokens,
    needsPrice: (model) => budgets.needsPrice(model),
    hasRoom: (subject, amounts) => budgets.hasRoom(subject, amounts),
    prefersCheaper: (subject) => budgets.prefersCheaper(subject),
    reserve: (subject, amounts) => budgets.reserve(subject, amounts),
    snapshot: () => budgets.snapshot(),
    revision: 0,
    changes: (since) => budgets.changes(since),
    onChange: (listener) => budgets.onChange(listener),
    heed: (spending, how) => budgets.heed(spending, how),
    standings: () => budgets.standings(),
    restore: (snapshot) => budgets.restore(snapshot),
  }
}

/** An answer that may be late, broken, refused, endless or good. */
function anyScript(random: () => number): Script {
  const connect = Math.floor(random() * 60)
  const dice = random()
  if (dice < 0.1) return { connect, reject: apiError([401, 429, 500, 503][Math.floor(random() * 4)]!) }
  if (dice < 0.15) return { connect: 'hang' }
  const steps: Step[] = [start, open]
  for (let word = 0; word < 4; word++) steps.push({ wait: Math.floor(random() * 40) }, say('word of it '))
  steps.push(shut, finish())
  if (random() < 0.3) {
    steps.splice(Math.floor(random() * steps.length))
    if (random() < 0.7) steps.push(random() < 0.5 ? 'hang' : { throw: new Error('socket') })
  }
  return { connect, steps }
}
