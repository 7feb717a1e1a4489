import { loadAirports, type Airports } from './airports.ts'
import { AddressBook } from './contacts.ts'
import { inventFleet, type Aircraft, type Operator } from './fleet.ts'
import { inventPeople, type Organisation, type Person, type Sequence } from './people.ts'
import { QuoteDesk } from './quotes.ts'
import { seededRandom } from './random.ts'

/** Everything the stand-ins know. Airports are real, all else is invented from a fixed seed. */
export interface World {
  readonly airports: Airports
  readonly operators: readonly Operator[]
  readonly aircraft: readonly Aircraft[]
  readonly organisations: readonly Organisation[]
  readonly people: readonly Person[]
  readonly sequences: readonly Sequence[]
  /** Requests for quotes, shared by the marketplace and the workflow. */
  readonly quotes: QuoteDesk
  readonly contacts: AddressBook
}

/** The seed of the data that the documentation and the tests speak of. */
const WORLD_SEED = 20_261_123

/** Invents the world. The same seed gives the same world. */
export async function createWorld(options: {
  readonly seed?: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}): Promise<World> {
  const airports = await loadAirports()
  const seed = options.seed ?? WORLD_SEED
  const { operators, aircraft } = inventFleet(airports, seededRandom(seed))
  const { organisations, people, sequences } = inventPeople(seededRandom(seed + 1))
  return {
    airports,
    operators,
    aircraft,
    organisations,
    people,
    sequences,
    quotes: new QuoteDesk(aircraft, options.now),
    contacts: new AddressBook(options.now),
  }
}
