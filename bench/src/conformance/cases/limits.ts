import { equal, ok } from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { Aborted, controlled, Failed, must, needs, needsSignal, succeeds } from './parts.ts'
import type { Case } from '../subject.ts'

const HOUR_MS = 3_600_000

async function microtasks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined
}

export const LIMIT_CASES: readonly Case[] = [
  {
    id: 'B8',
    title: 'a call that is aborted in the queue leaves it at once and makes room',
    lacks: needsSignal('bulkhead', 'bulkhead with a queue'),
    async check(library, { time, watch }) {
      const bulkhead = must(library.bulkhead?.(1, 1))
      const running = controlled()
      watch(bulkhead.run(running.work))
      await time.settle()
      const caller = new AbortController()
      const queued = watch(bulkhead.run(succeeds, caller.signal))
      await time.settle()
      caller.abort(new Aborted('left'))
      await time.settle()
      equal(queued.state, 'rejected', 'stays in the queue')
      const next = watch(bulkhead.run(succeeds))
      await time.settle()
      equal(next.state, 'pending', 'its place in the queue is not free')
      running.end()
      await time.settle()
      equal(next.state, 'fulfilled', 'the next in the queue does not get the slot')
    },
  },
  {
    id: 'B9',
    title: 'who waits gets the slot before who comes when it is given back',
    lacks: needs('bulkhead', 'bulkhead with a queue'),
    async check(library, { time, watch }) {
      for (let after = 0; after < 12; after++) {
        const bulkhead = must(library.bulkhead?.(1, 1))
        const running = controlled()
        const order: string[] = []
        watch(bulkhead.run(running.work))
        await time.settle()
        const queued = watch(
          bulkhead.run(() => {
            order.push('queued')
            return succeeds()
          }),
        )
        await time.settle()
        running.end()
        await microtasks(after)
        watch(
          bulkhead.run(() => {
            order.push('newcomer')
            return succeeds()
          }),
        )
        await time.settle()
        equal(queued.state, 'fulfilled', `the call that waited is ${queued.state}: ${String(queued.value)}`)
        equal(order[0], 'queued', 'the newcomer goes first')
      }
    },
  },
  {
    id: 'B10',
    title: 'it reports the end of every call it let in',
    lacks: needs('bulkhead', 'bulkhead with a queue'),
    async check(library, { time, watch }) {
      const bulkhead = must(library.bulkhead?.(2, 2))
      watch(bulkhead.run(succeeds))
      watch(bulkhead.run(() => Promise.reject(new Failed('down'))))
      watch(bulkhead.run(succeeds))
      await time.settle()
      equal(bulkhead.ended(), 3, `${bulkhead.ended()} of 3 are reported`)
    },
  },
  {
    id: 'B13',
    title: 'a caller’s abort and a time limit are told apart, to the caller and to the work',
    lacks: needsSignal('timeout', 'timeout'),
    async check(library, { time, watch }) {
      const run = must(library.timeout?.(1_000))
      const caller = new AbortController()
      const reason = new Aborted('the caller left')
      const seen: unknown[] = []
      const work = ({ signal }: { signal: AbortSignal | undefined }): Promise<never> => {
        signal?.addEventListener('abort', () => seen.push(signal.reason))
        return new Promise(() => undefined)
      }
      const aborted = watch(run(work, caller.signal))
      await time.advance(50)
      caller.abort(reason)
      await time.settle()
      equal(aborted.state, 'rejected', 'an abort does not end the call')
      equal(aborted.value, reason, `an abort is reported as: ${String(aborted.value)}`)
      equal(seen[0], reason, 'the work does not see the caller’s reason')
      const late = watch(run(work))
      await time.advance(1_000)
      equal(late.state, 'rejected', 'does not time out')
      const { message, code, category } = seen[1] as { message: string; code?: unknown; category?: unknown }
      const told = [message, code, category].join(' ')
      ok(/time/i.test(told), `the work is told of the time limit with: ${told}`)
    },
  },
  {
    id: 'B14',
    title: 'work that goes on after its time limit keeps its slot',
    lacks: needs('bulkheadAndTimeout', 'bulkhead that goes with its timeout'),
    async check(library, { time, watch }) {
      const run = must(library.bulkheadAndTimeout?.(2, 100))
      let working = 0
      let most = 0
      for (let call = 0; call < 12; call++) {
        watch(
          run(async () => {
            working += 1
            most = Math.max(most, working)
            await new Promise((resolve) => void time.after(HOUR_MS, () => resolve(undefined)))
            working -= 1
          }),
        )
        await time.advance(150)
      }
      ok(most <= 2, `${most} run at once in two slots`)
    },
  },
  {
    id: 'B21',
    title: 'a time limit aborts the call it is for, and no other, now or later',
    lacks: (library) =>
      needs('timeout', 'timeout')(library) ?? (library.givesSignal ? undefined : 'gives work no signal'),
    async check(library, { time, watch }) {
      const run = must(library.timeout?.(1_000))
      watch(run(() => new Promise(() => undefined)))
      await time.advance(500)
      const other: (AbortSignal | undefined)[] = []
      const during = watch(
        run(({ signal }) => {
          other.push(signal)
          return new Promise((resolve) => void time.after(900, () => resolve('well')))
        }),
      )
      await time.advance(600)
      equal(other[0]?.aborted, false, 'another call in flight is aborted')
      await time.advance(400)
      equal(during.state, 'fulfilled', 'another call in flight fails')
      watch(
        run(({ signal }) => {
          other.push(signal)
          equal(signal?.aborted, false, 'the next call begins aborted')
          return succeeds()
        }),
      )
      await time.settle()
      equal(other.length, 2, 'the next call does not begin')
    },
  },
  {
    id: 'B23',
    title: 'a thousand calls on one signal leave no listener on it, and warn of none',
    lacks: needsSignal('stack', 'stack'),
    async check(library, { time, watch }) {
      const run = must(library.stack?.())
      const caller = new AbortController()
      const warnings: Error[] = []
      const warned = (warning: Error): void => void warnings.push(warning)
      process.on('warning', warned)
      try {
        for (let call = 0; call < 1_000; call++) {
          watch(run(() => succeeds(), caller.signal))
          await time.settle()
        }
        const left = getEventListeners(caller.signal, 'abort').length
        equal(left, 0, `${left} listeners are left`)
        const leak = warnings.find(({ name }) => name === 'MaxListenersExceededWarning')
        equal(leak, undefined, 'Node warns of a leak')
      } finally {
        process.off('warning', warned)
      }
    },
  },
  {
    id: 'B25',
    title: 'a fallback runs once, and what fails after the time limit is not left unhandled',
    lacks: needs('fallback', 'fallback'),
    async check(library, { time, watch, unhandled }) {
      let fallbacks = 0
      const late = controlled()
      const call = watch(
        must(
          library.fallback?.(100, late.work, () => {
            fallbacks += 1
            return 'instead'
          }),
        ),
      )
      await time.advance(200)
      equal(call.value, 'instead', `gives ${String(call.value)} after the time limit`)
      late.end(new Failed('too late'))
      await time.advance(1_000)
      equal(fallbacks, 1, `the fallback runs ${fallbacks} times`)
      equal(unhandled.length, 0, 'the late failure is an unhandled rejection')
    },
  },
]
