/** Something a customer may want, with the ways to say it in one language. */
export interface IntentWords {
  /** `greeting`, `quote`: the same in every language, and the name of its template. */
  readonly id: string
  /** Patterns that are sure signs of it, written as in a `TriageTable`. */
  readonly rules: readonly string[]
  /** Patterns of messages that are about something else, whatever rules and examples say: a price that is shown wrong is no wish for one. */
  readonly unless?: readonly string[]
  /** Only a message of at most so many words can mean it: a greeting before a question is none. Default: any number. */
  readonly maxWords?: number
  /** Sentences that the classifier learns it from. */
  readonly examples: readonly string[]
}

/** What customers want, in one language. Words are lower case without accents in rules, and as people write in examples. */
export interface IntentTable {
  /** ISO 639-1. */
  readonly language: string
  /** Lists of words, with a space between them, that rules name as `<name>`. */
  readonly classes: Readonly<Record<string, string>>
  readonly intents: readonly IntentWords[]
  /** Sentences that mean none of them. */
  readonly others: readonly string[]
  /** Other spellings of a word: `plz` is `please`. */
  readonly spellings: Readonly<Record<string, string>>
}
