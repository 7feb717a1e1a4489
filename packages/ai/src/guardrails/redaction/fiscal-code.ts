import { codeAt, isDigit, isOf, isWord, LETTER, runEnd, UPPER } from '../text/characters.ts'
import { type Detector, MORE, NONE } from '../scan/detector.ts'

/** L for a letter, D for a digit or the letter that stands for it (where two people would have the same code), M for a month. */
const SHAPE = 'LLLLLLDDMDDLDDDL'
const FOR_DIGITS = 'LMNPQRSTUV'
const MONTHS = 'ABCDEHLMPRST'
/** Before which characters the groups may be apart. */
const GROUPS = new Set([3, 6, 11])
/** What characters in odd places count (decree of 23 December 1976): those of 0 to 9 are those of A to J. */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** An Italian codice fiscale whose check character is right. */
export const fiscalCode: Detector<'fiscal-code'> = {
  kind: 'fiscal-code',
  begins: LETTERS + LETTERS.toLowerCase(),
  match(text, at, final) {
    // Six letters first, or three and a space: most words end here.
    const letters = runEnd(text, at, LETTER, 8) - at
    if (letters !== 3 && letters < 6 && at + letters < text.length) return NONE
    let sum = 0
    let next = at
    for (let place = 0; place < 16; place += 1) {
      if (GROUPS.has(place) && codeAt(text, next) === 32) next += 1
      const code = codeAt(text, next)
      if (code < 0) return final ? NONE : MORE
      const upper = isOf(code, LETTER) && !isOf(code, UPPER) ? code - 32 : code
      if (!fits(SHAPE[place]!, upper)) return NONE
      const value = isDigit(upper) ? upper - 48 : upper - 65
      if (place < 15) sum += place % 2 === 0 ? ODD[value]! : value
      else if (value !== sum % 26) return NONE
      next += 1
    }
    const after = codeAt(text, next)
    if (after < 0 && !final) return MORE
    return after >= 0 && isWord(after) ? NONE : next
  },
}

function fits(shape: string, code: number): boolean {
  if (shape === 'L') return isOf(code, UPPER)
  const sign = String.fromCharCode(code)
  return shape === 'M' ? MONTHS.includes(sign) : isDigit(code) || FOR_DIGITS.includes(sign)
}
