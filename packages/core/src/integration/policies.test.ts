import { describe, expect, it } from 'vitest'
import { createBreaker } from '../breaker/create-breaker.ts'
import { createBulkhead } from '../bulkhead/create-bulkhead.ts'
import type { CallOptions } from '../engine/call.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createHedge } from '../hedge/hedge.ts'
import type { Admission } from '../policy/admission.ts'
import { RETRY_PRESETS } from '../retry/presets.ts'
import { createRetry } from '../retry/retry.ts'
import { fakeClock, recordEvents, scriptedOperation } from '../testing/index.ts'
import { createIntegration } from './create-integration.ts'
import type { IntegrationOptions } from './options.ts'

function setUp(options: Partial<IntegrationOptions> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const crm = createIntegration({ name: 'crm', clock, events, random: () => 0.5, ...options })
  return { clock, record, crm }
}

const busy = (): object => ({ status: 503 })

describe('the reserve of a deadline', () => {
  it('ends every attempt that much before the deadline, and lets none begin in it', async () => {
    const { clock, crm } = setUp({ deadlineMs: 1_000, reserveMs: 200, attemptTimeoutMs: 600, idempotent: true })
    const operation = scriptedOperation(clock, [{ hangs: true }])
    const call = crm.call(operation).catch((reason: unknown) => [(reason as HoldfastError).code, clock.now()])
    await clock.advance(2_000)
    expect(await call).toEqual(['DEADLINE_EXCEEDED', 800])
    expect(operation.attempts.map(({ timeLeftMs }) => timeLeftMs)).toEqual([600, 100])
  })

  it('is kept from a queue, too', async () => {
    const clock = fakeClock()
    const slots = createBulkhead({ name: 'slots', maxConcurrent: 1, maxQueued: 1, maxQueueMs: 10_000, clock })
    slots.tryAcquire()
    const crm = createIntegration({ name: 'crm', clock, deadlineMs: 1_000, reserveMs: 200, admissions: [slots] })
    const call = crm.call(() => 1).catch((reason: unknown) => [(reason as HoldfastError).code, clock.now()])
    await clock.advance(1_000)
    expect(await call).toEqual(['QUEUE_TIMEOUT', 800])
  })

  it('must be less than the deadline', () => {
    expect(() => setUp({ deadlineMs: 100, reserveMs: 100 })).toThrow(
      /crm.reserveMs must be less than deadlineMs \(100\)/,
    )
  })
})

