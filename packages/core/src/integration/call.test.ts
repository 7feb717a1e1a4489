import { describe, expect, it } from 'vitest'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents, scriptedOperation, seededRandom } from '../testing/index.ts'
import { createIntegration } from './create-integration.ts'
import type { AttemptContext } from '../policy/operation.ts'
import type { IntegrationOptions } from './options.ts'

function setUp(options: Partial<IntegrationOptions> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const crm = createIntegration({ name: 'crm', clock, events, random: () => 0.5, ...options })
  return { clock, record, crm }
}

const unavailable = (retryAfter?: string): Error =>
  Object.assign(new Error('secret body'), {
    status: 503,
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  })

const refused = (): Error => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })

describe('a call', () => {
  it('gives what the operation gives, also when that is nothing, or comes without a promise (B18)', async () => {
    const { crm } = setUp()
    await expect(crm.call(() => 7)).resolves.toBe(7)
    await expect(crm.call(() => Promise.resolve('later'))).resolves.toBe('later')
    await expect(crm.call(() => undefined)).resolves.toBe(undefined)
    await expect(crm.call(() => null)).resolves.toBe(null)
    expect(crm.snapshot().totals).toMatchObject({ calls: 4, succeeded: 4, failed: 0 })
  })

  it('takes any thenable for a promise', async () => {
    const { crm } = setUp()
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tried
    const thenable: PromiseLike<number> = { then: (resolve) => Promise.resolve(5).then(resolve) }
    await expect(crm.call(() => thenable)).resolves.toBe(5)
  })

  it('rejects with a HoldfastError when the operation throws before it returns a promise (B18)', async () => {
    const { crm } = setUp()
    const call = crm.call(() => {
      throw unavailable()
    })
    await expect(call).rejects.toMatchObject({ code: 'HTTP_503', category: 'overloaded', integration: 'crm' })
  })

  it('refuses a promise in place of a function that makes one', async () => {
    const crm = createIntegration({ name: 'crm', clock: fakeClock() })
    const message = 'crm: operation must be a function, but is an instance of Promise'
    const begun = Promise.resolve(1) as never
    await expect(crm.call(begun)).rejects.toMatchObject({ code: 'INVALID_OPTION', message })
    await expect(crm.stream(begun, { isOutput: () => true })).rejects.toMatchObject({ message })
    expect(crm.snapshot().totals).toMatchObject({ calls: 0, failed: 0 })
    await expect(crm.call(() => 1)).resolves.toBe(1)
  })

  it('leaves no timer behind', async () => {
    const { crm, clock } = setUp()
    await crm.call(() => 1)
    await crm.call(() => Promise.reject(unavailable())).catch(() => undefined)
    expect(clock.pending).toBe(0)
  })

  it('tells its events in order, with the request it belongs to', async () => {
    const { crm, clock, record } = setUp({ idempotent: true })
    const operation = scriptedOperation(clock, [
      { error: unavailable(), afterMs: 40 },
      { value: 1, afterMs: 60 },
    ])
    const call = crm.call(operation, { requestId: 'r-1' })
    await clock.advance(1_000)
    await call
    expect(record.all).toEqual([
      { type: 'call-started', at: 1_767_225_600_000, integration: 'crm', requestId: 'r-1' },
      { type: 'attempt-started', at: 1_767_225_600_000, integration: 'crm', requestId: 'r-1', attempt: 1 },
      {
        type: 'attempt-failed',
        at: 1_767_225_600_040,
        integration: 'crm',
        requestId: 'r-1',
        attempt: 1,
        durationMs: 40,
        code: 'HTTP_503',
        category: 'overloaded',
        status: 503,
        outcome: 'failure',
      },
      {
        type: 'retry-scheduled',
        at: 1_767_225_600_040,
        integration: 'crm',
        requestId: 'r-1',
        attempt: 2,
        delayMs: 100,
      },
      { type: 'attempt-started', at: 1_767_225_600_140, integration: 'crm', requestId: 'r-1', attempt: 2 },
      {
        type: 'attempt-succeeded',
        at: 1_767_225_600_200,
        integration: 'crm',
        requestId: 'r-1',
        attempt: 2,
        durationMs: 60,
        outcome: 'success',
      },
      {
        type: 'call-succeeded',
        at: 1_767_225_600_200,
        integration: 'crm',
        requestId: 'r-1',
        attempts: 2,
        durationMs: 200,
      },
    ])
  })

  it('is not touched by a listener that throws', async () => {
    const events = createEvents<CoreEvent>()
    events.on(() => {
      throw new Error('a listener that fails')
    })
    const crm = createIntegration({ name: 'crm', events, clock: fakeClock() })
    await expect(crm.call(() => 3)).resolves.toBe(3)
  })
})

