import type { Clock } from '../clock/clock.ts'
import { LazySignal } from '../signal/lazy-signal.ts'
import { runLimited } from '../timeout/run-limited.ts'
import { timedOut } from '../timeout/timeout.ts'
import { Item, Memory } from './memory.ts'

/** What a store keeps of one value. Nothing but JSON, where the value is. */
export interface StoredEntry {
  readonly value: unknown
  /** Wall time in ms since the Unix epoch. */
  readonly storedAt: number
  /** The same, when the work that gave the value began: what was deleted from then on does not come back with it. */
  readonly begunAt: number
  readonly freshMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly tags: readonly string[]
}

/** Ends an operation of a store: its time is over, or nobody waits for it any more. It must not take effect after that. */
export interface StoreCall {
  readonly signal: AbortSignal
}

/**
 * A second level behind a cache's memory, such as a Redis, a table or files: shared by processes, and there after a restart. It may
 * be slow, fail or forget. `storeConformance` of `@holdfast/core/testing` has the cases that one must pass. Besides entries it is given
 * deletions to keep, under keys of their own and in the form of entries that nobody is served: with their time as `storedAt`.
 */
export interface CacheStore {
  /** The entry as it was set; `undefined` or `null` when there is none. */
  get(key: string, call: StoreCall): PromiseLike<StoredEntry | null | undefined> | StoredEntry | null | undefined
  /** Keeps an entry, in place of an older one. After `ttlMs` it is of no more use and may be forgotten. */
  set(key: string, entry: StoredEntry, call: StoreCall & { readonly ttlMs: number }): unknown
  /** Forgets an entry, if there is one. */
  delete(key: string, call: StoreCall): unknown
  /**
   * Forgets every entry that has this tag, whichever cache set it. Without this the entries stay until their time is over,
   * although nobody is served one.
   */
  readonly deleteByTag?: ((tag: string, call: StoreCall) => unknown) | undefined
}

/** How a {@link StoreLink} works. */
export interface StoreLinkOptions {
  readonly name: string
  readonly store: CacheStore
  readonly storeTimeoutMs: number
  readonly storeRetryMs: number
  readonly storeSkewMs: number
  readonly clock: Clock
  readonly onFailure: () => void
}

/** After so many failures in a row the store is left alone for a while. */
const MOST_FAILURES = 3
/** So many keys whose latest change the store has not confirmed are told apart. */
const MOST_UNSAVED = 10_000
/** What was begun more than 30 days ago is not believed, since a deletion from then may be forgotten. */
const OLDEST_MS = 2_592_000_000
/** A day more, whatever the clocks say. */
const DELETIONS_KEPT_MS = OLDEST_MS + 86_400_000

/** The latest change of a key. While it is here, what the store has for the key is not believed. */
class Change extends Item<undefined> {
  entry: StoredEntry | undefined
  /** Whether it is a deletion, or comes after one that the store was not given yet. */
  isDeletion = false
  /** Whether it has become another one since the store was given it. */
  isNew = true
  isUnderWay = false
}

/** A store, kept at arm's length: nothing it does or fails to do comes out, and nobody waits for it longer than its time limit. */
export class StoreLink {
  readonly #options: StoreLinkOptions
  readonly #unsaved = new Memory<Change>({ maxEntries: MOST_UNSAVED }, () => this.#distrust())
  /** Wall time; what was begun then or before is not believed. */
  #believedAfter = -Infinity
  #failures = 0
  #retryAt = 0

  constructor(options: StoreLinkOptions) {
    this.#options = options
  }

