import { describe, expect, it } from 'vitest'
import type { Random } from '../clock/clock.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { AdmissionRequest, Priority } from '../policy/admission.ts'
import { fakeClock, recordEvents, seededRandom } from '../testing/index.ts'
import type { Capacity } from './capacity.ts'
import { createCapacity } from './create-capacity.ts'
import type { CapacityConfiguration } from './options.ts'

function setUp(options: Partial<CapacityConfiguration> = {}) {
  const events = createEvents<CoreEvent>()
  const recorded = recordEvents(events)
  return { events, recorded, capacity: createCapacity({ name: 'chat', clock: fakeClock(), events, ...options }) }
}

function admits(capacity: Capacity, request?: AdmissionRequest): boolean {
  return capacity.tryAcquire(request).admitted
}

type Mix = Readonly<Record<Priority, number>>

function draw(random: Random, { high, medium }: Mix): Priority {
  const at = random()
  return at < high ? 'high' : at < high + medium ? 'medium' : 'low'
}

/** Sends calls of a mix, and tells what share of each priority, and of all, was let in. */
function send(capacity: Capacity, calls: number, mix: Mix, random: Random, session?: () => string) {
  const asked = { high: 0, medium: 0, low: 0, all: 0 }
  const admitted = { high: 0, medium: 0, low: 0, all: 0 }
  for (let i = 0; i < calls; i++) {
    const priority = draw(random, mix)
    asked[priority] += 1
    asked.all += 1
    if (!admits(capacity, { priority, ...(session === undefined ? {} : { session: session() }) })) continue
    admitted[priority] += 1
    admitted.all += 1
  }
  const share = (key: keyof typeof asked): number => (asked[key] === 0 ? Number.NaN : admitted[key] / asked[key])
  return { high: share('high'), medium: share('medium'), low: share('low'), all: share('all') }
}

const THIRDS: Mix = { high: 1 / 3, medium: 1 / 3, low: 1 / 3 }

