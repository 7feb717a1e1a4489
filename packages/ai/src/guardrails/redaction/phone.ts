import { codeAt, isDigit, isOf, isWord, LETTER } from '../text/characters.ts'
import { type Detector, MORE, NONE } from '../scan/detector.ts'
import { isInNumber } from './card.ts'
import {
  isInternational,
  isItalianLandLine,
  isItalianMobile,
  isItalianService,
  isNorthAmerican,
  type PhoneCountry,
} from './phone-plans.ts'

const MOST_DIGITS = 18
const LEAST_DIGITS = 7
/** How far before a number words are looked for that say what it is, in characters. */
const CONTEXT = 40

/** Words that announce a phone number. */
const PHONE_WORDS =
  /(?:\btel(?:\b|efon)|phone|\bcel(?:l|l?ular)|\bmobil|\bcall|\bring\b|\bdial\b|\btext\b|\bsms\b|\bfax\b|whats?app|numero verde|chiam|contatt|\bfisso\b|centralino|reach\b|raggiung|\brecapit|\bmy number|\bmio numero|rispond)[^\d]*$/iu
/** Words that announce a number of another kind, right before it. */
const OTHER_WORDS =
  /(?:\border|ordin[ei]\b|\binvoice|\bfattura|\bticket|\bpratica|\bbooking|\bprenotazione|\breservation|\btracking|\bspedizione|\braccomandata|\bcode|\bcodic[ei]|\bref(?:erence)?|\bid|\bcase|\bcaso|\bserial|\bserie|\bmatricola|\bprotocollo|\bclient[ei]?|\bcustomer|\bp\.? ?iva|\bpartita iva|\bvat|\blotto|\bbatch|\barticolo|\bitem|\bpart|\bisbn|\bean|\bbarre|\bconto|\baccount|\brow|\bwatch|\bversion[ei]?|\bsection|\bcap)(?:\s|:|=|#|n[.°r]|no\.|number|numero|numbers|id|is|è|di|del|della|the|of|in|\.|"){0,4}$/iu
const MONEY_BEFORE = /(?:[€$£¥]|\b(?:eur|euro|usd|gbp|chf))\s{0,2}$/iu
const MONEY_AFTER = /^\s{0,2}(?:[€$£¥%°]|(?:eur|euro|usd|gbp|chf|dollar|k?m|kg|units)\b)/iu
/** How much behind a number is looked at. */
const BEHIND = 10

interface Reading {
  digits: string
  groups: number[]
  /** What stands before each group but the first. */
  separators: string[]
  ends: number[]
}

/** Phone numbers: with a country code, and in the national forms of the countries. */
export function phone(countries: readonly PhoneCountry[]): Detector<'phone'> {
  const italy = countries.includes('IT')
  const america = countries.includes('US')
  return {
    kind: 'phone',
    begins: '+(0123456789',
    match(text, at, final) {
      const first = text.charCodeAt(at)
      const before = codeAt(text, at - 1)
      if (isDigit(before) || before === 43 || isInNumber(text, at)) return NONE
      // A group of digits inside a longer row of groups.
      if (isDigit(first) && (before === 32 || before === 0xa0) && isDigit(codeAt(text, at - 2))) return NONE
      if (!isDigit(first) && !isDigit(codeAt(text, at + 1))) return at + 1 >= text.length && !final ? MORE : NONE
      const reading = read(text, at, final)
      if (reading === undefined) return MORE
      const context = text.slice(Math.max(0, at - CONTEXT), at)
      for (let count = reading.ends.length; count > 0; count -= 1) {
        const end = reading.ends[count - 1]!
        const found = { ...reading, groups: reading.groups.slice(0, count) }
        const size = found.groups.reduce((sum, group) => sum + group, 0)
        if (size < LEAST_DIGITS) break
        found.digits = reading.digits.slice(0, size)
        if (!accepts(found, first, context)) continue
        const behind = behindIsFine(text, end, count < reading.ends.length, final)
        if (behind === undefined) return MORE
        if (behind) return end
      }
      return NONE
    },
  }

  function accepts(reading: Reading, first: number, context: string): boolean {
    const { digits, groups } = reading
    if (MONEY_BEFORE.test(context)) return false
    if (first === 43) return isInternational(digits) || isInternational(withoutTrunk(reading))
    if (OTHER_WORDS.test(context)) return false
    const announced = (): boolean => PHONE_WORDS.test(context)
    if (digits.startsWith('00')) {
      return (groups[0]! < 6 || announced()) && digits.length >= 10 && isInternational(digits.slice(2))
    }
    return (italy && isItalian(reading, announced)) || (america && isAmerican(reading, first === 40, announced))
  }
}

function isItalian({ digits, groups, separators }: Reading, announced: () => boolean): boolean {
  const [area = 0] = groups
  if (groups.length === 1) {
    if (isItalianMobile(digits) && digits.length === 10) return true
    return (isItalianMobile(digits) || isItalianLandLine(digits) || isItalianService(digits)) && announced()
  }
  if (isDate(groups, separators)) return false
  if (isItalianMobile(digits))
    return area === 3 && groups.every((size) => size >= 2) && (digits.length === 10 || announced())
  if (isItalianService(digits)) return area === 3 && groups[1]! >= 3
  return (
    isItalianLandLine(digits) &&
    area >= 2 &&
    area <= 4 &&
    groups.every((size) => size >= 2) &&
    (digits.length >= 9 || groups.some((size) => size >= 4))
  )
}

function isAmerican({ digits, groups }: Reading, inParentheses: boolean, announced: () => boolean): boolean {
  const shape = groups.join('-')
  if (inParentheses) return shape === '3-3-4' && isNorthAmerican(digits)
  if (shape === '3-3-4') return isNorthAmerican(digits)
  if (shape === '1-3-3-4') return digits.startsWith('1') && isNorthAmerican(digits.slice(1))
  if (shape === '10') return isNorthAmerican(digits) && announced()
  return shape === '3-4' && /^[2-9]/.test(digits) && announced()
}

/** Two, two and four, or the other way round, between the same signs: a day, a month and a year. */
function isDate(groups: readonly number[], separators: readonly string[]): boolean {
  return /^(?:[12]-[12]-[24]|4-[12]-[12])$/.test(groups.join('-')) && new Set(separators).size === 1
}

/** `+44 (0)20 …`: the zero is not dialled. */
function withoutTrunk({ digits, groups, separators }: Reading): string {
  const zero = separators.findIndex((separator, index) => separator.endsWith('(') && groups[index + 1] === 1)
  if (zero < 0) return ''
  const before = groups.slice(0, zero + 1).reduce((sum, size) => sum + size, 0)
  return digits[before] === '0' ? digits.slice(0, before) + digits.slice(before + 1) : ''
}

/** Reads groups of digits and what separates them; undefined if the text ends too early. */
function read(text: string, at: number, final: boolean): Reading | undefined {
  const reading: Reading = { digits: '', groups: [], separators: [], ends: [] }
  let next = isDigit(text.charCodeAt(at)) ? at : at + 1
  for (;;) {
    const start = next
    while (isDigit(codeAt(text, next)) && reading.digits.length + next - start < MOST_DIGITS) next += 1
    if (codeAt(text, next) < 0 && !final) return undefined
    if (isDigit(codeAt(text, next))) break
    reading.digits += text.slice(start, next)
    reading.groups.push(next - start)
    reading.ends.push(next)
    const separator = next
    while (next < separator + 3 && isSeparator(codeAt(text, next))) next += 1
    if (codeAt(text, next) < 0 && !final) return undefined
    if (next === separator || !isDigit(codeAt(text, next))) break
    reading.separators.push(text.slice(separator, next))
  }
  return reading
}

function isSeparator(code: number): boolean {
  return (
    code === 32 ||
    code === 45 ||
    code === 46 ||
    code === 47 ||
    code === 40 ||
    code === 41 ||
    code === 0xa0 ||
    code === 0x2011 ||
    code === 0x2013 ||
    code === 0x202f
  )
}

/** Whether what follows leaves it a number of its own; undefined if too little follows to tell. */
function behindIsFine(text: string, end: number, digitsFollow: boolean, final: boolean): boolean | undefined {
  if (text.length - end < BEHIND && !final) {
    // A letter behind it decides at once, and so does the end of a sentence.
    const next = codeAt(text, end)
    if (next < 0 || !/^(?:[,;!?)\]>"'\n]|\.\s|\s{1,2}[^\s€$£¥%°eugcdk])/iu.test(text.slice(end))) {
      if (next < 0 || !isWord(next)) return undefined
    }
  }
  const next = codeAt(text, end)
  if (next >= 0 && (isWord(next) || next === 64 || next === 95)) return false
  // Joined to more digits it is a part of something else: `206-076-031-107`.
  if (digitsFollow && next !== 32 && next !== 0xa0) return false
  if ((next === 44 || next === 46 || next === 58) && isDigit(codeAt(text, end + 1))) return false
  if (next === 45 && isOf(codeAt(text, end + 1), LETTER)) return false
  return !MONEY_AFTER.test(text.slice(end, end + BEHIND))
}
