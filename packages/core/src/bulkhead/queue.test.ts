import { describe, expect, it } from 'vitest'
import type { Clock } from '../clock/clock.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import type { AdmissionRequest, Permit, Priority, Rejection } from '../policy/admission.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import { createBulkhead } from './create-bulkhead.ts'
import type { BulkheadConfiguration } from './options.ts'

/** A bulkhead of one slot, which is taken, and a log of who came in or was refused, in order. */
function setUp(options: Partial<BulkheadConfiguration> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const recorded = recordEvents(events)
  const bulkhead = createBulkhead({
    name: 'crm',
    maxConcurrent: 1,
    maxQueued: 100,
    maxQueueMs: 1_000,
    clock,
    events,
    ...options,
  })
  const log: string[] = []
  let running = bulkhead.acquire() as Permit
  const ask = (who: string, request: AdmissionRequest = {}): void => {
    const answer = bulkhead.acquire(request)
    const note = (result: Permit | Rejection): void => {
      if (result.admitted) running = result
      log.push(result.admitted ? who : `${who} ${result.error.code}`)
    }
    if (answer instanceof Promise) answer.then(note, (reason: unknown) => void log.push(`${who} ${String(reason)}`))
    else note(answer)
  }
  /** Ends what runs, as often as said. */
  const serve = async (times = 1): Promise<void> => {
    for (let i = 0; i < times; i++) {
      running.settle('success')
      await clock.settle()
    }
  }
  return { clock, events, recorded, bulkhead, log, ask, serve }
}

