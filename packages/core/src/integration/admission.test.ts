import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents, scriptedOperation } from '../testing/index.ts'
import { createIntegration } from './create-integration.ts'
import type { IntegrationOptions } from './options.ts'

function setUp(options: Partial<IntegrationOptions> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const crm = createIntegration({ name: 'crm', clock, events, random: () => 0.5, retry: { maxRetries: 0 }, ...options })
  const fails = async (error: unknown): Promise<unknown> => {
    try {
      return await crm.call(scriptedOperation(clock, [{ error }]))
    } catch (reason) {
      return reason
    }
  }
  return { clock, record, crm, fails }
}

const limited = (retryAfter?: string): object => ({
  status: 429,
  headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
})

describe('a dependency that limits our rate', () => {
  it('is left alone until Retry-After: calls are refused without touching it', async () => {
    const { crm, clock, fails, record } = setUp()
    await expect(fails(limited('30'))).resolves.toMatchObject({ code: 'HTTP_429', category: 'rate-limit' })
    await clock.advance(10_000)
    const operation = scriptedOperation(clock, [{ value: 1 }])
    await expect(crm.call(operation)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      category: 'rejected',
      retryAfterMs: 20_000,
      mayHaveTakenEffect: false,
      cause: { code: 'HTTP_429' },
    })
    expect(operation.attempts).toHaveLength(0)
    expect(crm.wouldAdmit()).toBe(false)
    expect(record.of('call-rejected')).toMatchObject([{ code: 'RATE_LIMITED', retryAfterMs: 20_000 }])
    await clock.advance(20_000)
    await expect(crm.call(operation)).resolves.toBe(1)
  })

  it('does not open its circuit, and is degraded meanwhile', async () => {
    const { crm, fails } = setUp({ breaker: { minimumCalls: 1 } })
    await fails(limited('30'))
    expect(crm.snapshot()).toMatchObject({ circuit: 'closed', status: 'degraded', window: { calls: 0 } })
  })

  it('is not called earlier because another reply asked for less', async () => {
    const { crm, clock } = setUp()
    const slow = crm.call(scriptedOperation(clock, [{ error: limited('5'), afterMs: 100 }])).catch(() => undefined)
    const fast = crm.call(scriptedOperation(clock, [{ error: limited('60') }])).catch(() => undefined)
    await clock.advance(100)
    await Promise.all([slow, fast])
    await clock.advance(10_000)
    expect(crm.wouldAdmit()).toBe(false)
  })

  it('is not waited for by a call whose retry would come before the limit of another call has passed', async () => {
    const { crm, clock } = setUp({ retry: {} })
    const slow = crm.call(scriptedOperation(clock, [{ error: limited('5'), afterMs: 100 }])).catch((error) => error)
    const fast = crm.call(scriptedOperation(clock, [{ error: limited('60') }])).catch((error) => error)
    await clock.advance(100)
    expect(await fast).toMatchObject({ retryAfterMs: 60_000 })
    expect(await slow).toMatchObject({ retryAfterMs: 5_000 })
    expect(clock.now()).toBe(100)
  })

  it('is looked at again after five minutes, whatever it asked for, and left alone again if it asks again', async () => {
    const { crm, clock, fails } = setUp()
    await expect(fails(limited('3600'))).resolves.toMatchObject({ code: 'HTTP_429', retryAfterMs: 3_600_000 })
    await expect(crm.call(() => 1)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 300_000 })
    await clock.advance(299_999)
    expect(crm.wouldAdmit()).toBe(false)
    await clock.advance(1)
    expect(crm.wouldAdmit()).toBe(true)
    await fails(limited('3300'))
    expect(crm.wouldAdmit()).toBe(false)
    await clock.advance(300_000)
    await expect(crm.call(() => 1)).resolves.toBe(1)
    expect(crm.snapshot().status).toBe('healthy')
  })

  it('says in its snapshot when it may be called again, be it for the limit or for the circuit', async () => {
    const { crm, clock, fails } = setUp({ breaker: { openMs: 10_000, openJitter: 0 } })
    expect(crm.snapshot()).not.toHaveProperty('nextProbeInMs')
    await fails(limited('30'))
    await clock.advance(5_000)
    expect(crm.snapshot()).toMatchObject({ circuit: 'closed', nextProbeInMs: 25_000 })
    crm.circuit.open()
    expect(crm.snapshot(), 'the limit is over later').toMatchObject({ circuit: 'open', nextProbeInMs: 25_000 })
    await clock.advance(10_000)
    expect(crm.snapshot()).toMatchObject({ circuit: 'half-open', nextProbeInMs: 15_000 })
    crm.circuit.isolate()
    expect(crm.snapshot(), 'no time will end that').not.toHaveProperty('nextProbeInMs')
    crm.circuit.open()
    await clock.advance(9_000)
    expect(crm.snapshot().nextProbeInMs).toBe(6_000)
    crm.circuit.reset()
    expect(crm.snapshot()).not.toHaveProperty('nextProbeInMs')
  })

  it('is called again after a reset by hand', async () => {
    const { crm, fails } = setUp()
    await fails(limited('30'))
    crm.circuit.reset()
    await expect(crm.call(() => 2)).resolves.toBe(2)
  })

  it('is called again by the same call when there is time, though a write', async () => {
    const { crm, clock } = setUp({ retry: {} })
    const operation = scriptedOperation(clock, [{ error: limited('2') }, { value: 'written' }])
    const call = crm.call(operation)
    await clock.advance(5_000)
    await expect(call).resolves.toBe('written')
    expect(operation.attempts.map(({ at }) => at)).toEqual([0, 2_100])
  })

  it('takes no probe permit with it while its limit is in force', async () => {
    const { crm, clock, fails } = setUp({ breaker: { openMs: 1_000, openJitter: 0 } })
    await fails(limited('5'))
    crm.circuit.open()
    await clock.advance(1_000)
    await expect(crm.call(() => 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await clock.advance(4_000)
    await expect(crm.call(() => 1)).resolves.toBe(1)
  })
})

