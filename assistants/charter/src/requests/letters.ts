import type { EmailMessage } from '@holdfast/connectors/email'
import type { KnownClient } from './client-data.ts'
import type { RankedQuote } from './ranking.ts'
import { tripInWords } from './trip.ts'
import type { Trip } from './trip.ts'

/** What the desk's letters have in common. */
interface Letter {
  readonly client: Pick<KnownClient, 'name' | 'email'>
  readonly trip: Trip
  readonly deskName: string
}

/** Offers in a letter; more confuse. */
const MOST_OFFERS = 3

export function proposalLetter({
  client,
  trip,
  deskName,
  ranking,
}: Letter & { readonly ranking: readonly RankedQuote[] }): EmailMessage {
  const offers = ranking.slice(0, MOST_OFFERS).map(offerInWords)
  return letter(client, `Your flight: ${subjectOf(trip)}`, [
    `thank you for your request: ${tripInWords(trip)}.`,
    offers.length === 1 ? 'This is what we can offer:' : `These are the best ${offers.length} of what we were offered:`,
    offers.join('\n'),
    'Prices are those of the operators and hold until they are booked by somebody else. Answer this letter to book, or to ask.',
    deskName,
  ])
}

export function followUpLetter({ client, trip, deskName }: Letter): EmailMessage {
  return letter(client, `Your flight: ${subjectOf(trip)}`, [
    `yesterday we sent you offers for ${tripInWords(trip)}. Is one of them right for you, or shall we look further?`,
    deskName,
  ])
}

export function nothingFoundLetter({ client, trip, deskName }: Letter): EmailMessage {
  return letter(client, `Your flight: ${subjectOf(trip)}`, [
    `we have asked for ${tripInWords(trip)}, and nobody could offer it as you wish. Another day, or another airport nearby, often helps: tell us, and we ask again.`,
    deskName,
  ])
}

function letter({ name, email }: Letter['client'], subject: string, paragraphs: readonly string[]): EmailMessage {
  const greeting = name === email ? 'Good day,' : `Dear ${name},`
  return { to: email, subject: subject.slice(0, 500), text: [greeting, ...paragraphs].join('\n\n') }
}

function subjectOf({ segments }: Trip): string {
  const first = segments[0]!
  return `${first.from} to ${segments.at(-1)!.to}, ${first.date}`
}

function offerInWords({ aircraft, operator, price, reasons }: RankedQuote, index: number): string {
  const amount = price.amount.toLocaleString('en-US')
  return `${index + 1}. ${aircraft}, ${operator}: ${amount} ${price.currency} (${reasons.join(', ')})`
}
