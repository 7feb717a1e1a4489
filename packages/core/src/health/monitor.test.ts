import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CircuitState, CoreEvent } from '../events/events.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { HealthStatus } from '../integration/integration.ts'
import { type FakeClock, fakeClock, recordEvents, seededRandom } from '../testing/index.ts'
import { createHealthMonitor } from './create-monitor.ts'
import type { HealthChanged } from './events.ts'
import type { HealthMonitor } from './monitor.ts'
import type { HealthOptions, HealthTarget } from './options.ts'

/** A source whose traffic says what the test wants. */
function source(name: string) {
  const traffic: {
    status: HealthStatus
    circuit: CircuitState
    nextProbeInMs?: number
    totals: { succeeded: number }
  } = {
    status: 'healthy',
    circuit: 'closed',
    totals: { succeeded: 0 },
  }
  return { name, traffic, snapshot: () => ({ ...traffic }) }
}

/** A check that does what it is told and counts itself. */
function check() {
  const state = {
    does: 'pass' as 'pass' | 'fail' | 'throw' | 'hang' | 'ignore-abort',
    calls: 0,
    running: 0,
    aborted: 0,
    takesMs: 0,
  }
  const run =
    (clock: FakeClock) =>
    ({ signal }: { signal: AbortSignal }): unknown => {
      state.calls += 1
      if (state.does === 'throw') throw new Error('thrown at once')
      state.running += 1
      const ended = (): void => void (state.running -= 1)
      return new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => {
          state.aborted += 1
          if (state.does !== 'ignore-abort') reject(signal.reason)
        })
        if (state.does === 'hang' || state.does === 'ignore-abort') return
        clock.schedule(state.takesMs, () => (state.does === 'pass' ? resolve() : reject(new Error('down'))))
      }).finally(ended)
    }
  return { state, run }
}

function rig(target: Partial<HealthTarget> = {}, options: Partial<HealthOptions> = {}) {
  const clock = fakeClock()
  const crm = source('crm')
  const { state, run } = check()
  const changes: HealthChanged[] = []
  const monitor = createHealthMonitor({
    clock,
    random: () => 0.5,
    integrations: [{ integration: crm, check: run(clock), onChange: (change) => void changes.push(change), ...target }],
    ...options,
  })
  return { clock, crm, state, changes, monitor }
}

function reported(monitor: HealthMonitor) {
  const [first] = monitor.snapshot().integrations
  if (first === undefined) throw new Error('nothing is watched')
  return first
}

