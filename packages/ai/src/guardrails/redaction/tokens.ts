import { BASE64_URL, DIGIT, DOT, HYPHEN, isOf, isWord, runEnd } from '../text/characters.ts'
import { type Detector, MORE, NONE } from '../scan/detector.ts'
import { KNOWN_TOKENS, type TokenShape } from './known-tokens.ts'

/** Within so many characters behind its prefix a token must show that it is one. */
const LONGEST_PROOF = 200
const LONGEST_JWT_HEADER = 1_024

/** Keys and tokens of known providers. One detector for each shape of them. */
export const providerTokens: readonly Detector<'key'>[] = KNOWN_TOKENS.map((shape) => ({
  kind: 'key',
  begins: [...new Set(shape.prefixes.map((prefix) => prefix[0]))].join(''),
  match: (text, at, final) => matchToken(shape, text, at, final),
  ...(shape.exact === true
    ? {}
    : { tail: (text: string, at: number, final: boolean) => tokenTail(text, at, shape.characters, final) }),
}))

/** A JSON Web Token: two parts in base64 that begin as JSON objects do, and what follows them. */
export const jwt: Detector<'jwt'> = {
  kind: 'jwt',
  begins: 'e',
  match(text, at, final) {
    const cut = (need: string, from: number): number =>
      !final && text.length - from < need.length && need.startsWith(text.slice(from)) ? MORE : NONE
    if (!follows(text, at)) return NONE
    if (!text.startsWith('eyJ', at)) return cut('eyJ', at)
    const headerEnd = runEnd(text, at, BASE64_URL, LONGEST_JWT_HEADER)
    if (headerEnd === text.length && !final) return MORE
    if (headerEnd - at < 12) return NONE
    if (!text.startsWith('.eyJ', headerEnd)) return cut('.eyJ', headerEnd)
    return headerEnd + 4
  },
  tail: (text, at, final) => tokenTail(text, at, BASE64_URL | DOT, final),
}

function matchToken(shape: TokenShape, text: string, at: number, final: boolean): number {
  if (!follows(text, at)) return NONE
  let from = -1
  let undecided = false
  for (const prefix of shape.prefixes) {
    if (text.startsWith(prefix, at)) from = at + prefix.length
    else if (!final && text.length - at < prefix.length && prefix.startsWith(text.slice(at))) undecided = true
  }
  if (from < 0) return undecided ? MORE : NONE
  const { characters, least, exact = false, solid = 0 } = shape
  if (exact) {
    const end = runEnd(text, from, characters, least + 1)
    if (end === text.length && !final) return MORE
    return end - from === least && !(end < text.length && isWord(text.charCodeAt(end))) ? end : NONE
  }
  const limit = Math.min(text.length, from + LONGEST_PROOF)
  let row = 0
  let digit = false
  let proven = solid === 0
  for (let next = from; next < limit; next += 1) {
    const code = text.charCodeAt(next)
    if (!isOf(code, characters)) return NONE
    if (isOf(code, HYPHEN | DOT)) {
      row = 0
      digit = false
    } else {
      row += 1
      digit ||= isOf(code, DIGIT)
      proven ||= digit && row >= solid
    }
    if (proven && next + 1 - from >= least) return next + 1
  }
  return limit === text.length && !final ? MORE : NONE
}

/** A token is not the end of a longer word, such as `risk-` or `mask_`. */
function follows(text: string, at: number): boolean {
  if (at === 0) return true
  const before = text.charCodeAt(at - 1)
  return !isWord(before) && before !== 45
}

/** The rest of a token; a point counts only if the token goes on behind it, since a sentence may end there. */
export function tokenTail(text: string, at: number, characters: number, final: boolean): number {
  for (let next = at; next < text.length; next += 1) {
    const code = text.charCodeAt(next)
    if (!isOf(code, characters)) return next
    if (!isOf(code, DOT)) continue
    if (next + 1 === text.length) return final ? next : ~next
    if (!isOf(text.charCodeAt(next + 1), characters & ~DOT)) return next
  }
  return final ? text.length : ~text.length
}
