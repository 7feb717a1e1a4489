import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../clock/clock.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { type FakeClock, fakeClock, recordEvents } from '../testing/index.ts'
import { SESSIONS_DEFAULTS, type SessionsOptions } from './options.ts'
import { createSessions, type Sessions } from './sessions.ts'

const MINUTE_MS = 60_000
const { idleMs } = SESSIONS_DEFAULTS

interface SetUp {
  readonly clock: FakeClock
  readonly sessions: Sessions<string>
  /** What `onEvict` was told, in order. */
  readonly ended: string[]
}

function setUp(options: Partial<SessionsOptions<string>> = {}): SetUp {
  const clock = fakeClock()
  const ended: string[] = []
  const onEvict = (key: string, value: string, reason: string): void => void ended.push(`${key} ${value} ${reason}`)
  return { clock, ended, sessions: createSessions<string>({ name: 'calls', clock, onEvict, sweepMs: 0, ...options }) }
}

describe('a session', () => {
  it('lasts until it was not used for idleMs', async () => {
    const { clock, sessions, ended } = setUp()
    sessions.create('a', 'anna')
    await clock.advance(idleMs - 1)
    expect(sessions.peek('a')).toBe('anna')
    await clock.advance(1)
    expect(sessions.peek('a')).toBe(undefined)
    expect(ended).toEqual(['a anna expired'])
  })

  it('begins its time anew at every get and touch, but not at a peek', async () => {
    const { clock, sessions } = setUp()
    sessions.create('a', 'anna')
    await clock.advance(idleMs - 1)
    expect(sessions.get('a')).toBe('anna')
    await clock.advance(idleMs - 1)
    expect(sessions.touch('a')).toBe(true)
    await clock.advance(idleMs - 1)
    expect(sessions.peek('a')).toBe('anna')
    await clock.advance(1)
    expect(sessions.get('a')).toBe(undefined)
    expect(sessions.touch('a')).toBe(false)
  })

  it('ends at maxAgeMs however much it is used', async () => {
    const { clock, sessions, ended } = setUp({ maxAgeMs: 100 })
    sessions.create('a', 'anna')
    for (let i = 0; i < 9; i++) {
      await clock.advance(11)
      expect(sessions.touch('a')).toBe(true)
    }
    await clock.advance(1)
    expect(sessions.touch('a')).toBe(false)
    expect(ended).toEqual(['a anna expired'])
  })

  it('may have an idle time of its own', async () => {
    const { clock, sessions } = setUp()
    sessions.create('trial', 'anna', { idleMs: 10 * MINUTE_MS })
    sessions.create('paying', 'bert', { idleMs: 120 * MINUTE_MS })
    sessions.create('plain', 'carl')
    const left: string[][] = []
    for (const minutes of [10, 20, 90]) {
      await clock.advance(minutes * MINUTE_MS)
      left.push([...sessions.values()])
      sessions.sweep()
      expect(sessions.snapshot().size).toBe(left.at(-1)?.length)
    }
    expect(left).toEqual([['bert', 'carl'], ['bert'], []])
  })

  it('is ended by delete, and by another one under its key', () => {
    const { sessions, ended } = setUp()
    sessions.create('a', 'anna')
    sessions.create('a', 'anton')
    expect(sessions.peek('a')).toBe('anton')
    expect(sessions.delete('a')).toBe(true)
    expect(sessions.delete('a')).toBe(false)
    expect(ended).toEqual(['a anna deleted', 'a anton deleted'])
    const snapshot = sessions.snapshot()
    const counts = { created: 2, expired: 0, evicted: 0, deleted: 2 }
    expect(snapshot).toEqual({ name: 'calls', size: 0, active: 0, ...counts })
    expect(Object.isFrozen(snapshot)).toBe(true)
  })

  it('ends as expired when another one comes under its key too late', async () => {
    const { clock, sessions, ended } = setUp({ maxAgeMs: 50 })
    sessions.create('first', 'x')
    await clock.advance(10)
    sessions.create('a', 'anna')
    await clock.advance(39)
    sessions.touch('first')
    await clock.advance(20)
    sessions.create('a', 'anton')
    expect(ended).toContain('a anna expired')
    expect(sessions.peek('a')).toBe('anton')
  })

  it('does not care when the wall clock is set (B7)', async () => {
    const { clock, sessions } = setUp()
    sessions.create('a', 'anna')
    clock.setWallTime(4_000_000_000_000)
    expect(sessions.peek('a')).toBe('anna')
    clock.setWallTime(0)
    await clock.advance(idleMs)
    expect(sessions.peek('a')).toBe(undefined)
  })
})

