import { describe, expect, it } from 'vitest'
import { createAdaptiveConcurrency } from '../adaptive-concurrency/create-adaptive-concurrency.ts'
import { createBreaker } from '../breaker/create-breaker.ts'
import { createBulkhead } from '../bulkhead/create-bulkhead.ts'
import { createCapacity } from '../capacity/create-capacity.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { createHedge } from '../hedge/hedge.ts'
import type { Admission, AdmissionRequest, Permit, Rejection, Settlement } from '../policy/admission.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import { createGoodputLimit } from '../goodput-limit/goodput-limit.ts'
import { createRateLimiter } from '../rate-limit/create-rate-limiter.ts'
import { RETRY_PRESETS } from '../retry/presets.ts'
import { createRetry } from '../retry/retry.ts'
import { fakeClock, readAll, recordEvents, scriptedOperation, streamOf } from '../testing/index.ts'
import { createThrottle } from '../throttle/create-throttle.ts'
import { createTimeout } from '../timeout/timeout.ts'
import { pipeline, type PipelineOptions, type Policy } from './pipeline.ts'

const clock = fakeClock()

/** An admission that lets one in at a time, makes others wait, and remembers what it was told. */
function oneAtATime(): Admission & { readonly log: string[]; running: number } {
  const waiting: ((permit: Permit) => void)[] = []
  const log: string[] = []
  const gate = { log, running: 0, tryAcquire, acquire }
  function permit(): Permit {
    gate.running += 1
    log.push('in')
    let isOver = false
    const leave = (): void => {
      gate.running -= 1
      const next = waiting.shift()
      if (next !== undefined) next(permit())
    }
    return {
      admitted: true,
      settle(outcome, settlement?: Settlement) {
        if (isOver) return 'ignored'
        isOver = true
        log.push(outcome)
        if (settlement?.until === undefined) leave()
        else
          settlement.until.then(
            () => leave(),
            () => leave(),
          )
        return outcome
      },
      undo() {
        isOver = true
        log.push('undone')
        leave()
      },
    }
  }
  function tryAcquire(): Permit | Rejection {
    if (gate.running === 0) return permit()
    const error = new HoldfastError({
      code: 'FULL',
      category: 'rejected',
      message: 'full',
      retryable: true,
      stack: false,
    })
    return { admitted: false, error }
  }
  function acquire(request?: AdmissionRequest): Permit | Promise<Permit> {
    if (gate.running === 0) return permit()
    return new Promise((resolve, reject) => {
      waiting.push(resolve)
      request?.signal?.addEventListener('abort', () => {
        waiting.splice(waiting.indexOf(resolve), 1)
        reject(request.signal?.reason)
      })
    })
  }
  return gate
}

function setUp(policies: (time: ReturnType<typeof fakeClock>) => Policy[], options: PipelineOptions = {}) {
  const time = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const guarded = pipeline(policies(time), { clock: time, events, random: () => 0.5, ...options })
  return { clock: time, record, guarded }
}

const busy = (): Error => Object.assign(new Error('busy'), { status: 503 })

