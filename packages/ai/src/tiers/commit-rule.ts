import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { answerTooSlow } from '../errors/failures.ts'
import type { Commit, CommitBeginning } from './options.ts'

const AT_ONCE: CommitBeginning = Object.freeze({ chars: 0, ms: Infinity })

/** Decides when enough of one answer has come to stand by it. */
export class CommitRule {
  readonly #beginning: CommitBeginning | undefined
  /** Resolves when the time is up; only for a rule with a time. */
  readonly timer: Promise<'due'> | undefined
  #ring: (() => void) | undefined
  #chars: number = 0
  #isDue: boolean = false
  #hasBegun: boolean = false

  constructor(commit: Commit) {
    if (typeof commit === 'object') {
      this.#beginning = commit
      this.timer = new Promise((resolve) => (this.#ring = () => resolve('due')))
    } else if (commit === 'first-output') {
      this.#beginning = AT_ONCE
    }
  }

  /** How long after the first output to call {@link CommitRule.due}; `undefined` if never. */
  get ms(): number | undefined {
    return this.timer === undefined ? undefined : this.#beginning?.ms
  }

  /** The time is up. */
  due(): void {
    this.#isDue = true
    this.#ring?.()
  }

  /** Counts a part that is output, other than a tool's. @returns whether it is the first. */
  counts(part: LanguageModelV4StreamPart): boolean {
    if (part.type === 'text-delta' || part.type === 'reasoning-delta') this.#chars += part.delta.length
    const isFirst = !this.#hasBegun
    this.#hasBegun = true
    return isFirst
  }

  /** Whether enough has come. @throws HoldfastError ANSWER_TOO_SLOW when the time is up, and too little has come in it. */
  get isMet(): boolean {
    if (this.#beginning === undefined || !this.#hasBegun) return false
    const { chars, minimumChars = 0 } = this.#beginning
    if (!this.#isDue) return this.#chars >= chars
    if (this.#chars < minimumChars) throw answerTooSlow()
    return true
  }
}
