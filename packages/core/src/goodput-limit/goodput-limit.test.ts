import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { AttemptOutcome, CoreEvent } from '../events/events.ts'
import type { Permit } from '../policy/admission.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import type { Complete } from '../validation/defaults.ts'
import { createGoodputLimit, Goodput } from './goodput-limit.ts'
import { GOODPUT_LIMIT_DEFAULTS, type GoodputLimitOptions } from './options.ts'

/** A limit with callers who wait for a second: it decides on the last 250 ms, and a response is slow after 250 to 500 ms. */
function setUp(options: GoodputLimitOptions = {}) {
  const clock = fakeClock({ wallTime: 1_000 })
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const goodput = createGoodputLimit({ name: 'crm', timeoutMs: 1_000, clock, events, ...options })
  /** So many that are let in. */
  const take = (count: number): Permit[] => {
    const answers = Array.from({ length: count }, () => goodput.tryAcquire())
    return answers.filter((answer) => answer.admitted)
  }
  return { clock, record, goodput, take }
}

function settle(permits: Permit[], count: number, outcome: AttemptOutcome, durationMs: number): void {
  for (const permit of permits.splice(0, count)) permit.settle(outcome, { durationMs })
}

/** A limit of 20: 10 good answers in a quarter of a second are 20 under way when each takes half a second. */
function limited(options: GoodputLimitOptions = {}) {
  const all = setUp(options)
  const permits = all.take(100)
  settle(permits, 10, 'success', 100)
  settle(permits, 3, 'failure', 100)
  expect(all.goodput.limit).toBe(20)
  settle(permits, permits.length, 'ignored', 100)
  return all
}