describe('a capacity', () => {
  it('lets everything in at 1, with the same permit each time', () => {
    const { capacity, recorded } = setUp()
    const answers = [capacity.tryAcquire(), capacity.acquire({ priority: 'low', session: 's' })]
    expect(answers[0]).toBe(answers[1])
    for (const answer of answers) {
      if (answer instanceof Promise || !answer.admitted) return expect.unreachable()
      expect(answer.settle('slow')).toBe('slow')
      answer.undo?.()
    }
    expect(recorded.all).toEqual([])
  })

  it('lets nothing in at 0, also right after a change', () => {
    const { capacity } = setUp()
    for (let i = 0; i < 10; i++) admits(capacity)
    for (const from of [1, 0.5]) {
      capacity.set(from)
      for (let i = 0; i < 30; i++) admits(capacity, { session: 'early' })
      capacity.set(0)
      const requests: AdmissionRequest[] = [{ priority: 'high' }, { session: 'early' }, { session: 'late' }]
      for (const request of requests) expect(capacity.acquire(request)).toMatchObject({ admitted: false })
    }
  })

  it('lets its share of the calls in, evenly from the first on', () => {
    for (const [share, pattern] of [
      [0.75, '.xxx.xxx.xxx'],
      [0.5, '.x.x.x.x.x.x'],
      [0.25, '...x...x...x'],
    ] as const) {
      const { capacity } = setUp({ share })
      const seen = Array.from(pattern, () => (admits(capacity) ? 'x' : '.')).join('')
      expect(seen).toBe(pattern)
      const all = send(capacity, 1_000, { high: 0, medium: 1, low: 0 }, () => 0.5).all
      expect(all).toBeCloseTo(share, 2)
    }
  })

  it('refuses with DEGRADED', () => {
    const { capacity } = setUp({ share: 0 })
    const answer = capacity.tryAcquire()
    expect(answer).toMatchObject({
      admitted: false,
      error: { code: 'DEGRADED', category: 'rejected', retryable: true },
    })
    expect(answer).toMatchObject({ error: { mayHaveTakenEffect: false, integration: 'chat' } })
    expect(capacity.snapshot()).toEqual({ name: 'chat', share: 0, totals: { admitted: 0, rejected: 1 } })
  })

  it('sheds low priority first, then medium, then high, and keeps to its share within 2 %', () => {
    for (const [share, expected] of [
      [0.75, { high: 1, medium: 1, low: 0.25 }],
      [0.5, { high: 1, medium: 0.5, low: 0 }],
      [0.25, { high: 0.75, medium: 0, low: 0 }],
    ] as const) {
      const { capacity } = setUp({ share })
      const shares = send(capacity, 3_000, THIRDS, seededRandom(7))
      expect(Math.abs(shares.all - share)).toBeLessThan(0.02)
      for (const priority of ['high', 'medium', 'low'] as const) {
        expect(Math.abs(shares[priority] - expected[priority]), `${share} ${priority}`).toBeLessThan(0.04)
      }
    }
  })

  it('keeps to its share when the mix changes from one moment to the next', () => {
    const random = seededRandom(3)
    for (const share of [0.25, 0.5, 0.75]) {
      const { capacity } = setUp({ share })
      for (const mix of [
        { high: 0, medium: 0, low: 1 },
        { high: 1, medium: 0, low: 0 },
        { high: 0.1, medium: 0.1, low: 0.8 },
        { high: 0, medium: 1, low: 0 },
      ]) {
        expect(Math.abs(send(capacity, 1_500, mix, random).all - share)).toBeLessThan(0.02)
      }
    }
  })

  it('lets its share in exactly where sums of the share are not exact', () => {
    const { capacity } = setUp({ share: 0.1 })
    const calls = Array.from({ length: 100 }, (_, index) => index + 1)
    expect(calls.filter(() => admits(capacity))).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
  })

  it('takes a call that was undone for one that never came', () => {
    const { capacity } = setUp({ share: 0.4 })
    let given = 0
    for (let i = 0; i < 1_000; i++) {
      const answer = capacity.tryAcquire()
      if (!answer.admitted) continue
      given += 1
      if (given % 2 === 0) {
        answer.undo?.()
        expect(answer.settle('success')).toBe('ignored')
      } else {
        expect(answer.settle('failure')).toBe('failure')
        expect(answer.settle('success')).toBe('ignored')
      }
      answer.undo?.()
    }
    const { admitted, rejected } = capacity.snapshot().totals
    expect(admitted).toBe(Math.ceil(given / 2))
    expect(admitted).toBe(Math.floor((admitted + rejected) * 0.4 + 1e-6))
  })

  it('keeps to its share while it rises in many steps, and lets low priority in at last', () => {
    const { capacity } = setUp()
    for (const priority of ['high', 'low'] as const) {
      let [admitted, expected] = [0, 0]
      for (let share = 0; share < 0.99; share += 0.002) {
        capacity.set(share)
        for (let i = 0; i < 4; i++) if (admits(capacity, { priority })) admitted += 1
        expected += 4 * share
      }
      expect(Math.abs(admitted - expected)).toBeLessThan(10)
      capacity.reset()
    }
  })

  it('is no longer overdrawn when the share falls, for nobody has to stay in any more', () => {
    const { capacity } = setUp({ share: 0.5 })
    while (!admits(capacity, { session: 'busy' }));
    for (let i = 0; i < 1_000; i++) admits(capacity, { session: 'busy' })
    capacity.set(0.25)
    const answers = Array.from({ length: 4 }, () => admits(capacity, { priority: 'high' }))
    expect(answers).toEqual([false, false, false, true])
  })

  it('begins anew when the share falls, whatever credit low priority had to leave', () => {
    const { capacity } = setUp({ share: 0.5 })
    for (let i = 0; i < 100; i++) admits(capacity, { priority: 'low' })
    capacity.set(0.25)
    const answers = Array.from({ length: 8 }, () => admits(capacity))
    expect(answers).toEqual([false, false, false, true, false, false, false, true])
  })

  it('decides about calls, not attempts: a call that was let in keeps its retries', async () => {
    const clock = fakeClock()
    const capacity = createCapacity({ name: 'chat', share: 0.5, clock })
    const crm = createIntegration({
      name: 'crm',
      clock,
      admissions: [capacity],
      idempotent: true,
      retry: { maxRetries: 2, backoffMs: 1 },
      breaker: false,
    })
    let attempts = 0
    const failing = (): number => {
      attempts += 1
      throw Object.assign(new Error('busy'), { status: 503 })
    }
    const calls = Array.from({ length: 10 }, () => crm.call(failing).catch(({ code }: { code: string }) => code))
    await clock.advance(1_000)
    const ends = await Promise.all(calls)
    expect(ends).toEqual(Array.from({ length: 5 }, () => ['DEGRADED', 'HTTP_503']).flat())
    expect(attempts).toBe(5 * 3)
    expect(capacity.snapshot().totals).toEqual({ admitted: 5, rejected: 5 })
  })

  it('says what it lets in, and when that changes', () => {
    const { capacity, recorded } = setUp()
    capacity.set(0.5)
    capacity.set(0.5)
    while (admits(capacity, { priority: 'low' }));
    capacity.reset()
    expect(capacity.share).toBe(1)
    expect(recorded.all).toMatchObject([
      { type: 'capacity-changed', capacity: 'chat', from: 1, share: 0.5 },
      { type: 'capacity-exceeded', priority: 'low', share: 0.5 },
      { type: 'capacity-changed', from: 0.5, share: 1 },
    ])
  })

  it('refuses shares and options that make no sense', () => {
    const { capacity } = setUp()
    for (const share of [-0.1, 1.1, Number.NaN]) {
      expect(() => capacity.set(share)).toThrow('capacity.share must be a number from 0 to 1')
      expect(() => setUp({ share })).toThrow('capacity.share must be a number from 0 to 1')
    }
    expect(() => setUp({ maxSessions: 1 })).toThrow('capacity.maxSessions must be')
    expect(() => createCapacity({} as CapacityConfiguration)).toThrow('capacity.name must be')
    expect(capacity.share).toBe(1)
  })
})

