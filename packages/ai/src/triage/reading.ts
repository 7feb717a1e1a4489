import type { CompiledCue, CompiledPhrase, CompiledTable } from './compile.ts'
import { matchAt } from '../text/pattern.ts'
import type { Cell, MacroMemo } from '../text/pattern.ts'
import type { Token } from '../text/tokens.ts'

/** A word of the message as one table reads it: corrected, and with what it can be part of. */
export interface ReadWord extends Token, Cell {
  /** Which clause: parts of sentences, cut at words like "but" and "and" as well. */
  readonly clause: number
}

/** A phrase that was found. */
export interface FoundPhrase {
  readonly phrase: CompiledPhrase
  /** Its words, in order. */
  readonly positions: readonly number[]
}

/** A cue that was found. */
interface FoundCue {
  readonly cue: CompiledCue
  readonly start: number
  readonly end: number
}

/** A message as one table reads it. */
export interface Reading {
  readonly words: readonly ReadWord[]
  /** What is said and meant. */
  readonly meant: readonly FoundPhrase[]
  /** What is said and not meant, and why: the id of a cue, or `negation`. */
  readonly ignored: readonly { readonly phrase: CompiledPhrase; readonly by: string }[]
  /** Whether something says that the message is not meant as it is said, so that words alone tell nothing: a cue, a denial. */
  readonly isDoubtful: boolean
}

/** How many words of a message are read: of a longer one, the first and the last. */
const FIRST_WORDS = 500
const LAST_WORDS = 200
/** How often a phrase or a cue is looked for, and how far a negator reaches. */
const MOST_PHRASES = 24
const MOST_CUES = 12
const NEGATOR_REACH = 8
const WITH_REACH = 16

/** Reads a message: finds what the table knows in it, and tells what is meant from what is not. */
export function read(tokens: readonly Token[], table: CompiledTable): Reading {
  const isLong = tokens.length > FIRST_WORDS + LAST_WORDS
  const some = isLong ? [...tokens.slice(0, FIRST_WORDS), ...tokens.slice(-LAST_WORDS)] : tokens
  const words = readWords(some, table)
  const memo: MacroMemo = new Map()
  const found = findPhrases(words, table, memo)
  const negation = negationIn(words, found, table)
  const cues = findCues(words, table, memo).filter(({ start }) => !negation.reaches([start], false))
  const nowClauses = new Set(words.filter(({ word }) => table.now.has(word)).map(({ clause }) => clause))
  const meant: FoundPhrase[] = []
  const ignored: { phrase: CompiledPhrase; by: string }[] = []
  for (const one of found) {
    const by = negation.reaches(one.positions, true)
      ? 'negation'
      : cues.find((cue) => covers(cue, one, words, nowClauses))?.cue.id
    if (by === undefined) meant.push(one)
    else ignored.push({ phrase: one.phrase, by })
  }
  const isMeant = (id: string): boolean => meant.some(({ phrase }) => phrase.id === id)
  const isDoubtful =
    cues.some(({ cue }) => !cue.sparesWords) ||
    ignored.some(({ phrase, by }) => by === 'negation' && !(phrase.weak && isMeant(phrase.id)))
  return { words, meant, ignored, isDoubtful }
}

/** The words of a message, put right. */
export function readWords(tokens: readonly Token[], table: CompiledTable): ReadWord[] {
  const words: ReadWord[] = []
  let clause = 0
  let before: Token | undefined
  let asked = false
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!
    const next = tokens[at + 1]
    const pair = next?.part === token.part ? table.pairs.get(`${token.word} ${next.word}`) : undefined
    if (pair !== undefined) at += 1
    const word = pair ?? spelt(token.word, table)
    const stop = table.stops.has(word)
    if (before?.part !== token.part || stop || table.joins.has(word)) clause += 1
    if (before?.sentence !== token.sentence) asked = token.asked || table.askers.has(word)
    before = token
    words.push({ ...token, asked, word, elements: table.vocabulary.lookUp(word), stop, clause })
  }
  return words
}

function spelt(typed: string, table: CompiledTable): string {
  const word = table.spellings.get(typed) ?? typed
  if (table.vocabulary.knows(word)) return word
  const corrected = table.speller.correct(word)
  return table.spellings.get(corrected) ?? corrected
}

