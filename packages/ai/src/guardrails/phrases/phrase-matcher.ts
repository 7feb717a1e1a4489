import type { Word } from '../text/words.ts'
import { fitsPlace, type Phrase } from './pattern.ts'

/** Phrases, sorted by the words they may begin with. */
export interface PhraseTable {
  readonly phrases: readonly Phrase[]
  readonly byWord: ReadonlyMap<string, readonly number[]>
  /** Those that may begin with the beginning of a word, by its first two letters. */
  readonly byLetters: ReadonlyMap<string, readonly number[]>
}

/** A phrase under way. */
interface Thread {
  readonly phrase: number
  /** The place that comes next. */
  readonly place: number
  /** How many more words may be passed over before it. */
  readonly gap: number
  readonly start: number
  /** Where the earliest of those begins that have come to the same place. */
  readonly since: number
}

/** More than a phrase has places. */
const PLACES = 16

export function phraseTable(phrases: readonly Phrase[]): PhraseTable {
  const byWord = new Map<string, number[]>()
  const byLetters = new Map<string, number[]>()
  const add = (map: Map<string, number[]>, key: string, phrase: number): void => {
    const list = map.get(key)
    if (list === undefined) map.set(key, [phrase])
    else if (list.at(-1) !== phrase) list.push(phrase)
  }
  for (const [index, { places }] of phrases.entries()) {
    for (const place of places) {
      for (const word of place.words) add(byWord, word, index)
      for (const beginning of place.beginnings) add(byLetters, beginning.slice(0, 2), index)
      if (!place.optional) break
    }
  }
  return { phrases, byWord, byLetters }
}

/**
 * Finds phrases in words that come one by one. Of a phrase that has come to the same place twice only the newer one is followed, since
 * it may pass over more words; so the work for a word is bounded by the phrases.
 */
export class PhraseMatcher {
  readonly #table: PhraseTable
  readonly #onMatch: (phrase: number, start: number, end: number) => void
  #threads: Map<number, Thread> = new Map()

  constructor(table: PhraseTable, onMatch: (phrase: number, start: number, end: number) => void) {
    this.#table = table
    this.#onMatch = onMatch
  }

  /** Where the earliest phrase under way begins; Infinity if there is none. */
  get openSince(): number {
    let least = Infinity
    for (const { since } of this.#threads.values()) least = Math.min(least, since)
    return least
  }

  next(word: Word): void {
    const { byWord, byLetters } = this.#table
    const following = new Map<number, Thread>()
    for (const thread of this.#threads.values()) {
      this.#step(thread, word, following)
      // Words that are passed over must be of the same sentence.
      if (thread.gap > 0 && !word.begins) put(following, { ...thread, gap: thread.gap - 1 })
    }
    for (const phrase of byWord.get(word.text) ?? []) this.#begin(phrase, word, following)
    for (const phrase of byLetters.get(word.text.slice(0, 2)) ?? []) this.#begin(phrase, word, following)
    this.#threads = following
  }

  #begin(phrase: number, word: Word, following: Map<number, Thread>): void {
    this.#step({ phrase, place: 0, gap: 0, start: word.start, since: word.start }, word, following)
  }

  /** Takes the word for the next place, or for one behind places that may be missing. */
  #step(thread: Thread, word: Word, following: Map<number, Thread>): void {
    const { places } = this.#table.phrases[thread.phrase]!
    for (let next = thread.place; next < places.length; next += 1) {
      const here = places[next]!
      if (fitsPlace(here, word.text)) this.#advance(thread, next + 1, word, following)
      if (!here.optional) return
    }
  }

  #advance(thread: Thread, place: number, word: Word, following: Map<number, Thread>): void {
    const { phrase, start } = thread
    const { places } = this.#table.phrases[phrase]!
    if (places[place - 1]!.ends) this.#onMatch(phrase, start, word.end)
    else put(following, { ...thread, place, gap: places[place]!.gap })
  }
}

function put(threads: Map<number, Thread>, thread: Thread): void {
  const key = thread.phrase * PLACES + thread.place
  const other = threads.get(key)
  if (other === undefined) threads.set(key, thread)
  else threads.set(key, { ...(other.gap >= thread.gap ? other : thread), since: Math.min(other.since, thread.since) })
}
