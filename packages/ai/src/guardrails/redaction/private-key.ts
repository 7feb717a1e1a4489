import { BASE64, isOf, isSpace, runEnd, UPPER } from '../text/characters.ts'
import { type Detector, MORE, NONE } from '../scan/detector.ts'

const BEGIN = '-----BEGIN '
const END = '-----END '
/** The longest title between `BEGIN` and the dashes, as in `ENCRYPTED PRIVATE KEY`, in characters. */
const LONGEST_TITLE = 40
/** How far behind its first line the key itself must begin; there may be headers before it. */
const LONGEST_HEADERS = 256
const LEAST_BODY = 32

/** A private key in PEM, from its first line to its last, of any length; one that breaks off ends with what can be no key. */
export const privateKey: Detector<'private-key'> = {
  kind: 'private-key',
  begins: '-',
  match(text, at, final) {
    const title = startsWith(text, at, BEGIN, final)
    if (title < 0) return title
    const titleEnd = endOfTitle(text, title, final)
    if (titleEnd < 0) return titleEnd
    if (!/PRIVATE KEY( BLOCK)?$/.test(text.slice(title, titleEnd - 5))) return NONE
    const limit = Math.min(text.length, titleEnd + LONGEST_HEADERS)
    for (let next = titleEnd; next < limit;) {
      const end = runEnd(text, next, BASE64, LEAST_BODY)
      if (end - next >= LEAST_BODY) return end
      if (end < limit && !isBetween(text.charCodeAt(end))) return NONE
      next = end + 1
    }
    return limit === text.length && !final ? MORE : NONE
  },
  tail(text, at, final) {
    for (let next = at; next < text.length; next += 1) {
      const code = text.charCodeAt(next)
      if (code === 45) {
        const title = startsWith(text, next, END, final)
        if (title === MORE) return ~next
        if (title === NONE) {
          // A hyphen inside a header, such as `DEK-Info`.
          if (!isOf(text.charCodeAt(next - 1), BASE64)) return next
          continue
        }
        const end = endOfTitle(text, title, final)
        if (end === MORE) return ~next
        return end === NONE ? next : end
      }
      if (!isOf(code, BASE64) && !isBetween(code)) return next
    }
    return final ? text.length : ~text.length
  },
}

/** Line breaks, also written as `\n`; padding; and what stands in headers. */
function isBetween(code: number): boolean {
  return isSpace(code) || code === 92 || code === 61 || code === 58 || code === 44 || code === 45
}

/** Where the five dashes behind a title end. */
function endOfTitle(text: string, at: number, final: boolean): number {
  const limit = Math.min(text.length, at + LONGEST_TITLE)
  for (let next = at; next < limit; next += 1) {
    const code = text.charCodeAt(next)
    if (code === 45) return startsWith(text, next, '-----', final)
    if (!isOf(code, UPPER) && code !== 32) return NONE
  }
  return limit === text.length && !final ? MORE : NONE
}

/** Where `prefix` ends, if the text has it here. */
function startsWith(text: string, at: number, prefix: string, final: boolean): number {
  if (text.startsWith(prefix, at)) return at + prefix.length
  return !final && text.length - at < prefix.length && prefix.startsWith(text.slice(at)) ? MORE : NONE
}
