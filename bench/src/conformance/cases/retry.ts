import { deepEqual, equal, ok } from 'node:assert/strict'
import { Aborted, fails, must, needs, needsSignal } from './parts.ts'
import type { Case } from '../subject.ts'

const DAY_MS = 86_400_000

export const RETRY_CASES: readonly Case[] = [
  {
    id: 'B1',
    title: 'an abort ends the wait between two attempts at once, and no attempt follows',
    lacks: needsSignal('retry', 'retry'),
    async check(library, { time, watch }) {
      const run = must(library.retry?.({ maxRetries: 3, delayMs: 400, factor: 1, maxDelayMs: 400 }))
      const caller = new AbortController()
      const reason = new Aborted('the caller left')
      let calls = 0
      const start = time.now
      const call = watch(
        run(() => {
          calls += 1
          return fails()
        }, caller.signal),
      )
      await time.advance(50)
      equal(calls, 1, `${calls} attempts before the abort`)
      caller.abort(reason)
      await time.advance(2_000)
      equal(call.state, 'rejected', 'still pending 2 s after the abort')
      ok(call.at - start <= 50, `rejects ${Math.round(call.at - start - 50)} ms after the abort`)
      equal(calls, 1, `${calls - 1} more attempts after the abort`)
      equal(time.pending, 0, 'leaves a timer behind')
    },
  },
  {
    id: 'B11',
    title: 'the growth of the waits is what was asked for',
    lacks: needs('retry', 'retry'),
    async check(library, { time, watch }) {
      const run = must(library.retry?.({ maxRetries: 4, delayMs: 100, factor: 3, maxDelayMs: 60_000 }))
      const at: number[] = []
      watch(
        run(() => {
          at.push(time.now)
          return fails()
        }),
      )
      await time.advance(60_000)
      const waits = at.slice(1).map((now, i) => Math.round(now - (at[i] ?? 0)))
      deepEqual(waits, [100, 300, 900, 2_700], `waits ${waits.join(', ')} ms`)
    },
  },
  {
    id: 'B12',
    title: 'no wait is shorter than asked for, however long it or the series of attempts is',
    lacks: needs('retry', 'retry'),
    async check(library, { time, watch }) {
      let calls = 0
      const counted = (): Promise<never> => {
        calls += 1
        return fails()
      }
      const series = must(library.retry?.({ maxRetries: 100, delayMs: 1_000, factor: 2, maxDelayMs: 8_000 }))
      const at: number[] = []
      watch(
        series(() => {
          at.push(time.now)
          return fails()
        }),
      )
      await time.advance(101 * 8_000)
      const waits = at.slice(1).map((now, i) => now - (at[i] ?? 0))
      ok(
        waits.every((ms) => ms >= 999 && ms <= 8_001),
        `waits from ${Math.min(...waits)} to ${Math.max(...waits)} ms where 1,000 to 8,000 were asked for`,
      )
      let month
      try {
        month = library.retry?.({ maxRetries: 1, delayMs: 30 * DAY_MS, factor: 1, maxDelayMs: 30 * DAY_MS })
      } catch {
        // Refusing a wait that long is right, too.
        return
      }
      watch(must(month)(counted))
      await time.advance(10_000)
      equal(calls, 1, 'a wait of 30 days is over within 10 s')
    },
  },
  {
    id: 'B41',
    title: 'zero is a value: no retries means one attempt, no delay means none',
    lacks: needs('retry', 'retry'),
    async check(library, { time, watch }) {
      for (const [maxRetries, expected] of [
        [0, 1],
        [2, 3],
      ] as const) {
        const run = must(library.retry?.({ maxRetries, delayMs: 0, factor: 1, maxDelayMs: 0 }))
        let calls = 0
        watch(
          run(() => {
            calls += 1
            return fails()
          }),
        )
        await time.advance(10)
        equal(calls, expected, `${calls} attempts within 10 ms with maxRetries ${maxRetries} and a wait of 0`)
      }
    },
  },
]
