import type { Clock } from '../clock/clock.ts'
import { LazySignal } from '../signal/lazy-signal.ts'
import { runLimited } from '../timeout/run-limited.ts'
import { timedOut } from '../timeout/timeout.ts'
import { setLast } from './bounded-map.ts'

/** What a store keeps of one value. Nothing but JSON, where the value is. */
export interface StoredEntry {
  readonly value: unknown
  /** Wall time in ms since the Unix epoch. */
  readonly storedAt: number
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
 * be slow, fail or forget. `storeConformance` of `@holdfast/core/testing` has the cases that one must pass.
 */
export interface CacheStore {
  /** The entry as it was set; `undefined` or `null` when there is none. */
  get(key: string, call: StoreCall): PromiseLike<StoredEntry | null | undefined> | StoredEntry | null | undefined
  /** Keeps an entry, in place of an older one. After `ttlMs` it is of no more use and may be forgotten. */
  set(key: string, entry: StoredEntry, call: StoreCall & { readonly ttlMs: number }): unknown
  /** Forgets an entry, if there is one. */
  delete(key: string, call: StoreCall): unknown
  /**
   * Forgets every entry that has this tag, whichever cache set it. Without this, other processes and later ones do not hear
   * of a deletion by tag.
   */
  deleteByTag?(tag: string, call: StoreCall): unknown
}

/** How a {@link StoreLink} works. */
export interface StoreLinkOptions {
  readonly name: string
  readonly store: CacheStore
  readonly storeTimeoutMs: number
  readonly storeRetryMs: number
  readonly clock: Clock
  readonly onFailure: () => void
}

/** After so many failures in a row the store is left alone for a while. */
const MOST_FAILURES = 3
/** So many keys whose latest change the store has not confirmed are told apart. */
const MOST_UNSAVED = 10_000

/** A store, kept at arm's length: nothing it does or fails to do comes out, and nobody waits for it longer than its time limit. */
export class StoreLink {
  readonly #options: StoreLinkOptions
  /** Keys whose latest change the store has not confirmed, with the end of that change: what it has for them is not believed. */
  readonly #unsaved = new Map<string, Promise<void>>()
  /** Wall time; entries from then or before are not believed. */
  #believedAfter = -Infinity
  #failures = 0
  #retryAt = 0

  constructor(options: StoreLinkOptions) {
    this.#options = options
  }

  /** What the store has, if it may be believed. Never rejects. */
  async load(id: string, signal: AbortSignal): Promise<StoredEntry | undefined> {
    if (this.#unsaved.has(id)) return undefined
    const { name, store, onFailure } = this.#options
    const found = (await this.#ask((call) => store.get(`${name}:${id}`, call), signal))?.value
    if (found === undefined || found === null) return undefined
    const { storedAt, freshMs, staleWhileRevalidateMs, staleIfErrorMs, tags } = found
    if (!Array.isArray(tags) || !Number.isFinite(storedAt + freshMs + staleWhileRevalidateMs + staleIfErrorMs)) {
      onFailure()
      return undefined
    }
    return storedAt > this.#believedAfter ? found : undefined
  }

  /** Keeps an entry, or forgets it, behind; changes of one key reach the store in their order. */
  save(id: string, entry: StoredEntry | undefined): void {
    const { name, store } = this.#options
    const key = `${name}:${id}`
    const change = async (before: Promise<void> | undefined): Promise<void> => {
      await before
      const done = await this.#ask((call) => {
        const { freshMs = 0, staleWhileRevalidateMs = 0, staleIfErrorMs = 0 } = entry ?? {}
        const ttlMs = freshMs + staleWhileRevalidateMs + staleIfErrorMs
        return entry && ttlMs > 0 ? store.set(key, entry, Object.assign(call, { ttlMs })) : store.delete(key, call)
      })
      if (done !== undefined && this.#unsaved.get(id) === turn) this.#unsaved.delete(id)
    }
    const turn = change(this.#unsaved.get(id))
    if (setLast(this.#unsaved, id, turn, MOST_UNSAVED) !== undefined) this.#distrust()
  }

  deleteByTag(tag: string): void {
    const { store } = this.#options
    if (store.deleteByTag !== undefined) void this.#ask((call) => store.deleteByTag?.(tag, call))
  }

  /** Believes nothing that the store has by now. */
  forget(): void {
    this.#unsaved.clear()
    this.#distrust()
  }

  #distrust(): void {
    this.#believedAfter = this.#options.clock.wallTime()
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