describe('a goodput limit', () => {
  it('lets everything in while responses come in time, however many are under way', () => {
    const { goodput, take } = setUp()
    const permits = take(5_000)
    expect([permits.length, goodput.limit, goodput.inFlight]).toEqual([5_000, Infinity, 5_000])
    settle(permits, 5_000, 'success', 250)
    expect([goodput.limit, goodput.inFlight]).toEqual([Infinity, 0])
  })

  it('cuts what is under way to the rate of good answers times half the time that callers wait', () => {
    const { goodput, take } = setUp()
    const permits = take(100)
    settle(permits, 10, 'success', 100)
    settle(permits, 2, 'failure', 100)
    expect(goodput.limit, '2 of 12 are less than a fifth').toBe(Infinity)
    settle(permits, 1, 'failure', 100)
    expect(goodput.limit).toBe(20)
  })

  it('cuts to no fewer than minLimit', () => {
    const { goodput, take } = setUp({ minLimit: 7 })
    settle(take(100), 2, 'failure', 1_000)
    expect(goodput.limit).toBe(7)
  })

  it('is not cut for one bad response, nor for what is older than a quarter of the time that callers wait', async () => {
    const { clock, goodput, take } = setUp()
    const permits = take(100)
    settle(permits, 1, 'failure', 100)
    expect(goodput.limit).toBe(Infinity)
    await clock.advance(500)
    settle(permits, 1, 'failure', 100)
    expect(goodput.limit).toBe(Infinity)
    await clock.advance(100)
    settle(permits, 1, 'failure', 100)
    expect(goodput.limit).toBe(5)
  })

  it('is not cut for what failed while little was under way', () => {
    const { goodput, take } = setUp()
    const permits = take(100)
    settle(permits, 60, 'success', 100)
    settle(permits, 40, 'failure', 100)
    expect(goodput.limit).toBe(Infinity)
  })

  it('forgets how much was under way two timeouts ago', async () => {
    const { clock, goodput, take } = setUp()
    settle(take(100), 100, 'success', 100)
    await clock.advance(2_001)
    settle(take(10), 2, 'failure', 100)
    expect(goodput.limit).toBe(5)
  })

  it('is cut once in a quarter of the time that callers wait', async () => {
    const { clock, goodput, take } = setUp()
    const permits = take(200)
    settle(permits, 10, 'success', 100)
    settle(permits, 10, 'failure', 100)
    expect(goodput.limit).toBe(20)
    await clock.advance(249)
    settle(permits, 10, 'failure', 100)
    expect(goodput.limit).toBe(20)
    await clock.advance(1)
    settle(permits, 10, 'failure', 100)
    expect(goodput.limit).toBe(5)
  })

  it.each([
    [100, 250, Infinity],
    [100, 251, 5],
    [200, 400, Infinity],
    [200, 402, 5],
    // However near to the timeout, if that is usual.
    [450, 900, Infinity],
    [450, 901, 5],
    [950, 1_000, Infinity],
  ])('where %d ms are usual, takes a response after %d ms so that the limit is %d', (usualMs, durationMs, limit) => {
    const { clock, goodput } = setUp()
    const answer = (duration: number): void => {
      const permit = goodput.tryAcquire()
      if (permit.admitted) permit.settle('success', { durationMs: duration })
    }
    answer(usualMs)
    return clock.advance(1_000).then(() => {
      answer(durationMs)
      answer(durationMs)
      expect(goodput.limit).toBe(limit)
    })
  })

  it('grows by one for a quick answer, by 1 / limit for another good one, and for none while less than half is used', () => {
    const { goodput, take } = limited()
    const permits = take(20)
    settle(permits, 5, 'success', 100)
    expect(goodput.limit).toBe(25)
    // 15 are under way.
    settle(permits, 1, 'slow', 200)
    settle(permits, 1, 'slow', 200)
    expect(goodput.limit).toBe(25)
    settle(permits, 1, 'success', 100)
    expect(goodput.limit).toBe(26)
    // 12 are, which is less than half.
    settle(permits, 12, 'success', 100)
    expect(goodput.limit).toBe(26)
    settle(take(26), 13, 'success', 200)
    expect(goodput.limit, '13 times 1/26').toBe(26)
    settle(take(13), 13, 'success', 200)
    settle(take(13), 13, 'success', 200)
    expect(goodput.limit, 'and 26 more').toBe(27)
  })

  it('is gone once it has grown beyond 1,000', () => {
    const { goodput, take } = limited()
    for (let round = 0; round < 200 && goodput.limit < Infinity; round++) {
      const permits = take(goodput.limit)
      settle(permits, permits.length, 'success', 100)
    }
    expect(goodput.limit).toBe(Infinity)
    expect(take(2_000)).toHaveLength(2_000)
  })

  it('learns nothing from what was cancelled', () => {
    const { goodput, take } = setUp()
    settle(take(100), 100, 'ignored', 5_000)
    expect([goodput.limit, goodput.inFlight]).toEqual([Infinity, 0])
  })

  it('refuses who finds no place, at once and with an error that can be tried again', async () => {
    const { goodput, take } = limited()
    expect(take(30)).toHaveLength(20)
    const answers = [goodput.tryAcquire(), await goodput.acquire()]
    expect(answers).toMatchObject(
      Array.from({ length: 2 }, () => ({
        admitted: false,
        error: { code: 'GOODPUT_LIMITED', category: 'rejected', retryable: true, mayHaveTakenEffect: false },
      })),
    )
    const [one, other] = answers.map((answer) => !answer.admitted && answer.error)
    expect(one).not.toBe(other)
    expect(goodput.inFlight).toBe(20)
  })

  it('gives a place back once, however often a permit is settled or undone', () => {
    const { goodput, take } = limited()
    const [first, second] = take(4) as [Permit, Permit]
    expect(first.settle('success')).toBe('success')
    expect(first.settle('failure')).toBe('ignored')
    first.undo?.()
    second.undo?.()
    second.undo?.()
    expect(second.settle('failure')).toBe('ignored')
    expect(goodput.inFlight).toBe(2)
  })

  it('learns nothing from a place that was not used', () => {
    const { goodput, take } = setUp()
    const permits = take(100)
    for (const permit of permits.splice(0, 90)) permit.undo?.()
    // 10 are under way, and there never were more.
    settle(permits, 2, 'failure', 100)
    expect(goodput.limit).toBe(5)
  })

  it('takes the time since the permit was given where nobody says how long it took', async () => {
    const { clock, goodput, take } = setUp()
    settle(take(1), 1, 'success', 100)
    await clock.advance(1_000)
    const permits = take(10)
    await clock.advance(251)
    for (const permit of permits) permit.settle('success')
    expect(goodput.limit).toBeLessThan(Infinity)
  })

  it('does not limit answers of which fewer than half are slow: how long a good one takes varies', () => {
    const { goodput, take } = setUp()
    const permits = take(60)
    settle(permits, 11, 'success', 100)
    settle(permits, 10, 'success', 300)
    expect(goodput.limit).toBe(Infinity)
    settle(permits, 1, 'success', 300)
    expect(goodput.limit).toBeLessThan(Infinity)
  })

  it('takes for usual what all answers have taken for long enough', async () => {
    const { clock, goodput, take } = setUp()
    settle(take(10), 10, 'success', 100)
    for (let second = 0; second < 3_000 && goodput.limit !== Infinity; second++) {
      settle(take(5), 5, 'success', 600)
      await clock.advance(1_000)
    }
    expect(goodput.limit).toBe(Infinity)
  })

  it('grows as fast as it is filled while answers take three quarters of what would be slow', () => {
    const { goodput, take } = limited()
    // 200 ms are usual by now, so 400 would be slow.
    for (let round = 0; round < 200; round++) settle(take(8), 8, 'success', 200)
    settle(take(20), 20, 'success', 290)
    expect(goodput.limit, 'as long as half of it is used').toBe(27)
  })

  it('reports that it comes into force, is cut and is gone, and not its growth', async () => {
    const { clock, record, goodput, take } = limited()
    await clock.advance(2_500)
    const permits = take(20)
    settle(permits, 4, 'failure', 100)
    settle(permits, 16, 'ignored', 100)
    const grow = (): void => settle(take(goodput.limit), goodput.limit, 'success', 100)
    for (let round = 0; round < 400 && goodput.limit < Infinity; round++) grow()
    expect(record.of('goodput-limited')).toEqual([
      { type: 'goodput-limited', at: 1_000, limiter: 'crm', from: Infinity, to: 20 },
      { type: 'goodput-limited', at: 3_500, limiter: 'crm', from: 20, to: 5 },
      { type: 'goodput-limited', at: 3_500, limiter: 'crm', from: 1_000, to: Infinity },
    ])
  })

  it.each([
    [{ timeoutMs: 0 }, /goodputLimit.timeoutMs must be a number from 1 to 86,400,000/],
    [{ badShare: 0 }, /goodputLimit.badShare must be a number above 0/],
    [{ minLimit: 1.5 }, /goodputLimit.minLimit must be a whole number from 1 to 1,000/],
    [{ name: 'No Name' }, /goodputLimit.name must be/],
    [{ random: Math.random }, /goodputLimit.random is not an option/],
  ])('refuses %j', (options, message) => {
    expect(() => setUp(options as GoodputLimitOptions)).toThrow(message)
  })
})

