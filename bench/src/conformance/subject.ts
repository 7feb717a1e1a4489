import type { VirtualTime } from '../virtual-time/virtual-time.ts'

/** What an operation is told, as far as a library tells it. */
export interface Context {
  readonly signal: AbortSignal | undefined
}

export type Work = (context: Context) => unknown

/** Runs work under a policy. A library that takes no signal leaves it aside. */
export type Run = (work: Work, signal?: AbortSignal) => Promise<unknown>

export interface RetryAsk {
  readonly maxRetries: number
  readonly delayMs: number
  /** 1 for waits that stay the same. */
  readonly factor: number
  readonly maxDelayMs: number
}

export interface BreakerAsk {
  /** Opens at this ratio … */
  readonly failureRatio: number
  /** … of at least this many calls … */
  readonly minimumCalls: number
  /** … in the last so many ms. */
  readonly windowMs: number
  readonly openMs: number
  /** Calls let through at once while it is tried. */
  readonly probes: number
}

/** A saved state, as it would be written to a disk. */
export type Saved = string

export interface BreakerSubject {
  /** The library's own object. */
  readonly identity: object
  readonly run: Run
  state(): 'closed' | 'open' | 'half-open'
  /** Hears of every change of state. */
  onChange?(listener: () => void): void
  save?(): Saved
  /** Another breaker, made from what this one has saved. */
  restored?(saved: Saved): BreakerSubject
  /** What the library itself hands out as its state. */
  snapshot?(): unknown
  /** Ends it, where a library asks for that. */
  dispose?(): void
}

export interface BulkheadSubject {
  readonly run: Run
  /** Calls whose end it has reported, however they ended. */
  ended(): number
}

export interface HealthCheckSubject {
  /** Starts to check. */
  start(check: () => Promise<void>, everyMs: number): void
  stop(): void
}

export interface CacheSubject {
  get(key: string, compute: () => unknown, signal?: AbortSignal): Promise<unknown>
  set?(key: string, value: unknown): Promise<void>
}

/** The parts of a library that a case can ask for. What it does not have is left out. */
export interface Library {
  readonly name: string
  readonly version: string
  /** Whether calls take an `AbortSignal` of their caller. */
  readonly takesSignal: boolean
  /** Whether work is given one. */
  readonly givesSignal: boolean
  retry?(ask: RetryAsk): Run
  breaker?(ask: BreakerAsk): BreakerSubject
  /** With nothing but the library's own defaults. */
  defaultBreaker?(): BreakerSubject
  timeout?(timeoutMs: number): Run
  bulkhead?(slots: number, queued: number): BulkheadSubject
  /** A bulkhead around a timeout. */
  bulkheadAndTimeout?(slots: number, timeoutMs: number): Run
  /** Retry, breaker and timeout as one. */
  stack?(): Run
  /** A call that falls back after a time limit. */
  fallback?(timeoutMs: number, work: Work, instead: () => unknown): Promise<unknown>
  /** A cache before a breaker (with `ask`), both as the library puts them together. */
  cachedBreaker?(ask: BreakerAsk): { get(key: string, work: Work): Promise<unknown>; state(): BreakerState }
  healthCheck?(): HealthCheckSubject
  cache?(freshMs: number): CacheSubject
  /** The source of a program that makes one call through the library's usual stack with a time limit of a minute. */
  readonly exitProgram?: string
  /** Only ours: checks of policies that none of the others has. */
  readonly own?: Readonly<Record<string, (world: World) => Promise<void>>>
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** How far a promise is. */
export interface Watched {
  state: 'pending' | 'fulfilled' | 'rejected'
  value: unknown
  /** Virtual time at which it was settled. */
  at: number
}

/** What a case runs in. */
export interface World {
  readonly time: VirtualTime
  /** Follows a promise without waiting for it, so that nothing can hang a case. */
  watch(promise: Promise<unknown>): Watched
  /** Rejections that nobody handled. */
  readonly unhandled: readonly unknown[]
}

/** One bug of the list. */
export interface Case {
  /** As in the list: `B1`. */
  readonly id: string
  readonly title: string
  /** @returns what keeps a library from being asked at all, if anything does. */
  lacks(library: Library): string | undefined
  /** Rejects with what is wrong. */
  check(library: Library, world: World): Promise<void>
}
