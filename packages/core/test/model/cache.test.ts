import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cache, createCache } from '../../src/cache/index.ts'
import { HoldfastError } from '../../src/index.ts'
import { seededRandom } from '../../src/testing/index.ts'
import { VirtualClock } from '../harness/virtual-clock.ts'

const RUNS = Number(process.env['MODEL_RUNS'] ?? 300)
const FRESH_MS = 500
const STALE_MS = 500
const IF_ERROR_MS = 2_000
const LEASE_MS = 1_500
const MAX_ENTRIES = 3

/** A value that says where it comes from. */
interface Value {
  readonly place: string
  /** The count of everything that happened, when the work that gave it began. */
  readonly begunAt: number
}

/** One computation, as the work behind the cache sees it. */
interface Work {
  readonly place: string
  readonly begunAt: number
  readonly startedAt: number
  readonly signal: AbortSignal
  ended: boolean
}

interface Look {
  readonly place: string
  readonly controller: AbortController | undefined
  readonly askedAt: number
  readonly waitsMs: number
  abortedAt: number | undefined
  settled: boolean
  /** What it waits for, once it was seen to wait. */
  work: Work | undefined
}

/** A cache, its callers and the work behind it, and what must never be. */
class World {
  readonly clock = new VirtualClock()
  readonly cache: Cache<Value>
  readonly works: Work[] = []
  readonly looks: Look[] = []
  readonly violations: string[] = []
  /** When each key was last changed from outside, by the count of everything that happened. */
  readonly #changedAt = new Map<string, number>()
  readonly #hardTimeoutMs: number
  #tick = 0
  #counted = 0

  constructor(seed: number, softTimeoutMs: number, hardTimeoutMs: number) {
    this.cache = createCache<Value>({
      name: 'answers',
      clock: this.clock,
      random: seededRandom(seed),
      freshMs: FRESH_MS,
      staleWhileRevalidateMs: STALE_MS,
      staleIfErrorMs: IF_ERROR_MS,
      negativeMs: 100,
      retryAfterErrorMs: 200,
      eagerRefreshRatio: 0.8,
      leaseMs: LEASE_MS,
      maxEntries: MAX_ENTRIES,
      softTimeoutMs,
      hardTimeoutMs,
    })
    this.#hardTimeoutMs = hardTimeoutMs
  }

