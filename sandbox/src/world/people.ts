import type { SeededRandom } from './random.ts'

/** An invented company. */
export interface Organisation {
  readonly id: string
  readonly name: string
  /** Always under `.example`. */
  readonly domain: string
  readonly industry: string
  readonly keywords: readonly string[]
  readonly employees: number
  readonly foundedYear: number
  readonly place: Place
}

/** An invented person at one of the companies. */
export interface Person {
  readonly id: string
  readonly firstName: string
  readonly lastName: string
  readonly title: string
  readonly seniority: string
  readonly department: string
  readonly email: string
  readonly organisation: Organisation
  readonly place: Place
}

/** An outreach sequence of the desk's own account. */
export interface Sequence {
  readonly id: string
  readonly name: string
  readonly active: boolean
  readonly steps: number
  readonly createdAt: string
}

/** A real city. */
export interface Place {
  readonly city: string
  readonly state: string
  readonly country: string
}

const PLACES: readonly Place[] = [
  'New York|New York|United States',
  'New York|New York|United States',
  'San Francisco|California|United States',
  'San Francisco|California|United States',
  'Los Angeles|California|United States',
  'Palo Alto|California|United States',
  'Miami|Florida|United States',
  'Boston|Massachusetts|United States',
  'Chicago|Illinois|United States',
  'Dallas|Texas|United States',
  'Austin|Texas|United States',
  'Houston|Texas|United States',
  'Atlanta|Georgia|United States',
  'Seattle|Washington|United States',
  'Denver|Colorado|United States',
  'Las Vegas|Nevada|United States',
  'Greenwich|Connecticut|United States',
  'Toronto|Ontario|Canada',
  'London|England|United Kingdom',
  'London|England|United Kingdom',
  'Paris|Île-de-France|France',
  'Geneva|Geneva|Switzerland',
  'Zurich|Zurich|Switzerland',
  'Munich|Bavaria|Germany',
  'Berlin|Berlin|Germany',
  'Frankfurt|Hesse|Germany',
  'Milan|Lombardy|Italy',
  'Madrid|Madrid|Spain',
  'Amsterdam|North Holland|Netherlands',
  'Dublin|Leinster|Ireland',
  'Dubai|Dubai|United Arab Emirates',
  'Singapore|Singapore|Singapore',
].map((line) => {
  const [city, state, country] = line.split('|')
  return { city: city!, state: state!, country: country! }
})

const INDUSTRIES: readonly (readonly [industry: string, keywords: readonly string[], endings: readonly string[]])[] = [
  [
    'information technology & services',
    ['technology', 'tech', 'software', 'cloud', 'saas'],
    ['Systems', 'Cloud', 'Labs', 'Software'],
  ],
  [
    'computer software',
    ['technology', 'tech', 'software', 'ai', 'artificial intelligence'],
    ['AI', 'Technologies', 'Software'],
  ],
  [
    'financial services',
    ['finance', 'asset management', 'hedge fund', 'investment'],
    ['Capital', 'Partners', 'Asset Management'],
  ],
  [
    'venture capital & private equity',
    ['venture capital', 'private equity', 'finance', 'family office'],
    ['Ventures', 'Equity', 'Family Office'],
  ],
  ['biotechnology', ['biotech', 'life sciences', 'pharma', 'healthcare'], ['Therapeutics', 'Bio', 'Genomics']],
  ['hospital & health care', ['healthcare', 'medical', 'health'], ['Health', 'Medical Group']],
  ['real estate', ['real estate', 'property', 'development'], ['Properties', 'Realty', 'Development']],
  ['entertainment', ['entertainment', 'film', 'media', 'music'], ['Pictures', 'Studios', 'Records']],
  ['sports', ['sports', 'football', 'basketball', 'team'], ['Athletic Club', 'Sports Group']],
  ['law practice', ['law', 'legal', 'law firm'], ['LLP', 'Law']],
  ['oil & energy', ['energy', 'oil', 'gas', 'renewables'], ['Energy', 'Petroleum', 'Renewables']],
  ['luxury goods & jewelry', ['luxury', 'fashion', 'jewelry', 'retail'], ['Maison', 'Jewellers', 'Atelier']],
  ['events services', ['events', 'conference', 'event planning'], ['Events', 'Productions']],
  ['automotive', ['automotive', 'cars', 'manufacturing', 'racing'], ['Motors', 'Racing']],
  ['management consulting', ['consulting', 'strategy', 'advisory'], ['Advisory', 'Consulting']],
]

const ROLES: readonly (readonly [title: string, seniority: string, department: string])[] = [
  ['Chief Executive Officer', 'c_suite', 'c_suite'],
  ['Founder & CEO', 'founder', 'c_suite'],
  ['Chief Financial Officer', 'c_suite', 'finance'],
  ['Chief Operating Officer', 'c_suite', 'operations'],
  ['Chief Technology Officer', 'c_suite', 'engineering'],
  ['Chief Marketing Officer', 'c_suite', 'marketing'],
  ['Executive Assistant', 'senior', 'administrative'],
  ['Executive Assistant to the CEO', 'senior', 'administrative'],
  ['Senior Executive Assistant', 'senior', 'administrative'],
  ['Chief of Staff', 'head', 'operations'],
  ['Travel Manager', 'manager', 'operations'],
  ['Global Travel Manager', 'manager', 'operations'],
  ['Corporate Travel Coordinator', 'entry', 'operations'],
  ['Vice President of Operations', 'vp', 'operations'],
  ['Vice President of Sales', 'vp', 'sales'],
  ['Director of Events', 'director', 'marketing'],
  ['Event Manager', 'manager', 'marketing'],
  ['Director of Business Development', 'director', 'sales'],
  ['Managing Partner', 'partner', 'finance'],
  ['Managing Director', 'director', 'finance'],
  ['Office Manager', 'manager', 'administrative'],
  ['Head of Procurement', 'head', 'operations'],
  ['Procurement Manager', 'manager', 'operations'],
  ['Owner', 'owner', 'c_suite'],
  ['Team Manager', 'manager', 'operations'],
]

