import { distance } from 'fastest-levenshtein'
import { airportByIata, airportByIcao, allNames, placesNamed } from './gazetteer.ts'
import type { Place } from './gazetteer.ts'
import { COMMON_WORDS } from './tables/common-words.ts'
import { REGIONS, STATE_CODES } from './tables/regions.ts'
import { AT_WORDS, CODE_LOOKALIKES, EVERYDAY_NAMES, FROM_WORDS, TO_WORDS } from './tables/route-words.ts'
import { isJoined, nameKey, tokenize } from './text.ts'
import type { Token } from './text.ts'

/** A place named in a text, and which end of a leg the words before it make it. */
export interface PlaceMention {
  readonly places: readonly Place[]
  readonly role: 'from' | 'to' | 'at' | 'none'
  readonly start: number
  readonly end: number
  /** A state or country that followed the name. */
  readonly qualifier?: string
}

const LONGEST_NAME = 5
const regions = new Set(REGIONS.map(nameKey))

/** Words that are "to" in one language and an article or a filler in another. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  a: ['it', 'fr', 'es'],
  d: ['fr'],
  then: ['en'],
  in: ['en', 'it', 'de'],
}

const roleByPhrase = new Map<string, PlaceMention['role']>()
for (const words of Object.values(FROM_WORDS)) for (const word of words) roleByPhrase.set(nameKey(word), 'from')
for (const words of Object.values(TO_WORDS)) for (const word of words) roleByPhrase.set(nameKey(word), 'to')
for (const word of AT_WORDS) roleByPhrase.set(nameKey(word), 'at')

/** Articles and the like between the word of direction and the place: "to the Hamptons", "da Milano". */
const FILLERS: ReadonlySet<string> = new Set([
  'the',
  'il',
  'la',
  'le',
  'der',
  'die',
  'den',
  'el',
  'airport',
  'aeroporto',
  'di',
  'downtown',
  'say',
  'maybe',
  'l',
])

function roleBefore(tokens: readonly Token[], index: number, language: string): PlaceMention['role'] {
  let end = index
  while (end > 0 && FILLERS.has(tokens[end - 1]?.word ?? '') && index - end < 2) end -= 1
  for (const stop of end === index ? [end] : [index, end]) {
    for (let size = 3; size >= 1; size -= 1) {
      const first = stop - size
      if (first < 0) continue
      const phrase = tokens
        .slice(first, stop)
        .map((token) => token.word)
        .join(' ')
      const role = roleByPhrase.get(phrase)
      if (role !== undefined && (ONLY_IN[phrase]?.includes(language) ?? true)) return role
    }
  }
  return 'none'
}

function codeAt(token: Token, role: PlaceMention['role'], shouting: boolean, beside: boolean): Place | undefined {
  const code = token.raw.toUpperCase()
  const airport = /^[A-Z]{3}$/.test(code)
    ? airportByIata(code)
    : /^[A-Z]{4}$/.test(code)
      ? airportByIcao(code)
      : undefined
  if (airport === undefined) return undefined
  const capitals = token.raw === code && !shouting
  const directed = role === 'from' || role === 'to'
  if (CODE_LOOKALIKES.has(token.word)) {
    if (!(capitals && directed) && !(beside && capitals)) return undefined
  } else if (COMMON_WORDS.has(token.word)) {
    if (!capitals && !beside) return undefined
  } else if (!capitals && !directed && !beside) return undefined
  return { airports: [airport.icao], name: airport.name, kind: 'airport' }
}

const byLength = new Map<number, [string, Place[]][]>()
for (const [key, places] of allNames()) {
  if (key.length < 4 || places[0]?.kind === 'city') continue
  const list = byLength.get(key.length)
  if (list === undefined) byLength.set(key.length, [[key, places]])
  else list.push([key, places])
}

function sameLetters(a: string, b: string): boolean {
  return a.length === b.length && [...a].sort().join('') === [...b].sort().join('')
}

/** What a misspelt name may have meant: one edit (or two letters swapped), two in a name of seven letters or more. */
export function nearestName(key: string): readonly Place[] | undefined {
  if (key.length < 4) return undefined
  const allowed = key.length >= 7 ? 2 : 1
  let best: { cost: number; places: Place[] } | undefined
  for (let length = key.length - allowed; length <= key.length + allowed; length += 1) {
    for (const [name, places] of byLength.get(length) ?? []) {
      // People seldom get the first letter wrong; two names a letter apart are told apart by it.
      const swapped = sameLetters(name, key)
      if (name[0] !== key[0] && !(swapped && name[1] === key[0])) continue
      const edits = distance(name, key)
      const cost = (swapped && edits === 2 ? 1 : edits) + (places[0]?.kind === 'metro' ? 0 : 0.5)
      if (cost <= allowed + 0.5 && (cost <= allowed || edits <= allowed) && (best === undefined || cost < best.cost)) {
        best = { cost, places }
      }
    }
  }
  return best?.places
}

/** Where a text says it all in one case, capitals mean nothing. */
function isShouting(text: string): boolean {
  return text === text.toUpperCase() && (text.match(/\p{L}/gu)?.length ?? 0) > 12
}

