import { BASE64_URL, EQUALS, isOf, isSpace, PLUS, SLASH } from '../text/characters.ts'
import type { Cursor, GuardedLetters } from './automaton.ts'
import { alike, LetterReader } from './letters.ts'

/** How a text may be written. */
export type Disguise = 'plain' | 'backwards' | 'rot13' | 'base64' | 'hex'

/** A text, read in one of these ways along what is guarded. */
export interface Reading {
  readonly disguise: Disguise
  readonly cursor: Cursor
}

/** Reads each character in every way. */
export interface Readings {
  readonly all: readonly Reading[]
  next(codePoint: number): void
}

/**
 * @param onLetter is told of each letter of the plain reading, when its cursor has moved.
 */
export function readings(forward: GuardedLetters, backward: GuardedLetters, onLetter: () => void): Readings {
  const plain = forward.cursor()
  const backwards = backward.cursor()
  const rot13 = forward.cursor()
  const reader = new LetterReader((letter) => {
    const same = alike(letter)
    plain.next(same)
    backwards.next(same)
    rot13.next(alike(turned(letter)))
    onLetter()
  })
  const base64 = new EncodedReading(forward.cursor(), 6, base64Value)
  const hex = new EncodedReading(forward.cursor(), 4, hexValue)
  return {
    all: [
      { disguise: 'plain', cursor: plain },
      { disguise: 'backwards', cursor: backwards },
      { disguise: 'rot13', cursor: rot13 },
      { disguise: 'base64', cursor: base64.cursor },
      { disguise: 'hex', cursor: hex.cursor },
    ],
    next(codePoint) {
      reader.next(codePoint)
      base64.next(codePoint)
      hex.next(codePoint)
    },
  }
}

function turned(letter: number): number {
  return letter >= 97 && letter <= 122 ? ((letter - 97 + 13) % 26) + 97 : letter
}

/** After so many signs a row of them may be broken by spaces and line ends and still be one text. */
const LEAST_ROW = 20

/** Reads what is hidden in a row of signs that stand for some bits each. */
class EncodedReading {
  readonly cursor: Cursor
  readonly #bitsOf: number
  readonly #valueOf: (code: number) => number
  #reader: LetterReader
  #row: number = 0
  #bits: number = 0
  #count: number = 0
  /** A character of UTF-8 that is not whole, and how many bytes it lacks. */
  #partial: number = 0
  #lacks: number = 0

  constructor(cursor: Cursor, bitsOf: number, valueOf: (code: number) => number) {
    this.cursor = cursor
    this.#bitsOf = bitsOf
    this.#valueOf = valueOf
    this.#reader = this.#newReader()
  }

  next(code: number): void {
    const value = this.#valueOf(code)
    if (value < 0) {
      if (this.#row > 0 && !(this.#row >= LEAST_ROW && (code > 127 ? false : isSpace(code)))) this.#begin()
      return
    }
    this.#row += 1
    this.#bits = ((this.#bits << this.#bitsOf) | value) & 0xffff
    this.#count += this.#bitsOf
    if (this.#count < 8) return
    this.#count -= 8
    this.#byte((this.#bits >> this.#count) & 0xff)
  }

  #begin(): void {
    this.#row = this.#bits = this.#count = this.#partial = this.#lacks = 0
    this.#reader = this.#newReader()
    this.cursor.reset()
  }

  #newReader(): LetterReader {
    return new LetterReader((letter) => this.cursor.next(alike(letter)))
  }

  #byte(byte: number): void {
    if (byte < 0x80) {
      this.#lacks = 0
      this.#reader.next(byte)
    } else if (byte < 0xc0) {
      if (this.#lacks === 0) return
      this.#partial = (this.#partial << 6) | (byte & 0x3f)
      this.#lacks -= 1
      if (this.#lacks === 0 && this.#partial <= 0x10ffff) this.#reader.next(this.#partial)
    } else {
      this.#lacks = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
      this.#partial = byte & (0x3f >> this.#lacks)
    }
  }
}

function base64Value(code: number): number {
  if (!isOf(code, BASE64_URL | PLUS | SLASH) || isOf(code, EQUALS)) return -1
  if (code >= 97) return code === 95 ? 63 : code - 71
  if (code >= 65) return code === 95 ? 63 : code - 65
  if (code >= 48) return code + 4
  return code === 47 ? 63 : 62
}

function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 && code < 128 ? lower - 87 : -1
}
