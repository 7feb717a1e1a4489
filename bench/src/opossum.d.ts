/** The part of opossum 10 that is used here; the package brings no types. */
declare module 'opossum' {
  import type { EventEmitter } from 'node:events'

  interface Options {
    readonly timeout?: number | false
    readonly resetTimeout?: number
    readonly errorThresholdPercentage?: number
    readonly rollingCountTimeout?: number
    readonly rollingCountBuckets?: number
    readonly volumeThreshold?: number
    readonly capacity?: number
    readonly cache?: boolean
    readonly coalesce?: boolean
    readonly coalesceTTL?: number
    readonly cacheGetKey?: (...values: unknown[]) => string
    readonly errorFilter?: (error: unknown) => boolean
    readonly abortController?: AbortController
    readonly autoRenewAbortController?: boolean
    readonly enableSnapshots?: boolean
    readonly rollingPercentilesEnabled?: boolean
    readonly state?: unknown
    readonly status?: unknown
    readonly name?: string
  }

  class CircuitBreaker<Values extends unknown[], Result> extends EventEmitter {
    constructor(action: (...values: Values) => Result | PromiseLike<Result>, options?: Options)
    fire(...values: Values): Promise<Result>
    fallback(work: (...values: unknown[]) => unknown): this
    healthCheck(check: () => Promise<unknown>, intervalMs?: number): void
    open(): void
    close(): void
    shutdown(): void
    toJSON(): { state: unknown; status: unknown }
    getSignal(): AbortSignal | undefined
    readonly opened: boolean
    readonly closed: boolean
    readonly halfOpen: boolean
    readonly isShutdown: boolean
    readonly stats: Readonly<Record<string, number>>
  }

  export default CircuitBreaker
}
