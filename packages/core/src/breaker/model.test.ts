/* oxlint-disable vitest/no-standalone-expect -- in a model-based test the commands make the assertions */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptOutcome } from '../events/events.ts'
import { fakeClock, type FakeClock } from '../testing/index.ts'
import type { Breaker, BreakerPermit } from './breaker.ts'
import { createBreaker } from './create-breaker.ts'

/** Long times, so that what happens can be seen. */
const CALM = { windowMs: 30_000, consecutiveFailures: 0, openMs: 5_000, maxOpenMs: 60_000, rampUpMs: 30_000 }

const OPTIONS = {
  windowMs: 10_000,
  minimumCalls: 3,
  openMs: 1_000,
  openJitter: 0,
  halfOpenProbes: 2,
  halfOpenSuccesses: 2,
  probeLeaseMs: 4_000,
  rampUpMs: 5_000,
  rampUpMinimumShare: 0.5,
}

interface Passenger {
  readonly permit: BreakerPermit
  /** When its permit goes to another one, if it is a probe. */
  readonly leaseEnd: number
}

/** What must be true of a breaker, told from outside: which permits are out, and in which generation they were given. */
interface Model {
  readonly out: Passenger[]
  /** The generation in which a probe went beside others that hang: then an older one's end says nothing. */
  relieved: number
}

interface Real {
  readonly clock: FakeClock
  readonly breaker: Breaker
}

/** Permits of this generation that are out and still have their lease. */
function probesOut(model: Model, generation: number, now: number): number {
  return model.out.filter(({ permit, leaseEnd }) => permit.generation === generation && now < leaseEnd).length
}

class Acquire implements fc.AsyncCommand<Model, Real> {
  check(): boolean {
    return true
  }

  async run(model: Model, { breaker, clock }: Real): Promise<void> {
    const { state, generation } = breaker.snapshot()
    const expected = breaker.wouldAdmit()
    const admission = breaker.tryAcquire()
    expect(admission.admitted).toBe(expected)
    if (state === 'open' || state === 'isolated') expect(admission.admitted).toBe(false)
    if (state === 'closed') expect(admission.admitted).toBe(true)
    // Beside probes that hang another one goes, after a while.
    if (state === 'half-open') {
      const hasRoom = probesOut(model, generation, clock.now()) < OPTIONS.halfOpenProbes
      if (hasRoom) expect(admission.admitted).toBe(true)
      else if (admission.admitted) model.relieved = generation
    }
    if (!admission.admitted) return
    expect(admission.generation).toBe(generation)
    model.out.push({ permit: admission, leaseEnd: clock.now() + OPTIONS.probeLeaseMs })
  }

  toString(): string {
    return 'acquire'
  }
}

class Settle implements fc.AsyncCommand<Model, Real> {
  readonly #pick: number
  readonly #outcome: AttemptOutcome

  constructor(pick: number, outcome: AttemptOutcome) {
    this.#pick = pick
    this.#outcome = outcome
  }

  check(model: Model): boolean {
    return model.out.length > 0
  }

  async run(model: Model, { breaker, clock }: Real): Promise<void> {
    const [passenger] = model.out.splice(this.#pick % model.out.length, 1)
    const permit = passenger?.permit
    const before = breaker.snapshot()
    const couldAdmit = breaker.wouldAdmit()
    // A success that took its time counts as slow.
    const counted = permit?.settle(this.#outcome)
    const after = breaker.snapshot()
    if (permit?.generation !== before.generation) {
      expect(after, 'a stale result changes nothing').toEqual(before)
      expect(breaker.wouldAdmit()).toBe(couldAdmit)
    } else if (counted === 'ignored') {
      expect(after, 'an ignored result changes no state and no count').toEqual(before)
      // Where another probe was due beside those that hang, it still is.
      const isFree = couldAdmit || probesOut(model, before.generation, clock.now()) < OPTIONS.halfOpenProbes
      if (before.state === 'half-open') expect(breaker.wouldAdmit(), 'its permit is free again').toBe(isFree)
    } else if (counted === 'success') {
      expect(after.state, 'a success never opens').not.toBe('open')
    } else if (before.state === 'half-open' && model.relieved !== before.generation) {
      expect(after.state, 'one bad probe opens').toBe('open')
    }
    permit?.settle('failure')
    expect(breaker.snapshot(), 'a permit settles once').toEqual(after)
  }

  toString(): string {
    return `settle(${this.#pick}, ${this.#outcome})`
  }
}

class Wait implements fc.AsyncCommand<Model, Real> {
  readonly #ms: number

  constructor(ms: number) {
    this.#ms = ms
  }

  check(): boolean {
    return true
  }

  async run(_model: Model, { clock, breaker }: Real): Promise<void> {
    await clock.advance(this.#ms)
    expect(clock.pending, 'a breaker sets no timers').toBe(0)
    // Whatever happened before, it is never shut for ever.
    const { state, nextProbeInMs = 0 } = breaker.snapshot()
    if (state === 'open') expect(nextProbeInMs).toBeGreaterThan(0)
  }

  toString(): string {
    return `wait(${this.#ms})`
  }
}

class Switch implements fc.AsyncCommand<Model, Real> {
  readonly #action: 'open' | 'close' | 'isolate' | 'reset'

  constructor(action: 'open' | 'close' | 'isolate' | 'reset') {
    this.#action = action
  }

  check(): boolean {
    return true
  }

  async run(_model: Model, { breaker }: Real): Promise<void> {
    const { generation } = breaker.snapshot()
    breaker[this.#action]()
    expect(breaker.snapshot().generation).toBe(generation + 1)
    expect(breaker.state).toBe({ open: 'open', close: 'closed', isolate: 'isolated', reset: 'closed' }[this.#action])
  }

  toString(): string {
    return this.#action
  }
}

const acquire = fc.constant(new Acquire())
const settle = fc
  .tuple(fc.nat(9), fc.constantFrom<AttemptOutcome>('success', 'success', 'slow', 'failure', 'failure', 'ignored'))
  .map(([pick, outcome]) => new Settle(pick, outcome))
const wait = fc.constantFrom(1, 500, 1_000, 1_000, 4_000, 60_000).map((ms) => new Wait(ms))
const manual = fc.constantFrom<Switch[]>(
  ...(['open', 'close', 'isolate', 'reset'] as const).map((to) => new Switch(to)),
)

const commands = fc.commands([acquire, acquire, acquire, acquire, settle, settle, settle, wait, wait, manual], {
  maxCommands: 100,
  size: 'max',
})

describe('a breaker under any order of calls, results, waits and switches', () => {
  it('conserves its permits and lets no stale result change it (B2, B3, B40)', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (sequence) => {
        const clock = fakeClock()
        const breaker = createBreaker({ name: 'crm', clock, random: () => 0.5, ...CALM, ...OPTIONS })
        await fc.asyncModelRun(() => ({ model: { out: [], relieved: -1 }, real: { clock, breaker } }), sequence)
        // However it ended: given time, and closed if it was isolated, it admits a call again.
        if (breaker.state === 'isolated') breaker.close()
        await clock.advance(3_600_000)
        await clock.advance(3_600_000)
        expect(breaker.wouldAdmit() || breaker.state === 'ramping').toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