function findPhrases(words: readonly ReadWord[], table: CompiledTable, memo: MacroMemo): FoundPhrase[] {
  const found: FoundPhrase[] = []
  const counts = new Map<string, number>()
  for (let at = 0; at < words.length; at += 1) {
    for (const element of words[at]!.elements.list) {
      for (const { of, pattern } of table.phrases.get(element) ?? []) {
        const count = counts.get(of.id) ?? 0
        if (count >= MOST_PHRASES || isAfter(words, at, of.notAfter)) continue
        const positions = matchAt(pattern, words, at, memo)
        if (positions === undefined) continue
        found.push({ phrase: of, positions })
        counts.set(of.id, count + 1)
      }
    }
  }
  return found
}

function findCues(words: readonly ReadWord[], table: CompiledTable, memo: MacroMemo): FoundCue[] {
  const found: FoundCue[] = []
  const counts = new Map<string, number>()
  for (let at = 0; at < words.length; at += 1) {
    for (const element of words[at]!.elements.list) {
      for (const { of, pattern } of table.cues.get(element) ?? []) {
        const count = counts.get(of.id) ?? 0
        if (count >= MOST_CUES || (of.asked && !words[at]!.asked) || isAfter(words, at, of.notAfter)) continue
        const positions = matchAt(pattern, words, at, memo)
        if (positions === undefined || isWith(words, at, of.notWith)) continue
        if (of.unless.some((other) => matchAt(other, words, at, memo) !== undefined)) continue
        found.push({ cue: of, start: at, end: positions.at(-1)! })
        counts.set(of.id, count + 1)
      }
    }
  }
  return found
}

function isAfter(words: readonly ReadWord[], at: number, these: ReadonlySet<string>): boolean {
  const before = words[at - 1]
  return these.size > 0 && before !== undefined && before.part === words[at]!.part && these.has(before.word)
}

function isWith(words: readonly ReadWord[], at: number, these: ReadonlySet<string>): boolean {
  if (these.size === 0) return false
  const { part } = words[at]!
  for (let before = at - 1; before >= Math.max(0, at - WITH_REACH) && words[before]!.part === part; before -= 1) {
    if (these.has(words[before]!.word)) return true
  }
  return false
}

/** Tells what is denied. */
interface Negation {
  /**
   * Whether a negator stands in a gap of these words, or before them with nothing but light words in between.
   *
   * @param free whether one that is part of something else does not count: the "not" of "tills not working, server down".
   */
  reaches(positions: readonly number[], free: boolean): boolean
}

function negationIn(words: readonly ReadWord[], found: readonly FoundPhrase[], table: CompiledTable): Negation {
  /** Where each negator stands, and the beginnings and ends of the phrases that it is part of. */
  const negators = new Map<number, [start: number, end: number][]>()
  words.forEach(({ word }, at) => {
    const next = words[at + 1]
    if (table.negators.has(word) && (next === undefined || !table.negatorsNotBefore.has(next.word)))
      negators.set(at, [])
  })
  if (negators.size > 0) {
    for (const { phrase, positions } of found) {
      if (phrase.weak || positions.length === 1) continue
      for (const at of positions) negators.get(at)?.push([positions[0]!, positions.at(-1)!])
    }
  }
  return {
    reaches(positions, free) {
      if (negators.size === 0) return false
      const first = positions[0]!
      const last = positions.at(-1)!
      const denies = (at: number): boolean => {
        const spans = negators.get(at)
        if (spans === undefined) return false
        return !free || !spans.some(([start, end]) => start > last || end < first)
      }
      for (let at = first; at <= last; at += 1) if (!positions.includes(at) && denies(at)) return true
      const { part } = words[first]!
      for (let at = first - 1; at >= Math.max(0, first - NEGATOR_REACH) && words[at]!.part === part; at -= 1) {
        if (denies(at)) return true
        if (!table.light.has(words[at]!.word)) return false
      }
      return false
    },
  }
}

function covers(
  { cue, start, end }: FoundCue,
  { phrase, positions }: FoundPhrase,
  words: readonly ReadWord[],
  nowClauses: ReadonlySet<number>,
): boolean {
  if (cue.covers !== undefined && !cue.covers.some((beginning) => phrase.id.startsWith(beginning))) return false
  const first = words[positions[0]!]!
  const at = words[start]!
  if (cue.notNow && nowClauses.has(first.clause)) return false
  switch (cue.scope) {
    case 'clause':
      return first.clause === at.clause
    case 'part':
      return first.part === at.part
    case 'rest':
      return first.sentence === at.sentence && positions[0]! >= start
    case 'sentence':
      return first.sentence === at.sentence
    case 'before':
      return positions[0]! <= end || first.clause === words[end]!.clause
    case 'quote':
      return first.sentence === at.sentence && positions.some((position) => words[position]!.quoted)
    default:
      return true
  }
}
