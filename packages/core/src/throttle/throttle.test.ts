import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ErrorCategory } from '../errors/category.ts'
import { CATEGORY_RULES } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type { AttemptOutcome, CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import type { Permit } from '../policy/admission.ts'
import { createThrottle } from './create-throttle.ts'
import { THROTTLE_DEFAULTS, type ThrottleConfiguration } from './options.ts'

function setUp(options: Partial<ThrottleConfiguration> = {}) {
  const clock = fakeClock({ now: -5_000 })
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  let draw = 1 - Number.EPSILON
  const throttle = createThrottle({ name: 'llm', clock, events, random: () => draw, ...options })
  const send = (): Permit => {
    const admission = throttle.tryAcquire()
    if (!admission.admitted) throw admission.error
    return admission
  }
  const settle = (count: number, outcome: AttemptOutcome, error?: unknown): void => {
    for (let i = 0; i < count; i++) send().settle(outcome, { error })
  }
  const turnAway = (): void => void (draw = 0)
  return { clock, record, throttle, send, settle, turnAway }
}

function errorOf(category: ErrorCategory): HoldfastError {
  return new HoldfastError({ code: 'TEST', category, message: '', retryable: false })
}

describe('a throttle', () => {
  it('turns nothing away while half of the requests are accepted', () => {
    const { throttle, settle, turnAway } = setUp()
    settle(50, 'success')
    settle(50, 'failure')
    turnAway()
    expect(throttle.snapshot()).toEqual({ name: 'llm', requests: 100, accepted: 50, rejectedShare: 0 })
    expect(throttle.tryAcquire().admitted).toBe(true)
  })

  it('turns a share away once fewer are accepted, and counts what it turned away as requests', () => {
    const { throttle, settle, turnAway } = setUp()
    settle(40, 'slow')
    settle(60, 'failure')
    expect(throttle.snapshot().rejectedShare).toBeCloseTo(0.198, 4)
    turnAway()
    expect(throttle.acquire()).toMatchObject({
      admitted: false,
      error: {
        code: 'THROTTLED',
        category: 'rejected',
        retryable: true,
        mayHaveTakenEffect: false,
        integration: 'llm',
      },
    })
    expect(throttle.snapshot()).toMatchObject({ requests: 101, accepted: 40 })
  })

  it('lets a tenth through during an outage, whatever the priority', () => {
    let draw = 0.9
    const { throttle, settle } = setUp({ random: () => draw })
    settle(200, 'failure')
    for (const priority of ['high', 'medium', 'low'] as const) {
      draw = 0.9
      expect(throttle.tryAcquire({ priority }).admitted).toBe(true)
      draw = 0.899
      expect(throttle.tryAcquire({ priority }).admitted).toBe(false)
    }
  })

  it('turns fewer of high priority away and more of low', () => {
    const { throttle, settle, record, turnAway } = setUp()
    settle(25, 'success')
    settle(74, 'failure')
    turnAway()
    for (const priority of ['medium', 'high', 'low'] as const) throttle.tryAcquire({ priority })
    const [medium, high, low] = record.of('call-throttled')
    expect(medium).toMatchObject({ throttle: 'llm', priority: 'medium', rejectedShare: 0.49 })
    expect(high?.priority).toBe('high')
    expect(high?.rejectedShare).toBeCloseTo(0.245, 2)
    expect(low?.rejectedShare).toBeCloseTo(Math.SQRT1_2, 2)
  })

  it('makes a new error for each rejection, without a stack (B29)', () => {
    const { throttle, settle, turnAway } = setUp()
    settle(20, 'failure')
    turnAway()
    const [first, second] = [throttle.tryAcquire(), throttle.tryAcquire()]
    if (first.admitted || second.admitted) throw new Error('it was admitted')
    expect(first.error).not.toBe(second.error)
    expect((first.error.stack ?? '').split('\n')).toHaveLength(1)
  })

  it('has no verdict before there are enough requests (B16)', () => {
    const { throttle, settle } = setUp({ minimumRequests: 3 })
    settle(2, 'failure')
    expect(throttle.snapshot().rejectedShare).toBe(0)
    settle(1, 'failure')
    expect(throttle.snapshot().rejectedShare).toBe(0.75)
  })

  it('turns nothing away with a cap of 0 (B41)', () => {
    const { throttle, settle, turnAway } = setUp({ maxRejectedShare: 0 })
    settle(100, 'failure')
    turnAway()
    expect(throttle.tryAcquire().admitted).toBe(true)
  })

  it('forgets a window later, without any timer (B6, B7)', async () => {
    const { clock, throttle, settle } = setUp({ windowMs: 10_000 })
    settle(100, 'failure')
    clock.setWallTime(0)
    await clock.advance(8_999)
    expect(throttle.snapshot()).toMatchObject({ requests: 100, rejectedShare: 0.9 })
    await clock.advance(1_001)
    expect(throttle.snapshot()).toMatchObject({ requests: 0, rejectedShare: 0 })
    expect(clock.pending).toBe(0)
  })
})

describe('a request that is under way', () => {
  it('counts for nothing at first, so that many at once from a fresh start are no outage', () => {
    const { throttle, send } = setUp()
    const permits = Array.from({ length: 100 }, send)
    expect(throttle.snapshot()).toMatchObject({ requests: 0, rejectedShare: 0 })
    permits[0]?.settle('success')
    expect(throttle.snapshot()).toMatchObject({ requests: 1, accepted: 1 })
  })

  it('counts as not accepted after half the window: a dependency that never answers is seen (B37)', async () => {
    const { clock, throttle, send } = setUp({ windowMs: 10_000 })
    for (let i = 0; i < 100; i++) send()
    await clock.advance(4_999)
    expect(throttle.snapshot().rejectedShare).toBe(0)
    await clock.advance(1)
    expect(throttle.snapshot()).toMatchObject({ requests: 100, accepted: 0, rejectedShare: 0.9 })
  })

  it('still counts once it is accepted after it left the window, and touches no slice that is not its own', async () => {
    const { clock, throttle, send, settle } = setUp({ windowMs: 10_000 })
    const [late, cancelled] = [send(), send()]
    await clock.advance(10_000)
    settle(3, 'success')
    send()
    late.settle('success')
    cancelled.settle('ignored')
    expect(throttle.snapshot()).toMatchObject({ requests: 3, accepted: 4 })
  })

  it('is taken out again when it is ignored or undone, from the slice it was made in', async () => {
    const { clock, throttle, send, settle } = setUp({ windowMs: 10_000 })
    const permits = [send(), send(), send()]
    await clock.advance(2_000)
    settle(1, 'success')
    permits[0]?.settle('ignored')
    permits[1]?.undo?.()
    permits[2]?.settle('ignored', { error: new DOMException('gone', 'AbortError') })
    expect(throttle.snapshot()).toMatchObject({ requests: 1, accepted: 1 })
    await clock.advance(4_000)
    expect(throttle.snapshot()).toMatchObject({ requests: 1, accepted: 1 })
  })

  it('settles once', () => {
    const { throttle, send } = setUp()
    const permit = send()
    expect(permit.settle('failure')).toBe('failure')
    expect(permit.settle('success')).toBe('ignored')
    permit.undo?.()
    expect(throttle.snapshot()).toMatchObject({ requests: 1, accepted: 0 })
  })
})

describe('what counts as accepted', () => {
  it.each(Object.entries(CATEGORY_RULES))('follows the table for %s, as the engine settles it', (category, rule) => {
    const { throttle, settle } = setUp()
    settle(1, rule.breaker, errorOf(category as ErrorCategory))
    const { requests, accepted } = throttle.snapshot()
    expect({ requests, accepted }).toEqual(
      {
        accepted: { requests: 1, accepted: 1 },
        'not-accepted': { requests: 1, accepted: 0 },
        ignored: { requests: 0, accepted: 0 },
      }[rule.throttle],
    )
  })

  it('is told from any error', () => {
    const { throttle, settle } = setUp()
    settle(1, 'failure', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
    expect(throttle.snapshot()).toMatchObject({ requests: 1, accepted: 0 })
    settle(1, 'failure', Object.assign(new Error('broken'), { status: 500 }))
    expect(throttle.snapshot()).toMatchObject({ requests: 2, accepted: 1 })
  })
})

describe('the counts of a throttle', () => {
  it('are never negative, and everything is forgotten in the end, under any order of sends, results and waits', () => {
    const step = fc.tuple(fc.constantFrom('send', 'settle', 'settle', 'wait'), fc.nat(1_000))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let now = 0
        const clock = Object.assign(fakeClock(), { now: () => now })
        const throttle = createThrottle({ name: 'llm', clock, windowMs: 1_000, random: () => 0.5, minimumRequests: 1 })
        const out: Permit[] = []
        for (const [action, n] of steps) {
          if (action === 'wait') now += n
          if (action === 'send') {
            const admission = throttle.tryAcquire()
            if (admission.admitted) out.push(admission)
          }
          const [permit] = action === 'settle' ? out.splice(n % (out.length || 1), 1) : []
          permit?.settle((['success', 'failure', 'ignored'] as const)[n % 3] ?? 'success')
          const { requests, accepted, rejectedShare } = throttle.snapshot()
          expect(requests).toBeGreaterThanOrEqual(0)
          expect(accepted).toBeGreaterThanOrEqual(0)
          expect(rejectedShare).toBeGreaterThanOrEqual(0)
          expect(rejectedShare).toBeLessThanOrEqual(0.9)
        }
        now += 1_000
        for (const permit of out) permit.settle('ignored')
        expect(throttle.snapshot()).toMatchObject({ requests: 0, accepted: 0 })
      }),
    )
  })
})

describe('the options of a throttle', () => {
  it('cannot be changed through their defaults', () => {
    expect(Object.isFrozen(THROTTLE_DEFAULTS)).toBe(true)
  })

  it.each([
    [{ windowMs: 999 }, 'throttle.windowMs must be a number from 1,000 to 86,400,000, but is 999'],
    [{ requestsPerAccepted: 0.9 }, 'throttle.requestsPerAccepted must be a number from 1 to 100, but is 0.9'],
    [{ minimumRequests: 0 }, 'throttle.minimumRequests must be a whole number from 1 to 1,000,000, but is 0'],
    [{ maxRejectedShare: 1.1 }, 'throttle.maxRejectedShare must be a number from 0 to 1, but is 1.1'],
    [{ name: undefined }, "throttle.name must be 1 to 64 lower-case letters, digits and '-', but is undefined"],
  ])('refuse %j', (options, message) => {
    expect(() => createThrottle({ name: 'llm', ...(options as object) })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    )
  })

  it('hand out frozen copies (B30)', () => {
    const { throttle } = setUp()
    expect(() => Object.assign(throttle.snapshot(), { requests: 9 })).toThrow(TypeError)
  })
})
