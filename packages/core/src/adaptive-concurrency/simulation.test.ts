import { describe, expect, it } from 'vitest'
import { fakeClock, seededRandom } from '../testing/index.ts'
import type { Permit } from '../policy/admission.ts'
import { createAdaptiveConcurrency } from './create-adaptive-concurrency.ts'
import type { AdaptiveConcurrencyConfiguration } from './options.ts'

interface Scenario {
  readonly untilMs: number
  /** Calls that the dependency works on at once; the others wait there, the first to come first. */
  readonly servers: (now: number) => number
  readonly serviceMs: (now: number, random: () => number) => number
  /** Calls that come by chance, each second. Default: as many as there is room for. */
  readonly callsPerSecond?: number
  readonly timeoutMs?: number
  readonly options?: Partial<AdaptiveConcurrencyConfiguration>
  readonly seed?: number
}

interface Sent {
  readonly permit: Permit
  isOver: boolean
}

/** Things to come, in the order of their time. */
class Agenda {
  readonly #heap: { readonly at: number; readonly nth: number; readonly run: () => void }[] = []
  #count = 0

  add(at: number, run: () => void): void {
    const heap = this.#heap
    let place = heap.push({ at, nth: this.#count++, run }) - 1
    for (let parent = (place - 1) >> 1; place > 0 && this.#swap(parent, place); parent = (place - 1) >> 1)
      place = parent
  }

  next(): { readonly at: number; readonly run: () => void } | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    heap[0] = last
    for (let place = 0, child = 1; child < heap.length; place = child, child = 2 * place + 1) {
      if (child + 1 < heap.length && this.#isLater(child, child + 1)) child += 1
      if (!this.#swap(place, child)) break
    }
    return first
  }

  #isLater(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]]
    if (one === undefined || other === undefined) return false
    return one.at === other.at ? one.nth > other.nth : one.at > other.at
  }

  #swap(upper: number, lower: number): boolean {
    if (!this.#isLater(upper, lower)) return false
    const heap = this.#heap
    ;[heap[upper], heap[lower]] = [heap[lower] as (typeof heap)[0], heap[upper] as (typeof heap)[0]]
    return true
  }
}

function simulate({ untilMs, servers, serviceMs, callsPerSecond, timeoutMs, options, seed = 1 }: Scenario) {
  let now = 0
  const random = seededRandom(seed)
  const agenda = new Agenda()
  const clock = Object.assign(fakeClock(), { now: () => now })
  const limiter = createAdaptiveConcurrency({ name: 'llm', clock, ...options })
  const waiting: Sent[] = []
  let busy = 0
  let inFlight = 0
  const answered: number[] = []
  const limits: number[] = []
  const peaks: number[] = []

  const end = (sent: Sent, outcome: 'success' | 'failure'): void => {
    if (sent.isOver) return
    sent.isOver = true
    inFlight -= 1
    const second = Math.floor(now / 1_000)
    if (outcome === 'success') answered[second] = (answered[second] ?? 0) + 1
    sent.permit.settle(outcome)
    if (callsPerSecond === undefined) fill()
  }
  const work = (): void => {
    while (busy < servers(now) && waiting.length > 0) {
      const sent = waiting.shift() as Sent
      if (sent.isOver) continue
      busy += 1
      agenda.add(now + serviceMs(now, random), () => {
        busy -= 1
        end(sent, 'success')
        work()
      })
    }
  }
  const send = (): boolean => {
    const admission = limiter.tryAcquire()
    if (!admission.admitted) return false
    const second = Math.floor(now / 1_000)
    peaks[second] = Math.max(peaks[second] ?? 0, ++inFlight)
    const sent: Sent = { permit: admission, isOver: false }
    waiting.push(sent)
    if (timeoutMs !== undefined) agenda.add(now + timeoutMs, () => end(sent, 'failure'))
    work()
    return true
  }
  const fill = (): void => {
    while (inFlight < limiter.limit && send());
  }
  const arrive = (): void => {
    send()
    agenda.add(now - (Math.log(1 - random()) * 1_000) / (callsPerSecond ?? 1), arrive)
  }
  const look = (): void => {
    limits.push(limiter.limit)
    work()
    if (callsPerSecond === undefined) fill()
    agenda.add(now + 1_000, look)
  }
  agenda.add(0, look)
  if (callsPerSecond !== undefined) agenda.add(0, arrive)
  for (let next = agenda.next(); next !== undefined && next.at <= untilMs; next = agenda.next()) {
    now = next.at
    next.run()
  }

  const between = (values: readonly number[], fromMs: number, toMs: number): number[] =>
    Array.from(values.slice(fromMs / 1_000, toMs / 1_000), (value) => value ?? 0)
  return {
    limits: (fromMs: number, toMs: number) => between(limits, fromMs, toMs),
    peaks: (fromMs: number, toMs: number) => between(peaks, fromMs, toMs),
    /** Per second. */
    answered: (fromMs: number, toMs: number) =>
      between(answered, fromMs, toMs).reduce((sum, count) => sum + count, 0) / ((toMs - fromMs) / 1_000),
  }
}

/** The share of seconds in which the limit is from half the servers to twice as many. */
function shareWithin(limits: readonly number[], servers: number): number {
  return limits.filter((limit) => limit >= servers / 2 && limit <= servers * 2).length / limits.length
}

function exponential(mean: number) {
  return (_now: number, random: () => number): number => -Math.log(1 - random()) * mean
}

describe('an adaptive limit before a dependency of 20 servers', () => {
  it('stays within half and twice of them and keeps them busy, as long as it lasts', () => {
    const { limits, answered } = simulate({ untilMs: 600_000, servers: () => 20, serviceMs: () => 100 })
    expect(shareWithin(limits(5_000, 600_000), 20)).toBe(1)
    expect(answered(5_000, 600_000)).toBeGreaterThan(195)
  })

  it('follows them to 5 and back', () => {
    const servers = (now: number): number => (now >= 300_000 && now < 600_000 ? 5 : 20)
    const { limits, answered } = simulate({ untilMs: 900_000, servers, serviceMs: () => 100 })
    expect(shareWithin(limits(5_000, 300_000), 20)).toBe(1)
    expect(shareWithin(limits(310_000, 600_000), 5)).toBe(1)
    expect(shareWithin(limits(620_000, 900_000), 20)).toBe(1)
    expect(answered(310_000, 600_000)).toBeGreaterThan(48)
    expect(answered(620_000, 900_000)).toBeGreaterThan(195)
  })

  it('follows them when the work varies as much as its mean', () => {
    const servers = (now: number): number => (now >= 300_000 && now < 600_000 ? 5 : 20)
    for (const seed of [1, 2]) {
      const { limits, answered } = simulate({ untilMs: 900_000, servers, serviceMs: exponential(100), seed })
      expect(shareWithin(limits(10_000, 300_000), 20)).toBeGreaterThan(0.97)
      expect(shareWithin(limits(330_000, 600_000), 5)).toBeGreaterThan(0.8)
      expect(shareWithin(limits(630_000, 900_000), 20)).toBeGreaterThan(0.97)
      expect(answered(0, 900_000)).toBeGreaterThan(145)
    }
  })

  it('does not take work that takes twice as long for an overload', () => {
    const serviceMs = (now: number): number => (now < 300_000 ? 100 : 200)
    const { limits, answered } = simulate({ untilMs: 600_000, servers: () => 20, serviceMs })
    expect(shareWithin(limits(5_000, 600_000), 20)).toBeGreaterThan(0.98)
    expect(answered(310_000, 600_000)).toBeGreaterThan(96)
  })

  it('does not drift up under a slight overload (B36)', () => {
    const { limits, answered } = simulate({
      untilMs: 900_000,
      servers: () => 20,
      serviceMs: () => 100,
      callsPerSecond: 210,
    })
    expect(shareWithin(limits(30_000, 900_000), 20)).toBeGreaterThan(0.9)
    expect(Math.max(...limits(0, 900_000))).toBeLessThan(60)
    expect(answered(30_000, 900_000)).toBeGreaterThan(190)
  })

  it('does not run off at a tenth of the load: it is at most five times what is in flight at the peak', () => {
    const { limits, peaks } = simulate({
      untilMs: 600_000,
      servers: () => 20,
      serviceMs: () => 100,
      callsPerSecond: 20,
      options: { initialLimit: 100 },
    })
    const peak = Math.max(...peaks(60_000, 600_000))
    expect(Math.max(...limits(60_000, 600_000))).toBeLessThanOrEqual(5 * peak)
  })

  it('turns hardly a call away at 60 % of the load', () => {
    const { answered } = simulate({
      untilMs: 600_000,
      servers: () => 20,
      serviceMs: exponential(100),
      callsPerSecond: 120,
    })
    expect(answered(0, 600_000)).toBeGreaterThan(118)
  })

  it('goes down to its minimum while everything times out, and is back soon after (B36)', () => {
    const servers = (now: number): number => (now >= 100_000 && now < 200_000 ? 0 : 20)
    const { limits, answered } = simulate({ untilMs: 300_000, servers, serviceMs: () => 100, timeoutMs: 1_000 })
    expect(Math.max(...limits(101_000, 200_000))).toBeLessThanOrEqual(35)
    expect(Math.max(...limits(130_000, 200_000))).toBeLessThanOrEqual(2)
    expect(limits(199_000, 200_000)).toEqual([1])
    expect(shareWithin(limits(230_000, 300_000), 20)).toBe(1)
    expect(answered(230_000, 300_000)).toBeGreaterThan(190)
  })

  it('never rises while nothing ever answers (B36)', () => {
    const { limits } = simulate({ untilMs: 300_000, servers: () => 0, serviceMs: () => 100, timeoutMs: 1_000 })
    const all = limits(0, 300_000)
    expect(all.every((limit, second) => limit <= (all[second - 1] ?? limit))).toBe(true)
    expect(all.at(-1)).toBe(1)
  })

  it('works for calls of five seconds too', () => {
    const { limits, answered } = simulate({ untilMs: 3_600_000, servers: () => 20, serviceMs: exponential(5_000) })
    expect(shareWithin(limits(60_000, 3_600_000), 20)).toBeGreaterThan(0.95)
    expect(answered(0, 3_600_000)).toBeGreaterThan(3.6)
  })
})
