import type { Clock, Random } from '../clock/clock.ts'
import { systemClock, systemRandom } from '../clock/system-clock.ts'
import type { Chaos } from '../engine/parts.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent, Events } from '../events/events.ts'
import type { AttemptContext, Operation } from '../policy/operation.ts'
import { type ChaosFault, type ChaosOptions, checkChaosOptions } from './options.ts'

/** Faults that can be switched on and off. */
export interface ChaosSwitch extends Chaos {
  readonly enabled: boolean
  /** Attempts that were struck, once for each fault. */
  readonly injected: number
  /** Switches it on; the times of the faults begin now. */
  enable(): void
  disable(): void
}

class Rehearsal implements ChaosSwitch {
  readonly #name: string
  readonly #faults: readonly ChaosFault[]
  readonly #clock: Clock
  readonly #random: Random
  readonly #events: Events<CoreEvent>
  /** Monotonic; undefined while it is switched off. */
  #since: number | undefined
  #injected = 0

  constructor(options: ChaosOptions) {
    this.#name = options.name ?? 'chaos'
    this.#faults = [...options.faults]
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? systemRandom
    this.#events = options.events ?? createEvents<CoreEvent>()
    if (options.enabled === true) this.enable()
  }

  get enabled(): boolean {
    return this.#since !== undefined
  }

  get injected(): number {
    return this.#injected
  }

  enable(): void {
    this.#since = this.#clock.now()
  }

  disable(): void {
    this.#since = undefined
  }

  perform<T>(operation: Operation<T>, context: AttemptContext): T | PromiseLike<T> {
    if (this.#since === undefined) return operation(context)
    const elapsedMs = this.#clock.now() - this.#since
    const struck = this.#faults.filter((fault) => this.#strikes(fault, elapsedMs, context))
    // A condition may have ended the attempt.
    context.signal.throwIfAborted()
    return struck.length === 0 ? operation(context) : this.#performBadly(struck, operation, context)
  }

  #strikes({ rate = 1, fromMs = 0, untilMs = Infinity, when }: ChaosFault, elapsedMs: number, context: AttemptContext) {
    if (elapsedMs < fromMs || elapsedMs >= untilMs) return false
    // Drawn also at rate 1, so that one fault's rate does not change where another one strikes.
    return this.#random() < rate && when?.(context) !== false
  }

  async #performBadly<T>(struck: readonly ChaosFault[], operation: Operation<T>, context: AttemptContext): Promise<T> {
    for (const fault of struck) {
      this.#report(fault)
      context.signal.throwIfAborted()
      switch (fault.inject) {
        case 'latency':
          await this.#clock.sleep(fault.latencyMs, context.signal)
          break
        case 'behaviour':
          await fault.run(context)
          break
        case 'hang':
          return hang(fault.ignoresSignal === true ? undefined : context.signal)
        case 'result':
          return fault.value as T
        case 'fault':
          throw typeof fault.error === 'function' ? fault.error() : fault.error
      }
      context.signal.throwIfAborted()
    }
    return operation(context)
  }

  #report({ inject }: ChaosFault): void {
    this.#injected += 1
    if (this.#events.active) {
      this.#events.emit({ type: 'chaos-injected', at: this.#clock.wallTime(), chaos: this.#name, inject })
    }
  }
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted === true) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/**
 * Faults for a rehearsal, at the innermost place of an integration or a pipeline, so that every policy sees them as it would see the
 * real thing. Off until it is switched on. Once the attempt is aborted no further fault strikes it, and the operation is not begun.
 *
 * @example
 * ```ts
 * import { createIntegration } from '@holdfast/core'
 * import { createChaos } from '@holdfast/core/chaos'
 *
 * const chaos = createChaos({ faults: [{ inject: 'fault', error: () => Object.assign(new Error('busy'), { status: 503 }), rate: 0.5 }] })
 * const crm = createIntegration({ name: 'crm', chaos, idempotent: true, retry: { backoffMs: 1 } })
 * chaos.enable()
 * console.log(await crm.call(() => 'answered').catch(() => 'failed'), chaos.injected)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createChaos(options: ChaosOptions): ChaosSwitch {
  checkChaosOptions(options)
  return new Rehearsal(options)
}
