import type { Behaviour, StreamCourse, When } from '../harness/dependency.ts'
import type { FaultName } from '../harness/faults.ts'
import type { Dice } from './dice.ts'

/** How a dependency does for a while. */
type Weather = 'healthy' | 'slow' | 'erring' | 'refusing' | 'hanging' | 'swallowing' | 'rate-limiting' | 'flapping'

const LONGEST_PHASE_MS = 600_000
/** How long a flapping dependency is well, and then not. */
const FLAP_MS = 7_000

/** A dependency that is well for a while, then is not, in one way after another. */
export class ChangingWeather {
  readonly #dice: Dice
  #weather: Weather = 'healthy'
  #until = 0

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** What one attempt made now meets with. */
  behaviour(now: number, streams: boolean): Behaviour {
    const dice = this.#dice
    if (now >= this.#until) {
      this.#until = now + dice.between(5_000, LONGEST_PHASE_MS)
      this.#weather = dice.chance(0.6)
        ? 'healthy'
        : dice.pick('slow', 'erring', 'refusing', 'hanging', 'swallowing', 'rate-limiting', 'flapping')
    }
    const ignoresSignal = dice.chance(0.3)
    const answer = (when: When): Behaviour =>
      streams
        ? { does: 'answer', when, stream: this.#course(), ignoresSignal }
        : { does: 'answer', when, ignoresSignal }
    const fail = (...faults: readonly FaultName[]): Behaviour => {
      const when = dice.pick<When>('at-once', 0, Math.round(dice.between(1, 400)))
      return { does: 'fail', when, fault: dice.pick(...faults), ignoresSignal }
    }
    const well = (): Behaviour => answer(dice.chance(0.2) ? 'at-once' : Math.round(dice.gapMs(60)))
    switch (this.#weather) {
      case 'healthy':
        return dice.chance(0.01) ? fail('reset', 'http-503', 'http-400', 'plain', 'nothing', 'client') : well()
      case 'slow':
        return answer(Math.round(200 + dice.gapMs(1_500)))
      case 'erring':
        return dice.chance(0.7) ? fail('http-503', 'server', 'overloaded', 'malformed', 'text', 'unknown') : well()
      case 'refusing':
        return fail('refused', 'network', 'quota', 'auth')
      case 'hanging':
        return dice.chance(0.8) ? { does: 'hang', ignoresSignal: false } : well()
      case 'swallowing':
        return dice.chance(0.5) ? answer(Math.round(dice.between(1_000, 20_000))) : { does: 'hang', ignoresSignal }
      case 'rate-limiting':
        return dice.chance(0.5) ? fail('http-429', 'rate-limit') : well()
      case 'flapping':
        return Math.floor(now / FLAP_MS) % 2 === 0 ? well() : fail('reset', 'http-503')
    }
  }

  #course(): StreamCourse {
    const dice = this.#dice
    const chunks: StreamCourse['chunks'][number][] = []
    for (let length = Math.floor(dice.between(1, 6)); length > 0; length--) {
      const kind = dice.chance(0.1) ? 'ping' : dice.chance(0.03) ? 'fault' : 'text'
      chunks.push({ kind, afterMs: dice.chance(0.5) ? 0 : Math.round(dice.gapMs(40)) })
    }
    if (dice.chance(0.9)) chunks.push({ kind: 'end', afterMs: 0 })
    return { chunks, then: dice.chance(0.9) ? 'close' : dice.pick('hang', 'error') }
  }
}