describe('active checks', () => {
  it('begin at a random moment of the first interval and come once per interval', async () => {
    const { clock, state, monitor } = rig()
    monitor.start()
    await clock.advance(14_999)
    expect(state.calls).toBe(0)
    await clock.advance(1)
    expect(state.calls).toBe(1)
    await clock.advance(299_999)
    expect(state.calls).toBe(10)
    await clock.advance(1)
    expect(state.calls).toBe(11)
  })

  it('of many instances that start together are spread evenly, and stay so', async () => {
    const clock = fakeClock()
    const random = seededRandom(7)
    const times: number[] = []
    const monitors = Array.from({ length: 100 }, () =>
      createHealthMonitor({
        clock,
        random,
        integrations: [{ integration: source('crm'), check: () => void times.push(clock.now()) }],
        assessMs: 60_000,
      }),
    )
    for (const monitor of monitors) monitor.start()
    await clock.advance(120_000)
    for (const start of [0, 30_000, 90_000]) {
      const buckets = new Array<number>(10).fill(0)
      const some = times.filter((time) => time >= start && time < start + 30_000)
      for (const time of some) buckets[Math.floor((time - start) / 3_000)]! += 1
      expect(Math.max(...buckets) / some.length).toBeLessThan(0.2)
    }
  })

  it('vary their intervals by a fifth either way', async () => {
    const draws = [0, 0, 0.999, 0.5]
    const times: number[] = []
    const clock = fakeClock()
    const monitor = createHealthMonitor({
      clock,
      random: () => draws.shift() ?? 0,
      integrations: [{ integration: source('crm'), check: () => void times.push(clock.now()) }],
    })
    monitor.start()
    await clock.advance(120_000)
    const gaps = times.slice(1).map((time, index) => Math.round((time - times[index]!) / 1_000))
    expect([times[0], ...gaps.slice(0, 3)]).toEqual([0, 24, 36, 30])
  })

  it('may be plain functions, and pass when they return', async () => {
    const { monitor } = rig({ check: () => undefined })
    const results = await monitor.checkNow()
    expect(results).toMatchObject([{ integration: 'crm', outcome: 'passed', durationMs: 0 }])
    expect(results[0]).not.toHaveProperty('code')
  })

  it('fail when they throw at once', async () => {
    const { monitor, state } = rig()
    state.does = 'throw'
    expect(await monitor.checkNow('crm')).toMatchObject([{ outcome: 'failed', code: 'UNKNOWN' }])
  })

  it('are aborted at their time limit and fail then, whether they heed it or not', async () => {
    for (const does of ['hang', 'ignore-abort'] as const) {
      const { monitor, state, clock } = rig({ timeoutMs: 2_000 })
      state.does = does
      const results = monitor.checkNow()
      await clock.advance(1_999)
      expect(state.aborted).toBe(0)
      await clock.advance(1)
      expect(await results).toMatchObject([{ outcome: 'failed', code: 'ATTEMPT_TIMEOUT', durationMs: 2_000 }])
      expect(state.aborted).toBe(1)
      expect(clock.pending).toBe(0)
    }
  })

  it('are not begun while the one before still runs; each that cannot begin counts as failed', async () => {
    const { monitor, state, clock } = rig({}, { jitter: 0 })
    state.does = 'ignore-abort'
    monitor.start()
    await clock.advance(15_000 + 5_000)
    expect(reported(monitor)).toMatchObject({ status: 'degraded', failedInARow: 1 })
    await clock.advance(25_000)
    expect(reported(monitor)).toMatchObject({ status: 'critical', failedInARow: 2 })
    await clock.advance(90_000)
    expect([state.calls, state.running]).toEqual([1, 1])
    expect(reported(monitor).failedInARow).toBe(5)
  })

  it('are begun again after ten intervals when one never ends (B4)', async () => {
    const { monitor, state, clock } = rig({}, { jitter: 0 })
    state.does = 'ignore-abort'
    monitor.start()
    await clock.advance(15_000 + 299_999)
    expect(state.calls).toBe(1)
    state.does = 'pass'
    await clock.advance(1)
    expect(state.calls).toBe(2)
    expect(monitor.status('crm')).toBe('healthy')
  })

  it('that end after their verdict change nothing', async () => {
    let end: () => void = () => undefined
    const { monitor, clock } = rig({
      check: () => new Promise<void>((resolve) => void (end = resolve)),
      timeoutMs: 1_000,
    })
    const results = monitor.checkNow()
    await clock.advance(1_000)
    await results
    end()
    await clock.settle()
    expect(monitor.results('crm')).toHaveLength(1)
    expect(reported(monitor)).toMatchObject({ failedInARow: 1, passedInARow: 0 })
    const again = monitor.checkNow()
    end()
    expect(await again).toMatchObject([{ outcome: 'passed' }])
  })

  it('that a policy refuses say nothing', async () => {
    const { monitor } = rig({
      check: () => {
        throw new HoldfastError({ code: 'CIRCUIT_OPEN', category: 'rejected', message: 'left alone', retryable: true })
      },
    })
    expect(await monitor.checkNow()).toMatchObject([{ outcome: 'ignored', code: 'CIRCUIT_OPEN' }])
    expect(monitor.results('crm')).toEqual([])
    expect(monitor.status('crm')).toBe('healthy')
  })

  it('are kept to the last hundred, with percentiles of those that passed', async () => {
    const { monitor, state, clock } = rig({ intervalMs: 1_000, timeoutMs: 1_000 })
    for (let i = 1; i <= 150; i++) {
      state.does = i % 10 === 0 ? 'fail' : 'pass'
      state.takesMs = i
      const result = monitor.checkNow()
      await clock.advance(i)
      await result
    }
    const results = monitor.results('crm')
    expect(results).toHaveLength(100)
    const passed = results.filter(({ outcome }) => outcome === 'passed').map(({ durationMs }) => durationMs)
    expect([results[0]?.durationMs, passed.length]).toEqual([51, 90])
    // The 45th, 86th and 90th of 90.
    expect(reported(monitor)).toMatchObject({
      failureRatio: 0.1,
      latencyMs: { p50: passed[44], p95: passed[85], p99: passed[89] },
      lastCheck: { outcome: 'failed', durationMs: 150 },
    })
  })

  it('of hundreds of integrations share one timer', async () => {
    const clock = fakeClock()
    let calls = 0
    const monitor = createHealthMonitor({
      clock,
      random: seededRandom(3),
      integrations: Array.from({ length: 500 }, (_, index) => ({
        integration: source(`s-${index}`),
        check: () => void (calls += 1),
      })),
      assessMs: 60_000,
    })
    monitor.start()
    for (let i = 0; i < 6; i++) {
      await clock.advance(5_000)
      expect(clock.pending).toBe(1)
    }
    expect(calls).toBeGreaterThanOrEqual(500)
    expect(calls).toBeLessThan(650)
    expect(monitor.level).toBe('FULL')
    monitor.stop()
    expect(clock.pending).toBe(0)
  })
})

