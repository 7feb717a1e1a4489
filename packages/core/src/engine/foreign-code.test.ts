import { describe, expect, it } from 'vitest'
import { createBulkhead } from '../bulkhead/create-bulkhead.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createIntegration } from '../integration/create-integration.ts'
import { pipeline } from '../pipeline/pipeline.ts'
import type { Admission, Permit } from '../policy/admission.ts'
import { createRetry } from '../retry/retry.ts'
import { fakeClock, readAll, recordEvents, scriptedOperation, streamOf } from '../testing/index.ts'
import { createTimeout } from '../timeout/timeout.ts'

const open: Admission = {
  tryAcquire: () => ({ admitted: true, settle: (outcome) => outcome }),
  acquire: () => ({ admitted: true, settle: (outcome) => outcome }),
}

// oxlint-disable-next-line unicorn/no-thenable -- that is what is tried
const THEN: string = 'then'

/** A function with a `then`, as remote procedure calls give. */
function awaitable(then: (resolve: (value: string) => void) => void): PromiseLike<string> {
  return Object.defineProperty(() => undefined, THEN, { value: then }) as unknown as PromiseLike<string>
}

/** A proxy that fails at whatever is asked of it. */
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

describe('a call', () => {
  it('is settled although a carrier, or an option that is read, makes a call of its own', async () => {
    const inner = createIntegration({ name: 'inner' })
    const carrier = {
      getStore: () => void inner.call(() => 1),
      run: <T>(_: unknown, fn: () => T) => fn(),
    }
    expect(await createIntegration({ name: 'outer', carrier }).call(() => 'ok')).toBe('ok')
    const options = {
      get requestId() {
        void inner.call(() => 1)
        return 'r1'
      },
    }
    expect(await createIntegration({ name: 'outer' }).call(() => 'ok', options)).toBe('ok')
  })

  it('heeds options that are inherited, and is not changed by what is done to them later', async () => {
    class Options {
      get signal() {
        return AbortSignal.abort('left')
      }
    }
    const crm = createIntegration({ name: 'crm', clock: fakeClock() })
    await expect(crm.call(() => 'ran', new Options())).rejects.toBe('left')
    const clock = fakeClock()
    const options: { deadlineMs?: number } = { deadlineMs: 50 }
    const hangs = scriptedOperation(clock, [{ hangs: true }])
    const call = createIntegration({ name: 'crm', clock })
      .call(hangs, options)
      .catch((error: unknown) => error)
    options.deadlineMs = 5_000
    await clock.advance(50)
    expect(await call).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  })

  it('refuses a signal that is none before anything is taken', async () => {
    const clock = fakeClock()
    const slots = createBulkhead({ name: 'slots', clock })
    const crm = createIntegration({ name: 'crm', clock, admissions: [slots] })
    const signal = new AbortController() as unknown as AbortSignal
    await expect(crm.call(() => 1, { signal })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect([slots.snapshot().totals.admitted, clock.pending]).toEqual([0, 0])
  })

  it('waits for a thenable that is a function', async () => {
    const clock = fakeClock()
    const crm = createIntegration({ name: 'crm', clock, attemptTimeoutMs: 50, retry: false })
    const thenable = awaitable((resolve) => resolve('value'))
    expect(await crm.call(() => thenable)).toBe('value')
    const never = awaitable(() => undefined)
    const call = crm.call(() => never).catch((error: unknown) => error)
    await clock.advance(50)
    expect(await call).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
  })

  it('fails, once, when what comes back or is thrown cannot be looked at', async () => {
    const clock = fakeClock()
    const slots = createBulkhead({ name: 'slots', clock })
    const crm = createIntegration({ name: 'crm', clock, admissions: [slots], retry: false })
    const getter = (): never => {
      throw new Error('getter')
    }
    const throwing = () => Object.defineProperty({}, THEN, { get: getter })
    await expect(crm.call(throwing)).rejects.toMatchObject({ code: 'UNKNOWN', cause: { message: 'getter' } })
    for (const thrown of [revoked(), undefined, null, 7]) {
      await expect(crm.call(() => Promise.reject(thrown as Error))).rejects.toMatchObject({ category: 'unknown' })
    }
    expect([slots.running, clock.pending, crm.snapshot().totals.failed]).toEqual([0, 0, 5])
  })

  it('does not hand itself to its operation as `this`', async () => {
    const seen: unknown[] = []
    await createIntegration({ name: 'crm' }).call(function (this: unknown) {
      seen.push(this)
    })
    expect(seen).toEqual([undefined])
  })

  it('keeps its slot while work goes on whose caller left in its first, synchronous part', async () => {
    const clock = fakeClock()
    const slots = createBulkhead({ name: 'slots', clock })
    const crm = createIntegration({ name: 'crm', clock, admissions: [slots] })
    for (const fails of [false, true]) {
      const controller = new AbortController()
      const work = async (): Promise<void> => {
        controller.abort('left')
        await clock.sleep(100)
        if (fails) throw new Error('late')
      }
      await expect(crm.call(work, { signal: controller.signal })).rejects.toBe('left')
      expect(slots.running).toBe(1)
      await clock.advance(100)
      expect(slots.running).toBe(0)
    }
    const controller = new AbortController()
    const atOnce = (): never => {
      controller.abort('left')
      throw new Error('at once')
    }
    await expect(crm.call(atOnce, { signal: controller.signal })).rejects.toBe('left')
    await clock.settle()
    expect(slots.running).toBe(0)
  })

  it('times out although its operation aborts the caller when it hears of it', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const crm = createIntegration({ name: 'crm', clock, attemptTimeoutMs: 50, retry: false })
    const call = crm.call(
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(controller.abort('left')))),
      { signal: controller.signal },
    )
    const end = call.catch((error: unknown) => error)
    await clock.advance(50)
    expect(await end).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
    expect(crm.snapshot().window.failures).toBe(1)
  })

  it('is not kept from its circuit by a Retry-After that is no number', async () => {
    const clock = fakeClock()
    const crm = createIntegration({ name: 'crm', clock, retry: false, breaker: { consecutiveFailures: 1 } })
    const retryAfterMs = Number.NaN
    const error = new HoldfastError({ code: 'A', category: 'server', message: 'a', retryable: true, retryAfterMs })
    expect(error.retryAfterMs).toBeUndefined()
    await expect(crm.call(() => Promise.reject(error))).rejects.toBe(error)
    await clock.advance(1_000)
    expect(crm.circuit.state).toBe('half-open')
  })
})

