import { equal, ok } from 'node:assert/strict'
import { Aborted, controlled, Failed, must, needs, needsSignal } from './parts.ts'
import type { Case } from '../subject.ts'

export const CACHE_CASES: readonly Case[] = [
  {
    id: 'B32',
    title: 'fifty callers share one failing computation, and its failure',
    lacks: needs('cache', 'cache'),
    async check(library, { time, watch }) {
      const cache = must(library.cache?.(60_000))
      const start = time.now
      let calls = 0
      let atOnce = 0
      let most = 0
      const compute = async (): Promise<never> => {
        calls += 1
        atOnce += 1
        most = Math.max(most, atOnce)
        await new Promise((resolve) => void time.after(20, () => resolve(undefined)))
        atOnce -= 1
        throw new Failed('down')
      }
      const waiting = Array.from({ length: 50 }, () => watch(cache.get('key', compute)))
      await time.advance(5_000)
      const last = Math.max(...waiting.map(({ at }) => at)) - start
      equal(calls, 1, `${calls} computations, ${most} at once; the last caller hears after ${Math.round(last)} ms`)
      ok(
        waiting.every(({ state }) => state === 'rejected'),
        'not every caller is told',
      )
    },
  },
  {
    id: 'B33',
    title: 'when the caller who came first leaves, the others still get the value',
    lacks: needsSignal('cache', 'cache'),
    async check(library, { time, watch }) {
      const cache = must(library.cache?.(60_000))
      const work = controlled()
      const first = new AbortController()
      const gone = watch(cache.get('key', work.work, first.signal))
      const stays = watch(cache.get('key', work.work))
      await time.settle()
      first.abort(new Aborted('left'))
      await time.settle()
      equal(gone.state, 'rejected', 'the one who left is kept waiting')
      equal(stays.state, 'pending', `the one who stays is ${stays.state}`)
      work.end()
      await time.settle()
      equal(stays.state, 'fulfilled', `the one who stays is ${stays.state}`)
      equal(work.calls, 1, `${work.calls} computations`)
    },
  },
  {
    id: 'B34',
    title: 'an older result does not overwrite a newer value, and a computation that throws locks nothing',
    lacks: needs('cache', 'cache'),
    async check(library, { time, watch }) {
      const cache = must(library.cache?.(60_000))
      const thrown = watch(
        cache.get('odd', () => {
          throw new Failed('at once')
        }),
      )
      await time.advance(5_000)
      equal(thrown.state, 'rejected', `a computation that throws at once leaves its caller ${thrown.state}`)
      const again = watch(cache.get('odd', () => 'well'))
      await time.advance(5_000)
      equal(again.value, 'well', 'the key is locked afterwards')
      if (cache.set === undefined) return
      const old = controlled()
      watch(cache.get('key', old.work))
      await time.advance(10)
      watch(cache.set('key', 'new'))
      await time.advance(10)
      old.end()
      await time.advance(10)
      const now = watch(cache.get('key', () => 'computed again'))
      await time.advance(5_000)
      equal(now.value, 'new', `the value is "${String(now.value)}" after a newer one was set`)
    },
  },
  {
    id: 'B35',
    title: 'a failure is not remembered unless that was asked for',
    lacks: needs('cache', 'cache'),
    async check(library, { time, watch }) {
      const cache = must(library.cache?.(60_000))
      watch(cache.get('key', () => Promise.reject(new Failed('down'))))
      await time.advance(100)
      const again = watch(cache.get('key', () => Promise.resolve('well')))
      await time.advance(100)
      equal(again.value, 'well', `the next caller gets: ${String(again.value)}`)
    },
  },
]
