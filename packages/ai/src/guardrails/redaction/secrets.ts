import {
  codeAt,
  DIGIT,
  DOT,
  EQUALS,
  HYPHEN,
  isOf,
  isSpace,
  LETTER,
  PLUS,
  SLASH,
  TILDE,
  UNDERSCORE,
  WORD,
} from '../text/characters.ts'
import { type Detector, MORE, NONE, VISIBLE, WORD_BEGINNINGS } from '../scan/detector.ts'
import { tokenTail } from './tokens.ts'

const LONGEST_NAME = 40
const LONGEST_VALUE = 512
const LONGEST_USER = 64
const BEARER = LETTER | DIGIT | UNDERSCORE | HYPHEN | DOT | TILDE | PLUS | SLASH | EQUALS
const LEAST_BEARER = 16
const LONGEST_PROOF = 200

/** How names of passwords end, without case, `-` and `_`; the shortest must be the whole name. */
const PASSWORD_NAMES = ['password', 'passwd', 'passphrase', 'pwd', 'psw', 'pw']
/** How names of keys end, likewise. */
const KEY_NAMES = [
  'apikey',
  'accesskey',
  'accesskeyid',
  'secretkey',
  'accountkey',
  'privatekey',
  'clientsecret',
  'secret',
  'token',
  'hapikey',
  'accesstoken',
  'authtoken',
]
/** What stands where a secret would be, and is none. */
const PLACEHOLDER =
  /^(?:[<$%{*(]|\[[a-z -]{1,20}\]|process\.|os\.|env\.|null\b|none\b|true\b|false\b|undefined\b|x{3,})/i

/** What a redactor puts in the place of something. */
const REPLACED = /^\[[a-z-]{1,20}\]/

/** The password of a user in an address: what stands between `//name:` and `@`. */
export const urlPassword: Detector<'password'> = {
  kind: 'password',
  begins: VISIBLE,
  beginsBeyond: true,
  match(text, at, final) {
    if (codeAt(text, at - 1) !== 58) return NONE
    let user = at - 2
    const least = Math.max(1, user - LONGEST_USER)
    while (user >= least && !endsUser(text.charCodeAt(user))) user -= 1
    if (codeAt(text, user) !== 47 || codeAt(text, user - 1) !== 47) return NONE
    if (REPLACED.test(text.slice(at, at + 24))) return NONE
    const limit = Math.min(text.length, at + LONGEST_VALUE)
    let last = NONE
    for (let next = at; next < limit; next += 1) {
      const code = text.charCodeAt(next)
      if (code === 64 && next > at) last = next
      else if (code === 47 || isSpace(code) || code === 34 || code === 60 || code === 62) return last
    }
    return limit === text.length && !final ? MORE : last
  },
}

/** What stands behind the name of a password: `password=…`, `"passwd": "…"`, `pwd: …`. */
export const namedPassword: Detector<'password'> = {
  kind: 'password',
  begins: VISIBLE,
  beginsBeyond: true,
  match: (text, at, final) => matchNamed(PASSWORD_NAMES, text, at, final),
}

/** What stands behind the name of a key: `api_key=…`, `x-api-key: …`, `"client_secret": "…"`. */
export const namedKey: Detector<'key'> = {
  kind: 'key',
  begins: VISIBLE,
  beginsBeyond: true,
  match: (text, at, final) => matchNamed(KEY_NAMES, text, at, final),
}

/** What stands behind `Bearer`, or behind `Authorization: Basic`. */
export const bearer: Detector<'bearer'> = {
  kind: 'bearer',
  begins: `${WORD_BEGINNINGS}-.~+/=`,
  match(text, at, final) {
    const code = text.charCodeAt(at)
    if (!isOf(code, BEARER) || codeAt(text, at - 1) !== 32) return NONE
    let word = at - 2
    while (word >= at - 4 && codeAt(text, word) === 32) word -= 1
    if (!isScheme(text, word + 1)) return NONE
    const limit = Math.min(text.length, at + LONGEST_PROOF)
    let digit = false
    for (let next = at; next < limit; next += 1) {
      const here = text.charCodeAt(next)
      if (!isOf(here, BEARER)) return NONE
      digit ||= isOf(here, DIGIT)
      if (digit && next + 1 - at >= LEAST_BEARER) return next + 1
    }
    return limit === text.length && !final ? MORE : NONE
  },
  tail: (text, at, final) => tokenTail(text, at, BEARER, final),
}

function endsUser(code: number): boolean {
  return code === 47 || code === 58 || code === 64 || isSpace(code)
}

function isScheme(text: string, end: number): boolean {
  const last = codeAt(text, end - 1) | 32
  if (last !== 114 && last !== 99) return false
  return /(?:\bbearer|authorization["']?\s{0,3}[:=]\s{0,3}["']?basic)$/i.test(text.slice(Math.max(0, end - 40), end))
}

function matchNamed(names: readonly string[], text: string, at: number, final: boolean): number {
  const sign = signBefore(text, at)
  if (sign < 0 || !isNamed(names, text, sign)) return NONE
  const assigned = text[sign] === '='
  const limit = Math.min(text.length, at + LONGEST_VALUE)
  let end = at
  while (end < limit && !endsValue(text.charCodeAt(end))) end += 1
  if (end === text.length && !final) return MORE
  // What ends a sentence is no part of the secret.
  while (end > at && isOf(text.charCodeAt(end - 1), DOT)) end -= 1
  const value = text.slice(at, end)
  if (PLACEHOLDER.test(value)) return NONE
  // Behind a colon there may be prose; a secret mixes letters and digits.
  const secret = assigned ? value.length >= 4 : value.length >= 6 && /\d/.test(value) && /\p{L}/u.test(value)
  return secret ? end : NONE
}

/** Where the `=`, `:`, `is` or `è` before a value stands, behind which there may be spaces and a quote; -1 if there is none. */
function signBefore(text: string, at: number): number {
  let sign = at - 1
  const quote = codeAt(text, sign)
  if (quote === 34 || quote === 39 || quote === 96) sign -= 1
  const least = sign - 2
  while (sign > least && codeAt(text, sign) === 32) sign -= 1
  const code = codeAt(text, sign)
  if (code === 61 || code === 58) return sign
  // "My password is …", with nothing in between.
  if (sign !== at - 2) return -1
  if (code === 0xe8 && codeAt(text, sign - 1) === 32) return sign
  return (code | 32) === 115 && (codeAt(text, sign - 1) | 32) === 105 && codeAt(text, sign - 2) === 32 ? sign - 1 : -1
}

function isNamed(names: readonly string[], text: string, sign: number): boolean {
  let end = sign
  while (end > sign - 2 && codeAt(text, end - 1) === 32) end -= 1
  const quote = codeAt(text, end - 1)
  if (quote === 34 || quote === 39) end -= 1
  let start = end
  while (start > 0 && end - start < LONGEST_NAME && isOf(text.charCodeAt(start - 1), WORD | HYPHEN)) start -= 1
  if (end - start < 2) return false
  const name = text.slice(start, end).toLowerCase().replaceAll(/[-_]/g, '')
  return names.some((each) => (each.length < 3 ? name === each : name.endsWith(each)))
}

function endsValue(code: number): boolean {
  return (
    isSpace(code) ||
    code === 34 || // "
    code === 39 || // '
    code === 96 || // `
    code === 44 || // ,
    code === 59 || // ;
    code === 41 || // )
    code === 60 || // <
    code === 62 || // >
    code === 38 // &
  )
}
