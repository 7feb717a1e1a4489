/* oxlint-disable vitest/no-standalone-expect -- in a model-based test the commands make the assertions */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptOutcome } from '../events/events.ts'
import type { Permit, Priority } from '../policy/admission.ts'
import { fakeClock, type FakeClock } from '../testing/index.ts'
import type { Bulkhead } from './bulkhead.ts'
import { createBulkhead } from './create-bulkhead.ts'

const MAX_QUEUED = 5
const MAX_QUEUE_MS = 100
const MAX_LINGER_MS = 70

/** What must be true of a bulkhead, told from outside. */
class Model {
  maxConcurrent = 2
  /** Permits that are out, the work that lingers, and the work that goes on without its slot. */
  readonly out: Permit[] = []
  readonly work: Work[] = []
  readonly overdue: Work[] = []
  reclaimed = 0
  /** Every call that asked, by number. */
  asked = 0
  admitted = 0
  rejected = 0
  aborted = 0
  undone = 0
  readonly settled: Record<AttemptOutcome, number> = { success: 0, slow: 0, failure: 0, ignored: 0 }
  /** Who waits: the calls of each caller within each priority, the first to come first. */
  readonly lines = new Map<string, Asked[]>()

  get waiting(): Asked[] {
    return [...this.lines.values()].flat()
  }

  leave(asked: Asked): number {
    const line = this.lines.get(asked.line) ?? []
    const place = line.indexOf(asked)
    expect(place, 'every call is answered once').toBeGreaterThanOrEqual(0)
    line.splice(place, 1)
    return place
  }
}

interface Work {
  readonly overdueAt: number
  readonly end: () => void
}

interface Asked {
  readonly line: string
  readonly at: number
  readonly dueAt: number
  readonly controller: AbortController
}

interface Real {
  readonly clock: FakeClock
  readonly bulkhead: Bulkhead
}

/** What holds after every step, once everything that could go on has. */
async function settleAndCheck(model: Model, { clock, bulkhead }: Real): Promise<void> {
  await clock.settle()
  for (let work = model.work[0]; work !== undefined && work.overdueAt <= clock.now(); work = model.work[0]) {
    model.overdue.push(work)
    model.work.shift()
    model.reclaimed += 1
  }
  const { running, lingering, queued, totals } = bulkhead.snapshot()
  expect(running, 'permits are conserved').toBe(model.out.length + model.work.length)
  expect(lingering).toBe(model.work.length)
  expect(queued).toBe(model.waiting.length)
  expect(queued).toBeLessThanOrEqual(MAX_QUEUED)
  if (running < model.maxConcurrent) expect(queued, 'no wake-up is lost').toBe(0)
  const ended = { ...model.settled, rejected: model.rejected, abandoned: model.aborted, reclaimed: model.reclaimed }
  expect(totals).toEqual({ ...ended, admitted: model.admitted - model.undone })
  expect(model.asked, 'every call is answered once').toBe(model.admitted + model.rejected + model.aborted + queued)
  const timers = clock.pending - queued
  expect(timers === 0 || (timers === 1 && queued > 0), 'no timer without somebody who waits').toBe(true)
  expect(timers === 1 || queued === 0 || lingering === 0, 'a timer for who waits for what lingers').toBe(true)
  for (const { dueAt } of model.waiting) expect(dueAt).toBeGreaterThan(clock.now())
}

class Acquire implements fc.AsyncCommand<Model, Real> {
  readonly #priority: Priority
  readonly #caller: string
  readonly #deadlineMs: number

  constructor(priority: Priority, caller: string, deadlineMs: number) {
    this.#priority = priority
    this.#caller = caller
    this.#deadlineMs = deadlineMs
  }

  check(): boolean {
    return true
  }

  async run(model: Model, real: Real): Promise<void> {
    const { clock, bulkhead } = real
    const [priority, caller] = [this.#priority, this.#caller]
    const hadRoom = bulkhead.running < model.maxConcurrent
    const controller = new AbortController()
    const deadlineAt = clock.now() + this.#deadlineMs
    const answer = bulkhead.acquire({ priority, caller, deadlineAt, signal: controller.signal })
    model.asked += 1
    expect(!(answer instanceof Promise) && answer.admitted, 'with a slot free, leave comes at once').toBe(hadRoom)
    if (answer instanceof Promise) {
      const dueAt = Math.min(deadlineAt, clock.now() + MAX_QUEUE_MS)
      const asked = { line: `${priority} ${caller}`, at: model.asked, dueAt, controller }
      model.lines.set(asked.line, [...(model.lines.get(asked.line) ?? []), asked])
      answer.then(
        (result) => {
          const place = model.leave(asked)
          if (result.admitted) {
            expect(place, 'first come, first served').toBe(0)
            model.admitted += 1
            model.out.push(result)
          } else {
            model.rejected += 1
            expect(['SHED', 'QUEUE_TIMEOUT']).toContain(result.error.code)
            if (result.error.code === 'QUEUE_TIMEOUT') expect(clock.now()).toBe(dueAt)
          }
        },
        (reason: unknown) => {
          model.leave(asked)
          model.aborted += 1
          expect(reason).toBe(controller.signal.reason)
        },
      )
    } else if (answer.admitted) {
      model.admitted += 1
      model.out.push(answer)
      expect(bulkhead.running).toBeLessThanOrEqual(model.maxConcurrent)
    } else {
      model.rejected += 1
      if (this.#deadlineMs > 0) {
        expect(answer.error.code).toBe('BULKHEAD_FULL')
        expect(model.waiting).toHaveLength(MAX_QUEUED)
      }
    }
    await settleAndCheck(model, real)
  }

  toString(): string {
    return `acquire(${this.#priority}, ${this.#caller}, ${this.#deadlineMs})`
  }
}

class Settle implements fc.AsyncCommand<Model, Real> {
  readonly #pick: number
  readonly #how: AttemptOutcome | 'lingering' | 'undo'