const ORGANISATION_STARTS =
  'Alderwick Brindle Calloway Dovecote Ellery Fenwright Glasshouse Hartwell Inverlea Jessamine Kingfisher Loxley Merrivale Nightjar Orchard Pemberly Quarry Ravenscar Saltmarsh Tidewater Underhill Verity Westerly Yarrow Zephyr Arbour Beacon Cobalt Driftwood Evergreen Firefly Granite Heron Indigo Jasper Keystone Lumen Mosaic Nimbus Opaline'
const FIRST_NAMES =
  'Amara Benjamin Carla Dmitri Elena Farid Grace Hiroshi Ines Jonas Katarina Liam Maya Nikhil Olivia Pavel Quinn Rosa Samuel Thea Umar Valentina William Xenia Yusuf Zoe Adele Bruno Chloe Daniel Esme Felix Giulia Henrik Isla Julien Keira Lorenzo Mei Noah Oscar Priya Rafael Sofia Tomas Ursula Victor Wendy Anders Beatriz'
const LAST_NAMES =
  'Abernathy Bellweather Castellan Drummond Eastlake Fairbairn Grenfell Hollister Iversen Jankowski Kessler Lindqvist Montclair Nakagawa Okonkwo Pellegrini Quintero Rasmussen Santoro Thackeray Ullman Vasquez Whitlock Yamada Zielinski Ashdown Bertrand Cavendish Delacroix Engstrom Ferreira Goldfinch Hathaway Ibarra Jovanovic Kowalczyk Lemaire Marchetti Novak Oduya Paxton Renard Silvestri Tremaine Uchida Vandermeer Winslow Achterberg Brockhurst Chandra'
const SEQUENCES: readonly string[] = [
  'New Prospect Introduction',
  'Executive Assistants Outreach',
  'Event Season Charter Offers',
  'Winter Ski Charters',
  'Empty Leg Alerts',
  'Win-back: Lapsed Clients',
  'Conference Travel Follow-up',
  'Family Office Introduction',
  'Art Basel Miami',
  'Tech Leaders Nurture',
]

const ORGANISATIONS = INDUSTRIES.length * PLACES.length
const PEOPLE_EACH = 2

/** Invents companies, the people in them, and the desk's outreach sequences. */
export function inventPeople(random: SeededRandom): {
  organisations: Organisation[]
  people: Person[]
  sequences: Sequence[]
} {
  const id = (): string => Array.from({ length: 24 }, () => random.between(0, 15).toString(16)).join('')
  const starts = ORGANISATION_STARTS.split(' ')
  const taken = new Set<string>()
  const organisations = Array.from({ length: ORGANISATIONS }, (_, index): Organisation => {
    const [industry, keywords, endings] = INDUSTRIES[index % INDUSTRIES.length]!
    let name = ''
    do name = `${random.pick(starts)} ${random.pick(endings)}`
    while (taken.has(name))
    taken.add(name)
    return {
      id: id(),
      name,
      domain: `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.example`,
      industry,
      keywords,
      employees: Math.round(Math.exp(2.5 + random.next() * 7)),
      foundedYear: random.between(1962, 2022),
      // Steps that share no factor with the number of places: every industry comes to every place.
      place: PLACES[((index % INDUSTRIES.length) * 7 + Math.floor(index / INDUSTRIES.length) * 11) % PLACES.length]!,
    }
  })
  const firstNames = FIRST_NAMES.split(' ')
  const lastNames = LAST_NAMES.split(' ')
  const people = Array.from({ length: ORGANISATIONS * PEOPLE_EACH }, (_, index): Person => {
    const organisation = organisations[index % organisations.length]!
    const [title, seniority, department] =
      ROLES[(index * 3 + Math.floor(index / organisations.length) * 5) % ROLES.length]!
    const firstName = firstNames[(index * 11 + random.between(0, 4)) % firstNames.length]!
    const lastName = lastNames[(index * 17 + random.between(0, 6)) % lastNames.length]!
    return {
      id: id(),
      firstName,
      lastName,
      title,
      seniority,
      department,
      email: `${firstName}.${lastName}@${organisation.domain}`.toLowerCase(),
      organisation,
      place: organisation.place,
    }
  })
  const sequences = SEQUENCES.map((name, index) => ({
    id: id(),
    name,
    active: index !== SEQUENCES.length - 1,
    steps: random.between(3, 7),
    createdAt: new Date(Date.UTC(2026, index % 10, 3 + index, 15)).toISOString(),
  }))
  return { organisations, people, sequences }
}
