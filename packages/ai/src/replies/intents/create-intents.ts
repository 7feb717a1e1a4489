import { createCache } from '@holdfast/core/cache'
import { systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { between, DAY_MS, invalid } from '../../errors/invalid-options.ts'
import { fold } from '../../text/fold.ts'
import { guessLanguage } from '../../text/guess-language.ts'
import { compilePattern, firstElement, matchAt, Vocabulary } from '../../text/pattern.ts'
import type { Cell, Pattern } from '../../text/pattern.ts'
import { tokenize } from '../../text/tokens.ts'
import { createClassifier } from './bayes.ts'
import type { Classifier } from './bayes.ts'
import { ENGLISH_INTENTS } from './en.ts'
import { ITALIAN_INTENTS } from './it.ts'
import type { IntentTable, IntentWords } from './table.ts'

/** What a message means. */
export interface Intent {
  /** Missing when nothing can be told. */
  readonly id?: string
  /** From 0 to 1. */
  readonly confidence: number
  /** Who told it. */
  readonly by: 'rule' | 'classifier'
  /** ISO 639-1, where the words tell. */
  readonly language?: string
}

/** What intents are read from. */
export interface IntentOptions {
  /** What customers want, one table a language. Default: English and Italian (`INTENT_TABLES`). */
  readonly tables?: readonly IntentTable[] | undefined
  /** How much of a message is looked at, in characters. 10 to 10,000. Default: 500. */
  readonly maxIntentChars?: number | undefined
  /** What was read is remembered this long, in ms. 0 to 86,400,000. Default: 300,000 (five minutes). */
  readonly intentCacheMs?: number | undefined
  /** Messages remembered. 1 to 1,000,000. Default: 1,000. */
  readonly maxIntents?: number | undefined
  readonly clock?: Clock | undefined
}

/** What {@link IntentOptions} fall back to. */
export const INTENT_DEFAULTS: Readonly<{ maxIntentChars: number; intentCacheMs: number; maxIntents: number }> =
  Object.freeze({ maxIntentChars: 500, intentCacheMs: 300_000, maxIntents: 1_000 })

/** The tables that come with the package. */
export const INTENT_TABLES: readonly IntentTable[] = Object.freeze([ENGLISH_INTENTS, ITALIAN_INTENTS])

/** Tells what a message means. */
export interface Intents {
  /** The ids of all tables. */
  readonly ids: readonly string[]
  /** Takes well under a millisecond and asks nobody. */
  read(message: string): Intent
}

interface CompiledTable {
  readonly language: string
  readonly vocabulary: Vocabulary
  readonly rules: ReadonlyMap<number, readonly Rule[]>
  readonly exceptions: ReadonlyMap<number, readonly Rule[]>
  readonly maxWords: ReadonlyMap<string, number>
  readonly spellings: ReadonlyMap<string, string>
  readonly classifier: Classifier
}

interface Rule {
  readonly id: string
  readonly pattern: Pattern
}

const OTHER = ''
/** How sure a rule is; a classifier can be surer, but only of words that it knows. */
const BY_RULE = 0.95

/**
 * Tells what a message means by rules, and where they are silent or of two minds, by a classifier that learns from the
 * tables' examples while this is built. The same tables give the same answers.
 *
 * @throws HoldfastError INVALID_OPTION when an option is wrong, or a table cannot be read.
 * @example
 * ```ts
 * import { createIntents } from '@holdfast/ai/replies'
 *
 * const intents = createIntents()
 * console.log(intents.read('how much is an antivirus?').id) // quote
 * console.log(intents.read('siete aperti il sabato?').id) // hours
 * ```
 */
export function createIntents(options: IntentOptions = {}): Intents {
  const maxChars = between('maxIntentChars', options.maxIntentChars ?? INTENT_DEFAULTS.maxIntentChars, 10, 10_000)
  const sources = options.tables ?? INTENT_TABLES
  if (sources.length === 0) throw invalid('tables', 'at least one table', 'none')
  const tables = sources.map(compile)
  const languages = tables.map(({ language }) => language)
  const cache = createCache<Intent>({
    name: 'intents',
    freshMs: between('intentCacheMs', options.intentCacheMs ?? INTENT_DEFAULTS.intentCacheMs, 0, DAY_MS),
    maxEntries: between('maxIntents', options.maxIntents ?? INTENT_DEFAULTS.maxIntents, 1, 1_000_000),
    // They are small, and bounded by their number.
    sizeOf: () => 1,
    clock: options.clock ?? systemClock,
  })
  return Object.freeze({
    ids: Object.freeze([...new Set(sources.flatMap(({ intents }) => intents.map(({ id }) => id)))]),
    read(message: string): Intent {
      const folded = fold(message, maxChars)
      const known = cache.peek(folded)
      if (known !== undefined) return known.value
      const language = guessLanguage(folded, languages)
      const readings = tables
        .filter((table) => language === undefined || table.language === language)
        .map((table) => readBy(folded, table, language))
      const best = readings.reduce((one, other) => (other.confidence > one.confidence ? other : one))
      const intent = Object.freeze(best)
      cache.set(folded, intent)
      return intent
    },
  })
}

function readBy(folded: string, table: CompiledTable, language: string | undefined): Intent {
  const tokens = tokenize(folded)
  const words = tokens.map(({ word }) => table.spellings.get(word) ?? word)
  const cells = tokens.map(({ part }, at): Cell => ({
    part,
    elements: table.vocabulary.lookUp(words[at]!),
    stop: false,
  }))
  const spoken = language === undefined ? {} : { language }
  const excepted = foundBy(cells, table.exceptions)
  const fits = (id: string): boolean => words.length <= (table.maxWords.get(id) ?? Infinity) && !excepted.includes(id)
  const ruled = foundBy(cells, table.rules).filter(fits)
  const [only] = ruled
  if (ruled.length === 1 && only !== undefined) return { id: only, confidence: BY_RULE, by: 'rule', ...spoken }
  const features = featuresOf(words)
  if (ruled.length > 1) {
    const shares = table.classifier.probabilities(features)
    const [first, second] = ruled.toSorted((a, b) => (shares.get(b) ?? 0) - (shares.get(a) ?? 0))
    const lead = (shares.get(first!) ?? 0) / ((shares.get(first!) ?? 0) + (shares.get(second!) ?? 0) || 1)
    return { id: first!, confidence: BY_RULE * lead, by: 'rule', ...spoken }
  }
  const verdict = table.classifier.classify(features)
  if (verdict === undefined || verdict.label === OTHER || !fits(verdict.label)) {
    return { confidence: 0, by: 'classifier', ...spoken }
  }
  // Words that it has never seen may change all.
  const telling = words.filter((word) => word.length >= 3)
  const known = telling.filter((word) => table.classifier.knows(word)).length / Math.max(1, telling.length)
  return { id: verdict.label, confidence: verdict.probability * known, by: 'classifier', ...spoken }
}

/** The intents that some rule names, in the order of the words. */
function foundBy(cells: readonly Cell[], rules: ReadonlyMap<number, readonly Rule[]>): string[] {
  const found = new Set<string>()
  const memo = new Map()
  cells.forEach(({ elements }, at) => {
    for (const element of elements.list) {
      for (const { id, pattern } of rules.get(element) ?? []) {
        if (!found.has(id) && matchAt(pattern, cells, at, memo) !== undefined) found.add(id)
      }
    }
  })
  return [...found]
}

/** Words of three letters and more, since shorter ones say little alone, and pairs of neighbours. */
function featuresOf(words: readonly string[]): string[] {
  return words.flatMap((word, at) => [
    ...(word.length < 3 ? [] : [word]),
    ...(at === 0 ? [] : [`${words[at - 1]} ${word}`]),
  ])
}

function compile(table: IntentTable): CompiledTable {
  try {
    const vocabulary = new Vocabulary()
    const indexed = (sourcesOf: (intent: IntentWords) => readonly string[]): Map<number, Rule[]> => {
      const rules = new Map<number, Rule[]>()
      for (const intent of table.intents) {
        for (const source of sourcesOf(intent)) {
          const pattern = compilePattern(source, { classes: table.classes, macros: {} }, vocabulary)
          const first = firstElement(pattern)
          rules.set(first, [...(rules.get(first) ?? []), { id: intent.id, pattern }])
        }
      }
      return rules
    }
    const spellings = new Map(Object.entries(table.spellings))
    const learn = (sentence: string, label: string): { words: string[]; label: string } => {
      const words = tokenize(fold(sentence, 1_000)).map(({ word }) => spellings.get(word) ?? word)
      return { words: featuresOf(words), label }
    }
    return {
      language: table.language,
      vocabulary,
      rules: indexed(({ rules }) => rules),
      exceptions: indexed(({ unless = [] }) => unless),
      maxWords: new Map(table.intents.map(({ id, maxWords = Infinity }) => [id, maxWords])),
      spellings,
      classifier: createClassifier([
        ...table.intents.flatMap(({ id, examples }) => examples.map((example) => learn(example, id))),
        ...table.others.map((example) => learn(example, OTHER)),
      ]),
    }
  } catch (error) {
    throw invalid(
      `tables.${table.language}`,
      'a table whose rules can be read',
      error instanceof Error ? error.message : error,
    )
  }
}