  /**
   * Wall time up to which what was begun anywhere counts as begun before a deletion that the store is given now. So long, the deletion
   * may still take the place of one that another process has made a little later.
   */
  get #overAt(): number {
    const { clock, storeSkewMs, storeTimeoutMs } = this.#options
    return clock.wallTime() + storeSkewMs + storeTimeoutMs
  }

  /** What the store has, if it may be believed. Never rejects. */
  async load(id: string, signal: AbortSignal): Promise<StoredEntry | undefined> {
    if (this.#unsaved.get(id) !== undefined) return undefined
    const { name, store, clock, onFailure } = this.#options
    const key = `${name}:${id}`
    const loaded = await this.#ask(async (call) => {
      const found = await store.get(key, call)
      if (found === undefined || found === null) return undefined
      const { storedAt, begunAt, freshMs, staleWhileRevalidateMs, staleIfErrorMs, tags } = found
      const numbers = [storedAt, begunAt, freshMs, staleWhileRevalidateMs, staleIfErrorMs]
      if (!Array.isArray(tags) || !numbers.every(Number.isFinite)) {
        onFailure()
        return undefined
      }
      const leastBegunAt = Math.max(this.#believedAfter, clock.wallTime() - OLDEST_MS)
      if (begunAt <= leastBegunAt) return undefined
      // Asked after the entry, so that no deletion comes in between.
      const deletions = await Promise.all([keyOf(key), ...found.tags.map(tagOf)].map((each) => store.get(each, call)))
      return deletions.every((deletion) => !deletion || begunAt > deletion.storedAt) ? found : undefined
    }, signal)
    return loaded?.value
  }

  /** Keeps an entry behind; changes of one key reach the store in their order, and of those it was too slow for only the last. */
  save(id: string, entry: StoredEntry | undefined): void {
    void this.#write(this.#change(id), entry)
  }

  /** Forgets an entry, wherever it is or is being computed. */
  delete(id: string): void {
    const change = this.#change(id)
    change.isDeletion = true
    void this.#write(change, undefined)
  }

  /** Forgets what has a tag, wherever it is or is being computed. @returns the wall time up to which what was begun counts as deleted. */
  deleteByTag(tag: string): number {
    const { store } = this.#options
    const at = this.#overAt
    void this.#ask(async (call) => {
      await this.#keepDeletion(tagOf(tag), call)
      return store.deleteByTag?.(tag, call)
    })
    return at
  }

  /** Believes nothing that the store has by now. */
  forget(): void {
    this.#unsaved.clear()
    this.#distrust()
  }

  #distrust(): void {
    this.#believedAfter = this.#overAt
  }

  #change(id: string): Change {
    const known = this.#unsaved.get(id)
    const change = known ?? new Change(id, undefined)
    if (known === undefined) this.#unsaved.add(change)
    else this.#unsaved.touch(change)
    return change
  }

  async #write(change: Change, entry: StoredEntry | undefined): Promise<void> {
    change.entry = entry
    change.isNew = true
    if (change.isUnderWay) return
    change.isUnderWay = true
    let isDone = false
    while (change.isNew) {
      change.isNew = false
      const { isDeletion } = change
      change.isDeletion = false
      isDone = (await this.#ask((call) => this.#put(change, isDeletion, call))) !== undefined
    }
    change.isUnderWay = false
    change.entry = undefined
    if (isDone && this.#unsaved.get(change.id) === change) this.#unsaved.drop(change.id)
  }

  async #put({ id, entry }: Change, isDeletion: boolean, call: StoreCall): Promise<unknown> {
    const { name, store } = this.#options
    const key = `${name}:${id}`
    if (isDeletion) await this.#keepDeletion(keyOf(key), call)
    const { freshMs = 0, staleWhileRevalidateMs = 0, staleIfErrorMs = 0 } = entry ?? {}
    const ttlMs = Math.min(freshMs + staleWhileRevalidateMs + staleIfErrorMs, OLDEST_MS)
    return entry && ttlMs > 0 ? store.set(key, entry, Object.assign(call, { ttlMs })) : store.delete(key, call)
  }

  async #keepDeletion(key: string, call: StoreCall): Promise<void> {
    const at = this.#overAt
    const none = { value: null, freshMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0, tags: [] }
    const ttlMs = DELETIONS_KEPT_MS
    await this.#options.store.set(key, { ...none, storedAt: at, begunAt: at }, { signal: call.signal, ttlMs })
    call.signal.throwIfAborted()
  }

  /** @returns what the store gave, or `undefined` when it was left alone, failed, or took too long. Never rejects. */
  async #ask<T>(
    run: (call: StoreCall) => T | PromiseLike<T>,
    signal?: AbortSignal,
  ): Promise<{ readonly value: T } | undefined> {
    const { clock, storeTimeoutMs, storeRetryMs, onFailure } = this.#options
    const now = clock.now()
    if (this.#failures >= MOST_FAILURES) {
      if (now < this.#retryAt) return undefined
      // One tries; the others leave it alone until it is known how that ended.
      this.#retryAt = now + storeRetryMs
    }
    const timeoutError = (): Error => timedOut('the store', storeTimeoutMs)
    try {
      const value = await runLimited(run, new LazySignal(), { clock, signal, timeoutMs: storeTimeoutMs, timeoutError })
      this.#failures = 0
      return { value }
    } catch {
      if (signal?.aborted === true) return undefined
      this.#failures += 1
      this.#retryAt = clock.now() + storeRetryMs
      onFailure()
      return undefined
    }
  }
}

/** Where deletions are kept: names of caches have no `@`, so no entry is there. */
function keyOf(key: string): string {
  return `@key:${key}`
}

function tagOf(tag: string): string {
  return `@tag:${tag}`
}
