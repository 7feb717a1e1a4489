import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Permit, Rejection } from '../policy/admission.ts'
import { fakeClock } from '../testing/index.ts'
import { createRateLimiter } from './create-rate-limiter.ts'

/** The most calls that any stretch of `ms` holds, whose beginnings are `times` in order. */
function mostIn(times: readonly number[], ms: number): number {
  let most = 0
  for (let first = 0, last = 0; last < times.length; last++) {
    // Rounding may bring two times together that are exactly one interval apart.
    while ((times[last] ?? 0) - (times[first] ?? 0) >= ms - 0.01) first += 1
    most = Math.max(most, last - first + 1)
  }
  return most
}

const step = fc.record({
  afterMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(40), fc.nat(1_500)),
  how: fc.constantFrom('try', 'wait', 'wait', 'abort', 'undo'),
})
const plan = fc.record({
  limit: fc.integer({ min: 1, max: 12 }),
  intervalMs: fc.integer({ min: 10, max: 1_000 }),
  burst: fc.integer({ min: 1, max: 8 }),
  start: fc.double({ min: -1e6, max: 1e9, noNaN: true }),
  maxWaitMs: fc.constantFrom(0, 50, 2_000),
  steps: fc.array(step, { maxLength: 80, size: 'max' }),
})

describe.each(['token-bucket', 'sliding-window'] as const)('a limiter by %s, whatever is asked of it', (algorithm) => {
  it('never lets more in than it may, keeps the order, and answers every call once', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ limit, intervalMs, burst, start, maxWaitMs, steps }) => {
        const clock = fakeClock({ now: start })
        const limiter = createRateLimiter({
          name: 'mail',
          algorithm,
          limit,
          intervalMs,
          maxWaitMs,
          clock,
          ...(algorithm === 'token-bucket' ? { burst } : {}),
        })
        /** When leave was given that was not undone. */
        const times: { at: number; permit: Permit }[] = []
        const order: number[] = []
        const waiting = new Set<AbortController>()
        let [asked, rejected, aborted, undone] = [0, 0, 0, 0]
        const note = (answer: Permit | Rejection): void => {
          if (answer.admitted) times.push({ at: clock.now(), permit: answer })
          else rejected += 1
        }
        for (const { afterMs, how } of steps) {
          await clock.advance(afterMs)
          if (how === 'abort') {
            const [first] = waiting
            first?.abort()
          } else if (how === 'undo') {
            // Only right after acquiring: later it would give back what has come again by itself.
            const answer = limiter.tryAcquire()
            asked += 1
            if (answer.admitted) {
              undone += 1
              answer.undo?.()
            } else {
              rejected += 1
            }
          } else {
            const number = asked++
            const controller = new AbortController()
            const askedAt = clock.now()
            const answer = how === 'try' ? limiter.tryAcquire() : limiter.acquire({ signal: controller.signal })
            if (answer instanceof Promise) {
              waiting.add(controller)
              answer.then(
                (permit) => {
                  waiting.delete(controller)
                  note(permit)
                  order.push(number)
                  expect(clock.now() - askedAt).toBeLessThanOrEqual(maxWaitMs + 0.01)
                },
                () => {
                  waiting.delete(controller)
                  aborted += 1
                },
              )
            } else {
              note(answer)
              if (!answer.admitted) expect(answer.error.retryAfterMs).toBeGreaterThan(0)
              if (answer.admitted) expect(waiting.size, 'nobody pushes in').toBe(0)
            }
          }
          await clock.settle()
          expect(asked).toBe(times.length + rejected + aborted + undone + waiting.size)
          expect(limiter.snapshot()).toMatchObject({
            waiting: waiting.size,
            totals: { admitted: times.length, rejected, abandoned: aborted },
          })
          expect(clock.pending).toBe(waiting.size > 0 ? 1 : 0)
        }
        await clock.advance(maxWaitMs + 1)
        expect([waiting.size, clock.pending], 'everybody goes in time').toEqual([0, 0])
        expect(order).toEqual(order.toSorted((a, b) => a - b))
        const given = times.map(({ at }) => at)
        if (algorithm === 'sliding-window') expect(mostIn(given, intervalMs)).toBeLessThanOrEqual(limit)
        for (const ms of [intervalMs / limit, intervalMs, 3 * intervalMs]) {
          const most =
            algorithm === 'token-bucket' ? burst + (ms * limit) / intervalMs : limit * Math.ceil(ms / intervalMs)
          expect(mostIn(given, ms)).toBeLessThanOrEqual(most + 1e-6)
        }
      }),
      { numRuns: 150 },
    )
  })
})
