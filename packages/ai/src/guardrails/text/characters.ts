/** What a character may be, as bits that can be combined: `DIGIT | UPPER`. */
export const DIGIT = 1
export const UPPER = 2
export const LOWER = 4
export const UNDERSCORE = 8
export const HYPHEN = 16
export const DOT = 32
export const PLUS = 64
export const SLASH = 128
export const EQUALS = 256
export const TILDE = 512
export const PERCENT = 1024

export const LETTER: number = UPPER | LOWER
export const WORD: number = LETTER | DIGIT | UNDERSCORE
export const BASE64: number = LETTER | DIGIT | PLUS | SLASH
export const BASE64_URL: number = LETTER | DIGIT | UNDERSCORE | HYPHEN

const classes = new Uint16Array(128)
for (let code = 48; code <= 57; code += 1) classes[code] = DIGIT
for (let code = 65; code <= 90; code += 1) classes[code] = UPPER
for (let code = 97; code <= 122; code += 1) classes[code] = LOWER
const signs: readonly (readonly [string, number])[] = [
  ['_', UNDERSCORE],
  ['-', HYPHEN],
  ['.', DOT],
  ['+', PLUS],
  ['/', SLASH],
  ['=', EQUALS],
  ['~', TILDE],
  ['%', PERCENT],
]
for (const [sign, bit] of signs) classes[sign.charCodeAt(0)] = bit

/** For characters beyond ASCII: 0 not looked at yet, 1 no part of a word, 2 part of a word. */
const beyond = new Uint8Array(65_536)

/** Whether a character of ASCII is of one of these classes. */
export function isOf(code: number, wanted: number): boolean {
  return code < 128 && (classes[code]! & wanted) !== 0
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Whether a character is part of a word: letter, digit, underscore, and the letters and marks of every script. */
export function isWord(code: number): boolean {
  if (code < 128) return (classes[code]! & WORD) !== 0
  const known = beyond[code]!
  if (known !== 0) return known === 2
  const word = /[\p{L}\p{N}\p{M}]/u.test(String.fromCharCode(code))
  beyond[code] = word ? 2 : 1
  return word
}

/** Whether a character is a space, a line break, or one of the spaces that do not break. */
export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x202f || code === 0x2009
}

/** The end of a run of ASCII characters of some classes, looking at no more than `most` of them. */
export function runEnd(text: string, from: number, wanted: number, most: number): number {
  const limit = Math.min(text.length, from + most)
  let at = from
  while (at < limit && isOf(text.charCodeAt(at), wanted)) at += 1
  return at
}

/** The code of a character, or -1 before the beginning and behind the end. */
export function codeAt(text: string, at: number): number {
  return at >= 0 && at < text.length ? text.charCodeAt(at) : -1
}
