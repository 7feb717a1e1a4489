import { describe, expect, it } from 'vitest'
import { BREAKER_DEFAULTS } from '../breaker/options.ts'
import { fakeClock, scriptedOperation } from '../testing/index.ts'
import { createIntegration } from './create-integration.ts'
import { type HealthSigns, healthStatus } from './health.ts'
import type { IntegrationOptions } from './options.ts'

const MINUTE_MS = 60_000

type Outcome = 'good' | 'bad'

/** A dependency whose calls go as they are told, all at once or `gapMs` apart; gives the status after each. */
function setUp(options: Partial<IntegrationOptions> = {}) {
  const clock = fakeClock()
  const crm = createIntegration({ name: 'crm', clock, random: () => 0.5, retry: { maxRetries: 0 }, ...options })
  const statuses = async (outcomes: readonly Outcome[], gapMs = 0): Promise<string> => {
    const seen: string[] = []
    for (const outcome of outcomes) {
      const script = outcome === 'good' ? { value: 1 } : { error: { status: 500 } }
      await crm.call(scriptedOperation(clock, [script])).catch(() => undefined)
      seen.push(crm.snapshot().status)
      await clock.advance(gapMs)
    }
    return seen.join(' ')
  }
  return { clock, crm, statuses }
}

function times<T>(count: number, value: T): T[] {
  return new Array<T>(count).fill(value)
}

const QUIET: HealthSigns = {
  circuit: 'closed',
  window: { calls: 0, failures: 0, slow: 0 },
  isLimited: false,
  badInARow: 0,
  refusedInARow: 0,
  sinceBadMs: Infinity,
}

/** The status of a window with so many bad calls, none of the good ones before them. */
function ofWindow(bad: number, calls: number, options: Partial<typeof BREAKER_DEFAULTS>, opens = true): string {
  const signs = { ...QUIET, window: { calls, failures: bad, slow: 0 } }
  return healthStatus(signs, { ...BREAKER_DEFAULTS, ...options, opens })
}

describe('the health of few calls', () => {
  it('is not touched by one bad call alone, be it the only one', async () => {
    expect(await setUp().statuses(['bad', 'good', 'good'])).toBe('healthy healthy healthy')
    const quiet = setUp()
    expect(await quiet.statuses(times(24, ['bad', 'good'] as const).flat(), 30 * MINUTE_MS)).not.toContain('degraded')
  })

  it('is degraded from the second bad call on, below the minimum of the circuit, too', async () => {
    expect(await setUp().statuses(['bad', 'bad', 'good'])).toBe('healthy degraded degraded')
    expect(await setUp().statuses(['good', 'good', 'bad', 'bad'])).toBe('healthy healthy healthy degraded')
  })

  it('is seen at a call a minute, which the window of time never holds two of', async () => {
    const { crm, clock, statuses } = setUp()
    expect(await statuses(['good', 'bad', 'bad', 'bad'], MINUTE_MS)).toBe('healthy healthy degraded degraded')
    expect(crm.snapshot()).toMatchObject({ window: { calls: 0 }, status: 'degraded' })
    expect(await statuses(['good'])).toBe('healthy')
    expect(crm.snapshot()).not.toHaveProperty('troubledSince')
    await statuses(['bad', 'bad'], MINUTE_MS)
    await clock.advance(4 * MINUTE_MS)
    expect(crm.snapshot().status, 'five minutes after the latest').toBe('degraded')
    await clock.advance(1)
    expect(crm.snapshot().status).toBe('healthy')
  })

  it('does not flap between two calls that fail a minute apart', async () => {
    const { crm, clock, statuses } = setUp()
    await statuses(['bad', 'bad'])
    const since = crm.snapshot().troubledSince
    const seen = new Set<string>()
    for (let second = 0; second < 240; second++) {
      await clock.advance(1_000)
      seen.add(crm.snapshot().status)
    }
    expect([...seen, crm.snapshot().troubledSince]).toEqual(['degraded', since])
  })

  it('goes by the window where that is the longer', async () => {
    const { crm, clock, statuses } = setUp({ breaker: { windowMs: 60 * MINUTE_MS } })
    await statuses(['bad', 'bad'])
    await clock.advance(50 * MINUTE_MS)
    expect(crm.snapshot().status).toBe('degraded')
  })

  it('forgets what was in a row when its circuit is reset by hand', async () => {
    for (const act of ['close', 'reset'] as const) {
      const { crm, statuses } = setUp()
      await statuses(['bad', 'bad'])
      crm.circuit[act]()
      expect(crm.snapshot().status).toBe('healthy')
    }
  })
})

