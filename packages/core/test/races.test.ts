import { describe, expect, it } from 'vitest'
import { createBulkhead } from '../src/admission/index.ts'
import {
  type Admission,
  type AttemptContext,
  createBreaker,
  createEvents,
  createHedge,
  createIntegration,
  createRetry,
  createTimeout,
  type CoreEvent,
  type Permit,
  pipeline,
} from '../src/index.ts'
import { fakeClock, recordEvents, scriptedOperation } from '../src/testing/index.ts'
import { VirtualClock } from './harness/virtual-clock.ts'

const busy = Object.assign(new Error('busy'), { status: 503 })

const ANY_OUTPUT = { isOutput: () => true }

function asked(): Admission & { times: number } {
  const admission = {
    times: 0,
    perCall: true,
    tryAcquire: (): Permit => {
      admission.times += 1
      return { admitted: true, settle: (outcome) => outcome }
    },
    acquire: (): Permit => admission.tryAcquire(),
  }
  return admission
}

// What the models of this folder have found, each with the fewest steps.
describe('races', () => {
  it('an earlier time limit is met although a later one was set while others ran out', async () => {
    const clock = new VirtualClock({ sharesTasks: true })
    const quick = createHedge({ delayMs: 50 })
    const line = pipeline([quick, createTimeout({ timeoutMs: 100, clock })], { clock, idempotent: true })
    const ends: number[] = []
    const call = (): void => {
      const end = (): void => void ends.push(clock.now())
      line.execute(() => new Promise(() => undefined)).then(end, end)
    }
    // At 50 the hedge of the first begins, with a limit at 150; the one at 100 is still to be met.
    line.execute(() => new Promise(() => undefined), { idempotent: false }).catch(() => ends.push(clock.now()))
    call()
    await clock.advance(1_000)
    expect(ends).toEqual([100, 150])
  })

  it('a time limit that was set and met while the last other one ran out keeps no process alive (B24)', async () => {
    const clock = new VirtualClock({ sharesTasks: true })
    const quick = createHedge({ delayMs: 100 })
    const line = pipeline([quick, createTimeout({ timeoutMs: 100, clock })], { clock, idempotent: true })
    let isOver = false
    const end = (): void => void (isOver = true)
    // At 100 the hedge begins, and fails at once, and then the time of the first attempt is over.
    const work = ({ attempt }: AttemptContext): Promise<void> => {
      if (attempt > 1) throw busy
      return new Promise(() => undefined)
    }
    line.execute(work).then(end, end)
    await clock.advance(100)
    expect([isOver, clock.pending]).toEqual([true, 0])
  })

  it('a stream that hangs before it is open keeps its slot until its opening has ended (B14)', async () => {
    const clock = fakeClock()
    const bulkhead = createBulkhead({ name: 'seats', maxConcurrent: 1, clock })
    const crm = createIntegration({ name: 'crm', clock, admissions: [bulkhead], attemptTimeoutMs: 100 })
    const opening = Promise.withResolvers<ReadableStream<string>>()
    const call = crm.stream(() => opening.promise, ANY_OUTPUT).catch((error: unknown) => error)
    await clock.advance(100)
    expect(await call).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
    expect(bulkhead.snapshot()).toMatchObject({ running: 1, lingering: 1 })
    let isCancelled = false
    opening.resolve(new ReadableStream({ cancel: () => void (isCancelled = true) }))
    await clock.settle()
    expect([bulkhead.running, isCancelled]).toEqual([0, true])
  })

  it('a caller that aborts between its slot and the circuit hears its own reason, not the circuit’s', async () => {
    const clock = fakeClock()
    const bulkhead = createBulkhead({ name: 'seats', maxConcurrent: 1, maxQueued: 1, clock })
    const crm = createIntegration({ name: 'crm', clock, admissions: [bulkhead] })
    const controller = new AbortController()
    const { signal } = controller
    // Open, and silent: nothing of its work is left once it is cancelled.
    const silent = (): ReadableStream<string> => new ReadableStream()
    const first = crm.stream(silent, ANY_OUTPUT, { signal }).catch((reason: unknown) => reason)
    await clock.settle()
    const queued = crm.call(scriptedOperation(clock, [{ value: 1 }]), { signal }).catch((reason: unknown) => reason)
    crm.circuit.open()
    // The first one's slot goes to the second at once, and only then does the second hear of the abort.
    controller.abort('enough')
    expect(await Promise.all([first, queued])).toEqual(['enough', 'enough'])
    expect(bulkhead.running).toBe(0)
  })

  it('a hedge does not begin once the time kept back from the deadline has begun', async () => {
    const clock = fakeClock()
    const crm = createIntegration({
      name: 'crm',
      clock,
      deadlineMs: 500,
      reserveMs: 100,
      attemptTimeoutMs: 500,
      idempotent: true,
      hedge: { delayMs: 400 },
      retry: { maxRetries: 0 },
    })
    const operation = scriptedOperation(clock, [{ hangs: true }])
    const call = crm.call(operation).catch((error: unknown) => error)
    await clock.advance(400)
    expect(await call).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    expect(operation.attempts).toHaveLength(1)
  })

  it('an admission that decides about calls is not asked again for a hedge or a retry', async () => {
    const clock = fakeClock()
    const admission = asked()
    const crm = createIntegration({
      name: 'crm',
      clock,
      admissions: [admission],
      idempotent: true,
      hedge: { delayMs: 10 },
      retry: { backoffMs: 0 },
    })
    const operation = scriptedOperation(clock, [{ error: busy }, { hangs: true }, { value: 1 }])
    const call = crm.call(operation)
    await clock.advance(10)
    expect(await call).toBe(1)
    expect([operation.attempts.length, admission.times]).toEqual([3, 1])
  })

  it('an attempt that is cancelled ends once, although its operation answers that by aborting its caller (B39)', async () => {
    const clock = fakeClock()
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const controller = new AbortController()
    const line = pipeline([createHedge({ delayMs: 10 }), createBreaker({ name: 'crm', clock })], {
      clock,
      events,
      idempotent: true,
    })
    const call = line.execute(
      ({ attempt, signal }) => {
        if (attempt === 2) return 'quick'
        signal.addEventListener('abort', () => controller.abort())
        return new Promise<string>(() => undefined)
      },
      { signal: controller.signal },
    )
    await clock.advance(10)
    expect(await call).toBe('quick')
    expect(controller.signal.aborted).toBe(true)
    expect(record.of('attempt-failed')).toHaveLength(1)
  })

  it('a predicate that throws says no: the failure comes out, and no call is left waiting', async () => {
    const clock = fakeClock()
    const when = (): never => {
      throw new Error('a bug in the predicate')
    }
    const crm = createIntegration({ name: 'crm', clock, idempotent: true, retry: { when } })
    await expect(crm.call(scriptedOperation(clock, [{ error: busy }]))).rejects.toMatchObject({ code: 'HTTP_503' })
    const retry = createRetry({ when, clock })
    await expect(retry.execute(scriptedOperation(clock, [{ error: busy }]))).rejects.toBe(busy)
    expect(clock.pending).toBe(0)
  })

  it('an admission that throws at a retry ends the call', async () => {
    const clock = fakeClock()
    const fault = new Error('a bug in the admission')
    let times = 0
    const acquire = (): Permit => {
      if (++times > 1) throw fault
      return { admitted: true, settle: (outcome) => outcome }
    }
    const crm = createIntegration({
      name: 'crm',
      clock,
      idempotent: true,
      retry: { backoffMs: 1 },
      admissions: [{ tryAcquire: acquire, acquire }],
    })
    const call = crm.call(scriptedOperation(clock, [{ error: busy }])).catch((error: unknown) => error)
    await clock.advance(10)
    // As when one refuses: what the dependency did says more.
    expect(await call).toMatchObject({ cause: busy })
    times = 1
    await expect(crm.call(() => 1)).rejects.toMatchObject({ code: 'ADMISSION_FAILED', cause: fault })
  })
})
