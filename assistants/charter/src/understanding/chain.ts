import { airportByIcao, nauticalMiles } from './gazetteer.ts'
import type { PlaceMention } from './places.ts'
import { CORRECTION, NEGATION } from './tables/corrections.ts'

/** A leg under construction. */
export interface OpenLeg {
  from?: PlaceMention
  to?: PlaceMention
  start: number
  implied: boolean
}

const PAIRING = /^\s*(?:to|nach|a|à|para|pra|vers|[-–—>/→]+|->)\s*$/
const ROW = /^\s*(?:[-–—>/→]+|->)\s*$/
const ALTERNATIVE = /^\s*(?:or|oder|oppure|o|ou|u|and\/or)\s+(?:from |to |da |von |de |a )?$/
/** Two places nearer than this, in nautical miles, may stand for each other. */
const NEIGHBOURS_NM = 60

/** Whether two mentions mean the same airport. */
export function samePlace(a: PlaceMention, b: PlaceMention): boolean {
  return a.places[0]?.airports[0] === b.places[0]?.airports[0]
}

/** Puts places in order of flight: "to B from A", "A to B then C", "A-B-A", "A-B, C-A". Folded text. */
export function chain(folded: string, said: readonly PlaceMention[]): OpenLeg[] {
  const mentions = withoutAlternatives(folded, said)
  const legs: OpenLeg[] = []
  const sole = mentions.length === 1
  const some = (role: PlaceMention['role'], except: PlaceMention): boolean =>
    mentions.some((other) => other !== except && other.role === role)
  for (const [index, mention] of mentions.entries()) {
    const leg = legs.at(-1)
    const before = mentions[index - 1]
    const next = mentions[index + 1]
    // "Peachtree DeKalb (PDK)": one place said twice.
    if (before !== undefined && mention.role === 'none' && samePlace(before, mention) && leg?.to === undefined) continue
    // "To Sardinia, to Olbia".
    if (leg?.to !== undefined && leg.from === undefined && mention.role !== 'from' && samePlace(leg.to, mention))
      continue
    const open = (ends: Pick<OpenLeg, 'from' | 'to'>): void => {
      legs.push({ ...ends, start: mention.start, implied: false })
    }
    // "I am in A and want to be in B"; but "I want to be in B, from A".
    const here = mention.role === 'at' && leg === undefined && !sole && !some('from', mention)
    const paired = next !== undefined && PAIRING.test(folded.slice(mention.end, next.start))
    const begins = (mention.role === 'none' || mention.role === 'for') && !sole && (!some('from', mention) || paired)
    if (mention.role === 'from' || here) {
      if (leg !== undefined && leg.from === undefined) leg.from = mention
      else open({ from: mention })
    } else if (leg === undefined) {
      open(begins ? { from: mention } : { to: mention })
    } else if (leg.to === undefined) {
      leg.to = mention
    } else if (mention.role === 'via') {
      legs.pop()
      legs.push({ ...leg, to: mention }, { from: mention, to: leg.to, start: mention.start, implied: false })
    } else if (leg.from === undefined) {
      if (mention.role === 'to') open({ from: leg.to, to: mention })
      else leg.from = mention
    } else if (
      mention.role === 'none' &&
      !samePlace(mention, leg.to) &&
      isNear(mention.places[0]?.airports[0], leg.to.places[0]?.airports[0]) &&
      !ROW.test(folded.slice(before?.end, mention.start)) &&
      !startsPair(folded, before, mention, next)
    ) {
      // "Fairoaks or Farnborough, say Farnborough".
      leg.to = mention
    } else if (mention.role === 'none' && (samePlace(mention, leg.to) || startsPair(folded, before, mention, next))) {
      open({ from: mention })
    } else if (!samePlace(mention, leg.to)) {
      open({ from: leg.to, to: mention })
    }
  }
  return legs
}

/** "…, C to D": C is where a leg begins, not where the one before goes on. */
function startsPair(
  folded: string,
  before: PlaceMention | undefined,
  mention: PlaceMention,
  next: PlaceMention | undefined,
): boolean {
  if (before === undefined || next === undefined) return false
  const back = folded.slice(before.end, mention.start)
  return PAIRING.test(folded.slice(mention.end, next.start)) && !ROW.test(back)
}

/** "SFO or OAK": the first will do. */
function withoutAlternatives(folded: string, mentions: readonly PlaceMention[]): PlaceMention[] {
  return mentions.filter((mention, index) => {
    const before = mentions[index - 1]
    if (before === undefined || !ALTERNATIVE.test(folded.slice(before.end, mention.start))) return true
    return !isNear(before.places[0]?.airports[0], mention.places[0]?.airports[0])
  })
}

/** Whether two airports are near enough to stand for each other. */
export function isNear(first: string | undefined, second: string | undefined): boolean {
  const a = airportByIcao(first ?? '')
  const b = airportByIcao(second ?? '')
  return a !== undefined && b !== undefined && nauticalMiles(a, b) < NEIGHBOURS_NM
}

const IS_CLOSED =
  /^\s+(?:airport )?(?:is|was|are|'s|e|ist|est|esta) (?:full|closed|shut|fogged|foggy|too|booked|out|not|busy|no good|snowed|slot|pieno|chiuso|voll|geschlossen|zu|plein|complet|ferme|lleno|cerrado|cheio|fechado)\b/

/** What was said and meant, and what was taken back: "TEB-SBH? no wait, TEB to St Maarten", "not LAX, Van Nuys". Folded text. */
export function sortMeant(
  folded: string,
  mentions: readonly PlaceMention[],
): { meant: PlaceMention[]; dropped: PlaceMention[] } {
  let meant: PlaceMention[] = []
  const dropped: PlaceMention[] = []
  const pair = mentions.findIndex((mention, index) => {
    const next = mentions[index + 1]
    return mention.role !== 'to' && next !== undefined && PAIRING.test(folded.slice(mention.end, next.start))
  })
  for (const [index, mention] of mentions.entries()) {
    // "St. Barts is full so St Maarten to Teterboro", "New Year in Paris: Turin - Le Bourget": named, and no end of a leg.
    const aside =
      index < pair &&
      /[:;.!?]|\b(?:so|but|however|quindi|ma|also|aber|donc|mais|asi que|pero|entonces|entao)\b/.test(
        folded.slice(mention.end, mentions[pair]?.start),
      )
    if (aside || IS_CLOSED.test(folded.slice(mention.end))) {
      dropped.push(mention)
      continue
    }
    const before = mentions[index - 1]
    const between = before === undefined ? '' : folded.slice(before.end, mention.start + 1)
    if (before !== undefined && CORRECTION.test(between)) {
      const following = mentions[index + 1]
      const afresh =
        mention.role !== 'to' && following !== undefined && (following.role === 'to' || following.role === 'none')
      const last = meant.pop()
      if (last !== undefined) dropped.push(last)
      if (afresh) {
        dropped.push(...meant)
        meant = []
      }
      meant.push(mention.role === 'none' && !afresh && last !== undefined ? { ...mention, role: last.role } : mention)
    } else if (mentions.length > 1 && NEGATION.test(folded.slice(0, mention.start)) && isRuledOut(folded, mention)) {
      dropped.push(mention)
    } else meant.push(mention)
  }
  return { meant, dropped }
}

function isRuledOut(folded: string, { start }: PlaceMention): boolean {
  return /\b(?:not|non|nicht|statt|anstatt|pas|instead of|rather than|en vez|em vez|au lieu|nao)\b/.test(
    folded.slice(Math.max(0, start - 24), start),
  )
}
