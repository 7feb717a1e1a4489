import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import type { Permit } from '../policy/admission.ts'
import type { Breaker, BreakerConfiguration, BreakerPermit } from './breaker.ts'
import { createBreaker } from './create-breaker.ts'

/** Long times, so that what happens can be seen. */
const CALM = { windowMs: 30_000, consecutiveFailures: 0, openMs: 5_000, maxOpenMs: 60_000, rampUpMs: 30_000 }

function setUp(options: Partial<BreakerConfiguration> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const breaker = createBreaker({ name: 'crm', clock, events, random: () => 0.5, ...CALM, ...options })
  return { clock, breaker, record }
}

function permit(breaker: Breaker): Permit {
  const admission = breaker.tryAcquire()
  if (!admission.admitted) throw admission.error
  return admission
}

function times<T>(count: number, value: T): T[] {
  return new Array<T>(count).fill(value)
}

function settle(breaker: Breaker, ...outcomes: ('success' | 'slow' | 'failure' | 'ignored')[]): void {
  for (const outcome of outcomes) permit(breaker).settle(outcome)
}

describe('a closed circuit', () => {
  it('stays closed below the minimum number of calls, whatever fails', () => {
    const { breaker } = setUp({ minimumCalls: 5 })
    settle(breaker, 'failure', 'failure', 'failure', 'failure')
    expect(breaker.state).toBe('closed')
    settle(breaker, 'failure')
    expect(breaker.state).toBe('open')
  })

  it('does not open on the first failure by default (B16)', () => {
    const { breaker } = setUp()
    settle(breaker, 'failure')
    expect(breaker.state).toBe('closed')
  })

  it('opens when the share of failures reaches the ratio, and says why', () => {
    const { breaker, record } = setUp({ minimumCalls: 4, failureRatio: 0.5 })
    settle(breaker, 'success', 'success', 'failure')
    expect(breaker.state).toBe('closed')
    settle(breaker, 'failure')
    expect(breaker.state).toBe('open')
    expect(record.of('circuit-opened')).toMatchObject([
      { from: 'closed', to: 'open', reason: 'failures', openMs: 5_000 },
    ])
  })

  describe('with calls that answer and go on', () => {
    /** So many that answer, for as long as they are not settled. */
    const answering = (breaker: Breaker, count: number): BreakerPermit[] =>
      Array.from({ length: count }, () => {
        const admission = breaker.tryAcquire()
        if (!admission.admitted) throw admission.error
        admission.renew()
        admission.renew()
        return admission
      })

    it('counts them as calls that have not failed, since failures are the first to end', () => {
      const { breaker } = setUp({ minimumCalls: 5, failureRatio: 0.5 })
      answering(breaker, 6)
      settle(breaker, ...times(5, 'failure' as const))
      expect([breaker.state, breaker.snapshot().window]).toEqual(['closed', { calls: 5, failures: 5, slow: 0 }])
      settle(breaker, 'failure')
      expect(breaker.state, '6 of 12').toBe('open')
    })

    it('counts each once, by its end when it has ended', () => {
      const { breaker } = setUp({ minimumCalls: 5, failureRatio: 0.5 })
      const [first, second, ...others] = answering(breaker, 8)
      first?.settle('failure')
      second?.settle('ignored')
      for (const one of others) one.settle('success')
      settle(breaker, ...times(4, 'failure' as const))
      expect(breaker.state, '5 of 11').toBe('closed')
      settle(breaker, 'failure')
      expect(breaker.state, '6 of 12').toBe('open')
    })

    it('takes the beginning of an answer for the end of a row of failures, and its going on for nothing', () => {
      const { breaker } = setUp({ minimumCalls: 100, consecutiveFailures: 3 })
      settle(breaker, 'failure', 'failure')
      const [one] = answering(breaker, 1)
      settle(breaker, 'failure', 'failure')
      one?.renew()
      expect(breaker.state).toBe('closed')
      settle(breaker, 'failure')
      expect(breaker.state).toBe('open')
    })

    it('goes on with the row when that answer fails, and nobody else has been answered since', () => {
      const { breaker } = setUp({ minimumCalls: 100, consecutiveFailures: 3 })
      for (const state of ['closed', 'closed', 'open']) {
        answering(breaker, 1)[0]?.settle('failure')
        expect(breaker.state).toBe(state)
      }
    })

    it.each(['an answer that began after it', 'a call that succeeded'])('does not for %s', (what) => {
      const { breaker } = setUp({ minimumCalls: 100, consecutiveFailures: 3 })
      settle(breaker, 'failure', 'failure')
      const [one] = answering(breaker, 1)
      if (what === 'a call that succeeded') settle(breaker, 'success')
      else answering(breaker, 1)
      one?.settle('failure')
      settle(breaker, 'failure')
      expect(breaker.state).toBe('closed')
      settle(breaker, 'failure')
      expect(breaker.state).toBe('open')
    })

    it('forgets those of an earlier state', () => {
      const { clock, breaker } = setUp({ minimumCalls: 5, failureRatio: 0.5 })
      const old = answering(breaker, 20)
      breaker.open()
      breaker.close()
      for (const one of old) one.renew()
      settle(breaker, ...times(5, 'failure' as const))
      expect(breaker.state).toBe('open')
      expect(clock.pending).toBe(0)
    })
  })

  it('does not open on a success that completes the minimum', () => {
    const { breaker } = setUp({ minimumCalls: 3, failureRatio: 0.5 })
    settle(breaker, 'failure', 'failure', 'success')
    expect(breaker.state).toBe('closed')
  })

  it('opens on slow calls, counted together with failures', () => {
    const { breaker, record } = setUp({ minimumCalls: 4, failureRatio: 0.9, slowRatio: 0.75 })
    settle(breaker, 'success', 'failure', 'slow', 'slow')
    expect(record.of('circuit-opened')).toMatchObject([{ reason: 'slow-calls' }])
  })

  it('counts a success that took longer than slowCallMs as slow, and one that took just as long as not', async () => {
    const { breaker, clock } = setUp({ slowCallMs: 100 })
    const fast = permit(breaker)
    await clock.advance(100)
    expect(fast.settle('success')).toBe('success')
    const slow = permit(breaker)
    await clock.advance(101)
    expect(slow.settle('success')).toBe('slow')
    expect(breaker.snapshot().window).toEqual({ calls: 2, failures: 0, slow: 1 })
  })

  it('judges slowness by the duration it is told rather than by when it is told', async () => {
    const { breaker, clock } = setUp({ slowCallMs: 100 })
    const stream = permit(breaker)
    await clock.advance(5_000)
    expect(stream.settle('success', { durationMs: 40 })).toBe('success')
  })

  it('treats a slowCallMs of 0 as 0 and not as unset (B41)', async () => {
    const { breaker, clock } = setUp({ slowCallMs: 0 })
    const call = permit(breaker)
    await clock.advance(1)
    expect(call.settle('success')).toBe('slow')
  })

  it('opens after so many bad calls in a row when told to, below the minimum too', () => {
    const { breaker } = setUp({ consecutiveFailures: 3, minimumCalls: 100 })
    settle(breaker, 'failure', 'slow', 'success', 'failure', 'failure')
    expect(breaker.state).toBe('closed')
    settle(breaker, 'slow')
    expect(breaker.state).toBe('open')
  })

  it('lets neither ignored calls nor rejections into the rate (B17)', () => {
    const { breaker } = setUp({ minimumCalls: 2, openMs: 1_000 })
    settle(breaker, 'ignored', 'ignored', 'ignored', 'ignored', 'failure')
    expect(breaker.snapshot().window).toEqual({ calls: 1, failures: 1, slow: 0 })
    settle(breaker, 'failure')
    expect(breaker.state).toBe('open')
  })

  it('forgets everything after an idle time longer than its window (B6)', async () => {
    const { breaker, clock } = setUp({ windowMs: 500, minimumCalls: 10 })
    settle(breaker, ...Array.from({ length: 9 }, () => 'failure' as const))
    await clock.advance(3_600_000)
    expect(breaker.snapshot().window.calls).toBe(0)
    settle(breaker, 'failure')
    expect(breaker.state).toBe('closed')
    expect(breaker.snapshot().window).toEqual({ calls: 1, failures: 1, slow: 0 })
  })

  it('forgets slice by slice while calls keep coming', async () => {
    const { breaker, clock } = setUp({ windowMs: 1_000, minimumCalls: 1_000 })
    for (let i = 0; i < 30; i++) {
      settle(breaker, 'success')
      await clock.advance(100)
    }
    expect(breaker.snapshot().window.calls).toBe(9)
  })

  it('settles a permit once only', () => {
    const { breaker } = setUp({ minimumCalls: 2 })
    const call = permit(breaker)
    call.settle('failure')
    call.settle('failure')
    expect(breaker.snapshot().window.failures).toBe(1)
  })
})