describe('an admission of somebody else', () => {
  it('is asked with a plain object, which it may copy for whom it asks in turn', async () => {
    const clock = fakeClock()
    const slots = createBulkhead({ name: 'slots', maxConcurrent: 1, maxQueued: 10, maxQueueMs: 100_000, clock })
    slots.tryAcquire()
    const low: Admission = {
      tryAcquire: (request) => slots.tryAcquire({ ...request, priority: 'low' }),
      acquire: (request) => slots.acquire({ ...request, priority: 'low' }),
    }
    const line = pipeline([createTimeout({ timeoutMs: 1_000, clock }), low], { clock })
    const controller = new AbortController()
    const left = line.execute(() => 1, { signal: controller.signal })
    controller.abort('left')
    await expect(left).rejects.toBe('left')
    const late = line.execute(() => 1).catch((error: unknown) => error)
    await clock.advance(1_000)
    expect(await late).toMatchObject({ code: 'QUEUE_TIMEOUT' })
    expect(slots.queued).toBe(0)
  })

  it('that answers with nothing, later, leaves no permit before it behind', async () => {
    const clock = fakeClock()
    const slots = createBulkhead({ name: 'slots', clock })
    const nothing = (): never => undefined as never
    const silent: Admission = { tryAcquire: nothing, acquire: async () => nothing() }
    const mute: Admission = { ...silent, acquire: () => ({ admitted: false }) as never }
    for (const wrong of [silent, { ...silent, acquire: nothing }, mute]) {
      const crm = createIntegration({ name: 'crm', clock, admissions: [slots, wrong] })
      await expect(crm.call(() => 1)).rejects.toMatchObject({ code: 'ADMISSION_FAILED' })
      expect([slots.running, crm.snapshot().totals.rejected]).toEqual([0, 1])
    }
  })

  it('that rejects without an abort is a refusal, and not its caller’s doing', async () => {
    const clock = fakeClock()
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const rejects: Admission = { ...open, acquire: () => Promise.reject(new Error('redis is down')) }
    const crm = createIntegration({ name: 'crm', clock, events, admissions: [rejects] })
    await expect(crm.call(() => 1)).rejects.toMatchObject({ code: 'ADMISSION_FAILED' })
    expect(record.of('call-failed')).toMatchObject([{ code: 'ADMISSION_FAILED', category: 'rejected' }])
    expect(crm.snapshot().totals).toMatchObject({ calls: 1, rejected: 1 })
  })

  it.each([
    ['a deadline', undefined, 100],
    ['an abort', 'left', 60],
  ])(
    'that never answers is waited for until %s, and a permit that comes later is taken back',
    async (_, reason, at) => {
      for (const undoes of [true, false]) {
        const clock = fakeClock()
        const slots = createBulkhead({ name: 'slots', clock })
        const told: unknown[] = []
        let answer: ((permit: Permit) => void) | undefined
        const late: Admission = { ...open, acquire: () => new Promise((resolve) => (answer = resolve)) }
        const never = { ...open, acquire: () => open.tryAcquire(void told.push('asked')) }
        const line = pipeline([createTimeout({ timeoutMs: 100, clock }), slots, late, never], { clock })
        const controller = new AbortController()
        const end = line.execute(() => told.push('ran'), controller).catch((error: unknown) => [error, clock.now()])
        await clock.advance(60)
        if (reason !== undefined) controller.abort(reason)
        await clock.advance(40)
        const error = reason ?? expect.objectContaining({ code: 'DEADLINE_EXCEEDED', mayHaveTakenEffect: false })
        expect(await end).toEqual([error, at])
        expect([slots.running, clock.pending]).toEqual([0, 0])
        const undo = undoes ? { undo: () => void told.push('undone') } : {}
        answer?.({ admitted: true, settle: (outcome) => (told.push(outcome), outcome), ...undo })
        await clock.settle()
        expect(told).toEqual([undoes ? 'undone' : 'ignored'])
      }
    },
  )

  it('that answers late with a refusal, a failure or nothing is heard by nobody', async () => {
    const refusal = { admitted: false, error: new Error('full') } as never
    for (const answer of [() => refusal, () => undefined as never, () => Promise.reject(new Error('down'))]) {
      const clock = fakeClock()
      const late: Admission = { ...open, acquire: () => clock.sleep(200).then(answer) }
      const line = pipeline([createTimeout({ timeoutMs: 100, clock }), late], { clock })
      const end = line.execute(() => 1).catch((error: unknown) => error)
      await clock.advance(200)
      expect(await end).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    }
  })

  it('that promises where it must not wait gets its permit back, and its failure is nobody’s', async () => {
    const clock = fakeClock()
    let held = 0
    const give = (): Permit => {
      held += 1
      return { admitted: true, settle: (outcome) => ((held -= 1), outcome) }
    }
    for (const answer of [async () => give(), () => Promise.reject(new Error('down'))]) {
      const wrong: Admission = { acquire: give, tryAcquire: answer as never }
      const crm = createIntegration({
        name: 'crm',
        clock,
        idempotent: true,
        hedge: { delayMs: 10 },
        admissions: [wrong],
      })
      const call = crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 50 }]))
      await clock.advance(50)
      expect([await call, crm.snapshot().totals.attempts, held]).toEqual([1, 1, 0])
    }
  })

  it('that throws when a hedge is due leaves everybody’s time limits alone', async () => {
    const clock = fakeClock()
    const broken: Admission = {
      ...open,
      tryAcquire: () => {
        throw new Error('redis is down')
      },
    }
    const crm = createIntegration({
      name: 'crm',
      clock,
      attemptTimeoutMs: 100,
      idempotent: true,
      hedge: { delayMs: 10 },
      retry: false,
      admissions: [broken],
    })
    const other = crm.call(scriptedOperation(clock, [{ hangs: true }]), { idempotent: false })
    const end = other.catch((error: unknown) => error)
    const call = crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 50 }]))
    await clock.advance(100)
    expect(await call).toBe(1)
    expect(await end).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
  })
})

