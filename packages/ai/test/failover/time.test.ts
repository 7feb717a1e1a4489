import { describe, expect, it } from 'vitest'
import { AllTiersFailedError } from '../../src/index.ts'
import { ask, finish, open, say, shut, start, whole } from '../scripted-model.ts'
import type { Script } from '../scripted-model.ts'
import { apiError, bench, rejection, stream } from './models.ts'

const good = whole('Hello ', 'world')
const hangs: Script = { connect: 'hang' }
const silent: Script = { steps: [start, open, 'hang'] }

describe('a failover, in time,', () => {
  it('leaves a model that says nothing after firstOutputTimeoutMs, before and after it has connected', async () => {
    for (const script of [hangs, silent]) {
      const { text, provenance } = await stream(bench([script, good], { firstOutputTimeoutMs: 3_000 }))
      expect(text).toBe('Hello world')
      expect(provenance?.attempts[0]).toMatchObject({ code: 'ATTEMPT_TIMEOUT', durationMs: 3_000 })
      expect(provenance?.firstOutputMs).toBe(3_000)
    }
  })

  it('tells a model that it has been left', async () => {
    const it = bench([hangs, good])
    await stream(it)
    expect(it.models[0]?.calls[0]?.options.abortSignal?.reason).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
  })

  it('is not held up by pings, comments and empty words', async () => {
    const beat = [{ wait: 900 }, { type: 'ping' }, say(''), { type: 'raw', rawValue: ':' }] as const
    const alive: Script = { steps: [start, open, ...Array.from({ length: 60 }, () => beat).flat()] }
    const { provenance } = await stream(bench([alive, good], { firstOutputTimeoutMs: 5_000 }))
    expect(provenance?.attempts[0]).toMatchObject({ code: 'ATTEMPT_TIMEOUT', durationMs: 5_000 })
  })

  it('ends an answer that stalls, at its commit and before it', async () => {
    const stalls: Script = { steps: [start, open, say('Half '), { wait: 1 }, { type: 'ping' }, 'hang'] }
    const shown = await stream(bench([stalls, good], { idleTimeoutMs: 4_000 }))
    expect(shown).toMatchObject({ text: 'Half ', error: { code: 'IDLE_TIMEOUT' }, finish: 'error' })
    const hidden = await stream(bench([stalls, good], { idleTimeoutMs: 4_000, commit: 'complete' }))
    expect(hidden).toMatchObject({ text: 'Hello world', error: undefined })
    expect(hidden.provenance?.attempts[0]).toMatchObject({ code: 'IDLE_TIMEOUT', durationMs: 4_000 })
  })

  it('counts a stall against the model', async () => {
    const stalls: Script = { steps: [start, open, say('Half '), 'hang'] }
    const it = bench([stalls, good], { idleTimeoutMs: 1_000 })
    for (let request = 0; request < 4; request++) await stream(it, ask(), 2_000)
    expect(it.events.filter(({ type }) => type === 'circuit-opened')).toHaveLength(1)
  })

  it('starts nobody after its deadline, and gives each a share of the time before it', async () => {
    const it = bench([hangs, hangs, hangs], { deadlineMs: 9_000, firstOutputTimeoutMs: 9_000 })
    const asked = rejection(it.model.doStream(ask()))
    await it.clock.advance(9_000)
    const error = (await asked) as AllTiersFailedError
    expect(error).toBeInstanceOf(AllTiersFailedError)
    expect(error.attempts.map(({ durationMs }) => Math.round(durationMs))).toEqual([7_200, 900, 900])
    expect(it.clock.pending).toBe(0)
  })

  it('does not blame a model for time that those before it have used up, but for its own', async () => {
    const late: Script = { connect: 2_000, steps: good.steps! }
    const it = bench([hangs, late], { deadlineMs: 9_000 }, [{ timeoutMs: 8_500 }])
    const opened = (): unknown[] =>
      it.events.flatMap((event) => (event.type === 'circuit-opened' ? event.integration : []))
    for (let request = 0; request < 3; request++) {
      await rejection(stream(it, ask(), 9_000))
    }
    expect(it.models[1]?.calls).toHaveLength(3)
    const alone = bench([hangs], { deadlineMs: 4_000 })
    for (let request = 0; request < 4; request++) await rejection(stream(alone, ask(), 4_000))
    expect(alone.events.filter(({ type }) => type === 'circuit-opened')).toHaveLength(1)
    expect(opened()).toEqual([])
    const outcomes = it.events.flatMap((event) =>
      event.type === 'attempt-failed' && event.integration === 'b' ? event.outcome : [],
    )
    expect(outcomes).toEqual(['ignored', 'ignored', 'ignored'])
  })

  describe('with a commit after a beginning', () => {
    const commit = { chars: 20, ms: 1_000 }
    const begins = (text: string, rest: Script['steps'] = []): Script => ({ steps: [start, open, say(text), ...rest] })

    it('hides what fails before there are so many characters', async () => {
      const cut = begins('Only nineteen chars', [{ type: 'error', error: apiError(500) }])
      expect(await stream(bench([cut, good], { commit }))).toMatchObject({ text: 'Hello world', error: undefined })
    })

    it('stands by what fails after them', async () => {
      const cut = begins('Now twenty characters', [{ type: 'error', error: apiError(500) }])
      expect(await stream(bench([cut, good], { commit }))).toMatchObject({
        text: 'Now twenty characters',
        finish: 'error',
      })
    })

    it('stands by less when the time is up, without losing the part it waits for', async () => {
      const slow = begins('Hel', [{ wait: 3_000 }, say('lo'), shut, finish()])
      const it = bench([slow, good], { commit })
      const asked = it.model.doStream(ask())
      let resolved = false
      void asked.then(() => (resolved = true))
      await it.clock.advance(999)
      expect(resolved).toBe(false)
      await it.clock.advance(1)
      expect(resolved).toBe(true)
      const reading = asked.then(async ({ stream: parts }) => {
        let text = ''
        for await (const part of parts) if (part.type === 'text-delta') text += part.delta
        return text
      })
      await it.clock.advance(5_000)
      expect(await reading).toBe('Hello')
    })

    it('leaves one that trickles', async () => {
      const slow = begins('H', Array.from({ length: 50 }, () => [{ wait: 600 }, say('e')] as const).flat())
      const { text, provenance } = await stream(bench([slow, good], { commit: { ...commit, minimumChars: 5 } }))
      expect(text).toBe('Hello world')
      expect(provenance?.attempts[0]).toMatchObject({ code: 'TOO_SLOW', durationMs: 1_000 })
    })

    it('hears of a failure while it waits', async () => {
      const cut = begins('Hel', [{ wait: 500 }, { throw: new Error('socket') }])
      expect((await stream(bench([cut, good], { commit }))).text).toBe('Hello world')
      const late = begins('Hel', [{ wait: 1_500 }, { throw: new Error('socket') }])
      expect(await stream(bench([late, good], { commit }))).toMatchObject({ text: 'Hel', finish: 'error' })
    })
  })

  describe('that tries again', () => {
    const busy: Script = { reject: apiError(503) }

    it('asks the same model first, after a short wait', async () => {
      const it = bench([[busy, good], good], { maxRetries: 1 })
      const { provenance } = await stream(it)
      expect(provenance).toMatchObject({
        tier: 'a',
        degraded: false,
        attempts: [{ outcome: 'failed' }, { outcome: 'served' }],
      })
      const [first, second] = provenance!.attempts
      const waitedMs = second!.startMs - first!.startMs
      expect(waitedMs).toBeGreaterThanOrEqual(100)
      expect(waitedMs).toBeLessThanOrEqual(200)
    })

    it('goes on to the next when that did not help', async () => {
      const it = bench([busy, good], { maxRetries: 2 })
      expect((await stream(it)).provenance).toMatchObject({ tier: 'b' })
      expect(it.models[0]?.calls).toHaveLength(3)
    })

    it('does not where it would not help: an open circuit, a wrong key, a model that took long or asks for patience', async () => {
      for (const script of [
        { reject: apiError(401) },
        { reject: apiError(429, 'x', { responseHeaders: { 'retry-after': '5' } }) },
        { connect: 2_500, reject: apiError(503) },
      ]) {
        const it = bench([script, good], { maxRetries: 3 })
        expect((await stream(it)).provenance).toMatchObject({ tier: 'b' })
        expect(it.models[0]?.calls).toHaveLength(1)
      }
    })

    it('gives up its wait with its caller', async () => {
      const it = bench([busy, good], { maxRetries: 1 })
      const caller = new AbortController()
      const asked = rejection(it.model.doStream(ask('x', { abortSignal: caller.signal })))
      await it.clock.advance(50)
      caller.abort(new Error('hung up'))
      expect(await asked).toMatchObject({ message: 'hung up' })
      expect(it.clock.pending).toBe(0)
      await it.clock.advance(5_000)
      expect(it.models.map(({ calls }) => calls.length)).toEqual([1, 0])
    })
  })

  describe('that hedges', () => {
    it('starts the next model beside a silent one, and takes the first output', async () => {
      const slow: Script = { connect: 5_000, steps: [start, open, say('late'), shut, finish()] }
      const { text, provenance } = await stream(bench([slow, good], { hedgeAfterMs: 800 }))
      expect(text).toBe('Hello world')
      expect(provenance).toMatchObject({
        hedged: true,
        firstOutputMs: 800,
        attempts: [
          { tier: 'a', outcome: 'overtaken', usage: { estimated: true } },
          { tier: 'b', outcome: 'served' },
        ],
      })
    })

    it('lets nobody wait long who finds out whether a model answers again', async () => {
      const it = bench([[hangs, hangs, hangs, hangs, hangs, good], good])
      for (let request = 0; request < 4; request++) await stream(it, ask(), 10_000)
      await it.clock.advance(2_000)
      const { provenance } = await stream(it)
      expect(it.models[0]?.calls).toHaveLength(5)
      expect(provenance).toMatchObject({ tier: 'b', hedged: true, firstOutputMs: 1_000 })
      await it.clock.advance(60_000)
      expect((await stream(it)).provenance).toMatchObject({ tier: 'a', hedged: false })
    })

    it('does not let an error win', async () => {
      const slow: Script = { connect: 2_000, steps: [start, open, say('late'), shut, finish()] }
      const { text } = await stream(bench([slow, { reject: apiError(500) }], { hedgeAfterMs: 800 }))
      expect(text).toBe('late')
    })

    it('does not with a tool that the provider runs', async () => {
      const it = bench([hangs, good], { hedgeAfterMs: 800, firstOutputTimeoutMs: 3_000 })
      const search = { type: 'provider', id: 'x.search', name: 'search', args: {} } as const
      const { provenance } = await stream(it, ask('x', { tools: [search] }))
      expect(provenance).toMatchObject({ hedged: false, firstOutputMs: 3_000 })
    })
  })

  describe('that learns when to hedge', () => {
    const quick: Script = { connect: 200, steps: good.steps! }
    const slow: Script = { connect: 5_000, steps: [start, open, say('late'), shut, finish()] }
    const times = (script: Script, count: number): Script[] => Array.from({ length: count }, () => script)

    it('waits for nobody before it has seen enough answers, then as long as most of them took', async () => {
      const early = await stream(bench([slow, good], { hedge: {} }))
      expect(early).toMatchObject({ text: 'late', provenance: { hedged: false } })
      const it = bench([[...times(quick, 20), slow], good], { hedge: {} })
      for (let request = 0; request < 20; request++) await stream(it, ask(), 1_000)
      const { text, provenance } = await stream(it)
      expect(text).toBe('Hello world')
      expect(provenance?.hedged).toBe(true)
      expect(provenance?.firstOutputMs).toBeGreaterThan(100)
      expect(provenance?.firstOutputMs).toBeLessThan(300)
    })

    it('learns from those it has left, too, that a model has become slow', async () => {
      const it = bench([[...times(quick, 20), slow], good], { hedge: { budgetFloor: 1_000 } })
      for (let request = 0; request < 20; request++) await stream(it, ask(), 1_000)
      const waits: number[] = []
      // One more, and its circuit opens, since it is slow.
      for (let request = 0; request < 3; request++) waits.push((await stream(it)).provenance?.firstOutputMs ?? 0)
      expect(waits).toEqual(waits.toSorted((a, b) => a - b))
      expect(waits[2]).toBeGreaterThan(waits[0]!)
    })

    it('makes no more of them than its budget has, however many models there are', async () => {
      const it = bench([slow, slow, good], { hedge: { delayMs: 100, budgetRatio: 0.1, budgetFloor: 3 } })
      const asked = Array.from({ length: 20 }, () => stream(it))
      const all = await Promise.all(asked)
      expect(all.filter(({ provenance }) => provenance?.hedged)).toHaveLength(3)
      expect(it.events.filter(({ type }) => type === 'tier-hedged')).toHaveLength(3)
      const busy = bench([slow, good], { hedge: { delayMs: 100, budgetRatio: 0.5, budgetFloor: 0 } })
      const half = await Promise.all(Array.from({ length: 40 }, () => stream(busy)))
      expect(half.filter(({ provenance }) => provenance?.hedged)).toHaveLength(19)
    })

    it('takes nothing from the budget for who finds out whether a model answers again', async () => {
      const hedge = { delayMs: 1_000, budgetRatio: 0, budgetFloor: 0 }
      const it = bench([[hangs, hangs, hangs, hangs, hangs, good], good], { hedge })
      for (let request = 0; request < 4; request++) await stream(it, ask(), 10_000)
      await it.clock.advance(2_000)
      expect((await stream(it)).provenance).toMatchObject({ tier: 'b', hedged: true, firstOutputMs: 1_000 })
    })
  })
})
