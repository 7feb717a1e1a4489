import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import {
  Aborted,
  ASK,
  controlled,
  Failed,
  fails,
  must,
  breakerFor,
  needs,
  open,
  succeeds,
  SURELY_OVER_MS,
} from './parts.ts'
import type { BreakerSubject, Case, World } from '../subject.ts'

const HOUR_MS = 3_600_000

const LATE = [
  ['success', undefined],
  ['failure', new Failed('late')],
] as const

/** How a probe can end. */
const ENDS: Readonly<Record<string, () => unknown>> = {
  'an error': fails,
  'undefined thrown': () => Promise.reject(undefined),
  'a synchronous throw': () => {
    throw new Failed('at once')
  },
  'an abort': () => Promise.reject(new Aborted('left')),
}

async function passOnce(world: World, run: (work: () => Promise<unknown>) => Promise<unknown>): Promise<boolean> {
  let reached = false
  world.watch(
    run(() => {
      reached = true
      return succeeds()
    }),
  )
  await world.time.settle()
  return reached
}

export const BREAKER_CASES: readonly Case[] = [
  {
    id: 'B2',
    title: 'a result from before the circuit opened does not decide the trial',
    lacks: needs('breaker', 'breaker'),
    async check(library, world) {
      const { time, watch } = world
      for (const [name, error] of LATE) {
        const breaker = breakerFor(library)
        const early = controlled()
        watch(breaker.run(early.work))
        await time.settle()
        await open(breaker, world)
        await time.advance(SURELY_OVER_MS)
        const probe = controlled()
        watch(breaker.run(probe.work))
        await time.settle()
        equal(probe.calls, 1, 'no probe goes through')
        early.end(error)
        await time.settle()
        equal(breaker.state(), 'half-open', `a late ${name} turns it ${breaker.state()} while its probe runs`)
      }
    },
  },
  {
    id: 'B3',
    title: 'a probe that its caller cancelled does not close the circuit, and makes room for another',
    lacks: needs('breaker', 'breaker'),
    async check(library, world) {
      const { time, watch } = world
      const breaker = breakerFor(library)
      await open(breaker, world)
      await time.advance(SURELY_OVER_MS)
      const caller = new AbortController()
      watch(
        breaker.run(
          () =>
            new Promise((_resolve, reject) => {
              caller.signal.addEventListener('abort', () => reject(caller.signal.reason))
            }),
          caller.signal,
        ),
      )
      await time.settle()
      caller.abort(new Aborted('the caller left'))
      await time.settle()
      notEqual(breaker.state(), 'closed', 'closes')
      await time.advance(SURELY_OVER_MS * 2)
      ok(await passOnce(world, breaker.run), 'lets no other probe through')
    },
  },
  {
    id: 'B4',
    title: 'a probe that hangs does not block the circuit for ever',
    lacks: needs('breaker', 'breaker'),
    async check(library, world) {
      const { time, watch } = world
      const breaker = breakerFor(library)
      await open(breaker, world)
      await time.advance(SURELY_OVER_MS)
      watch(breaker.run(() => new Promise(() => undefined)))
      await time.advance(HOUR_MS)
      ok(await passOnce(world, breaker.run), 'lets nobody through an hour later')
    },
  },
  {
    id: 'B5',
    title: 'however a probe ends, the circuit can close afterwards',
    lacks: needs('breaker', 'breaker'),
    async check(library, world) {
      const { time, watch } = world
      for (const [name, end] of Object.entries(ENDS)) {
        const breaker = breakerFor(library)
        await open(breaker, world)
        await time.advance(SURELY_OVER_MS)
        try {
          watch(breaker.run(end))
        } catch {
          // Throwing at once is B18.
        }
        for (let round = 0; round < 10 && breaker.state() !== 'closed'; round++) {
          await time.advance(SURELY_OVER_MS * 2 ** round)
          await passOnce(world, breaker.run)
        }
        equal(breaker.state(), 'closed', `stays ${breaker.state()} after a probe that ended with ${name}`)
      }
    },
  },
  {
    id: 'B6',
    title: 'after an hour without calls the window is empty',
    lacks: needs('breaker', 'breaker'),
    async check(library, { time, watch }) {
      const breaker = breakerFor(library, { ...ASK, minimumCalls: 41, windowMs: 500 })
      for (let call = 0; call < 40; call++) {
        watch(breaker.run(fails))
        await time.advance(1)
      }
      equal(breaker.state(), 'closed', 'opens at 40 failures where 41 are asked for')
      await time.advance(HOUR_MS)
      watch(breaker.run(fails))
      await time.settle()
      equal(breaker.state(), 'closed', 'opens at the first failure, because of failures an hour ago')
    },
  },
  {
    id: 'B7',
    title: 'a wall clock that is set back an hour does not keep the circuit open',
    lacks: needs('breaker', 'breaker'),
    async check(library, world) {
      const { time } = world
      const breaker = breakerFor(library)
      await open(breaker, world)
      time.stepWallTime(-HOUR_MS)
      await time.advance(SURELY_OVER_MS)
      ok(await passOnce(world, breaker.run), 'lets nobody through after its time')
    },
  },
  {
    id: 'B15',
    title: 'with its defaults, a hundred failures a tenth of a second apart open it',
    lacks: needs('defaultBreaker', 'breaker with defaults'),
    async check(library, { time, watch }) {
      const breaker = must(library.defaultBreaker?.())
      for (let call = 0; call < 100; call++) {
        watch(breaker.run(fails))
        await time.advance(100)
        if (breaker.state() === 'open') return
      }
      equal(breaker.state(), 'open', 'does not open')
    },
  },
  {
    id: 'B16',
    title: 'with its defaults, a first call that fails does not open it',
    lacks: needs('defaultBreaker', 'breaker with defaults'),
    async check(library, { time, watch }) {
      const breaker = must(library.defaultBreaker?.())
      watch(breaker.run(fails))
      await time.settle()
      equal(breaker.state(), 'closed', `is ${breaker.state()} after one call`)
    },
  },
  {
    id: 'B17',
    title: 'hits of a cache before it do not hide that every real call fails',
    lacks: needs('cachedBreaker', 'cache that goes with its breaker'),
    async check(library, { time, watch }) {
      const subject = must(library.cachedBreaker?.(ASK))
      watch(subject.get('good', succeeds))
      await time.settle()
      for (let call = 0; call < 200; call++) {
        watch(subject.get('good', succeeds))
        await time.settle()
      }
      for (let call = 0; call < 40; call++) {
        watch(subject.get(`bad ${call}`, fails))
        await time.settle()
      }
      equal(subject.state(), 'open', `is ${subject.state()} after 40 failures of 41 real calls`)
    },
  },
  {
    id: 'B18',
    title: 'work that returns nothing, or throws at once, is a success or a failure like any other',
    lacks: needs('breaker', 'breaker'),
    async check(library, { time, watch }) {
      const breaker = breakerFor(library)
      const nothing = watch(breaker.run(() => undefined))
      await time.settle()
      equal(nothing.state, 'fulfilled', `work that returns undefined is ${nothing.state}: ${String(nothing.value)}`)
      let thrown
      try {
        thrown = watch(
          breaker.run(() => {
            throw new Failed('at once')
          }),
        )
      } catch {
        throw new Error('a synchronous throw comes out of the call instead of its promise')
      }
      await time.settle()
      equal(thrown.state, 'rejected', `work that throws is ${thrown.state}`)
    },
  },
  {
    id: 'B19',
    title: 'a health check ends when it is told to',
    lacks: needs('healthCheck', 'health check'),
    async check(library, { time }) {
      const subject = must(library.healthCheck?.())
      let checks = 0
      subject.start(() => {
        checks += 1
        return Promise.resolve()
      }, 1_000)
      await time.advance(3_500)
      ok(checks >= 3, `${checks} checks in 3.5 s`)
      subject.stop()
      const before = checks
      await time.advance(10_000)
      equal(checks, before, `${checks - before} more checks in 10 s`)
      equal(time.pending, 0, `leaves ${time.pending} timers behind`)
    },
  },
  {
    id: 'B20',
    title: 'a circuit that was saved while open stays open for the rest of its time, and no longer',
    lacks: (library) =>
      needs('breaker', 'breaker')(library) ??
      (library.breaker?.(ASK).save === undefined ? 'its breaker cannot be saved' : undefined),
    async check(library, world) {
      const { time } = world
      const ask = { ...ASK, openMs: 10_000 }
      const breaker = breakerFor(library, ask)
      await time.advance(60_000)
      await open(breaker, world)
      const opened = time.now
      const saved = must(breaker.save?.())
      await time.advance(1_000)
      const restored = must(breaker.restored?.(saved))
      await time.settle()
      // Half its time, so that jitter does not matter.
      await time.advance(opened + ask.openMs * 0.5 - time.now)
      ok(!(await passOnce(world, restored.run)), 'lets a call through after half of its time')
      await time.advance(opened + ask.openMs * 1.5 - time.now)
      ok(await passOnce(world, restored.run), 'lets nobody through after its time')
    },
  },
  {
    id: 'B22',
    title: 'a failure costs the same with 100 and with 10,000 results in the window',
    lacks: needs('breaker', 'breaker'),
    async check(library, { time, watch }) {
      const filled = async (samples: number): Promise<BreakerSubject> => {
        const breaker = breakerFor(library, { ...ASK, failureRatio: 0.99, windowMs: HOUR_MS })
        for (let call = 0; call < samples; call++) {
          watch(breaker.run(succeeds))
          if (call % 100 === 99) await time.settle()
        }
        await time.settle()
        return breaker
      }
      const breakers = [await filled(100), await filled(10_000)]
      const best = [Infinity, Infinity]
      const error = new Failed('down')
      const failsAlike = (): Promise<never> => Promise.reject(error)
      // The fastest of many rounds: the machine may be busy with other things.
      for (let round = 0; round < 60; round++) {
        for (const [which, breaker] of breakers.entries()) {
          const start = process.hrtime.bigint()
          for (let call = 0; call < 20; call++) await breaker.run(failsAlike).catch(() => undefined)
          best[which] = Math.min(best[which] ?? Infinity, Number(process.hrtime.bigint() - start))
        }
      }
      for (const breaker of breakers) breaker.dispose?.()
      const ratio = (best[1] ?? 0) / (best[0] ?? 1)
      ok(ratio < 4, `costs ${ratio.toFixed(0)} times as much`)
    },
  },
  {
    id: 'B26',
    title: 'fifty failures at once open the circuit, and it is tried again after its time',
    lacks: needs('breaker', 'breaker'),
    async check(library, world) {
      const { time, watch } = world
      const breaker = breakerFor(library)
      const work = controlled()
      for (let call = 0; call < 50; call++) watch(breaker.run(work.work))
      await time.settle()
      work.end(new Failed('down'))
      await time.settle()
      equal(breaker.state(), 'open', `is ${breaker.state()}`)
      await time.advance(SURELY_OVER_MS)
      ok(await passOnce(world, breaker.run), 'lets nobody through after its time')
    },
  },
  {
    id: 'B27',
    title: 'of a thousand calls that come while it is tried, one goes through',
    lacks: needs('breaker', 'breaker'),
    async check(library, world) {
      const { time, watch } = world
      const breaker = breakerFor(library)
      await open(breaker, world)
      await time.advance(SURELY_OVER_MS)
      const probe = controlled()
      const calls = Array.from({ length: 1_000 }, () => watch(breaker.run(probe.work)))
      await time.settle()
      equal(probe.calls, 1, `${probe.calls} go through`)
      const waiting = calls.filter(({ state }) => state === 'pending').length
      equal(waiting, 1, `${waiting - 1} callers are kept waiting behind the probe`)
    },
  },
  {
    id: 'B28',
    title: 'an open time of zero is refused, or does not overflow the stack',
    lacks: needs('breaker', 'breaker'),
    async check(library, { time, watch }) {
      let breaker
      try {
        breaker = breakerFor(library, { ...ASK, openMs: 0 })
      } catch {
        return
      }
      for (let call = 0; call < 2_000; call++) {
        const result = watch(breaker.run(fails))
        if (call % 50 === 0) await time.settle()
        ok(!(result.value instanceof RangeError), 'overflows the stack')
      }
      await time.advance(10)
    },
  },
  {
    id: 'B29',
    title: 'every call that is turned away gets an error of its own',
    lacks: needs('breaker', 'breaker'),
    async check(library, world) {
      const { time, watch } = world
      const breaker = breakerFor(library)
      await open(breaker, world)
      const calls = [watch(breaker.run(succeeds)), watch(breaker.run(succeeds))]
      await time.settle()
      deepEqual(
        calls.map(({ state }) => state),
        ['rejected', 'rejected'],
      )
      notEqual(calls[0]?.value, calls[1]?.value, 'two calls get the same error object')
    },
  },
  {
    id: 'B30',
    title: 'changing what it hands out as its state changes nothing in it',
    lacks: (library) =>
      needs('breaker', 'breaker')(library) ??
      (library.breaker?.(ASK).snapshot === undefined ? 'hands out no state' : undefined),
    async check(library, { time, watch }) {
      const breaker = breakerFor(library)
      watch(breaker.run(succeeds))
      await time.settle()
      spoil(breaker.snapshot?.())
      for (let call = 0; call < 20 && breaker.state() !== 'open'; call++) {
        watch(breaker.run(fails))
        await time.settle()
      }
      equal(breaker.state(), 'open', 'no longer opens')
      const other = breakerFor(library)
      for (let call = 0; call < 4; call++) {
        watch(other.run(succeeds))
        await time.settle()
      }
      spoil(other.snapshot?.())
      watch(other.run(fails))
      await time.settle()
      equal(other.state(), 'closed', 'opens at a fifth of its calls')
    },
  },
  {
    id: 'B31',
    title: 'breakers that nobody holds any more are forgotten',
    lacks: needs('breaker', 'breaker'),
    async check(library, { time, watch }) {
      const held: WeakRef<object>[] = []
      const make = async (): Promise<void> => {
        for (let i = 0; i < 50; i++) {
          const breaker = breakerFor(library)
          held.push(new WeakRef(breaker.identity))
          watch(breaker.run(succeeds))
        }
        await time.settle()
      }
      await make()
      await collect()
      const kept = held.filter((reference) => reference.deref() !== undefined).length
      // The engine may hold on to a few of the last.
      ok(kept <= 5, `${kept} of 50 are still there`)
      ok(time.pending <= 5, `${time.pending} timers go on for 50 breakers`)
    },
  },
  {
    id: 'B39',
    title: 'a listener that throws, or calls again, changes no result and no state',
    lacks: (library) =>
      needs('breaker', 'breaker')(library) ??
      (library.breaker?.(ASK).onChange === undefined ? 'tells nobody of its changes' : undefined),
    async check(library, world) {
      const { time, watch } = world
      const breaker = breakerFor(library)
      let changes = 0
      breaker.onChange?.(() => {
        changes += 1
        if (changes === 1) watch(breaker.run(succeeds))
        throw new Error('a listener’s own trouble')
      })
      const calls = Array.from({ length: 10 }, () => watch(breaker.run(fails)))
      await time.settle()
      equal(breaker.state(), 'open', `is ${breaker.state()}`)
      const wrong = calls.find(({ value }) => value instanceof Error && value.message.includes('listener'))
      equal(wrong, undefined, 'a caller gets the listener’s error')
      await time.advance(SURELY_OVER_MS)
      ok(await passOnce(world, breaker.run), 'lets nobody through after its time')
    },
  },
  {
    id: 'B40',
    title: 'late results give no additional probes',
    lacks: needs('breaker', 'breaker'),
    async check(library, world) {
      const { time, watch } = world
      for (const [, error] of LATE) {
        const breaker = breakerFor(library, { ...ASK, probes: 2 })
        const early = controlled()
        for (let call = 0; call < 3; call++) watch(breaker.run(early.work))
        await time.settle()
        await open(breaker, world)
        await time.advance(SURELY_OVER_MS)
        const probe = controlled()
        for (let call = 0; call < 10; call++) watch(breaker.run(probe.work))
        await time.settle()
        early.end(error)
        await time.settle()
        for (let call = 0; call < 10; call++) watch(breaker.run(probe.work))
        await time.settle()
        ok(probe.calls <= 2, `${probe.calls} probes at once where two are allowed`)
      }
    },
  },
]

/** Writes over every number, date and array in a value. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'object' && inner !== null) spoil(inner)
    else Reflect.set(value, key, typeof inner === 'number' ? 1e9 : typeof inner === 'boolean' ? !inner : inner)
  }
}

/** Runs the garbage collector, if the process can. */
async function collect(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) throw new Error('needs --expose-gc')
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => void setImmediate(resolve))
    gc()
  }
}