describe('a store of sessions', () => {
  it('lets the least recently used go when it is full, whatever its idle time', () => {
    const { sessions, ended } = setUp({ maxSessions: 3 })
    sessions.create('a', '1', { idleMs: 1_000 })
    sessions.create('b', '2', { idleMs: 2_000 })
    sessions.create('c', '3')
    sessions.get('a')
    sessions.create('d', '4', { idleMs: 1 })
    sessions.create('e', '5')
    expect(ended).toEqual(['b 2 evicted', 'c 3 evicted'])
    expect([...sessions.values()]).toEqual(['1', '4', '5'])
  })

  it('makes room with what is over before anything else', async () => {
    const { clock, sessions, ended } = setUp({ maxSessions: 2 })
    sessions.create('a', '1')
    sessions.create('b', '2', { idleMs: 1_000 })
    await clock.advance(1_000)
    sessions.create('c', '3')
    expect(ended).toEqual(['b 2 expired'])
  })

  it('may hold a single one', () => {
    const { sessions } = setUp({ maxSessions: 1 })
    for (const key of ['a', 'b', 'c']) sessions.create(key, key)
    expect([...sessions.values()]).toEqual(['c'])
  })

  it('stays bounded under a million keys (B31)', { timeout: 60_000 }, () => {
    const { sessions } = setUp({ onEvict: () => undefined })
    for (let i = 0; i < 1_000_000; i++) sessions.create(`key-${i}`, 'x')
    expect(sessions.snapshot()).toMatchObject({ size: 1_000, created: 1_000_000, evicted: 999_000 })
    expect(sessions.peek('key-999000')).toBe('x')
    expect(sessions.peek('key-998999')).toBe(undefined)
  })

  it('counts those as active that were used in the last activeMs', async () => {
    const { clock, sessions } = setUp({ activeMs: 5 * MINUTE_MS })
    for (const key of ['a', 'b', 'c']) sessions.create(key, key)
    sessions.create('d', 'd', { idleMs: 120 * MINUTE_MS })
    await clock.advance(4 * MINUTE_MS)
    sessions.touch('b')
    expect(sessions.snapshot().active).toBe(4)
    await clock.advance(MINUTE_MS)
    expect(sessions.snapshot()).toMatchObject({ size: 4, active: 1 })
    sessions.touch('d')
    expect(sessions.snapshot().active).toBe(2)
  })

  it('ends all sessions at clear', () => {
    const { sessions, ended } = setUp()
    for (const key of ['a', 'b']) sessions.create(key, key)
    sessions.clear()
    expect(ended).toEqual(['a a deleted', 'b b deleted'])
    expect(sessions.snapshot().size).toBe(0)
  })

  it('reports what it does, without the keys', async () => {
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const { clock, sessions } = setUp({ events, maxSessions: 1 })
    sessions.create('a', 'anna')
    sessions.create('b', 'bert')
    sessions.delete('b')
    sessions.create('c', 'carl')
    await clock.advance(idleMs)
    sessions.sweep()
    expect(record.types).toEqual([
      'session-created',
      'session-created',
      'session-evicted',
      'session-deleted',
      'session-created',
      'session-expired',
    ])
    expect(record.all.at(-1)).toEqual({ type: 'session-expired', at: clock.wallTime(), sessions: 'calls' })
  })
})

