import { describe, expect, it } from 'vitest'
import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { AttemptContext } from '../policy/operation.ts'
import { type FakeClock, fakeClock, recordEvents, scriptedOperation, seededRandom } from '../testing/index.ts'
import { createChaos } from './chaos.ts'
import type { ChaosFault } from './options.ts'

function setUp(...faults: ChaosFault[]) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const chaos = createChaos({ faults, clock, random: seededRandom(1), events })
  const crm = createIntegration({ name: 'crm', clock, chaos, retry: { maxRetries: 0 }, breaker: false })
  return { clock, record, chaos, crm }
}

const context: AttemptContext = { signal: new AbortController().signal, attempt: 1, timeLeftMs: 1_000 }

describe('chaos', () => {
  it('does nothing until it is switched on, and nothing after it is switched off', async () => {
    const { chaos, crm } = setUp({ inject: 'fault', error: new Error('struck') })
    await expect(crm.call(() => 'well')).resolves.toBe('well')
    chaos.enable()
    await expect(crm.call(() => 'well')).rejects.toMatchObject({ category: 'unknown', cause: { message: 'struck' } })
    chaos.disable()
    await expect(crm.call(() => 'well')).resolves.toBe('well')
    expect(chaos.injected).toBe(1)
  })

  it('is seen by the policies as the real thing is: the circuit opens', async () => {
    const clock = fakeClock()
    const chaos = createChaos({ enabled: true, clock, faults: [{ inject: 'fault', error: () => ({ status: 503 }) }] })
    const crm = createIntegration({ name: 'crm', clock, chaos, retry: { maxRetries: 0 }, breaker: { minimumCalls: 2 } })
    for (let call = 0; call < 2; call++) await crm.call(() => 1).catch(() => undefined)
    expect(crm.circuit.state).toBe('open')
  })

  it('does not make the operation in place of which a fault or a result comes', async () => {
    const { chaos, crm, clock } = setUp({ inject: 'result', value: 'made up' })
    chaos.enable()
    const operation = scriptedOperation(clock, [{ value: 'real' }])
    await expect(crm.call(operation)).resolves.toBe('made up')
    expect(operation.attempts).toHaveLength(0)
  })

  it('delays, and stops waiting when the attempt is aborted', async () => {
    const { chaos, crm, clock } = setUp({ inject: 'latency', latencyMs: 500 })
    chaos.enable()
    const operation = scriptedOperation(clock, [{ value: 'late' }])
    const call = crm.call(operation)
    await clock.advance(499)
    expect(operation.attempts).toHaveLength(0)
    await clock.advance(1)
    await expect(call).resolves.toBe('late')
    const controller = new AbortController()
    const given = crm.call(operation, { signal: controller.signal }).catch((reason: unknown) => reason)
    controller.abort('enough')
    expect(await given).toBe('enough')
    expect(clock.pending).toBe(0)
  })

  it.each([false, true])(
    'hangs until the time limit ends the attempt (ignores its signal: %s)',
    async (ignoresSignal) => {
      const { chaos, crm, clock } = setUp({ inject: 'hang', ignoresSignal })
      chaos.enable()
      const call = crm.call(() => 1).catch((reason: unknown) => reason)
      await clock.advance(10_000)
      expect(await call).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
    },
  )

  it('runs a behaviour before the operation', async () => {
    const ran: number[] = []
    const { chaos, crm } = setUp({ inject: 'behaviour', run: ({ attempt }) => void ran.push(attempt) })
    chaos.enable()
    await expect(crm.call(() => 'well')).resolves.toBe('well')
    expect(ran).toEqual([1])
  })

  it('strikes at its rate, in its time, and where its predicate says so', async () => {
    const half = createChaos({
      enabled: true,
      random: seededRandom(2),
      faults: [{ inject: 'result', value: 1, rate: 0.5 }],
    })
    for (let i = 0; i < 1_000; i++) await half.perform(() => 0, context)
    expect(half.injected).toBeGreaterThan(450)
    expect(half.injected).toBeLessThan(550)

    const clock = fakeClock()
    const fault: ChaosFault = {
      inject: 'result',
      value: 1,
      fromMs: 100,
      untilMs: 200,
      when: ({ attempt }) => attempt > 1,
    }
    const timed = createChaos({ enabled: true, clock, faults: [fault] })
    const seen: unknown[] = []
    for (const attempt of [1, 2]) {
      for (const at of [0, 100, 199, 200]) {
        await clock.advance(at - (clock.now() % 1_000))
        seen.push(await timed.perform(() => 0, { ...context, attempt }))
      }
      await clock.advance(800)
      timed.enable()
    }
    expect(seen).toEqual([0, 0, 0, 0, 0, 1, 1, 0])
  })

  it('lets several faults strike one attempt, in order', async () => {
    const { chaos, crm, clock, record } = setUp(
      { inject: 'latency', latencyMs: 100 },
      { inject: 'result', value: 'late and made up' },
    )
    chaos.enable()
    const call = crm.call(() => 'real')
    await clock.advance(100)
    await expect(call).resolves.toBe('late and made up')
    expect(record.of('chaos-injected').map(({ inject }) => inject)).toEqual(['latency', 'result'])
  })

  describe('of an attempt that is aborted', () => {
    const faults: Readonly<Record<ChaosFault['inject'], ChaosFault>> = {
      fault: { inject: 'fault', error: new Error('struck') },
      latency: { inject: 'latency', latencyMs: 100 },
      hang: { inject: 'hang' },
      result: { inject: 'result', value: 'made up' },
      behaviour: { inject: 'behaviour', run: () => undefined },
    }
    const kinds = Object.keys(faults) as ChaosFault['inject'][]

    /** Performs an operation that is aborted at some moment. @returns how it ended, and how often something was done. */
    async function perform(list: (abort: () => void, clock: FakeClock) => ChaosFault[], abortAtMs?: number) {
      const clock = fakeClock()
      const events = createEvents<CoreEvent>()
      const controller = new AbortController()
      const abort = (): void => controller.abort('enough')
      let made = 0
      const chaos = createChaos({ faults: list(abort, clock), clock, events, enabled: true })
      const operation = (): string => `made ${++made} time`
      const performing = (async () => chaos.perform(operation, { ...context, signal: controller.signal }))()
      const end = performing.catch((reason: unknown) => ({ reason }))
      if (abortAtMs !== undefined) void clock.sleep(abortAtMs).then(abort)
      await clock.advance(1_000)
      return { made, injected: chaos.injected, end: await end, clock }
    }

    it.each(kinds)('does not make the operation when a condition ends it: %s', async (kind) => {
      for (const strikes of [true, false]) {
        const when = (abort: () => void) => () => {
          abort()
          return strikes
        }
        const { made, end, injected } = await perform((abort) => [{ ...faults[kind], when: when(abort) }])
        expect([made, end, injected]).toEqual([0, { reason: 'enough' }, 0])
      }
    })

    it.each(kinds)('does nothing more when a listener ends it as it hears of the fault: %s', async (kind) => {
      const clock = fakeClock()
      const events = createEvents<CoreEvent>()
      const controller = new AbortController()
      events.on(() => controller.abort('enough'))
      let done = 0
      const fault = kind === 'behaviour' ? { inject: kind, run: () => (done += 1) } : faults[kind]
      const chaos = createChaos({ faults: [fault], clock, events, enabled: true })
      const performing = (async () => chaos.perform(() => (done += 1), { ...context, signal: controller.signal }))()
      await expect(performing).rejects.toBe('enough')
      expect([done, chaos.injected, clock.pending]).toEqual([0, 1, 0])
    })

    it.each(kinds)('is not struck after a behaviour in which it ended: %s', async (kind) => {
      const behaviours: ((abort: () => void, clock: FakeClock) => () => unknown)[] = [
        (abort) => abort,
        (abort) => () => void Promise.resolve().then(abort),
        (abort, clock) => async () => {
          await clock.sleep(50)
          abort()
        },
        (_abort, clock) => () => clock.sleep(50),
      ]
      for (const [index, behaviour] of behaviours.entries()) {
        const { made, end, injected, clock } = await perform(
          (abort, own) => [{ inject: 'behaviour', run: behaviour(abort, own) }, faults[kind]],
          index === 3 ? 20 : undefined,
        )
        expect([made, end, injected, clock.pending], `behaviour ${index}`).toEqual([0, { reason: 'enough' }, 1, 0])
      }
    })

    it('ends at once in a latency and in a hang, and at the very end of a latency, too', async () => {
      for (const [kind, abortAtMs] of [
        ['latency', 0],
        ['latency', 50],
        ['hang', 50],
      ] as const) {
        const { made, end, clock } = await perform(() => [faults[kind], faults.result], abortAtMs)
        expect([made, end, clock.pending], `${kind} at ${abortAtMs}`).toEqual([0, { reason: 'enough' }, 0])
      }
      // Its time is over, but nothing has gone on since.
      const controller = new AbortController()
      const sleep = (): Promise<void> => {
        queueMicrotask(() => controller.abort('enough'))
        return Promise.resolve()
      }
      const clock: Clock = { ...systemClock, sleep }
      const chaos = createChaos({ faults: [faults.latency], clock, enabled: true })
      let made = 0
      const performing = chaos.perform(() => (made += 1), { ...context, signal: controller.signal })
      await expect(performing).rejects.toBe('enough')
      expect(made).toBe(0)
    })

    it('does not begin the operation after the attempt of an integration has timed out', async () => {
      const clock = fakeClock()
      const run = (): Promise<void> => clock.sleep(500)
      const chaos = createChaos({ faults: [{ inject: 'behaviour', run }], clock, enabled: true })
      const crm = createIntegration({ name: 'crm', clock, chaos, attemptTimeoutMs: 100, retry: { maxRetries: 0 } })
      const operation = scriptedOperation(clock, [{ value: 'late' }])
      const call = crm.call(operation).catch((reason: unknown) => reason)
      await clock.advance(1_000)
      expect(await call).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
      expect(operation.attempts).toHaveLength(0)
    })
  })

  it.each([
    [{ faults: [null] }, /faults\[0\] must be an object/],
    [{ faults: [{ inject: 'noise' }] }, /faults\[0\].inject must be 'fault' or/],
    [{ faults: [{ inject: 'latency' }] }, /faults\[0\].latencyMs/],
    [{ faults: [{ inject: 'hang', latencyMs: 1 }] }, /faults\[0\].latencyMs is not an option/],
    [{ faults: [{ inject: 'hang', rate: 2 }] }, /faults\[0\].rate must be a number from 0 to 1/],
    [{ faults: 'all' }, /chaos.faults must be a list of faults/],
  ])('refuses what it cannot inject: %j', (options, message) => {
    expect(() => createChaos(options as never)).toThrow(message)
  })
})