describe('sessions of a reduced capacity', () => {
  const sessions = Array.from({ length: 1_000 }, (_, index) => `session ${index}`)

  /** Each session's priority stays its own. */
  function priorityOf(session: string): Priority {
    return (['high', 'medium', 'low'] as const)[Number(session.split(' ')[1]) % 3] ?? 'medium'
  }

  function round(capacity: Capacity): Set<string> {
    return new Set(sessions.filter((session) => admits(capacity, { session, priority: priorityOf(session) })))
  }

  it('stay in once they are in, whatever the others do, while the share does not fall', () => {
    const random = seededRandom(11)
    const { capacity } = setUp({ share: 0.25 })
    let isIn = round(capacity)
    for (const share of [0.25, 0.25, 0.5, 0.75, 0.75]) {
      capacity.set(share)
      for (let rounds = 0; rounds < 5; rounds++) {
        send(capacity, Math.floor(random() * 500), { high: random(), medium: 0, low: 0 }, random)
        const now = round(capacity)
        expect([...isIn].filter((session) => !now.has(session))).toEqual([])
        isIn = now
      }
    }
  })

  it('are the share of all that call, within 2 %, and high ones go last', () => {
    for (const share of [0.25, 0.5, 0.75]) {
      const { capacity } = setUp({ share })
      let admitted = 0
      for (let rounds = 0; rounds < 20; rounds++) admitted += round(capacity).size
      expect(Math.abs(admitted / (20 * sessions.length) - share)).toBeLessThan(0.02)
      const isIn = [...round(capacity)]
      const left = sessions.filter((session) => !isIn.includes(session))
      const count = (list: readonly string[], priority: Priority): number =>
        list.filter((session) => priorityOf(session) === priority).length
      if (share === 0.25) expect(count(isIn, 'low') + count(isIn, 'medium')).toBeLessThan(20)
      if (share === 0.75) expect(count(left, 'high') + count(left, 'medium')).toBeLessThan(20)
    }
  })

  it('come and go, call unevenly, and are still the share of all that call', () => {
    for (const share of [0.25, 0.5, 0.75]) {
      const random = seededRandom(5)
      const { capacity } = setUp({ share })
      const live = Array.from({ length: 100 }, (_, index) => `first ${index}`)
      let next = 0
      const { all } = send(capacity, 30_000, THIRDS, random, () => {
        // A few call most; each call may be a session's last.
        const index = Math.floor(random() ** 2 * live.length)
        if (random() < 0.05) live[index] = `later ${next++}`
        return live[index] ?? ''
      })
      expect(Math.abs(all - share)).toBeLessThan(0.02)
    }
  })

  it('are fewer when the share falls: those that were out stay out', () => {
    const { capacity } = setUp({ share: 0.75 })
    round(capacity)
    const before = round(capacity)
    capacity.set(0.5)
    round(capacity)
    const after = round(capacity)
    expect(Math.abs(after.size - sessions.length / 2)).toBeLessThan(20)
    expect([...after].filter((session) => !before.has(session)).length).toBeLessThan(4)
  })

  it('stay out once they are out, while new ones use the share up', () => {
    const { capacity } = setUp({ share: 0.5 })
    const seen: boolean[] = []
    for (let i = 0; i < 50; i++) {
      seen.push(admits(capacity, { session: 'early' }))
      expect(admits(capacity, { session: `new ${i}` })).toBe(true)
    }
    // It would be its turn now.
    admits(capacity, { priority: 'low' })
    seen.push(admits(capacity, { session: 'early' }))
    expect(seen).not.toContain(true)
    // Nobody else comes, so there is room.
    while (!admits(capacity, { session: 'early' })) seen.push(false)
    expect(seen.length).toBeLessThan(80)
  })

  it('may come in like new ones when the share rises', () => {
    const { capacity } = setUp({ share: 0.5 })
    expect(admits(capacity, { session: 'early' })).toBe(false)
    capacity.set(0.75)
    admits(capacity)
    expect(admits(capacity, { session: 'early' })).toBe(true)
  })

  it('that came in late are like all that were in when the share falls', () => {
    const { capacity } = setUp({ share: 0.5 })
    expect(admits(capacity, { session: 'late' })).toBe(false)
    while (!admits(capacity, { session: 'late' }));
    capacity.set(0.4)
    for (let i = 0; i < 2; i++) admits(capacity)
    expect(admits(capacity, { session: 'late' })).toBe(true)
  })

  it('that were busy for long do not keep others out for long', () => {
    const { capacity } = setUp({ share: 0.5 })
    while (!admits(capacity, { session: 'busy' }));
    for (let i = 0; i < 10_000; i++) admits(capacity, { session: 'busy' })
    let refused = 0
    while (!admits(capacity)) refused += 1
    expect(refused).toBeGreaterThan(100)
    expect(refused).toBeLessThan(150)
  })

  it('are remembered in a bounded number', () => {
    const { capacity } = setUp({ share: 0.5, maxSessions: 100 })
    const random = seededRandom(2)
    let next = 0
    expect(admits(capacity, { session: 'busy', priority: 'high' })).toBe(true)
    const { all } = send(capacity, 20_000, THIRDS, random, () => (next++ % 10 === 0 ? 'busy' : `once ${next}`))
    expect(Math.abs(all - 0.5)).toBeLessThan(0.02)
    expect(admits(capacity, { session: 'busy', priority: 'low' })).toBe(true)
  })

  it('that are busy leave less for others, not more in all', () => {
    const { capacity } = setUp({ share: 0.5 })
    while (!admits(capacity, { session: 'busy' }));
    const before = capacity.snapshot().totals
    for (let i = 0; i < 2_000; i++) {
      if (i % 4 === 0) expect(admits(capacity, { session: 'busy' })).toBe(true)
      else admits(capacity, { session: `once ${i}` })
    }
    const { admitted } = capacity.snapshot().totals
    expect(Math.abs((admitted - before.admitted) / 2_000 - 0.5)).toBeLessThan(0.02)
  })
})
