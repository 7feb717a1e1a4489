import { codeAt } from '../text/characters.ts'
import { MORE, NONE } from '../scan/detector.ts'

/** A character as a browser reads it in the target of a link, and where the next one begins. */
export interface Sign {
  readonly code: number
  readonly next: number
}

/** The longest character reference that is looked at: `&VerticalLine;`, `&#x000003a;`. */
const LONGEST_REFERENCE = 16

/** Names of the ASCII characters in HTML, which Markdown decodes in targets of links. */
const NAMED: ReadonlyMap<string, number> = new Map(
  (
    'Tab:9 NewLine:10 excl:33 quot:34 QUOT:34 num:35 dollar:36 percnt:37 amp:38 AMP:38 apos:39 lpar:40 rpar:41 ast:42 midast:42 plus:43 ' +
    'comma:44 period:46 sol:47 colon:58 semi:59 lt:60 LT:60 equals:61 gt:62 GT:62 quest:63 commat:64 lsqb:91 lbrack:91 bsol:92 rsqb:93 ' +
    'rbrack:93 Hat:94 lowbar:95 UnderBar:95 grave:96 DiacriticalGrave:96 lcub:123 lbrace:123 verbar:124 vert:124 VerticalLine:124 rcub:125 rbrace:125'
  )
    .split(' ')
    .map((pair) => {
      const [name = '', code] = pair.split(':')
      return [name, Number(code)]
    }),
)

/** What stands at a place, with character references and the escapes of Markdown decoded; {@link MORE} if that is not certain yet, {@link NONE} at the end. */
export function signAt(text: string, at: number, final: boolean): Sign | number {
  const code = codeAt(text, at)
  if (code === 38) return referenceAt(text, at, final)
  if (code === 92) {
    const escaped = codeAt(text, at + 1)
    if (escaped < 0 && !final) return MORE
    // `\:`, `\.`, `\@`, `\-` and `\/`; every other `\` is what browsers make of it, a slash.
    const isEscape = escaped === 58 || escaped === 46 || escaped === 64 || escaped === 45 || escaped === 47
    return isEscape ? { code: escaped, next: at + 2 } : { code, next: at + 1 }
  }
  return code < 0 ? (final ? NONE : MORE) : { code, next: at + 1 }
}

function referenceAt(text: string, at: number, final: boolean): Sign | number {
  const piece = text.slice(at, at + LONGEST_REFERENCE)
  const [whole, hex, decimal, name] = /^&(?:#x([\da-f]+);?|#(\d+);?|([a-z]+);)/i.exec(piece) ?? []
  if (!final && piece.length < LONGEST_REFERENCE && at + piece.length === text.length) {
    // It may go on, or not be one at all.
    if (/^&(?:#(?:x[\da-f]*|\d*)|[a-z]*)$/i.test(piece)) return MORE
  }
  const code = hex !== undefined ? parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : NAMED.get(name ?? '')
  return whole === undefined || code === undefined ? { code: 38, next: at + 1 } : { code, next: at + whole.length }
}

/** Where a word of lower-case letters and signs ends that stands here, however it is written: browsers leave out control characters and take `\` for `/`. */
export function spelledAt(text: string, at: number, word: string, final: boolean): number {
  let next = at
  const limit = at + word.length * LONGEST_REFERENCE
  for (let letter = 0; letter < word.length;) {
    if (next >= limit) return NONE
    const plain = codeAt(text, next)
    // Nearly every call ends with the first letter, and must cost next to nothing.
    if (letter === 0 && plain !== 38 && plain !== 92 && (plain | 32) !== (word.charCodeAt(0) | 32)) return NONE
    const sign = signAt(text, next, final)
    if (typeof sign === 'number') return sign
    if (sign.code >= 32 || letter === 0) {
      const code = sign.code === 92 ? 47 : sign.code >= 65 && sign.code <= 90 ? sign.code + 32 : sign.code
      if (code !== word.charCodeAt(letter)) return NONE
      letter += 1
    }
    next = sign.next
  }
  return next
}
