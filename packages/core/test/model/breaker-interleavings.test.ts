import { describe, expect, it } from 'vitest'
import { breakerOf } from '../../src/breaker/create-breaker.ts'
import { resolveBreakerOptions } from '../../src/breaker/options.ts'
import {
  type AttemptOutcome,
  type Breaker,
  type BreakerPermit,
  type BreakerSnapshot,
  createEvents,
} from '../../src/index.ts'
import { VirtualClock } from '../harness/virtual-clock.ts'

const OPEN_MS = 1_000
const LEASE_MS = 10_000
const PROBES = 2
const OUTCOMES = ['success', 'failure', 'ignored'] as const satisfies AttemptOutcome[]

const OPTIONS = resolveBreakerOptions('crm', {
  windowMs: 100_000,
  minimumCalls: 2,
  failureRatio: 0.6,
  consecutiveFailures: 0,
  openMs: OPEN_MS,
  openJitter: 0,
  halfOpenProbes: PROBES,
  halfOpenSuccesses: 2,
  probeLeaseMs: LEASE_MS,
  rampUpMs: 0,
})

const NOBODY = createEvents<never>()

/** What happens to a circuit from outside: time goes by, perhaps so much that probes lose their lease, or somebody switches it. */
type Transition = 'wait' | 'expire' | 'open' | 'close' | 'isolate'
/** A call asks for leave; the oldest call of a generation ends; the next transition comes. */
type Step = 'ask' | `${(typeof OUTCOMES)[number]} ${number}` | 'transition'

interface Held {
  readonly permit: BreakerPermit
  readonly state: string
  /** A probe that hung so long that another was sent: its failure says nothing any more. */
  isOvertaken: boolean
}

/** One order of events, replayed on a circuit of its own. Steps must be valid; what must not be is an error. */
class Run {
  readonly clock = new VirtualClock()
  readonly breaker: Breaker = breakerOf('crm', OPTIONS, { clock: this.clock, random: () => 0.5, events: NOBODY })
  readonly held: Held[] = []
  /** Results that counted in this generation. */
  #counted = 0
  #successes = 0
  #generation = 0
  #probedAt = Infinity

  /** Permits in classes of those that are as good as each other. */
  get classes(): readonly string[] {
    return this.held.map(({ permit, isOvertaken }) => `${permit.generation} ${isOvertaken}`)
  }

  ask(): void {
    const { breaker } = this
    const before = breaker.snapshot()
    this.#note(before)
    const expected = breaker.wouldAdmit()
    const answer = breaker.tryAcquire()
    const { state, generation } = before
    hold(answer.admitted === expected, 'it gives leave that it said it would not give, or the other way round')
    hold(state !== 'closed' || answer.admitted, 'a closed circuit refuses')
    hold((state !== 'open' && state !== 'isolated') || !answer.admitted, `an ${state} circuit gives leave`)
    if (state === 'half-open') {
      const areAllOut = this.#probes(generation) >= PROBES
      const theyHang = this.clock.now() >= this.#probedAt + OPEN_MS
      hold(answer.admitted === (!areAllOut || theyHang), 'a probe is free and is not given, or the other way round')
      if (!answer.admitted) return
      this.#probedAt = this.clock.now()
      if (areAllOut) for (const held of this.held) held.isOvertaken = true
    }
    if (!answer.admitted) return
    hold(answer.generation === generation, 'a permit is of another generation')
    this.held.push({ permit: answer, state, isOvertaken: false })
  }

  settle(place: number, outcome: AttemptOutcome): void {
    const { breaker } = this
    const before = breaker.snapshot()
    this.#note(before)
    const couldAdmit = breaker.wouldAdmit()
    const [{ permit, state, isOvertaken }] = this.held.splice(place, 1) as [Held]
    permit.settle(outcome)
    const after = breaker.snapshot()
    if (permit.generation !== before.generation) {
      hold(
        isSame(before, after),
        `a ${outcome} of generation ${permit.generation} changes generation ${before.generation}`,
      )
      hold(breaker.wouldAdmit() === couldAdmit, 'a stale result frees, or takes, a probe')
    } else if (outcome === 'ignored') {
      hold(isSame(before, after), 'an ignored result changes something')
      if (state === 'half-open' && this.#probes(after.generation) < PROBES)
        hold(breaker.wouldAdmit(), 'a probe is lost')
    } else {
      this.#ended(before, after, outcome, isOvertaken)
    }
    permit.settle('failure')
    hold(isSame(after, breaker.snapshot()), 'a permit settles twice')
  }

  change(to: Transition): void {
    const before = this.breaker.snapshot()
    if (to === 'wait') {
      this.clock.jump(OPEN_MS)
      const { state } = this.breaker
      hold(before.state !== 'open' || state === 'half-open', 'an open circuit does not go half-open in time')
      hold(before.state === 'open' || state === before.state, 'time alone changes what it must not')
      return
    }
    if (to === 'expire') {
      const hangs = this.held.some(({ permit, isOvertaken }) => permit.generation === before.generation && !isOvertaken)
      this.clock.jump(LEASE_MS)
      const { generation } = this.breaker.snapshot()
      const isOver = before.state === 'half-open' && hangs
      hold(before.state === 'open' || generation > before.generation === isOver, 'a probe that hangs is waited for')
      return
    }
    this.breaker[to]()
    hold(this.breaker.snapshot().generation === before.generation + 1, 'a switch begins no generation')
  }

  /** Whatever happened, a circuit that nobody has switched off comes back. */
  recovers(): void {
    const { breaker } = this
    if (breaker.state === 'isolated') breaker.close()
    while (this.held.length > 0) this.settle(0, 'ignored')
    for (let tries = 0; breaker.state !== 'closed'; tries++) {
      hold(tries < 10, 'it never closes again')
      this.clock.jump(60_000)
      const answer = breaker.tryAcquire()
      if (answer.admitted) answer.settle('success')
    }
  }

  #ended(before: BreakerSnapshot, after: BreakerSnapshot, outcome: AttemptOutcome, isOvertaken: boolean): void {
    this.#counted += 1
    if (outcome === 'success') this.#successes += 1
    hold(outcome !== 'success' || after.state !== 'open', 'a success opens')
    if (before.state === 'half-open') {
      const closes = outcome === 'success' && this.#successes >= 2
      const opens = outcome === 'failure' && !isOvertaken
      hold((after.state === 'open') === opens, 'a failed probe does not open, or another result does')
      hold(outcome !== 'success' || (after.state === 'closed') === closes, 'it closes too early, or too late')
    }
    if (before.state === 'closed' && after.state === 'closed') {
      hold(after.window.calls === this.#counted, `${after.window.calls} calls are counted, not ${this.#counted}`)
    }
  }

  #probes(generation: number): number {
    return this.held.filter(({ permit }) => permit.generation === generation).length
  }

