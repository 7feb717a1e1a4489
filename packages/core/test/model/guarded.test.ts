import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/testing/index.ts'
import type { Behaviour, StreamCourse } from '../harness/dependency.ts'
import { FAULT_NAMES } from '../harness/faults.ts'
import type { Guarding, Plan } from '../harness/guarded.ts'
import { VirtualClock } from '../harness/virtual-clock.ts'
import { type CallPlan, finish, World } from '../harness/world.ts'

const RUNS = Number(process.env['MODEL_RUNS'] ?? 300)

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<T> => ({ weight, arbitrary })

const when = fc.oneof(fc.constant<'at-once'>('at-once'), fc.constantFrom(0, 1, 30, 100, 250, 600, 1_000, 1_500))
const ignoresSignal = fc.boolean()

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  often(4, fc.record({ does: fc.constant('answer' as const), when, ignoresSignal })),
  often(
    6,
    fc.record({ does: fc.constant('fail' as const), when, fault: fc.constantFrom(...FAULT_NAMES), ignoresSignal }),
  ),
  often(2, fc.record({ does: fc.constant('hang' as const), ignoresSignal })),
  often(1, fc.record({ does: fc.constant('abort-caller' as const), ignoresSignal: fc.constant(false) })),
)

const stream: fc.Arbitrary<StreamCourse> = fc.record({
  chunks: fc.array(
    fc.record({
      kind: fc.constantFrom(
        'ping' as const,
        'text' as const,
        'text' as const,
        'text' as const,
        'fault' as const,
        'end' as const,
      ),
      afterMs: fc.constantFrom(0, 0, 50, 400),
    }),
    { maxLength: 5 },
  ),
  then: fc.constantFrom('close' as const, 'close' as const, 'hang' as const, 'error' as const),
})
const opening: fc.Arbitrary<Behaviour> = fc.oneof(
  often(3, fc.record({ does: fc.constant('answer' as const), when, stream, ignoresSignal })),
  often(
    1,
    behaviour.filter(({ does }) => does !== 'answer'),
  ),
)

const guarding: fc.Arbitrary<Guarding> = fc.record({
  deadlineMs: fc.constantFrom(500, 1_000, 3_000),
  attemptTimeoutMs: fc.constantFrom(100, 500),
  idleTimeoutMs: fc.constantFrom(100, 300),
  reserveMs: fc.constantFrom(0, 0, 100),
  retry: fc.record({
    maxRetries: fc.constantFrom(0, 1, 2, 3),
    backoffMs: fc.constantFrom(0, 10, 50),
    budgetRatio: fc.constantFrom(0, 0.2, 1),
    budgetFloor: fc.constantFrom(0, 2, 10),
  }),
  hedge: fc.oneof(
    fc.constant<false>(false),
    fc.record({
      delayMs: fc.constantFrom(0, 50, 100, 400),
      maxHedges: fc.constantFrom(1, 3),
      budgetRatio: fc.constantFrom(0.1, 1),
      budgetFloor: fc.constantFrom(0, 5),
    }),
    fc.record({ quantile: fc.constant(0.9), minimumCalls: fc.constantFrom(1, 3) }),
  ),
  breaker: fc.record({
    windowMs: fc.constantFrom(1_000, 10_000),
    windowCalls: fc.constantFrom(0, 0, 5),
    minimumCalls: fc.constantFrom(2, 4),
    failureRatio: fc.constantFrom(0.5, 1),
    slowCallMs: fc.constantFrom(80, Infinity),
    consecutiveFailures: fc.constantFrom(0, 3),
    openMs: fc.constantFrom(100, 1_000),
    halfOpenProbes: fc.constantFrom(1, 2),
    halfOpenSuccesses: fc.constantFrom(1, 2),
    probeLeaseMs: fc.constantFrom(50, 600),
    rampUpMs: fc.constantFrom(0, 1_000),
  }),
})

const plan: fc.Arbitrary<Plan> = guarding.chain((own) =>
  fc.record({
    ...(Object.fromEntries(Object.entries(own).map(([key, value]) => [key, fc.constant(value)])) as {
      [Key in keyof Guarding]: fc.Arbitrary<Guarding[Key]>
    }),
    as: fc.constantFrom('integration' as const, 'pipeline' as const),
    bulkhead: fc.oneof(
      fc.constant<false>(false),
      fc.record({
        maxConcurrent: fc.constantFrom(1, 2, 4),
        maxQueued: fc.constantFrom(0, 2, 4),
        maxQueueMs: fc.constantFrom(50, 500, Infinity),
      }),
    ),
    limiter: fc.oneof(
      fc.constant<false>(false),
      fc.record({
        limit: fc.constantFrom(2, 5),
        intervalMs: fc.constantFrom(100, 1_000),
        maxWaitMs: fc.constantFrom(0, 200, 2_000),
      }),
    ),
    goodput: fc.boolean(),
    others: fc.subarray(['capacity', 'throttle', 'adaptive'] as const),
    turnstiles: fc.array(
      fc.record({
        perCall: fc.boolean(),
        answers: fc.array(
          fc.oneof(
            often(6, fc.constantFrom('admit' as const, 'admit' as const, 'admit' as const, 'refuse' as const, 20, 300)),
            often(1, fc.constantFrom('never' as const, 'late' as const)),
          ),
          {
            minLength: 1,
            maxLength: 7,
          },
        ),
      }),
      { maxLength: 2 },
    ),
    chaos: fc.oneof(
      often(3, fc.constant([])),
      often(
        1,
        fc.constant([
          { inject: 'latency' as const, latencyMs: 120, rate: 0.3 },
          { inject: 'fault' as const, error: () => Object.assign(new Error('struck'), { status: 500 }), rate: 0.2 },
          { inject: 'hang' as const, rate: 0.1 },
          { inject: 'result' as const, value: 'made up', rate: 0.1 },
        ]),
      ),
    ),
  }),
)

