import type { Clock, Random } from '../clock/clock.ts'
import { systemClock, systemRandom } from '../clock/system-clock.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { aFunction, check, invalidOption, nameAmong } from '../validation/validate.ts'
import type { Cache, Cached, CacheGetOptions, CacheScope, CacheSetOptions, CacheSnapshot, Compute } from './cache.ts'
import { Computation, type Wanted } from './computation.ts'
import { cached, Entry } from './entry.ts'
import { Failure } from './failure.ts'
import { Memory } from './memory.ts'
import {
  type CacheOptions,
  checkContext,
  type ResolvedCacheOptions,
  resolveCacheOptions,
  type Settings,
  settingsIn,
  settingsOver,
} from './options.ts'
import { StoreLink } from './store.ts'
import { LOADED, TagMarks } from './tag-marks.ts'
import { Tally } from './tally.ts'
import { tenantKey } from './tenant-key.ts'

class TwoLevelCache<Value> implements Cache<Value> {
  readonly #options: ResolvedCacheOptions<Value>
  readonly #lifetimes: Settings
  readonly #types = new Map<string, Settings>()
  readonly #clock: Clock
  readonly #random: Random
  readonly #tally: Tally
  readonly #memory: Memory<Entry<Value>>
  readonly #store: StoreLink | undefined
  readonly #underWay = new Map<string, Computation<Value>>()
  readonly #failures: Memory<Failure>
  readonly #marks = new TagMarks()
  constructor(options: CacheOptions<Value>) {
    this.#options = resolveCacheOptions(options)
    this.#lifetimes = settingsIn(this.#options)
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? systemRandom
    this.#tally = new Tally(options.name, this.#clock, options.events ?? createEvents<CoreEvent>())
    this.#memory = new Memory(this.#options, () => this.#tally.add('evictions'))
    this.#failures = new Memory({ maxEntries: this.#options.maxEntries })
    for (const [type, lifetimes] of Object.entries(options.types ?? {})) {
      this.#types.set(type, settingsOver(`cache.types.${type}`, this.#lifetimes, lifetimes))
    }
    const { store } = this.#options
    const onFailure = (): void => this.#tally.add('storeErrors')
    if (store !== undefined) this.#store = new StoreLink({ ...this.#options, store, clock: this.#clock, onFailure })
  }

  get size(): number {
    return this.#memory.size
  }

  get bytes(): number {
    return this.#memory.bytes
  }

