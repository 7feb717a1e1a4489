import { codeAt, isDigit, isOf, isSpace, isWord, LETTER } from '../text/characters.ts'
import { type Detector, MORE, NONE, WORD_BEGINNINGS } from '../scan/detector.ts'
import type { HostTest } from './hosts.ts'
import { signAt, spelledAt } from './signs.ts'

/** The longest name of a host, with what may stand before and behind it, in characters. */
const LONGEST_HOST = 400
const LONGEST_LABEL = 63
/** Behind a scheme; as browsers take any number of them. */
const MOST_SLASHES = 64

/** Endings of names that browsers and chat windows make links of without a scheme. */
const ENDINGS = new Set(
  (
    'com net org info biz io co ai app dev xyz top site online shop store club live cloud tech link click icu ru cn tk ml ga cf gq pw cc ws me tv ' +
    'it eu de fr es uk ch at nl be pl us ca au in br jp'
  ).split(' '),
)
const SCHEMES = ['http:', 'https:', 'ftp:', 'ws:', 'wss:', '//']
const SCRIPTS = ['javascript:', 'vbscript:', 'data:text/html', 'data:image/svg', 'data:application']

/** An address of a host that links may not lead to, with all that belongs to it. */
export function foreignLink(isAllowed: HostTest): Detector<'links'> {
  return {
    kind: 'links',
    begins: `${WORD_BEGINNINGS}/\\&`,
    beginsBeyond: true,
    match(text, at, final) {
      const host = hostAt(text, at, final)
      if (typeof host === 'number') return host
      return isAllowed(host.name) ? NONE : host.end
    },
    tail(text, at, final) {
      let next = at
      while (next < text.length && !endsLink(text.charCodeAt(next))) next += 1
      return next < text.length || final ? next : ~next
    },
  }
}

/** The beginning of an address that runs a script, or is a page of its own. */
export const scriptLink: Detector<'script-link'> = {
  kind: 'script-link',
  begins: 'jJvVdD&',
  match(text, at, final) {
    for (const script of SCRIPTS) {
      const end = spelledAt(text, at, script, final)
      if (end === NONE) continue
      if (end === MORE) return MORE
      const next = codeAt(text, end)
      if (next < 0 && !final) return MORE
      // "JavaScript: the good parts" is no address.
      if (next >= 0 && !isSpace(next)) return end
    }
    return NONE
  },
}

interface Host {
  readonly name: string
  readonly end: number
}

function hostAt(text: string, at: number, final: boolean): Host | number {
  const scheme = schemeEnd(text, at, final)
  if (scheme === MORE) return MORE
  if (scheme !== NONE) return namedHost(text, scheme, final)
  return isSlash(text.charCodeAt(at)) ? NONE : bareHost(text, at, final)
}

/** Where the slashes behind a scheme end; browsers take `\` for `/`, and any number of them. */
function schemeEnd(text: string, at: number, final: boolean): number {
  for (const scheme of SCHEMES) {
    const end = spelledAt(text, at, scheme, final)
    if (end === MORE) return MORE
    if (end === NONE || (scheme === '//' && !beginsTarget(text, at))) continue
    const limit = end + MOST_SLASHES
    let next = end
    let slashes = scheme === '//'
    while (next < limit) {
      const sign = signAt(text, next, final)
      if (sign === MORE) return MORE
      if (typeof sign === 'number' || !(isSlash(sign.code) || sign.code < 32)) break
      slashes ||= isSlash(sign.code)
      next = sign.next
    }
    if (!slashes) continue
    return next
  }
  return NONE
}

/** Two slashes alone begin an address only where one may begin: in a link, an attribute or the definition of a reference. */
function beginsTarget(text: string, at: number): boolean {
  const before = codeAt(text, at - 1)
  if (before === 32) return codeAt(text, at - 2) === 58 && codeAt(text, at - 3) === 93
  return before === 40 || before === 34 || before === 39 || before === 61 || before === 60
}

function namedHost(text: string, from: number, final: boolean): Host | number {
  const limit = Math.min(text.length, from + LONGEST_HOST)
  let next = from
  let whole = ''
  while (next < limit && !endsHost(text.charCodeAt(next))) {
    const sign = signAt(text, next, final)
    if (sign === MORE) return MORE
    if (typeof sign === 'number' || isSlash(sign.code) || sign.code === 63 || sign.code === 35) break
    if (sign.code >= 32) whole += String.fromCodePoint(Math.min(sign.code, 0x10ffff))
    next = sign.next
  }
  if (next === text.length && !final) return MORE
  const name = whole
    .slice(whole.lastIndexOf('@') + 1)
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/[.,;:!]+$/, '')
  return name === '' && next === from ? NONE : { name, end: next }
}

/** `www.example.com`, `example.com/page`: a name with an ending that is known, which no `@` or `.` stands before. */
function bareHost(text: string, at: number, final: boolean): Host | number {
  const before = codeAt(text, at - 1)
  if (before === 64 || before === 46 || before === 45 || before === 47) return NONE
  let label = at
  let labels = 0
  for (let next = at; ; next += 1) {
    const code = codeAt(text, next)
    if (code < 0 && !final) return next - label > LONGEST_LABEL ? NONE : MORE
    if (code >= 0 && (isWord(code) || code === 45) && next - label <= LONGEST_LABEL) continue
    if (code === 46 && next > label && labels < 8) {
      const after = codeAt(text, next + 1)
      if (after < 0 && !final) return MORE
      if (after >= 0 && (isWord(after) || after === 45)) {
        labels += 1
        label = next + 1
        continue
      }
    }
    const ending = text.slice(label, next).toLowerCase()
    const isHost = labels > 0 && code !== 64 && ENDINGS.has(ending) && !isDigit(text.charCodeAt(label - 2))
    return isHost && isOf(text.charCodeAt(label), LETTER)
      ? { name: text.slice(at, next).toLowerCase(), end: next }
      : NONE
  }
}

function isSlash(code: number): boolean {
  return code === 47 || code === 92
}

/** What ends the name of a host: `?`, `#`, and what ends an address. */
function endsHost(code: number): boolean {
  return code === 63 || code === 35 || endsLink(code)
}

function endsLink(code: number): boolean {
  return (
    isSpace(code) ||
    code === 34 || // "
    code === 39 || // '
    code === 60 || // <
    code === 62 || // >
    code === 41 || // )
    code === 93 || // ]
    code === 125 || // }
    code === 96 || // `
    code === 0x2028 ||
    code === 0x2029
  )
}
