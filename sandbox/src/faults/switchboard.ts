import type { Service } from '../services.ts'
import { closesPort, type Fault } from './fault.ts'

/** A fault that is set, and how often it has struck. */
export interface SetFault {
  readonly fault: Fault
  /** Requests it has touched. */
  readonly hits: number
  /** Requests it will still touch; missing when there is no end. */
  readonly left?: number
}

/** What is to happen to one request. `retryAfterSeconds` is worked out for rate limits. */
export type Strike = Fault & { readonly windowEndsInMs?: number }

interface State {
  readonly fault: Fault
  readonly since: number
  hits: number
  credit: number
  windowStart: number
  inWindow: number
}

/** Which fault is set for which service, and which requests it strikes. Nothing here is random. */
export class Switchboard {
  readonly #states = new Map<Service, State>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Sets a fault in place of the earlier one. */
  set(fault: Fault): void {
    const now = this.#now()
    this.#states.set(fault.service, { fault, since: now, hits: 0, credit: 0, windowStart: now, inWindow: 0 })
  }

  /** Clears the fault of one service, or all. */
  clear(service?: Service): void {
    if (service === undefined) this.#states.clear()
    else this.#states.delete(service)
  }

  /** The fault of a service. */
  get(service: Service): Fault | undefined {
    return this.#states.get(service)?.fault
  }

  /** All faults that are set. */
  list(): SetFault[] {
    return [...this.#states.values()].map(({ fault, hits }) => ({
      fault,
      hits,
      ...(fault.next === undefined ? {} : { left: fault.next - hits }),
    }))
  }

  /** Decides about a request that has just arrived. */
  strike(service: Service, path: string): Strike | undefined {
    const state = this.#states.get(service)
    if (state === undefined) return undefined
    const { fault } = state
    // The port does it, by its own timer; who gets through it is served.
    if (closesPort(fault)) return undefined
    if (fault.path !== undefined && !path.startsWith(fault.path)) return undefined
    if (fault.fault === 'flap' && !this.#inDownTime(state, fault)) return undefined
    if (fault.share !== undefined) {
      // Sums of decimal shares fall a hair short of 1.
      state.credit += fault.share
      if (state.credit < 1 - 1e-9) return undefined
      state.credit -= 1
    }
    let windowEndsInMs: number | undefined
    if (fault.fault === 'rate-limit') {
      windowEndsInMs = this.#exceeded(state, fault)
      if (windowEndsInMs === undefined) return undefined
    }
    state.hits += 1
    if (fault.next !== undefined && state.hits >= fault.next) this.#states.delete(service)
    return windowEndsInMs === undefined ? fault : { ...fault, windowEndsInMs }
  }

  #inDownTime(state: State, fault: Extract<Fault, { fault: 'flap' }>): boolean {
    return (this.#now() - state.since) % (fault.downMs + fault.upMs) < fault.downMs
  }

  /** Milliseconds until the window ends when its limit is used up. */
  #exceeded(state: State, fault: Extract<Fault, { fault: 'rate-limit' }>): number | undefined {
    const now = this.#now()
    if (now - state.windowStart >= fault.windowMs) {
      state.windowStart = now
      state.inWindow = 0
    }
    state.inWindow += 1
    return state.inWindow > fault.limit ? state.windowStart + fault.windowMs - now : undefined
  }
}