  get(key: string, compute: Compute<Value>, options?: CacheGetOptions): Promise<Cached<Value>> {
    try {
      const signal = options?.signal
      if (signal?.aborted === true) throw signal.reason
      const id = tenantKey(key, options?.tenant)
      const entry = this.#memory.get(id)
      const now = this.#clock.now()
      if (entry !== undefined && now < entry.refreshAt && !this.#marks.isOutdated(entry)) {
        this.#memory.touch(entry)
        return Promise.resolve(this.#served(entry, now))
      }
      return this.#look(id, compute, options)
    } catch (reason) {
      return Promise.reject(reason)
    }
  }

  peek(key: string, options?: CacheScope): Cached<Value> | undefined {
    const entry = this.#held(tenantKey(key, options?.tenant))
    return entry && cached(entry, this.#clock.now())
  }

  set(key: string, value: Value, options?: CacheSetOptions): void {
    const settings = this.#settings(options)
    const id = tenantKey(key, options?.tenant)
    this.#overtake(this.#underWay.get(id))
    this.#keep(this.#entry(id, value, settings, this.#marks.version), this.#clock.now(), settings)
  }

  delete(key: string, options?: CacheScope): boolean {
    // A misspelt tenant would be another key.
    this.#settings(options)
    const id = tenantKey(key, options?.tenant)
    this.#overtake(this.#underWay.get(id))
    this.#failures.drop(id)
    this.#store?.delete(id)
    return this.#memory.drop(id)
  }

  deleteByTag(tag: string): void {
    this.#marks.add(tag, this.#store?.deleteByTag(tag) ?? 0)
  }

  clear(): void {
    for (const computation of this.#underWay.values()) this.#overtake(computation)
    this.#failures.clear()
    this.#memory.clear()
    this.#store?.forget()
  }

  snapshot(): CacheSnapshot {
    return this.#tally.snapshot(this.size, this.bytes)
  }

  #settings(options: CacheGetOptions | undefined): Settings {
    if (options === undefined) return this.#lifetimes
    const { type } = options
    const base = type === undefined ? this.#lifetimes : this.#types.get(type)
    if (base === undefined) throw invalidOption('call.type', nameAmong(this.#types.keys()), type)
    return settingsOver('call', base, options)
  }

  /** A look-up that no fresh value could end. */
  async #look(id: string, compute: Compute<Value>, options: CacheGetOptions | undefined): Promise<Cached<Value>> {
    check('compute', compute, aFunction)
    const settings = this.#settings(options)
    const { signal, softTimeoutMs, retryAfterErrorMs } = settings
    const held = this.#held(id)
    const now = this.#clock.now()
    const wanted = { id, compute, settings, held }
    if (held !== undefined && now < held.revalidateUntil) {
      this.#memory.touch(held)
      return this.#serve(held, wanted)
    }
    const failure = this.#failures.get(id)
    if (failure !== undefined && now < failure.until && !this.#marks.isOutdated(failure)) {
      this.#tally.add('negativeHits')
      throw failure.toError(now)
    }
    this.#tally.add('misses')
    const computation = this.#computation(wanted)
    let hardMs = settings.hardTimeoutMs
    let softMs = held === undefined ? hardMs : Math.min(softTimeoutMs, hardMs)
    for (;;) {
      try {
        const entry = await computation.wait(signal, this.#clock, softMs, this.#hasRoom)
        if (!entry.isLoaded) return { value: entry.value, ageMs: 0, state: 'computed' }
        this.#tally.counts.misses -= 1
        return this.#serve(entry, wanted)
      } catch (error) {
        signal?.throwIfAborted()
        // Looked up again: meanwhile it may have been replaced, deleted, or too old.
        const stale = this.#held(id)
        if (stale !== undefined) {
          this.#memory.touch(stale)
          this.#rest(stale, retryAfterErrorMs)
          this.#tally.counts.misses -= 1
          return this.#served(stale, this.#clock.now())
        }
        if (softMs === hardMs) throw error
        hardMs -= softMs
        softMs = hardMs
      }
    }
  }

  /** Serves an entry at once, and sees to a newer one when it is time. */
  #serve(entry: Entry<Value>, wanted: Wanted<Value>): Cached<Value> {
    const now = this.#clock.now()
    if (now >= entry.refreshAt && this.#hasRoom) this.#computation({ ...wanted, held: entry }).keep()
    return this.#served(entry, now)
  }

  #served(entry: Entry<Value>, now: number): Cached<Value> {
    const result = cached(entry, now)
    this.#tally.add(result.state === 'fresh' ? 'hits' : 'stale', result.ageMs)
    return result
  }

  /** Whether one more computation may go on that nobody waits for. */
  get #hasRoom(): boolean {
    return this.#underWay.size <= this.#options.maxEntries
  }

  /** The computation under way for a key, or a new one. */
  #computation(wanted: Wanted<Value>): Computation<Value> {
    const { id } = wanted
    const now = this.#clock.now()
    const underWay = this.#underWay.get(id)
    const isOver = underWay === undefined || now >= underWay.startedAt + this.#options.leaseMs
    if (!isOver && !this.#marks.isOutdated(underWay.context)) return underWay
    this.#overtake(underWay)
    const started = new Computation(wanted, this.#marks.version, now, () => void this.#land(started))
    this.#underWay.set(id, started)
    started.start(() => this.#compute(started))
    return started
  }

  async #compute(computation: Computation<Value>): Promise<Entry<Value>> {
    const { context, wanted } = computation
    const { id, compute } = wanted
    try {
      if (this.#store !== undefined) {
        const entry = await this.#load(computation, this.#store)
        context.signal.throwIfAborted()
        if (entry !== undefined) return entry
      }
      const value = await compute(context.signal, context)
      checkContext(context)
      const entry = this.#entry(id, value, context, context.version)
      if (this.#land(computation)) {
        if (context.keep && !this.#marks.isOutdated(entry)) this.#keep(entry, computation.startedAt, context)
        this.#tally.add('refreshes')
      }
      return entry
    } catch (error) {
      if (this.#land(computation)) {
        const stale = this.#held(id)
        const { negativeMs, retryAfterErrorMs } = context
        if (stale !== undefined) this.#rest(stale, retryAfterErrorMs)
        else if (negativeMs > 0) this.#failures.add(new Failure(id, error, this.#clock.now() + negativeMs, context))
        this.#tally.add('refreshFailures')
      }
      throw error
    }
  }

  /** What a computation gives from here on is too old to keep; so it ends, unless somebody waits for it. */
  #overtake(computation: Computation<Value> | undefined): void {
    if (computation === undefined) return
    this.#land(computation)
    computation.release()
  }

  #isUnderWay(computation: Computation<Value>): boolean {
    return this.#underWay.get(computation.wanted.id) === computation
  }

  /** Ends a computation. @returns false when `set`, `delete`, `clear` or a newer one has overtaken it: then its result is too old to keep. */
  #land(computation: Computation<Value>): boolean {
    return this.#isUnderWay(computation) && this.#underWay.delete(computation.wanted.id)
  }

  /** What the store has, if it is newer than what is held; it comes out only when it may be served at once. */
  async #load(computation: Computation<Value>, store: StoreLink): Promise<Entry<Value> | undefined> {
    const { context, wanted } = computation
    const { id, held } = wanted
    const found = await store.load(id, context.signal)
    if (found === undefined || !this.#isUnderWay(computation)) return undefined
    const { storedAt: wallAt, begunAt, freshMs, staleWhileRevalidateMs, staleIfErrorMs, tags, value } = found
    const isOld = held !== undefined && wallAt <= held.wallAt
    if (isOld || this.#marks.isOutdated({ tags, begunAt, version: LOADED })) return undefined
    const now = this.#clock.now()
    // The clock of whoever stored it may be ahead of this one.
    const at = now - Math.max(0, this.#clock.wallTime() - wallAt)
    const stored = { at, wallAt, version: context.version }
    const periods = { ...context, freshMs, staleWhileRevalidateMs, staleIfErrorMs, tags }
    const entry = new Entry(id, value as Value, stored, periods, this.#random, true)
    if (now >= entry.goneAt) return undefined
    this.#memory.add(entry)
    this.#tally.add('storeHits')
    if (now >= entry.revalidateUntil) return undefined
    this.#land(computation)
    return entry
  }

  #entry(id: string, value: Value, settings: Settings, version: number): Entry<Value> {
    const stored = { at: this.#clock.now(), wallAt: this.#clock.wallTime(), version }
    return new Entry(id, value, stored, settings, this.#random, false)
  }

  /** @param startedAt when the work that gave it began, monotonic. */
  #keep(entry: Entry<Value>, startedAt: number, settings: Settings): void {
    const { id, value, at, wallAt: storedAt, tags } = entry
    const { freshMs, staleWhileRevalidateMs, staleIfErrorMs } = settings
    this.#failures.drop(id)
    const hasSize = this.#memory.add(entry)
    const begunAt = storedAt - (at - startedAt)
    const stored = { value, storedAt, begunAt, freshMs, staleWhileRevalidateMs, staleIfErrorMs, tags }
    this.#store?.save(id, hasSize ? stored : undefined)
  }

  /** What is in memory and may still be served. */
  #held(id: string): Entry<Value> | undefined {
    const entry = this.#memory.get(id)
    if (entry === undefined) return undefined
    if (this.#clock.now() < entry.goneAt && !this.#marks.isOutdated(entry)) return entry
    this.#memory.drop(id)
    return undefined
  }

  /** Lets a stale entry be served for a while before a newer one is asked for again. */
  #rest(entry: Entry<Value>, ms: number): void {
    entry.refreshAt = Math.min(entry.goneAt, this.#clock.now() + ms)
  }
}

/**
 * Makes a bounded memory of values that serves fresh ones, stale ones while they are refreshed, and stale ones when refreshing
 * failed; with a store behind it, if one is given.
 *
 * @example
 * ```ts
 * import { createCache } from '@holdfast/core/cache'
 *
 * const quotes = createCache<string>({ name: 'quotes', freshMs: 60_000, staleIfErrorMs: 3_600_000, softTimeoutMs: 500 })
 * const { value, ageMs, state } = await quotes.get(
 *   'TEB-MIA',
 *   async (signal, context) => {
 *     context.tags = ['route:TEB-MIA']
 *     return `computed, ${signal.aborted}`
 *   },
 *   { tenant: 'acme' },
 * )
 * console.log(value, ageMs, state, quotes.peek('TEB-MIA', { tenant: 'acme' })?.state, quotes.peek('TEB-MIA'))
 * quotes.deleteByTag('route:TEB-MIA')
 * console.log(quotes.snapshot().misses)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createCache<Value>(options: CacheOptions<Value>): Cache<Value> {
  return new TwoLevelCache<Value>(options)
}
