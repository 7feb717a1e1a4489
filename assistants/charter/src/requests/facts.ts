/** Numbers that are written out; what is larger is refused by itself. "One" stands for too much else. */
const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  'two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
    .split(' ')
    .map((word, index) => [word, String(index + 2)]),
)

const REFUSED: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['money, which stands beside the words', /[$€£¥]|\b(?:dollars?|euros?|pounds?|francs?)\b/i],
  ['an address or a mark-up', /https?:|www\.|@|[<>]/i],
  ['a promise', /\b(?:booked|reserved|confirm(?:ed|s)?|guarantee[sd]?|discount(?:s|ed)?|free of charge|refund\w*)\b/i],
  [
    'a number in words',
    /\b(?:(?:thir|for|fif|six|seven|eigh|nine)ty|twenty[- ]\w+|hundreds?|thousands?|millions?|dozens?|twice|double|half)\b/i,
  ],
]

/**
 * What a text says that is in none of the facts; `undefined` when there is nothing. Held against it are numbers, in digits or in words, codes and tail numbers (words in capitals), names (words that
 * begin with a capital, but for the first of a sentence), money, addresses and promises, whatever the facts are.
 */
export function beyondFacts(text: string, facts: readonly string[]): string | undefined {
  const refused = REFUSED.find(([, pattern]) => pattern.test(text))
  if (refused !== undefined) return refused[0]
  const known = new Set(facts.flatMap((fact) => wordsOf(fact).flatMap(({ word }) => spellings(word))))
  for (const { word, isFirst } of wordsOf(text)) {
    const number = NUMBER_WORDS.get(word.toLowerCase())
    const isCode = /^[\p{Lu}-]{3,}$/u.test(word)
    const isName = /^\p{Lu}/u.test(word) && !isFirst && word !== 'I'
    const isToBeKnown = /\p{N}/u.test(word) || isCode || isName
    if (
      number !== undefined ? !known.has(number) && !known.has(word.toLowerCase()) : isToBeKnown && !isKnown(word, known)
    )
      return `"${word.slice(0, 40)}", which is in none of the facts`
  }
  return undefined
}

interface Word {
  readonly word: string
  readonly isFirst: boolean
}

/** Words with what holds them together inside, and numbers without what groups their digits. */
function wordsOf(text: string): readonly Word[] {
  const plain = text.normalize('NFKC').replaceAll(/(?<=\d)[,'’](?=\d{3}(?!\d))/g, '')
  return [...plain.matchAll(/[\p{L}\p{N}]+(?:[-./:,'’][\p{L}\p{N}]+)*/gu)].map((match) => ({
    word: match[0],
    isFirst: /(?:^|[.!?:]["”)]?\s+|\n)["“(]?$/.test(plain.slice(Math.max(0, match.index - 4), match.index)),
  }))
}

function isKnown(word: string, known: ReadonlySet<string>): boolean {
  const plain = word
    .toLowerCase()
    .replace(/['’]s$/, '')
    .replace(/^(\d+)(?:st|nd|rd|th)$/, '$1')
  return known.has(plain)
}

/** A word of a fact, whole and in its parts: of a date the day too. */
function spellings(word: string): readonly string[] {
  const whole = word.toLowerCase()
  return [whole, ...whole.split(/[-./:,'’]/).flatMap((part) => [part, part.replace(/^0+(?=\d)/, '')])]
}
