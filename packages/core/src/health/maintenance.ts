import type { Clock } from '../clock/clock.ts'
import { check, numberFrom, oneOf, type Rule } from '../validation/validate.ts'
import type { OverrideEnded, OverrideSet } from './events.ts'
import { FULL, LEVELS } from './level.ts'
import type { Maintenance, MaintenanceEnd } from './monitor.ts'

const A_TEXT: Rule = {
  allowed: 'a text of 1 to 200 characters',
  accepts: (value) => typeof value === 'string' && value.length > 0 && value.length <= 200,
}

/** What is done by hand says who and why. @throws HoldfastError `INVALID_OPTION` */
export function checkAuthor(owner: string, { by, reason }: MaintenanceEnd): void {
  check(`${owner}.by`, by, A_TEXT)
  check(`${owner}.reason`, reason, A_TEXT)
}

type Tell = (make: () => Omit<OverrideSet, 'at'> | Omit<OverrideEnded, 'at'>) => void

/** The level as it is held down by hand, if it is. */
export class HeldDown {
  /** With its end in wall time, for people. */
  now: (Maintenance & { readonly until: number }) | undefined
  readonly #clock: Clock
  /** Monotonic. */
  endsAt: number = Infinity
  readonly #tell: Tell

  constructor(clock: Clock, tell: Tell) {
    this.#clock = clock
    this.#tell = tell
  }

  /** The best rank there is meanwhile. */
  get most(): number {
    return this.now === undefined ? FULL : LEVELS.indexOf(this.now.level)
  }

  /** @throws HoldfastError `INVALID_OPTION` */
  begin({ level, by, reason, forMs }: Maintenance): void {
    checkAuthor('maintenance', { by, reason })
    check('maintenance.level', level, oneOf('DEGRADED', 'LIMITED', 'EMERGENCY'))
    check('maintenance.forMs', forMs, numberFrom(1, 604_800_000))
    this.end('replaced', { by, reason })
    const until = this.#clock.wallTime() + forMs
    this.now = Object.freeze({ level, by, reason, forMs, until })
    this.endsAt = this.#clock.now() + forMs
    this.#tell(() => ({ type: 'override-set', level, by, reason, until }))
  }

  /** Ends what has run out. */
  expire(now: number): void {
    if (this.now !== undefined && now >= this.endsAt) this.end('expired', this.now)
  }

  /** Returns whether there was one. */
  end(how: OverrideEnded['how'], { by, reason }: MaintenanceEnd): boolean {
    if (this.now === undefined) return false
    const { level } = this.now
    this.now = undefined
    this.endsAt = Infinity
    this.#tell(() => ({ type: 'override-ended', level, by, reason, how }))
    return true
  }
}