describe('a pipeline', () => {
  it('without policies makes the call, and gives one kind of error', async () => {
    const guarded = pipeline([], { clock })
    await expect(guarded.execute(() => 1)).resolves.toBe(1)
    await expect(guarded.execute(() => Promise.reject(busy()))).rejects.toMatchObject({ code: 'HTTP_503' })
  })

  it('limits the whole call with its first timeout and every attempt with its last', async () => {
    const { clock, guarded } = setUp(
      (clock) => [
        createTimeout({ timeoutMs: 1_000, clock }),
        createRetry({ maxRetries: 3, backoffMs: 50, growth: 'constant', jitter: 'none', clock }),
        createTimeout({ timeoutMs: 400, clock }),
      ],
      { idempotent: true },
    )
    const operation = scriptedOperation(clock, [{ hangs: true }])
    const call = guarded.execute(operation).catch((reason: unknown) => reason)
    await clock.advance(2_000)
    expect(await call).toMatchObject({ code: 'DEADLINE_EXCEEDED', cause: { code: 'ATTEMPT_TIMEOUT' } })
    expect(operation.attempts.map(({ at, timeLeftMs }) => [at, timeLeftMs])).toEqual([
      [0, 400],
      [450, 400],
      [900, 100],
    ])
    expect(clock.pending).toBe(0)
  })

  it('counts every attempt at its breaker, which other pipelines may share', async () => {
    const breaker = createBreaker({ name: 'shared', minimumCalls: 3, clock })
    const first = pipeline([createRetry({ maxRetries: 1, backoffMs: 0, clock }), breaker], { clock, idempotent: true })
    const second = pipeline([breaker], { clock })
    const failing = first.execute(() => Promise.reject(busy())).catch(() => undefined)
    await clock.advance(0)
    await failing
    expect(breaker.snapshot().window).toEqual({ calls: 2, failures: 2, slow: 0 })
    await second.execute(() => Promise.reject(busy())).catch(() => undefined)
    expect(breaker.state).toBe('open')
    await expect(first.execute(() => 1)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', category: 'rejected' })
  })

  it('asks its admissions before every attempt, and holds nothing while a retry waits', async () => {
    const gate = oneAtATime()
    const { clock, guarded } = setUp((clock) => [gate, createRetry({ maxRetries: 1, backoffMs: 100, clock })], {
      idempotent: true,
    })
    const call = guarded.execute(scriptedOperation(clock, [{ error: busy() }, { value: 'yes' }]))
    await clock.settle()
    expect(gate.running).toBe(0)
    await clock.advance(100)
    await expect(call).resolves.toBe('yes')
    expect(gate.log).toEqual(['in', 'failure', 'in', 'success'])
  })

  it('keeps a slot taken until the work behind it has really ended (B14)', async () => {
    const gate = oneAtATime()
    const { clock, guarded } = setUp((clock) => [gate, createTimeout({ timeoutMs: 100, clock })])
    const slow = scriptedOperation(clock, [{ value: 'late', afterMs: 500, ignoresSignal: true }])
    const call = guarded.execute(slow).catch((reason: unknown) => reason)
    await clock.advance(100)
    expect(await call).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
    expect(gate.running).toBe(1)
    const next = guarded.execute(() => 'next')
    await clock.advance(399)
    expect(gate.log).toEqual(['in', 'failure'])
    await clock.advance(1)
    await expect(next).resolves.toBe('next')
    expect(gate.running).toBe(0)
  })

  it('lets a caller leave the queue at once, with its own reason (B8)', async () => {
    const gate = oneAtATime()
    const { clock, guarded } = setUp(() => [gate])
    const first = guarded.execute(scriptedOperation(clock, [{ value: 1, afterMs: 100 }]))
    const controller = new AbortController()
    const second = guarded.execute(() => 2, { signal: controller.signal }).catch((reason: unknown) => reason)
    await clock.settle()
    controller.abort('left')
    expect(await second).toBe('left')
    await clock.advance(100)
    await expect(first).resolves.toBe(1)
    await expect(guarded.execute(() => 3)).resolves.toBe(3)
  })

  it('takes back what one admission gave when a later one refuses, or the circuit does', async () => {
    const [first, second] = [oneAtATime(), oneAtATime()]
    second.tryAcquire()
    const refusing: Admission = { tryAcquire: () => second.tryAcquire(), acquire: () => second.tryAcquire() }
    await expect(pipeline([first, refusing], { clock }).execute(() => 1)).rejects.toMatchObject({ code: 'FULL' })
    expect(first.log).toEqual(['in', 'undone'])
    const breaker = createBreaker({ name: 'b', clock })
    breaker.isolate()
    await expect(pipeline([first, breaker], { clock }).execute(() => 1)).rejects.toMatchObject({
      code: 'CIRCUIT_ISOLATED',
    })
    expect(first.running).toBe(0)
  })

  it('takes back what one admission gave when a later one throws', async () => {
    const first = oneAtATime()
    const broken = (): never => {
      throw new Error('broken')
    }
    const guarded = pipeline([first, { tryAcquire: broken, acquire: broken }], { clock })
    await expect(guarded.execute(() => 1)).rejects.toMatchObject({
      code: 'ADMISSION_FAILED',
      category: 'rejected',
      cause: { message: 'broken' },
    })
    expect(first.running).toBe(0)
  })

  it('makes no call whose time ran out in the queue', async () => {
    const gate = oneAtATime()
    const { clock, guarded } = setUp((clock) => [createTimeout({ timeoutMs: 1_000, clock }), gate])
    const first = guarded.execute(scriptedOperation(clock, [{ value: 1, afterMs: 50 }]))
    const operation = scriptedOperation(clock, [{ value: 2 }])
    const second = guarded.execute(operation, { deadlineMs: 20 }).catch((reason: unknown) => reason)
    await clock.advance(100)
    await first
    expect(await second).toMatchObject({ code: 'DEADLINE_EXCEEDED', mayHaveTakenEffect: false })
    expect(operation.attempts).toHaveLength(0)
    expect(gate.running).toBe(0)
  })

  it('reports its calls under its name, with the labels of the caller and of the carrier', async () => {
    const carrier = {
      getStore: () => ({ tenant: 'acme', session: 's1' }),
      run: <Result>(_labels: object, work: () => Result) => work(),
    }
    const { record, guarded } = setUp(() => [], { name: 'quotes', carrier })
    await guarded.execute(() => 1, { session: 's2', operation: 'quote' })
    expect(record.all.map(({ type }) => type)).toEqual([
      'call-started',
      'attempt-started',
      'attempt-succeeded',
      'call-succeeded',
    ])
    for (const event of record.all) {
      expect(event).toMatchObject({ integration: 'quotes', tenant: 'acme', session: 's2', operation: 'quote' })
    }
  })

  it('guards streams too', async () => {
    const { clock, guarded } = setUp((clock) => [createRetry({ maxRetries: 1, backoffMs: 0, clock })], {
      idempotent: true,
    })
    const opening = guarded.stream(
      ({ attempt }) => {
        if (attempt === 1) throw busy()
        return streamOf('a', 'b')
      },
      { isOutput: () => true },
    )
    await clock.advance(0)
    expect(await readAll(await opening)).toEqual(['a', 'b'])
  })
})

describe('what a pipeline has of its own', () => {
  const random = (): number => 0.5
  const other = fakeClock()

  it.each<[Policy, RegExp]>([
    [createRetry({ deadlineMs: 1_000 }), /deadlineMs does not count in a pipeline: give it a timeout first/],
    [createRetry({ classify: toHoldfastError }), /classify does not count in a pipeline: .* or a classify$/],
    [createRetry({ clock: other }), /clock must be the same as around it/],
    [createRetry({ random: () => 0.1 }), /random must be the same as around it/],
    [createTimeout({ timeoutMs: 1_000, clock: other }), /clock must be the same/],
    [createBreaker({ name: 'crm', clock: other }), /clock must be the same/],
    [createBreaker({ name: 'crm' }), /clock must be the same/],
    [createBulkhead({ name: 'crm', maxConcurrent: 1, clock: other }), /clock must be the same/],
    [createRateLimiter({ name: 'crm', limit: 1 }), /clock must be the same/],
    [createThrottle({ name: 'crm' }), /clock must be the same/],
    [createCapacity({ name: 'crm' }), /clock must be the same/],
    [createAdaptiveConcurrency({ name: 'crm' }), /clock must be the same/],
    [createGoodputLimit({ name: 'crm', timeoutMs: 1_000 }), /clock must be the same/],
  ])('is not said otherwise to a policy of it: case %#', (policy, message) => {
    const options = { clock, random }
    expect(() => pipeline([policy], options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    expect(() => pipeline([createTimeout({ timeoutMs: 9_000 }), policy], options)).toThrow(/policies\[1\]/)
    expect(() => pipeline([policy], options)).toThrow(message)
  })

  it('is the time of the whole call, which holds that of an attempt', () => {
    const total = createTimeout({ timeoutMs: 1_000 })
    expect(() => pipeline([total, createRetry(), createTimeout({ timeoutMs: 1_001 })])).toThrow(
      'pipeline.policies[2].timeoutMs must be a time within that of the whole call, from 1 to 1,000, but is 1001',
    )
    expect(() => pipeline([total, createTimeout({ timeoutMs: 1_000 })])).not.toThrow()
    expect(() => pipeline([createRetry(), createTimeout({ timeoutMs: 1_001 })])).not.toThrow()
  })

  it('may be said again to a policy, or not at all, where the policy does not go by it', () => {
    for (const policy of [
      createRetry({ clock, random }),
      createRetry(),
      createTimeout({ timeoutMs: 1, clock }),
      createTimeout({ timeoutMs: 1 }),
      createBreaker({ name: 'crm', clock }),
      createHedge(),
    ]) {
      expect(() => pipeline([policy], { clock, random })).not.toThrow()
    }
    expect(() => pipeline([createBreaker({ name: 'crm' }), createTimeout({ timeoutMs: 1 })])).not.toThrow()
  })

  it('is the time that the waits of its retry must fit into, where they were chosen', () => {
    const time = createTimeout({ timeoutMs: 35_000 })
    expect(() => pipeline([time, createRetry(RETRY_PRESETS.PERSISTENT)])).toThrow(
      /policies\[1\]\.maxRetries must be such that waits of up to 35000 ms/,
    )
    expect(() => pipeline([time, createRetry(RETRY_PRESETS.AGGRESSIVE)])).not.toThrow()
    expect(() => pipeline([createRetry(RETRY_PRESETS.PERSISTENT), time])).not.toThrow()
    expect(() => pipeline([createTimeout({ timeoutMs: 1 }), createRetry({ jitter: 'none' })])).not.toThrow()
  })
})

describe('the order of a pipeline', () => {
  const timeout = createTimeout({ timeoutMs: 1_000 })
  const admission = oneAtATime()
  const retry = createRetry()
  const hedge = createHedge()
  const breaker = createBreaker({ name: 'b' })

  it('is timeout, admissions, retry, hedge, breaker, timeout, any of which may be missing', () => {
    expect(() => pipeline([timeout, admission, admission, retry, hedge, breaker, timeout])).not.toThrow()
    expect(() => pipeline([retry, timeout])).not.toThrow()
    expect(() => pipeline([timeout])).not.toThrow()
  })

  it.each([
    [[breaker, retry], /retry must be outside breaker \(it would see a whole call with its retries as one result\)$/],
    [[breaker, hedge], /hedge must be outside breaker/],
    [[breaker, admission], /admission must be outside breaker/],
    [[hedge, retry], /retry must be outside hedge/],
    [[retry, admission], /admission must be outside retry/],
    [[hedge, admission], /admission must be outside hedge/],
    [[retry, retry], /^pipeline: retry must be there only once$/],
    [[breaker, createBreaker({ name: 'c' })], /^pipeline: breaker must be there only once$/],
    [[retry, timeout, breaker], /timeout must be the first policy or the last$/],
    [[{}], /policies\[0\] must be a timeout, an admission/],
  ])('is refused when policies would work against each other: case %#', (policies, message) => {
    expect(() => pipeline(policies as Policy[])).toThrow(message)
  })

  it('is a list', () => {
    expect(() => pipeline(retry as never)).toThrow(
      'pipeline.policies must be a list of policies, but is an instance of RetryPolicy',
    )
    expect(() => pipeline([], null as never)).toThrow('pipeline must be an object of options, but is null')
  })
})

describe('a refusal in a pipeline', () => {
  it('names the pipeline; the name of the policy is in the message', async () => {
    const slots = createBulkhead({ name: 'slots', maxConcurrent: 0 })
    const breaker = createBreaker({ name: 'crm' })
    breaker.isolate()
    const full = await pipeline([slots], { name: 'quotes' })
      .execute(() => 1)
      .catch((error: unknown) => error)
    expect(full).toMatchObject({ code: 'BULKHEAD_FULL', integration: 'quotes', message: 'slots is full' })
    const isolated = await pipeline([breaker], { name: 'quotes' })
      .execute(() => 1)
      .catch((error: unknown) => error)
    expect(isolated).toMatchObject({ integration: 'quotes', message: 'crm is switched off' })
    expect(breaker.tryAcquire()).toMatchObject({ error: { integration: 'crm' } })
  })

  it('comes before anything is taken, for a priority that there is none of', async () => {
    const slots = createBulkhead({ name: 'slots' })
    const guarded = pipeline([slots])
    const priority = 'urgent' as 'high'
    await expect(guarded.execute(() => 1, { priority })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(slots.snapshot().totals.admitted).toBe(0)
  })
})