describe('the queue of a bulkhead', () => {
  it('hands a slot over to who waits, and nobody pushes in between (B9)', async () => {
    const { clock, bulkhead, log, ask, serve } = setUp()
    ask('first')
    const served = serve()
    // At this moment the slot has come back, and the one who gets it does not know yet.
    ask('late')
    expect(bulkhead.tryAcquire().admitted).toBe(false)
    expect([bulkhead.running, bulkhead.queued]).toEqual([1, 1])
    await served
    await serve()
    expect(log).toEqual(['first', 'late'])
    expect(clock.pending).toBe(0)
  })

  it('does not let a listener push in between two hand-overs', async () => {
    const { events, bulkhead, log, ask, clock } = setUp()
    ask('first')
    ask('second')
    const stop = events.on((event) => {
      if (event.type !== 'call-dequeued') return
      stop()
      ask('listener')
    })
    bulkhead.resize(3)
    await clock.settle()
    expect(log).toEqual(['first', 'second'])
    expect(bulkhead.queued).toBe(1)
  })

  it('is left at once by an entry that is aborted, with the reason of the caller (B8)', async () => {
    const { clock, bulkhead, log, ask, serve } = setUp({ maxQueued: 2 })
    const controller = new AbortController()
    const reason = new Error('gave up')
    const answer = bulkhead.acquire({ signal: controller.signal })
    ask('second')
    controller.abort(reason)
    expect(bulkhead.queued).toBe(1)
    await expect(answer).rejects.toBe(reason)
    ask('third')
    ask('fourth')
    await serve(2)
    expect(log).toEqual(['fourth BULKHEAD_FULL', 'second', 'third'])
    expect(bulkhead.snapshot().totals).toMatchObject({ abandoned: 1, rejected: 1 })
    expect(clock.pending).toBe(0)
  })

  it('is not entered with a signal that has aborted already', async () => {
    const { bulkhead, clock } = setUp()
    const reason = new Error('gave up before')
    await expect(bulkhead.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect([bulkhead.queued, clock.pending]).toEqual([0, 0])
  })

  it('leaves no listener on a signal that lives longer (B23)', async () => {
    const { bulkhead, serve, clock } = setUp({ maxQueued: 2 })
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...[type, listener]: Parameters<typeof add>) => {
      listeners += 1
      add(type, listener)
    }
    signal.removeEventListener = (...[type, listener]: Parameters<typeof remove>) => {
      listeners -= 1
      remove(type, listener)
    }
    const answers = [
      bulkhead.acquire({ signal, priority: 'low' }),
      bulkhead.acquire({ signal }),
      bulkhead.acquire({ signal, priority: 'high' }),
    ]
    expect(listeners).toBe(2)
    await serve()
    await clock.advance(1_000)
    await Promise.all(answers)
    expect(listeners).toBe(0)
  })

  it('drops an entry when its queue time, or its call, is over, at that time', async () => {
    const { clock, bulkhead, log, ask } = setUp()
    ask('patient')
    ask('short', { deadlineAt: 400 })
    ask('long', { deadlineAt: 5_000 })
    await clock.advance(399)
    expect(log).toEqual([])
    await clock.advance(1)
    expect(log).toEqual(['short QUEUE_TIMEOUT'])
    expect(bulkhead.queued).toBe(2)
    await clock.advance(600)
    expect(log).toEqual(['short QUEUE_TIMEOUT', 'patient QUEUE_TIMEOUT', 'long QUEUE_TIMEOUT'])
    expect([bulkhead.queued, bulkhead.running, clock.pending]).toEqual([0, 1, 0])
  })

  it('refuses a call that is over already, without a promise, and for no one else', async () => {
    const { clock, bulkhead, log, ask } = setUp({ maxQueued: 1 })
    await clock.advance(50)
    ask('low', { priority: 'low' })
    const answer = bulkhead.acquire({ deadlineAt: 50, priority: 'high' })
    expect(answer).toMatchObject({ admitted: false, error: { code: 'QUEUE_TIMEOUT', retryable: true } })
    expect([log, bulkhead.queued]).toEqual([[], 1])
  })

  it('hands no slot to an entry whose time is over when the timer is late', async () => {
    const fake = fakeClock()
    let lateMs = 0
    const clock: Clock = {
      now: () => fake.now() + lateMs,
      wallTime: () => fake.wallTime(),
      sleep: (ms, signal) => fake.sleep(ms, signal),
      schedule: (ms, callback) => fake.schedule(ms, callback),
    }
    const { bulkhead, ask, log } = setUp({ clock, maxConcurrent: 2 })
    const permit = bulkhead.tryAcquire() as Permit
    ask('stale', { deadlineAt: 100 })
    ask('fresh', { deadlineAt: 1_000 })
    lateMs = 200
    permit.settle('success')
    await fake.settle()
    expect(log).toEqual(['stale QUEUE_TIMEOUT', 'fresh'])
  })

  it('sets no timer for an entry that may wait for ever', async () => {
    const { log, ask, clock, serve } = setUp({ maxQueueMs: Infinity })
    ask('patient')
    expect(clock.pending).toBe(0)
    await clock.advance(86_400_000)
    await serve()
    expect(log).toEqual(['patient'])
  })

  it('takes zero for zero: nobody waits (B41)', () => {
    for (const none of [{ maxQueued: 0 }, { maxQueueMs: 0 }]) {
      const { clock, log, ask } = setUp(none)
      ask('late')
      expect(log).toEqual(['late BULKHEAD_FULL'])
      expect(clock.pending).toBe(0)
    }
  })

  it('tells each queued call how it ended, once (B10)', async () => {
    const { clock, recorded, bulkhead, ask, serve } = setUp({ maxQueued: 3 })
    const controller = new AbortController()
    ask('served')
    ask('aborted', { signal: controller.signal })
    ask('displaced', { priority: 'low' })
    ask('timed out', { priority: 'high' })
    bulkhead.tryAcquire()
    await clock.advance(10)
    controller.abort()
    await serve()
    await clock.advance(1_000)
    ask('full')
    expect(recorded.all).toMatchObject([
      { type: 'call-queued', bulkhead: 'crm', priority: 'medium', queued: 1 },
      { type: 'call-queued', queued: 2 },
      { type: 'call-queued', priority: 'low', queued: 3 },
      { type: 'call-shed', code: 'SHED', priority: 'low', waitedMs: 0 },
      { type: 'call-queued', priority: 'high', queued: 3 },
      { type: 'call-shed', code: 'BULKHEAD_FULL', priority: 'medium' },
      { type: 'call-abandoned', waitedMs: 10, queued: 2 },
      { type: 'call-dequeued', priority: 'high', waitedMs: 10, queued: 1 },
      { type: 'call-shed', code: 'QUEUE_TIMEOUT', priority: 'medium', waitedMs: 1_000, queued: 0 },
      { type: 'call-queued', queued: 1 },
    ])
  })
})

