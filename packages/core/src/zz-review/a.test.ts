import { expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock } from '../testing/index.ts'
import { createIntegration } from '../integration/create-integration.ts'
import { fallback } from '../fallback/fallback.ts'
import { overtaken } from '../errors/overtaken.ts'

it('T1 abort by listener', async () => {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const c = new AbortController()
  events.on((e) => {
    if (e.type === 'attempt-started') c.abort('gone')
  })
  const i = createIntegration({ name: 'x', clock, events })
  let called = 0
  const p = i
    .call(
      () => {
        called++
        return new Promise(() => {})
      },
      { signal: c.signal },
    )
    .catch((e) => e)
  const r = await Promise.race([p, clock.settle().then(() => 'pending')])
  expect([r, called]).toEqual(['gone', 0])
})
it('T1b abort in the moment the wait before a retry ends', async () => {
  const clock = fakeClock()
  const c = new AbortController()
  const i = createIntegration({ name: 'x', clock, idempotent: true, random: () => 0.5 })
  let called = 0
  const p = i
    .call(
      () => {
        called++
        if (called > 1) return new Promise(() => {})
        throw Object.assign(new Error('x'), { code: 'ECONNRESET' })
      },
      { signal: c.signal },
    )
    .catch((e) => e)
  await clock.settle()
  clock.schedule(100, () => c.abort('gone'))
  await clock.advance(100)
  const r = await Promise.race([p, clock.settle().then(() => 'pending')])
  expect([r, called]).toEqual(['gone', 1])
})
const RULES = { isOutput: () => true, isEnd: (c: string) => c === '.' }
it('T2 long probe stream', async () => {
  const clock = fakeClock()
  const i = createIntegration({ name: 'x', clock, random: () => 0.5 })
  i.circuit.open()
  await clock.advance(6_000)
  expect(i.circuit.state).toBe('half-open')
  let n = 0
  const s = await i.stream(
    () =>
      new ReadableStream<string>(
        {
          async pull(k) {
            if (n++ > 0) await clock.sleep(5_000)
            if (n > 9) {
              k.enqueue('.')
              k.close()
            } else k.enqueue('w')
          },
        },
        { highWaterMark: 0 },
      ),
    RULES,
  )
  const done = (async () => {
    for await (const _ of s);
  })()
  await clock.advance(60_000)
  await done
  expect(i.circuit.state).toBe('half-open')
  const s2 = i.snapshot()
  expect(s2.circuit).toBe('half-open')
})
it('T3 attempt longer than lease', async () => {
  const clock = fakeClock()
  const i = createIntegration({
    name: 'x',
    clock,
    random: () => 0.5,
    deadlineMs: 120_000,
    attemptTimeoutMs: 60_000,
    breaker: { slowCallMs: Infinity, halfOpenSuccesses: 1 },
  })
  i.circuit.open()
  await clock.advance(6_000)
  const p = i.call(() => clock.sleep(40_000))
  await clock.advance(35_000)
  expect(i.circuit.state).toBe('half-open')
  await clock.advance(10_000)
  await p
  expect(i.circuit.state).toBe('ramping')
})
it('T8 fallback abort', async () => {
  const clock = fakeClock()
  const c = new AbortController()
  const p = fallback(
    [
      {
        name: 'a',
        run: () => {
          queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => c.abort('gone'))))
          throw new Error('mine')
        },
      },
      { name: 'b', run: () => 1 },
    ],
    { clock, signal: c.signal },
  ).catch((e) => e)
  const r = await p
  expect(r).toBe('gone')
})
it('T4 overtaken after first output', async () => {
  const clock = fakeClock()
  const c = new AbortController()
  const i = createIntegration({ name: 'x', clock, random: () => 0.5 })
  const s = await i.stream(
    () =>
      new ReadableStream<string>(
        {
          pull(k) {
            k.enqueue('w')
          },
        },
        { highWaterMark: 0 },
      ),
    RULES,
    { signal: c.signal },
  )
  const rd = s.getReader()
  await rd.read()
  c.abort(overtaken())
  await rd.read().catch(() => 0)
  expect(i.snapshot().window.slow).toBe(1)
})