describe('an open circuit', () => {
  it('refuses a call with two events and no attempt', async () => {
    const { crm, record } = setUp()
    crm.circuit.open()
    record.clear()
    await expect(crm.call(() => 1)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' })
    expect(record.types).toEqual(['call-rejected', 'call-failed'])
    expect(crm.snapshot().totals).toMatchObject({ calls: 1, rejected: 1, failed: 0, attempts: 0 })
  })

  it('lets a call through that a breaker would not, where there is none', async () => {
    const { crm, clock, fails } = setUp({ breaker: false })
    for (let i = 0; i < 50; i++) await fails({ status: 500 })
    expect(crm.snapshot()).toMatchObject({ circuit: 'closed', status: 'critical' })
    await expect(crm.call(() => 1)).resolves.toBe(1)
    crm.circuit.isolate()
    await clock.advance(1)
    await expect(crm.call(() => 1)).rejects.toMatchObject({ code: 'CIRCUIT_ISOLATED' })
  })

  it('gives a probe the time that an attempt has, if nothing shorter is asked for', async () => {
    for (const [probeLeaseMs, state] of [
      [undefined, 'closed'],
      [30_000, 'open'],
    ] as const) {
      const lease = probeLeaseMs === undefined ? {} : { probeLeaseMs }
      const breaker = {
        openMs: 1_000,
        maxOpenMs: 60_000,
        openJitter: 0,
        halfOpenSuccesses: 1,
        slowCallMs: Infinity,
        ...lease,
      }
      const { crm, clock } = setUp({ deadlineMs: 120_000, attemptTimeoutMs: 60_000, breaker })
      crm.circuit.open()
      await clock.advance(1_000)
      const call = crm.call(() => clock.sleep(31_000))
      await clock.advance(31_000)
      await call
      expect(crm.circuit.state).toBe(state)
    }
  })
})

describe('the health of an integration', () => {
  it('is healthy when nothing has been called', () => {
    expect(setUp().crm.snapshot()).toMatchObject({ status: 'healthy', circuit: 'closed', admittedShare: 1 })
  })

  it('goes from healthy over degraded to critical and back, and says since when', async () => {
    const { crm, clock, fails } = setUp({
      breaker: {
        minimumCalls: 4,
        failureRatio: 0.5,
        windowMs: 60_000,
        openMs: 5_000,
        halfOpenSuccesses: 1,
        rampUpMs: 10_000,
      },
    })
    const at = clock.wallTime()
    for (let i = 0; i < 3; i++) await crm.call(() => 1)
    await fails({ status: 500 })
    expect(crm.snapshot().status).toBe('healthy')
    await clock.advance(1_000)
    await fails({ status: 500 })
    expect(crm.snapshot()).toMatchObject({
      status: 'degraded',
      troubledSince: at + 1_000,
      lastSuccessAt: at,
      lastError: { code: 'HTTP_500', message: 'crm answered with HTTP status 500', at: at + 1_000 },
    })
    await clock.advance(1_000)
    await fails({ status: 500 })
    expect(crm.snapshot()).toMatchObject({ status: 'critical', circuit: 'open', nextProbeInMs: 5_000 })
    await clock.advance(5_000)
    expect(crm.snapshot()).toMatchObject({ status: 'critical', circuit: 'half-open' })
    await crm.call(() => 1)
    expect(crm.snapshot()).toMatchObject({ status: 'degraded', circuit: 'ramping', troubledSince: at + 1_000 })
    await clock.advance(10_000)
    expect(crm.snapshot()).toMatchObject({ status: 'healthy', circuit: 'closed' })
    expect(crm.snapshot()).not.toHaveProperty('troubledSince')
  })

  it('dates a new trouble anew, also when nobody looked in between', async () => {
    const { crm, clock, fails } = setUp()
    for (let i = 0; i < 2; i++) await fails({ status: 500 })
    await clock.advance(3_600_000)
    const at = clock.wallTime()
    await fails({ status: 500 })
    expect(crm.snapshot().troubledSince).toBe(at)
  })

  it('is degraded by slow calls', async () => {
    const { crm, clock } = setUp({ breaker: { slowCallMs: 100 } })
    const slow = Array.from({ length: 2 }, () => crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 200 }])))
    await clock.advance(200)
    await Promise.all(slow)
    expect(crm.snapshot()).toMatchObject({ status: 'degraded', window: { calls: 2, slow: 2, failures: 0 } })
  })

  it('does not suffer from requests that were wrong themselves', async () => {
    const { crm, fails } = setUp({ breaker: { minimumCalls: 1 } })
    await crm.call(() => 1)
    for (let i = 0; i < 9; i++) await fails({ status: 422 })
    expect(crm.snapshot()).toMatchObject({ status: 'healthy', circuit: 'closed', window: { calls: 10, failures: 0 } })
  })

  it('is degraded, and its circuit closed, while every one of its last calls was refused as a wrong request', async () => {
    const { crm, clock, fails } = setUp({ breaker: { minimumCalls: 5, windowMs: 30_000 } })
    for (let i = 0; i < 4; i++) await fails({ status: 422 })
    expect(crm.snapshot().status).toBe('healthy')
    await fails({ status: 422 })
    const at = clock.wallTime()
    expect(crm.snapshot()).toMatchObject({ status: 'degraded', circuit: 'closed', troubledSince: at })
    await crm.call(() => 1)
    expect(crm.snapshot()).toMatchObject({ status: 'healthy', circuit: 'closed' })
    await clock.advance(60_000)
    for (let i = 0; i < 5; i++) {
      expect(crm.snapshot().status).toBe('healthy')
      await clock.advance(60_000)
      await fails({ status: 422 })
    }
    await clock.advance(300_000)
    expect(crm.snapshot().status).toBe('degraded')
    await clock.advance(1)
    expect(crm.snapshot().status).toBe('healthy')
  })

  it('is handed out as a frozen copy (B30)', () => {
    const { crm } = setUp()
    const snapshot = crm.snapshot()
    expect(Object.isFrozen(snapshot)).toBe(true)
    expect(Object.isFrozen(snapshot.totals)).toBe(true)
    expect(Object.isFrozen(snapshot.window)).toBe(true)
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
  })
})

