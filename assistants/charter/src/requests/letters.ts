import type { EmailMessage } from '@holdfast/connectors/email'
import { airportByIcao } from '../understanding/index.ts'
import type { KnownClient } from './client-data.ts'
import { firstEnd, inMoney, inUtc } from './offers.ts'
import type { RankedQuote } from './ranking.ts'
import { tripInWords } from './trip.ts'
import type { Trip } from './trip.ts'
import type { LetterFacts, LetterWords } from './writing.ts'

/** What a letter is for. */
export type LetterKind = 'proposal' | 'follow-up' | 'nothing-found'

/** What the desk's letters are made of. */
export interface Letter {
  readonly kind: LetterKind
  readonly client: Pick<KnownClient, 'name' | 'email'>
  readonly trip: Trip
  readonly deskName: string
  readonly ranking: readonly RankedQuote[]
}

/** Offers in a letter; more confuse. */
export const MOST_OFFERS = 3

const PURPOSES: Readonly<Record<LetterKind, string>> = {
  proposal:
    'To thank for a request, and to lead over to the offers below; the client answers the letter to book or to ask.',
  'follow-up':
    'To ask a client, who was sent offers yesterday, whether one of them is right or the desk shall look further.',
  'nothing-found':
    'To say that nobody could offer the flight as wished; that another day or another airport nearby often helps, and that the desk asks again then.',
}

/** The letter. Offers, prices, terms and subject are the desk's own, whoever has written the words around them. */
export function letterOf({ kind, client, trip, deskName, ranking }: Letter, words?: LetterWords): EmailMessage {
  const { name, email } = client
  const first = trip.segments[0]!
  const subject = `Your flight: ${first.from} to ${trip.segments.at(-1)!.to}, ${first.date}`
  const greeting = name === email ? 'Good day,' : `Dear ${name},`
  const opening = words?.opening ?? openingOf(kind, trip)
  const paragraphs = [
    greeting,
    opening,
    ...(kind === 'proposal' ? offersIn(ranking) : []),
    ...(words === undefined ? [] : [words.closing]),
    deskName,
  ]
  return { to: email, subject: subject.slice(0, 300), text: paragraphs.join('\n\n') }
}

/** What the desk's own people get where nobody is to be written to. */
export function pricesFor({
  deskEmail,
  deskName,
  trip,
  ranking,
  requestId,
}: Pick<Letter, 'trip' | 'deskName' | 'ranking'> & {
  readonly deskEmail: string
  readonly requestId: string | undefined
}): EmailMessage {
  const paragraphs = [
    `Prices for ${tripInWords(trip)}:`,
    ranking.map(offerInWords).join('\n'),
    `The client was not written to. To make an offer of them, send the signal "make-offer" to request ${requestId ?? ''}.`,
  ]
  return { to: deskEmail, subject: `${deskName}: prices`, text: paragraphs.join('\n\n') }
}

/** What may be said in a letter, for who writes it and for who checks it. */
export function factsOf({ kind, client, trip, deskName, ranking }: Letter): LetterFacts {
  const legs = trip.segments.flatMap(({ from, to, date }) => [
    ...[from, to].flatMap((code) => airportByIcao(code)?.name ?? []),
    new Date(`${date}T12:00:00Z`).toLocaleDateString('en-GB', { dateStyle: 'full', timeZone: 'UTC' }),
  ])
  const offers = kind === 'proposal' ? [`${Math.min(MOST_OFFERS, ranking.length)} offers`] : []
  const who = client.name === client.email ? [] : [`The client is ${client.name}`]
  return { purpose: PURPOSES[kind], facts: [...who, `The desk is ${deskName}`, tripInWords(trip), ...legs, ...offers] }
}

function openingOf(kind: LetterKind, trip: Trip): string {
  const words = tripInWords(trip)
  switch (kind) {
    case 'proposal':
      return `thank you for your request: ${words}.`
    case 'follow-up':
      return `yesterday we sent you offers for ${words}. Is one of them right for you, or shall we look further?`
    case 'nothing-found':
      return `we have asked for ${words}, and nobody could offer it as you wish. Another day, or another airport nearby, often helps: tell us, and we ask again.`
  }
}

function offersIn(ranking: readonly RankedQuote[]): readonly string[] {
  const best = ranking.slice(0, MOST_OFFERS)
  const offers = best.map(offerInWords)
  const end = firstEnd(best)
  return [
    offers.length === 1 ? 'This is what we can offer:' : `These are the best ${offers.length} of what we were offered:`,
    offers.join('\n'),
    `Prices are those of the operators and hold until ${end === Infinity ? 'they are booked by somebody else' : `${inUtc(end)}, or until somebody else books`}. Answer this letter to book, or to ask.`,
  ]
}

function offerInWords({ aircraft, operator, price, reasons, inWords }: RankedQuote, index: number): string {
  return `${index + 1}. ${aircraft}, ${operator}: ${inMoney(price)} (${inWords ?? reasons.join(', ')})`
}
