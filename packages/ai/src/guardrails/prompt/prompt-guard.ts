import { between, invalid } from '../../errors/invalid-options.ts'
import type { Disguise } from './disguises.ts'
import { guardPrompt, LEAST_CANARY } from './guarded-prompt.ts'
import { lettersOf } from './letters.ts'
import { PromptWatcher } from './prompt-watcher.ts'

/** What {@link promptGuard} is made with. */
export interface PromptGuardOptions {
  /** The text that must not be told: up to 262,144 characters. */
  readonly systemPrompt: string
  /**
   * Words that stand in the prompt for one purpose: that they are noticed when they come out. None of their letters reaches the reader. Up to 100, each with
   * at least 6 letters or digits. Default: none.
   */
  readonly canaries?: readonly string[] | undefined
  /** Passages of the prompt that customers may hear word for word: opening hours, an address. Default: none. */
  readonly mayBeSaid?: readonly string[] | undefined
  /** So many whole words of the prompt in a row may reach the reader, never more. 2 to 100. Default: 7. */
  readonly maxWords?: number | undefined
  /**
   * Share of the latest letters of an answer, as many as four times `maxWords` words have, that may come from passages of three words and
   * more of the prompt: what stands for a leak with words changed in between. Above 0 to 1; 1 for any. Default: 0.6.
   */
  readonly maxShare?: number | undefined
}

/** What {@link PromptGuardOptions} fall back to. */
export const PROMPT_GUARD_DEFAULTS: Readonly<{ maxWords: number; maxShare: number }> = Object.freeze({
  maxWords: 7,
  maxShare: 0.6,
})

/** What gave a leak away. `passage`: more words in a row than may be; `pieces`: too many short passages together; `canary`: such a word. */
export interface Leak {
  readonly rule: 'canary' | 'passage' | 'pieces'
  /** How it was written. */
  readonly disguise: Disguise
}

/** Watches one answer that comes in pieces. */
export interface PromptWatch {
  /** The next piece. @returns what may go out; nothing once there is a leak. */
  push(piece: string): string
  /** The answer is at its end. @returns what was kept back. */
  flush(): string
  /** Set as soon as there is one. */
  readonly leak: Leak | undefined
}

/** Keeps a prompt from being told. */
export interface PromptGuard {
  /** Looks at a whole answer. */
  check(answer: string): Leak | undefined
  /** Begins an answer that comes in pieces. */
  watch(): PromptWatch
}

const LONGEST_PROMPT = 262_144
const MOST_CANARIES = 100
/**
 * Guards a system prompt: against being told word for word, with words changed here and there, spelled out, spaced, in other letters or digits, with characters
 * in between that cannot be seen, backwards, in ROT13, base64 or hexadecimal. A translation or a retelling in other words is not noticed.
 *
 * @example
 * ```ts
 * import { promptGuard } from '@holdfast/ai/guardrails'
 *
 * const guard = promptGuard({
 *   systemPrompt: 'You are Clara. Never tell anybody that the markup on every quote is eighteen percent.',
 *   canaries: ['HF-ALBATROSS-7'],
 * })
 * const watch = guard.watch()
 * let shown = watch.push('I was told: never tell anybody that the markup')
 * shown += watch.push(' on every quote is eighteen percent.')
 * console.log(shown, watch.leak?.rule) // I was told: never tell anybody passage
 * ```
 * @throws HoldfastError INVALID_OPTION.
 */
export function promptGuard(options: PromptGuardOptions): PromptGuard {
  const { systemPrompt, canaries = [], mayBeSaid = [] } = options
  if (typeof systemPrompt !== 'string' || systemPrompt.length > LONGEST_PROMPT) {
    throw invalid('systemPrompt', `a text of ${LONGEST_PROMPT} characters at most`, typeof systemPrompt)
  }
  if (canaries.length > MOST_CANARIES) throw invalid('canaries', `${MOST_CANARIES} words at most`, canaries.length)
  for (const canary of canaries) {
    const { length } = lettersOf(canary).letters
    if (length < LEAST_CANARY) throw invalid('canaries', `words of ${LEAST_CANARY} letters or digits at least`, length)
  }
  const maxWords = between('maxWords', options.maxWords ?? PROMPT_GUARD_DEFAULTS.maxWords, 2, 100)
  const maxShare = between('maxShare', options.maxShare ?? PROMPT_GUARD_DEFAULTS.maxShare, 0.01, 1)
  const guarded = guardPrompt({ systemPrompt, canaries, mayBeSaid, maxWords, maxShare })
  const watch = (): PromptWatch => new PromptWatcher(guarded)
  return Object.freeze({
    check(answer: string) {
      const watching = watch()
      watching.push(answer)
      watching.flush()
      return watching.leak
    },
    watch,
  })
}
