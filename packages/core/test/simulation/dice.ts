import { type Random } from '../../src/index.ts'
import { seededRandom } from '../../src/testing/index.ts'

/** Random choices that are the same for the same seed. */
export class Dice {
  readonly random: Random

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  /** Whether something happens that does so with this probability. */
  chance(probability: number): boolean {
    return this.random() < probability
  }

  pick<T>(...choices: readonly T[]): T {
    return choices[Math.floor(this.random() * choices.length)] as T
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.random()
  }

  /** The time to the next of many independent arrivals that come every so many ms on average. */
  gapMs(meanMs: number): number {
    return -Math.log(1 - this.random()) * meanMs
  }
}
