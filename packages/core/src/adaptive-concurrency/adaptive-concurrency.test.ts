import { describe, expect, it } from 'vitest'
import type { ErrorCategory } from '../errors/category.ts'
import { CATEGORY_RULES } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type { AttemptOutcome, CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import type { AdmissionRequest, Permit } from '../policy/admission.ts'
import { createAdaptiveConcurrency } from './create-adaptive-concurrency.ts'
import { ADAPTIVE_CONCURRENCY_DEFAULTS, type AdaptiveConcurrencyConfiguration } from './options.ts'

function setUp(options: Partial<AdaptiveConcurrencyConfiguration> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const limiter = createAdaptiveConcurrency({ name: 'llm', clock, events, ...options })
  const take = (request?: AdmissionRequest): Permit => {
    const admission = limiter.tryAcquire(request)
    if (!admission.admitted) throw admission.error
    return admission
  }
  /** Runs so many calls at once for so long, and settles them. */
  const run = async (count: number, ms: number, outcome: AttemptOutcome = 'success', error?: unknown) => {
    const permits = Array.from({ length: count }, () => take())
    await clock.advance(ms)
    for (const permit of permits) permit.settle(outcome, { error })
  }
  return { clock, record, limiter, take, run }
}

function errorOf(category: ErrorCategory): HoldfastError {
  return new HoldfastError({ code: 'TEST', category, message: '', retryable: false })
}

describe('an adaptive limit', () => {
  it('lets so many calls run at once and refuses the next', () => {
    const { limiter, take } = setUp({ initialLimit: 2 })
    take()
    take()
    expect(limiter.acquire()).toMatchObject({ admitted: false, error: { code: 'BULKHEAD_FULL', integration: 'llm' } })
    expect(limiter.snapshot()).toEqual({
      name: 'llm',
      limit: 2,
      inFlight: 2,
      lingering: 0,
      queued: 0,
      probing: false,
      baselineMs: undefined,
      totals: expect.objectContaining({ admitted: 2, rejected: 1 }),
    })
  })

  it('reports a change of the whole limit only, once a window, and says when it only measures', async () => {
    const { record, limiter, run } = setUp({ initialLimit: 10 })
    for (let i = 0; i < 5; i++) await run(10, 200)
    expect(record.of('limit-changed')).toMatchObject([
      { limiter: 'llm', from: 10, to: 7, probing: true, baselineMs: 200 },
    ])
    for (let i = 0; i < 4; i++) await run(7, 250)
    expect(limiter.limit).toBe(7)
    await run(7, 200)
    expect(record.of('limit-changed').slice(1)).toMatchObject([{ from: 7, to: 13, probing: false }])
    const before = record.of('limit-changed').length
    for (let i = 0; i < 20; i++) await run(12, 200)
    expect(record.of('limit-changed')).toHaveLength(before)
  })

  it('gives a slot back for a permit that is undone, without counting it', async () => {
    const { clock, limiter, take } = setUp({ initialLimit: 1, minimumSamples: 1 })
    const permit = take()
    await clock.advance(10)
    permit.undo?.()
    permit.undo?.()
    expect(permit.settle('failure')).toBe('ignored')
    expect(limiter.snapshot()).toMatchObject({ inFlight: 0, baselineMs: undefined })
  })

  it('settles once', async () => {
    const { clock, limiter, take } = setUp({ initialLimit: 3, minimumSamples: 2 })
    const [first] = [take(), take()]
    await clock.advance(10)
    expect(first?.settle('slow')).toBe('slow')
    expect(first?.settle('success')).toBe('ignored')
    first?.undo?.()
    expect(limiter.snapshot()).toMatchObject({ inFlight: 1, baselineMs: undefined })
  })

  it('goes by the duration it is told, where it is told one', () => {
    const { limiter, take } = setUp({ minimumSamples: 1 })
    take().settle('success', { durationMs: 70 })
    expect(limiter.snapshot().baselineMs).toBe(70)
  })

  it('keeps the slot of work that goes on after its verdict (B14)', async () => {
    const { clock, limiter, take } = setUp()
    let stop = (): void => undefined
    const until = new Promise<void>((resolve) => void (stop = resolve))
    take().settle('failure', { error: errorOf('timeout'), until })
    expect(limiter.snapshot().inFlight).toBe(1)
    stop()
    await clock.settle()
    expect(limiter.snapshot().inFlight).toBe(0)
  })

  it('gives the slot back after maxLingerMs when that work never ends, as a bulkhead does', async () => {
    const { clock, record, limiter, take } = setUp({ initialLimit: 1, maxLingerMs: 500 })
    take().settle('failure', { error: errorOf('timeout'), until: new Promise(() => undefined) })
    await clock.advance(499)
    expect(limiter.tryAcquire().admitted).toBe(false)
    expect(limiter.snapshot()).toMatchObject({ inFlight: 1, lingering: 1 })
    await clock.advance(1)
    take()
    expect(limiter.snapshot()).toMatchObject({ inFlight: 1, lingering: 0, totals: { reclaimed: 1 } })
    expect(record.of('slot-reclaimed')).toMatchObject([{ bulkhead: 'llm', lingeredMs: 500 }])
    expect(ADAPTIVE_CONCURRENCY_DEFAULTS.maxLingerMs).toBe(60_000)
  })

  it.each(Object.entries(CATEGORY_RULES))(
    'takes no response time from %s, and falls where the table says so',
    async (category, rule) => {
      const { limiter, run } = setUp({ initialLimit: 10 })
      await run(10, 1, rule.breaker, errorOf(category as ErrorCategory))
      expect(limiter.snapshot()).toMatchObject({
        limit: rule.throttle === 'not-accepted' ? 8 : 10,
        baselineMs: undefined,
        inFlight: 0,
      })
    },
  )

  it('does not take cancelled calls for timeouts (B36)', async () => {
    const { record, limiter, run } = setUp()
    for (let i = 0; i < 20; i++) await run(20, 1_000, 'ignored', new DOMException('gone', 'AbortError'))
    expect(limiter.snapshot()).toMatchObject({ limit: 20, baselineMs: undefined })
    expect(record.all).toEqual([])
  })
})

describe('the queue of an adaptive limit', () => {
  it('hands a slot over in order, and does not count the wait as response time', async () => {
    const { clock, limiter, take } = setUp({ initialLimit: 1, maxQueued: 2, maxQueueMs: 10_000, minimumSamples: 2 })
    const first = take()
    const second = Promise.resolve(limiter.acquire())
    await clock.advance(1_000)
    expect(limiter.snapshot().queued).toBe(1)
    first.settle('ignored')
    const permit = await second
    await clock.advance(50)
    if (permit.admitted) permit.settle('success')
    take().settle('success', { durationMs: 50 })
    expect(limiter.snapshot()).toMatchObject({ baselineMs: 50, inFlight: 0, queued: 0 })
  })

  it('lets no more in after the limit has fallen', async () => {
    const { clock, limiter, take } = setUp({ initialLimit: 5, maxQueued: 5, minimumSamples: 5 })
    const permits = Array.from({ length: 5 }, () => take())
    void limiter.acquire()
    await clock.advance(10)
    permits[0]?.settle('failure')
    expect(limiter.snapshot()).toMatchObject({ limit: 4, inFlight: 4, queued: 1 })
    permits[1]?.settle('ignored')
    expect(limiter.snapshot()).toMatchObject({ limit: 4, inFlight: 4, queued: 0 })
  })

  it('lets the next ones in at once when the limit rises', async () => {
    const { clock, limiter, take } = setUp({
      initialLimit: 4,
      maxLimit: 6,
      maxQueued: 5,
      maxQueueMs: 9_000,
      minimumSamples: 2,
    })
    const permits = Array.from({ length: 4 }, () => take())
    await clock.advance(10)
    for (const permit of permits.toReversed()) permit.settle('success')
    expect(limiter.snapshot()).toMatchObject({ probing: true, limit: 2 })
    const probes = [take(), take()]
    for (let i = 0; i < 3; i++) void limiter.acquire()
    await clock.advance(1_000)
    probes[0]?.settle('success', { durationMs: 10 })
    expect(limiter.snapshot()).toMatchObject({ probing: true, limit: 2, inFlight: 2, queued: 2 })
    probes[1]?.settle('success', { durationMs: 10 })
    expect(limiter.snapshot()).toMatchObject({ probing: false, limit: 6, inFlight: 3, queued: 0 })
  })

  it('is left at once by a caller who aborts, with its own reason (B8)', async () => {
    const { limiter, take } = setUp({ initialLimit: 1, maxQueued: 1 })
    take()
    const abort = new AbortController()
    const answer = limiter.acquire({ signal: abort.signal })
    const reason = new Error('enough')
    abort.abort(reason)
    await expect(answer).rejects.toBe(reason)
    expect(limiter.snapshot()).toMatchObject({ queued: 0, inFlight: 1 })
  })
})

describe('the options of an adaptive limit', () => {
  it('cannot be changed through their defaults, nor the limit through a snapshot (B30)', () => {
    expect(Object.isFrozen(ADAPTIVE_CONCURRENCY_DEFAULTS)).toBe(true)
    const { limiter } = setUp()
    expect(() => Object.assign(limiter.snapshot(), { limit: 9 })).toThrow(TypeError)
  })

  it.each([
    [{}, 20],
    [{ maxLimit: 10 }, 10],
    [{ minLimit: 30 }, 30],
    [{ minLimit: 300 }, 300],
    [{ initialLimit: undefined, maxLimit: undefined }, 20],
  ])('begin within their bounds: %j', (options, limit) => {
    const given = options as Partial<AdaptiveConcurrencyConfiguration>
    expect(createAdaptiveConcurrency({ name: 'llm', ...given }).limit).toBe(limit)
  })

  it.each([
    [{ minLimit: 0 }, 'adaptiveConcurrency.minLimit must be a whole number from 1 to 1,000,000, but is 0'],
    [{ initialLimit: 1.5 }, 'adaptiveConcurrency.initialLimit must be a whole number from 1 to 1,000,000, but is 1.5'],
    [{ minLimit: 5, maxLimit: 4 }, 'adaptiveConcurrency.maxLimit must be at least minLimit (5), but is 4'],
    [{ initialLimit: 300 }, 'adaptiveConcurrency.initialLimit must be from minLimit to maxLimit, but is 300'],
    [{ windowMs: 9 }, 'adaptiveConcurrency.windowMs must be a number from 10 to 3,600,000, but is 9'],
    [{ minimumSamples: 0 }, 'adaptiveConcurrency.minimumSamples must be a whole number from 1 to 100,000, but is 0'],
    [{ maxQueued: -1 }, 'adaptiveConcurrency.maxQueued must be a whole number from 0 to 1,000,000, but is -1'],
    [{ name: 'X' }, "adaptiveConcurrency.name must be 1 to 64 lower-case letters, digits and '-', but is 'X'"],
  ])('refuse %j', (options, message) => {
    expect(() => createAdaptiveConcurrency({ name: 'llm', ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    )
  })
})
