import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import type { Clock, ScheduledTask } from './clock.ts'
import type { Due } from '../list/due-lists.ts'
import { Deadlines, type TimeLimited } from './deadlines.ts'

class Item implements TimeLimited {
  dueAt = 0
  previous: Due | undefined = undefined
  next: Due | undefined = undefined
  readonly #onExpire: () => void

  constructor(onExpire: () => void) {
    this.#onExpire = onExpire
  }

  expire(): void {
    this.#onExpire()
  }
}

/** A fake clock whose tasks say what keeps the process alive, as those of Node's clock do. */
function sharingClock() {
  const fake = fakeClock()
  const alive = new Set<ScheduledTask>()
  let scheduled = 0
  const clock: Clock = {
    now: () => fake.now(),
    wallTime: () => fake.wallTime(),
    sleep: (ms, signal) => fake.sleep(ms, signal),
    schedule(ms, callback) {
      scheduled += 1
      const inner = fake.schedule(ms, () => {
        alive.delete(task)
        callback()
      })
      const task: ScheduledTask = {
        cancel() {
          alive.delete(task)
          inner.cancel()
        },
        keepAlive: (isAlive) => void (isAlive ? alive.add(task) : alive.delete(task)),
      }
      alive.add(task)
      return task
    },
  }
  return { fake, clock, alive, scheduled: () => scheduled }
}

describe.each(['a task for each limit', 'one task for all limits'])('time limits with %s', (kind) => {
  it('expire at their own time, and not when they are forgotten, whatever the order', async () => {
    const plan = fc.array(
      fc.record({ startMs: fc.nat(50), limitMs: fc.integer({ min: 1, max: 100 }), metAfterMs: fc.nat(150) }),
      { minLength: 1, maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(plan, async (items) => {
        const sharing = sharingClock()
        const fake = kind === 'one task for all limits' ? sharing.fake : fakeClock()
        const clock = kind === 'one task for all limits' ? sharing.clock : fake
        const deadlines = new Deadlines(clock)
        const expiredAt = new Map<number, number>()
        for (const [index, { startMs, limitMs, metAfterMs }] of items.entries()) {
          fake.schedule(startMs, () => {
            const item = new Item(() => void expiredAt.set(index, fake.now()))
            deadlines.watch(item, fake.now() + limitMs)
            if (metAfterMs < limitMs) fake.schedule(metAfterMs, () => deadlines.forget(item))
          })
        }
        await fake.advance(500)
        const expected = new Map<number, number>()
        for (const [index, { startMs, limitMs, metAfterMs }] of items.entries()) {
          if (metAfterMs >= limitMs) expected.set(index, startMs + limitMs)
        }
        expect(expiredAt).toEqual(expected)
        expect(sharing.alive.size, 'nothing holds the process once all is over').toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('may be set while one expires', async () => {
    const sharing = sharingClock()
    const fake = kind === 'one task for all limits' ? sharing.fake : fakeClock()
    const deadlines = new Deadlines(kind === 'one task for all limits' ? sharing.clock : fake)
    const at: number[] = []
    const second = new Item(() => void at.push(fake.now()))
    deadlines.watch(
      new Item(() => {
        at.push(fake.now())
        deadlines.watch(second, fake.now() + 5)
      }),
      10,
    )
    await fake.advance(100)
    expect(at).toEqual([10, 15])
  })
})

describe('time limits that share one task', () => {
  it('make no task for each call', () => {
    const { clock, scheduled, alive } = sharingClock()
    const deadlines = new Deadlines(clock)
    for (let call = 0; call < 1_000; call++) {
      const item = new Item(() => undefined)
      deadlines.watch(item, 10_000 + call)
      expect(alive.size).toBe(1)
      deadlines.forget(item)
      expect(alive.size).toBe(0)
    }
    expect(scheduled()).toBe(1)
  })
})
