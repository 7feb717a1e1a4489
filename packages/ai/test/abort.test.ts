import { getEventListeners } from 'node:events'
import { HoldfastError, createEvents } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { tierList } from '../src/index.ts'
import type { AiEvent } from '../src/index.ts'
import { ask, drain, open, say, scripted, start, whole } from './scripted-model.ts'
import type { Script } from './scripted-model.ts'

describe('a caller that gives up', () => {
  for (const reason of [new Error('closed the tab'), 'a string is no AbortError', { code: 7 }]) {
    it(`gets its own reason back (${typeof reason}), and nobody else is asked`, async () => {
      const clock = fakeClock()
      const first = scripted(clock, { connect: 'hang' })
      const second = scripted(clock, whole('b'))
      const list = tierList({
        name: 'desk',
        clock,
        tiers: [
          { name: 'a', model: first },
          { name: 'b', model: second },
        ],
      })
      const caller = new AbortController()
      const answer = list
        .doStream(ask('x', { abortSignal: caller.signal }))
        .then(undefined, (thrown: unknown) => thrown)
      await clock.advance(10)
      caller.abort(reason)
      expect(await answer).toBe(reason)
      expect(first.calls[0]?.options.abortSignal?.reason).toBe(reason)
      expect(second.calls).toHaveLength(0)
      expect(clock.pending).toBe(0)
    })
  }

  it('is heard before anything is asked', async () => {
    const clock = fakeClock()
    const first = scripted(clock, whole('a'))
    const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: first }] })
    const abortSignal = AbortSignal.abort('never mind')
    await expect(list.doGenerate(ask('x', { abortSignal }))).rejects.toBe('never mind')
    expect(first.calls).toHaveLength(0)
  })

  it('stops both tiers of a hedge', async () => {
    const clock = fakeClock()
    const models = [scripted(clock, { connect: 'hang' }), scripted(clock, { steps: [start, 'hang'] })] as const
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: models[0], hedgeAfterMs: 10, safeToRepeat: true },
        { name: 'b', model: models[1] },
      ],
    })
    const caller = new AbortController()
    const answer = list.doGenerate(ask('x', { abortSignal: caller.signal }))
    const gone = expect(answer).rejects.toBe('gone')
    await clock.advance(20)
    caller.abort('gone')
    await gone
    await clock.advance(0)
    expect(models.map((model) => model.calls[0]?.ended)).toEqual([true, true])
    expect(clock.pending).toBe(0)
  })

  it('ends a stream in its middle with the reason', async () => {
    const clock = fakeClock()
    const first = scripted(clock, { steps: [start, open, say('HALF '), 'hang'] })
    const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: first }] })
    const caller = new AbortController()
    const { stream } = await list.doStream(ask('x', { abortSignal: caller.signal }))
    const reading = expect(drain(stream)).rejects.toBe('gone')
    await clock.advance(10)
    caller.abort('gone')
    await reading
    await clock.advance(0)
    expect(first.calls[0]?.ended).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('cancels the tier and every timer by cancelling the stream, and no other tier is asked', async () => {
    const clock = fakeClock()
    const events = createEvents<AiEvent>()
    const seen: string[] = []
    events.on((event) => seen.push(event.type))
    const first = scripted(clock, { steps: [start, open, say('HALF '), 'hang'] })
    const second = scripted(clock, whole('b'))
    const list = tierList({
      name: 'desk',
      clock,
      events,
      tiers: [
        { name: 'a', model: first },
        { name: 'b', model: second },
      ],
    })
    const reader = (await list.doStream(ask())).stream.getReader()
    await reader.read()
    await reader.cancel('seen enough')
    await clock.advance(0)
    expect(first.calls[0]?.cancelled).toBe('seen enough')
    expect(first.calls[0]?.options.abortSignal?.aborted).toBe(true)
    expect(second.calls).toHaveLength(0)
    expect(clock.pending).toBe(0)
    expect(seen).toEqual(['answer-started', 'tier-served', 'answer-abandoned'])
  })

  it('is heard at every moment around the commit', async () => {
    const clock = fakeClock()
    for (let turns = 0; turns < 25; turns += 1) {
      const first = scripted(clock, { steps: [start, open, say('HALF '), 'hang'] })
      const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: first }] })
      const caller = new AbortController()
      const reading = Promise.resolve(list.doStream(ask('x', { abortSignal: caller.signal }))).then(({ stream }) =>
        drain(stream),
      )
      const gone = expect(reading, `after ${turns} turns`).rejects.toBe('gone')
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      caller.abort('gone')
      await gone
      await clock.settle()
      expect(first.calls.every((call) => call.ended)).toBe(true)
      expect(clock.pending).toBe(0)
    }
  })

  it.each(['answer-started', 'tier-failed', 'tier-skipped', 'tier-hedged', 'tier-served'])(
    'by a listener to %s is heard as well',
    async (type) => {
      for (const generates of [true, false]) {
        const clock = fakeClock()
        const caller = new AbortController()
        const events = createEvents<AiEvent>()
        events.on((event) => {
          if (event.type === type) caller.abort('gone')
        })
        const rejected = new HoldfastError({ code: 'NO', category: 'rejected', message: 'no', retryable: false })
        const scripts = [
          { connect: 'hang' },
          { reject: new Error('down') },
          { reject: rejected },
          whole('a', 'b'),
        ] as const
        const models = scripts.map((script) => scripted(clock, script))
        const tiers = models.map((model, index) => ({
          name: 'abcd'[index]!,
          model,
          safeToRepeat: true,
          hedgeAfterMs: 100,
        }))
        const list = tierList({ name: 'desk', clock, events, tiers })
        const call = ask('x', { abortSignal: caller.signal })
        const reading = generates ? list.doGenerate(call) : list.doStream(call)
        const gone = expect(reading).rejects.toBe('gone')
        await clock.advance(40_000)
        await gone
        await clock.settle()
        expect(models.flatMap((model) => model.calls).every((one) => one.ended)).toBe(true)
        expect(clock.pending).toBe(0)
        expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0)
      }
    },
  )

  it('cannot abort an answer that is whole', async () => {
    const clock = fakeClock()
    const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: scripted(clock, whole('done')) }] })
    const caller = new AbortController()
    const { stream } = await list.doStream(ask('x', { abortSignal: caller.signal }))
    expect((await drain(stream)).text).toBe('done')
    caller.abort('too late')
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  it('is not taken for what a tier aborts by itself', async () => {
    const clock = fakeClock()
    const aborted: Script = { reject: new DOMException('The operation was aborted', 'AbortError') }
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: scripted(clock, aborted) },
        { name: 'b', model: scripted(clock, whole('b')) },
      ],
    })
    const { content } = await list.doGenerate(ask('x', { abortSignal: new AbortController().signal }))
    expect(content).toEqual([{ type: 'text', text: 'b' }])
  })

  it('leaves nothing on a signal that outlives many requests', async () => {
    const clock = fakeClock()
    const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: scripted(clock, whole('a')) }] })
    let listeners = 0
    const { signal } = new AbortController()
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...given: Parameters<typeof add>): void => {
      listeners += 1
      add(...given)
    }
    signal.removeEventListener = (...given: Parameters<typeof remove>): void => {
      listeners -= 1
      remove(...given)
    }
    for (let count = 0; count < 50; count += 1) {
      await list.doGenerate(ask('x', { abortSignal: signal }))
      await drain((await list.doStream(ask('x', { abortSignal: signal }))).stream)
    }
    expect(listeners).toBe(0)
  })
})

describe('back-pressure', () => {
  it('reaches the tier: what the reader has not asked for is not pulled', async () => {
    const clock = fakeClock()
    const pieces = Array.from({ length: 5_000 }, (_, index) => `${index} `)
    const first = scripted(clock, whole(...pieces))
    const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: first }] })
    const reader = (await list.doStream(ask())).stream.getReader()
    for (let count = 0; count < 8; count += 1) await reader.read()
    await clock.advance(1_000)
    expect(first.calls[0]?.pulled).toBeLessThan(12)
    await reader.cancel()
  })
})
