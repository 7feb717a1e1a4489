import type { Guarding, Plan } from '../harness/guarded.ts'
import { VirtualClock } from '../harness/virtual-clock.ts'
import { type CallPlan, finish, World } from '../harness/world.ts'
import { Dice } from './dice.ts'
import { ChangingWeather } from './weather.ts'

const HOUR_MS = 3_600_000
const CHECK_MS = 30_000

/** What came of one simulated hour. */
export interface HourReport {
  readonly violations: readonly string[]
  /** The numbers of the hour: the same for the same seed. */
  readonly calls: number
  readonly resolved: number
  readonly attempts: number
  readonly hedges: number
  readonly rejected: number
  readonly circuitChanges: number
  readonly timers: number
}

function guardingOf(dice: Dice): Guarding {
  const deadlineMs = dice.pick(2_000, 5_000, 10_000)
  return {
    deadlineMs,
    attemptTimeoutMs: dice.pick(500, 1_000, 2_000),
    idleTimeoutMs: dice.pick(200, 1_000),
    reserveMs: dice.pick(0, 0, 200),
    retry: {
      maxRetries: dice.pick(0, 1, 2, 3),
      backoffMs: dice.pick(0, 20, 200),
      budgetRatio: dice.pick(0, 0.1, 0.2, 1),
      budgetFloor: dice.pick(0, 3, 10),
    },
    hedge: dice.pick<Guarding['hedge']>(
      false,
      { delayMs: dice.pick(50, 300), maxHedges: dice.pick(1, 2), budgetRatio: 0.2, budgetFloor: 5 },
      { quantile: 0.95, minimumCalls: 10 },
    ),
    breaker: {
      windowMs: dice.pick(5_000, 30_000),
      windowCalls: dice.pick(0, 0, 20),
      rule: dice.pick('ratio', 'ratio', 'wilson'),
      minimumCalls: dice.pick(3, 5, 10),
      failureRatio: dice.pick(0.3, 0.5),
      slowCallMs: dice.pick(800, 5_000),
      consecutiveFailures: dice.pick(0, 0, 4),
      openMs: dice.pick(1_000, 5_000),
      halfOpenProbes: dice.pick(1, 3),
      halfOpenSuccesses: dice.pick(1, 2, 3),
      probeLeaseMs: dice.pick(1_500, 30_000),
      rampUpMs: dice.pick(0, 5_000, 30_000),
    },
  }
}

function planOf(dice: Dice): Plan {
  return {
    ...guardingOf(dice),
    as: dice.pick('integration', 'integration', 'pipeline'),
    bulkhead: dice.pick<Plan['bulkhead']>(
      false,
      { maxConcurrent: dice.pick(1, 3), maxQueued: dice.pick(0, 5), maxQueueMs: dice.pick(300, 2_000) },
      { maxConcurrent: dice.pick(1, 3), maxQueued: 5, maxQueueMs: Infinity },
    ),
    limiter: dice.pick<Plan['limiter']>(
      false,
      { limit: dice.pick(2, 10), intervalMs: 1_000, maxWaitMs: dice.pick(0, 1_000, 20_000) },
      { algorithm: 'sliding-window', limit: 10, intervalMs: 10_000, maxWaitMs: dice.pick(0, 3_000) },
    ),
    goodput: dice.chance(0.7),
    others: dice.pick<Plan['others']>([], [], ['capacity'], ['throttle'], ['adaptive'], ['throttle', 'adaptive']),
    turnstiles: dice.chance(0.3)
      ? [
          { perCall: dice.chance(0.3), answers: ['admit', 'admit', 'admit', 40, 'admit', 'refuse'] },
          { perCall: dice.chance(0.3), answers: ['admit', 'admit', 700, 'admit', 'admit', 'admit', 'refuse'] },
        ]
      : [],
    chaos: dice.chance(0.2)
      ? [
          { inject: 'latency', latencyMs: 300, rate: 0.2 },
          { inject: 'fault', error: () => Object.assign(new Error('struck'), { status: 500 }), rate: 0.2 },
          { inject: 'hang', rate: 0.05 },
        ]
      : [],
  }
}

/** Callers of one dependency: they come at random, more at some times than at others, and some of them leave. */
class Traffic {
  readonly #dice: Dice
  readonly #world: World
  readonly #weather: ChangingWeather
  /** What many calls share, such as a connection's signal. */
  #shared = new AbortController()
  #meanMs: number
  #busyUntil = 0

