import { describe, expect, it } from 'vitest'
import { type Bulkhead, createBulkhead } from '../../src/admission/index.ts'
import type { Permit, Rejection } from '../../src/index.ts'
import { VirtualClock, withoutWaiting } from '../harness/virtual-clock.ts'

const MAX_QUEUE_MS = 100
const MAX_LINGER_MS = 80

/** The next call asks; one that runs ends, at once or with work that goes on; such work ends; one that waits leaves; time goes by; the size changes. */
type Step = 'ask' | 'expire' | 'shrink' | 'grow' | `${'settle' | 'undo' | 'linger' | 'work-ends' | 'abort'} ${number}`

type Where = 'waits' | 'runs' | 'lingers' | 'overdue' | 'refused' | 'left' | 'ended'

class Caller {
  readonly askedAt: number
  readonly controller = new AbortController()
  where: Where = 'waits'
  permit: Permit | undefined
  endWork: (() => void) | undefined
  verdictAt = 0

  constructor(askedAt: number) {
    this.askedAt = askedAt
  }
}

/** One order of events, on a bulkhead of its own. */
class Run {
  readonly clock = new VirtualClock()
  readonly bulkhead: Bulkhead
  readonly callers: Caller[] = []
  readonly #settle: () => void
  /** What was found wrong where nobody could be told. */
  #wrong: Error | undefined
  /** Who came in, in that order. */
  readonly #admitted: Caller[] = []

  constructor(maxConcurrent: number, maxQueued: number, settle: () => void) {
    this.#settle = settle
    this.bulkhead = createBulkhead({
      name: 'seats',
      maxConcurrent,
      maxQueued,
      maxQueueMs: MAX_QUEUE_MS,
      maxLingerMs: MAX_LINGER_MS,
      clock: this.clock,
    })
  }

  take(step: Step): void {
    const [what, place] = step.split(' ')
    const before = this.bulkhead.running
    if (place === undefined) this.#change(what)
    else this.#act(what, this.callers[Number(place)] as Caller)
    this.#settle()
    for (const caller of this.callers) {
      const isOverdue = this.clock.now() >= caller.verdictAt + MAX_LINGER_MS
      if (caller.where === 'lingers' && isOverdue) caller.where = 'overdue'
    }
    // Whoever looks makes it see what time has changed.
    this.bulkhead.snapshot()
    this.#settle()
    this.#check(before)
  }

  /** What can come next, besides another call. */
  get next(): Step[] {
    return this.callers.flatMap(({ where }, place): Step[] => {
      if (where === 'runs') return [`settle ${place}`, `undo ${place}`, `linger ${place}`]
      if (where === 'lingers' || where === 'overdue') return [`work-ends ${place}`]
      return where === 'waits' ? [`abort ${place}`] : []
    })
  }

