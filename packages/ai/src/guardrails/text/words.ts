import { fold, STANDS_FOR } from './fold.ts'

/** A word of a text. */
export interface Word {
  /** Folded: `Previous` and `prèvious` are `previous`; digits among letters are the letters they stand for. */
  readonly text: string
  /** Where it stands in the text as it came. */
  readonly start: number
  readonly end: number
  /** Whether a sentence or a line has ended before it. */
  readonly begins: boolean
}

/** Longer words are cut: no phrase has them. */
const LONGEST_WORD = 48

/** Reads words from a text that comes in pieces. Apostrophes part words, as they do in Italian; hyphens do, too. */
export class WordReader {
  readonly #onWord: (word: Word) => void
  #text: string = ''
  #letters: boolean = false
  #digits: boolean = false
  #start: number = -1
  #begins: boolean = true
  #at: number = 0

  constructor(onWord: (word: Word) => void) {
    this.#onWord = onWord
  }

  /** How much was read, in UTF-16 units. */
  get read(): number {
    return this.#at
  }

  /** Where the word that is not at its end yet begins; -1 if there is none. */
  get openSince(): number {
    return this.#start
  }

  /** Whole characters only: a piece must not end within one. */
  push(piece: string): void {
    for (let at = 0; at < piece.length;) {
      const code = piece.codePointAt(at)!
      const size = code > 0xffff ? 2 : 1
      const part = fold(code)
      const sign = code === 64 || code === 36
      if (part === ' ' && !(sign && this.#letters)) {
        this.#close()
        if (code === 10 || code === 46 || code === 33 || code === 63 || code === 58) this.#begins = true
      } else if (part !== '') {
        if (this.#start < 0) this.#start = this.#at
        if (sign || (code >= 48 && code <= 57)) this.#digits = true
        else this.#letters = true
        if (this.#text.length < LONGEST_WORD) this.#text += sign ? String.fromCharCode(code) : part
      }
      at += size
      this.#at += size
    }
  }

  end(): void {
    this.#close()
  }

  #close(): void {
    if (this.#start < 0) return
    const mixed = this.#letters && this.#digits
    const text = mixed ? plain(this.#text) : this.#text
    const word = { text, start: this.#start, end: this.#at, begins: this.#begins }
    this.#text = ''
    this.#letters = this.#digits = false
    this.#start = -1
    this.#begins = false
    this.#onWord(word)
  }
}

function plain(text: string): string {
  let out = ''
  for (const sign of text) out += STANDS_FOR.get(sign) ?? sign
  return out
}

/** All words of a text. Letters that stand alone, four and more in a row, are put together: `i g n o r e`. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = []
  const reader = new WordReader((word) => words.push(word))
  reader.push(text)
  reader.end()
  return joinLetters(words)
}

function joinLetters(words: readonly Word[]): Word[] {
  const joined: Word[] = []
  for (let at = 0; at < words.length;) {
    let end = at + 1
    while (
      end < words.length &&
      isAlone(words[end]!) &&
      isAlone(words[at]!) &&
      words[end]!.start - words[end - 1]!.end === 1
    ) {
      end += 1
    }
    const run = words.slice(at, end)
    const first = run[0]!
    if (run.length < 4) joined.push(...run)
    else joined.push({ ...first, text: run.map(({ text }) => text).join(''), end: run.at(-1)!.end })
    at = end
  }
  return joined
}

function isAlone({ text }: Word): boolean {
  return text.length === 1
}
