import { codeAt, isLookalike, placesOfCode } from './airport-codes.ts'
import { airportByIcao, nauticalMiles, placesNamed } from './gazetteer.ts'
import type { Place } from './gazetteer.ts'
import { nearestName } from './misspelt.ts'
import { personsNamed } from './persons-named.ts'
import { roleBefore, roleByPhrase } from './place-roles.ts'
import type { PlaceRole } from './place-roles.ts'
import { regionNamed, stateOf } from './regions.ts'
import type { Region } from './regions.ts'
import { COMMON_WORDS } from './tables/common-words.ts'
import { EVERYDAY_NAMES } from './tables/route-words.ts'
import { isShouting, tokenize } from './text.ts'
import type { Token } from './text.ts'

/** A place named in a text, and which end of a leg the words before it make it. */
export interface PlaceMention {
  readonly places: readonly Place[]
  readonly role: PlaceRole
  /** False for a name that was misspelt. */
  readonly exact: boolean
  readonly start: number
  readonly end: number
  /** A state or country that followed the name, as typed, and what it is. */
  readonly qualifier?: string
  readonly within?: Region
}

const LONGEST_NAME = 5

const MOST_GUESSES = 40

/** Letters of states that are words when small: "Luton, in three". */
const STATE_WORDS: ReadonlySet<string> = new Set('in or me hi ok de la al on co id ma pa mi mo ne oh as us'.split(' '))

/** After an everyday word it says that the word was a name: "in nice on Friday", not "in nice weather". */
const STANDS_ALONE =
  /^\s*(?:$|[?.!,;]|(?:at|on|for|and|to|by|from|with|this|next|tomorrow|today|tonight|right|now|over)\b)/i

