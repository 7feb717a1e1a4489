import { isInvisible } from '../text/fold.ts'

/** A text without what cannot be seen. */
export interface Stripped {
  readonly text: string
  /** How many characters are gone. */
  readonly count: number
}

const SUSPICIOUS = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u

/**
 * Takes out of a text what steers rather than says something: control characters but for tabs and line ends, marks and overrides of the
 * writing direction, characters without width, tags and selectors that carry hidden text. Joiners stay where scripts and emoji need them.
 */
export function stripControls(text: string): Stripped {
  if (!SUSPICIOUS.test(text)) return { text, count: 0 }
  const characters = [...text]
  let out = ''
  let count = 0
  for (const [at, character] of characters.entries()) {
    if (isControl(characters, at)) count += 1
    else out += character
  }
  return { text: out, count }
}

function isControl(characters: readonly string[], at: number): boolean {
  const character = characters[at]!
  const code = character.codePointAt(0)!
  if (code === 9 || code === 10 || code === 13) return false
  if (code < 32 || (code >= 127 && code < 160)) return true
  if (code < 128 || !isInvisible(character)) return false
  const before = characters[at - 1] ?? ''
  // Joiners within words of scripts that need them, and within emoji; the selector of an emoji's form.
  if (code === 0x200c || code === 0x200d) return !joins(before) || !joins(characters[at + 1] ?? '')
  if (code === 0xfe0f || code === 0xfe0e) return !/[\p{Emoji}\p{S}]/u.test(before)
  return true
}

function joins(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return code > 0x5ff || code === 0xfe0f
}