describe('a goodput limit under new options', () => {
  const complete = (options: Partial<Complete<GoodputLimitOptions>>): Complete<GoodputLimitOptions> => ({
    ...GOODPUT_LIMIT_DEFAULTS,
    timeoutMs: 1_000,
    ...options,
  })

  /** 20 at most, with 30 under way. */
  function inForce() {
    const clock = fakeClock()
    const goodput = new Goodput('crm', complete({}), clock, createEvents<CoreEvent>())
    for (let call = 0; call < 43; call++) goodput.enter()
    for (let call = 0; call < 13; call++) goodput.leave(call < 10 ? 'success' : 'failure', 100, 0)
    expect([goodput.limit, goodput.inFlight]).toEqual([20, 30])
    return goodput
  }

  it.each([{}, { timeoutMs: 5_000 }, { badShare: 1 }, { minLimit: 1 }])(
    'stays, and counts who is under way: %j',
    (options) => {
      const goodput = inForce()
      goodput.use(complete(options))
      expect([goodput.limit, goodput.inFlight]).toEqual([20, 30])
      expect(goodput.enter()).toBe(false)
      for (let call = 0; call < 30; call++) goodput.leave('ignored', 0, 0)
      expect(goodput.inFlight).toBe(0)
    },
  )

  it('is no less than the new minLimit', () => {
    const goodput = inForce()
    goodput.use(complete({ minLimit: 50 }))
    expect([goodput.limit, goodput.enter()]).toEqual([50, true])
  })

  it('remembers the responses of before, unless the time is another', () => {
    const goodput = inForce()
    goodput.leave('failure', 100, 500)
    goodput.use(complete({ badShare: 0.5 }))
    goodput.leave('failure', 100, 500)
    expect(goodput.limit).toBe(5)
  })

  it('goes by the new time', () => {
    const goodput = inForce()
    goodput.use(complete({ timeoutMs: 2_000 }))
    goodput.leave('failure', 100, 499)
    goodput.leave('failure', 100, 499)
    expect(goodput.limit).toBe(20)
    goodput.leave('failure', 100, 500)
    expect(goodput.limit).toBe(5)
  })

  it('goes by the new share', () => {
    const goodput = inForce()
    goodput.use(complete({ badShare: 0.85 }))
    goodput.leave('success', 200, 500)
    for (let call = 0; call < 5; call++) goodput.leave('failure', 100, 500)
    expect(goodput.limit).toBe(20)
    goodput.leave('failure', 100, 500)
    expect(goodput.limit).toBe(5)
  })
})