describe('a retry that is not made', () => {
  it.each([
    ['attempts', { retry: { maxRetries: 1, backoffMs: 1 } }],
    ['budget', { retry: { budgetFloor: 0, budgetRatio: 0 } }],
    ['deadline', { deadlineMs: 150 }],
    ['circuit', { breaker: { minimumCalls: 1 } }],
  ] as const)('says why: %s', async (reason, options) => {
    const { clock, crm, record } = setUp({ idempotent: true, breaker: false, ...options })
    const call = crm.call(scriptedOperation(clock, [{ error: busy(), afterMs: 100 }])).catch(() => undefined)
    await clock.advance(10_000)
    await call
    expect(record.of('retry-denied')).toMatchObject([{ reason }])
  })

  it.each([
    ['a failure that is final', { status: 404 }, {}],
    ['a category that `when` leaves out', busy(), { retry: { when: ['network'] } }],
    ['no retries', busy(), { retry: { maxRetries: 0 } }],
    ['no retry', busy(), { retry: false }],
    ['the time', busy(), { deadlineMs: 100 }],
    ['the budget', busy(), { retry: { budgetFloor: 0, budgetRatio: 0 } }],
    ['the circuit', busy(), { breaker: { minimumCalls: 1 } }],
  ] as const)(
    'says that the call is not idempotent where that alone stands in the way, and nothing where %s does, too',
    async (_, error, options) => {
      for (const [also, reasons] of [
        [{}, [{ reason: 'not-idempotent', attempts: 1 }]],
        [options, []],
      ] as const) {
        const { clock, crm, record } = setUp({ breaker: false, ...also })
        const failure = also === options ? error : busy()
        const call = crm.call(scriptedOperation(clock, [{ error: failure, afterMs: 50 }])).catch(() => undefined)
        await clock.advance(10_000)
        await call
        expect(record.of('retry-denied')).toMatchObject(reasons)
        expect(record.of('retry-denied')).toHaveLength(reasons.length)
      }
    },
  )

  it('takes nothing out of the budget when it could only have been made by somebody else', async () => {
    const { clock, crm } = setUp({ breaker: false, retry: { budgetFloor: 1, budgetRatio: 0, maxRetries: 1 } })
    for (let call = 0; call < 5; call++) await crm.call(() => Promise.reject(busy())).catch(() => undefined)
    const call = crm.call(scriptedOperation(clock, [{ error: busy() }, { value: 'yes' }]), { idempotent: true })
    await clock.advance(1_000)
    await expect(call).resolves.toBe('yes')
  })

  it('is not made when the time left is shorter than a call usually takes', async () => {
    const { clock, crm, record } = setUp({ deadlineMs: 1_000, idempotent: true, breaker: false })
    for (let call = 0; call < 50; call++) {
      const work = crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 700 }]))
      await clock.advance(700)
      await work
    }
    const failing = crm.call(scriptedOperation(clock, [{ error: busy(), afterMs: 300 }])).catch(() => clock.now())
    await clock.advance(1_000)
    await failing
    expect(record.of('retry-denied')).toMatchObject([{ reason: 'deadline' }])
  })

  it('is refused as a preset that cannot fit', () => {
    expect(() => setUp({ deadlineMs: 3_000, retry: RETRY_PRESETS.AGGRESSIVE })).toThrow(
      /crm.retry.maxRetries must be such that waits of up to 7500 ms in all end before the deadline of 3000 ms/,
    )
    expect(() => setUp({ retry: RETRY_PRESETS.PERSISTENT })).toThrow(/35000 ms in all/)
    expect(() => setUp({ deadlineMs: 60_000, retry: RETRY_PRESETS.PERSISTENT })).not.toThrow()
    expect(() => setUp({ deadlineMs: 60_000, reserveMs: 25_000, retry: RETRY_PRESETS.PERSISTENT })).toThrow(
      /before the deadline of 35000 ms/,
    )
  })
})

describe('an integration without a retry', () => {
  it('makes one attempt, and hedges from the budget of the hedge', async () => {
    const { clock, crm, record } = setUp({
      idempotent: true,
      retry: false,
      hedge: { delayMs: 10, budgetFloor: 1, budgetRatio: 0 },
    })
    const failing = scriptedOperation(clock, [{ error: busy() }])
    await crm.call(failing).catch(() => undefined)
    expect(failing.attempts).toHaveLength(1)
    for (let call = 0; call < 2; call++) {
      const slow = crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 100 }]))
      await clock.advance(100)
      await slow
    }
    expect(record.of('hedge-started')).toHaveLength(1)
    expect(record.of('retry-denied')).toEqual([])
  })

  it('is made so, and back, by new options, which hold for a call under way too', async () => {
    const { clock, crm } = setUp({ idempotent: true, breaker: false, retry: { maxRetries: 1 } })
    const attempts = async (change: () => void): Promise<number> => {
      const operation = scriptedOperation(clock, [{ error: busy(), afterMs: 100 }])
      const call = crm.call(operation).catch(() => undefined)
      change()
      await clock.advance(10_000)
      await call
      return operation.attempts.length
    }
    const options = { idempotent: true, breaker: false } as const
    expect(await attempts(() => crm.reconfigure({ ...options, retry: false }))).toBe(1)
    expect(await attempts(() => undefined)).toBe(1)
    expect(await attempts(() => crm.reconfigure({ ...options, retry: { maxRetries: 1 } }))).toBe(2)
  })
})