  constructor(pick: number, how: AttemptOutcome | 'lingering' | 'undo') {
    this.#pick = pick
    this.#how = how
  }

  check(model: Model): boolean {
    return model.out.length > 0
  }

  async run(model: Model, real: Real): Promise<void> {
    const [permit] = model.out.splice(this.#pick % model.out.length, 1)
    if (this.#how === 'undo') {
      model.undone += 1
      permit?.undo?.()
    } else if (this.#how === 'lingering') {
      model.settled.failure += 1
      const work = Promise.withResolvers<void>()
      model.work.push({ overdueAt: real.clock.now() + MAX_LINGER_MS, end: work.resolve })
      permit?.settle('failure', { until: work.promise })
    } else {
      model.settled[this.#how] += 1
      permit?.settle(this.#how)
    }
    permit?.settle('success')
    permit?.undo?.()
    await settleAndCheck(model, real)
  }

  toString(): string {
    return `settle(${this.#pick}, ${this.#how})`
  }
}

class EndWork implements fc.AsyncCommand<Model, Real> {
  readonly #which: 'work' | 'overdue'

  constructor(which: 'work' | 'overdue') {
    this.#which = which
  }

  check(model: Model): boolean {
    return model[this.#which].length > 0
  }

  async run(model: Model, real: Real): Promise<void> {
    model[this.#which].shift()?.end()
    await settleAndCheck(model, real)
  }

  toString(): string {
    return `endWork(${this.#which})`
  }
}

class Abort implements fc.AsyncCommand<Model, Real> {
  readonly #pick: number

  constructor(pick: number) {
    this.#pick = pick
  }

  check(model: Model): boolean {
    return model.waiting.length > 0
  }

  async run(model: Model, real: Real): Promise<void> {
    const { waiting } = model
    const before = real.bulkhead.queued
    waiting[this.#pick % waiting.length]?.controller.abort(new Error('gave up'))
    expect(real.bulkhead.queued, 'it has left at once').toBe(before - 1)
    await settleAndCheck(model, real)
  }

  toString(): string {
    return `abort(${this.#pick})`
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

  async run(model: Model, real: Real): Promise<void> {
    await real.clock.advance(this.#ms)
    await settleAndCheck(model, real)
  }

  toString(): string {
    return `wait(${this.#ms})`
  }
}

class Resize implements fc.AsyncCommand<Model, Real> {
  readonly #to: number

  constructor(to: number) {
    this.#to = to
  }

  check(): boolean {
    return true
  }

  async run(model: Model, real: Real): Promise<void> {
    const before = real.bulkhead.running
    model.maxConcurrent = this.#to
    real.bulkhead.resize(this.#to)
    expect(real.bulkhead.running).toBeLessThanOrEqual(Math.max(before, this.#to))
    await settleAndCheck(model, real)
  }

  toString(): string {
    return `resize(${this.#to})`
  }
}

const acquire = fc
  .tuple(
    fc.constantFrom<Priority[]>('high', 'medium', 'low'),
    fc.constantFrom('a', 'b'),
    fc.constantFrom(0, 30, 60, Infinity, Infinity),
  )
  .map(([priority, caller, deadlineMs]) => new Acquire(priority, caller, deadlineMs))
const settle = fc
  .tuple(fc.nat(9), fc.constantFrom('success', 'failure', 'slow', 'ignored', 'lingering', 'undo'))
  .map(([pick, how]) => new Settle(pick, how as AttemptOutcome))
const commands = fc.commands(
  [
    acquire,
    acquire,
    acquire,
    settle,
    settle,
    fc.constantFrom('work' as const, 'overdue' as const).map((which) => new EndWork(which)),
    fc.nat(9).map((pick) => new Abort(pick)),
    fc.constantFrom(1, 20, 100).map((ms) => new Wait(ms)),
    fc.constantFrom(0, 1, 2, 3, 4).map((to) => new Resize(to)),
  ],
  { maxCommands: 80, size: 'max' },
)

describe('a bulkhead under any order of calls, ends, aborts, waits and sizes', () => {
  it('conserves its slots, serves first who came first, and answers every call once (B8, B9, B14)', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (sequence) => {
        const clock = fakeClock()
        const bulkhead = createBulkhead({
          name: 'crm',
          maxConcurrent: 2,
          maxQueued: MAX_QUEUED,
          maxQueueMs: MAX_QUEUE_MS,
          maxLingerMs: MAX_LINGER_MS,
          clock,
        })
        const model = new Model()
        const real = { clock, bulkhead }
        await fc.asyncModelRun(() => ({ model, real }), sequence)
        // However it ended: when all have ended, nothing is left behind.
        bulkhead.resize(2)
        model.maxConcurrent = 2
        for (const { end } of [...model.work.splice(0), ...model.overdue.splice(0)]) end()
        await clock.settle()
        while (model.out.length > 0) {
          model.settled.success += 1
          model.out.pop()?.settle('success')
          await settleAndCheck(model, real)
        }
        expect([bulkhead.running, bulkhead.queued, clock.pending]).toEqual([0, 0, 0])
      }),
      { numRuns: 150 },
    )
  })
})
