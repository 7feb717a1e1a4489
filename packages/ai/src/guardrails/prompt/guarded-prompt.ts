import { type GuardedLetters, guardLetters } from './automaton.ts'
import { type Letters, lettersOf } from './letters.ts'

/** A prompt, ready to be compared with. */
export interface GuardedPrompt {
  readonly forward: GuardedLetters
  readonly backward: GuardedLetters
  /** How many of the latest letters are looked at for pieces, and how many of them may come from pieces. */
  readonly windowLetters: number
  readonly mostLetters: number
}

/** A canary must have so many letters that it cannot come about by chance. */
export const LEAST_CANARY = 6

/** From so many whole words of the prompt in a row on, words are held back until it is clear that they are no leak. */
const HELD_WORDS = 3
/** What the window is reckoned with, in windows of so many times the longest passage. */
const LETTERS_PER_WORD = 5
const WINDOW_PASSAGES = 4
/** A sign that no text has among its letters: what is on both sides of it is never one passage. */
const WALL = ' '

/** Everything as the options of a guard say it, with nothing left out. */
export interface GuardedTexts {
  readonly systemPrompt: string
  readonly canaries: readonly string[]
  readonly mayBeSaid: readonly string[]
  readonly maxWords: number
  readonly maxShare: number
}

export function guardPrompt(texts: GuardedTexts): GuardedPrompt {
  const { maxWords, maxShare } = texts
  const windowLetters = WINDOW_PASSAGES * maxWords * LETTERS_PER_WORD
  const passages = withoutPublic(lettersOf(texts.systemPrompt), texts.mayBeSaid)
  const canaries = texts.canaries.map((canary) => lettersOf(canary).letters)
  return {
    forward: guard(passages, canaries, maxWords),
    backward: guard(passages.map(reversed), canaries.map(reverse), maxWords),
    windowLetters,
    mostLetters: maxShare === 1 ? Infinity : Math.floor(windowLetters * maxShare),
  }
}

function guard(passages: readonly Letters[], canaries: readonly string[], maxWords: number): GuardedLetters {
  const hold: number[] = []
  const passage: number[] = []
  const canary: number[] = []
  let all = ''
  const add = (letters: string, mark: (at: number) => void): void => {
    for (let at = 0; at < letters.length; at += 1) mark(at)
    all += letters + WALL
    for (const marks of [hold, passage, canary]) marks.push(Infinity)
  }
  for (const { letters, ends } of passages) {
    const held = wordsBack(letters.length, ends, Math.min(HELD_WORDS, maxWords))
    const whole = wordsBack(letters.length, ends, maxWords + 1)
    const isEnd = new Set(ends)
    add(letters, (at) => {
      hold.push(held[at]!)
      passage.push(isEnd.has(at + 1) ? whole[at]! : Infinity)
      canary.push(Infinity)
    })
  }
  for (const letters of canaries) {
    add(letters, (at) => {
      hold.push(at + 1)
      passage.push(Infinity)
      canary.push(at + 1 === letters.length ? letters.length : Infinity)
    })
  }
  return guardLetters(all, { hold, passage, canary })
}

/** For each letter, how far back the beginning of the latest so many words is that have ended by then, in letters. */
function wordsBack(length: number, ends: readonly number[], words: number): number[] {
  const back: number[] = []
  let ended = 0
  for (let at = 1; at <= length; at += 1) {
    while (ended < ends.length && ends[ended]! <= at) ended += 1
    const first = ended - words
    back.push(first < 0 ? Infinity : at - (first === 0 ? 0 : ends[first - 1]!))
  }
  return back
}

/** What is left of a prompt without the passages that may be said. */
function withoutPublic(prompt: Letters, mayBeSaid: readonly string[]): readonly Letters[] {
  let parts: readonly Letters[] = [prompt]
  // The longest first: one that stands within another would part it, so that it is not found any more.
  const passages = mayBeSaid.map((text) => lettersOf(text).letters).toSorted((a, b) => b.length - a.length)
  for (const passage of passages) if (passage !== '') parts = parts.flatMap((part) => cut(part, passage))
  return parts.filter(({ letters }) => letters !== '')
}

function cut(part: Letters, passage: string): readonly Letters[] {
  const at = part.letters.indexOf(passage)
  if (at < 0) return [part]
  return [section(part, 0, at), ...cut(section(part, at + passage.length, part.letters.length), passage)]
}

function section({ letters, ends }: Letters, from: number, to: number): Letters {
  const inside = ends.filter((end) => end > from && end < to).map((end) => end - from)
  return { letters: letters.slice(from, to), ends: [...inside, to - from] }
}

function reversed({ letters, ends }: Letters): Letters {
  const starts = [0, ...ends.slice(0, -1)]
  return { letters: reverse(letters), ends: starts.map((start) => letters.length - start).toReversed() }
}

function reverse(letters: string): string {
  let out = ''
  for (let at = letters.length - 1; at >= 0; at -= 1) out += letters[at]
  return out
}
