/**
 * What a phrase tells: a trouble itself, what it does to the business, or how much hurry there is. And `words`: what single words
 * speak for together, whatever is said with them.
 */
export type TriageKind = 'keyword' | 'impact' | 'urgency' | 'words'

/** Something a customer may say, and what it counts. */
export interface TriagePhrase {
  /** `outage.server`: a group, a point, a name. The same id may stand in every language. */
  readonly id: string
  readonly kind: Exclude<TriageKind, 'words'>
  /** 1 to 100. Counted once a message, however often it is said. */
  readonly points: number
  /** The ways to say it: {@link TriageTable} tells how they are written. */
  readonly any: readonly string[]
  /** A single word that hints at trouble: it counts only where no other keyword does. */
  readonly weak?: boolean
  /** It does not count right after one of these words: `my internet`. */
  readonly notAfter?: string
}

/**
 * How far a cue reaches: the part of a sentence it stands in (`clause`: up to a comma or a word like "but" or "and";
 * `part`: up to a comma), from it to the end of its sentence (`rest`), its `sentence`, everything up to it (`before`), what is
 * in quotation marks in its sentence (`quote`), the whole `message`.
 */
export type TriageScope = 'clause' | 'part' | 'rest' | 'sentence' | 'before' | 'quote' | 'message'

/** Words after which something is not meant as it is said: "what does … mean", "if", "yesterday", "how much is". */
export interface TriageCue {
  readonly id: string
  readonly scope: TriageScope
  readonly any: readonly string[]
  /** Beginnings of the ids of phrases it takes away, with a space between them. Default: of all. */
  readonly covers?: string
  /** It is none right after one of these words: `since yesterday`. */
  readonly notAfter?: string
  /** It is none after one of these words in the same part of the sentence: `until it is fixed`. */
  readonly notWith?: string
  /** It is none where one of these begins at the same word: `if you can`. */
  readonly unless?: readonly string[]
  /** It is one only in a sentence that ends with a question mark. */
  readonly asked?: boolean
  /** Beside a word for now, it takes nothing away from the clause that this word is in. */
  readonly notNow?: boolean
  /** The weights of words count beside it: it tells too little of the message. */
  readonly sparesWords?: boolean
}

/**
 * How much each word speaks for an emergency or against it. A message gets `base` and the points of each of its words, once. They are
 * made of labelled messages by `learnWords`.
 */
export interface TriageWords {
  readonly base: number
  /**
   * Words by their points, which may be negative: `{ '30': 'smoke', '-25': 'monday' }`. `retur*` is the beginning of a word of more than five
   * letters, counted beside the word itself; `?` is a question.
   */
  readonly weights: Readonly<Record<string, string>>
}

/** Classes, phrases and cues that a table is put together from. */
export type TriagePart = Pick<TriageTable, 'classes' | 'phrases' | 'cues'>

/**
 * The words and weights of one language. Words are written in lower case without accents, lists of them with a space
 * between them.
 *
 * A pattern is words one after another: `a|b` one of several, `a?` may be missing, `serv*` a beginning, `<name>` a word of that
 * class, `{name}` one of the patterns of that macro, `#` a number, `..` up to three words between, `...` up to six, `^` and `$` the
 * beginning and the end of a part of a sentence. A pattern lies in one part of a sentence, and no gap goes over a word of `stops`.
 */
export interface TriageTable {
  /** ISO 639-1. */
  readonly language: string
  readonly classes: Readonly<Record<string, string>>
  readonly macros: Readonly<Record<string, readonly string[]>>
  readonly phrases: readonly TriagePhrase[]
  readonly cues: readonly TriageCue[]
  /** The most that all phrases of a kind count together. */
  readonly caps: Readonly<Partial<Record<TriagePhrase['kind'], number>>>
  readonly negators: string
  /** After these words a negator is none: `not only`. */
  readonly negatorsNotBefore: string
  /** Words over which a negator reaches: `not really a`. */
  readonly light: string
  /** Words for now. */
  readonly now: string
  /** No gap goes over these, and a clause ends at them: "but", "printer". */
  readonly stops: string
  /** A sentence that begins with one of these is a question, with or without its mark. */
  readonly askers?: string
  /** A clause ends at these as well: "and". */
  readonly joins: string
  /** Two words that are one: `e mail` is `email`. */
  readonly pairs: Readonly<Record<string, string>>
  /** Other spellings of a word: `plz` is `please`. */
  readonly spellings: Readonly<Record<string, string>>
  /** Words that are known by a misspelling too: one letter too many, too few, wrong, or two swapped. Of 4 letters or more. */
  readonly misspelt: string
  /** Words that look like a misspelt one, and are not. */
  readonly keep: string
  /** Without them only phrases count. */
  readonly words?: TriageWords
}
