import type { Clock, Random, ScheduledTask } from '../clock/clock.ts'
import { systemClock, systemRandom } from '../clock/system-clock.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent, Events, Listener } from '../events/events.ts'
import type { HealthStatus } from '../integration/integration.ts'
import { untilAborted } from '../signal/until-aborted.ts'
import { invalidOption, nameAmong } from '../validation/validate.ts'
import type { HealthEvent, LevelChangeReason, SystemLevel } from './events.ts'
import { FULL, HeldLevel, LEVELS, rate, type Rating } from './level.ts'
import { checkAuthor, HeldDown } from './maintenance.ts'
import type {
  CheckResult,
  HealthMonitor,
  Maintenance,
  MaintenanceEnd,
  RecoveryReport,
  RecoveryRequest,
  SystemHealth,
} from './monitor.ts'
import { type HealthOptions, type ResolvedHealthOptions, resolveHealthOptions } from './options.ts'
import { type CheckHost, cutCheck, runCheck } from './run.ts'
import { Target } from './target.ts'

/** What is reported, but for its time. */
type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never

class Monitor implements HealthMonitor, CheckHost {
  readonly clock: Clock
  readonly #options: ResolvedHealthOptions
  readonly #random: Random
  readonly #events: Events<CoreEvent> | undefined
  readonly #own: Events<HealthEvent> = createEvents<HealthEvent>()
  readonly #targets = new Map<string, Target>()
  /** Those that have a check. */
  readonly #checked: readonly Target[]
  readonly #level: HeldLevel
  readonly #heldDown: HeldDown
  #rating: Rating = rate([])
  #assessAt = 0
  #isStarted = false
  #isValidating = false
  #stops = 0
  /** Callers that wait for checks: only they keep the process alive. */
  #waiting = 0
  #task: ScheduledTask | undefined
  #armedFor = Infinity
  #unsubscribe: (() => void) | undefined

  constructor(options: HealthOptions) {
    this.#options = resolveHealthOptions(options)
    const { clock = systemClock, random = systemRandom, events, onLevelChange } = options
    this.clock = clock
    this.#random = random
    this.#events = events
    this.#heldDown = new HeldDown(clock, (make) => this.#tell(make))
    const now = clock.now()
    this.#level = new HeldLevel(this.#options.dwellMs, now)
    for (const each of this.#options.targets) {
      const target = new Target(each, this.#options.criticalAfter, now, clock.wallTime())
      const { name } = target
      this.#targets.set(name, target)
      if (each.onChange !== undefined) {
        this.#own.on((event) =>
          event.type === 'health-changed' && event.integration === name ? each.onChange?.(event) : undefined,
        )
      }
    }
    this.#checked = [...this.#targets.values()].filter(({ options: { check } }) => check !== undefined)
    if (onLevelChange !== undefined) {
      this.#own.on((event) => (event.type === 'level-changed' ? onLevelChange(event) : undefined))
    }
    this.#assess(now)
  }