  #change(what: string | undefined): void {
    if (what === 'ask') this.#ask()
    else if (what === 'shrink') this.bulkhead.resize(1)
    else if (what === 'grow') this.bulkhead.resize(this.bulkhead.maxConcurrent + 1)
    // A busy process hears of its timers late.
    else this.clock.jump(MAX_QUEUE_MS)
  }

  #act(what: string | undefined, caller: Caller): void {
    const { permit, controller } = caller
    if (what === 'abort') {
      controller.abort('gave up')
      return
    }
    caller.where = 'ended'
    if (what === 'settle') {
      permit?.settle('success')
    } else if (what === 'undo') {
      permit?.undo?.()
    } else if (what === 'work-ends') {
      caller.endWork?.()
    } else {
      const { promise, resolve } = Promise.withResolvers<void>()
      caller.endWork = resolve
      caller.where = 'lingers'
      caller.verdictAt = this.clock.now()
      permit?.settle('failure', { until: promise })
    }
    // A permit is given back once, however often it is said.
    permit?.settle('failure')
    permit?.undo?.()
  }

  #ask(): void {
    const caller = new Caller(this.clock.now())
    this.callers.push(caller)
    const answer = this.bulkhead.acquire({ signal: caller.controller.signal })
    if (answer instanceof Promise) {
      answer
        .then(
          (given) => this.#answered(caller, given),
          (reason: unknown) => {
            hold(caller.where === 'waits' && reason === 'gave up', 'a caller that left is answered wrongly')
            caller.where = 'left'
          },
        )
        .catch((wrong: Error) => (this.#wrong = wrong))
    } else {
      this.#answered(caller, answer)
    }
  }

  #answered(caller: Caller, answer: Permit | Rejection): void {
    hold(caller.where === 'waits', 'a caller is answered twice')
    caller.where = answer.admitted ? 'runs' : 'refused'
    if (!answer.admitted) return
    caller.permit = answer
    hold(this.clock.now() < caller.askedAt + MAX_QUEUE_MS, 'somebody is let in whose time is over')
    const last = this.#admitted.at(-1)
    hold(last === undefined || this.callers.indexOf(last) < this.callers.indexOf(caller), 'somebody pushed in')
    this.#admitted.push(caller)
  }

  #check(before: number): void {
    if (this.#wrong !== undefined) throw this.#wrong
    const { running, queued, maxConcurrent } = this.bulkhead
    const count = (...where: Where[]): number => this.callers.filter((caller) => where.includes(caller.where)).length
    hold(running === count('runs', 'lingers'), `${running} slots are taken by ${count('runs', 'lingers')}`)
    hold(running <= Math.max(before, maxConcurrent), `${running} run, of ${maxConcurrent}`)
    hold(queued === count('waits'), `${queued} are queued, ${count('waits')} wait`)
    hold(queued === 0 || running >= maxConcurrent, 'a wake-up is lost')
    const timers = this.clock.pending - queued
    hold(
      timers === 0 ? queued === 0 || count('lingers') === 0 : timers === 1 && queued > 0,
      `${timers} more timers than the ${queued} that wait, ${count('lingers')} linger`,
    )
  }
}

function hold(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise)
}

/** Goes through every order of so many calls and the changes. @returns how many there are. */
function searchAll(calls: number, seats: number, places: number, changes: readonly Step[], settle: () => void): number {
  let orders = 0
  const path: Step[] = []
  const replay = (): Run => {
    const run = new Run(seats, places, settle)
    for (const step of path) run.take(step)
    return run
  }
  const search = (run: Run, asked: number, changed: number): void => {
    const steps = run.next
    if (asked < calls) steps.push('ask')
    const change = changes[changed]
    if (change !== undefined) steps.push(change)
    if (steps.length === 0) {
      orders += 1
      hold(run.bulkhead.running === 0 && run.bulkhead.queued === 0, 'something is left')
    }
    for (const [index, step] of steps.entries()) {
      const next = index === steps.length - 1 ? run : replay()
      path.push(step)
      next.take(step)
      search(next, asked + (step === 'ask' ? 1 : 0), changed + (step === change ? 1 : 0))
      path.pop()
    }
  }
  try {
    search(new Run(seats, places, settle), 0, 0)
  } catch (error) {
    throw new Error(`${path.join(', ')}: ${String(error)}`, { cause: error })
  }
  return orders
}

describe('a bulkhead in every order of events there is', () => {
  it.each([
    [4, 1, 3, []],
    [4, 2, 1, []],
    [3, 1, 2, ['grow', 'shrink']],
    [3, 2, 2, ['shrink', 'grow']],
    [3, 0, 2, ['grow']],
    [3, 1, 2, ['expire']],
    [3, 2, 1, ['expire', 'shrink']],
  ] as const)(
    'keeps its slots, its order and its wake-ups: %i calls for %i seats and %i places to wait, and %j (B8, B9, B14)',
    async (calls, seats, places, changes) => {
      await withoutWaiting((settle) => {
        expect(searchAll(calls, seats, places, changes, settle)).toBeGreaterThan(100)
      })
    },
  )
})
