import { beforeAll, describe, expect, it } from 'vitest'
import { CATEGORIES } from './aircraft-types.ts'
import { distanceNm } from './airports.ts'
import { categoryNamed, findOffers, type Trip } from './charter.ts'
import { findOrganisations, findPeople, matchPerson } from './prospects.ts'
import { fate, seededRandom } from './random.ts'
import { createWorld, type World } from './world.ts'

let world: World
let time = Date.UTC(2026, 10, 23)
beforeAll(async () => {
  world = await createWorld({ now: () => time })
})

function trip(route: readonly string[], passengers: number, options: Partial<Trip> & { date?: string } = {}): Trip {
  const { date = '2026-12-04', ...rest } = options
  const legs = route.slice(1).map((to, index) => ({
    from: world.airports.get(route[index]!)!,
    to: world.airports.get(to)!,
    date,
    time: '09:00',
  }))
  return { legs, passengers, categories: [], ...rest }
}

describe('the world', () => {
  it('is the same every time', async () => {
    const again = await createWorld({ now: () => time })
    expect(again.aircraft).toEqual(world.aircraft)
    expect(again.people).toEqual(world.people)
    expect(again.sequences).toEqual(world.sequences)
  })

  it('is another one for another seed', async () => {
    const other = await createWorld({ now: () => time, seed: 1 })
    expect(other.people.map(({ email }) => email)).not.toEqual(world.people.map(({ email }) => email))
  })

  it('has a few hundred aircraft of every category with tail numbers of their own', () => {
    expect(world.aircraft.length).toBeGreaterThan(180)
    expect(new Set(world.aircraft.map(({ type }) => type.category))).toEqual(new Set(CATEGORIES))
    expect(new Set(world.aircraft.map(({ tailNumber }) => tailNumber)).size).toBe(world.aircraft.length)
  })

  it('invents companies under .example only, and each once', () => {
    const domains = [...world.organisations, ...world.operators].map(({ domain }) => domain)
    expect(domains.filter((domain) => !/^[a-z-]+\.example$/.test(domain))).toEqual([])
    expect(new Set(world.organisations.map(({ name }) => name)).size).toBe(world.organisations.length)
    expect(world.people.every(({ email }) => email.endsWith('.example'))).toBe(true)
  })

  it('knows real airports and how far apart they are', () => {
    const [teterboro, miami, luton] = ['KTEB', 'KMIA', 'EGGW'].map((icao) => world.airports.get(icao)!)
    expect(distanceNm(teterboro!, miami!)).toBeCloseTo(955, -1)
    expect(distanceNm(teterboro!, luton!)).toBeCloseTo(3_000, -2)
    expect(world.airports.search('teb', 5)[0]?.icao).toBe('KTEB')
    expect(world.airports.search('Teterboro', 5)[0]?.icao).toBe('KTEB')
    expect(world.airports.search('', 5)).toEqual([])
  })
})

