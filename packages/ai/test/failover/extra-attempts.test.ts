import { streamText } from 'ai'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { failover, tierList } from '../../src/index.ts'
import type { AllTiersFailedError, FailoverOptions } from '../../src/index.ts'
import { ask, drain, finish, open, say, scripted, shut, start, whole } from '../scripted-model.ts'
import type { Script, ScriptedModel } from '../scripted-model.ts'
import { apiError, rejection } from './models.ts'

const good = whole('Hello ', 'world')
/** Opens no circuit, and says nothing of when to come back. */
const full: Script = { reject: apiError(429) }

interface Fleet {
  readonly clock: ReturnType<typeof fakeClock>
  readonly models: readonly ScriptedModel[]
  readonly sent: () => number
  /** Asks so often, so many times a second. @returns how many were answered. */
  ask(times: number, perSecond: number): Promise<number>
  /** What the models do from now on. */
  script(...scripts: readonly Script[]): void
}

function fleet(count: number, options: FailoverOptions = {}): Fleet {
  const clock = fakeClock()
  let now: readonly Script[] = []
  const models = Array.from({ length: count }, (_, index) => {
    const model = scripted(clock, good, 'abc'[index])
    return Object.assign(model, {
      doStream: (call: Parameters<ScriptedModel['doStream']>[0]) => {
        model.calls.push({ options: call, pulled: 0, cancelled: undefined, ended: true })
        return scripted(clock, now[index] ?? good).doStream(call)
      },
    })
  })
  const all = failover(models, { clock, heedRateLimits: false, ...options })
  return {
    clock,
    models,
    sent: () => models.reduce((sum, { calls }) => sum + calls.length, 0),
    async ask(times, perSecond) {
      let answered = 0
      const answers: PromiseLike<unknown>[] = []
      for (let asked = 0; asked < times; asked++) {
        answers.push(
          all.doGenerate(ask()).then(
            () => (answered += 1),
            () => undefined,
          ),
        )
        await clock.advance(1_000 / perSecond)
      }
      await clock.advance(2_000)
      await Promise.all(answers)
      return answered
    },
    script: (...scripts) => (now = scripts),
  }
}

describe('attempts after the first of a request', () => {
  it('do not multiply what is sent while all models are down, whatever their circuits say', async () => {
    const it = fleet(3)
    it.script(full, full, full)
    expect(await it.ask(2_000, 100)).toBe(0)
    // 1.2 times as many, and not three times.
    expect(it.sent()).toBeGreaterThan(2_000)
    expect(it.sent()).toBeLessThan(2_000 * 1.25 + 10)
    const retrying = fleet(3, { maxRetries: 2 })
    retrying.script(full, full, full)
    expect(await retrying.ask(2_000, 100)).toBe(0)
    // While they wait for their turn nobody knows that they are in vain; nine times as many it would be otherwise.
    expect(retrying.sent()).toBeLessThan(2_000 * 1.7)
  })

  it('are as many as it takes where another model answers', async () => {
    const it = fleet(3)
    it.script(full, full, good)
    expect(await it.ask(500, 100)).toBe(500)
    expect(it.sent()).toBe(1_500)
  })

  it('are made again within seconds of when they help again', async () => {
    const it = fleet(2)
    it.script(full, full)
    await it.ask(2_000, 100)
    it.script(full, good)
    await it.ask(300, 100)
    expect(await it.ask(300, 100)).toBe(300)
  })

  it('are always ten in ten seconds, so that a quiet hour has its failover', async () => {
    const it = fleet(2)
    it.script(full, full)
    await it.ask(20, 0.5)
    it.script(full, good)
    expect(await it.ask(20, 0.5)).toBe(20)
  })

  it('that are not made are told, one for each model that was left out', async () => {
    const clock = fakeClock()
    const models = ['a', 'b', 'c'].map((id) => scripted(clock, { reject: apiError(500) }, id))
    const all = failover(models, { clock, retryBudgetFloor: 0, retryBudgetRatio: 0, maxRetries: 3 })
    const error = (await rejection(all.doStream(ask()))) as AllTiersFailedError
    expect(error.attempts).toMatchObject([
      { tier: 'test-a', outcome: 'failed' },
      { tier: 'test-b', outcome: 'skipped', code: 'RETRY_BUDGET_SPENT' },
      { tier: 'test-c', outcome: 'skipped', code: 'RETRY_BUDGET_SPENT' },
    ])
    expect(models.map(({ calls }) => calls.length)).toEqual([1, 0, 0])
  })

  it('are none where a model was not asked, or has only answered badly', async () => {
    const none = { retryBudgetFloor: 0, retryBudgetRatio: 0 }
    const it = fleet(2, none)
    it.script({ reject: apiError(401) })
    // Four to open the circuit of the first; then the second is the first to be asked.
    expect(await it.ask(20, 100)).toBe(16)
    const clock = fakeClock()
    const json = failover([scripted(clock, whole('prose'), 'a'), scripted(clock, whole('{}'), 'b')], {
      clock,
      ...none,
    })
    const { content } = await json.doGenerate(ask('x', { responseFormat: { type: 'json' } }))
    expect(content).toMatchObject([{ text: '{}' }])
  })

  it('include those in the middle of an answer, and beside a silent model', async () => {
    const clock = fakeClock()
    const broken: Script = { steps: [start, open, say('Half '), { throw: new Error('gone') }] }
    const models = [scripted(clock, broken, 'a'), scripted(clock, good, 'b')]
    const spent = { clock, retryBudgetFloor: 0, retryBudgetRatio: 0 }
    const { parts } = await drain((await failover(models, { ...spent, onMidStream: 'restart' }).doStream(ask())).stream)
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'error' } })
    const slow = [scripted(clock, { connect: 500, steps: good.steps! }, 'a'), scripted(clock, good, 'b')]
    const answer = failover(slow, { ...spent, hedgeAfterMs: 100 }).doGenerate(ask())
    await clock.advance(500)
    expect((await answer).content).toMatchObject([{ text: 'Hello world' }])
    expect([models[1]!.calls, slow[1]!.calls]).toEqual([[], []])
  })

  it('are bounded by numbers in their range', () => {
    for (const wrong of [{ retryBudgetRatio: 1.5 }, { retryBudgetFloor: -1 }]) {
      expect(() => fleet(1, wrong)).toThrow(Object.keys(wrong)[0])
    }
  })
})