describe('a clock or a randomness of somebody else', () => {
  it('that fails before a retry ends the call with what its attempt failed with', async () => {
    const down = new HoldfastError({ code: 'DOWN', category: 'server', message: 'down', retryable: true })
    const broken = new Error('no timers')
    const fails = (): never => {
      throw broken
    }
    for (const wrong of [{ sleep: fails }, { sleep: () => Promise.reject(broken) }, { random: fails }]) {
      const { random = () => 0, ...others } = { ...wrong }
      const clock = Object.assign(fakeClock(), others)
      const slots = createBulkhead({ name: 'slots', clock })
      const line = pipeline([slots, createRetry()], { clock, random, idempotent: true })
      await expect(line.execute(() => Promise.reject(down))).rejects.toBe(down)
      expect([slots.running, clock.pending]).toEqual([0, 0])
    }
  })
})

describe('a listener', () => {
  it('that aborts when a hedged call has succeeded comes too late', async () => {
    const clock = fakeClock()
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const controller = new AbortController()
    events.on((event) => {
      if (event.type === 'call-succeeded') controller.abort('have it')
    })
    const crm = createIntegration({
      name: 'crm',
      clock,
      events,
      idempotent: true,
      hedge: { delayMs: 10 },
      retry: false,
    })
    const operation = scriptedOperation(clock, [
      { value: 'slow', afterMs: 500 },
      { value: 'quick', afterMs: 20 },
    ])
    const call = crm.call(operation, { signal: controller.signal })
    await clock.advance(30)
    expect(await call).toBe('quick')
    expect(record.of('call-failed')).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

describe('the rules of a dependency', () => {
  it('are asked once about each error, of streams too, and not about those that we made', async () => {
    const clock = fakeClock()
    const bad = new Error('bad')
    const asked: unknown[] = []
    const crm = createIntegration({
      name: 'crm',
      clock,
      idempotent: true,
      attemptTimeoutMs: 50,
      retry: { maxRetries: 1, backoffMs: 0 },
      classify: (error) => {
        asked.push(error)
        return error === bad ? { category: 'validation', code: 'BAD' } : { category: 'server' }
      },
    })
    const rules = { isOutput: () => true }
    const failing = (): never => {
      throw bad
    }
    await expect(crm.stream(failing, rules)).rejects.toMatchObject({ code: 'BAD', category: 'validation' })
    expect(asked).toEqual([bad])
    const hangs = crm
      .call(scriptedOperation(clock, [{ hangs: true, ignoresSignal: true }]))
      .catch((error: unknown) => error)
    await clock.advance(200)
    expect(await hangs).toMatchObject({ code: 'ATTEMPT_TIMEOUT', category: 'timeout' })
    expect(asked).toEqual([bad])
  })

  it('say nothing where they are asynchronous, and leave no rejection to nobody', async () => {
    const later = (): never => Promise.reject(new Error('later')) as never
    const crm = createIntegration({ name: 'crm', clock: fakeClock(), retry: false, classify: later })
    await expect(crm.call(() => Promise.reject(new Error('down')))).rejects.toMatchObject({ code: 'UNKNOWN' })
  })

  it('leave an error of ours with its labels where they say nothing of it', async () => {
    const labels = { tenant: 'acme' }
    const ours = new HoldfastError({ code: 'A', category: 'server', message: 'a', retryable: false, labels })
    const silent = createIntegration({ name: 'crm', classify: () => null as never })
    await expect(silent.call(() => Promise.reject(ours))).rejects.toBe(ours)
    const crm = createIntegration({ name: 'crm', classify: () => ({ category: 'client' }) })
    await expect(crm.call(() => Promise.reject(ours))).rejects.toMatchObject({ category: 'client', labels })
  })
})

describe('a stream', () => {
  it('ends once when what cancels its source aborts the call', async () => {
    for (const isEnd of [true, false]) {
      const events = createEvents<CoreEvent>()
      const record = recordEvents(events)
      const controller = new AbortController()
      const source = new ReadableStream<string>({
        start: (sink) => sink.enqueue('end'),
        cancel: () => controller.abort('gone'),
      })
      const crm = createIntegration({ name: 'crm', events, clock: fakeClock() })
      const rules = { isOutput: () => true, isEnd: () => isEnd }
      const stream = await crm.stream(() => source, rules, { signal: controller.signal })
      const reader = stream.getReader()
      await reader.read()
      await reader.cancel()
      expect([record.of('call-failed').length, record.of('call-succeeded').length]).toEqual([1, 0])
    }
    expect(await readAll(streamOf('a'))).toEqual(['a'])
  })
})