describe('admissions of an integration', () => {
  it('must have its clock, where they show one', () => {
    const [own, other] = [fakeClock(), fakeClock()]
    const admissions = [createBulkhead({ name: 'slots', maxConcurrent: 1, clock: own })]
    const crm = createIntegration({ name: 'crm', clock: own, admissions })
    const refusal = /crm\.admissions\[0\]\.clock must be the same as around it/
    expect(() => createIntegration({ name: 'crm', clock: other, admissions })).toThrow(refusal)
    expect(() => createIntegration({ name: 'crm', admissions })).toThrow(refusal)
    const foreign = [createBulkhead({ name: 'slots', maxConcurrent: 1, clock: other })]
    expect(() => crm.reconfigure({ admissions: foreign })).toThrow(refusal)
  })

  const refusing: Admission = { tryAcquire: refuse, acquire: refuse }
  function refuse() {
    const error = new HoldfastError({
      code: 'FULL',
      category: 'rejected',
      message: 'full',
      retryable: true,
      stack: false,
    })
    return { admitted: false, error } as const
  }

  it('refuse a call before it reaches the dependency, and that counts against nobody', async () => {
    const { clock, crm, record } = setUp({ admissions: [refusing] })
    const operation = scriptedOperation(clock, [{ value: 1 }])
    await expect(crm.call(operation)).rejects.toMatchObject({ code: 'FULL' })
    expect(operation.attempts).toHaveLength(0)
    expect(crm.snapshot()).toMatchObject({ window: { calls: 0 }, totals: { rejected: 1 }, status: 'healthy' })
    expect(record.of('call-rejected')).toMatchObject([{ code: 'FULL' }])
  })

  it('that decide about calls are not asked again for a retry', async () => {
    let asked = 0
    const settled: string[] = []
    const counting: Admission = { perCall: true, tryAcquire: admit, acquire: admit }
    function admit() {
      asked += 1
      return {
        admitted: true as const,
        settle: (outcome: 'success' | 'failure' | 'slow' | 'ignored') => {
          settled.push(outcome)
          return outcome
        },
      }
    }
    const { clock, crm } = setUp({ admissions: [counting], idempotent: true })
    const call = crm.call(scriptedOperation(clock, [{ error: busy() }, { value: 1 }]))
    await clock.advance(10_000)
    await call
    expect(asked).toBe(1)
    expect(settled).toEqual(['failure'])
  })

  it('must be policies', () => {
    const clock = fakeClock()
    const slots = createBulkhead({ name: 'slots', clock })
    expect(() => setUp({ admissions: {} as never })).toThrow('admissions must be a list of policies')
    expect(() => createIntegration({ name: 'crm', clock, admissions: [slots, {}] as never })).toThrow(
      'crm.admissions[1] must be an object with tryAcquire, acquire, but is an instance of Object',
    )
  })
})

describe('the parts of an integration', () => {
  it('are made of options, not of policies', () => {
    for (const [parts, message] of [
      [
        { retry: createRetry() },
        'integration.retry must be an object of options, or false, but is an instance of Retry',
      ],
      [
        { breaker: createBreaker({ name: 'a' }) },
        'integration.breaker must be an object of options, or false, but is an',
      ],
      [
        { hedge: createHedge() },
        'integration.hedge must be an object of options, or false, but is an instance of Hedge',
      ],
    ] as const) {
      expect(() => createIntegration({ name: 'crm', ...parts } as never)).toThrow(message)
    }
    expect(() => createIntegration({ name: 'crm', retry: Object.create(null) as object })).not.toThrow()
  })

  it('may be undefined, which counts as left out', async () => {
    const crm = createIntegration({
      name: 'crm',
      kind: undefined,
      retry: undefined,
      hedge: undefined,
      breaker: undefined,
    })
    const { signal, deadlineMs, idempotent, priority, tenant }: CallOptions = {}
    await expect(crm.call(() => 1, { signal, deadlineMs, idempotent, priority, tenant })).resolves.toBe(1)
  })
})

