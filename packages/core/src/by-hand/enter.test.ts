import { describe, expect, it, vi } from 'vitest'
import { createBulkhead } from '../admission/index.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { overtaken } from '../errors/overtaken.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { IntegrationOptions } from '../integration/options.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import { enter } from './enter.ts'

function setUp(options: Partial<IntegrationOptions> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const recorded = recordEvents(events)
  const integration = createIntegration({ name: 'voice', attemptTimeoutMs: 100, clock, events, ...options })
  return { clock, integration, types: () => recorded.types }
}

const busy = Object.assign(new Error('busy'), { status: 503 })

describe('work that is led by hand', () => {
  it('counts like a call that succeeds', async () => {
    const { clock, integration, types } = setUp()
    const entry = await enter(integration)
    expect(entry.ended).toBe(false)
    await clock.advance(20)
    entry.succeed()
    expect(entry.ended).toBe(true)
    expect(integration.snapshot().totals).toMatchObject({ calls: 1, succeeded: 1, attempts: 1 })
    expect(types()).toEqual(['call-started', 'attempt-started', 'attempt-succeeded', 'call-succeeded'])
    expect(clock.pending).toBe(0)
  })

  it('counts like a call that fails, and opens the circuit', async () => {
    const { integration, types } = setUp({ breaker: { consecutiveFailures: 2 } })
    const onEnd = vi.fn<(reason: unknown) => void>()
    for (let call = 0; call < 2; call++) {
      const entry = await enter(integration, { onEnd })
      const { signal } = entry.context
      entry.fail(busy)
      expect(signal.aborted).toBe(true)
    }
    expect(onEnd).not.toHaveBeenCalled()
    expect(types().slice(0, 4)).toEqual(['call-started', 'attempt-started', 'attempt-failed', 'call-failed'])
    expect(integration.snapshot()).toMatchObject({ circuit: 'open', lastError: { code: 'HTTP_503' } })
    await expect(enter(integration)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', category: 'rejected' })
  })

  it('ends when its time is up, and its holder hears of it', async () => {
    const { clock, integration } = setUp()
    const onEnd = vi.fn<(reason: unknown) => void>()
    const entry = await enter(integration, { onEnd })
    const { signal } = entry.context
    await clock.advance(99)
    expect(onEnd).not.toHaveBeenCalled()
    await clock.advance(1)
    expect(onEnd).toHaveBeenCalledOnce()
    expect(onEnd.mock.calls[0]?.[0]).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
    expect(signal.reason).toBe(onEnd.mock.calls[0]?.[0])
    expect(entry.ended).toBe(true)
    expect(integration.snapshot().totals).toMatchObject({ failed: 1, succeeded: 0 })
  })

  it('takes as long as it takes once it has answered, and is judged by its first output', async () => {
    const { clock, integration } = setUp({ deadlineMs: 200, breaker: { slowCallMs: 50 } })
    const entry = await enter(integration)
    await clock.advance(40)
    entry.answered()
    entry.answered()
    await clock.advance(10_000)
    expect(entry.ended).toBe(false)
    entry.succeed(40)
    expect(integration.snapshot().window).toMatchObject({ calls: 1, slow: 0, failures: 0 })
  })

  it('ends with its caller’s abort at once, which is nobody’s failure', async () => {
    const { clock, integration } = setUp()
    const caller = new AbortController()
    const onEnd = vi.fn<(reason: unknown) => void>()
    const entry = await enter(integration, { onEnd, signal: caller.signal })
    entry.answered()
    const reason = new Error('hung up')
    caller.abort(reason)
    expect(onEnd.mock.calls).toEqual([[reason]])
    expect(entry.context.signal.reason).toBe(reason)
    expect(integration.snapshot()).toMatchObject({ window: { calls: 0 }, totals: { failed: 0 } })
    await expect(enter(integration, { signal: caller.signal })).rejects.toBe(reason)
    expect(clock.pending).toBe(0)
  })

  it('counts for nothing when it is abandoned, and as slow when it was overtaken', async () => {
    const { clock, integration } = setUp()
    const onEnd = vi.fn<(reason: unknown) => void>()
    const unwanted = await enter(integration, { onEnd })
    unwanted.abandon(new Error('not needed'))
    expect(integration.snapshot().window.calls).toBe(0)
    const slow = await enter(integration, { onEnd })
    await clock.advance(60)
    slow.abandon(overtaken(50))
    expect(slow.context.signal.aborted).toBe(true)
    expect(integration.snapshot().window).toMatchObject({ calls: 1, slow: 1 })
    expect(onEnd).not.toHaveBeenCalled()
  })

  it('ends once, whatever is said after that', async () => {
    const { clock, integration } = setUp()
    const onEnd = vi.fn<(reason: unknown) => void>()
    const entry = await enter(integration, { onEnd })
    entry.succeed()
    entry.fail(busy)
    entry.abandon(busy)
    entry.answered()
    entry.renew()
    entry.succeed()
    await clock.advance(1_000)
    expect(integration.snapshot().totals).toMatchObject({ succeeded: 1, failed: 0 })
    expect(onEnd).not.toHaveBeenCalled()
  })

  it('waits for its admissions, and holds what they gave until its end', async () => {
    const clock = fakeClock()
    const lines = createBulkhead({ name: 'lines', maxConcurrent: 1, maxQueued: 5, clock })
    const integration = createIntegration({ name: 'voice', admissions: [lines], clock })
    const first = await enter(integration)
    const second = Promise.resolve(enter(integration))
    const caller = new AbortController()
    const third = enter(integration, { signal: caller.signal })
    expect(lines.queued).toBe(2)
    caller.abort(new Error('gave up'))
    await expect(third).rejects.toThrow('gave up')
    first.fail(busy)
    const entry = await second
    expect(lines.running).toBe(1)
    entry.abandon(busy)
    expect(lines.running).toBe(0)
  })

  it('is neither repeated nor hedged', async () => {
    const { clock, integration } = setUp({ idempotent: true, retry: { maxRetries: 5 }, hedge: { delayMs: 10 } })
    const entry = await enter(integration)
    await clock.advance(50)
    entry.fail(busy)
    await clock.advance(10_000)
    expect(integration.snapshot().totals).toMatchObject({ attempts: 1, retries: 0, hedges: 0, failed: 1 })
  })

  it('is a probe of a half-open circuit, which waits as long as the work goes on', async () => {
    const { clock, integration } = setUp({ breaker: { openMs: 100, halfOpenSuccesses: 1 } })
    integration.circuit.open()
    await clock.advance(200)
    const entry = await enter(integration)
    entry.answered()
    for (let second = 0; second < 600; second++) {
      await clock.advance(1_000)
      entry.renew()
    }
    expect(integration.circuit.state).toBe('half-open')
    entry.succeed(5)
    expect(integration.circuit.state).not.toBe('half-open')
  })

  it('does not mind what its holder throws', async () => {
    const { clock, integration } = setUp()
    const onEnd = (): never => {
      throw new Error('mine')
    }
    const entry = await enter(integration, { onEnd })
    await clock.advance(100)
    expect(entry.ended).toBe(true)
  })

  it('is refused for an integration of another make', async () => {
    const error: unknown = await Promise.resolve(enter({} as never)).catch((reason: unknown) => reason)
    expect(HoldfastError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ code: 'INVALID_OPTION' })
  })
})
