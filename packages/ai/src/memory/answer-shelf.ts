import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { between, invalid } from '../errors/invalid-options.ts'
import type { RecalledAnswer, RememberedAnswer } from './answer-memory.ts'
import { readQuestion } from './question-key.ts'
import type { Question } from './question-key.ts'

/** How much is remembered, and for how long. */
export interface AnswerMemoryOptions {
  /** Answers kept; the least recently used goes first. 1 to 1,000,000. Default: 1,000. */
  readonly maxEntries?: number
  /** Questions and answers together, in bytes. 1,024 to 1,073,741,824. Default: 16,777,216 (16 MiB). */
  readonly maxBytes?: number
  /** An older answer is never served, in ms. 1 to 31,536,000,000. Default: 86,400,000 (a day). */
  readonly maxAgeMs?: number
  /**
   * What else tells one question from another, such as the date that "tomorrow" stands for. `now` is wall time in ms since
   * the Unix epoch. A question for which it throws is neither remembered nor recalled. Default: nothing.
   */
  readonly keyOf?: (options: LanguageModelV4CallOptions, now: number) => string | undefined
  /** Whether this answer is worth remembering; not when it throws. Default: always. */
  readonly shouldRemember?: (answer: RememberedAnswer, options: LanguageModelV4CallOptions) => boolean
  readonly clock?: Clock
}

/** What {@link AnswerMemoryOptions} fall back to. */
export const ANSWER_MEMORY_DEFAULTS: Readonly<{ maxEntries: number; maxBytes: number; maxAgeMs: number }> =
  Object.freeze({ maxEntries: 1_000, maxBytes: 16_777_216, maxAgeMs: 86_400_000 })

/** An answer in its place. */
export interface ShelvedAnswer {
  readonly key: string
  readonly answer: RememberedAnswer
  /** On the clock's `now`. */
  readonly keptAt: number
  readonly bytes: number
}

/** What an entry takes besides its two texts. */
const ENTRY_BYTES = 256

/** Answers by the key of their question, in the order of their last use; bounded in number, bytes and age. */
export class AnswerShelf {
  readonly clock: Clock
  readonly #options: AnswerMemoryOptions
  readonly #maxEntries: number
  readonly #maxBytes: number
  readonly #maxAgeMs: number
  readonly #onDropped: (key: string) => void
  /** The one used last is at the end. */
  readonly #entries = new Map<string, ShelvedAnswer>()
  #bytes = 0

  /**
   * @param onDropped an answer has gone, for whatever reason.
   * @throws HoldfastError INVALID_OPTION.
   */
  constructor(options: AnswerMemoryOptions, onDropped: (key: string) => void = () => undefined) {
    const { maxEntries, maxBytes, maxAgeMs } = ANSWER_MEMORY_DEFAULTS
    this.clock = options.clock ?? systemClock
    this.#options = options
    this.#maxEntries = between('maxEntries', options.maxEntries ?? maxEntries, 1, 1_000_000)
    if (!Number.isInteger(this.#maxEntries)) throw invalid('maxEntries', 'a whole number', this.#maxEntries)
    this.#maxBytes = between('maxBytes', options.maxBytes ?? maxBytes, 1_024, 1_073_741_824)
    this.#maxAgeMs = between('maxAgeMs', options.maxAgeMs ?? maxAgeMs, 1, 31_536_000_000)
    this.#onDropped = onDropped
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The question of a call, unless it cannot be told from others. */
  read(assistant: string, call: LanguageModelV4CallOptions): Question | undefined {
    try {
      return readQuestion(assistant, call, this.#options.keyOf?.(call, this.clock.wallTime()))
    } catch {
      return undefined
    }
  }

  /** Keeps the answer to the question of a call, in place of an older one. @returns whether it was worth it, and had room. */
  remember({ key }: Question, call: LanguageModelV4CallOptions, answer: RememberedAnswer): boolean {
    if (!this.#isWorthIt(answer, call)) return false
    this.#drop(key)
    const bytes = ENTRY_BYTES + 2 * (key.length + answer.text.length)
    this.#put({ key, answer, bytes, keptAt: this.clock.now() })
    return this.#entries.has(key)
  }

  /** The answer under a key, which counts as used. */
  recall(key: string): RecalledAnswer | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    const ageMs = this.clock.now() - entry.keptAt
    if (ageMs > this.#maxAgeMs) {
      this.#drop(key)
      return undefined
    }
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return { ...entry.answer, ageMs }
  }

  /** Something more is kept with an answer. @returns whether it has room. */
  grow(key: string, bytes: number): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.bytes + bytes > this.#maxBytes) return false
    this.#bytes -= entry.bytes
    this.#entries.delete(key)
    this.#put({ ...entry, bytes: entry.bytes + bytes })
    return true
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.#drop(key)
  }

  #isWorthIt(answer: RememberedAnswer, call: LanguageModelV4CallOptions): boolean {
    try {
      return this.#options.shouldRemember?.(answer, call) !== false
    } catch {
      return false
    }
  }

  #put(entry: ShelvedAnswer): void {
    if (entry.bytes > this.#maxBytes) return
    this.#entries.set(entry.key, entry)
    this.#bytes += entry.bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) return
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
    this.#onDropped(key)
  }
}