  get(key: string, tenant: string, workMs: number, fails: boolean, leaves: boolean): void {
    const place = `${tenant} ${key}`
    const controller = leaves ? new AbortController() : undefined
    const look: Look = {
      place,
      controller,
      askedAt: this.clock.now(),
      waitsMs: this.#hardTimeoutMs,
      abortedAt: undefined,
      settled: false,
      work: undefined,
    }
    this.looks.push(look)
    this.#tick += 1
    this.#counted += 1
    const since = this.#changedAt.get(place) ?? 0
    const compute = async (signal: AbortSignal): Promise<Value> => {
      const work: Work = { place, begunAt: (this.#tick += 1), startedAt: this.clock.now(), signal, ended: false }
      this.works.push(work)
      try {
        if (workMs >= 0) await this.clock.sleep(workMs, signal)
        if (fails) throw new Error(`no ${place}`)
        return { place, begunAt: work.begunAt }
      } finally {
        work.ended = true
      }
    }
    this.cache.get(key, compute, { tenant, ...(controller === undefined ? {} : { signal: controller.signal }) }).then(
      ({ value, ageMs, state }) => {
        this.#settle(look)
        if (value.place !== place) this.#violate(`${place} is given what belongs to ${value.place}`)
        if (value.begunAt < since) this.#violate(`${place} is given what was overtaken before it asked`)
        if (state === 'fresh' && ageMs >= FRESH_MS) this.#violate(`${place} is called fresh at ${ageMs} ms`)
        if (ageMs >= FRESH_MS + STALE_MS + IF_ERROR_MS) this.#violate(`${place} is served at ${ageMs} ms`)
      },
      (reason: unknown) => {
        this.#settle(look)
        const isOwn = look.abortedAt !== undefined && reason === controller?.signal.reason
        const isOfWork = reason instanceof Error && reason.message === `no ${place}`
        if (look.abortedAt !== undefined && !isOwn) this.#violate(`${place} loses the reason of its abort`)
        if (!isOwn && !isOfWork && !HoldfastError.isInstance(reason)) this.#violate(`${place} fails: ${String(reason)}`)
      },
    )
  }

  leave(pick: number): void {
    const mayLeave = this.looks.filter(({ settled, controller }) => !settled && controller !== undefined)
    const look = mayLeave[pick % mayLeave.length]
    if (look === undefined) return
    look.abortedAt = this.clock.now()
    look.controller?.abort(new Error('left'))
  }

  change(how: 'set' | 'delete' | 'clear', key: string, tenant: string): void {
    const place = `${tenant} ${key}`
    this.#tick += 1
    if (how === 'set') this.cache.set(key, { place, begunAt: this.#tick }, { tenant })
    else if (how === 'delete') this.cache.delete(key, { tenant })
    else this.cache.clear()
    const places = how === 'clear' ? new Set([...this.works, ...this.looks].map((one) => one.place)) : [place]
    for (const changed of places) this.#changedAt.set(changed, this.#tick)
    if (how === 'delete' && this.cache.peek(key, { tenant }) !== undefined) this.#violate(`${place} is not deleted`)
    if (how === 'set' && this.cache.peek(key, { tenant })?.value.begunAt !== this.#tick) {
      this.#violate(`${place} is not set`)
    }
  }

  check(): void {
    const now = this.clock.now()
    const { size, bytes } = this.cache
    if (size > MAX_ENTRIES || bytes > size * 100) this.#violate(`${size} entries of ${bytes} bytes`)
    const { hits, misses, stale, negativeHits } = this.cache.snapshot()
    if (hits + misses + stale + negativeHits !== this.#counted) this.#violate('a look-up is not counted once')
    for (const look of this.looks) {
      const { place, settled, abortedAt, askedAt, waitsMs } = look
      if (settled) continue
      if (abortedAt !== undefined) this.#violate(`${place} is waited for after the abort`)
      if (now >= askedAt + waitsMs) this.#violate(`${place} is waited for too long`)
      look.work ??= this.works.findLast((work) => work.place === place && !work.ended)
      if (look.work?.signal.aborted === true) this.#violate(`the work for ${place} is given up while somebody waits`)
    }
    // Work that nothing has overtaken, and that has not hung for too long, is the only one of its key.
    const running = this.works.filter(
      (work) => !work.ended && work.begunAt > (this.#changedAt.get(work.place) ?? 0) && !work.signal.aborted,
    )
    for (const { place, startedAt } of running) {
      const younger = running.filter((other) => other.place === place && other.startedAt >= startedAt)
      if (younger.length > 1 && younger.every((other) => other.startedAt < startedAt + LEASE_MS)) {
        this.#violate(`${place} is computed twice at once`)
      }
    }
  }

  async finish(): Promise<void> {
    await this.clock.advance(100_000)
    this.check()
    if (this.looks.some(({ settled, controller }) => !settled && controller !== undefined)) {
      for (const { controller } of this.looks) controller?.abort('the end')
    }
    await this.clock.settle()
    for (const { controller } of this.looks) {
      const left = controller === undefined ? 0 : getEventListeners(controller.signal, 'abort').length
      if (left > 0) this.#violate(`${left} listeners are left`)
    }
    if (this.clock.pending > 0) this.#violate(`${this.clock.pending} timers are left`)
  }

  #settle(look: Look): void {
    if (look.settled) this.#violate(`${look.place} is answered twice`)
    look.settled = true
    const now = this.clock.now()
    if (look.abortedAt !== undefined && look.abortedAt !== now) this.#violate(`${look.place} leaves late`)
  }

  #violate(what: string): void {
    this.violations.push(`at ${this.clock.now()}: ${what}`)
  }
}

const key = fc.constantFrom('a', 'b', 'c')
const tenant = fc.constantFrom('x', 'y')
const workMs = fc.constantFrom(-1, 0, 30, 200, 700, 1_200)

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('get' as const),
      key,
      tenant,
      workMs,
      fails: fc.boolean(),
      leaves: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), pick: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('set' as const, 'delete' as const, 'clear' as const), key, tenant }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 30, 150, 500, 1_000, 4_000) }),
  },
)

describe('a cache under any order of look-ups, leavers, changes and waits', () => {
  it('computes once at a time, gives everybody his own and current value, and counts every look-up once (B32, B33, B34)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.nat(),
        fc.constantFrom(Infinity, 100, 0),
        fc.constantFrom(Infinity, 400),
        async (steps, seed, softMs, hardMs) => {
          const world = new World(seed, softMs, hardMs)
          for (const one of steps) {
            if (one.do === 'get') world.get(one.key, one.tenant, one.workMs, one.fails, one.leaves)
            else if (one.do === 'leave') world.leave(one.pick)
            else if (one.do === 'advance') await world.clock.advance(one.ms)
            else world.change(one.do, one.key, one.tenant)
            await world.clock.settle()
            world.check()
            expect(world.violations).toEqual([])
          }
          await world.finish()
          expect(world.violations).toEqual([])
        },
      ),
      { numRuns: RUNS },
    )
  })
})
