import type { CircuitState } from '../events/events.ts'
import type { HealthStatus } from '../integration/integration.ts'
import type { HealthChangeReason } from './events.ts'
import { type Part, WORTH } from './level.ts'
import type { CheckResult, TargetHealth } from './monitor.ts'
import type { HealthSource, ResolvedTarget } from './options.ts'
import type { Run } from './run.ts'
import { KEPT, Uptime } from './uptime.ts'

/** While a circuit waits for a probe its checks come no faster than this, whatever it does, in ms. */
const PROBE_FLOOR_MS = 250
/** After so many passed checks that have not closed a circuit, a check is no probe of it: more than presets ask for. */
const ENOUGH_PASSED = 10

/** What the health of one integration is told from. */
export interface Signs {
  /** What its traffic says. */
  readonly passive: HealthStatus
  readonly circuit: CircuitState | undefined
  /** Since its traffic has been critical. */
  readonly passedInARow: number
  readonly failedInARow: number
  /** Whether calls have succeeded between failing checks. */
  readonly isServing: boolean
}

/**
 * The worse of traffic and checks, except where one knows better than the other:
 * - a check that fails while calls succeed makes it `degraded` at most: what fails may be the check;
 * - a half-open circuit waits for a call that may never come (a feature is off because of it), so with `criticalAfter` checks passed in a row meanwhile it is
 *   `degraded` and may be tried. An open or isolated one stays `critical` whatever the checks say.
 */
export function fuse(signs: Signs, criticalAfter: number): { status: HealthStatus; reason: HealthChangeReason } {
  const { passive, circuit, passedInARow, failedInARow, isServing } = signs
  if (passive === 'critical') {
    return circuit === 'half-open' && passedInARow >= criticalAfter
      ? { status: 'degraded', reason: 'checks' }
      : { status: 'critical', reason: 'traffic' }
  }
  const isFine = passive === 'healthy'
  if (failedInARow >= criticalAfter && !(isFine && isServing)) return { status: 'critical', reason: 'checks' }
  if (!isFine) return { status: 'degraded', reason: 'traffic' }
  return failedInARow > 0 ? { status: 'degraded', reason: 'checks' } : { status: 'healthy', reason: 'recovered' }
}

/** What a monitor knows of one integration. */
export class Target implements Part {
  readonly options: ResolvedTarget
  readonly name: string
  readonly priority: Part['priority']
  readonly weight: number
  status: HealthStatus = 'healthy'
  /** Monotonic time of the next check. */
  nextAt: number = Infinity
  run: Run | undefined
  readonly results: CheckResult[] = []
  readonly #criticalAfter: number
  readonly #uptime: Uptime
  #since: number
  #passive: HealthStatus = 'healthy'
  #circuit: CircuitState | undefined
  #passedInARow = 0
  #failedInARow = 0
  /** Checks passed in a row since the traffic has been critical. */
  #passedInTrouble = 0
  /** When a check was due last. */
  #dueAt = -Infinity
  #succeeded = 0
  /** How many calls had succeeded at the latest check and at the one before it. */
  #succeededAt: readonly [before: number, latest: number] = [0, 0]

  constructor(options: ResolvedTarget, criticalAfter: number, now: number, wallTime: number) {
    this.options = options
    this.name = options.integration.name
    this.priority = options.priority
    this.weight = options.weight
    this.#criticalAfter = criticalAfter
    this.#uptime = new Uptime(now)
    this.#since = wallTime
    this.#read()
    this.#succeededAt = [this.#succeeded, this.#succeeded]
  }

  /** Whether calls may get through, be it as a probe. */
  get isUsable(): boolean {
    return this.status !== 'critical' || this.#circuit === 'half-open'
  }

  /** Its check is due now, and then again at `nextAt`. */
  due(now: number, nextAt: number): void {
    this.#dueAt = now
    this.nextAt = nextAt
  }