  get level(): SystemLevel {
    this.#fresh()
    return levelAt(this.#level.rank)
  }

  get score(): number {
    this.#fresh()
    return this.#rating.score
  }

  get share(): number {
    return this.#options.shares[this.level]
  }

  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    const now = this.clock.now()
    for (const target of this.#checked) target.nextAt = now + this.#random() * target.options.intervalMs
    this.#unsubscribe = this.#events?.on((event) => {
      if (!event.type.startsWith('circuit-') || !('integration' in event)) return
      const target = this.#targets.get(event.integration)
      if (target !== undefined) this.#look(target)
    })
    this.#assess(now)
  }

  stop(): void {
    this.#stops += 1
    this.#isStarted = false
    this.#unsubscribe?.()
    for (const target of this.#checked) cutCheck(this, target, 'ignored', 'CANCELLED')
    this.#arm()
  }

  status(name: string): HealthStatus {
    return this.#known(name).status
  }

  isUsable(name: string): boolean {
    return this.#known(name).isUsable
  }

  results(name: string): readonly CheckResult[] {
    return [...this.#known(name).results]
  }

  snapshot(): SystemHealth {
    const { level, score, share } = this
    const now = this.clock.now()
    return Object.freeze({
      level,
      since: Math.round(this.clock.wallTime() - (now - this.#level.since)),
      score,
      share,
      spentMs: this.#level.spentMs(now),
      maintenance: this.#heldDown.now,
      integrations: [...this.#targets.values()].map((target) => target.report(now, this.#options.periodMs)),
    })
  }

  async checkNow(name?: string, signal?: AbortSignal): Promise<readonly CheckResult[]> {
    return this.#wait(name === undefined ? this.#checked : [this.#known(name)], signal)
  }

  async forceRecovery(request: RecoveryRequest): Promise<RecoveryReport> {
    checkAuthor('recovery', request)
    const { by, reason, integrations = [...this.#targets.keys()], signal } = request
    const targets = integrations.map((name) => this.#known(name))
    signal?.throwIfAborted()
    this.#assess(this.clock.now())
    const before = targets.map(({ status }) => status)
    this.#tell(() => ({ type: 'recovery-forced', by, reason, integrations: [...integrations] }))
    for (const target of targets) target.reset()
    this.#assess(this.clock.now())
    const checks = await this.#wait(targets, signal)
    return {
      level: this.level,
      integrations: targets.map(({ name, status }, index) => ({
        name,
        before: before[index] ?? status,
        after: status,
        check: checks.find(({ integration }) => integration === name),
      })),
    }
  }

  enterMaintenance(maintenance: Maintenance): void {
    this.#fresh()
    this.#heldDown.begin(maintenance)
    this.#assess(this.clock.now())
  }

  endMaintenance(end: MaintenanceEnd): boolean {
    checkAuthor('maintenance', end)
    this.#fresh()
    const hasEnded = this.#heldDown.end('ended', end)
    this.#judge()
    return hasEnded
  }

  on(listener: Listener<HealthEvent>): () => void {
    return this.#own.on(listener)
  }

  judged(target: Target, startedAt: number, outcome: CheckResult['outcome'], code?: string): CheckResult {
    const integration = target.name
    const durationMs = this.clock.now() - startedAt
    const ofError = code === undefined ? {} : { code }
    const result = Object.freeze({ integration, at: this.clock.wallTime(), outcome, durationMs, ...ofError })
    if (outcome !== 'ignored') {
      target.record(result)
      this.#tell(() => ({ type: 'health-checked', integration, passed: outcome === 'passed', durationMs, ...ofError }))
      this.#look(target)
    }
    return result
  }

  #known(name: string): Target {
    this.#fresh()
    const target = this.#targets.get(name)
    if (target === undefined) throw invalidOption('integration', nameAmong(this.#targets.keys()), name)
    return target
  }

  async #wait(targets: readonly Target[], signal?: AbortSignal): Promise<readonly CheckResult[]> {
    signal?.throwIfAborted()
    this.#waiting += 1
    try {
      return await untilAborted(this.#check(targets), signal)
    } finally {
      this.#waiting -= 1
      this.#arm()
    }
  }

  /** Runs the checks of these targets now, and their next ones an interval later. */
  #check(targets: readonly Target[]): Promise<readonly CheckResult[]> {
    const now = this.clock.now()
    const stops = this.#stops
    const results = targets.flatMap((target) => {
      // A check or a listener may stop the monitor.
      if (stops !== this.#stops) return []
      const spread = 1 + this.#options.jitter * (2 * this.#random() - 1)
      target.due(now, now + target.options.intervalMs * spread)
      return runCheck(this, target) ?? []
    })
    this.#arm()
    return Promise.all(results)
  }

  /** Looks at one integration, and at what it means for the level. */
  #look(target: Target): void {
    if (this.#assessOne(target, this.clock.now())) this.#judge()
    this.#arm()
  }

  #fresh(): void {
    const now = this.clock.now()
    if (now >= this.#assessAt) this.#assess(now)
  }

  #assess(now: number): void {
    this.#heldDown.expire(now)
    this.#assessAt = Math.min(now + this.#options.assessMs, this.#heldDown.endsAt)
    for (const target of this.#targets.values()) this.#assessOne(target, now)
    this.#judge()
    this.#arm()
  }

  /** Returns whether its status has changed. */
  #assessOne(target: Target, now: number): boolean {
    const from = target.status
    const reason = target.assess(now, this.clock.wallTime())
    if (reason === undefined) return false
    const { name, status } = target
    this.#tell(() => ({ type: 'health-changed', integration: name, from, to: status, reason }))
    return true
  }

  #judge(): void {
    const { rank, reason } = (this.#rating = this.#rate())
    const next = this.#level.next(rank, this.clock.now())
    if (next === undefined) return
    if (next < this.#level.rank) this.#move(next, reason)
    else if (next < FULL || !this.#isStarted || this.#checked.length === 0) this.#move(next, 'recovered')
    else if (!this.#isValidating) void this.#validate()
  }

  #rate(): Rating {
    const rating = rate(this.#targets.values())
    const { most } = this.#heldDown
    return most < rating.rank ? { ...rating, rank: most, reason: 'maintenance' } : rating
  }

  /** The last step back: everything has to pass at once. */
  async #validate(): Promise<void> {
    this.#isValidating = true
    const { setbacks } = this.#level
    const stops = this.#stops
    const results = await this.#check(this.#checked)
    this.#isValidating = false
    if (stops !== this.#stops) return
    const failed = results.filter(({ outcome }) => outcome !== 'passed').map(({ integration }) => integration)
    const passed = failed.length === 0
    this.#tell(() => ({ type: 'recovery-validated', passed, failed }))
    if (passed && setbacks === this.#level.setbacks && this.#rate().rank === FULL) this.#move(FULL, 'recovered')
  }

  #move(rank: number, reason: LevelChangeReason): void {
    const from = levelAt(this.#level.rank)
    const to = levelAt(rank)
    this.#level.move(rank, this.clock.now())
    const { score } = this.#rating
    this.#tell(() => ({ type: 'level-changed', from, to, score, share: this.#options.shares[to], reason }))
  }

  #tell(make: () => Untimed<HealthEvent>): void {
    const others = this.#events?.active === true ? this.#events : undefined
    if (others === undefined && !this.#own.active) return
    const event = Object.freeze({ ...make(), at: this.clock.wallTime() }) as HealthEvent
    this.#own.emit(event)
    others?.emit(event)
  }

  #tick(): void {
    this.#task = undefined
    this.#armedFor = Infinity
    const now = this.clock.now()
    for (const target of this.#checked) {
      if (target.run !== undefined && now >= target.run.limitAt) cutCheck(this, target, 'failed', 'ATTEMPT_TIMEOUT')
    }
    if (this.#isStarted) {
      void this.#check(this.#checked.filter(({ nextAt }) => now >= nextAt))
      this.#fresh()
    }
    this.#arm()
  }

  /** One timer for whatever is due first. */
  #arm(): void {
    let at = this.#isStarted ? this.#assessAt : Infinity
    for (const { run, nextAt } of this.#checked) {
      if (run?.isOver === false) at = Math.min(at, run.limitAt)
      if (this.#isStarted) at = Math.min(at, nextAt)
    }
    if (at !== this.#armedFor) {
      this.#armedFor = at
      this.#task?.cancel()
      this.#task = at === Infinity ? undefined : this.clock.schedule(at - this.clock.now(), () => this.#tick())
    }
    this.#task?.keepAlive?.(this.#waiting > 0)
  }
}

function levelAt(rank: number): SystemLevel {
  return LEVELS[rank] ?? 'EMERGENCY'
}

/**
 * Watches the health of integrations and tells the level of the system from it.
 *
 * @example
 * ```ts
 * import { createIntegration } from '@holdfast/core'
 * import { createHealthMonitor } from '@holdfast/core/health'
 *
 * const llm = createIntegration({ name: 'llm' })
 * const crm = createIntegration({ name: 'crm' })
 * const monitor = createHealthMonitor({
 *   integrations: [
 *     { integration: llm, priority: 'high', check: ({ signal }) => llm.call(() => 'pong', { signal }) },
 *     { integration: crm, priority: 'low', onChange: ({ to, reason }) => console.log(to, reason) },
 *   ],
 *   onLevelChange: ({ to, share }) => console.log(to, share),
 * })
 * monitor.start()
 * console.log(await monitor.checkNow('llm'), monitor.level)
 * monitor.stop()
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createHealthMonitor(options: HealthOptions): HealthMonitor {
  return new Monitor(options)
}