describe('the health of an integration', () => {
  it('is told from checks and traffic, with the reason, to its listener and as an event', async () => {
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const { monitor, state, changes } = rig({}, { events })
    state.does = 'throw'
    await monitor.checkNow()
    await monitor.checkNow()
    state.does = 'pass'
    const passing = monitor.checkNow()
    await Promise.resolve()
    expect(changes.map(({ from, to, reason }) => `${from} ${to} ${reason}`)).toEqual([
      'healthy degraded checks',
      'degraded critical checks',
    ])
    expect(record.of('health-changed')).toEqual(changes)
    expect(record.of('health-checked')).toMatchObject([{ passed: false, code: 'UNKNOWN' }, { passed: false }])
    expect(changes[0]).toEqual({
      type: 'health-changed',
      at: 1_767_225_600_000,
      integration: 'crm',
      from: 'healthy',
      to: 'degraded',
      reason: 'checks',
    })
    monitor.stop()
    await passing
  })

  it('is degraded at most while calls succeed between the failing checks', async () => {
    const { monitor, state, crm, clock } = rig()
    state.does = 'throw'
    for (let i = 0; i < 5; i++) {
      await monitor.checkNow()
      crm.traffic.totals.succeeded += 1
      expect(monitor.status('crm')).toBe('degraded')
      await clock.advance(30_000)
    }
    await monitor.checkNow()
    expect(monitor.status('crm')).toBe('degraded')
    await monitor.checkNow()
    expect(monitor.status('crm')).toBe('critical')
  })

  it('follows the traffic within assessMs once started, and on access when not', async () => {
    const started = rig()
    started.monitor.start()
    started.crm.traffic.status = 'critical'
    await started.clock.advance(1_000)
    expect(started.changes).toMatchObject([{ to: 'critical', reason: 'traffic' }])
    const unstarted = rig({}, { assessMs: 500 })
    unstarted.crm.traffic.status = 'degraded'
    await unstarted.clock.advance(499)
    expect([unstarted.monitor.status('crm'), unstarted.changes.length]).toEqual(['healthy', 0])
    await unstarted.clock.advance(1)
    expect([unstarted.monitor.status('crm'), unstarted.changes.length]).toEqual(['degraded', 1])
    expect(unstarted.clock.pending).toBe(0)
  })

  it('follows a circuit at once when both use the same events', () => {
    const clock = fakeClock()
    const events = createEvents<CoreEvent>()
    const integration = createIntegration({ name: 'crm', clock, events })
    const monitor = createHealthMonitor({ clock, events, integrations: [{ integration, priority: 'high' }] })
    const record = recordEvents(events)
    monitor.start()
    integration.circuit.open()
    expect(record.types).toEqual(['circuit-opened', 'health-changed', 'level-changed'])
    expect(monitor.level).toBe('EMERGENCY')
    monitor.stop()
    integration.circuit.reset()
    expect(record.of('health-changed')).toHaveLength(1)
  })

  it('is critical when the source cannot say', () => {
    const monitor = createHealthMonitor({
      integrations: [
        {
          integration: {
            name: 'crm',
            snapshot() {
              throw new Error('broken')
            },
          },
        },
      ],
    })
    expect([monitor.status('crm'), monitor.level]).toEqual(['critical', 'EMERGENCY'])
  })

  it('is known by its own uptime', async () => {
    const { monitor, crm, clock } = rig()
    monitor.start()
    await clock.advance(10_000)
    crm.traffic.status = 'critical'
    await clock.advance(10_000)
    crm.traffic.status = 'degraded'
    await clock.advance(20_000)
    clock.setWallTime(0)
    const { uptime, since } = reported(monitor)
    expect(uptime).toMatchObject({
      availability: 0.75,
      outages: 1,
      mttrMs: 10_000,
      mtbfMs: 30_000,
      downSince: undefined,
    })
    expect(uptime.lastOutages[0]?.at).toBe(1_767_225_600_000 + 11_000)
    expect(since).toBe(1_767_225_600_000 + 21_000)
  })

  it('is asked of names that are watched only', async () => {
    const { monitor } = rig()
    for (const ask of [() => monitor.status('erp'), () => monitor.isUsable('erp'), () => monitor.results('erp')]) {
      expect(ask).toThrow("integration must be one of crm, but is 'erp'")
    }
    await expect(monitor.checkNow('erp')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('is not touched by listeners that throw or reject', async () => {
    const { monitor, state } = rig(
      {
        onChange: () => {
          throw new Error('a bad listener')
        },
      },
      {
        onLevelChange: () => {
          throw new Error('a bad listener')
        },
      },
    )
    state.does = 'throw'
    monitor.on(() => {
      throw new Error('a bad listener')
    })
    await monitor.checkNow()
    await monitor.checkNow()
    expect([monitor.status('crm'), monitor.level]).toEqual(['critical', 'EMERGENCY'])
  })
})

describe('stopping', () => {
  it('leaves no timer and begins no check any more (B19)', async () => {
    const { monitor, clock, state, crm, changes } = rig()
    monitor.start()
    await clock.advance(20_000)
    expect(state.calls).toBe(1)
    monitor.stop()
    monitor.stop()
    expect(clock.pending).toBe(0)
    crm.traffic.status = 'critical'
    await clock.advance(600_000)
    expect([state.calls, changes.length, clock.pending]).toEqual([1, 0, 0])
  })

  it('aborts checks under way, which count for nothing, and frees who waits for them', async () => {
    const { monitor, clock, state } = rig()
    state.does = 'hang'
    monitor.start()
    const results = monitor.checkNow()
    await clock.advance(100)
    monitor.stop()
    expect(state.aborted).toBe(1)
    expect(await results).toMatchObject([{ outcome: 'ignored', code: 'CANCELLED' }])
    await clock.settle()
    expect(clock.pending).toBe(0)
    expect([monitor.status('crm'), monitor.results('crm')]).toEqual(['healthy', []])
  })

  it('holds when a listener does it in the middle of a check, an assessment or a start', async () => {
    const { monitor, clock, state, crm } = rig()
    monitor.on(() => monitor.stop())
    state.does = 'throw'
    monitor.start()
    await clock.advance(15_000)
    expect(clock.pending).toBe(0)
    crm.traffic.status = 'critical'
    monitor.start()
    expect(clock.pending).toBe(0)
    await clock.advance(100_000)
    expect(state.calls).toBe(1)
  })

  it('holds when a check does it: the others that were due do not begin', async () => {
    const clock = fakeClock()
    let calls = 0
    const monitor = createHealthMonitor({
      clock,
      random: () => 0.5,
      integrations: ['a', 'b', 'c'].map((name) => ({
        integration: source(name),
        check: () => {
          calls += 1
          monitor.stop()
        },
      })),
    })
    monitor.start()
    await clock.advance(15_000)
    expect([calls, clock.pending, monitor.results('a')]).toEqual([1, 0, []])
  })

  it('may be followed by another start', async () => {
    const { monitor, clock, state } = rig()
    monitor.start()
    monitor.start()
    expect(clock.pending).toBe(1)
    monitor.stop()
    monitor.start()
    await clock.advance(15_000)
    expect(state.calls).toBe(1)
  })
})

describe('a check by hand', () => {
  it('joins one that is under way', async () => {
    const { monitor, clock, state } = rig()
    state.takesMs = 1_000
    const results = [monitor.checkNow(), monitor.checkNow('crm')]
    await clock.advance(1_000)
    const [first, second] = await Promise.all(results)
    expect(state.calls).toBe(1)
    expect(first).toEqual(second)
    expect(monitor.results('crm')).toHaveLength(1)
  })

  it('lets its caller leave at once, with the reason', async () => {
    const { monitor, clock, state } = rig()
    state.does = 'hang'
    const controller = new AbortController()
    const results = monitor.checkNow(undefined, controller.signal)
    await clock.settle()
    const reason = { why: 'enough' }
    controller.abort(reason)
    await expect(results).rejects.toBe(reason)
    await expect(monitor.checkNow('crm', controller.signal)).rejects.toBe(reason)
    expect(state.calls).toBe(1)
    await clock.advance(5_000)
    expect([monitor.results('crm').length, clock.pending]).toEqual([1, 0])
  })

  it('keeps the process alive, while the rest does not', async () => {
    const fake = fakeClock()
    const alive = new Map<number, boolean>()
    let made = 0
    const clock = {
      now: () => fake.now(),
      wallTime: () => fake.wallTime(),
      sleep: (ms: number, signal?: AbortSignal) => fake.sleep(ms, signal),
      schedule(ms: number, callback: () => void) {
        const id = (made += 1)
        alive.set(id, true)
        const task = fake.schedule(ms, () => {
          alive.delete(id)
          callback()
        })
        return {
          cancel: () => (alive.delete(id), task.cancel()),
          keepAlive: (isAlive: boolean) => void alive.set(id, isAlive),
        }
      },
    }
    const monitor = createHealthMonitor({
      clock,
      integrations: [{ integration: source('crm'), check: () => new Promise(() => undefined) }],
    })
    monitor.start()
    await fake.advance(90_000)
    expect([...alive.values()]).toEqual([false])
    monitor.stop()
    await fake.settle()
    const results = monitor.checkNow()
    await fake.settle()
    expect([...alive.values()], 'one hangs already, so that nothing is waited for').toEqual([])
    await results
    const other = createHealthMonitor({
      clock,
      integrations: [{ integration: source('crm'), check: () => new Promise(() => undefined) }],
    })
    other.start()
    const waiting = other.checkNow()
    expect([...alive.values()]).toEqual([true])
    await fake.advance(5_000)
    await waiting
    expect([...alive.values()]).toEqual([false])
    other.stop()
  })
})