describe('findOffers', () => {
  it('offers only aircraft with enough seats, cheapest first', () => {
    for (const passengers of [2, 7, 12]) {
      const offers = findOffers(world.aircraft, trip(['KTEB', 'KMIA'], passengers))
      expect(offers.length).toBeGreaterThan(0)
      expect(offers.every(({ aircraft }) => aircraft.seats >= passengers)).toBe(true)
      const prices = offers.map(({ priceUsd }) => priceUsd)
      expect(prices).toEqual(prices.toSorted((a, b) => a - b))
    }
    expect(findOffers(world.aircraft, trip(['KTEB', 'KMIA'], 60))).toEqual([])
  })

  it('offers only aircraft with the range, a fuel stop included', () => {
    const offers = findOffers(world.aircraft, trip(['KTEB', 'RJTT'], 6))
    for (const { aircraft, legs } of offers) {
      expect(aircraft.type.rangeNm * (legs[0]!.fuelStops + 1)).toBeGreaterThanOrEqual(legs[0]!.distanceNm)
      expect(legs[0]!.fuelStops).toBeLessThanOrEqual(1)
    }
    expect(offers.length).toBeGreaterThan(0)
    const direct = findOffers(world.aircraft, trip(['KTEB', 'RJTT'], 6, { maxFuelStops: 0 }))
    expect(direct.every(({ aircraft }) => aircraft.type.rangeNm > 5_800)).toBe(true)
  })

  it('keeps to the category that was asked for', () => {
    const offers = findOffers(world.aircraft, trip(['EGGW', 'LSGG'], 6, { categories: ['Midsize jet'] }))
    expect(offers.map(({ aircraft }) => aircraft.type.category)).toEqual(offers.map(() => 'Midsize jet'))
    expect(offers.length).toBeGreaterThan(0)
  })

  it('asks more for further and for bigger, and less for a return than for two trips', () => {
    const cheapest = (route: string[], options: Partial<Trip> = {}) =>
      findOffers(world.aircraft, trip(route, 4, options))[0]!.priceUsd
    const there = cheapest(['KTEB', 'KPBI'])
    expect(there).toBeGreaterThan(cheapest(['KTEB', 'KPHL']))
    expect(cheapest(['KTEB', 'KPBI'], { categories: ['Heavy jet'] })).toBeGreaterThan(there)
    expect(cheapest(['KTEB', 'KPBI', 'KTEB'])).toBeLessThan(there * 2)
  })

  it('offers another choice on another day, and the same on the same', () => {
    const tails = (date: string) =>
      findOffers(world.aircraft, trip(['KTEB', 'KMIA'], 4, { date })).map(({ aircraft }) => aircraft.tailNumber)
    expect(tails('2026-12-04')).toEqual(tails('2026-12-04'))
    expect(tails('2026-12-04')).not.toEqual(tails('2026-12-05'))
  })

  it('shows at most two of a category and twelve in all', () => {
    const offers = findOffers(world.aircraft, trip(['KTEB', 'KORL'], 2))
    expect(offers.length).toBeLessThanOrEqual(12)
    for (const category of CATEGORIES) {
      expect(offers.filter(({ aircraft }) => aircraft.type.category === category).length).toBeLessThanOrEqual(2)
    }
  })

  it('offers a piston aircraft for a short hop, and further away only to those who ask for one', () => {
    const pistonsTo = (to: string, options: Partial<Trip> = {}) =>
      findOffers(world.aircraft, trip(['KTEB', to], 2, options)).filter(
        ({ aircraft }) => aircraft.type.category === 'Piston',
      )
    expect(pistonsTo('KPHL').length).toBeGreaterThan(0)
    expect(pistonsTo('KMIA')).toEqual([])
    expect(pistonsTo('KMIA', { categories: ['Piston'] }).length).toBeGreaterThan(0)
  })
})

describe('categoryNamed', () => {
  it.each([
    ['Midsize jet', 'Midsize jet'],
    ['mid-size', 'Midsize jet'],
    ['super midsize', 'Super midsize jet'],
    ['HEAVY', 'Heavy jet'],
    ['turboprop', 'Turbo prop'],
    ['VLJ', 'Entry level jet (VLJ)'],
    ['Entry level jet (VLJ)', 'Entry level jet (VLJ)'],
    ['ultra-long-range', 'Ultra long range'],
    ['zeppelin', undefined],
  ])('reads %s as %s', (name, category) => {
    expect(categoryNamed(name)).toBe(category)
  })
})

describe('QuoteDesk', () => {
  it('gets the quotes of a request one after another as time passes', () => {
    const request = world.quotes.request(trip(['KTEB', 'KOPF'], 5))
    const answers = () => request.lifts.filter((lift) => world.quotes.status(request, lift) !== 'Unanswered').length
    expect(request.lifts.length).toBeGreaterThan(2)
    expect(answers()).toBe(0)
    time += 20_000
    const soon = answers()
    expect(soon).toBeGreaterThan(0)
    expect(soon).toBeLessThan(request.lifts.length)
    time += 300_000
    expect(answers()).toBe(request.lifts.length)
    const first = request.lifts[0]!
    expect(world.quotes.quote(first.quoteId)?.lift).toBe(first)
  })

  it('knows no quote before the operator has given it', () => {
    const request = world.quotes.request(trip(['KTEB', 'KOPF'], 5))
    expect(world.quotes.quote(request.lifts[0]!.quoteId)).toBeUndefined()
  })

  it('gets no quotes once a request is cancelled', () => {
    const request = world.quotes.request(trip(['KTEB', 'KOPF'], 5))
    world.quotes.cancel(request.id)
    time += 300_000
    const cancelled = world.quotes.get(request.id)!
    expect(cancelled.lifts.every((lift) => world.quotes.status(cancelled, lift) === 'Unanswered')).toBe(true)
  })
})