describe('onEvict', () => {
  it('touches nothing when it throws or rejects', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    let calls = 0
    const { clock, sessions } = setUp({
      onEvict: () => {
        calls += 1
        if (calls % 2 === 0) throw new Error('a callback that fails')
        return Promise.reject(new Error('a callback that fails later')) as never
      },
    })
    for (const key of ['a', 'b', 'c', 'd']) sessions.create(key, key)
    await clock.advance(idleMs)
    expect(sessions.sweep()).toBe(4)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', onUnhandled)
    expect({ calls, unhandled, size: sessions.snapshot().size }).toEqual({ calls: 4, unhandled: [], size: 0 })
  })

  it('finds the session gone, and may begin and end others (B39)', async () => {
    const seen: unknown[] = []
    const { clock, sessions } = setUp({
      maxSessions: 2,
      onEvict: (key, _value, reason) => {
        seen.push([key, reason, sessions.peek(key)])
        if (reason === 'expired') sessions.create(key, 'again')
        if (reason === 'evicted') sessions.delete('b')
      },
    })
    sessions.create('a', '1')
    await clock.advance(idleMs)
    expect(sessions.sweep()).toBe(1)
    expect(sessions.peek('a')).toBe('again')
    sessions.create('b', '2')
    sessions.create('c', '3')
    expect(seen).toEqual([
      ['a', 'expired', undefined],
      ['a', 'evicted', undefined],
      ['b', 'deleted', undefined],
    ])
    expect([...sessions.values()]).toEqual(['3'])
  })

  it('may begin a session for each that is over, however many there are', async () => {
    const count = 20_000
    let begun = 0
    const { clock, sessions } = setUp({
      maxSessions: count,
      onEvict: (key, value) => {
        if (value !== 'first') return
        sessions.create(key, 'second')
        begun += 1
      },
    })
    for (let i = 0; i < count; i++) sessions.create(String(i), 'first')
    await clock.advance(idleMs)
    expect(sessions.sweep()).toBe(count)
    expect([begun, sessions.snapshot().size, [...sessions.values()].length]).toEqual([count, count, count])
    await clock.advance(idleMs)
    expect(sessions.sweep()).toBe(count)
    expect(sessions.snapshot().size).toBe(0)
  })

  it('may end what is about to end, without ending it twice', () => {
    const ended: string[] = []
    const { sessions } = setUp({
      onEvict: (key) => {
        ended.push(key)
        sessions.delete('c')
      },
    })
    for (const key of ['a', 'b', 'c']) sessions.create(key, key)
    sessions.clear()
    expect(ended).toEqual(['a', 'c', 'b'])
    expect(sessions.snapshot()).toMatchObject({ size: 0, deleted: 3 })
  })

  it('may take the key that is being replaced, once', () => {
    let calls = 0
    const { sessions } = setUp({
      onEvict: (key) => {
        calls += 1
        if (calls === 1) sessions.create(key, 'mine')
      },
    })
    sessions.create('a', 'old')
    sessions.create('a', 'new')
    expect([...sessions.values()]).toEqual(['mine'])
    expect(sessions.snapshot()).toMatchObject({ size: 1, created: 3, deleted: 2 })
  })
})

