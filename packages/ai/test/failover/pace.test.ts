import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { tierList } from '../../src/index.ts'
import { ask, drain, finish, open, say, scripted, shut, start, whole } from '../scripted-model.ts'
import type { Script, Step } from '../scripted-model.ts'
import { bench, rejection, stream } from './models.ts'

const good = whole('Hello ', 'world')

/** A beginning, and then a word again and again without end. */
function goesOn(word: string, everyMs: number, times = 10_000): Script {
  const again: Step[] = [{ wait: everyMs }, say(word)]
  return { steps: [start, open, say('Once upon a time '), ...Array.from({ length: times }, () => again).flat()] }
}

describe('an answer that trickles', () => {
  const trickle = goesOn('a', 4_500)

  it('breaks off when twenty seconds of waiting have brought fewer than ten characters, and counts against its model', async () => {
    const it = bench([trickle, good])
    expect(await stream(it, ask(), 20_000)).toMatchObject({
      text: 'Once upon a time aaaa',
      error: { code: 'TOO_SLOW', category: 'timeout' },
      finish: 'error',
      provenance: { durationMs: 20_000 },
    })
    for (let asked = 0; asked < 3; asked++) await stream(it, ask(), 20_000)
    expect(it.events.filter(({ type }) => type === 'circuit-opened')).toHaveLength(1)
    expect(it.clock.pending).toBe(0)
  })

  it('is as slow where it brings pings and white space in between', async () => {
    const beat: Step[] = [{ wait: 900 }, { type: 'ping' }, { wait: 900 }, say('      '), { wait: 200 }, say('a')]
    const it = bench([{ steps: [start, open, say('So '), ...Array.from({ length: 99 }, () => beat).flat()] }])
    expect(await stream(it)).toMatchObject({ error: { code: 'TOO_SLOW' }, provenance: { durationMs: 20_000 } })
  })

  it('is left for the next model where nothing of it has been shown', async () => {
    const it = bench([trickle, good], { commit: 'complete' })
    const { text, provenance } = await stream(it)
    expect(text).toBe('Hello world')
    expect(provenance?.attempts[0]).toMatchObject({ code: 'TOO_SLOW', durationMs: 20_000 })
  })

  it('is gone on with, or begun anew, where onMidStream says so', async () => {
    const rest = whole('Once upon a time aaaa there was an end.')
    const continued = await stream(bench([trickle, rest], { onMidStream: 'continue' }))
    expect(continued).toMatchObject({ text: 'Once upon a time aaaa there was an end.', finish: 'stop' })
    expect(continued.provenance).toMatchObject({ tier: 'b', resumed: 'continue' })
    const { types, provenance } = await stream(bench([trickle, good], { onMidStream: 'restart' }))
    expect(types.filter((type) => type === 'custom')).toHaveLength(1)
    expect(provenance).toMatchObject({ tier: 'b', resumed: 'restart' })
  })

  it('is none at a character a second, nor after a pause, nor where paceChars is 0', async () => {
    const slowly = goesOn('a', 1_999, 30)
    const ends = { steps: [...slowly.steps!, shut, finish()] }
    expect(await stream(bench([{ steps: [...goesOn('a', 1_000, 30).steps!, shut, finish()] }]))).toMatchObject({
      finish: 'stop',
    })
    const paused: Step[] = [start, open, say('x'), { wait: 9_900 }, say('ten of them'), { wait: 9_900 }, say('more')]
    expect(await stream(bench([{ steps: [...paused, { wait: 9_900 }, shut, finish()] }]))).toMatchObject({
      finish: 'stop',
    })
    expect(await stream(bench([ends], { paceChars: 11 }), ask(), 90_000)).toMatchObject({ finish: 'error' })
    expect(await stream(bench([ends], { paceChars: 0 }), ask(), 90_000)).toMatchObject({ finish: 'stop' })
    expect(await stream(bench([ends], { paceMs: 1_000 }), ask(), 90_000)).toMatchObject({ finish: 'error' })
  })

  it('is not one whose reader is slow', async () => {
    const it = bench([{ steps: [start, open, ...[...'twenty characters in'].map(say), shut, finish()] }])
    const reader = (await it.model.doStream(ask())).stream.getReader()
    let text = ''
    for (;;) {
      await it.clock.advance(15_000)
      const { done, value } = await reader.read()
      if (done) break
      if (value.type === 'text-delta') text += value.delta
      expect(value.type).not.toBe('error')
    }
    expect(text).toBe('twenty characters in')
  })
})

