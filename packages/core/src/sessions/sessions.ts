import type { Clock, ScheduledTask } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { Link } from '../list/link.ts'
import { validate } from '../validation/validate.ts'
import {
  anIdleTime,
  resolveSessionsOptions,
  type SessionEnd,
  type SessionLimits,
  type SessionsOptions,
} from './options.ts'

/** How many sessions there are and were. A frozen copy. */
export interface SessionsSnapshot {
  readonly name: string
  readonly size: number
  /** Used in the last `activeMs`. */
  readonly active: number
  readonly created: number
  readonly expired: number
  readonly evicted: number
  readonly deleted: number
}

/** What one session may have of its own. */
export interface SessionOptions {
  /** How long it may go unused, in ms. 1 to 31,536,000,000. Default: the store's `idleMs`. */
  readonly idleMs?: number | undefined
}

/** A bounded store of sessions that end when they are not used. Values are kept and given as they are, not copied. */
export interface Sessions<Value> {
  /** Begins a session. One that has the key already ends as `deleted`. @throws HoldfastError `INVALID_OPTION` */
  create(key: string, value: Value, options?: SessionOptions): void
  /** The value of a session, which counts as a use of it; `undefined` when there is none, or it is over. */
  get(key: string): Value | undefined
  /** The same without counting as a use. */
  peek(key: string): Value | undefined
  /** Counts as a use: the session's time begins anew. @returns whether there is one. */
  touch(key: string): boolean
  /** Ends a session. @returns whether there was one. */
  delete(key: string): boolean
  /** Ends all sessions. */
  clear(): void
  /**
   * Removes sessions that are over; the store does so itself at every `create` and every `sweepMs`. One that is over is
   * never given out, but may be kept for a while behind one that is not: at most for its idle time when it grew too
   * old, and for a tenth of it when its idle time is nearly, but not quite, that of others.
   * @returns how many it removed.
   */
  sweep(): number
  snapshot(): SessionsSnapshot
  /** The values of all sessions, in the order of their beginning. */
  values(): IterableIterator<Value>
}

class Session<Value> {
  readonly key: string
  readonly value: Value
  readonly idleMs: number
  readonly createdAt: number
  readonly link: Link<Session<Value>> = new Link(this)
  usedAt = 0
  /** The number of its last use among all uses, since several may come at one time. */
  use = 0

  constructor(key: string, value: Value, idleMs: number, createdAt: number) {
    this.key = key
    this.value = value
    this.idleMs = idleMs
    this.createdAt = createdAt
  }
}

class SessionStore<Value> implements Sessions<Value> {
  readonly #options: SessionsOptions<Value>
  readonly #limits: SessionLimits
  readonly #clock: Clock
  readonly #sessions = new Map<string, Session<Value>>()
  /** Sessions of nearly the same idle time, in the order of their last use: the first is the first to be over. */
  readonly #lists = new Map<number, Link<Session<Value>>>()
  readonly #counts = { created: 0, expired: 0, evicted: 0, deleted: 0 }
  #uses = 0
  #isSweeping = false
  #task: ScheduledTask | undefined

  constructor(options: SessionsOptions<Value>) {
    this.#limits = resolveSessionsOptions(options)
    this.#options = { ...options }
    this.#clock = options.clock ?? systemClock
  }