describe('the task that sweeps', () => {
  it('is one for all, waits only while there are sessions, and removes what nobody asks for', async () => {
    const { clock, sessions, ended } = setUp({ sweepMs: 5 * MINUTE_MS })
    expect(clock.pending).toBe(0)
    for (const key of ['a', 'b', 'c']) sessions.create(key, key)
    expect(clock.pending).toBe(1)
    await clock.advance(idleMs)
    expect(ended).toHaveLength(3)
    expect(clock.pending).toBe(0)
    sessions.create('d', 'd')
    expect(clock.pending).toBe(1)
    sessions.delete('d')
    expect(clock.pending).toBe(0)
  })

  it('is not there when sweepMs is 0 (B41)', () => {
    const { clock, sessions } = setUp({ sweepMs: 0 })
    sessions.create('a', 'anna')
    expect(clock.pending).toBe(0)
  })

  it('does not hold the process (B24)', async () => {
    const clock = fakeClock()
    const alive: boolean[] = []
    const watched: Clock = {
      now: () => clock.now(),
      wallTime: () => clock.wallTime(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      schedule: (ms, callback) =>
        Object.assign(clock.schedule(ms, callback), { keepAlive: (is: boolean) => void alive.push(is) }),
    }
    const sessions = createSessions<string>({ name: 'calls', clock: watched, sweepMs: 1_000 })
    sessions.create('a', 'anna')
    await clock.advance(3_500)
    expect(alive).toEqual([false, false, false, false])
  })

  it('leaves nothing behind after a week of use', async () => {
    const { clock, sessions } = setUp({ sweepMs: SESSIONS_DEFAULTS.sweepMs, maxAgeMs: 8 * 60 * MINUTE_MS })
    let most = 0
    for (let hour = 0; hour < 7 * 24; hour++) {
      for (let i = 0; i < 40; i++) sessions.create(`${hour}-${i}`, 'x', i % 4 === 0 ? { idleMs: 90 * MINUTE_MS } : {})
      for (let i = 0; i < 20; i++) sessions.touch(`${hour - 1}-${i * 4}`)
      most = Math.max(most, sessions.snapshot().size)
      await clock.advance(60 * MINUTE_MS)
    }
    await clock.advance(90 * MINUTE_MS)
    expect(most).toBeLessThan(120)
    expect(sessions.snapshot()).toMatchObject({ size: 0, created: 7 * 24 * 40, expired: 7 * 24 * 40, evicted: 0 })
    expect(clock.pending).toBe(0)
  })
})

describe('a store under any order of uses', () => {
  const step = fc.record({
    action: fc.constantFrom('create', 'create', 'get', 'touch', 'peek', 'delete', 'sweep', 'wait', 'wait'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    ms: fc.constantFrom(1, 40, 60, 100, 250),
  })

  interface Model {
    readonly id: string
    readonly idle: number
    readonly since: number
    used: number
    use: number
  }

  it('gives out what is not over, ends each session once, and never holds too many', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = fakeClock()
        const ended = new Map<string, number>()
        const sessions = createSessions<string>({
          name: 'calls',
          clock,
          idleMs: 100,
          maxAgeMs: 300,
          maxSessions: 3,
          onEvict: (_key, id) => void ended.set(id, (ended.get(id) ?? 0) + 1),
        })
        const model = new Map<string, Model>()
        let uses = 0
        for (const { action, key, ms } of steps) {
          for (const [k, { used, idle, since }] of model) {
            if (clock.now() - used >= idle || clock.now() - since >= 300) model.delete(k)
          }
          const held = model.get(key)
          uses += 1
          if (action === 'create') {
            const id = `${key}${uses}`
            sessions.create(key, id, { idleMs: ms })
            model.set(key, { id, idle: ms, since: clock.now(), used: clock.now(), use: uses })
            // One that is over, but kept behind one that is not, may cost another its place: the store decides.
            for (const [k] of [...model].toSorted(([, a], [, b]) => a.use - b.use)) {
              if (sessions.peek(k) === undefined) model.delete(k)
            }
            expect(model.has(key)).toBe(true)
          } else if (action === 'get' || action === 'touch') {
            if (action === 'get') expect(sessions.get(key)).toBe(held?.id)
            else expect(sessions.touch(key)).toBe(held !== undefined)
            if (held !== undefined) Object.assign(held, { used: clock.now(), use: uses })
          } else if (action === 'peek') expect(sessions.peek(key)).toBe(held?.id)
          else if (action === 'delete') {
            expect(sessions.delete(key)).toBe(held !== undefined)
            model.delete(key)
          } else if (action === 'sweep') sessions.sweep()
          else await clock.advance(ms)
          const { size, created, expired, evicted, deleted } = sessions.snapshot()
          expect(size).toBeLessThanOrEqual(3)
          expect(created).toBe(size + expired + evicted + deleted)
          expect(ended.size).toBe(expired + evicted + deleted)
        }
        expect([...ended.values()].every((times) => times === 1)).toBe(true)
        await clock.advance(300_000)
        expect([sessions.snapshot().size, clock.pending]).toEqual([0, 0])
      }),
    )
  })
})

describe('the options of sessions', () => {
  it.each([
    [{ name: 'Calls' }, /sessions\.name must be/],
    [{ name: undefined }, /sessions\.name must be/],
    [{ idleMs: 0 }, 'sessions.idleMs must be a number from 1 to 31,536,000,000, but is 0'],
    [{ maxSessions: 0 }, 'sessions.maxSessions must be a whole number from 1 to 10,000,000, but is 0'],
    [{ ttl: 5 }, /sessions\.ttl is not an option/],
  ])('refuse %j', (options, message) => {
    expect(() => createSessions({ name: 'calls', ...options } as SessionsOptions<string>)).toThrow(message)
  })

  it('refuse an idle time of a session that is none', () => {
    const { sessions } = setUp()
    expect(() => sessions.create('a', 'anna', { idleMs: NaN })).toThrow(/idleMs must be a number from 1 to/)
    expect(sessions.snapshot().created).toBe(0)
  })

  it('refuse an option of a session that does not exist', () => {
    const { sessions } = setUp()
    const misspelt = { idle: 5 } as object
    expect(() => sessions.create('a', 'anna', misspelt)).toThrow(
      'session.idle is not an option; the options are idleMs',
    )
    expect(sessions.snapshot().created).toBe(0)
  })
})