  record(result: CheckResult): void {
    this.results.push(result)
    if (this.results.length > KEPT) this.results.shift()
    const isPass = result.outcome === 'passed'
    this.#passedInARow = isPass ? this.#passedInARow + 1 : 0
    this.#failedInARow = isPass ? 0 : this.#failedInARow + 1
    this.#passedInTrouble = isPass ? this.#passedInTrouble + 1 : 0
    this.#read()
    this.#succeededAt = [this.#succeededAt[1], this.#succeeded]
  }

  /** Resets its circuit, if it has one; what comes of it is seen at the next look. */
  reset(): void {
    try {
      this.options.integration.circuit?.reset()
    } catch {
      // Somebody else's; the others are reset all the same.
    }
  }

  /** Looks at everything anew. @returns why the status has changed, if it has. */
  assess(now: number, wallTime: number): HealthChangeReason | undefined {
    const { circuit, nextProbeInMs = circuit === 'open' ? Infinity : 0 } = this.#read()
    const { status, reason } = fuse(
      {
        passive: this.#passive,
        circuit: this.#circuit,
        passedInARow: this.#passedInTrouble,
        failedInARow: this.#failedInARow,
        isServing: this.#succeeded > this.#succeededAt[0],
      },
      this.#criticalAfter,
    )
    // A circuit that waits for a probe gets one as soon as one may go, and after one that passed the next at once; while a check is under way it gets no other.
    const isOpen = this.#circuit === 'open'
    const isWaiting = isOpen || this.#circuit === 'half-open'
    // Without one, that it is well again is seen by a check alone; not while a hand keeps it apart, nor while a check hangs, which would not be begun again.
    const isLost = status === 'critical' && this.#circuit !== 'isolated' && this.run === undefined
    if (isWaiting ? this.run?.isOver !== false : isLost) {
      const passed = this.#passedInTrouble
      // One that failed and did not open it again, or passed in vain, is no probe: it goes another way than the calls.
      const isProbe = isOpen || (isWaiting && passed > 0 && passed < ENOUGH_PASSED)
      const soonest = this.#dueAt + Math.max(PROBE_FLOOR_MS, isProbe ? 0 : this.options.intervalMs / 10)
      const nextAt = Math.max(Math.ceil(now + nextProbeInMs), soonest)
      // Not so when a source of somebody else's tells no number.
      if (nextAt < this.nextAt) this.nextAt = nextAt
    }
    if (status === this.status) return undefined
    this.status = status
    this.#since = wallTime
    this.#uptime.note(status !== 'critical', now, wallTime)
    return reason
  }

  report(now: number, periodMs: number): TargetHealth {
    const latencies = this.results
      .filter(({ outcome }) => outcome === 'passed')
      .map(({ durationMs }) => durationMs)
      .sort((a, b) => a - b)
    const rank = (q: number): number | undefined => latencies[Math.ceil(q * latencies.length) - 1]
    const checks = this.results.length
    return {
      name: this.name,
      status: this.status,
      since: this.#since,
      passive: this.#passive,
      priority: this.priority,
      weight: this.weight,
      passedInARow: this.#passedInARow,
      failedInARow: this.#failedInARow,
      failureRatio: checks === 0 ? 0 : (checks - latencies.length) / checks,
      latencyMs: { p50: rank(0.5), p95: rank(0.95), p99: rank(0.99) },
      lastCheck: this.results.at(-1),
      uptime: this.#uptime.report(now, periodMs),
    }
  }

  /** Reads what the traffic says. */
  #read(): Partial<ReturnType<HealthSource['snapshot']>> {
    this.#passive = 'critical'
    this.#circuit = undefined
    try {
      const snapshot = this.options.integration.snapshot()
      const { status, circuit, totals } = snapshot
      if (Object.hasOwn(WORTH, status)) this.#passive = status
      this.#circuit = circuit
      this.#succeeded = totals?.succeeded ?? 0
      if (this.#passive !== 'critical') this.#passedInTrouble = 0
      return snapshot
    } catch {
      return {}
    }
  }
}
