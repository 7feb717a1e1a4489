import { describe, expect, expectTypeOf, it } from 'vitest'
import { createBulkhead } from '../bulkhead/create-bulkhead.ts'
import { createCache } from '../cache/create-cache.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import type { FallbackStep } from '../fallback/options.ts'
import { cacheFirst, fixed, lastKnown, simulated } from '../fallback/steps.ts'
import { createIntegration } from '../integration/create-integration.ts'
import { pipeline } from '../pipeline/pipeline.ts'
import { fakeClock, recordEvents, scriptedOperation } from '../testing/index.ts'
import { guardedCall } from './guarded-call.ts'

function setUp() {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const robots = createIntegration({ name: 'robots', clock, retry: { maxRetries: 0 }, breaker: false })
  const cache = createCache<string>({ name: 'robots', clock, freshMs: 1_000, staleIfErrorMs: 60_000 })
  return { clock, events, record, robots, cache }
}

const down = (): Promise<never> => Promise.reject(Object.assign(new Error('down'), { status: 503 }))

describe('a guarded call', () => {
  it('tells the value and that the dependency itself served it', async () => {
    const { clock, robots } = setUp()
    await expect(guardedCall(robots, () => 'live', { clock, fallbacks: [fixed('none')] })).resolves.toEqual({
      ok: true,
      value: 'live',
      servedBy: 'robots',
      source: 'operation',
      degraded: false,
      attempts: 1,
      durationMs: 0,
      failures: [],
    })
  })

  it('asks a fresh cache first; that it holds nothing is no failure of the dependency', async () => {
    const { clock, robots, cache, events, record } = setUp()
    const options = { clock, events, before: [cacheFirst(cache, 'r2')] }
    const missed = await guardedCall(robots, () => 'live', options)
    expect(missed).toMatchObject({ ok: true, value: 'live', degraded: false, failures: [{ step: 'cache' }] })
    expect(record.of('fallback-served')).toEqual([])
    cache.set('r2', 'remembered')
    await clock.advance(400)
    const hit = await guardedCall(robots, () => 'live', options)
    expect(hit).toMatchObject({
      value: 'remembered',
      servedBy: 'cache',
      source: 'cache',
      ageMs: 400,
      degraded: false,
      attempts: 0,
    })
  })

  it('serves the last known value with its age when the dependency fails, and reports that', async () => {
    const { clock, robots, cache, events, record } = setUp()
    cache.set('r2', 'remembered')
    await clock.advance(5_000)
    const steps = [cacheFirst(cache, 'r2', { name: 'first' })]
    const outcome = await guardedCall(robots, down, {
      clock,
      events,
      tenant: 'acme',
      before: steps,
      fallbacks: [lastKnown(cache, 'r2')],
    })
    expect(outcome).toMatchObject({
      ok: true,
      value: 'remembered',
      servedBy: 'last-known',
      source: 'last-known',
      ageMs: 5_000,
      degraded: true,
      attempts: 1,
      failures: [
        { step: 'first', error: { code: 'NOT_REMEMBERED' } },
        { step: 'robots', error: { code: 'HTTP_503' } },
      ],
    })
    expect(record.of('fallback-served')).toMatchObject([
      { fallback: 'robots', servedBy: 'last-known', source: 'last-known', ageMs: 5_000, tenant: 'acme', failures: 2 },
    ])
  })

  it('never serves what is made up unless that is switched on, and then says so', async () => {
    const { clock, robots } = setUp()
    const fallbacks = [simulated(() => 'made up'), fixed('nothing')]
    await expect(guardedCall(robots, down, { clock, fallbacks })).resolves.toMatchObject({
      value: 'nothing',
      source: 'static',
    })
    await expect(guardedCall(robots, down, { clock, fallbacks, allowSimulated: true })).resolves.toMatchObject({
      value: 'made up',
      source: 'simulated',
      servedBy: 'simulated',
    })
  })

  it('tells the dependency’s own error when nothing served, and everything that failed', async () => {
    const { clock, robots, cache } = setUp()
    const outcome = await guardedCall(robots, down, { clock, fallbacks: [lastKnown(cache, 'r2')] })
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'HTTP_503', integration: 'robots' },
      attempts: 1,
      failures: [{ step: 'robots' }, { step: 'last-known' }],
    })
  })

  it('does not fall back when the request itself was wrong', async () => {
    const { clock, robots } = setUp()
    const wrong = (): Promise<never> => Promise.reject({ status: 400 })
    await expect(guardedCall(robots, wrong, { clock, fallbacks: [fixed('none')] })).resolves.toMatchObject({
      ok: false,
      error: { category: 'client' },
    })
  })

  it('leaves time of the deadline to its fallbacks', async () => {
    const { clock, robots } = setUp()
    const other: FallbackStep<string> = { name: 'other', run: ({ timeLeftMs }) => `with ${timeLeftMs} ms` }
    const call = guardedCall(robots, scriptedOperation(clock, [{ hangs: true }]), {
      clock,
      deadlineMs: 1_000,
      fallbacks: [other],
    })
    await clock.advance(800)
    await expect(call).resolves.toMatchObject({ value: 'with 200 ms', servedBy: 'other', durationMs: 800 })
    const sliced = guardedCall(robots, scriptedOperation(clock, [{ hangs: true }]), {
      clock,
      deadlineMs: 1_000,
      sliceMs: 300,
      fallbacks: [other],
    })
    await clock.advance(300)
    await expect(sliced).resolves.toMatchObject({ value: 'with 700 ms' })
  })

  it.each([
    ['deadlineMs', { deadlineMs: 100 }],
    ['deadlineMs, with fallbacks', { deadlineMs: 100, fallbacks: [fixed(0)] }],
    ['sliceMs', { deadlineMs: 1_000, sliceMs: 100 }],
    ['sliceMs, with fallbacks', { deadlineMs: 1_000, sliceMs: 100, fallbacks: [fixed(0)] }],
    ['sliceMs, without a deadline', { sliceMs: 100 }],
  ])('counts a dependency that hangs as failed, and not as given up by its caller: %s', async (_what, options) => {
    const { clock, events, record } = setUp()
    const crm = createIntegration({
      name: 'crm',
      clock,
      events,
      retry: { maxRetries: 0 },
      breaker: { minimumCalls: 1 },
    })
    const call = guardedCall(crm, scriptedOperation<number>(clock, [{ hangs: true }]), { clock, ...options })
    await clock.advance(100)
    await expect(call).resolves.toMatchObject({
      failures: [{ step: 'crm', error: { code: 'DEADLINE_EXCEEDED', integration: 'crm' } }],
    })
    expect(record.of('attempt-failed')).toMatchObject([{ category: 'timeout', outcome: 'failure' }])
    expect(crm.snapshot()).toMatchObject({ circuit: 'open', totals: { failed: 1 } })
    expect(clock.pending).toBe(0)
  })

  it.each([0, -5])('makes no attempt with %d ms left, and serves what needs no time', async (deadlineMs) => {
    const { clock, robots } = setUp()
    const late = { code: 'DEADLINE_EXCEEDED', mayHaveTakenEffect: false }
    await expect(guardedCall(robots, () => 'live', { clock, deadlineMs })).resolves.toMatchObject({
      ok: false,
      error: late,
      attempts: 0,
    })
    await expect(
      guardedCall(robots, () => 'live', { clock, deadlineMs, fallbacks: [fixed('none')] }),
    ).resolves.toMatchObject({ ok: true, value: 'none', failures: [{ error: late }] })
  })

  it.each([1, 1e12, Infinity])('takes a deadline of %d ms as a call does', async (deadlineMs) => {
    const { clock, robots } = setUp()
    const options = { clock, deadlineMs, fallbacks: [fixed('none')] }
    await expect(guardedCall(robots, () => 'live', options)).resolves.toMatchObject({ ok: true, value: 'live' })
  })

  it.each([
    [{ sliceMs: 0 }, /guardedCall.sliceMs must be a number from 1 to 86,400,000, but is 0/],
    [{ deadlineMs: Number.NaN }, /guardedCall.deadlineMs must be a number of milliseconds, but is NaN/],
    [{ deadlineMs: '5' as never }, /guardedCall.deadlineMs must be a number of milliseconds, but is '5'/],
    [
      { fallbacks: [fixed('none', 'robots')] },
      /the name of a step must be another than that of the dependency, but is 'robots'/,
    ],
    [
      { before: [fixed('none', 'robots')] },
      /the name of a step must be another than that of the dependency, but is 'robots'/,
    ],
    [{ fallbacks: [{ name: 'No Name', run: () => '' }] }, /name must be 1 to 64/],
    [{ fallbacks: [null] as never }, /name must be 1 to 64/],
  ])('refuses what it cannot use: %j', async (options, message) => {
    const { clock, robots } = setUp()
    await expect(guardedCall(robots, () => 'live', { clock, ...options })).rejects.toThrow(message)
    expect(robots.snapshot().totals.calls).toBe(0)
  })

  it('is not degraded because something failed that was asked before the dependency', async () => {
    const { clock, events, record, robots } = setUp()
    const redis: FallbackStep<string> = { name: 'redis', run: down }
    const options = { clock, events, before: [redis] }
    await expect(guardedCall(robots, () => 'live', options)).resolves.toMatchObject({
      value: 'live',
      degraded: false,
      failures: [{ step: 'redis' }],
    })
    expect(record.of('fallback-served')).toEqual([])
  })

  it.each([404, 400, 503])('asks the dependency whatever was wrong before it: %d', async (status) => {
    const { clock, robots } = setUp()
    const before = ['redis', 'memory'].map((name): FallbackStep<string> => ({
      name,
      run: () => Promise.reject(Object.assign(new Error('no'), { status })),
    }))
    await expect(guardedCall(robots, () => 'live', { clock, before })).resolves.toMatchObject({
      ok: true,
      value: 'live',
      failures: [{ step: 'redis' }, { step: 'memory' }],
    })
  })

  it('rejects for options that no call can be made with, and not for those that the operation has trouble with', async () => {
    const { clock, robots, cache } = setUp()
    const options = { clock, before: [cacheFirst(cache, 'r2')], fallbacks: [fixed('none')] }
    const admissions = [createBulkhead({ name: 'slots', clock })]
    const crm = createIntegration({ name: 'crm', clock, admissions })
    await expect(guardedCall(crm, () => 'live', { ...options, priority: 'hgih' as never })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
    const inner = (): string => createIntegration({ name: 'No Name' }).name
    await expect(guardedCall(robots, inner, options)).resolves.toMatchObject({
      ok: false,
      error: { code: 'INVALID_OPTION' },
    })
  })

  it('rejects with the caller’s own reason when it aborts, and with nothing else', async () => {
    const { clock, robots } = setUp()
    const controller = new AbortController()
    const call = guardedCall(robots, scriptedOperation(clock, [{ hangs: true }]), {
      clock,
      signal: controller.signal,
      fallbacks: [fixed(1)],
    })
    const ended = call.catch((reason: unknown) => reason)
    controller.abort('left')
    expect(await ended).toBe('left')
  })

  it('takes what a step leaves undefined for left out', async () => {
    const { clock, robots } = setUp()
    const nothing = { source: undefined, timeoutMs: undefined, when: undefined }
    const hangs = (): Promise<never> => new Promise(() => undefined)
    const before = [{ name: 'memory', run: () => 'remembered', ...nothing }]
    const hit = await guardedCall(robots, () => 'live', { clock, before })
    expect(hit).toMatchObject({ servedBy: 'memory', source: 'cache', degraded: false })
    const fallbacks = [{ name: 'spare', run: hangs, ...nothing }, fixed('none')]
    const call = guardedCall(robots, down, { clock, fallbacks })
    await clock.advance(30_000)
    await expect(call).resolves.toMatchObject({ servedBy: 'static', durationMs: 30_000 })
  })

  it('counts the attempts that retries made', async () => {
    const clock = fakeClock()
    const crm = createIntegration({ name: 'crm', clock, idempotent: true, breaker: false })
    const call = guardedCall(crm, scriptedOperation(clock, [{ error: { status: 500 } }, { value: 1 }]), { clock })
    await clock.advance(10_000)
    await expect(call).resolves.toMatchObject({ ok: true, attempts: 2 })
  })

  it('gives what a fallback gives, of whatever type that is', async () => {
    const { clock, robots } = setUp()
    const outcome = await guardedCall(robots, async () => 5, { clock, fallbacks: [fixed('none')] })
    if (!outcome.ok) expect.unreachable()
    expectTypeOf(outcome.value).toEqualTypeOf<number | string>()
    const same = await guardedCall(robots, async () => 5, { clock, signal: undefined, fallbacks: undefined })
    if (!same.ok) expect.unreachable()
    expectTypeOf(same.value).toEqualTypeOf<number>()
    expect([outcome.value, same.value]).toEqual([5, 5])
  })

  it('refuses a promise in place of a function that makes one', async () => {
    const { clock, robots } = setUp()
    const call = guardedCall(robots, Promise.resolve(1) as never, { clock, fallbacks: [fixed(0)] })
    await expect(call).rejects.toThrow('operation must be a function, but is an instance of Promise')
  })

  it('guards pipelines as it guards integrations', async () => {
    const { clock } = setUp()
    await expect(guardedCall(pipeline([], { clock, name: 'plain' }), () => 1, { clock })).resolves.toMatchObject({
      servedBy: 'plain',
    })
  })
})