  create(key: string, value: Value, options?: SessionOptions): void {
    if (options !== undefined) validate('session', options, { idleMs: anIdleTime })
    const { idleMs = this.#limits.idleMs } = options ?? {}
    this.sweep()
    const now = this.#clock.now()
    const session = new Session(key, value, idleMs, now)
    const before = this.#sessions.get(key)
    this.#sessions.set(key, session)
    this.#use(session, now)
    this.#report('created')
    this.#arm()
    // What `onEvict` does from here on finds the store as it is to be.
    if (before !== undefined) this.#end(before, this.#isOver(before, now) ? 'expired' : 'deleted')
    if (this.#sessions.size > this.#limits.maxSessions) this.#end(this.#leastRecentlyUsed(), 'evicted')
  }

  get(key: string): Value | undefined {
    return this.touch(key) ? this.#sessions.get(key)?.value : undefined
  }

  peek(key: string): Value | undefined {
    return this.#find(key, this.#clock.now())?.value
  }

  touch(key: string): boolean {
    const now = this.#clock.now()
    const session = this.#find(key, now)
    if (session !== undefined) this.#use(session, now)
    return session !== undefined
  }

  delete(key: string): boolean {
    const session = this.#find(key, this.#clock.now())
    this.#end(session, 'deleted')
    return session !== undefined
  }

  clear(): void {
    // Those there are now, whatever `onEvict` begins.
    const all = [...this.#sessions.values()]
    for (const session of all) this.#end(session, 'deleted')
  }

  sweep(): number {
    // `onEvict` may begin sessions: they must not sweep on, each within the call of the one before.
    if (this.#isSweeping) return 0
    this.#isSweeping = true
    const before = this.#counts.expired
    const now = this.#clock.now()
    try {
      for (const list of this.#lists.values()) {
        for (let first = list.next.item; first !== undefined && this.#isOver(first, now); first = list.next.item) {
          this.#end(first, 'expired')
        }
      }
    } finally {
      this.#isSweeping = false
    }
    return this.#counts.expired - before
  }

  snapshot(): SessionsSnapshot {
    this.sweep()
    const activeSince = this.#clock.now() - this.#limits.activeMs
    let active = 0
    for (const list of this.#lists.values()) {
      for (
        let { previous } = list;
        previous.item !== undefined && previous.item.usedAt > activeSince;
        { previous } = previous
      )
        active += 1
    }
    return Object.freeze({ name: this.#options.name, size: this.#sessions.size, active, ...this.#counts })
  }

  *values(): IterableIterator<Value> {
    for (const session of this.#sessions.values()) if (!this.#isOver(session, this.#clock.now())) yield session.value
  }

  #isOver({ usedAt, idleMs, createdAt }: Session<Value>, now: number): boolean {
    return now - usedAt >= idleMs || now - createdAt >= this.#limits.maxAgeMs
  }

  #find(key: string, now: number): Session<Value> | undefined {
    const session = this.#sessions.get(key)
    if (session === undefined || !this.#isOver(session, now)) return session
    this.#end(session, 'expired')
    return undefined
  }

  #use(session: Session<Value>, now: number): void {
    session.usedAt = now
    session.use = this.#uses += 1
    // Idle times within a tenth of each other share a list, so that there are few whatever times are asked for.
    const kind = Math.round(8 * Math.log2(session.idleMs))
    let list = this.#lists.get(kind)
    if (list === undefined) this.#lists.set(kind, (list = new Link()))
    session.link.leave()
    session.link.join(list)
  }

  #leastRecentlyUsed(): Session<Value> | undefined {
    let least: Session<Value> | undefined
    for (const {
      next: { item },
    } of this.#lists.values()) {
      if (item !== undefined && (least === undefined || item.use < least.use)) least = item
    }
    return least
  }

  /** Removes a session, unless it is in no list and so has ended before; then lets others know. */
  #end(session: Session<Value> | undefined, reason: SessionEnd): void {
    if (session === undefined || session.link.next === session.link) return
    const { key, value, link } = session
    link.leave()
    if (this.#sessions.get(key) === session) this.#sessions.delete(key)
    if (this.#sessions.size === 0) {
      this.#task?.cancel()
      this.#task = undefined
    }
    this.#report(reason)
    try {
      const result: unknown = this.#options.onEvict?.(key, value, reason)
      if (result instanceof Promise) result.catch(() => undefined)
    } catch {
      // The store has done its part already.
    }
  }

  /** One task for all sessions, while there are any; it does not hold the process. */
  #arm(): void {
    const { sweepMs } = this.#limits
    if (this.#task !== undefined || sweepMs === 0 || this.#sessions.size === 0) return
    this.#task = this.#clock.schedule(sweepMs, () => {
      this.#task = undefined
      this.sweep()
      this.#arm()
    })
    this.#task.keepAlive?.(false)
  }

  #report(what: 'created' | SessionEnd): void {
    this.#counts[what] += 1
    const { events, name } = this.#options
    if (events?.active === true) events.emit({ type: `session-${what}`, at: this.#clock.wallTime(), sessions: name })
  }
}

/**
 * Makes a store of sessions. Every use of a session (`get`, `touch`) begins its idle time anew. All operations cost the
 * same however many sessions there are, but for `snapshot`, which looks at the active ones, `clear` and `values`. There is
 * no timer per session: what time changes is seen at the next look, and one task, which does not hold the process,
 * removes every `sweepMs` what nobody asks for.
 *
 * @example
 * ```ts
 * import { createSessions } from '@holdfast/core/sessions'
 *
 * const onEvict = (key: string, value: { turns: number }, reason: string) => console.log(key, value.turns, reason)
 * const sessions = createSessions<{ turns: number }>({ name: 'calls', onEvict })
 * sessions.create('anna', { turns: 0 })
 * sessions.create('bert', { turns: 0 }, { idleMs: 7_200_000 })
 * console.log(sessions.get('anna'), sessions.touch('carl'), sessions.snapshot().active)
 * sessions.clear()
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createSessions<Value>(options: SessionsOptions<Value>): Sessions<Value> {
  return new SessionStore<Value>(options)
}