/** Finds the places that a text names, in order. `taken` are stretches that mean something else (dates, say). */
export function findPlaces(
  text: string,
  language: string,
  taken: readonly { readonly start: number; readonly end: number }[] = [],
): PlaceMention[] {
  const tokens = tokenize(text)
  const shouting = isShouting(text)
  const found: PlaceMention[] = []
  let guesses = 0
  const persons = personsNamed(text, language)
  const free = (token: Token): boolean =>
    ![...taken, ...persons].some((span) => token.start < span.end && token.end > span.start)
  let index = 0
  while (index < tokens.length) {
    const region = regionAt(tokens, index)
    if (region > 0) {
      index += region
      continue
    }
    const mention = placeAt(tokens, index)
    if (mention === undefined) {
      index += 1
      continue
    }
    found.push(mention.place)
    index = mention.next
  }
  return refined(text, found)

  /** How many words from here are the name of a state or country ("New Jersey") and no city's. */
  function regionAt(list: readonly Token[], at: number): number {
    for (const size of [3, 2]) {
      const key = list
        .slice(at, at + size)
        .map((token) => token.word)
        .join(' ')
      if (list.length >= at + size && regionNamed(key) !== undefined && placesNamed(key)[0]?.kind !== 'metro')
        return size
    }
    return 0
  }

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
        exact: exact.exact,
        start: first.start,
        end,
        ...(qualified.text === undefined ? {} : { qualifier: qualified.text }),
        ...(qualified.within === undefined ? {} : { within: qualified.within }),
      },
      next: qualified.next,
    }
  }

  function exactAt(list: readonly Token[], at: number, first: Token, role: PlaceRole) {
    for (let size = Math.min(LONGEST_NAME, list.length - at); size >= 1; size -= 1) {
      const span = list.slice(at, at + size)
      const last = span.at(-1) ?? first
      if (!span.every(free) || !contiguous(span)) continue
      const key = span.map((token) => token.word).join(' ')
      const state = stateAt(list, at + size, last)
      const places =
        state !== undefined && placesNamed(`${key} ${state}`).length > 0
          ? placesNamed(`${key} ${state}`)
          : placesNamed(key)
      const [usual] = places
      if (usual === undefined) continue
      if (size === 1 && !nameCounts(list, at, first, role, usual)) continue
      if (regionNamed(key) !== undefined && usual.kind !== 'metro') continue
      return { places, next: at + size, last, exact: true }
    }
    const longer = misspelt(list, at, first, 2)
    if (longer !== undefined && (role === 'from' || role === 'to' || role === 'for' || /^\p{Lu}/u.test(first.raw)))
      return longer
    const code = codeAt(first, language, role, shouting, besideCode(list, at), besideCode(list, at, /^[-/]$/))
    return code === undefined ? undefined : { places: code, next: at + 1, last: first, exact: true }
  }

  /** The state whose two letters stand in capitals, or after a comma, behind a name; "on" and "in" are words. */
  function stateAt(list: readonly Token[], at: number, last: Token): string | undefined {
    const token = list[at]
    if (token === undefined) return undefined
    const capitals = token.raw === token.raw.toUpperCase() && !shouting
    return capitals || text.slice(last.end, token.start).includes(',') ? stateOf(token.word) : undefined
  }

  /** Whether a place is named right here: one to three words, or a code. */
  function namesPlace(list: readonly Token[], at: number): boolean {
    const first = list[at]
    if (first === undefined || !free(first)) return false
    const keys = [1, 2, 3].map((size) =>
      list
        .slice(at, at + size)
        .map((token) => token.word)
        .join(' '),
    )
    return (
      keys.some((key) => placesNamed(key).length > 0 && !COMMON_WORDS.has(key)) ||
      (first.raw === first.raw.toUpperCase() && placesOfCode(first.raw).length > 0)
    )
  }

  function nameCounts(list: readonly Token[], at: number, token: Token, role: PlaceRole, usual: Place): boolean {
    const capital = /^\p{Lu}/u.test(token.raw) && !shouting
    const directed = role === 'from' || role === 'to' || role === 'for'
    const next = list[at + 1]
    const between = next === undefined ? '' : text.slice(token.end, next.start)
    // "Nice - Geneva", "nice to london", "cascais faro": a row of places.
    const before = found.at(-1)
    const inRow =
      (before !== undefined && /^\s*(?:[-–—>/→,]+|->)?\s*$/.test(text.slice(before.end, token.start))) ||
      /^\s*(?:[-–—>/→]+|->)\s*$/.test(between) ||
      (/^\s*$/.test(between) && capital && namesPlace(list, at + 1)) ||
      (next !== undefined &&
        roleByPhrase.get(next.word) === 'to' &&
        (namesPlace(list, at + 2) || (capital && /^\p{Lu}/u.test(list[at + 2]?.raw ?? ''))))
    if (token.word === 'la')
      return token.raw === 'LA' || (language === 'en' && (directed || inRow || role === 'at' || at === 0))
    const inState = next !== undefined && stateOf(next.word) !== undefined && next.raw === next.raw.toUpperCase()
    if (EVERYDAY_NAMES.has(token.word))
      return (
        directed ||
        inState ||
        inRow ||
        (role === 'at' && STANDS_ALONE.test(text.slice(token.end))) ||
        (capital && token.start > 0 && !sentenceStart(token))
      )
    if (usual.kind !== 'metro') return !COMMON_WORDS.has(token.word) && (directed || capital || role === 'at' || inRow)
    return true
  }

  function sentenceStart(token: Token): boolean {
    return /(?:^|[.!?\n])\s*$/.test(text.slice(0, token.start))
  }

  function contiguous(span: readonly Token[]): boolean {
    return span.every((token, i) => {
      const next = span[i + 1]
      if (next === undefined) return true
      const between = text.slice(token.end, next.start)
      // A dot joins after an abbreviation only ("St. Moritz").
      return /^[\s,'’-]*$/.test(between) || (/^\. ?$/.test(between) && token.word.length <= 3)
    })
  }

  /** Whether a code stands in a row of codes: "teb-vny", "teb vny", "teb/mia". */
  function besideCode(list: readonly Token[], at: number, joint: RegExp = /^\s*(?:[-–—>/→]+|->|to)?\s*$/): boolean {
    // Codes joined by a dash are hardly words of any language but English.
    const tongue = joint.test(' ') ? language : 'en'
    const isCode = (token: Token | undefined): boolean =>
      token !== undefined &&
      /^[a-z]{3,4}$/.test(token.word) &&
      !isLookalike(token.word, tongue) &&
      (token.word.length === 3 || !COMMON_WORDS.has(token.word)) &&
      placesOfCode(token.raw.toUpperCase()).length > 0
    const near = (a: Token | undefined, b: Token | undefined): boolean =>
      a !== undefined && b !== undefined && joint.test(text.slice(a.end, b.start))
    return (
      (isCode(list[at - 1]) && near(list[at - 1], list[at])) ||
      (isCode(list[at + 1]) && near(list[at], list[at + 1])) ||
      (joint.test(' to ') && list[at + 1]?.word === 'to' && isCode(list[at + 2]))
    )
  }

  function misspeltAt(list: readonly Token[], at: number, first: Token, role: PlaceRole) {
    const directed = role === 'from' || role === 'to' || role === 'for'
    const capital = /^\p{Lu}\p{Ll}{5,}/u.test(first.raw) && first.start > 0
    const before = found.at(-1)
    const after = before !== undefined && /^\s*(?:[-–—>/→]+|->)\s*$/.test(text.slice(before.end, first.start))
    return directed || capital || after || opensRow(list, at)
      ? misspelt(list, at, first, 1, role === 'for' ? 1 : 2)
      : undefined
  }

  /** "Lodnon to nice", "milnao - parigi" at the start of a text. */
  function opensRow(list: readonly Token[], at: number): boolean {
    const [token, next] = [list[at], list[at + 1]]
    if (token === undefined || next === undefined || at > 0) return false
    const dash = /^\s*(?:[-–—>/→]+|->)\s*$/.test(text.slice(token.end, next.start))
    return dash || (roleByPhrase.get(next.word) === 'to' && list[at + 2] !== undefined)
  }

  function misspelt(list: readonly Token[], at: number, first: Token, least: number, most = 2) {
    // Each guess compares thousands of names; a message made to be full of them must not cost more than a real one.
    guesses += 1
    if (guesses > MOST_GUESSES) return undefined
    for (let size = Math.min(3, list.length - at); size >= least; size -= 1) {
      const span = list.slice(at, at + size)
      if (!span.every(free) || !contiguous(span)) continue
      if (span.some((token) => COMMON_WORDS.has(token.word) || /\d/.test(token.word))) continue
      if (size > 1 && span.some((token) => roleByPhrase.has(token.word))) continue
      // Two good names in a row are two places, not one that is misspelt.
      if (size > 1 && span.some((token) => placesNamed(token.word).length > 0 && token.word.length > 4)) continue
      const key = span.map((token) => token.word).join(' ')
      if (regionNamed(key) !== undefined) return undefined
      const joined = key.replaceAll(' ', '')
      if (size > 1 && joined.length < 7) continue
      const places = nearestName(key, most) ?? (size > 1 ? nearestName(joined, most) : undefined)
      if (places !== undefined) return { places, next: at + size, last: span.at(-1) ?? first, exact: false }
    }
    return undefined
  }

  function qualifierAfter(
    list: readonly Token[],
    at: number,
    last: Token,
  ): { next: number; text?: string; within?: Region } {
    for (let size = 2; size >= 1; size -= 1) {
      const span = list.slice(at, at + size)
      const [start] = span
      const end = span.at(-1)
      if (start === undefined || end === undefined || span.length < size || !span.every(free)) continue
      const between = text.slice(last.end, start.start)
      if (!/^\s*,?\s*$/.test(between)) continue
      const key = span.map((token) => token.word).join(' ')
      const said = text.slice(start.start, end.end)
      const state = size === 1 ? stateOf(key) : undefined
      const capitals = start.raw === start.raw.toUpperCase() && !shouting
      if (state !== undefined && (capitals || (between.includes(',') && !STATE_WORDS.has(key)))) {
        return { next: at + size, text: said, within: { province: state, country: 'US' } }
      }
      const region = regionNamed(key)
      const marked =
        between.includes(',') || /^\p{Lu}/u.test(start.raw) || key.length > 3 || /^(?:uk|usa|uae)$/.test(key)
      if (region !== undefined && marked && !COMMON_WORDS.has(key))
        return { next: at + size, text: said, within: region }
    }
    return { next: at }
  }
}

/** Two places nearer to each other than this, in nautical miles, may be one said twice. */
const ONE_PLACE_NM = 45

/** "Peachtree DeKalb (PDK)", "Paris, Le Bourget": the second name says which airport of the first is meant. */
function refined(text: string, mentions: readonly PlaceMention[]): PlaceMention[] {
  const out: PlaceMention[] = []
  for (const mention of mentions) {
    const before = out.at(-1)
    const between = before === undefined ? '' : text.slice(before.end, mention.start)
    const code = mention.places[0]?.airports[0]
    if (
      before !== undefined &&
      mention.role === 'none' &&
      /^\s*(?:\(|,|\/|- ?)?\s*$/.test(between) &&
      (isOnePlace(before, code) || between.includes('('))
    ) {
      out[out.length - 1] = { ...before, places: mention.places, end: mention.end }
    } else out.push(mention)
  }
  return out
}

function isOnePlace(mention: PlaceMention, code: string | undefined): boolean {
  const a = airportByIcao(mention.places[0]?.airports[0] ?? '')
  const b = airportByIcao(code ?? '')
  return a !== undefined && b !== undefined && nauticalMiles(a, b) < ONE_PLACE_NM
}