describe('the health of many calls', () => {
  it('is degraded from half of the share on that opens the circuit', async () => {
    const breaker = { failureRatio: 0.4, slowRatio: 0.4, minimumCalls: 100 }
    const calls = [...times(8, 'good' as const), 'bad', 'bad'] as const
    expect((await setUp({ breaker }).statuses(calls)).split(' ').at(-1)).toBe('degraded')
    expect([ofWindow(19, 100, breaker), ofWindow(20, 100, breaker)]).toEqual(['healthy', 'degraded'])
  })

  it('does not suffer from two bad calls in a row among many good ones', async () => {
    expect(await setUp().statuses([...times(20, 'good' as const), 'bad', 'bad'])).not.toContain('degraded')
  })

  it('is degraded halfway to the bad calls in a row that open the circuit', async () => {
    const breaker = { consecutiveFailures: 6, failureRatio: 1, slowRatio: 1 }
    const calls = [...times(20, 'good' as const), ...times(6, 'bad' as const)]
    const seen = (await setUp({ breaker }).statuses(calls)).split(' ').slice(20)
    expect(seen).toEqual(['healthy', 'healthy', 'degraded', 'degraded', 'degraded', 'critical'])
    const never = setUp({ breaker: { ...breaker, consecutiveFailures: 0 } })
    expect(await never.statuses(calls)).not.toMatch(/degraded|critical/)
  })

  it('is critical only while the circuit is open: a good call that completes the minimum leaves it closed', async () => {
    const { crm, clock, statuses } = setUp({ breaker: { windowCalls: 5, minimumCalls: 5 } })
    expect(await statuses(['bad', 'bad', 'bad', 'good', 'good'])).toMatch(/degraded$/)
    await clock.advance(24 * 60 * MINUTE_MS)
    // Were it critical, what stands on it would be off, and no call would ever move the window on.
    expect(crm.snapshot()).toMatchObject({ circuit: 'closed', status: 'degraded', window: { failures: 3 } })
    expect(await statuses(times(3, 'good'))).toBe('degraded healthy healthy')
  })
})

describe('the health by the rule wilson', () => {
  const wilson = { rule: 'wilson', windowMs: 60 * MINUTE_MS, consecutiveFailures: 0 } as const

  it('is critical when the circuit opens, and not before', async () => {
    const { crm, statuses } = setUp({ breaker: { ...wilson, openMs: 5_000, maxOpenMs: 5_000 } })
    expect(await statuses(times(4, 'bad'), 1)).toBe('healthy degraded degraded critical')
    expect(crm.circuit.state).toBe('open')
    const half = setUp({ breaker: wilson })
    expect(await half.statuses(times(5, ['good', 'bad'] as const).flat())).not.toContain('critical')
    expect([half.crm.circuit.state, half.crm.snapshot().status]).toEqual(['closed', 'healthy'])
  })

  it('is degraded when the share is above half of the bound with the same confidence', () => {
    // The lower bounds are 0.24 and 0.26.
    expect([ofWindow(4, 8, wilson), ofWindow(5, 9, wilson)]).toEqual(['healthy', 'degraded'])
    expect([ofWindow(33, 100, wilson), ofWindow(35, 100, wilson)]).toEqual(['healthy', 'degraded'])
  })
})

describe('the health under a goodput limit', () => {
  it('is degraded while calls are refused, and for a window after the last of them', async () => {
    const breaker = { windowMs: 10_000, minimumCalls: 1_000, consecutiveFailures: 0 }
    const { crm, clock, statuses } = setUp({ attemptTimeoutMs: 1_000, breaker, goodputLimit: { minLimit: 5 } })
    const ask = (afterMs: number) => crm.call(scriptedOperation(clock, [{ value: 1, afterMs }])).catch(() => undefined)
    const hung = times(40, 5_000).map(ask)
    await clock.advance(1_000)
    await Promise.all(hung)
    await clock.advance(11_000)
    await statuses(['good'])
    const good = times(5, 500).map(ask)
    await clock.settle()
    expect(crm.snapshot(), 'a limit that refuses nobody').toMatchObject({ goodput: { limit: 5 }, status: 'healthy' })
    await ask(500)
    expect(crm.snapshot().status).toBe('degraded')
    await clock.advance(500)
    await Promise.all(good)
    expect(await statuses(['good']), 'whatever the others say').toBe('degraded')
    await clock.advance(9_000)
    expect(crm.snapshot().status).toBe('degraded')
    await clock.advance(1_000)
    expect(crm.snapshot().status).toBe('healthy')
    crm.reconfigure({ goodputLimit: false })
    expect(crm.snapshot().status).toBe('healthy')
  })
})

describe('the health without a circuit', () => {
  it('is critical when the default one would have opened, by the share or by so many in a row', async () => {
    const many = setUp({ breaker: false })
    expect(await many.statuses(times(5, 'bad'))).toBe('healthy degraded degraded degraded critical')
    const rare = setUp({ breaker: false })
    const seen = (await rare.statuses(times(10, 'bad'), MINUTE_MS)).split(' ')
    expect(seen).toEqual(['healthy', ...times(8, 'degraded'), 'critical'])
    await rare.clock.advance(5 * MINUTE_MS)
    expect(rare.crm.snapshot().status).toBe('healthy')
  })
})
