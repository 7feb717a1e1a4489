import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import { fakeClock, recordEvents, scriptedOperation } from '../testing/index.ts'
import { KIND_PRESETS } from './kinds.ts'

const KINDS = Object.keys(KIND_PRESETS) as (keyof typeof KIND_PRESETS)[]

describe('the presets by kind', () => {
  it.each([
    ['database', 30_000, 15_000, 3, 5, 2, 30_000, 7_500],
    ['ai-service', 60_000, 30_000, 3, 3, 2, 60_000, 25_000],
    ['market-data', 10_000, 5_000, 2, 10, 5, 10_000, 2_500],
    ['cache', 5_000, 2_000, 1, 20, 10, 60_000, 1_000],
    ['external-api', 30_000, 10_000, 2, 5, 2, 30_000, 5_000],
  ] as const)(
    '%s',
    (kind, deadlineMs, attemptTimeoutMs, maxRetries, consecutiveFailures, halfOpenSuccesses, checkMs, slowCallMs) => {
      const { options, checkIntervalMs } = KIND_PRESETS[kind]
      expect(options).toMatchObject({
        kind,
        deadlineMs,
        attemptTimeoutMs,
        retry: { maxRetries },
        breaker: { consecutiveFailures, halfOpenSuccesses, halfOpenProbes: 3, slowCallMs },
      })
      expect(checkIntervalMs).toBe(checkMs)
      expect(() => createIntegration({ name: 'one', ...options })).not.toThrow()
    },
  )

  it('open after so many failures in a row and not before', async () => {
    for (const kind of KINDS) {
      const { options } = KIND_PRESETS[kind]
      const clock = fakeClock()
      const one = createIntegration({ name: 'one', ...options, clock })
      const { consecutiveFailures } = options.breaker as { consecutiveFailures: number }
      for (let failure = 1; failure <= consecutiveFailures; failure++) {
        expect(one.circuit.state, `${kind}, failure ${failure}`).toBe('closed')
        await one.call(() => Promise.reject({ status: 500 })).catch(() => undefined)
      }
      expect(one.circuit.state, kind).toBe('open')
    }
  })

  it.each(KINDS)(
    '%s takes an answer that comes in good time for a good one, and one that hardly came for slow',
    async (kind) => {
      const { options } = KIND_PRESETS[kind]
      const { attemptTimeoutMs = 0, breaker } = options
      const { consecutiveFailures } = breaker as { consecutiveFailures: number }
      for (const [share, state] of [
        [kind === 'ai-service' ? 0.8 : 0.5, 'closed'],
        [0.95, 'open'],
      ] as const) {
        const clock = fakeClock()
        const one = createIntegration({ name: 'one', ...options, clock })
        for (let call = 0; call < consecutiveFailures; call++) {
          const answer = one.call(scriptedOperation(clock, [{ value: 1, afterMs: attemptTimeoutMs * share }]))
          await clock.advance(attemptTimeoutMs * share)
          await answer
        }
        expect(one.circuit.state, `after ${share} of the time`).toBe(state)
      }
    },
  )

  it.each([
    ['database', 60],
    ['ai-service', 30],
    ['market-data', 10],
    ['cache', 10],
    ['external-api', 30],
  ] as const)('%s opens for a second, then for twice as long each time, up to %i s', async (kind, mostSeconds) => {
    const clock = fakeClock()
    const one = createIntegration({ name: 'one', ...KIND_PRESETS[kind].options, clock, random: () => 0.5 })
    const waits: number[] = []
    one.circuit.open()
    for (let opening = 0; opening < 8; opening++) {
      const { nextProbeInMs = 0 } = one.snapshot()
      waits.push(nextProbeInMs / 1_000)
      await clock.advance(nextProbeInMs)
      await one.call(() => Promise.reject({ status: 500 })).catch(() => undefined)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128].map((seconds) => Math.min(seconds, mostSeconds)))
  })

  it.each(KINDS)('%s finds the end of an outage of a second within two more', async (kind) => {
    for (const draw of [0, 0.999]) {
      const clock = fakeClock()
      let isDown = true
      const one = createIntegration({ name: 'one', ...KIND_PRESETS[kind].options, clock, random: () => draw })
      const ask = (): Promise<unknown> =>
        one.call(() => (isDown ? Promise.reject({ status: 500 }) : 1)).catch(() => undefined)
      for (let call = 0; call < 20; call++) await ask()
      expect(one.circuit.state).toBe('open')
      await clock.advance(1_000)
      await ask()
      isDown = false
      const healedAt = clock.now()
      while (one.circuit.state !== 'closed') {
        await clock.advance(20)
        await ask()
      }
      expect(clock.now() - healedAt).toBeLessThan(2_000)
    }
  })

  it.each(KINDS)('%s gives a probe all of its time, also when an attempt is given more', async (kind) => {
    const { options } = KIND_PRESETS[kind]
    const clock = fakeClock()
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const limits = { deadlineMs: 200_000, attemptTimeoutMs: 100_000, idleTimeoutMs: 100_000 }
    const one = createIntegration({ name: 'one', ...options, ...limits, clock, events })
    one.circuit.open()
    await clock.advance(200_000)
    const probe = one.call(scriptedOperation(clock, [{ value: 1, afterMs: 90_000 }]))
    await clock.advance(89_999)
    expect(one.circuit.state).toBe('half-open')
    await clock.advance(1)
    await probe
    expect(record.all.map((event) => 'reason' in event && event.reason)).not.toContain('probe-expired')
  })
})