describe('findPeople', () => {
  it('finds by title, place, seniority and field, each narrowing', () => {
    const assistants = findPeople(world.people, { titles: ['executive assistant'] })
    expect(assistants.length).toBeGreaterThan(20)
    expect(assistants.every(({ title }) => /executive assistant/i.test(title))).toBe(true)
    const there = findPeople(world.people, { titles: ['executive assistant'], locations: ['San Francisco'] })
    expect(there.length).toBeGreaterThan(0)
    expect(there.length).toBeLessThan(assistants.length)
    expect(there.every(({ place }) => place.city === 'San Francisco')).toBe(true)
    const founders = findPeople(world.people, { seniorities: ['founder'], keywords: 'biotech companies' })
    expect(
      founders.every(
        ({ seniority, organisation }) => seniority === 'founder' && organisation.industry === 'biotechnology',
      ),
    ).toBe(true)
  })

  it('knows short titles, countries and exact titles', () => {
    const executives = findPeople(world.people, { titles: ['CEO'] })
    expect(executives.some(({ title }) => title === 'Chief Executive Officer')).toBe(true)
    expect(
      findPeople(world.people, { titles: ['CEO'], locations: ['Germany'] }).every(
        ({ place }) => place.country === 'Germany',
      ),
    ).toBe(true)
    expect(findPeople(world.people, { titles: ['assistant'], similarTitles: false })).toEqual([])
  })

  it('finds nobody at a company there is not', () => {
    expect(findPeople(world.people, { keywords: 'Contoso' })).toEqual([])
  })
})

describe('findOrganisations', () => {
  it('finds by place, field, name and size', () => {
    const found = findOrganisations(world.organisations, { keywords: ['real estate'], locations: ['United States'] })
    expect(found.length).toBeGreaterThan(0)
    expect(found.every(({ industry, place }) => industry === 'real estate' && place.country === 'United States')).toBe(
      true,
    )
    const one = world.organisations[3]!
    expect(findOrganisations(world.organisations, { name: one.name.toUpperCase() })).toEqual([one])
    const small = findOrganisations(world.organisations, { employeeRanges: ['1,50'] })
    expect(small.every(({ employees }) => employees <= 50)).toBe(true)
    const elsewhere = findOrganisations(world.organisations, { notLocations: ['United States'] })
    expect(elsewhere.every(({ place }) => place.country !== 'United States')).toBe(true)
  })
})

describe('matchPerson', () => {
  it('finds one person by address, by name and company, or by id', () => {
    const person = world.people[7]!
    const name = `${person.firstName} ${person.lastName}`
    expect(matchPerson(world.people, { email: person.email.toUpperCase() })).toBe(person)
    expect(matchPerson(world.people, { name, organisation: person.organisation.name })).toBe(person)
    expect(matchPerson(world.people, { id: person.id })).toBe(person)
  })

  it('finds nobody without a clue or behind an unknown address', () => {
    expect(matchPerson(world.people, {})).toBeUndefined()
    expect(matchPerson(world.people, { email: 'somebody@example.com' })).toBeUndefined()
  })
})

describe('randomness', () => {
  it('repeats for a seed and stays in its range', () => {
    const [one, two] = [seededRandom(7), seededRandom(7)]
    const drawn = Array.from({ length: 1_000 }, () => one.next())
    expect(drawn).toEqual(Array.from({ length: 1_000 }, () => two.next()))
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...drawn)).toBeLessThan(1)
    expect(drawn.reduce((sum, value) => sum + value, 0) / 1_000).toBeCloseTo(0.5, 1)
  })

  it('draws fates evenly', () => {
    const low = Array.from({ length: 2_000 }, (_, index) => fate('booked', index)).filter((value) => value < 0.22)
    expect(low.length / 2_000).toBeCloseTo(0.22, 1)
  })
})
