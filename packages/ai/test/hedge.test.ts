import { HoldfastError, createEvents } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { provenanceOf, tierList } from '../src/index.ts'
import type { AiEvent, Provenance, Tier } from '../src/index.ts'
import { ask, call, drain, finish, open, say, scripted, shut, start, whole } from './scripted-model.ts'
import type { Script, ScriptedModel } from './scripted-model.ts'

const broken = { type: 'error', error: new Error('broken') } as const

function after(ms: number, script: Script): Script {
  return { steps: [{ wait: ms }, ...(script.steps ?? [])] }
}

interface Race {
  readonly text: string
  readonly provenance: Provenance | undefined
  readonly types: readonly string[]
  readonly models: readonly ScriptedModel[]
  readonly events: readonly AiEvent[]
  readonly reasons: readonly unknown[]
}

/** Runs tier `a`, which hedges after 1,500 ms, against the tiers behind it, for 40 seconds. */
async function race(
  scripts: readonly (Script | readonly Script[])[],
  first: Partial<Tier> = {},
  lastResorts: Readonly<Record<string, number>> = {},
): Promise<Race> {
  const clock = fakeClock()
  const models = scripts.map((script, index) => scripted(clock, script, 'abcd'[index]))
  const events: AiEvent[] = []
  const channel = createEvents<AiEvent>()
  channel.on((event) => events.push(event))
  const list = tierList({
    name: 'desk',
    clock,
    events: channel,
    tiers: models.map((model, index) => ({
      name: 'abcd'[index]!,
      model,
      ...(index === 0
        ? { commit: 'complete' as const, hedgeAfterMs: 1_500, safeToRepeat: true, timeoutMs: 15_000, ...first }
        : {}),
      lastResortAfterMs: lastResorts['abcd'[index]!] ?? 0,
    })),
  })
  const reading = list.doStream(ask()).then(({ stream }) => drain(stream))
  await clock.advance(40_000)
  const { text, types, parts } = await reading
  const last = parts.at(-1)
  return {
    text,
    types,
    models,
    events,
    provenance: provenanceOf(last?.type === 'finish' ? last.providerMetadata : undefined),
    reasons: models.map((model) => model.calls[0]?.options.abortSignal?.reason as unknown),
  }
}

function outcomes(result: Race): unknown[] {
  return result.provenance?.attempts.map(({ tier, outcome }) => [tier, outcome]) ?? []
}

