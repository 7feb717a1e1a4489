import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { createCache } from '@holdfast/core/cache'
import { systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import type { AnswerMemory, RememberedAnswer } from './answer-memory.ts'
import { questionKey } from './question-key.ts'

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
  /** Whether this answer is worth remembering. Default: always. */
  readonly shouldRemember?: (answer: RememberedAnswer, options: LanguageModelV4CallOptions) => boolean
  readonly clock?: Clock
}

/** What {@link AnswerMemoryOptions} fall back to. */
export const ANSWER_MEMORY_DEFAULTS: Readonly<{ maxEntries: number; maxBytes: number; maxAgeMs: number }> =
  Object.freeze({ maxEntries: 1_000, maxBytes: 16_777_216, maxAgeMs: 86_400_000 })

interface Entry {
  readonly key: string
  readonly answer: RememberedAnswer
}

/** What an entry takes besides its two texts. */
const ENTRY_BYTES = 256

/**
 * A bounded memory of good answers. The key is the assistant, the tenant, the system text and everything the user has said
 * in the conversation, normalised; so an answer never reaches another tenant, nor a follow-up that only sounds alike.
 * Questions with files, and requests for JSON, are left out.
 */
export function createAnswerMemory(options: AnswerMemoryOptions = {}): AnswerMemory {
  const clock = options.clock ?? systemClock
  const cache = createCache<Entry>({
    name: 'answers',
    freshMs: options.maxAgeMs ?? ANSWER_MEMORY_DEFAULTS.maxAgeMs,
    maxEntries: options.maxEntries ?? ANSWER_MEMORY_DEFAULTS.maxEntries,
    maxBytes: options.maxBytes ?? ANSWER_MEMORY_DEFAULTS.maxBytes,
    sizeOf: ({ key, answer }) => ENTRY_BYTES + 2 * (key.length + answer.text.length),
    clock,
  })
  const keyOf = (assistant: string, call: LanguageModelV4CallOptions): string | undefined => {
    try {
      return questionKey(assistant, call, options.keyOf?.(call, clock.wallTime()))
    } catch {
      return undefined
    }
  }
  return Object.freeze({
    get size(): number {
      return cache.size
    },
    remember(assistant: string, call: LanguageModelV4CallOptions, answer: RememberedAnswer): void {
      if (options.shouldRemember?.(answer, call) === false) return
      const key = keyOf(assistant, call)
      if (key !== undefined) cache.set(key, { key, answer })
    },
    recall(assistant: string, call: LanguageModelV4CallOptions) {
      const key = keyOf(assistant, call)
      const found = key === undefined ? undefined : cache.peek(key)
      return found === undefined ? undefined : { ...found.value.answer, ageMs: found.ageMs }
    },
    clear: (): void => cache.clear(),
  })
}
