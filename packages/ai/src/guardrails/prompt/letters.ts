import { fold, STANDS_FOR } from '../text/fold.ts'

/**
 * Reads the letters and digits of a text, folded: spaces and punctuation are gone, and with them the difference between a sentence and
 * the same one spelled, spaced, cased or interspersed with what cannot be seen.
 */
export class LetterReader {
  readonly #onLetter: (letter: number) => void
  readonly #onGap: (() => void) | undefined
  #inWord: boolean = false

  /** @param onGap is told of what is no letter, once for each row of it. */
  constructor(onLetter: (letter: number) => void, onGap?: () => void) {
    this.#onLetter = onLetter
    this.#onGap = onGap
  }

  /** The next character of the text. */
  next(codePoint: number): void {
    const part = codePoint === 64 || codePoint === 36 ? this.#sign(codePoint) : fold(codePoint)
    if (part === '') return
    if (part === ' ') {
      this.gap()
      return
    }
    this.#inWord = true
    for (let at = 0; at < part.length; at += 1) this.#onLetter(part.charCodeAt(at))
  }

  gap(): void {
    if (this.#inWord) this.#onGap?.()
    this.#inWord = false
  }

  /** `@` and `$` stand for letters only within a word: `p@ssw0rd`, but not `$500`. */
  #sign(code: number): string {
    return this.#inWord ? STANDS_FOR.get(String.fromCharCode(code))! : ' '
  }
}

const standIns = new Uint16Array(128)
for (let code = 0; code < 128; code += 1) {
  const letter = STANDS_FOR.get(String.fromCharCode(code))
  standIns[code] = letter === undefined ? code : letter.charCodeAt(0)
}
standIns['l'.charCodeAt(0)] = 'i'.charCodeAt(0)

/** The letter that a letter or digit is compared as: digits are the letters they stand for, and what is easily confused (`i`, `l`, `1`) is one. */
export function alike(letter: number): number {
  return letter < 128 ? standIns[letter]! : letter
}

/** A text as it is compared: its letters, and where its words end among them. */
export interface Letters {
  readonly letters: string
  readonly ends: readonly number[]
}

export function lettersOf(text: string): Letters {
  const ends: number[] = []
  let letters = ''
  const end = (): void => {
    if (letters.length > (ends.at(-1) ?? 0)) ends.push(letters.length)
  }
  const reader = new LetterReader((letter) => {
    letters += String.fromCharCode(alike(letter))
    // Scripts that are written without spaces: each sign counts as a word.
    if (letter >= 0x3040 && letter <= 0x9fff) end()
  }, end)
  for (const character of text) reader.next(character.codePointAt(0)!)
  end()
  return { letters, ends }
}
