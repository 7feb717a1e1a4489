import type { HealthStatus } from '../integration/integration.ts'
import type { Priority } from '../policy/admission.ts'
import type { LevelChangeReason, SystemLevel } from './events.ts'

/** The levels, the worst first. */
export const LEVELS: readonly SystemLevel[] = ['EMERGENCY', 'LIMITED', 'DEGRADED', 'FULL']
/** The place of the best in {@link LEVELS}. */
export const FULL = 3

/** The least score of each level. What is less by nothing but rounding is taken for it, except that FULL means all. */
const FLOORS = [0, 0.5 - 1e-9, 0.8 - 1e-9, 1]

/** With 0.8 for `degraded`, integrations that are no worse never make the system worse than DEGRADED, and never let it be FULL. */
export const WORTH: Readonly<Record<HealthStatus, number>> = { healthy: 1, degraded: 0.8, critical: 0 }

/** What one integration adds to the level. */
export interface Part {
  readonly status: HealthStatus
  readonly priority: Priority
  readonly weight: number
}

/** How well things are just now, without regard to what was before. */
export interface Rating {
  /** 0 to 1. */
  readonly score: number
  /** A place in {@link LEVELS}. */
  readonly rank: number
  readonly reason: LevelChangeReason
}

/**
 * `score = sum(weight * worth) / sum(weight)`; without any weight it is 1. FULL from 1, DEGRADED from 0.8, LIMITED from 0.5. With one high-priority
 * integration critical the level is LIMITED at best, with all of them EMERGENCY.
 */
export function rate(parts: Iterable<Part>): Rating {
  let all = 0
  let well = 0
  let high = 0
  let lost = 0
  for (const { status, priority, weight } of parts) {
    all += weight
    well += weight * WORTH[status]
    if (priority === 'high') {
      high += 1
      if (status === 'critical') lost += 1
    }
  }
  const score = all === 0 ? 1 : well / all
  const byScore = FLOORS.findLastIndex((floor) => score >= floor)
  const cap = lost === 0 ? FULL : lost < high ? 1 : 0
  return cap < byScore ? { score, rank: cap, reason: 'high-priority-lost' } : { score, rank: byScore, reason: 'score' }
}

/**
 * The level as it is held: worse at once; better only one step at a time, each once things were at least so good for its share of the dwell, without a break: a third of it
 * for LIMITED, two for DEGRADED, all of it for FULL. So the whole way back takes one dwell, from wherever it begins, and the better the level the longer the proof.
 */
export class HeldLevel {
  rank: number = FULL
  /** Monotonic. */
  since: number
  /** How often things were found to be no better than the level says. */
  setbacks = 0
  readonly #dwellMs: number
  /** Since when things have been at least as good as each level. */
  #goodSince = [0, 0, 0, 0]
  readonly #spentMs = [0, 0, 0, 0]

  constructor(dwellMs: number, now: number) {
    this.#dwellMs = dwellMs
    this.since = now
  }

  /** The rank to go to now, if it is time to. FULL comes up again only after another dwell. */
  next(rank: number, now: number): number | undefined {
    this.#goodSince = this.#goodSince.map((since, each) => (each > rank ? Infinity : Math.min(since, now)))
    if (rank <= this.rank) {
      this.setbacks += 1
      return rank < this.rank ? rank : undefined
    }
    const next = this.rank + 1
    if (now - (this.#goodSince[next] ?? now) < (this.#dwellMs * next) / FULL) return undefined
    this.#goodSince[next] = now
    return next
  }

  move(rank: number, now: number): void {
    this.#spend(this.#spentMs, now)
    this.rank = rank
    this.since = now
  }

  /** Time spent in each level until now, in ms. */
  spentMs(now: number): Readonly<Record<SystemLevel, number>> {
    const spent = this.#spend([...this.#spentMs], now)
    return Object.fromEntries(LEVELS.map((level, rank) => [level, spent[rank]])) as Record<SystemLevel, number>
  }

  #spend(spent: number[], now: number): number[] {
    spent[this.rank] = (spent[this.rank] ?? 0) + now - this.since
    return spent
  }
}
