import { between, invalid } from '../errors/invalid-options.ts'
import { fold } from '../text/fold.ts'
import { guessLanguage } from '../text/guess-language.ts'
import { compileTable } from './compile.ts'
import type { CompiledTable } from './compile.ts'
import { TRIAGE_DEFAULTS } from './options.ts'
import type { Assessment, Triage, TriageOptions, TriageReason } from './options.ts'
import { read } from './reading.ts'
import type { Reading } from './reading.ts'
import { TRIAGE_TABLES } from './tables/index.ts'
import type { TriagePhrase, TriageTable } from './table.ts'
import { tokenize } from '../text/tokens.ts'
import { weigh } from './words.ts'

/** What a score is bounded by. */
const HIGHEST_SCORE = 100
/** What words have to be worth where no phrase tells of a trouble: these do not. */
const WORDS_FOR = 40
const VAGUE = /^(?:hint\.subject|scope|urgency)/

/**
 * Tells emergencies from everything else, by the words of the message: what has happened, what it does to the business, how
 * urgent it is. What is denied, quoted, asked about, over, planned, only supposed, or happened to others does not count.
 *
 * @throws HoldfastError INVALID_OPTION when an option is wrong, or a table cannot be read.
 * @example
 * ```ts
 * import { createTriage } from '@holdfast/ai/triage'
 *
 * const triage = createTriage()
 * console.log(triage.assess('Our server is down and nobody can work!!').isEmergency) // true
 * console.log(triage.assess('What does "server down" mean?').isEmergency) // false
 * ```
 */
export function createTriage(options: TriageOptions = {}): Triage {
  const threshold = between('threshold', options.threshold ?? TRIAGE_DEFAULTS.threshold, 1, HIGHEST_SCORE)
  const maxChars = between('maxChars', options.maxChars ?? TRIAGE_DEFAULTS.maxChars, 100, 100_000)
  const tables = chosen(options).map(compile)
  const languages = tables.map(({ language }) => language)
  return Object.freeze({
    languages: Object.freeze(languages),
    threshold,
    assess(message: string): Assessment {
      const folded = fold(message, maxChars)
      const tokens = tokenize(folded)
      const language = guessLanguage(folded, languages)
      let best: Assessment | undefined
      for (const table of tables) {
        if (language !== undefined && table.language !== language) continue
        const assessment = score(tokens, table, threshold, language)
        if (best === undefined || assessment.score > best.score) best = assessment
      }
      return best!
    },
  })
}

function score(
  tokens: ReturnType<typeof tokenize>,
  table: CompiledTable,
  threshold: number,
  language: string | undefined,
): Assessment {
  const reading = read(tokens, table)
  const { meant, ignored } = reading
  const reasons = new Map<string, TriageReason>()
  const isPlain = meant.some(({ phrase }) => phrase.kind === 'keyword' && !phrase.weak)
  for (const { phrase } of meant) {
    if (phrase.weak && isPlain) continue
    if (!reasons.has(phrase.id)) reasons.set(phrase.id, { id: phrase.id, points: phrase.points, kind: phrase.kind })
  }
  const sums: Record<TriagePhrase['kind'], number> = { keyword: 0, impact: 0, urgency: 0 }
  for (const { kind, points } of reasons.values()) if (kind !== 'words') sums[kind] += points
  const total = (Object.keys(sums) as TriagePhrase['kind'][]).reduce(
    (sum, kind) => sum + Math.min(sums[kind], table.caps[kind] ?? HIGHEST_SCORE),
    0,
  )
  const byPhrases = Math.min(HIGHEST_SCORE, total)
  const sum = withWords(byPhrases, reading, table.words)
  if (sum !== byPhrases) reasons.set('words', { id: 'words', points: sum - byPhrases, kind: 'words' })
  const unmeant = new Map<string, { readonly id: string; readonly by: string }>()
  for (const { phrase, by } of ignored) {
    if (!reasons.has(phrase.id)) unmeant.set(phrase.id, { id: phrase.id, by })
  }
  return Object.freeze({
    score: sum,
    isEmergency: sum >= threshold,
    reasons: Object.freeze([...reasons.values()].sort((a, b) => b.points - a.points)),
    ignored: Object.freeze([...unmeant.values()]),
    ...(language === undefined ? {} : { language }),
  })
}

/**
 * The score of phrases and words. Where nothing says that a message is not meant as it is said, words raise it to what they are worth
 * themselves, if they tell of any trouble at all.
 */
function withWords(
  byPhrases: number,
  { words, meant, ignored, isDoubtful }: Reading,
  weights: CompiledTable['words'],
): number {
  if (weights === undefined) return byPhrases
  const { sum, forIt } = weigh(words, weights)
  const tells = forIt >= WORDS_FOR || [...meant, ...ignored].some(({ phrase }) => !VAGUE.test(phrase.id))
  return isDoubtful || !tells ? byPhrases : Math.max(byPhrases, Math.min(HIGHEST_SCORE, sum))
}

function chosen({ tables = TRIAGE_TABLES, languages }: TriageOptions): readonly TriageTable[] {
  const found = languages === undefined ? tables : tables.filter(({ language }) => languages.includes(language))
  const missing = languages?.find((language) => !tables.some((table) => table.language === language))
  if (missing !== undefined || found.length === 0) {
    throw invalid('languages', `some of ${tables.map(({ language }) => language).join(', ')}`, missing ?? languages)
  }
  return found
}

function compile(table: TriageTable): CompiledTable {
  try {
    return compileTable(table)
  } catch (error) {
    throw invalid(
      `tables.${table.language}`,
      'a table whose patterns can be read',
      error instanceof Error ? error.message : error,
    )
  }
}