describe('the attempt timeout', () => {
  it('cuts an operation that ignores its signal, and swallows what comes late (B25)', async () => {
    const { crm, clock } = setUp({ attemptTimeoutMs: 1_000 })
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    const late = scriptedOperation(clock, [{ error: new Error('late'), afterMs: 5_000, ignoresSignal: true }])
    const call = crm.call(late)
    const failure = expect(call).rejects.toMatchObject({ code: 'ATTEMPT_TIMEOUT', category: 'timeout' })
    await clock.advance(1_000)
    await failure
    await clock.advance(10_000)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', onUnhandled)
    expect(unhandled).toEqual([])
    expect(clock.pending).toBe(0)
    expect(crm.snapshot().totals).toMatchObject({ failed: 1, succeeded: 0 })
  })

  it('aborts the signal of an operation that heeds it, with the timeout as the reason (B13)', async () => {
    const { crm, clock } = setUp({ attemptTimeoutMs: 1_000 })
    const operation = scriptedOperation(clock, [{ hangs: true }])
    const error = crm.call(operation).catch((reason: unknown) => reason)
    await clock.advance(1_000)
    expect(operation.attempts[0]?.abortReason).toBe(await error)
  })

  it('gives each attempt a signal of its own (B21)', async () => {
    const { crm, clock } = setUp({ attemptTimeoutMs: 1_000, idempotent: true })
    const signals: AbortSignal[] = []
    const call = crm.call(({ attempt, signal }) => {
      signals.push(signal)
      return attempt === 1 ? new Promise<number>(() => undefined) : 9
    })
    await clock.advance(2_000)
    await expect(call).resolves.toBe(9)
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false])
  })

  it('makes no AbortController for an operation that does not ask for its signal', async () => {
    const { crm } = setUp()
    const made: unknown[] = []
    const Original = globalThis.AbortController
    globalThis.AbortController = class extends Original {
      constructor() {
        super()
        made.push(this)
      }
    }
    try {
      await crm.call(({ attempt, timeLeftMs }) => attempt + timeLeftMs)
      expect(made).toHaveLength(0)
      await crm.call(({ signal }) => signal.aborted)
      expect(made).toHaveLength(1)
    } finally {
      globalThis.AbortController = Original
    }
  })

  it('gives a signal that is aborted already to an operation that asks for it too late', async () => {
    const { crm, clock } = setUp({ attemptTimeoutMs: 1_000 })
    let context: AttemptContext | undefined
    const call = crm.call((given) => {
      context = given
      return new Promise<never>(() => undefined)
    })
    const error = call.catch((reason: unknown) => reason)
    await clock.advance(1_000)
    expect(context?.signal.aborted).toBe(true)
    expect(context?.signal.reason).toBe(await error)
  })
})

