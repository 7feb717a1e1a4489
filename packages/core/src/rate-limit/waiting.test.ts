import { describe, expect, it } from 'vitest'
import type { Clock } from '../clock/clock.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import type { AdmissionRequest } from '../policy/admission.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import { createRateLimiter } from './create-rate-limiter.ts'
import { createRateLimiters } from './create-rate-limiters.ts'
import type { RateLimiterConfiguration } from './options.ts'

/** A call every 100 ms, with no burst, and a log of who went when. */
function setUp(options: Partial<RateLimiterConfiguration> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const recorded = recordEvents(events)
  const limiter = createRateLimiter({ name: 'mail', limit: 10, burst: 1, maxWaitMs: 1_000, clock, events, ...options })
  const log: string[] = []
  const ask = (who: string, request?: AdmissionRequest): void => {
    const answer = limiter.acquire(request)
    if (answer instanceof Promise) {
      answer.then(
        () => void log.push(`${who} at ${clock.now()}`),
        () => void log.push(`${who} left at ${clock.now()}`),
      )
    } else {
      log.push(answer.admitted ? who : `${who} ${answer.error.code} ${answer.error.retryAfterMs}`)
    }
  }
  return { clock, recorded, limiter, log, ask }
}

describe('waiting for a turn', () => {
  it('is in the order of arrival, each at the time of its token, on one timer', async () => {
    const { clock, limiter, log, ask } = setUp()
    for (const who of ['a', 'b', 'c', 'd']) ask(who)
    expect(log).toEqual(['a'])
    expect([clock.pending, limiter.snapshot().waiting]).toEqual([1, 3])
    await clock.advance(1_000)
    expect(log).toEqual(['a', 'b at 100', 'c at 200', 'd at 300'])
    expect(clock.pending).toBe(0)
  })

  it('is for the turn that the window gives, too', async () => {
    const { clock, log } = setUp()
    const limiter = createRateLimiter({
      name: 'mail',
      algorithm: 'sliding-window',
      limit: 2,
      intervalMs: 1_500,
      maxWaitMs: 5_000,
      clock,
    })
    for (const who of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const answer = limiter.acquire()
      if (answer instanceof Promise) answer.then(() => void log.push(`${who} at ${clock.now()}`)).catch(expect.fail)
    }
    await clock.advance(5_000)
    expect(log).toEqual(['c at 1600', 'd at 1600', 'e at 3200', 'f at 3200'])
    expect(clock.pending).toBe(0)
  })

  it('is refused at once to whoever would wait too long, or past the end of the call', () => {
    const { log, ask } = setUp({ maxWaitMs: 250 })
    ask('a')
    ask('hurried', { deadlineAt: 99 })
    ask('b', { deadlineAt: 100 })
    ask('c')
    ask('d')
    expect(log).toEqual(['a', 'hurried RATE_LIMIT_EXCEEDED 100', 'd RATE_LIMIT_EXCEEDED 300'])
  })

  it('is not for tryAcquire, which does not push in either', async () => {
    const { clock, limiter, log, ask } = setUp()
    ask('a')
    ask('b')
    expect(limiter.tryAcquire()).toMatchObject({ admitted: false, error: { retryAfterMs: 200 } })
    await clock.advance(100)
    expect(limiter.tryAcquire().admitted).toBe(false)
    expect(log).toEqual(['a', 'b at 100'])
  })

  it('gives the place of a caller that leaves to those behind it (B8)', async () => {
    const { clock, limiter, log, ask } = setUp()
    const controller = new AbortController()
    const reason = new Error('gave up')
    ask('a')
    const left = limiter.acquire({ signal: controller.signal })
    ask('c')
    ask('d')
    await clock.advance(50)
    controller.abort(reason)
    await expect(left).rejects.toBe(reason)
    await clock.advance(1_000)
    expect(log).toEqual(['a', 'c at 100', 'd at 200'])
    expect(limiter.snapshot().totals).toEqual({ admitted: 3, rejected: 0, abandoned: 1 })
  })

  it('leaves no timer behind when all have left', async () => {
    const { clock, log, ask } = setUp()
    const controller = new AbortController()
    ask('a')
    ask('b', { signal: controller.signal })
    ask('c', { signal: controller.signal })
    controller.abort()
    ask('d', { signal: controller.signal })
    await clock.settle()
    expect(clock.pending).toBe(0)
    expect(log).toEqual(['a', 'b left at 0', 'c left at 0', 'd left at 0'])
  })

  it('ends early when leave that was given is undone', async () => {
    const { clock, limiter, log, ask } = setUp()
    const first = limiter.tryAcquire()
    ask('b')
    ask('c')
    await clock.advance(10)
    if (first.admitted) first.undo?.()
    await clock.settle()
    await clock.advance(99)
    expect(log).toEqual(['b at 10'])
    await clock.advance(1)
    expect(log).toEqual(['b at 10', 'c at 110'])
    expect(clock.pending).toBe(0)
  })

  it('is over for those who wait before anybody else is let in, also when the timer is late', async () => {
    const fake = fakeClock()
    let lateMs = 0
    const clock: Clock = {
      now: () => fake.now() + lateMs,
      wallTime: () => fake.wallTime(),
      sleep: (ms, signal) => fake.sleep(ms, signal),
      schedule: (ms, callback) => fake.schedule(ms, callback),
    }
    const { limiter, log, ask } = setUp({ clock, burst: 3 })
    for (const who of ['a', 'b', 'c', 'd', 'e']) ask(who)
    lateMs = 350
    // Three tokens have come; two of them are for those who wait.
    ask('f')
    expect(limiter.snapshot().waiting).toBe(0)
    ask('g')
    expect(log).toEqual(['a', 'b', 'c', 'f'])
    await fake.settle()
    expect(log).toEqual(['a', 'b', 'c', 'f', 'd at 0', 'e at 0'])
    expect(limiter.snapshot().waiting).toBe(1)
  })

  it('leaves no listener on a signal that lives longer (B23)', async () => {
    const { clock, limiter, log, ask } = setUp()
    const controller = new AbortController()
    ask('a')
    ask('b', { signal: controller.signal })
    await clock.advance(100)
    controller.abort()
    await clock.settle()
    expect(log).toEqual(['a', 'b at 100'])
    expect(limiter.snapshot()).toMatchObject({ waiting: 0, totals: { admitted: 2, abandoned: 0 } })
  })

  it('is not given to a deadline that is no time, nor to a signal that is none', async () => {
    const { clock, limiter } = setUp()
    limiter.tryAcquire()
    expect(limiter.acquire({ deadlineAt: Number.NaN })).toMatchObject({ error: { code: 'RATE_LIMIT_EXCEEDED' } })
    await expect(limiter.acquire({ signal: {} as AbortSignal })).rejects.toThrow(TypeError)
    expect([limiter.snapshot().waiting, clock.pending]).toEqual([0, 0])
  })

  it('is reported, and so is a refusal', () => {
    const { recorded, ask } = setUp({ maxWaitMs: 150 })
    ask('a')
    ask('b')
    ask('c')
    expect(recorded.all).toMatchObject([
      { type: 'rate-delayed', limiter: 'mail', waitMs: 100 },
      { type: 'rate-exceeded', limiter: 'mail', waitMs: 200 },
    ])
  })
})