describe('new options for an integration', () => {
  it('hold for what a call under way does next; its deadline stays', async () => {
    const { clock, crm } = setUp({ deadlineMs: 5_000, idempotent: true, retry: { maxRetries: 0 } })
    const operation = scriptedOperation(clock, [{ error: busy(), afterMs: 100 }, { value: 'yes' }])
    const call = crm.call(operation)
    crm.reconfigure({ deadlineMs: 50, attemptTimeoutMs: 50, idempotent: true, retry: { maxRetries: 1, backoffMs: 10 } })
    await clock.advance(200)
    await expect(call).resolves.toBe('yes')
    const late = crm.call(scriptedOperation(clock, [{ hangs: true }])).catch((reason: unknown) => reason)
    await clock.advance(50)
    expect(await late).toMatchObject({ category: 'timeout' })
  })

  it('leave the state of the circuit, the rate limit and the totals', async () => {
    const { crm } = setUp({ breaker: { minimumCalls: 1 }, retry: { maxRetries: 0 } })
    await crm.call(() => Promise.reject(busy())).catch(() => undefined)
    crm.reconfigure({ breaker: { minimumCalls: 10 } })
    expect(crm.snapshot()).toMatchObject({ circuit: 'open', totals: { calls: 1, failed: 1 } })
    await expect(crm.call(() => 1)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' })
  })

  it('leave the budget that has been used', async () => {
    const { clock, crm } = setUp({ idempotent: true, breaker: false, retry: { budgetFloor: 1, budgetRatio: 0 } })
    const fail = async (): Promise<void> => {
      const call = crm.call(() => Promise.reject(busy())).catch(() => undefined)
      await clock.advance(1_000)
      await call
    }
    await fail()
    crm.reconfigure({ idempotent: true, breaker: false, retry: { budgetFloor: 2, budgetRatio: 0 } })
    await fail()
    await fail()
    expect(crm.snapshot().totals.retries).toBe(2)
  })

  it('leave what the hedge has learnt', async () => {
    const { clock, record, crm } = setUp({ idempotent: true, hedge: { minimumCalls: 3 } })
    for (let call = 0; call < 3; call++) {
      const answer = crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 100 }]))
      await clock.advance(100)
      await answer
    }
    crm.reconfigure({ idempotent: true, hedge: { minimumCalls: 3, maxHedges: 2 } })
    const slow = crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 1_000 }]))
    await clock.advance(1_000)
    await slow
    const waits = record.of('hedge-started').map(({ afterMs }) => afterMs)
    // The usual 100 ms, and what the quantile wavers by.
    expect(waits.map((afterMs) => afterMs >= 100 && afterMs < 110)).toEqual([true, true])
  })

  it.each([1_000, 2_000])(
    'leave the goodput limit, and count who is under way in it, with a timeout of %d',
    async (timeoutMs) => {
      const { clock, crm } = setUp({ breaker: false, attemptTimeoutMs: 1_000, goodputLimit: { minLimit: 5 } })
      const hung = Array.from({ length: 40 }, () =>
        crm.call(scriptedOperation(clock, [{ hangs: true }])).catch(() => undefined),
      )
      await clock.advance(1_000)
      await Promise.all(hung)
      const under = Array.from({ length: 3 }, () => crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 500 }])))
      crm.reconfigure({ breaker: false, attemptTimeoutMs: timeoutMs, goodputLimit: { minLimit: 5 } })
      const later = Array.from({ length: 3 }, () =>
        crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 500 }])).catch(({ code }: HoldfastError) => code),
      )
      await clock.advance(500)
      await expect(Promise.all(under)).resolves.toEqual([1, 1, 1])
      expect(await Promise.all(later)).toEqual([1, 1, 'GOODPUT_LIMITED'])
    },
  )

  it('replace no carrier: the one that was given before may be said again, any other is refused', async () => {
    const carrier = { getStore: () => ({ tenant: 'acme' }), run: <T>(_labels: object, work: () => T) => work() }
    const { clock, crm, record } = setUp({ carrier })
    const options = { carrier, deadlineMs: 1_000 }
    crm.reconfigure(options)
    const other = { carrier: { ...carrier }, deadlineMs: 20 }
    expect(() => crm.reconfigure(other)).toThrow('crm.carrier must be the one it was made with, but is an')
    // @ts-expect-error: it is no option here.
    expect(() => crm.reconfigure({ carrier: other.carrier })).toThrow('crm.carrier')
    const call = crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 500 }]))
    await clock.advance(500)
    await call
    expect(record.of('call-succeeded')).toMatchObject([{ tenant: 'acme' }])
  })

  it('are refused as a whole when one cannot be used, and everything stays', async () => {
    const { clock, crm } = setUp({ deadlineMs: 1_000 })
    expect(() => crm.reconfigure({ deadlineMs: 20, retry: { maxRetries: -1 } })).toThrow(/crm.retry.maxRetries/)
    expect(() => crm.reconfigure({ deadlineMs: 20, breaker: { openMs: 0 } })).toThrow(/crm.breaker.openMs/)
    const call = crm.call(scriptedOperation(clock, [{ value: 'in time', afterMs: 500 }]))
    await clock.advance(500)
    await expect(call).resolves.toBe('in time')
  })
})
