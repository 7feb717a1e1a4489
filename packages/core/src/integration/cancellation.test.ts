import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../clock/clock.ts'
import { overtaken } from '../errors/overtaken.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents, scriptedOperation } from '../testing/index.ts'
import { createIntegration } from './create-integration.ts'
import type { IntegrationOptions } from './options.ts'

function setUp(options: Partial<IntegrationOptions> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const crm = createIntegration({ name: 'crm', clock, events, random: () => 0.5, ...options })
  return { clock, events, record, crm }
}

describe("a caller's abort", () => {
  it('before the call keeps the operation from being called', async () => {
    const { crm, clock, record } = setUp()
    const reason = { any: 'thing' }
    const operation = scriptedOperation(clock, [{ value: 1 }])
    await expect(crm.call(operation, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(operation.attempts).toHaveLength(0)
    expect(record.all).toEqual([])
  })

  it('in the call rejects at once with its own reason, also when the operation does not heed it (B13)', async () => {
    const { crm, clock, record } = setUp()
    const controller = new AbortController()
    const reason = { any: 'thing' }
    const operation = scriptedOperation(clock, [{ value: 1, afterMs: 5_000, ignoresSignal: true }])
    const call = crm.call(operation, { signal: controller.signal })
    const rejection = expect(call).rejects.toBe(reason)
    await clock.advance(50)
    controller.abort(reason)
    await rejection
    expect(clock.now()).toBe(50)
    expect(record.all.slice(-2)).toMatchObject([
      { type: 'attempt-failed', code: 'CANCELLED', category: 'cancelled', outcome: 'ignored', durationMs: 50 },
      { type: 'call-failed', code: 'CANCELLED', category: 'cancelled' },
    ])
  })

  it('reaches the operation’s signal with its own reason', async () => {
    const { crm, clock } = setUp()
    const controller = new AbortController()
    const operation = scriptedOperation(clock, [{ hangs: true }])
    const call = crm.call(operation, { signal: controller.signal }).catch((reason: unknown) => reason)
    controller.abort('enough')
    expect(await call).toBe('enough')
    expect(operation.attempts[0]?.abortReason).toBe('enough')
  })

  it('in the wait before a retry ends it at once, with no further attempt and no timer left (B1)', async () => {
    const { crm, clock } = setUp({ idempotent: true, retry: { jitter: 'none', backoffMs: 400 } })
    const controller = new AbortController()
    const operation = scriptedOperation(clock, [{ error: Object.assign(new Error('no'), { status: 503 }) }])
    const call = crm.call(operation, { signal: controller.signal })
    const rejection = expect(call).rejects.toBe('gone')
    await clock.advance(50)
    controller.abort('gone')
    await rejection
    expect(clock.now()).toBe(50)
    expect(clock.pending).toBe(0)
    await clock.advance(10_000)
    expect(operation.attempts).toHaveLength(1)
  })

  it('between two steps of the call, by a listener to its events, is heard as well', async () => {
    const { crm, clock, events } = setUp()
    const controller = new AbortController()
    events.on((event) => {
      if (event.type === 'attempt-started') controller.abort('gone')
    })
    const operation = scriptedOperation(clock, [{ hangs: true }])
    await expect(crm.call(operation, { signal: controller.signal })).rejects.toBe('gone')
    expect(operation.attempts).toHaveLength(0)
    expect(clock.pending).toBe(0)
  })

  it('is never a failure of the dependency, nor a verdict on a probe (B3)', async () => {
    const { crm, clock } = setUp({ breaker: { minimumCalls: 1, openMs: 1_000 } })
    crm.circuit.open()
    await clock.advance(1_500)
    const controller = new AbortController()
    const call = crm.call(scriptedOperation(clock, [{ hangs: true }]), { signal: controller.signal })
    const rejection = expect(call).rejects.toBe('gone')
    expect(crm.wouldAdmit()).toBe(false)
    controller.abort('gone')
    await rejection
    expect(crm.circuit.state).toBe('half-open')
    expect(crm.wouldAdmit()).toBe(true)
    expect(crm.snapshot()).not.toHaveProperty('lastError')
  })

  it('wins over an error that the operation throws because of it', async () => {
    const { crm } = setUp()
    const controller = new AbortController()
    const call = crm.call(
      () => {
        controller.abort('mine')
        throw new Error('theirs')
      },
      { signal: controller.signal },
    )
    await expect(call).rejects.toBe('mine')
  })

  it('between the end of a wait and the retry keeps the retry from being made (B1)', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const sleep = (): Promise<void> => {
      const woken = Promise.resolve()
      // Comes first, since it waits first.
      void woken.then(() => controller.abort('gone'))
      return woken
    }
    const abortive: Clock = {
      now: () => clock.now(),
      wallTime: () => clock.wallTime(),
      schedule: (ms, callback) => clock.schedule(ms, callback),
      sleep,
    }
    const crm = createIntegration({ name: 'crm', clock: abortive, idempotent: true })
    const operation = scriptedOperation(clock, [{ error: Object.assign(new Error('no'), { status: 503 }) }])
    await expect(crm.call(operation, { signal: controller.signal })).rejects.toBe('gone')
    expect(operation.attempts).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  it('because another way was faster counts as slow, so that a hanging dependency opens its circuit', async () => {
    const { crm, clock, record } = setUp({ breaker: { minimumCalls: 3, slowRatio: 0.5 } })
    for (let i = 0; i < 3; i++) {
      const controller = new AbortController()
      const reason = overtaken()
      const call = crm.call(scriptedOperation(clock, [{ hangs: true }]), { signal: controller.signal })
      const rejection = expect(call).rejects.toBe(reason)
      await clock.advance(1_500)
      controller.abort(reason)
      await rejection
    }
    expect(record.of('attempt-failed')).toMatchObject([1, 2, 3].map(() => ({ code: 'OVERTAKEN', outcome: 'slow' })))
    expect(record.of('circuit-opened')).toMatchObject([{ reason: 'slow-calls' }])
  })

  it('because another way was faster counts as nothing for a call that began only at the end of the wait', async () => {
    const { crm, clock, record } = setUp()
    for (const ranMs of [999, 1_000, 2_000]) {
      const controller = new AbortController()
      const call = crm.call(scriptedOperation(clock, [{ hangs: true }]), { signal: controller.signal })
      const rejection = expect(call).rejects.toMatchObject({ code: 'OVERTAKEN' })
      await clock.advance(ranMs)
      controller.abort(overtaken(2_000))
      await rejection
    }
    expect(record.of('attempt-failed').map(({ outcome }) => outcome)).toEqual(['ignored', 'slow', 'slow'])
  })

  it('leaves the signal with as many listeners after 100,000 calls as before (B23)', async () => {
    const { crm } = setUp()
    const { signal } = new AbortController()
    const warnings: string[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning.name)
    process.on('warning', onWarning)
    for (let batch = 0; batch < 1_000; batch++) {
      await Promise.all(Array.from({ length: 100 }, () => crm.call(() => Promise.resolve(1), { signal })))
    }
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', onWarning)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    expect(warnings).toEqual([])
  })

  it('leaves no listener after failures, timeouts and waits either', async () => {
    const { crm, clock } = setUp({ idempotent: true, attemptTimeoutMs: 100 })
    const { signal } = new AbortController()
    const failing = scriptedOperation(clock, [{ error: { status: 500 } }, { hangs: true }])
    const call = crm.call(failing, { signal }).catch(() => undefined)
    await clock.advance(60_000)
    await call
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