describe('rate limiters by key', () => {
  it('limit each key by itself', () => {
    const clock = fakeClock()
    const limiters = createRateLimiters({ name: 'chat', limit: 2, clock })
    const answers = ['a', 'a', 'a', 'b'].map((key) => limiters.for(key).tryAcquire().admitted)
    expect(answers).toEqual([true, true, false, true])
    expect(limiters.for('a')).toBe(limiters.for('a'))
  })

  it('keep as many keys as they may, and the ones used last (B31)', () => {
    const clock = fakeClock()
    const limiters = createRateLimiters({ name: 'chat', limit: 1, maxKeys: 100, clock })
    limiters.for('busy').tryAcquire()
    for (let key = 0; key < 200_000; key++) {
      limiters.for(`key ${key}`).tryAcquire()
      if (key % 50 === 0 && limiters.for('busy').tryAcquire().admitted) expect.fail('a busy key was forgotten')
    }
    expect([limiters.size, clock.pending]).toEqual([100, 0])
    expect(limiters.for('key 199999').tryAcquire().admitted).toBe(false)
    expect(limiters.for('key 0').tryAcquire().admitted).toBe(true)
  })

  it('refuse options that make no sense', () => {
    expect(() => createRateLimiters({ name: 'chat', limit: 1, maxKeys: 0 })).toThrow('rateLimiters.maxKeys must be')
    expect(() => createRateLimiters({ name: 'chat', limit: 0 })).toThrow('rateLimiters.limit must be')
  })
})
