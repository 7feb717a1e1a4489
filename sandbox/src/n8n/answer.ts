import type { Turn, Understanding } from '../brain/understanding.ts'
import { count, day, duration, list, missingInWords, place, usd } from '../brain/wording.ts'
import { categoryNamed, findOffers, type Offer, type Trip } from '../world/charter.ts'
import { findOrganisations, findPeople, matchPerson } from '../world/prospects.ts'
import type { World } from '../world/world.ts'
import { chosenLine, offerOf } from './chosen.ts'

/** What the desk's workflow answers to what was said: the same data as the vendors' APIs hold, in the workflow's own words. */
export function workflowAnswer(world: World, said: readonly Turn[], understanding: Understanding): string {
  const { intent, missing } = understanding
  if (intent === 'greeting') {
    return 'Hello and welcome to the charter desk! Tell me where you would like to go, when, and how many of you are travelling, and I will see what is available.'
  }
  if (intent === 'help') {
    return 'Happy to help. I can find aircraft for a trip, show the fleet, send quote requests to operators and read back their offers, and look up people and companies or put contacts into an outreach sequence.'
  }
  if (intent === 'out-of-scope') {
    return 'I am afraid that is outside of what the charter desk does. I can help with private flights, quotes, and finding the right people to talk to.'
  }
  if (intent === 'misuse') {
    return 'I cannot help with that. If there is a flight to plan, I am glad to look into it.'
  }
  if (missing.length > 0) return `Gladly. Before I look, could you tell me ${missingInWords(missing)}?`
  switch (intent) {
    case 'search-aircraft':
      return withTrip(world, understanding, (trip) => searchAnswer(world, trip))
    case 'request-quote':
      return withTrip(world, understanding, (trip) => requestAnswer(world, said, trip))
    case 'read-quotes':
      return quotesAnswer(world, understanding.quoteRequestId ?? '')
    case 'list-fleet':
      return fleetAnswer(world, understanding)
    case 'find-people':
      return peopleAnswer(world, understanding)
    case 'enrich-person':
      return personAnswer(world, understanding)
    case 'find-organisations':
      return organisationsAnswer(world, understanding)
    case 'add-to-sequence':
      return sequenceAnswer(world, understanding)
    default:
      return 'I did not quite follow. Could you say in other words what you need, for example a route with a date?'
  }
}

function withTrip(world: World, understanding: Understanding, then: (trip: Trip) => string): string {
  const legs = []
  for (const segment of understanding.segments) {
    const from = world.airports.get(segment.from ?? '')
    const to = world.airports.get(segment.to ?? '')
    if (from === undefined || to === undefined) {
      return `I could not find the airport ${from === undefined ? segment.from : segment.to}. Could you check the code or name the city?`
    }
    legs.push({ from, to, date: segment.date ?? '', time: segment.time ?? '10:00' })
  }
  const category = understanding.category === undefined ? undefined : categoryNamed(understanding.category)
  return then({
    legs,
    passengers: understanding.passengers ?? 1,
    categories: category === undefined ? [] : [category],
  })
}

function tripInWords(trip: Trip): string {
  const legs = trip.legs.map((leg) => `${place(leg.from)} to ${place(leg.to)} on ${day(leg.date)}`)
  return `${list(legs, 'then')} for ${count(trip.passengers, 'passenger')}`
}

function searchAnswer(world: World, trip: Trip): string {
  const offers = findOffers(world.aircraft, trip)
  if (offers.length === 0) {
    return `Our desk has checked ${tripInWords(trip)}, but nothing suitable is free. Another day, a nearby airport or another cabin size may help. Shall I try one of these?`
  }
  const shown = choice(offers)
  const lines = shown.map((offer) => `- ${offerInWords(offer)}`)
  return [
    `Our desk has checked ${tripInWords(trip)}. Here is what I would suggest:`,
    '',
    ...lines,
    '',
    'All prices are estimates for the whole trip. As a next step I can request a quote from these operators; just say so.',
  ].join('\n')
}

function choice(offers: readonly Offer[]): Offer[] {
  const categories = new Set<string>()
  const different = offers.filter(({ aircraft }) => {
    if (categories.has(aircraft.type.category)) return false
    categories.add(aircraft.type.category)
    return true
  })
  return different.slice(0, 4)
}

function offerInWords({ aircraft, legs, priceUsd }: Offer): string {
  const minutes = legs.reduce((sum, leg) => sum + leg.flightMinutes, 0)
  const stops = legs.reduce((sum, leg) => sum + leg.fuelStops, 0)
  const stopping = stops === 0 ? 'non-stop' : `with ${count(stops, 'fuel stop')}`
  return `${aircraft.type.name} (${aircraft.type.category}, ${count(aircraft.seats, 'seat')}) with ${aircraft.operator.name}: ${duration(minutes)} in the air, ${stopping}, around ${usd(priceUsd)}`
}

function requestAnswer(world: World, said: readonly Turn[], trip: Trip): string {
  const line = chosenLine(said)
  const offer = line === undefined ? undefined : offerOf(line, findOffers(world.aircraft, trip))
  if (line !== undefined && offer === undefined) {
    return 'I am not sure which aircraft you mean, so nothing was sent. Could you name its type and operator, or shall I ask all operators?'
  }
  const request = world.quotes.request(trip, 'Sent by the charter desk workflow', offer?.aircraft.tailNumber)
  if (request.lifts.length === 0) {
    return `I found no operator to ask for ${tripInWords(trip)}, so nothing was sent. Another date or cabin size may help.`
  }
  const operators = [...new Set(request.lifts.map((lift) => lift.offer.aircraft.operator.name))]
  return `Done: I have asked ${list(operators)} to quote ${tripInWords(trip)}. The request number is arfq-${request.id}. First offers usually arrive within a minute; ask me for the quotes of arfq-${request.id} any time.`
}

