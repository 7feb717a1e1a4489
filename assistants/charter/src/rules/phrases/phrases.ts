/** Everything the desk says without a language model, in one language. Markdown-lite: paragraphs, `-` lists, `**bold**`. */
export interface Phrases {
  /** Intl locale. */
  readonly locale: string
  /** Says that a language model with tools answered, by the direct way. */
  readonly directNotice: string
  /** Says that no language model was involved. */
  readonly rulesNotice: string
  readonly greeting: string
  readonly help: string
  readonly refuseScope: string
  readonly refuseMisuse: string
  /** Before the list of what is missing. */
  readonly ask: string
  /** What is missing, by name. */
  readonly missing: Readonly<Record<string, string>>
  readonly anything: string
  readonly leg: (from: string, to: string, date: string, time: string | undefined) => string
  readonly passengers: (count: number) => string
  readonly offersFound: (count: number, shown: number) => string
  readonly offersNone: string
  readonly seats: (count: number) => string
  readonly estimate: (price: string) => string
  readonly flightTime: (duration: string) => string
  readonly offersNext: string
  readonly fleetFound: (count: number, shown: number) => string
  readonly fleetNone: string
  readonly fleetNext: string
  readonly quoteSent: (id: string) => string
  readonly quoteNext: (id: string) => string
  readonly quotesFound: (count: number, id: string) => string
  readonly quotesNone: (id: string, asked: number) => string
  readonly quotesCancelled: (id: string) => string
  /** The marketplace knows no request of that number. */
  readonly quotesUnknown: (id: string) => string
  readonly noPrice: string
  readonly quotesNext: string
  readonly peopleFound: (total: number, shown: number) => string
  readonly peopleNone: string
  readonly peopleNext: string
  readonly personNone: string
  readonly personChoice: string
  readonly companiesFound: (total: number, shown: number) => string
  readonly companiesNone: string
  readonly employees: (count: string) => string
  readonly sequenceAdded: (emails: string, sequence: string) => string
  readonly sequenceSkipped: (emails: string) => string
  readonly sequenceNext: string
  /** There is no sequence of that name, or more than one. */
  readonly sequenceUnknown: (name: string) => string
  readonly base: (place: string) => string
  /** The system that was asked did not accept what it was asked. */
  readonly notAccepted: string
  /** Said when something may have been sent and nobody knows, before how to reach a person. */
  readonly mayBeSent: string
  /** Said instead of doing again what was done before; with its number, where it has one. */
  readonly alreadySent: (id: string | undefined) => string
  readonly stale: (age: string) => string
  readonly offline: (down: string) => string
  /** How long something has been so: `for 2 minutes`. */
  readonly lasting: (duration: string) => string
  readonly offlineUnknown: string
  readonly contact: (name: string, ways: string, hours: string) => string
  readonly offlineTry: string
  /** Said when nothing that was tried can have changed anything. */
  readonly offlineNothingDone: string
  /** Said when something that was tried may have had its effect, although no answer came of it. */
  readonly offlineMayBeDone: string
  readonly call: string
  readonly write: string
  readonly or: string
  /** What customers call each service. */
  readonly services: Readonly<Record<'n8n' | 'llm' | 'apollo' | 'avinode', string>>
}
