import {
  COMPANIES,
  EXTRA_NOUNS,
  FOR_PHRASES,
  NOT_PEOPLE,
  NUMBER_WORDS,
  PASSENGER_NOUNS,
  PASSENGER_PHRASES,
  SPEAKER_PLUS,
} from './tables/numbers.ts'
import { fold } from './text.ts'

const words = Object.keys(NUMBER_WORDS).sort((a, b) => b.length - a.length)
const NUMBER = `(\\d{1,3}|${words.join('|')})`
/** The largest party an aircraft of any kind is chartered for. */
const MOST_PASSENGERS = 400

const nouns = new RegExp(
  `(?<![\\w.$€-])${NUMBER}(?:[ -]?(?:adult|erwachsene|vip|more|other|business|weitere|altre|altri|autres))?[ -]*(?:${PASSENGER_NOUNS})\\b`,
  'g',
)
const extras = new RegExp(
  `(?<![\\w.$€-])(?:${NUMBER}|(?:a|my|our|il|mio|unser|notre)) *(?:small |young |little |piccoli |kleine |kleinen |jeunes |petits )?(?:${EXTRA_NOUNS})\\b`,
  'g',
)
const phrases = PASSENGER_PHRASES.map((phrase) => new RegExp(`\\b${phrase.replace('N', NUMBER)}\\b${NOT_PEOPLE}`))
const bare = FOR_PHRASES.map((phrase) => new RegExp(`\\b${phrase.replace('N', NUMBER)}\\b${NOT_PEOPLE}`))
const plus = SPEAKER_PLUS.map((phrase) => new RegExp(`\\b${phrase.replace('N', NUMBER)}\\b`))
const labelled = new RegExp(
  `\\b(?:pax|passengers?|passeggeri|personen|passagers|pasajeros|persone|people)\\b *(?:[:=x]|is|are|count:?)? *${NUMBER}\\b${NOT_PEOPLE}`,
)
const alone = new RegExp(
  `^\\W*(?:just |only |solo |nur |juste |about |circa |there are |we are |ok |yes,? |e |und |et |y |and )*${NUMBER}\\W*(?:please|bitte|grazie|per favore|svp|por favor|thanks)?\\W*$`,
)

function value(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  const number = /^\d+$/.test(word) ? Number(word) : NUMBER_WORDS[word]
  return number === undefined || number < 1 || number > MOST_PASSENGERS ? undefined : number
}

/** How many people a text says will fly. `asked`: whether it answers a question for just that, so that a bare number counts. */
export function findPassengers(text: string, asked = false): number | undefined {
  const folded = fold(text)
  let adults: number | undefined
  for (const match of folded.matchAll(nouns)) adults = (adults ?? 0) + (value(match[1]) ?? 0)
  if (adults === 0) adults = undefined
  let more = 0
  for (const match of folded.matchAll(extras)) more += match[1] === undefined ? 1 : (value(match[1]) ?? 0)
  for (const phrase of phrases) adults ??= value(phrase.exec(folded)?.[1])
  if (adults !== undefined)
    return /\b(?:including|incl|inklusive|di cui|dont|of which|whom|davon|compris|incluid)/.test(folded)
      ? adults
      : adults + more
  const company = COMPANIES.find(([pattern]) => pattern.test(folded))
  if (company !== undefined && company[1] > 1) return company[1] + more
  for (const phrase of plus) {
    const others = value(phrase.exec(folded)?.[1])
    if (others !== undefined) return others + 1
  }
  if (company !== undefined) return company[1] + more
  const direct = value(labelled.exec(folded)?.[1])
  if (direct !== undefined) return direct
  for (const phrase of bare) {
    const number = value(phrase.exec(folded)?.[1])
    if (number !== undefined) return number
  }
  if (asked) return value(alone.exec(folded)?.[1])
  return undefined
}
