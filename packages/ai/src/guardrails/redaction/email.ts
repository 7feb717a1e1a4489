import { codeAt, DIGIT, DOT, HYPHEN, isOf, isWord, PERCENT, PLUS } from '../text/characters.ts'
import { type Detector, MORE, NONE, WORD_BEGINNINGS } from '../scan/detector.ts'

/** RFC 5321, 4.5.3.1.1. */
const LONGEST_LOCAL = 64
const LONGEST_DOMAIN = 190

/** Endings of files that look like domains: `icon@2x.png`. */
const FILES = new Set('png jpg jpeg gif svg webp avif ico bmp pdf css js ts mjs json map mp4 html htm zip'.split(' '))

/** An e-mail address, of any script. */
export const email: Detector<'email'> = {
  kind: 'email',
  begins: WORD_BEGINNINGS,
  beginsBeyond: true,
  match(text, at, final) {
    if (!isWord(text.charCodeAt(at))) return NONE
    // Inside a run it has failed already: looking again from every point in it would cost its length each time.
    if (isOf(codeAt(text, at - 1), DOT | HYPHEN | PLUS | PERCENT) && isWord(codeAt(text, at - 2))) return NONE
    const limit = Math.min(text.length, at + LONGEST_LOCAL + 1)
    let sign = at + 1
    while (sign < limit && isLocal(text, sign)) sign += 1
    if (sign === text.length && !final) return MORE
    if (text.charCodeAt(sign) !== 64) return NONE
    const end = domainEnd(text, sign + 1, final)
    // `git@host:path` names a repository, nobody's mailbox.
    if (end > 0 && sign - at === 3 && text.startsWith('git', at)) return NONE
    return end
  },
}

function isLocal(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (isWord(code) || isOf(code, DOT | HYPHEN | PLUS | PERCENT)) return true
  return code === 39 && isWord(text.charCodeAt(at - 1))
}

/** Where a domain ends, which must have two labels and a last one that is none of numbers. */
function domainEnd(text: string, from: number, final: boolean): number {
  const limit = Math.min(text.length, from + LONGEST_DOMAIN)
  let good = NONE
  let label = from
  let next = from
  for (; next <= limit; next += 1) {
    const code = codeAt(text, next)
    if (code >= 0 && (isWord(code) || isOf(code, HYPHEN)) && next < limit) continue
    if (label > from && isLast(text.slice(label, next))) good = next
    if (code !== 46 || next === label || next === limit) break
    label = next + 1
  }
  return next >= text.length && !final ? MORE : good
}

function isLast(label: string): boolean {
  const { length } = label
  if (length < 2 || FILES.has(label.toLowerCase())) return false
  for (let at = 0; at < length; at += 1) if (isOf(label.charCodeAt(at), DIGIT)) return label.startsWith('xn--')
  return label[length - 1] !== '-'
}
