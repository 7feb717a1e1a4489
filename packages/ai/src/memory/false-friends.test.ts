import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { marksOf, mayMeanTheSame } from './false-friends.ts'

function mayMatch(one: string, other: string, everyday?: ReadonlySet<string>): boolean {
  return mayMeanTheSame(marksOf(one, everyday), marksOf(other, everyday))
}

/** Questions of which neither may be answered with the answer to the other, by what tells them apart. */
const FALSE_FRIENDS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'the order of places': [
    ['Any jets from Nice to London?', 'Any jets from London to Nice?'],
    ['any jets from nice to london', 'any jets from london to nice'],
    ['Flights to Rome from Nice', 'Flights from Rome to Nice'],
    ['flight to rome from nice', 'flight from rome to nice'],
    ['Nice to London, any jets?', 'To Nice from London, any jets?'],
    ['Nice - London on Friday', 'London - Nice on Friday'],
    ['LFMN-EGLF price', 'EGLF-LFMN price'],
    ['Nice -> London', 'Nice <- London'],
    ['Quanto costa un volo da Milano a Nizza?', 'Quanto costa un volo da Nizza a Milano?'],
    ['voli per roma da nizza', 'voli da roma per nizza'],
    ['NICE TO LONDON', 'LONDON TO NICE'],
  ],
  'a place': [
    ['Any jets from Nice to London?', 'Any jets from Paris to London?'],
    ['any jets from nice to london', 'any jets from paris to london'],
    ['Any jets from nice to London?', 'Any jets from paris to London?'],
    ['Any jets to London?', 'Any jets to London or Paris?'],
    ['Do you fly to New York?', 'Do you fly to New Orleans?'],
    ['Avete voli per Roma?', 'Avete voli per Napoli?'],
    ['avete voli per roma', 'avete voli per napoli'],
    ['Is there a hangar in Reading?', 'Is there a hangar in Bath?'],
    ['Nice, any jets?', 'Cannes, any jets?'],
    ['从尼斯到伦敦', '从伦敦到尼斯'],
  ],
  'a person or a firm': [
    ['Who is Anna Rossi?', 'Who is Anna Bianchi?'],
    ['Call Anna for Marco', 'Call Marco for Anna'],
    ['Do you have the contract with Acme?', 'Do you have the contract with Umbrella?'],
  ],
  'a number': [
    ['A jet for 4 people', 'A jet for 5 people'],
    ['A jet for four people', 'A jet for five people'],
    ['A jet for 4 people', 'A jet for people'],
    ['2 people and 3 bags', '3 people and 2 bags'],
    ['Is it -5 degrees?', 'Is it 5 degrees?'],
    ['A discount of 5%', 'A discount of 5'],
    ['It costs €500', 'It costs $500'],
    ['At 9.30', 'At 930'],
    ['The price for 1,500 km', 'The price for 15,00 km'],
    ['At 9 am', 'At 9 pm'],
    ['At 9am', 'At 9pm'],
    ['Un jet per quattro persone', 'Un jet per sei persone'],
    ['My first flight', 'My second flight'],
  ],
  'a day or a month': [
    ['Any jets on Monday?', 'Any jets on Tuesday?'],
    ['any jets on monday', 'any jets on sunday'],
    ['Any jets today?', 'Any jets tomorrow?'],
    ['Any jets on the 14th?', 'Any jets on the 15th?'],
    ['Any jets on 2026-03-14?', 'Any jets on 2026-04-13?'],
    ['Any jets in May?', 'Any jets in June?'],
    ['any jets in may', 'any jets'],
    ['Any jets tomorrow morning?', 'Any jets tomorrow evening?'],
    ['From Monday to Friday', 'From Friday to Monday'],
    ['Any jets next week?', 'Any jets next month?'],
    ['Voli lunedì?', 'Voli martedì?'],
    ['Voli a marzo?', 'Voli ad aprile?'],
    ['Voli oggi?', 'Voli domani?'],
    ['Can you fly today instead of tomorrow?', 'Can you fly tomorrow instead of today?'],
    ['Nice on Friday, then London and Rome on Sunday', 'Nice, then London on Friday and Rome on Sunday'],
  ],
  'a code or an address': [
    ['Is N123AB free?', 'Is N124AB free?'],
    ['Is I-FORD free?', 'Is I-FARD free?'],
    ['is i-ford free', 'is i-fard free'],
    ['Do you land at LIML?', 'Do you land at LIMC?'],
    ['Write to anna@example.com', 'Write to anna@example.org'],
    ['Where is order 2024-000123?', 'Where is order 2024-000132?'],
    ['What does "CAT III" mean?', 'What does "CAT II" mean?'],
    ['What does “lead” mean?', 'What does “lease” mean?'],
  ],
  'a negation': [
    ['Can I bring a dog?', "Can't I bring a dog?"],
    ['Can I bring a dog?', 'Can I not bring a dog?'],
    ['Is it refundable?', 'Is it non-refundable?'],
    ['A jet with luggage', 'A jet without luggage'],
    ['Is smoking allowed?', 'Is smoking forbidden?'],
    ['All days except Sunday', 'All days, also Sunday'],
    ['Do you only fly jets?', 'Do you fly jets?'],
    ['Posso portare il cane?', 'Non posso portare il cane?'],
    ['Con bagaglio', 'Senza bagaglio'],
    ['Né cani né gatti', 'Cani e gatti'],
    ["It isn't impossible", 'It is impossible'],
    ['Why don’t you fly?', 'Why do you fly?'],
  ],
  'an opposite': [
    ['Before noon', 'After noon'],
    ['The cheapest jet', 'The most expensive jet'],
    ['How do I book a flight?', 'How do I cancel a flight?'],
    ['When does it arrive?', 'When does it depart?'],
    ['When is it?', 'Where is it?'],
    ['How many people?', 'How long?'],
    ['Do I owe you anything?', 'Do you owe me anything?'],
    ['What is his name?', 'What is her name?'],
    ['Turn it on, enable it', 'Turn it off, disable it'],
    ['Come prenoto un volo?', 'Come annullo un volo?'],
    ['Quando parte?', 'Quando arriva?'],
    ['More than 4 people', 'Fewer than 4 people'],
    ['What happens if I cancel?', 'What happens if you cancel?'],
    ['Have you flights every day?', 'Have you flights every other day?'],
    ['Is some of it paid?', 'Is all of it paid?'],
    ['Where do you come from?', 'Where do you go to?'],
    ['Who can help them?', 'Who can they help?'],
    ['The price per hour', 'The price per day'],
    ['The price per person', 'The price per flight'],
    ['What time is the flight?', 'What day is the flight?'],
  ],
  'a rare word': [
    ['Do you have a defibrillator?', 'Do you have a stretcher?'],
    ['I need to change the time', 'I need to change the place'],
    ['What is the range of the jet?', 'What is the speed of the jet?'],
  ],
  'its language': [['What does it cost?', 'Quanto costa?']],
}