function quotesAnswer(world: World, requestId: string): string {
  const request = world.quotes.get(Number(/\d+/.exec(requestId)?.[0] ?? 0))
  if (request === undefined) return `I have no quote request with the number ${requestId}. Could you check it?`
  const by = (status: string) => request.lifts.filter((lift) => world.quotes.status(request, lift) === status)
  const quoted = by('Accepted')
  const waiting = by('Unanswered').length
  const declined = by('Declined').length
  const rest = [
    ...(waiting > 0 ? [`${count(waiting, 'operator has', 'operators have')} not answered yet`] : []),
    ...(declined > 0 ? [`${count(declined, 'operator has', 'operators have')} declined`] : []),
  ]
  const tail = rest.length === 0 ? 'Everybody has answered.' : `${list(rest)}.`
  if (quoted.length === 0) return `No offers for arfq-${request.id} so far: ${tail} Ask me again in a moment.`
  const lines = quoted
    .toSorted((a, b) => a.priceUsd - b.priceUsd)
    .map((lift) => `- ${lift.offer.aircraft.operator.name}, ${lift.offer.aircraft.type.name}: ${usd(lift.priceUsd)}`)
  return [`These offers have come in for arfq-${request.id}:`, '', ...lines, '', tail].join('\n')
}

function fleetAnswer(world: World, understanding: Understanding): string {
  const category = understanding.category === undefined ? undefined : categoryNamed(understanding.category)
  const base = understanding.fleet?.base?.toUpperCase()
  const operator = understanding.fleet?.operator?.toLowerCase()
  const found = world.aircraft.filter(
    (aircraft) =>
      (category === undefined || aircraft.type.category === category) &&
      (base === undefined || aircraft.base.icao === base) &&
      (operator === undefined || aircraft.operator.name.toLowerCase().includes(operator)),
  )
  if (found.length === 0) return 'No aircraft in the fleet fits that. Shall I look at another category or base?'
  const lines = found
    .slice(0, 8)
    .map(
      (aircraft) =>
        `- ${aircraft.type.name}, ${aircraft.tailNumber}: ${count(aircraft.seats, 'seat')}, based at ${place(aircraft.base)}, flown by ${aircraft.operator.name}`,
    )
  return [
    `There ${found.length === 1 ? 'is one aircraft' : `are ${found.length} aircraft`} on our list${category === undefined ? '' : ` in the category ${category}`}${found.length > 8 ? '; the first eight' : ''}:`,
    '',
    ...lines,
  ].join('\n')
}

function peopleAnswer(world: World, understanding: Understanding): string {
  const filter = understanding.people
  const organisations = filter?.organisations ?? []
  const found = findPeople(world.people, {
    titles: filter?.titles ?? [],
    seniorities: filter?.seniorities ?? [],
    locations: filter?.locations ?? [],
    keywords: [...(filter?.keywords ?? []), ...organisations].join(' '),
  })
  if (found.length === 0) return 'I went through our prospects and found nobody who fits. Shall I widen the search?'
  const lines = found
    .slice(0, 6)
    .map(
      (person) =>
        `- ${person.firstName} ${person.lastName}, ${person.title} at ${person.organisation.name}, ${person.place.city}`,
    )
  return [
    `I went through our prospects and found ${count(found.length, 'person', 'people')}${found.length > 6 ? '; here are the first six' : ''}:`,
    '',
    ...lines,
    '',
    'I can look up contact details or put them into a sequence.',
  ].join('\n')
}

function personAnswer(world: World, understanding: Understanding): string {
  const person = matchPerson(world.people, understanding.person ?? {})
  if (person === undefined)
    return 'I could not find that person in our database. Do you have an email address or the company?'
  return `I found ${person.firstName} ${person.lastName}: ${person.title} at ${person.organisation.name} (${person.organisation.industry}) in ${person.place.city}, ${person.place.country}. You can write to ${person.email}.`
}

function organisationsAnswer(world: World, understanding: Understanding): string {
  const filter = understanding.organisation
  const found = findOrganisations(world.organisations, {
    ...(filter?.name === undefined ? {} : { name: filter.name }),
    locations: filter?.locations ?? [],
    keywords: filter?.keywords ?? [],
  })
  if (found.length === 0) return 'No company on our lists fits that. Shall I try another place or field?'
  const lines = found
    .slice(0, 6)
    .map(
      (organisation) =>
        `- ${organisation.name}: ${organisation.industry}, ${organisation.place.city}, about ${organisation.employees} people, ${organisation.domain}`,
    )
  return [`I found ${count(found.length, 'company', 'companies')} for you:`, '', ...lines].join('\n')
}

function sequenceAnswer(world: World, understanding: Understanding): string {
  const wanted = understanding.sequence?.name?.toLowerCase() ?? ''
  const sequence = world.sequences.find((one) => one.name.toLowerCase().includes(wanted))
  if (sequence === undefined) {
    return `There is no sequence called ${understanding.sequence?.name}. We have ${list(world.sequences.map(({ name }) => name))}.`
  }
  const emails = understanding.sequence?.emails ?? []
  const added = []
  const unknown = []
  for (const email of emails) {
    const person = matchPerson(world.people, { email })
    if (person === undefined) unknown.push(email)
    else {
      world.contacts.enrol(world.contacts.createFrom(person), sequence)
      added.push(`${person.firstName} ${person.lastName}`)
    }
  }
  const first =
    added.length === 0 ? 'Nobody was added' : `Done: ${list(added)} ${added.length === 1 ? 'is' : 'are'} now`
  const second = unknown.length === 0 ? '' : ` I could not find ${list(unknown)} in our database.`
  return `${first} in the sequence “${sequence.name}”.${second}`
}