/** Finds the places that a text names, in order. `taken` are stretches that mean something else (dates, say). */
export function findPlaces(
  text: string,
  language: string,
  taken: readonly { readonly start: number; readonly end: number }[] = [],
): PlaceMention[] {
  const tokens = tokenize(text)
  const shouting = isShouting(text)
  const found: PlaceMention[] = []
  const free = (token: Token): boolean => !taken.some((span) => token.start < span.end && token.end > span.start)
  let index = 0
  while (index < tokens.length) {
    const mention = placeAt(tokens, index)
    if (mention === undefined) {
      index += 1
      continue
    }
    found.push(mention.place)
    index = mention.next
  }
  return found

  function placeAt(list: readonly Token[], at: number): { place: PlaceMention; next: number } | undefined {
    const first = list[at]
    if (first === undefined || !free(first)) return undefined
    const role = roleBefore(list, at, language)
    const exact = exactAt(list, at, first, role) ?? misspeltAt(list, at, first, role)
    if (exact === undefined) return undefined
    const last = list[exact.next - 1] ?? first
    const qualified = qualifierAfter(list, exact.next, last)
    const end = list[qualified.next - 1]?.end ?? last.end
    return {
      place: {
        places: exact.places,
        role,
        start: first.start,
        end,
        ...(qualified.text === undefined ? {} : { qualifier: qualified.text }),
      },
      next: qualified.next,
    }
  }

  function exactAt(list: readonly Token[], at: number, first: Token, role: PlaceMention['role']) {
    for (let size = Math.min(LONGEST_NAME, list.length - at); size >= 1; size -= 1) {
      const span = list.slice(at, at + size)
      const last = span.at(-1) ?? first
      if (!span.every(free) || !contiguous(span)) continue
      const key = span.map((token) => token.word).join(' ')
      const places = placesNamed(key)
      const [usual] = places
      if (usual === undefined) continue
      if (size === 1 && !nameCounts(first, role, usual)) continue
      if (regions.has(key) && role !== 'from' && role !== 'to') continue
      return { places, next: at + size, last }
    }
    const code = codeAt(first, role, shouting, besideCode(list, at))
    return code === undefined ? undefined : { places: [code], next: at + 1, last: first }
  }

  function nameCounts(token: Token, role: PlaceMention['role'], usual: Place): boolean {
    const capital = /^\p{Lu}/u.test(token.raw) && !shouting
    const directed = role === 'from' || role === 'to'
    if (token.word === 'la') return token.raw === 'LA' || (language === 'en' && directed)
    if (EVERYDAY_NAMES.has(token.word)) return directed || (capital && token.start > 0)
    if (usual.kind !== 'metro') return !COMMON_WORDS.has(token.word) && (directed || capital)
    return true
  }

  function contiguous(span: readonly Token[]): boolean {
    return span.every((token, i) => {
      const next = span[i + 1]
      return next === undefined || isJoined(text, token.end, next.start)
    })
  }

  /** Whether a code stands in a row of codes: "teb-vny", "teb vny", "teb/mia". */
  function besideCode(list: readonly Token[], at: number): boolean {
    const isCode = (token: Token | undefined): boolean =>
      token !== undefined &&
      /^[a-z]{3,4}$/.test(token.word) &&
      !CODE_LOOKALIKES.has(token.word) &&
      !COMMON_WORDS.has(token.word) &&
      (airportByIata(token.raw.toUpperCase()) ?? airportByIcao(token.raw.toUpperCase())) !== undefined
    const near = (a: Token | undefined, b: Token | undefined): boolean =>
      a !== undefined && b !== undefined && /^\s*(?:[-–—>/→]+|->|to)?\s*$/.test(text.slice(a.end, b.start))
    return (
      (isCode(list[at - 1]) && near(list[at - 1], list[at])) ||
      (isCode(list[at + 1]) && near(list[at], list[at + 1])) ||
      (list[at + 1]?.word === 'to' && isCode(list[at + 2]))
    )
  }

  function misspeltAt(list: readonly Token[], at: number, first: Token, role: PlaceMention['role']) {
    const directed = role === 'from' || role === 'to'
    const capital = /^\p{Lu}\p{Ll}/u.test(first.raw) && first.start > 0
    if (!directed && !capital) return undefined
    for (let size = Math.min(3, list.length - at); size >= 1; size -= 1) {
      const span = list.slice(at, at + size)
      if (!span.every(free) || !contiguous(span)) continue
      if (span.some((token) => COMMON_WORDS.has(token.word) || /\d/.test(token.word))) continue
      if (size > 1 && span.some((token) => roleByPhrase.has(token.word))) continue
      const key = span.map((token) => token.word).join(' ')
      if (regions.has(key)) return undefined
      const places = nearestName(key) ?? (size > 1 ? nearestName(key.replaceAll(' ', '')) : undefined)
      if (places !== undefined) return { places, next: at + size, last: span.at(-1) ?? first }
    }
    return undefined
  }

  function qualifierAfter(list: readonly Token[], at: number, last: Token): { next: number; text?: string } {
    for (let size = 2; size >= 1; size -= 1) {
      const span = list.slice(at, at + size)
      const [start] = span
      const end = span.at(-1)
      if (start === undefined || end === undefined || span.length < size || !span.every(free)) continue
      const between = text.slice(last.end, start.start)
      if (!/^\s*,?\s*$/.test(between)) continue
      const key = span.map((token) => token.word).join(' ')
      const code = STATE_CODES.has(key) && (start.raw === start.raw.toUpperCase() || between.includes(','))
      if ((regions.has(key) && (between.includes(',') || size > 1 || /^\p{Lu}/u.test(start.raw))) || code) {
        return { next: at + size, text: text.slice(start.start, end.end) }
      }
    }
    return { next: at }
  }
}