describe('the options of an integration', () => {
  it.each([
    [{ name: '' }, "integration.name must be 1 to 64 lower-case letters, digits and '-', but is ''"],
    [{ deadlineMs: 0 }, 'integration.deadlineMs must be a number from 1 to 86,400,000, but is 0'],
    [
      { deadlineMs: 1_000, attemptTimeoutMs: 2_000 },
      'crm.attemptTimeoutMs must be at most deadlineMs (1000), which holds the attempts, but is 2000',
    ],
    [{ retry: { maxRetries: -1 } }, 'crm.retry.maxRetries must be a whole number from 0 to 100, but is -1'],
    [{ retry: { factor: 0.5 } }, 'crm.retry.factor must be a number from 1 to 10, but is 0.5'],
    [{ breaker: { slowRatio: 2 } }, 'crm.breaker.slowRatio must be a number above 0 and up to 1, but is 2'],
    [
      { retry: { backoffMs: 500, maxBackoffMs: 100 } },
      'crm.retry.maxBackoffMs must be at least backoffMs (500), but is 100',
    ],
  ])('refuse %j', (options, message) => {
    expect(() => createIntegration({ name: 'crm', ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', category: 'validation', message }),
    )
  })

  it.each([
    { timeout: 5 },
    { retry: { maxAttempts: 3 } },
    { breaker: { threshold: 3 } },
    { retry: true },
    { kind: 'x' },
  ])('refuse %j, which no type allows either', (options) => {
    const wrong = { name: 'crm', ...options } as unknown as IntegrationOptions
    expect(() => createIntegration(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('fit the attempt into a deadline that is shorter than its default', async () => {
    const { crm } = setUp({ deadlineMs: 2_000 })
    await expect(crm.call(({ timeLeftMs }) => timeLeftMs)).resolves.toBe(2_000)
  })
})