describe('an answer without end', () => {
  const endless = goesOn('word '.repeat(40), 5_000)

  it('breaks off after answerTimeoutMs, which is ten minutes', async () => {
    const it = bench([endless, good])
    const { text, ...rest } = await stream(it, ask(), 700_000)
    expect(rest).toMatchObject({
      error: { code: 'ANSWER_TIMEOUT', category: 'timeout' },
      finish: 'error',
      provenance: { durationMs: 600_000 },
    })
    expect(text.length).toBeGreaterThan(20_000)
    expect(it.models[0]?.calls[0]).toMatchObject({ ended: true })
    expect(it.models[0]?.calls[0]?.options.abortSignal?.aborted).toBe(true)
    expect(it.clock.pending).toBe(0)
  })

  it('is begun anew where onMidStream says so, and the model that takes it over has as long', async () => {
    const it = bench([endless, endless], { onMidStream: 'restart', answerTimeoutMs: 40_000 })
    const { error, provenance } = await stream(it, ask(), 200_000)
    expect(error).toMatchObject({ code: 'ANSWER_TIMEOUT' })
    expect(provenance?.attempts.map(({ tier, durationMs }) => [tier, durationMs])).toEqual([
      ['a', 40_000],
      ['b', 40_000],
      ['a', 40_000],
    ])
  })

  it('lets go of its model also where nobody reads it, and that is not the model’s fault', async () => {
    const it = bench([{ steps: [start, open, say('Half '), say('of '), say('it '), say('all'), shut, finish()] }])
    const { stream: unread } = await it.model.doStream(ask())
    await it.clock.advance(599_999)
    expect(it.models[0]?.calls[0]?.ended).toBe(false)
    await it.clock.advance(1)
    expect(it.models[0]?.calls[0]?.ended).toBe(true)
    expect(it.clock.pending).toBe(0)
    expect(it.events.filter(({ type }) => type === 'attempt-failed')).toMatchObject([{ outcome: 'ignored' }])
    const types: string[] = []
    for await (const part of unread) types.push(part.type)
    expect(types.slice(-2)).toEqual(['error', 'finish'])
  })

  it('has no less time than there is to its commit', async () => {
    expect(
      await stream(bench([goesOn('word '.repeat(3), 5_000, 150)], { deadlineMs: 900_000 }), ask(), 800_000),
    ).toMatchObject({
      error: { code: 'STREAM_INCOMPLETE' },
    })
    const build = (): unknown => bench([good], { answerTimeoutMs: 29_999 })
    expect(await rejection(Promise.resolve().then(build))).toMatchObject({ code: 'INVALID_OPTION' })
    for (const wrong of [{ paceMs: 0 }, { paceChars: -1 }, { answerTimeoutMs: 86_400_001 }]) {
      expect(() => bench([good], wrong)).toThrow(Object.keys(wrong)[0])
    }
  })
})

describe('a tier list', () => {
  it('lets an answer go on for as long as it goes on, and sets no timer for its end', async () => {
    const clock = fakeClock()
    const slow = scripted(clock, { steps: [...goesOn('a', 20_000, 60).steps!, shut, finish()] })
    const list = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: slow, timeoutMs: 1_000 }] })
    const reading = drain((await list.doStream(ask())).stream)
    await clock.advance(30_000)
    // The script's own wait, and the watch over silences.
    expect(clock.pending).toBe(2)
    await clock.advance(1_200_000)
    expect((await reading).parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } })
    expect(clock.pending).toBe(0)
  })
})