describe('the total deadline', () => {
  it('holds the attempts and the waits between them', async () => {
    const { crm, clock } = setUp({
      deadlineMs: 3_000,
      attemptTimeoutMs: 1_000,
      idempotent: true,
      retry: { maxRetries: 3, jitter: 'none', backoffMs: 200 },
    })
    const operation = scriptedOperation(clock, [{ hangs: true }])
    const started = clock.now()
    const error = crm.call(operation).catch((reason: unknown) => reason)
    await clock.advance(10_000)
    expect(await error).toMatchObject({ code: 'DEADLINE_EXCEEDED', category: 'timeout' })
    expect((await error) as HoldfastError).toHaveProperty('cause.code', 'ATTEMPT_TIMEOUT')
    expect(operation.attempts.map(({ at, timeLeftMs }) => [at - started, timeLeftMs])).toEqual([
      [0, 1_000],
      [1_200, 1_000],
      [2_600, 400],
    ])
  })

  it('of a call may be shorter than the integration’s own, and 0 means no time (B41)', async () => {
    const { crm, clock } = setUp({ deadlineMs: 5_000 })
    const operation = scriptedOperation(clock, [{ hangs: true }])
    const short = crm.call(operation, { deadlineMs: 300 }).catch((reason: unknown) => reason)
    await clock.advance(300)
    expect(await short).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    const none = crm.call(operation, { deadlineMs: 0 })
    await expect(none).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', mayHaveTakenEffect: false })
    expect(operation.attempts).toHaveLength(1)
    await expect(crm.call(operation, { deadlineMs: Number.NaN })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('starts no attempt after its end, under random failures', async () => {
    const random = seededRandom(3)
    for (let run = 0; run < 50; run++) {
      const { crm, clock } = setUp({
        deadlineMs: 3_000,
        idempotent: true,
        random,
        retry: { maxRetries: 20, backoffMs: 100, growth: 'constant' },
      })
      const operation = scriptedOperation(clock, [{ error: unavailable(), afterMs: Math.floor(random() * 900) }])
      const call = crm.call(operation).catch(() => undefined)
      await clock.advance(60_000)
      await call
      for (const { at } of operation.attempts) expect(at).toBeLessThan(3_000)
      expect(clock.pending).toBe(0)
    }
  })
})

describe('a retry', () => {
  it('is made for an operation that may be repeated, at most maxRetries times, and the last failure comes out', async () => {
    const { crm, clock } = setUp({ idempotent: true, breaker: false, retry: { maxRetries: 3, jitter: 'none' } })
    const operation = scriptedOperation(clock, [{ error: unavailable() }])
    const error = crm.call(operation).catch((reason: unknown) => reason)
    await clock.advance(10_000)
    expect(await error).toMatchObject({ code: 'HTTP_503' })
    expect(operation.attempts.map(({ at }) => at)).toEqual([0, 200, 600, 1_400])
    expect(crm.snapshot().totals).toMatchObject({ calls: 1, failed: 1, attempts: 4, retries: 3 })
  })

  it('is not made when maxRetries is 0 (B41)', async () => {
    const { crm, clock } = setUp({ idempotent: true, retry: { maxRetries: 0 } })
    const operation = scriptedOperation(clock, [{ error: unavailable() }])
    await expect(crm.call(operation)).rejects.toMatchObject({ code: 'HTTP_503' })
    expect(operation.attempts).toHaveLength(1)
  })

  it('is made for a write only when nothing can have taken effect', async () => {
    const { crm, clock } = setUp()
    const answered = scriptedOperation(clock, [{ error: unavailable() }])
    await expect(crm.call(answered)).rejects.toMatchObject({ mayHaveTakenEffect: true })
    expect(answered.attempts).toHaveLength(1)
    const neverSent = scriptedOperation(clock, [{ error: refused() }, { value: 'written' }])
    const call = crm.call(neverSent)
    await clock.advance(1_000)
    await expect(call).resolves.toBe('written')
  })

  it('is decided by what the call says rather than by what the integration says', async () => {
    const { crm, clock } = setUp({ idempotent: true })
    const operation = scriptedOperation(clock, [{ error: unavailable() }])
    await expect(crm.call(operation, { idempotent: false })).rejects.toMatchObject({ code: 'HTTP_503' })
    expect(operation.attempts).toHaveLength(1)
  })

  it('is not made after an error that another try does not mend', async () => {
    const { crm, clock } = setUp({ idempotent: true })
    for (const status of [400, 401, 404, 422, 501]) {
      const operation = scriptedOperation(clock, [{ error: Object.assign(new Error('no'), { status }) }])
      await expect(crm.call(operation)).rejects.toMatchObject({ code: `HTTP_${status}` })
      expect(operation.attempts).toHaveLength(1)
    }
  })

  it('waits as long as Retry-After says, and a little longer', async () => {
    const { crm, clock } = setUp({ idempotent: true })
    const operation = scriptedOperation(clock, [{ error: unavailable('4') }, { value: 1 }])
    const call = crm.call(operation)
    await clock.advance(10_000)
    await call
    expect(operation.attempts.map(({ at }) => at)).toEqual([0, 4_200])
  })

  it('gives up at once when Retry-After is longer than the time that is left', async () => {
    const { crm, clock } = setUp({ idempotent: true, deadlineMs: 5_000 })
    const operation = scriptedOperation(clock, [{ error: unavailable('60') }])
    await expect(crm.call(operation)).rejects.toMatchObject({ code: 'HTTP_503', retryAfterMs: 60_000 })
    expect(clock.now()).toBe(0)
  })

  it('is not made once the circuit has opened, and the dependency’s own error comes out', async () => {
    const { crm, clock } = setUp({ idempotent: true, breaker: { minimumCalls: 1 } })
    const operation = scriptedOperation(clock, [{ error: unavailable() }])
    await expect(crm.call(operation)).rejects.toMatchObject({ code: 'HTTP_503' })
    expect(operation.attempts).toHaveLength(1)
    await expect(crm.call(operation)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' })
  })

  it('brings the failure out when the circuit opens while it waits', async () => {
    const { crm, clock } = setUp({ idempotent: true, retry: { jitter: 'none' } })
    const operation = scriptedOperation(clock, [{ error: unavailable() }])
    const error = crm.call(operation).catch((reason: unknown) => reason)
    await clock.advance(100)
    crm.circuit.open()
    await clock.advance(100)
    expect(await error).toMatchObject({ code: 'HTTP_503' })
    expect(operation.attempts).toHaveLength(1)
    expect(crm.snapshot().totals).toMatchObject({ calls: 1, failed: 1, rejected: 0 })
  })

  it('has a budget: an outage under load is answered with a fifth more calls, not with four times as many', async () => {
    const { crm, clock } = setUp({
      idempotent: true,
      breaker: false,
      goodputLimit: false,
      random: seededRandom(1),
      retry: { maxRetries: 3, budgetRatio: 0.2, budgetFloor: 10 },
    })
    const operation = scriptedOperation(clock, [{ error: unavailable() }])
    for (let second = 0; second < 20; second++) {
      for (let call = 0; call < 100; call++) void crm.call(operation).catch(() => undefined)
      await clock.advance(1_000)
    }
    await clock.advance(60_000)
    const { calls, attempts } = crm.snapshot().totals
    expect(calls).toBe(2_000)
    expect(attempts).toBeLessThanOrEqual(2_000 * 1.2 + 20)
    expect(attempts).toBeGreaterThan(2_200)
  })

  it('reads errors by the rules of its dependency first', async () => {
    const clock = fakeClock()
    const empty = Object.assign(new Error('none'), { code: 'NO_FLIGHTS' })
    const ours = new HoldfastError({ code: 'INNER', category: 'server', message: 'inner', retryable: true })
    const breaker = { consecutiveFailures: 1 }
    const flights = createIntegration({
      name: 'flights',
      clock,
      breaker,
      idempotent: true,
      retry: { maxRetries: 1, backoffMs: 0 },
      classify: (error) => {
        if (error === empty) return { code: 'NO_FLIGHTS', category: 'client', says: 'found nothing' }
        if (error === ours) return { category: 'validation' }
        if (error === 'broken') throw new Error('broken')
        return undefined
      },
    })
    const failing = async (thrown: unknown): Promise<unknown> => {
      const operation = scriptedOperation(clock, [{ error: thrown }])
      const call = flights.call(operation)
      await Promise.allSettled([call, clock.advance(10)])
      return [await call.catch((reason: unknown) => reason), operation.attempts.length]
    }
    expect(await failing(empty)).toEqual([
      expect.objectContaining({ code: 'NO_FLIGHTS', category: 'client', retryable: false, cause: empty }),
      1,
    ])
    expect(await failing(ours)).toEqual([expect.objectContaining({ code: 'INNER', category: 'validation' }), 1])
    expect(flights.circuit.state).toBe('closed')
    expect(await failing('broken')).toEqual([expect.objectContaining({ category: 'unknown' }), 1])
    expect(flights.circuit.state).toBe('open')
  })
})