describe('the order of a queue', () => {
  it('is that of arrival', async () => {
    const { log, ask, serve } = setUp()
    for (const who of ['a', 'b', 'c', 'd']) ask(who)
    await serve(4)
    expect(log).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is by turns among the callers of a priority, however much one of them asks for', async () => {
    const { log, ask, serve } = setUp()
    for (const who of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) ask(who, { caller: who.charAt(0) })
    ask('nobody')
    await serve(2)
    ask('b3', { caller: 'b' })
    await serve(7)
    expect(log).toEqual(['a1', 'b1', 'c1', 'nobody', 'a2', 'b2', 'a3', 'b3', 'a4'])
  })

  it('puts high before medium before low, and lets low ones go nevertheless', async () => {
    const { log, ask, serve } = setUp({ maxQueued: 1_000, maxQueueMs: Infinity })
    const priorities: readonly Priority[] = ['low', 'medium', 'high']
    for (let i = 0; i < 100; i++) for (const priority of priorities) ask(priority, { priority })
    await serve(105)
    expect(log.slice(0, 21).join(' ')).toBe('high high high high medium '.repeat(4).trim().replace(/$/, ' low'))
    const counts = priorities.map((priority) => log.filter((who) => who === priority).length)
    expect(counts).toEqual([5, 20, 80])
  })

  it('gives a priority no claim to the turns it did not need', async () => {
    const { log, ask, serve } = setUp({ maxQueued: 1_000, maxQueueMs: Infinity })
    for (let i = 0; i < 100; i++) ask('high', { priority: 'high' })
    await serve(50)
    for (let i = 0; i < 10; i++) ask('low', { priority: 'low' })
    log.splice(0)
    await serve(34)
    expect(log.filter((who) => who === 'low')).toHaveLength(2)
    expect(log.indexOf('low')).toBe(16)
  })

  it('has no place for a priority that is none', async () => {
    const { log, ask, serve, bulkhead } = setUp()
    ask('low', { priority: 'low' })
    expect(() => bulkhead.acquire({ priority: 'toString' as Priority })).toThrow(/call.priority must be 'high' or/)
    ask('high', { priority: 'high' })
    await serve(3)
    expect(log).toEqual(['high', 'low'])
  })
})

describe('a full queue', () => {
  it('sheds the newest entry of the lowest priority for a higher one, and nobody for an equal one', async () => {
    const { log, ask, serve } = setUp({ maxQueued: 4 })
    ask('low 1', { priority: 'low' })
    ask('low 2', { priority: 'low' })
    ask('medium 1')
    ask('medium 2')
    ask('low 3', { priority: 'low' })
    ask('high 1', { priority: 'high' })
    ask('medium 3')
    ask('medium 4')
    ask('high 2', { priority: 'high' })
    await serve(4)
    expect(log).toEqual([
      'low 3 BULKHEAD_FULL',
      'medium 4 BULKHEAD_FULL',
      'low 2 SHED',
      'low 1 SHED',
      'medium 3 SHED',
      'high 1',
      'high 2',
      'medium 1',
      'medium 2',
    ])
  })

  it('makes room for a caller with less in it, until both have the same', async () => {
    const { log, ask, serve } = setUp({ maxQueued: 4 })
    for (const who of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3']) ask(who, { caller: who.charAt(0) })
    await serve(4)
    expect(log.filter((entry) => entry.endsWith('SHED'))).toEqual(['a4 SHED', 'a3 SHED'])
    expect(log.filter((entry) => entry.endsWith('FULL'))).toEqual(['b3 BULKHEAD_FULL'])
    expect(log.slice(-4)).toEqual(['a1', 'b1', 'a2', 'b2'])
  })

  it('does not trade the place of one caller for that of another when neither has too much', () => {
    const { log, ask, bulkhead } = setUp({ maxQueued: 5 })
    for (const who of ['a1', 'a2', 'a3', 'b1', 'b2']) ask(who, { caller: who.charAt(0) })
    ask('b3', { caller: 'b' })
    expect(log).toEqual(['b3 BULKHEAD_FULL'])
    expect(bulkhead.queued).toBe(5)
  })
})
