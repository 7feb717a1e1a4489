import { phraseOf } from '../phrases/pattern.ts'
import { PhraseMatcher, type PhraseTable, phraseTable } from '../phrases/phrase-matcher.ts'
import { type Word, WordReader } from '../text/words.ts'

/**
 * What must not be claimed: by a name that events tell, phrases for each language. In a phrase `|` parts words that may stand in one place, `~` ends the
 * beginning of a word, `*3` stands for up to three other words, and `?` makes a place one that may be missing.
 */
export type ForbiddenClaims = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** Words that turn a claim into its opposite when they stand in it, or up to {@link NEGATION_REACH} words before. */
const NEGATIONS = new Set(
  'not no t cannot cant never nor unable without non né ne mai nessun nessuno nessuna senza impossibile'.split(' '),
)
const NEGATION_REACH = 4

/** Claims, ready to be looked for. */
export interface ClaimTable {
  readonly table: PhraseTable
  /** The name of the claim for each phrase. */
  readonly names: readonly string[]
}

/** @throws HoldfastError INVALID_OPTION for a phrase that cannot be read. */
export function claimTable(claims: ForbiddenClaims): ClaimTable {
  const names: string[] = []
  const phrases = Object.entries(claims).flatMap(([name, languages]) =>
    Object.entries(languages).flatMap(([language, texts]) =>
      texts.map((text) => {
        names.push(name)
        return phraseOf(text, {}, `claims.${name}.${language}`)
      }),
    ),
  )
  return { table: phraseTable(phrases), names }
}

/** Looks for claims in an answer that comes in pieces, and keeps back what may become one. */
export class ClaimWatch {
  readonly #onClaim: (name: string) => void
  readonly #reader: WordReader
  readonly #matcher: PhraseMatcher
  #held: string = ''
  /** How much of the whole text has gone out. */
  #gone: number = 0
  /** Where the latest words began that negate, of this sentence, by the count of words. */
  #words: number = 0
  #negated: number = -Infinity
  /** Where the latest words began: to tell how many words before a claim a negation stood. */
  readonly #starts: number[] = []

  constructor({ table, names }: ClaimTable, onClaim: (name: string) => void) {
    this.#onClaim = onClaim
    this.#matcher = new PhraseMatcher(table, (phrase, start) => {
      if (!this.#isNegated(start)) this.#onClaim(names[phrase]!)
    })
    this.#reader = new WordReader((word) => this.#next(word))
  }

  /** @throws what `onClaim` throws. */
  push(piece: string): string {
    this.#held += piece
    // The first half of a character whose second half is in the next piece.
    const unread = this.#held.slice(this.#reader.read - this.#gone)
    const half = (unread.charCodeAt(unread.length - 1) & 0xfc00) === 0xd800
    this.#reader.push(half ? unread.slice(0, -1) : unread)
    const { openSince, read } = this.#reader
    const word = openSince < 0 ? read : openSince
    return this.#release(Math.min(word, this.#matcher.openSince) - this.#gone)
  }

  flush(): string {
    this.#reader.end()
    return this.#release(this.#held.length)
  }

  #release(size: number): string {
    const out = this.#held.slice(0, size)
    this.#held = this.#held.slice(size)
    this.#gone += size
    return out
  }

  #next(word: Word): void {
    if (word.begins) this.#negated = -Infinity
    this.#words += 1
    this.#starts.push(word.start)
    if (this.#starts.length > 64) this.#starts.splice(0, 32)
    if (NEGATIONS.has(word.text)) this.#negated = this.#words
    this.#matcher.next(word)
  }

  /** Whether a negation stands in what began at `start`, or shortly before. */
  #isNegated(start: number): boolean {
    const behind = this.#starts.length - this.#starts.indexOf(start)
    return this.#negated > this.#words - behind - NEGATION_REACH
  }
}