  constructor(dice: Dice, world: World) {
    this.#dice = dice
    this.#world = world
    this.#weather = new ChangingWeather(dice)
    this.#meanMs = dice.between(30_000, 90_000)
  }

  begin(): void {
    this.#next()
    this.#turnKnob()
  }

  #next(): void {
    const now = this.#world.clock.now()
    if (now >= this.#busyUntil && this.#dice.chance(0.06)) this.#busyUntil = now + this.#dice.between(500, 4_000)
    const meanMs = now < this.#busyUntil ? 100 : this.#meanMs
    this.#later(meanMs, () => {
      this.#call()
      this.#next()
    })
  }

  #call(): void {
    const dice = this.#dice
    const world = this.#world
    const streams = dice.chance(0.2)
    const isOwn = dice.chance(0.3)
    const controller = isOwn ? new AbortController() : dice.chance(0.3) ? this.#shared : undefined
    const plan: CallPlan = {
      script: () => this.#weather.behaviour(world.clock.now(), streams),
      controller,
      idempotent: dice.chance(0.7),
      priority: dice.pick('high', 'medium', 'medium', 'low'),
      tenant: dice.pick('a', 'b', 'c'),
      ...(dice.chance(0.2) ? { deadlineMs: Math.round(dice.between(50, 3_000)) } : {}),
      ...(streams ? { reader: { chunks: dice.pick(0, 2, 100), then: dice.pick('cancel', 'cancel', 'stall') } } : {}),
    }
    world.call(plan)
    if (isOwn && controller !== undefined && dice.chance(0.5)) {
      world.clock.schedule(dice.gapMs(500), () => world.abort(controller, { gaveUp: true }))
    }
  }

  /** Does something after a random time, unless the hour is over by then. */
  #later(meanMs: number, act: () => void): void {
    const { clock } = this.#world
    const gapMs = this.#dice.gapMs(meanMs)
    if (clock.now() + gapMs < HOUR_MS) clock.schedule(gapMs, act)
  }

  /** Somebody is at the console now and then. */
  #turnKnob(): void {
    const dice = this.#dice
    const world = this.#world
    this.#later(300_000, () => {
      const to = dice.pick('open', 'close', 'isolate', 'reset', 'abort', 'abort', 'reconfigure', 'chaos', 'chaos')
      if (to === 'abort') {
        world.abort(this.#shared, { leftTogether: true })
        this.#shared = new AbortController()
      } else if (to === 'reconfigure') {
        world.reconfigure(guardingOf(dice))
      } else if (to === 'chaos') {
        world.switchChaos(dice.chance(0.5))
      } else {
        world.guarded.circuit[to]()
        if (to === 'reset' && world.guarded.integration !== undefined) world.ledger.gateOpened()
        // Nobody leaves it switched off for long.
        if (to === 'isolate') world.clock.schedule(60_000, () => world.guarded.circuit.close())
      }
      this.#turnKnob()
    })
  }
}

/** One hour of three dependencies and their callers. */
export async function simulateHour(seed: number): Promise<HourReport> {
  const dice = new Dice(seed)
  const clock = new VirtualClock({ sharesTasks: dice.chance(0.5) })
  const worlds = [1, 2, 3].map(() => new World(planOf(dice), clock, dice.random))
  for (const world of worlds) new Traffic(dice, world).begin()
  const check = (): void => {
    for (const world of worlds) world.check()
    if (clock.now() < HOUR_MS) clock.schedule(CHECK_MS, check)
  }
  check()
  await clock.advance(HOUR_MS + CHECK_MS)
  await finish(clock, ...worlds)
  const sum = (count: (world: World) => number): number => worlds.reduce((total, world) => total + count(world), 0)
  return {
    violations: worlds.flatMap(({ violations }, place) => violations.map((what) => `dependency ${place + 1} ${what}`)),
    calls: sum(({ accepted }) => accepted),
    resolved: sum(({ resolved }) => resolved),
    attempts: sum(({ ledger }) => ledger.counts.attempts),
    hedges: sum(({ ledger }) => ledger.counts.hedges),
    rejected: sum(({ ledger }) => ledger.counts.rejected),
    circuitChanges: sum(({ ledger }) => ledger.generation),
    timers: clock.ran,
  }
}
