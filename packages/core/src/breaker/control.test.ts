import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import { createBreaker } from './create-breaker.ts'
import { BREAKER_DEFAULTS } from './options.ts'

/** Long times, so that what happens can be seen. */
const CALM = { windowMs: 30_000, consecutiveFailures: 0, openMs: 5_000, maxOpenMs: 60_000, rampUpMs: 30_000 }

function setUp() {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const breaker = createBreaker({
    name: 'crm',
    clock,
    events,
    random: () => 0.5,
    ...CALM,
    openMs: 1_000,
    minimumCalls: 1,
  })
  const fail = (): void => {
    const admission = breaker.tryAcquire()
    if (admission.admitted) admission.settle('failure', { error: new Error('no') })
  }
  return { clock, events, record, breaker, fail }
}

describe('a circuit under manual control', () => {
  it('opens at once and goes half-open after its usual time', async () => {
    const { breaker, clock, record } = setUp()
    breaker.open()
    expect(breaker.state).toBe('open')
    expect(record.all).toMatchObject([{ type: 'circuit-opened', reason: 'manual' }])
    await clock.advance(1_000)
    expect(breaker.state).toBe('half-open')
  })

  it('closes at once, without a ramp and with an empty window', () => {
    const { breaker, fail } = setUp()
    fail()
    breaker.close()
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', admittedShare: 1, window: { calls: 0 } })
  })

  it('stays isolated until it is closed or reset', async () => {
    const { breaker, clock, record } = setUp()
    breaker.isolate()
    await clock.advance(86_400_000)
    expect(breaker.tryAcquire()).toMatchObject({
      admitted: false,
      error: { code: 'CIRCUIT_ISOLATED', retryable: false },
    })
    expect(breaker.wouldAdmit()).toBe(false)
    breaker.reset()
    expect(breaker.state).toBe('closed')
    expect(record.types).toEqual(['circuit-isolated', 'circuit-closed'])
  })

  it('has forgotten its reopenings and its last failure after a reset', async () => {
    const { breaker, clock, fail, record } = setUp()
    fail()
    await clock.advance(1_000)
    fail()
    breaker.reset()
    fail()
    expect(record.of('circuit-opened').map((event) => event.openMs)).toEqual([1_000, 2_000, 1_000])
    breaker.reset()
    breaker.isolate()
    const admission = breaker.tryAcquire()
    expect(admission.admitted ? undefined : admission.error.cause).toBe(undefined)
  })

  it('is not moved by calls that began before the manual change (B2)', () => {
    const { breaker } = setUp()
    const admission = breaker.tryAcquire()
    breaker.close()
    if (admission.admitted) admission.settle('failure')
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', window: { calls: 0 } })
  })

  it('survives a listener that throws, and one that switches it back (B39)', () => {
    const { breaker, events, fail, record } = setUp()
    events.on(() => {
      throw new Error('a listener that fails')
    })
    events.on((event) => {
      if (event.type === 'circuit-opened') breaker.close()
    })
    fail()
    expect(breaker.state).toBe('closed')
    expect(record.types).toEqual(['circuit-opened', 'circuit-closed'])
  })

  it('hands out frozen copies (B30)', () => {
    const { breaker } = setUp()
    const snapshot = breaker.snapshot()
    expect(() => Object.assign(snapshot.window, { calls: 99 })).toThrow(TypeError)
    expect(() => Object.assign(snapshot, { state: 'open' })).toThrow(TypeError)
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', window: { calls: 0 } })
  })
})

describe('the options of a breaker', () => {
  it('cannot be changed through their defaults', () => {
    expect(Object.isFrozen(BREAKER_DEFAULTS)).toBe(true)
  })

  it.each([
    [{ failureRatio: 0 }, 'breaker.failureRatio must be a number above 0 and up to 1, but is 0'],
    [{ failureRatio: 1.1 }, 'breaker.failureRatio must be a number above 0 and up to 1, but is 1.1'],
    [{ minimumCalls: 0 }, 'breaker.minimumCalls must be a whole number from 1 to 1,000,000, but is 0'],
    [{ minimumCalls: 2.5 }, 'breaker.minimumCalls must be a whole number from 1 to 1,000,000, but is 2.5'],
    [{ openMs: 0 }, 'breaker.openMs must be a number from 1 to 86,400,000, but is 0'],
    [{ openMs: -5 }, 'breaker.openMs must be a number from 1 to 86,400,000, but is -5'],
    [{ windowMs: Number.NaN }, 'breaker.windowMs must be a number from 10 to 86,400,000, but is NaN'],
    [{ openMs: 2_000, maxOpenMs: 1_000 }, 'breaker.maxOpenMs must be at least openMs (2000), but is 1000'],
    [{ name: 'Not A Name' }, "breaker.name must be 1 to 64 lower-case letters, digits and '-', but is 'Not A Name'"],
  ])('refuse %j', (options, message) => {
    expect(() => createBreaker({ name: 'crm', ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    )
  })

  it('refuse a key that is none of them, and name those there are', () => {
    const options = { name: 'crm', timeout: 5 }
    expect(() => createBreaker(options)).toThrow(/breaker\.timeout is not an option.*windowMs/)
  })

  it('raise the upper bound of the open time with openMs when only that is given', () => {
    const clock = fakeClock()
    const breaker = createBreaker({ name: 'crm', openMs: 120_000, openJitter: 0, clock })
    breaker.open()
    expect(breaker.snapshot().nextProbeInMs).toBe(120_000)
  })
})
