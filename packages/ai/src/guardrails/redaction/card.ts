import { codeAt, isDigit, isWord } from '../text/characters.ts'
import { type Detector, MORE, NONE } from '../scan/detector.ts'

const LEAST = 13
const MOST = 19

/** The lengths of a network's numbers by how they begin, the longest prefix first. */
const NETWORKS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^3[47]/, [15]],
  [/^(?:30[0-5]|36|3[89])/, [14, 15, 16, 17, 18, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^4/, [13, 16, 19]],
  [/^5[1-5]|^2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)/, [16]],
  [/^6(?:011|4[4-9]|5)/, [16, 17, 18, 19]],
  [/^62/, [16, 17, 18, 19]],
  [/^(?:5[06-9]|6[0-9])/, [13, 14, 15, 16, 17, 18, 19]],
]

/** A payment card's number: of a known network, of the right length, and with the right check digit (Luhn). */
export const card: Detector<'card'> = {
  kind: 'card',
  begins: '23456',
  beginsBeyond: true,
  match(text, at, final) {
    if (!isDigit(plain(text.charCodeAt(at))) || isInNumber(text, at)) return NONE
    let digits = ''
    let next = at
    /** Where groups end that may be the last, and how many digits there are by then. */
    const ends: { readonly end: number; readonly digits: string }[] = []
    let inOnePiece = true
    let groups = 1
    let group = 0
    let separator = -1
    for (;;) {
      const code = plain(codeAt(text, next))
      if (code < 0 && !final) return MORE
      if (isDigit(code) && digits.length < MOST + 1) {
        digits += String.fromCharCode(code)
        group += 1
        next += 1
        continue
      }
      if (isDigit(code)) return NONE
      if (digits.length >= LEAST && digits.length <= MOST && (inOnePiece || group <= 7))
        ends.push({ end: next, digits })
      // Groups of four, or four, six and the rest, always with the same separator.
      const goesOn =
        (code === 32 || code === 45 || code === 46 || code === 0xa0) &&
        (separator < 0 || code === separator) &&
        (group === 4 || (groups === 2 && group === 6)) &&
        digits.length < MOST
      if (!goesOn) break
      const after = plain(codeAt(text, next + 1))
      if (after < 0 && !final) return MORE
      if (!isDigit(after)) break
      separator = code
      inOnePiece = false
      groups += 1
      group = 0
      next += 1
    }
    const found = ends.findLast(({ end, digits }) => isCard(digits) && !isWord(codeAt(text, end)))
    return found === undefined ? NONE : found.end
  },
}

/** A digit or a space of full width is read as the usual one. */
export function plain(code: number): number {
  if (code >= 0xff10 && code <= 0xff19) return code - 0xff10 + 48
  return code === 0x3000 ? 32 : code
}

/** Whether a number here would be the rest of something longer: `12-3456`, `1.2345`, `AB/1234`. */
export function isInNumber(text: string, at: number): boolean {
  const before = codeAt(text, at - 1)
  if (before === 46 || before === 44) return isDigit(codeAt(text, at - 2))
  return before === 35 || ((before === 45 || before === 47) && isWord(codeAt(text, at - 2)))
}

function isCard(digits: string): boolean {
  const network = NETWORKS.find(([prefix]) => prefix.test(digits))
  return network !== undefined && network[1].includes(digits.length) && passesLuhn(digits)
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48
    const counted = at % 2 === 0 ? digit : digit * 2
    sum += counted > 9 ? counted - 9 : counted
  }
  return sum % 10 === 0 && /[1-9]/.test(digits)
}
