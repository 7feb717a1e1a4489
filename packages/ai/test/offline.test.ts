import { createIntegration } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { offlineTier, troublesOf } from '../src/index.ts'
import { ask, drain } from './scripted-model.ts'

const contact = { name: 'the night desk', phone: '+1 555 0100', email: 'desk@example.com', hours: 'round the clock' }

function explode(): never {
  throw new Error('secret')
}

describe('an offline tier', () => {
  it('says what is down, since when, how to reach a person, and what to try', async () => {
    const clock = fakeClock()
    const since = clock.wallTime() - 720_000
    const model = offlineTier({
      contact,
      clock,
      troubles: () => [
        { name: 'n8n', title: 'the booking assistant', since },
        { name: 'avinode', title: 'the flight search' },
      ],
    })
    const { text, types } = await drain((await model.doStream(ask())).stream)
    expect(text).toContain('Not reachable right now: the booking assistant (for 12 minutes), the flight search.')
    expect(text).toContain('the night desk, call +1 555 0100 or write to desk@example.com (round the clock)')
    expect(text).toContain('ask again in a few minutes')
    expect(text).not.toContain('may have gone through')
    expect(types).toEqual(['stream-start', 'text-start', 'text-delta', 'text-end', 'finish'])
    expect((await model.doGenerate(ask())).content).toEqual([{ type: 'text', text }])
  })

  it('warns when an earlier tier may have done something', async () => {
    const prior = [{ tier: 'a', outcome: 'failed', mayHaveTakenEffect: true, startMs: 0, durationMs: 1 }]
    const model = offlineTier({ contact })
    const { text } = await drain(
      (await model.doStream(ask('x', { providerOptions: { holdfast: { priorAttempts: prior } } }))).stream,
    )
    expect(text).toContain('it may have gone through')
  })

  it('has a last word, whatever its own parts do', async () => {
    const broken = Object.defineProperty({}, 'name', { get: explode }) as typeof contact
    for (const options of [
      { contact, text: explode },
      { contact, text: () => '  ' },
      { contact, text: () => undefined as never },
      { contact, text: explode, troubles: explode },
      { contact: broken },
      { contact: undefined as never },
    ]) {
      const { content } = await offlineTier(options).doGenerate(ask())
      const text = content[0]?.type === 'text' ? content[0].text : ''
      expect(text).toContain('Our assistant cannot answer at the moment')
      expect(text).not.toContain('secret')
      if (options.contact === contact) expect(text).toContain('+1 555 0100')
    }
  })

  it('says nothing about causes when they cannot be told', async () => {
    const { content } = await offlineTier({ contact, troubles: explode }).doGenerate(ask())
    expect(content[0]).toMatchObject({
      text: expect.stringMatching(/^I am sorry, I cannot answer at the moment\.\n/) as unknown,
    })
  })

  it('uses the text it is given', async () => {
    const model = offlineTier({ contact, text: ({ contact: { name } }) => `Chiuso. ${name}` })
    expect((await model.doGenerate(ask())).content).toEqual([{ type: 'text', text: 'Chiuso. the night desk' }])
  })

  it('honours a caller that has given up', async () => {
    const options = ask('x', { abortSignal: AbortSignal.abort('gone') })
    await expect(offlineTier({ contact }).doGenerate(options)).rejects.toBe('gone')
  })
})

describe('troublesOf', () => {
  it('names the integrations whose circuit is not closed, since when, as customers call them', async () => {
    const clock = fakeClock()
    const well = createIntegration({ name: 'well', clock })
    const open = createIntegration({ name: 'open', clock })
    const isolated = createIntegration({ name: 'isolated', clock })
    await clock.advance(1_000)
    open.circuit.open()
    isolated.circuit.isolate()
    const troubles = troublesOf([well, open, isolated], { open: 'the open one' })
    expect(troubles).toEqual([
      { name: 'open', title: 'the open one', since: clock.wallTime() },
      { name: 'isolated', title: 'isolated', since: clock.wallTime() },
    ])
    open.circuit.close()
    expect(troublesOf([well, open])).toEqual([])
  })

  it('names one whose last call failed, before its circuit has opened, and no longer once it has answered', async () => {
    const clock = fakeClock()
    const shaky = createIntegration({ name: 'shaky', clock, retry: { maxRetries: 0 } })
    await shaky.call(() => Promise.resolve('well'))
    expect(troublesOf([shaky])).toEqual([])
    await clock.advance(1_000)
    await expect(shaky.call(() => Promise.reject(new Error('no')))).rejects.toThrow()
    expect(troublesOf([shaky])).toEqual([{ name: 'shaky', title: 'shaky', since: clock.wallTime() }])
    await clock.advance(1_000)
    await shaky.call(() => Promise.resolve('well again'))
    expect(troublesOf([shaky])).toEqual([])
  })
})