interface Signals {
  /** One that many calls share, replaced once it has aborted. */
  shared: AbortController
  readonly own: AbortController[]
}

type Real = World
type Command = fc.AsyncCommand<Signals, Real>

/** A command is what it does; afterwards everything that can go on does, and what must hold is looked at. */
class Step implements Command {
  readonly #name: string
  readonly #act: (world: World, signals: Signals) => void | Promise<void>

  constructor(name: string, act: (world: World, signals: Signals) => void | Promise<void>) {
    this.#name = name
    this.#act = act
  }

  check(): boolean {
    return true
  }

  async run(signals: Signals, world: World): Promise<void> {
    await this.#act(world, signals)
    await world.clock.settle()
    world.check()
    const timers = world.clock.pending - world.foreignTimers
    if (world.live.length === 0 && timers > 0) world.violate(`${timers} timers are left`)
    expect(world.violations).toEqual([])
  }

  toString(): string {
    return this.#name
  }
}

const call = fc
  .record({
    script: fc.array(behaviour, { minLength: 1, maxLength: 4 }),
    openings: fc.array(opening, { minLength: 1, maxLength: 3 }),
    signal: fc.constantFrom('none', 'own', 'own', 'shared'),
    deadlineMs: fc.constantFrom(Infinity, Infinity, 50, 120, 1_000),
    idempotent: fc.constantFrom(true, true, true, false),
    priority: fc.constantFrom('high' as const, 'medium' as const, 'low' as const),
    tenant: fc.constantFrom('a', 'b'),
    reader: fc.option(fc.record({ chunks: fc.nat(5), then: fc.constantFrom('cancel' as const, 'stall' as const) }), {
      freq: 3,
      nil: undefined,
    }),
  })
  .map((what) => {
    const { script, openings, signal, reader, ...rest } = what
    const steps = reader === undefined ? script : openings
    // Who shares a signal is not aborted by one of the others in the middle of a step.
    const behaviours = steps.map((step): Behaviour =>
      step.does === 'abort-caller' && signal !== 'own' ? { does: 'hang', ignoresSignal: false } : step,
    )
    return new Step(`call(${fc.stringify({ ...rest, signal, reader, script: behaviours })})`, (world, signals) => {
      const controller = signal === 'none' ? undefined : signal === 'own' ? new AbortController() : signals.shared
      if (signal === 'own' && controller !== undefined) signals.own.push(controller)
      const plan: CallPlan = { ...rest, controller, script: behaviours, ...(reader === undefined ? {} : { reader }) }
      world.call(plan)
    })
  })

const advance = fc
  .constantFrom(1, 10, 50, 50, 100, 100, 300, 500, 1_000, 5_000, 30_000)
  .map((ms) => new Step(`advance(${ms})`, (world) => world.clock.advance(ms)))

const abort = fc.tuple(fc.nat(20), fc.boolean()).map(
  ([pick, isShared]) =>
    new Step(`abort(${isShared ? 'shared' : pick})`, (world, signals) => {
      const { own } = signals
      const controller = isShared ? signals.shared : own.splice(pick % Math.max(1, own.length), 1)[0]
      if (isShared) signals.shared = new AbortController()
      if (controller === undefined) return
      const before = world.ledger.counted
      const window = world.guarded.integration?.snapshot().window
      world.abort(controller, { gaveUp: pick })
      const after = world.guarded.integration?.snapshot().window
      if (window !== undefined && after !== undefined && after.calls - window.calls > world.ledger.counted - before) {
        world.violate('an abort counts in the breaker’s window')
      }
    }),
)

const turn = fc.constantFrom('open' as const, 'close' as const, 'isolate' as const, 'reset' as const).map(
  (to) =>
    new Step(to, (world) => {
      world.guarded.circuit[to]()
      if (to === 'reset' && world.guarded.integration !== undefined) world.ledger.gateOpened()
    }),
)

const commands = fc.commands(
  [
    call,
    call,
    call,
    call,
    advance,
    advance,
    advance,
    abort,
    turn,
    guarding.map((to) => new Step(`reconfigure(${fc.stringify(to)})`, (world) => world.reconfigure(to))),
    fc.nat(20).map((pick) => new Step(`release(${pick})`, (world) => world.release(pick))),
    fc.boolean().map((on) => new Step(`chaos(${on})`, (world) => world.switchChaos(on))),
  ],
  { maxCommands: 60, size: 'max' },
)

describe('an integration or a pipeline with everything in it, under any order of calls, results, aborts, waits and changes', () => {
  it('ends every call once and in time, and gives everything back', async () => {
    await fc.assert(
      fc.asyncProperty(plan, fc.boolean(), fc.nat(), commands, async (plan, sharesTasks, seed, sequence) => {
        const world = new World(plan, new VirtualClock({ sharesTasks }), seededRandom(seed))
        const signals = { shared: new AbortController(), own: [] }
        await fc.asyncModelRun(() => ({ model: signals, real: world }), sequence)
        await finish(world.clock, world)
        expect(world.violations).toEqual([])
      }),
      { numRuns: RUNS },
    )
  })
})