  #note({ generation }: BreakerSnapshot): void {
    if (generation === this.#generation) return
    this.#generation = generation
    this.#counted = 0
    this.#successes = 0
    this.#probedAt = Infinity
  }
}

function hold(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise)
}

function isSame(a: BreakerSnapshot, b: BreakerSnapshot): boolean {
  return (
    a.state === b.state &&
    a.generation === b.generation &&
    a.window.calls === b.window.calls &&
    a.window.failures === b.window.failures &&
    a.nextProbeInMs === b.nextProbeInMs
  )
}

/** Goes through every order in which so many calls begin and end and the transitions come between them. @returns how many there are. */
function searchAll(calls: number, transitions: readonly Transition[]): number {
  let orders = 0
  const path: Step[] = []

  const take = (run: Run, step: Step, changed: number): void => {
    if (step === 'ask') {
      run.ask()
    } else if (step === 'transition') {
      run.change(transitions[changed] as Transition)
    } else {
      const [outcome, place] = step.split(' ') as [AttemptOutcome, string]
      run.settle(Number(place), outcome)
    }
  }
  const replay = (): Run => {
    const run = new Run()
    let changed = 0
    for (const step of path) take(run, step, step === 'transition' ? changed++ : changed)
    return run
  }
  const search = (run: Run, asked: number, changed: number): void => {
    const { classes } = run
    const steps: Step[] = []
    if (asked < calls) steps.push('ask')
    if (changed < transitions.length) steps.push('transition')
    for (const [place, one] of classes.entries()) {
      if (classes.indexOf(one) === place) steps.push(...OUTCOMES.map((outcome): Step => `${outcome} ${place}`))
    }
    if (steps.length === 0) {
      orders += 1
      run.recovers()
    }
    for (const [index, step] of steps.entries()) {
      // The last way on needs no copy.
      const next = index === steps.length - 1 ? run : replay()
      path.push(step)
      take(next, step, changed)
      search(next, asked + (step === 'ask' ? 1 : 0), changed + (step === 'transition' ? 1 : 0))
      path.pop()
    }
  }
  try {
    search(new Run(), 0, 0)
  } catch (error) {
    throw new Error(`${path.join(', ')} (of ${transitions.join(', ')}): ${String(error)}`, { cause: error })
  }
  return orders
}

/** Every sequence of so many changes. */
function sequences(length: number, kinds: readonly Transition[]): Transition[][] {
  if (length === 0) return [[]]
  return sequences(length - 1, kinds).flatMap((rest) => kinds.map((kind) => [kind, ...rest]))
}

describe('a breaker in every order of events there is', () => {
  it('lets no late result change it, and loses no probe: 2 calls and 3 changes of all kinds (B2, B3, B5, B40)', () => {
    for (const changes of sequences(3, ['wait', 'open', 'close', 'isolate'])) {
      expect(searchAll(2, changes)).toBeGreaterThan(50)
    }
  })

  it('does so with 3 calls and 3 openings, waits and closings', { timeout: 60_000 }, () => {
    for (const changes of sequences(3, ['wait', 'open', 'close'])) expect(searchAll(3, changes)).toBeGreaterThan(300)
  })

  it('waits for no probe longer than its lease: 3 calls around an opening and two waits (B4)', () => {
    expect(searchAll(3, ['open', 'wait', 'expire'])).toBeGreaterThan(300)
  })

  it('does so with 4 calls around an opening, a wait and a closing', { timeout: 60_000 }, () => {
    expect(searchAll(4, ['open', 'wait', 'close'])).toBeGreaterThan(10_000)
  })
})