describe('layers whose attempts multiply', () => {
  const warningsOf = async (model: ReturnType<typeof failover>): Promise<readonly unknown[]> =>
    (await model.doGenerate(ask())).warnings

  it('are warned of once where a model is in two members', async () => {
    const clock = fakeClock()
    const [a, b, c] = ['a', 'b', 'c'].map((id) => scripted(clock, good, id))
    const inner = failover([a!, b!], { name: 'inner', clock })
    const deeper = tierList({ name: 'deeper', clock, tiers: [{ name: 'inner', model: inner }] })
    for (const nested of [inner, deeper]) {
      const all = failover([{ name: 'nested', model: nested }, c!, { name: 'again', model: b! }], { clock })
      expect(await warningsOf(all)).toEqual([
        { type: 'other', message: 'test:b is in "nested" and in "again", so that it is asked twice when it is down.' },
      ])
      expect(await warningsOf(all)).toEqual([])
    }
    expect(await warningsOf(failover([inner, c!], { clock }))).toEqual([])
    expect(
      await warningsOf(
        failover(
          [
            { name: 'x', model: a! },
            { name: 'y', model: a! },
          ],
          { clock },
        ),
      ),
    ).toEqual([])
  })

  it('are bounded and warned of where one above asks again what has failed here', async () => {
    const broken: Script = { steps: [start, open, say('Half '), { type: 'error', error: apiError(500) }] }
    const again: Script = { steps: [start, open, say('Whole.'), shut, finish()] }
    const model = scripted(fakeClock(), [broken, again], 'a')
    const { signal: abortSignal } = new AbortController()
    const asked = { prompt: 'x', abortSignal, streamRetries: 3, onError: () => undefined }
    const result = streamText({ model: failover([model]), ...asked })
    expect(await result.warnings).toMatchObject([{ type: 'other', message: expect.stringContaining('layer above') }])
    expect(model.calls).toHaveLength(2)
    const dead = scripted(fakeClock(), broken, 'a')
    const spent = failover([dead], { retryBudgetFloor: 0, retryBudgetRatio: 0 })
    await streamText({ model: spent, ...asked }).consumeStream()
    expect(dead.calls).toHaveLength(1)
  })

  it('are not looked for in a request that is none, which fails like any other', async () => {
    const all = failover([scripted(fakeClock(), good, 'a')])
    expect(await rejection(all.doGenerate({} as never))).toMatchObject({ code: 'ALL_TIERS_FAILED' })
  })

  it('are none where somebody asks the same anew', async () => {
    const clock = fakeClock()
    const model = scripted(clock, [{ reject: apiError(500) }, good], 'a')
    const all = failover([model], { clock })
    await rejection(all.doGenerate(ask()))
    expect(await warningsOf(all)).toEqual([])
    const request = ask()
    const other = failover([scripted(clock, [{ reject: apiError(500) }, good], 'a')], { clock })
    await rejection(other.doGenerate(request))
    expect((await other.doGenerate(request)).warnings).toMatchObject([{ type: 'other' }])
    expect((await other.doGenerate(request)).warnings).toEqual([])
  })
})
