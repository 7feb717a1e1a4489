import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { AttemptContext } from '../policy/operation.ts'
import { fakeClock, recordEvents, scriptedOperation, seededRandom } from '../testing/index.ts'
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

  it.each([
    [{ faults: [{ inject: 'noise' }] }, /faults\[0\].inject must be 'fault' or/],
    [{ faults: [{ inject: 'latency' }] }, /faults\[0\].latencyMs/],
    [{ faults: [{ inject: 'hang', latencyMs: 1 }] }, /faults\[0\].latencyMs must be left out/],
    [{ faults: [{ inject: 'hang', rate: 2 }] }, /faults\[0\].rate must be a number from 0 to 1/],
    [{ faults: 'all' }, /chaos.faults must be a list of faults/],
  ])('refuses what it cannot inject: %j', (options, message) => {
    expect(() => createChaos(options as never)).toThrow(message)
  })
})
