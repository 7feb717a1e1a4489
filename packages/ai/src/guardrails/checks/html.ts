import { codeAt, DIGIT, HYPHEN, isOf, isSpace, LETTER } from '../text/characters.ts'
import { type Detector, MORE, NONE } from '../scan/detector.ts'

/** `<` where a browser would begin a tag, a comment or a declaration. It is all that has to be escaped between tags. */
export const markup: Detector<'html'> = {
  kind: 'html',
  begins: '<',
  match(text, at, final) {
    const next = codeAt(text, at + 1)
    if (next < 0) return final ? NONE : MORE
    return isOf(next, LETTER) || next === 47 || next === 33 || next === 63 ? at + 1 : NONE
  },
}

const LONGEST_NAME = 40

/** A tag with its name, which is no address in angle brackets as Markdown has them. */
export const tag: Detector<'html'> = {
  kind: 'html',
  begins: '<',
  match(text, at, final) {
    const from = codeAt(text, at + 1) === 47 ? at + 2 : at + 1
    if (from >= text.length) return final ? NONE : MORE
    if (text.startsWith('!--', from) || text.startsWith('!d', from) || text.startsWith('!D', from)) return from + 1
    if (!final && '!--'.startsWith(text.slice(from)) && text.length - from < 3) return MORE
    if (!isOf(text.charCodeAt(from), LETTER)) return NONE
    const limit = Math.min(text.length, from + LONGEST_NAME)
    let next = from
    while (next < limit && isOf(text.charCodeAt(next), LETTER | DIGIT | HYPHEN)) next += 1
    const code = codeAt(text, next)
    if (code < 0) return final ? NONE : MORE
    return code === 62 || code === 47 || isSpace(code) ? next : NONE
  },
}