describe('a hedge', () => {
  it('starts the next tier beside one that is silent, and its first output wins', async () => {
    const result = await race([{ connect: 'hang' }, after(200, whole('from b')), whole('c')])
    expect(result.text).toBe('from b')
    expect(result.provenance).toMatchObject({ tier: 'b', hedged: true, firstOutputMs: 1_700 })
    expect(outcomes(result)).toEqual([
      ['a', 'overtaken'],
      ['b', 'served'],
    ])
    expect(result.models[2]?.calls).toHaveLength(0)
    expect(result.events.find((event) => event.type === 'tier-hedged')).toMatchObject({
      tier: 'a',
      next: 'b',
      afterMs: 1_500,
    })
  })

  it('tells the slow one that it was overtaken, so that its breaker learns of it', async () => {
    const result = await race([{ steps: [start, open, 'hang'] }, whole('from b')])
    expect(result.reasons[0]).toMatchObject({ code: 'OVERTAKEN' })
    expect(result.models[0]?.calls[0]?.ended).toBe(true)
  })

  it('cancels itself when the slow one speaks first, and says that it was not needed', async () => {
    const result = await race([after(2_000, whole('late but first')), after(5_000, whole('from b'))])
    expect(result.text).toBe('late but first')
    expect(result.provenance).toMatchObject({ tier: 'a', degraded: false, hedged: true })
    expect(outcomes(result)).toEqual([
      ['a', 'served'],
      ['b', 'cancelled'],
    ])
    expect(result.reasons[1]).toMatchObject({ code: 'TIER_CANCELLED', category: 'cancelled' })
    expect(HoldfastError.isInstance(result.reasons[1])).toBe(true)
  })

  it('never wins with an error: it leaves the race, and the slow one goes on', async () => {
    for (const script of [{ reject: new Error('down') }, { steps: [start, broken] }, { steps: [start, finish()] }]) {
      const result = await race([after(4_000, whole('worth the wait')), script])
      expect(result.text).toBe('worth the wait')
      expect(outcomes(result)).toEqual([
        ['a', 'served'],
        ['b', 'failed'],
      ])
    }
  })

  it('has its place taken by the next tier when it fails, however long the slow one still has', async () => {
    const result = await race([{ connect: 'hang' }, { reject: new Error('down') }, after(700, whole('from c'))])
    expect(result.text).toBe('from c')
    expect(result.provenance).toMatchObject({ tier: 'c', firstOutputMs: 2_200, hedged: true })
    expect(outcomes(result)).toEqual([
      ['a', 'overtaken'],
      ['b', 'failed'],
      ['c', 'served'],
    ])
    expect(result.events.filter((event) => event.type === 'tier-hedged')).toMatchObject([
      { tier: 'a', next: 'b', afterMs: 1_500 },
      { tier: 'a', next: 'c', afterMs: 1_500 },
    ])
  })

  it('leaves a last resort out while the slow one may still answer, which then serves', async () => {
    const down = { reject: new Error('down') }
    const result = await race([after(4_000, whole('worth the wait')), down, whole('notice')], {}, { c: 6_000 })
    expect(result.text).toBe('worth the wait')
    expect(result.models[2]?.calls).toHaveLength(0)
  })

  it('brings the last resort when its time has come, and the slow one is overtaken', async () => {
    for (const down of [{ reject: new Error('down') }, after(2_000, { steps: [broken] })]) {
      const result = await race([{ connect: 'hang' }, down, whole('notice')], {}, { c: 6_000 })
      expect(result.text).toBe('notice')
      expect(result.provenance).toMatchObject({ tier: 'c', firstOutputMs: 6_000 })
      expect(result.reasons[0]).toMatchObject({ code: 'OVERTAKEN' })
    }
  })

  it('gives each last resort its own time, and the slow one what a resort with nothing to say has left', async () => {
    const nothing = new HoldfastError({ code: 'NOTHING', category: 'rejected', message: 'nothing', retryable: false })
    const down = { reject: new Error('down') }
    const scripts = [after(7_000, whole('late')), down, { reject: nothing }, whole('notice')] as const
    const late = await race(scripts, {}, { c: 4_000, d: 8_000 })
    expect(late.text).toBe('late')
    expect(late.models[2]?.calls).toHaveLength(1)
    expect(late.models[3]?.calls).toHaveLength(0)
    const notice = await race(scripts, {}, { c: 4_000, d: 6_000 })
    expect(notice.text).toBe('notice')
    expect(notice.provenance?.firstOutputMs).toBe(6_000)
  })

  it('is no last resort, even when that stands right behind the slow tier', async () => {
    const result = await race([after(3_000, whole('from a')), whole('notice')], {}, { b: 5_000 })
    expect(result.text).toBe('from a')
    expect(result.provenance?.hedged).toBe(false)
  })

  it('brings a last resort at once when nothing else is at work any more', async () => {
    const result = await race(
      [after(2_000, { steps: [broken] }), { reject: new Error() }, whole('c')],
      {},
      { c: 60_000 },
    )
    expect(result.provenance).toMatchObject({ tier: 'c', firstOutputMs: 2_000 })
  })

  it('does not let a last resort interrupt an answer that has begun, even if that is held back', async () => {
    const held = {
      steps: [start, open, { wait: 3_000 }, say('slow '), { wait: 5_000 }, say('but here'), shut, finish()],
    }
    const result = await race([held, { reject: new Error('down') }, whole('notice')], {}, { c: 4_000 })
    expect(result.text).toBe('slow but here')
  })

  it('goes on alone when the slow one fails', async () => {
    const result = await race([after(2_000, { steps: [broken] }), after(3_000, whole('from b')), whole('c')])
    expect(result.text).toBe('from b')
    expect(outcomes(result)).toEqual([
      ['a', 'failed'],
      ['b', 'served'],
    ])
  })

  it('leaves the field to the tier after it when both fail', async () => {
    const result = await race([after(2_000, { steps: [broken] }), after(1_000, { steps: [broken] }), whole('from c')])
    expect(result.text).toBe('from c')
    expect(outcomes(result)).toEqual([
      ['a', 'failed'],
      ['b', 'failed'],
      ['c', 'served'],
    ])
  })

  it('is asked again when it was cancelled for an answer that broke off before its commit', async () => {
    const breaksOff = { steps: [{ wait: 2_000 }, start, open, say('HALF '), { wait: 500 }, broken] } as const
    const result = await race([breaksOff, [after(5_000, whole('slow b')), whole('from b')], whole('c')])
    expect(result.text).toBe('from b')
    expect(outcomes(result)).toEqual([
      ['a', 'failed'],
      ['b', 'cancelled'],
      ['b', 'served'],
    ])
  })

  it('lets the slow one be asked again when the hedge won and then broke off before its commit', async () => {
    const clock = fakeClock()
    const first = scripted(clock, [{ connect: 'hang' }, whole('second try')])
    const second = scripted(clock, { steps: [start, ...call('t', {}), { throw: new Error('cut') }] })
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: first, hedgeAfterMs: 100, safeToRepeat: true },
        { name: 'b', model: second },
      ],
    })
    const answer = list.doGenerate(ask())
    await clock.advance(100)
    expect((await answer).content).toEqual([{ type: 'text', text: 'second try' }])
  })

  it('does not start while output is on its way, even if that is held back', async () => {
    const held = { steps: [start, open, say('slow '), { wait: 5_000 }, say('but here'), shut, finish()] } as const
    const result = await race([held, whole('b')])
    expect(result.text).toBe('slow but here')
    expect(result.models[1]?.calls).toHaveLength(0)
    expect(result.provenance?.hedged).toBe(false)
  })

  it('does not start for what is not safe to repeat', async () => {
    for (const safeToRepeat of [
      false,
      () => false,
      () => {
        throw new Error('cannot tell')
      },
    ]) {
      const result = await race([after(3_000, whole('from a')), whole('b')], { safeToRepeat })
      expect(result.text).toBe('from a')
      expect(result.models[1]?.calls).toHaveLength(0)
    }
  })

  it('asks whether this very request is safe to repeat', async () => {
    const result = await race([{ connect: 'hang' }, whole('from b')], {
      safeToRepeat: ({ prompt }) => JSON.stringify(prompt).includes('Hello?'),
    })
    expect(result.text).toBe('from b')
  })

  it('is never the third at work', async () => {
    const result = await race([{ connect: 'hang' }, { connect: 'hang' }, whole('from c')], { timeoutMs: 4_000 })
    expect(result.models[2]?.calls.length).toBe(1)
    expect(outcomes(result)).toEqual([
      ['a', 'failed'],
      ['b', 'failed'],
      ['c', 'served'],
    ])
  })

  it('may have a hedge of its own once it is alone', async () => {
    const clock = fakeClock()
    const third = scripted(clock, whole('from c'))
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        {
          name: 'a',
          model: scripted(clock, { connect: 'hang' }),
          timeoutMs: 3_000,
          hedgeAfterMs: 500,
          safeToRepeat: true,
        },
        { name: 'b', model: scripted(clock, { connect: 'hang' }), hedgeAfterMs: 500, safeToRepeat: true },
        { name: 'c', model: third },
      ],
    })
    const answer = list.doGenerate(ask())
    await clock.advance(2_999)
    expect(third.calls).toHaveLength(0)
    await clock.advance(1)
    expect((await answer).content).toEqual([{ type: 'text', text: 'from c' }])
  })

  it('knows of the one beside it, whose effect nobody knows yet', async () => {
    const result = await race([{ connect: 'hang' }, whole('from b')])
    expect(result.models[1]?.calls[0]?.options.providerOptions?.['holdfast']).toMatchObject({
      priorAttempts: [{ tier: 'a', outcome: 'overtaken', mayHaveTakenEffect: true }],
    })
  })

  it('leaves no timer behind', async () => {
    const clock = fakeClock()
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: scripted(clock, { connect: 'hang' }), hedgeAfterMs: 100, safeToRepeat: true },
        { name: 'b', model: scripted(clock, whole('b')) },
      ],
    })
    const answer = list.doGenerate(ask())
    await clock.advance(100)
    await answer
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })
})