/** Questions that only their vectors may tell apart. */
const SAME: readonly (readonly [string, string])[] = [
  ['Any jets from Nice to London?', 'Are there any jets from Nice to London available?'],
  ['any jets from nice to london', 'Is there a flight from Nice to London?'],
  ['Nice to London, any jets?', 'Jets from Nice to London'],
  ['How much does a flight to Nice cost?', 'What is the price of a flight to Nice?'],
  ['A jet for 4 people to Nice', 'A jet to Nice for four people, please'],
  ['Jets on Friday from Nice', 'From Nice on Friday, what jets do you have?'],
  ['Any jets on the 14th?', 'Do you have any jets on the 14?'],
  ['May I ask what it costs?', 'Can you tell me the price?'],
  ['Can I cancel my booking?', 'Is it possible to cancel a reservation?'],
  ["I can't find my reservation", 'I cannot find my booking'],
  ['Is N123AB available?', 'is n123ab available'],
  ['Do you have wifi on board?', 'Is there wifi on the plane?'],
  ['Quanto costa un volo da Milano a Nizza?', 'Che prezzo ha un volo da Milano a Nizza?'],
  ['Posso annullare la prenotazione?', 'È possibile cancellare una prenotazione?'],
  ['Avete un jet per lunedì?', 'C’è un jet disponibile lunedì?'],
  ['Can I bring my dog?', 'Is it possible to bring a dog?'],
  ['Are dogs allowed on board?', 'Can I take my dog on the plane?'],
  ['Can I get a jet to Nice?', 'Can you get me a jet to Nice?'],
  ['What does "CAT III" mean?', 'Can you explain what “CAT III” means?'],
]

describe('two questions', () => {
  for (const [what, pairs] of Object.entries(FALSE_FRIENDS)) {
    it.each(pairs)(`that differ in ${what} never mean the same: %s | %s`, (one, other) => {
      expect(mayMatch(one, other)).toBe(false)
      expect(mayMatch(other, one)).toBe(false)
    })
  }

  it.each(SAME)('that differ in everyday words only may mean the same: %s | %s', (one, other) => {
    expect(mayMatch(one, other)).toBe(true)
    expect(mayMatch(other, one)).toBe(true)
  })

  it('may differ in the words of a trade that are told to be everyday ones', () => {
    const pair = ['What is the luggage allowance?', 'What is the baggage allowance?'] as const
    expect(mayMatch(...pair)).toBe(false)
    expect(mayMatch(...pair, new Set(['luggage', 'baggage']))).toBe(true)
  })

  it('may mean the same when they are the same, whatever they say', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(mayMatch(text, text)).toBe(true)
      }),
    )
  })

  it('never mean the same when two names or numbers in them change places', () => {
    const word = fc.stringMatching(/^[A-Z][b-df-hj-np-tv-z]{4,8}$/)
    const pair = fc
      .tuple(fc.oneof(word, fc.nat(999).map(String)), fc.oneof(word, fc.nat(999).map(String)))
      .filter(([one, other]) => one !== other && /\d/.test(one) === /\d/.test(other))
    const frame = fc.constantFrom('Any jets from X to Y?', 'X and Y', 'is X before Y', 'Voli da X a Y', 'X Y')
    fc.assert(
      fc.property(pair, frame, fc.boolean(), ([one, other], words, lower) => {
        const said = (x: string, y: string): string => {
          const text = words.replace('X', x).replace('Y', y)
          return lower ? text.toLowerCase() : text
        }
        expect(mayMatch(said(one, other), said(other, one))).toBe(false)
      }),
    )
  })

  it('are read in no more time than their length asks for', () => {
    for (const text of [
      '"'.repeat(1_000),
      'a-'.repeat(500),
      '1.'.repeat(500),
      "n't".repeat(333),
      'A to '.repeat(200),
    ]) {
      expect(mayMatch(text, text)).toBe(true)
    }
  })
})
