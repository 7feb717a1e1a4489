/**
 * So many characters at the end of what was delivered must come again before anybody goes on from there; more, up to the beginning of their first word, and
 * where they stand twice, as a refrain does.
 */
const ANCHOR_CHARS = 40

/** A shorter anchor is only looked for at the very beginning of what comes: it might stand anywhere. */
const SEARCHABLE_CHARS = 24

/** A model may say so much before it comes to the anchor ("Of course, here is the rest:"), in characters. */
const PREAMBLE_CHARS = 400

/** What a continuation has turned out to be: `more` must come before it can be told; the text after the joint; or `no`, it does not fit. */
export type Fit = 'more' | 'no' | { readonly rest: string }

/**
 * Puts the rest of an answer, by one model, to its beginning, by another, so that no word is doubled or lost. The model that goes on is asked to begin with
 * the last words that were delivered, the anchor. Only when these have come, exactly but for white space, is it known where its text goes on; the text before and
 * after the joint then is one text which that model has written or read as a whole. A model that begins the whole answer anew, word for word, fits too.
 */
export class Joint {
  /** What was delivered, without the anchor. */
  readonly before: string
  /** The last words that were delivered. */
  readonly anchor: string
  readonly #delivered: string
  readonly #isSearchable: boolean
  /** Whether what comes is the whole answer anew, or goes on from the anchor. */
  readonly #anew: Beginning
  readonly #on: Beginning
  #came: string = ''

  constructor(delivered: string) {
    const cut = anchorAt(delivered)
    this.#delivered = delivered
    this.before = delivered.slice(0, cut)
    this.anchor = delivered.slice(cut)
    this.#anew = new Beginning(delivered)
    this.#on = new Beginning(this.anchor)
    this.#isSearchable = this.anchor.trim().length >= SEARCHABLE_CHARS
  }

  /** Takes up more of the continuation. Not to be called again once it fits, or does not. */
  push(text: string): Fit {
    this.#came += text
    this.#anew.push(text)
    this.#on.push(text)
    return this.#fit(false)
  }

  /** The continuation has ended. */
  end(): Fit {
    return this.#fit(true)
  }

  #fit(isWhole: boolean): Fit {
    const came = this.#came
    const { fit: anew } = this.#anew
    if (typeof anew === 'number') return this.#rest(anew, isWhole)
    const { fit: on } = this.#on
    if (typeof on === 'number') return this.#rest(on, isWhole)
    // As long as it may be the whole answer anew, what looks like the anchor may be an earlier place.
    if ((anew === 'more' || on === 'more') && !isWhole) return 'more'
    if (!this.#isSearchable) return 'no'
    for (let at = came.indexOf(this.#firstWord); at !== -1; at = came.indexOf(this.#firstWord, at + 1)) {
      if (at > PREAMBLE_CHARS) return 'no'
      const found = beginningOf(came.slice(at), this.anchor)
      if (typeof found === 'number') return this.#rest(at + found, isWhole)
    }
    return isWhole || came.length > PREAMBLE_CHARS + this.anchor.length * 2 ? 'no' : 'more'
  }

  get #firstWord(): string {
    return /^\s*(\S+)/.exec(this.anchor)?.[1] ?? ''
  }

  #rest(from: number, isWhole: boolean): Fit {
    const rest = this.#came.slice(from)
    const [delivered = ''] = /\s*$/.exec(this.#delivered) ?? []
    if (delivered === '') return { rest }
    // White space that was delivered need not come again; how much more there is, the next word shows.
    const words = rest.trimStart()
    if (words === '' && !isWhole) return 'more'
    return { rest: rest.startsWith(delivered) ? rest.slice(delivered.length) : words }
  }
}

/** Where the anchor begins: at a word, so many characters before the end, and so many more that it stands nowhere before. Otherwise nobody could tell which one comes. */
function anchorAt(delivered: string): number {
  const { length } = delivered.trimEnd()
  const whole = plain(delivered)
  for (let chars = ANCHOR_CHARS; chars < length; chars *= 2) {
    const at = wordAt(delivered, length - chars)
    const anchor = plain(delivered.slice(at))
    if (whole.indexOf(anchor) === whole.length - anchor.length) return at
  }
  return 0
}

/** The beginning of a word, there or before. */
function wordAt(text: string, from: number): number {
  for (let at = from; at > 0; at--) if (/\s/.test(text[at - 1]!) && /\S/.test(text[at]!)) return at
  return 0
}

/** With single spaces, and none around. */
function plain(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}

/** Reads whether a text begins with another one, but for the amount of white space, as it comes. */
class Beginning {
  readonly #expected: string
  #met: number = 0
  #read: number = 0
  /** Where the text goes on after it; `more` while that cannot be told; `no`. */
  fit: number | 'more' | 'no' = 'more'

  constructor(expected: string) {
    this.#expected = plain(expected)
    if (this.#expected === '') this.fit = 0
  }

  push(text: string): void {
    for (let at = 0; at < text.length && this.fit === 'more'; at++) this.#take(text[at]!)
  }

  #take(char: string): void {
    const expected = this.#expected
    this.#read += 1
    if (/\s/.test(char)) {
      if (expected[this.#met] === ' ') this.#met += 1
      else if (this.#met > 0 && expected[this.#met - 1] !== ' ') this.fit = 'no'
      return
    }
    if (char !== expected[this.#met]) this.fit = 'no'
    else if (++this.#met === expected.length) this.fit = this.#read
  }
}

function beginningOf(text: string, expected: string): Beginning['fit'] {
  const beginning = new Beginning(expected)
  beginning.push(text)
  return beginning.fit
}
