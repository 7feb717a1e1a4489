import { describe, expect, it } from 'vitest'
import { createBulkhead } from '../bulkhead/create-bulkhead.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { IntegrationOptions } from '../integration/options.ts'
import { fakeClock, readAll, recordEvents, scriptedOperation, seededRandom, streamOf } from '../testing/index.ts'

function setUp(options: Partial<IntegrationOptions> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const crm = createIntegration({
    name: 'crm',
    clock,
    events,
    random: () => 0.5,
    idempotent: true,
    hedge: { delayMs: 100 },
    retry: { maxRetries: 0 },
    ...options,
  })
  return { clock, record, crm }
}

describe('a hedged call', () => {
  it('makes a second attempt beside a slow one; the first to answer wins and the other is cancelled', async () => {
    const { clock, crm, record } = setUp()
    const operation = scriptedOperation(clock, [
      { value: 'slow', afterMs: 1_000 },
      { value: 'quick', afterMs: 20 },
    ])
    const call = crm.call(operation)
    await clock.advance(120)
    await expect(call).resolves.toBe('quick')
    expect(operation.attempts.map(({ attempt, at, aborted }) => [attempt, at, aborted])).toEqual([
      [1, 0, true],
      [2, 100, false],
    ])
    expect(operation.attempts[0]?.abortReason).toMatchObject({ code: 'OVERTAKEN' })
    expect(record.of('hedge-started')).toMatchObject([{ attempt: 2, afterMs: 100 }])
    expect(record.of('hedge-won')).toMatchObject([{ attempt: 2 }])
    expect(crm.snapshot().totals).toMatchObject({ calls: 1, succeeded: 1, attempts: 2, hedges: 1, failed: 0 })
    expect(clock.pending).toBe(0)
  })

  it('does not count the attempt that lost, neither as good nor as slow', async () => {
    const { clock, crm } = setUp()
    const call = crm.call(
      scriptedOperation(clock, [
        { value: 1, afterMs: 1_000 },
        { value: 2, afterMs: 20 },
      ]),
    )
    await clock.advance(120)
    await call
    expect(crm.snapshot().window).toEqual({ calls: 1, failures: 0, slow: 0 })
  })

  it('lets the first attempt win that answers later than the hedge began', async () => {
    const { clock, crm, record } = setUp()
    const call = crm.call(
      scriptedOperation(clock, [
        { value: 'first', afterMs: 110 },
        { value: 'second', afterMs: 500 },
      ]),
    )
    await clock.advance(110)
    await expect(call).resolves.toBe('first')
    expect(record.of('hedge-won')).toMatchObject([{ attempt: 1 }])
    expect(clock.pending).toBe(0)
  })

  it('waits for the other attempt when one fails, and fails when all have', async () => {
    const { clock, crm } = setUp()
    const good = crm.call(
      scriptedOperation(clock, [
        { error: { status: 500 }, afterMs: 150 },
        { value: 'yes', afterMs: 200 },
      ]),
    )
    await clock.advance(300)
    await expect(good).resolves.toBe('yes')
    const bad = crm
      .call(
        scriptedOperation(clock, [
          { error: { status: 500 }, afterMs: 150 },
          { error: { status: 503 }, afterMs: 200 },
        ]),
      )
      .catch((reason: unknown) => reason)
    await clock.advance(300)
    expect(await bad).toMatchObject({ code: 'HTTP_503' })
  })

  it('is made once only when the first attempt fails before the delay; then it is the retry’s turn', async () => {
    const { clock, crm } = setUp({ retry: { maxRetries: 1, backoffMs: 50, jitter: 'none' } })
    const operation = scriptedOperation(clock, [{ error: { status: 500 }, afterMs: 10 }, { value: 'yes' }])
    const call = crm.call(operation)
    await clock.advance(60)
    await expect(call).resolves.toBe('yes')
    expect(operation.attempts.map(({ at }) => at)).toEqual([0, 60])
    expect(clock.pending).toBe(0)
  })

  it('is never made for an operation that is not safe to repeat', async () => {
    const { clock, crm } = setUp()
    const operation = scriptedOperation(clock, [{ value: 1, afterMs: 1_000 }])
    const call = crm.call(operation, { idempotent: false })
    await clock.advance(1_000)
    await call
    expect(operation.attempts).toHaveLength(1)
  })

  it('goes on without a hedge when the budget that it shares with retries is empty (B38)', async () => {
    const { clock, crm } = setUp({ retry: { maxRetries: 0, budgetRatio: 0, budgetFloor: 1 } })
    const first = crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 1_000 }]))
    const second = crm.call(scriptedOperation(clock, [{ value: 2, afterMs: 1_000 }]))
    await clock.advance(1_000)
    await expect(Promise.all([first, second])).resolves.toEqual([1, 2])
    expect(crm.snapshot().totals.hedges).toBe(1)
  })

  it('takes nothing out of that budget when an admission has no room for the hedge', async () => {
    const clock = fakeClock()
    const slots = createBulkhead({ name: 'slots', maxConcurrent: 1, clock })
    const { crm } = setUp({ clock, admissions: [slots], retry: { maxRetries: 0, budgetRatio: 0, budgetFloor: 1 } })
    const first = crm.call(scriptedOperation(clock, [{ value: 1, afterMs: 1_000 }]))
    await clock.advance(1_000)
    await first
    expect(crm.snapshot().totals.hedges).toBe(0)
    slots.resize(2)
    const second = crm.call(scriptedOperation(clock, [{ value: 2, afterMs: 1_000 }]))
    await clock.advance(1_000)
    await second
    expect(crm.snapshot().totals.hedges).toBe(1)
    expect(slots.running).toBe(0)
  })

  it('ends all its attempts at once when the caller leaves, with the caller’s reason', async () => {
    const { clock, crm } = setUp()
    const controller = new AbortController()
    const operation = scriptedOperation(clock, [{ hangs: true }])
    const call = crm.call(operation, { signal: controller.signal }).catch((reason: unknown) => reason)
    await clock.advance(100)
    expect(operation.attempts).toHaveLength(2)
    controller.abort('left')
    expect(await call).toBe('left')
    expect(operation.attempts.map(({ abortReason }) => abortReason)).toEqual(['left', 'left'])
    expect(clock.pending).toBe(0)
  })

  it('makes as many attempts beside each other as maxHedges allows', async () => {
    const { clock, crm } = setUp({ hedge: { delayMs: 100, maxHedges: 2 } })
    const operation = scriptedOperation(clock, [{ hangs: true }, { hangs: true }, { value: 'third', afterMs: 50 }])
    const call = crm.call(operation)
    await clock.advance(250)
    await expect(call).resolves.toBe('third')
    expect(operation.attempts.map(({ at }) => at)).toEqual([0, 100, 200])
  })

  it('is not made while the circuit is not closed', async () => {
    const { clock, crm } = setUp({ breaker: { openMs: 1_000, openJitter: 0 } })
    crm.circuit.open()
    await clock.advance(1_000)
    const operation = scriptedOperation(clock, [{ value: 1, afterMs: 500 }])
    const call = crm.call(operation)
    await clock.advance(500)
    await call
    expect(operation.attempts).toHaveLength(1)
  })

  it('wins with a stream’s first output', async () => {
    const { clock, crm } = setUp()
    const call = crm.stream(
      async ({ attempt, signal }) => {
        if (attempt === 1) await clock.sleep(1_000, signal)
        return streamOf(`from ${attempt}`)
      },
      { isOutput: () => true },
    )
    await clock.advance(100)
    expect(await readAll(await call)).toEqual(['from 2'])
  })

  it('cuts the tail: with one call in a hundred at 1 s, p99 falls to about the delay, for a few extra attempts', async () => {
    const random = seededRandom(11)
    const { clock, crm } = setUp({ hedge: { quantile: 0.95, minimumCalls: 20 } })
    const times: number[] = []
    for (let call = 0; call < 2_000; call++) {
      const startedAt = clock.now()
      const work = crm.call(({ signal }) => clock.sleep(random() < 0.01 ? 1_000 : 8 + 4 * random(), signal))
      void work.then(() => times.push(clock.now() - startedAt))
      await clock.advance(1_050)
      await work
    }
    times.sort((a, b) => a - b)
    // Without the hedge it is 1,000 ms.
    expect(times[Math.floor(times.length * 0.993)]).toBeLessThan(30)
    expect(crm.snapshot().totals.hedges / 2_000).toBeLessThan(0.1)
  }, 30_000)
})