describe('a goodput limit, whatever happens', () => {
  type Step =
    | { readonly do: 'acquire' }
    | { readonly do: 'undo'; readonly which: number }
    | { readonly do: 'settle'; readonly which: number; readonly outcome: AttemptOutcome; readonly durationMs: number }
    | { readonly do: 'wait'; readonly ms: number }

  const which = fc.nat(40)
  const outcome = fc.constantFrom<AttemptOutcome>('success', 'slow', 'failure', 'ignored')
  const durationMs = fc.constantFrom(0, 50, 200, 300, 600, 1_000)
  const step: fc.Arbitrary<Step> = fc.oneof(
    { arbitrary: fc.record({ do: fc.constant('acquire' as const) }), weight: 6 },
    { arbitrary: fc.record({ do: fc.constant('undo' as const), which }), weight: 1 },
    { arbitrary: fc.record({ do: fc.constant('settle' as const), which, outcome, durationMs }), weight: 4 },
    { arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 60, 250, 3_000) }), weight: 1 },
  )

  it('counts exactly who is under way, lets nobody in beyond the limit, and has everything back at the end', () => {
    let refused = 0
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200, size: 'max' }),
        fc.integer({ min: 1, max: 8 }),
        (steps, minLimit) => {
          let now = 0
          const clock = Object.assign(fakeClock(), { now: () => now })
          const goodput = createGoodputLimit({ name: 'crm', timeoutMs: 1_000, minLimit, clock })
          const out: Permit[] = []
          const gone: Permit[] = []
          const pick = (place: number): Permit | undefined => out.splice(place % Math.max(1, out.length), 1)[0]
          for (const one of steps) {
            if (one.do === 'wait') now += one.ms
            else if (one.do === 'acquire') {
              const room = out.length < goodput.limit
              const answer = goodput.tryAcquire()
              expect(answer.admitted).toBe(room)
              if (answer.admitted) out.push(answer)
              else refused += 1
            } else {
              const permit = pick(one.which)
              if (one.do === 'undo') permit?.undo?.()
              else permit?.settle(one.outcome, { durationMs: one.durationMs })
              if (permit !== undefined) gone.push(permit)
            }
            expect(goodput.inFlight).toBe(out.length)
            expect(goodput.limit).toBeGreaterThanOrEqual(minLimit)
          }
          for (const permit of [...gone, ...out]) permit.settle('success')
          expect(goodput.inFlight).toBe(0)
          expect(goodput.tryAcquire().admitted).toBe(true)
        },
      ),
      { numRuns: 200 },
    )
    expect(refused, 'it was there').toBeGreaterThan(0)
  })
})
