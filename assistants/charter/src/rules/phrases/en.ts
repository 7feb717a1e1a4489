import type { Phrases } from './phrases.ts'

export const en: Phrases = {
  locale: 'en',
  directNotice: 'Answered directly, without our usual system.',
  rulesNotice: 'Answered directly from the flight and contact systems, without a language model.',
  greeting:
    'Hello, this is the charter desk. Tell me from where to where you would like to fly, on which day and with how many people, and I will look for aircraft.',
  help: 'I can look for aircraft for your trip, show the fleet, ask operators for quotes and read them, and find people and companies to contact. For example: “Teterboro to Miami on Friday for 4”.',
  refuseScope:
    'I can only help with private flights and with people to contact about them. Is there a trip I can look into for you?',
  refuseMisuse: 'I cannot help with that. If you would like to plan a flight, I am glad to look into it.',
  ask: 'Gladly. To look into it I still need:',
  missing: {
    from: 'where you leave from',
    to: 'where you are going',
    date: 'the day of each flight',
    passengers: 'how many passengers there are',
    requestId: 'the number of the quote request (it begins with “arfq-”)',
    person: 'who it is about: an e-mail address, or a name and the company',
    people: 'what kind of people: a title, a place, an industry or a company',
    organisation: 'what kind of company: an industry, a place or a name',
    sequence: 'the name of the sequence',
  },
  anything: 'a little more about what you need',
  leg: (from, to, date, time) => `${from} to ${to}, ${date}${time === undefined ? '' : ` at ${time}`}`,
  passengers: (count) => (count === 1 ? '1 passenger' : `${count} passengers`),
  offersFound: (count, shown) =>
    count === 1
      ? 'I found one aircraft:'
      : count === shown
        ? `I found ${count} aircraft:`
        : `I found ${count} aircraft. The first ${shown}:`,
  offersNone: 'No aircraft is on offer for this trip. Another day, time or category may help.',
  seats: (count) => `up to ${count} passengers`,
  estimate: (price) => `estimated ${price}`,
  flightTime: (duration) => `${duration} in the air`,
  offersNext: 'Prices are estimates. Say “request a quote” and I will ask the operators for binding ones.',
  fleetFound: (count, shown) =>
    count === 1 ? 'One aircraft:' : count === shown ? `${count} aircraft:` : `${count} aircraft. The first ${shown}:`,
  fleetNone: 'No aircraft fits this.',
  fleetNext: 'Tell me a route, a day and the number of passengers, and I will see which of them are free.',
  quoteSent: (id) => `The request for quotes is out to the operators. Its number is **${id}**.`,
  quoteNext: (id) => `Ask for “quotes for ${id}” to see what has come in.`,
  quotesFound: (count, id) =>
    count === 1 ? `One quote has come in for ${id}:` : `${count} quotes have come in for ${id}:`,
  quotesNone: (id, asked) => `No quote has come in for ${id} yet; ${asked} aircraft have been asked for.`,
  quotesCancelled: (id) => `The request ${id} has been called off.`,
  quotesUnknown: (id) => `No request with the number ${id} is known. Please check the number, or ask the desk.`,
  noPrice: 'no price yet',
  quotesNext: 'To accept one of them, please contact the desk.',
  peopleFound: (total, shown) =>
    total === 1
      ? 'One person fits:'
      : total > shown
        ? `${total} people fit. The first ${shown}:`
        : `${total} people fit:`,
  peopleNone: 'Nobody fits this. A wider place or another title may help.',
  peopleNext: 'Ask for the details of one of them by name and company to get an e-mail address.',
  personNone: 'Nobody of this description is known.',
  personChoice: 'There are several of that name. Which company does the person work for?',
  companiesFound: (total, shown) =>
    total === 1
      ? 'One company fits:'
      : total > shown
        ? `${total} companies fit. The first ${shown}:`
        : `${total} companies fit:`,
  companiesNone: 'No company fits this.',
  employees: (count) => `${count} employees`,
  sequenceAdded: (emails, sequence) => `Added to the sequence **${sequence}**: ${emails}.`,
  sequenceSkipped: (emails) => `Not added: ${emails}.`,
  sequenceNext: 'The sequence writes to them by its own schedule.',
  sequenceUnknown: (name) =>
    `There is no sequence that can be told by the name **${name}**; nobody was added. Please check the name.`,
  base: (place) => `based at ${place}`,
  notAccepted:
    'The system that would have to do this did not accept it as it stands. Nothing was sent; the desk can look into it with you.',
  mayBeSent:
    'It may already have been sent, although no confirmation has reached us. Please do not send it again: a person can see whether it went out.',
  alreadySent: (id) =>
    `This has already been sent${id === undefined ? '' : `; its number is **${id}**`}. It was not sent a second time.`,
  stale: (age) =>
    `Our systems cannot be reached at the moment. This is the answer to the same question as it was given ${age}; prices and availability may have changed.`,
  offline: (down) => `I am sorry, I cannot answer at the moment. Not reachable: ${down}.`,
  lasting: (duration) => `for ${duration}`,
  offlineUnknown: 'I am sorry, I cannot answer at the moment.',
  contact: (name, ways, hours) =>
    `To reach a person: ${name}${ways === '' ? '' : `, ${ways}`}${hours === '' ? '' : ` (${hours})`}.`,
  offlineTry:
    'What you can try: ask again in a few minutes, connections are tried again by themselves; or ask something you have asked before, I may remember the answer.',
  offlineNothingDone: 'Nothing was booked or sent by this message.',
  offlineMayBeDone:
    'If you asked for something to be requested or sent, it may have gone through although no confirmation reached us: please ask a person before you send it again.',
  call: 'call',
  write: 'write to',
  or: 'or',
  services: {
    n8n: 'our usual assistant',
    llm: 'the language model',
    apollo: 'the contact database',
    avinode: 'the flight marketplace',
  },
}
