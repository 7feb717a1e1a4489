import { compilePattern, firstElement, Vocabulary } from '../text/pattern.ts'
import type { Pattern } from '../text/pattern.ts'
import type { TriageCue, TriagePhrase, TriageTable } from './table.ts'
import { createSpeller } from '../text/typos.ts'
import type { Speller } from '../text/typos.ts'
import { compileWords } from './words.ts'
import type { CompiledWords } from './words.ts'

/** A pattern of a phrase or a cue, under the word it begins with. */
export interface Rule<Of> {
  readonly of: Of
  readonly pattern: Pattern
}

/** A cue whose lists of words are sets. */
export interface CompiledCue extends Pick<TriageCue, 'id' | 'scope'> {
  readonly covers: readonly string[] | undefined
  readonly notAfter: ReadonlySet<string>
  readonly notWith: ReadonlySet<string>
  readonly unless: readonly Pattern[]
  readonly notNow: boolean
  readonly asked: boolean
  readonly sparesWords: boolean
}

/** A phrase whose list of words is a set. */
export interface CompiledPhrase extends Pick<TriagePhrase, 'id' | 'kind' | 'points'> {
  readonly weak: boolean
  readonly notAfter: ReadonlySet<string>
}

/** A table, ready to be used. Never changed. */
export interface CompiledTable {
  readonly language: string
  readonly vocabulary: Vocabulary
  readonly speller: Speller
  readonly phrases: ReadonlyMap<number, readonly Rule<CompiledPhrase>[]>
  readonly cues: ReadonlyMap<number, readonly Rule<CompiledCue>[]>
  readonly caps: TriageTable['caps']
  readonly negators: ReadonlySet<string>
  readonly negatorsNotBefore: ReadonlySet<string>
  readonly light: ReadonlySet<string>
  readonly now: ReadonlySet<string>
  readonly stops: ReadonlySet<string>
  readonly joins: ReadonlySet<string>
  readonly askers: ReadonlySet<string>
  readonly pairs: ReadonlyMap<string, string>
  readonly spellings: ReadonlyMap<string, string>
  readonly words: CompiledWords | undefined
}

/** @throws Error when a pattern is not written as it should be. */
export function compileTable(table: TriageTable): CompiledTable {
  const vocabulary = new Vocabulary()
  const patterns = (sources: readonly string[]): Pattern[] =>
    sources.map((source) => compilePattern(source, table, vocabulary))
  const phrases = new Map<number, Rule<CompiledPhrase>[]>()
  for (const { id, kind, points, any, weak = false, notAfter } of table.phrases) {
    const of = { id, kind, points, weak, notAfter: wordSet(notAfter) }
    for (const pattern of patterns(any)) file(phrases, { of, pattern })
  }
  const cues = new Map<number, Rule<CompiledCue>[]>()
  for (const cue of table.cues) {
    const of = {
      id: cue.id,
      scope: cue.scope,
      covers: cue.covers?.split(/\s+/),
      notAfter: wordSet(cue.notAfter),
      notWith: wordSet(cue.notWith),
      unless: patterns(cue.unless ?? []),
      notNow: cue.notNow ?? false,
      asked: cue.asked ?? false,
      sparesWords: cue.sparesWords ?? false,
    }
    for (const pattern of patterns(cue.any)) file(cues, { of, pattern })
  }
  const negators = wordSet(table.negators)
  return Object.freeze({
    language: table.language,
    vocabulary,
    speller: createSpeller(wordSet(table.misspelt), wordSet(table.keep)),
    phrases,
    cues,
    caps: table.caps,
    negators,
    negatorsNotBefore: wordSet(table.negatorsNotBefore),
    light: wordSet(table.light),
    now: wordSet(table.now),
    stops: wordSet(table.stops),
    joins: wordSet(table.joins),
    askers: wordSet(table.askers),
    pairs: new Map(Object.entries(table.pairs)),
    spellings: new Map(Object.entries(table.spellings)),
    words: table.words === undefined ? undefined : compileWords(table.words),
  })
}

function wordSet(words = ''): ReadonlySet<string> {
  return new Set(words.split(/\s+/).filter((word) => word !== ''))
}

function file<Of>(index: Map<number, Rule<Of>[]>, rule: Rule<Of>): void {
  const first = firstElement(rule.pattern)
  const list = index.get(first)
  if (list === undefined) index.set(first, [rule])
  else list.push(rule)
}
