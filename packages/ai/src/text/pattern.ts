/** What patterns may name. */
export interface PatternWords {
  readonly classes: Readonly<Record<string, string>>
  readonly macros: Readonly<Record<string, readonly string[]>>
}

/** One word of a pattern. */
interface WordElement {
  readonly type: 'word'
  /** Number of the alternatives it stands for: see {@link Vocabulary}. */
  readonly element: number
  readonly optional: boolean
}

type Element =
  | WordElement
  | { readonly type: 'gap'; readonly most: number }
  | { readonly type: 'start' | 'end' }
  | { readonly type: 'macro'; readonly macro: Macro }

/** A pattern, ready to be matched. */
export interface Pattern {
  readonly elements: readonly Element[]
}

/** Patterns that stand for one another at the end of many. */
export interface Macro {
  readonly number: number
  readonly ways: readonly Pattern[]
}

/** The alternatives a word is one of. */
export interface Membership {
  readonly list: readonly number[]
  readonly set: ReadonlySet<number>
}

/** A word of a message as patterns see it. */
export interface Cell {
  readonly elements: Membership
  readonly part: number
  /** Whether a gap may go over it. */
  readonly stop: boolean
}

const NUMBER = '#'
const NOTHING: Membership = Object.freeze({ list: [], set: new Set<number>() })

/** The words of all patterns of a table, each with the sets of alternatives that it belongs to. */
export class Vocabulary {
  readonly #ids: Map<string, number> = new Map()
  readonly #macros: Map<string, Macro> = new Map()
  readonly #memberships: Map<string, Membership> = new Map()
  readonly #words: Map<string, number[]> = new Map()
  readonly #prefixes: Map<string, number[]> = new Map()
  #numbers: number[] = []
  readonly #suffixes: Map<string, number[]> = new Map()
  #shortest: number = Infinity
  #shortestSuffix: number = Infinity

  /** @throws Error when a class is not there. */
  element(source: string, classes: Readonly<Record<string, string>>): number {
    const known = this.#ids.get(source)
    if (known !== undefined) return known
    const id = this.#ids.size
    this.#ids.set(source, id)
    for (const word of new Set(wordsOf(source.split('|'), classes))) {
      if (word === NUMBER) this.#numbers.push(id)
      else if (word.startsWith('*')) {
        add(this.#suffixes, word.slice(1), id)
        this.#shortestSuffix = Math.min(this.#shortestSuffix, word.length - 1)
      } else if (word.endsWith('*')) {
        add(this.#prefixes, word.slice(0, -1), id)
        this.#shortest = Math.min(this.#shortest, word.length - 1)
      } else add(this.#words, word, id)
    }
    return id
  }

  /** @throws Error when the macro is not there, or does not consist of patterns. */
  macro(name: string, table: PatternWords): Macro {
    const known = this.#macros.get(name)
    if (known !== undefined) return known
    const sources = table.macros[name]
    if (sources === undefined) throw new Error(`there is no macro {${name}}`)
    const macro = { number: this.#macros.size, ways: sources.map((source) => compilePattern(source, table, this)) }
    this.#macros.set(name, macro)
    return macro
  }

  /** Whether a word stands in some pattern. */
  knows(word: string): boolean {
    return this.lookUp(word).list.length > 0
  }

  lookUp(word: string): Membership {
    const known = this.#memberships.get(word)
    if (known !== undefined) return known
    const list = this.#find(word)
    if (list.length === 0) return NOTHING
    const membership = { list, set: new Set(list) }
    // Words that only begin like one of a table's are as many as people may type.
    if (this.#words.has(word)) this.#memberships.set(word, membership)
    return membership
  }

  #find(word: string): readonly number[] {
    let found: readonly number[] = this.#words.get(word) ?? []
    for (let length = this.#shortest; length <= word.length; length += 1) {
      const more = this.#prefixes.get(word.slice(0, length))
      if (more !== undefined) found = [...found, ...more]
    }
    for (let length = this.#shortestSuffix; length <= word.length; length += 1) {
      const more = this.#suffixes.get(word.slice(-length))
      if (more !== undefined) found = [...found, ...more]
    }
    return this.#numbers.length > 0 && /^\d/.test(word) ? [...found, ...this.#numbers] : found
  }
}

/** The words of alternatives: those of a class, which may name others, are put in its place. */
function wordsOf(
  alternatives: readonly string[],
  classes: PatternWords['classes'],
  inside: readonly string[] = [],
): string[] {
  return alternatives.flatMap((alternative) => {
    if (!alternative.startsWith('<')) return [alternative]
    const name = alternative.slice(1, -1)
    const listed = classes[name]
    if (listed === undefined) throw new Error(`there is no class ${alternative}`)
    if (inside.includes(name)) throw new Error(`the class ${alternative} is part of itself`)
    return wordsOf(listed.trim().split(/\s+/), classes, [...inside, name])
  })
}

function add(map: Map<string, number[]>, key: string, id: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [id])
  else list.push(id)
}

/** @throws Error when a pattern is not written as it should be. */
export function compilePattern(source: string, table: PatternWords, vocabulary: Vocabulary): Pattern {
  const pieces = source.trim().split(/\s+/)
  const elements = pieces.map((piece, at): Element => {
    if (piece === '..') return { type: 'gap', most: 3 }
    if (piece === '...') return { type: 'gap', most: 6 }
    if (piece === '^') return { type: 'start' }
    if (piece === '$') return { type: 'end' }
    const macro = /^\{(\w+)\}$/.exec(piece)
    if (macro !== null) {
      if (at < pieces.length - 1) throw new Error(`"${source}" has a macro that is not at its end`)
      return { type: 'macro', macro: vocabulary.macro(macro[1]!, table) }
    }
    const optional = piece.endsWith('?')
    const element = vocabulary.element(optional ? piece.slice(0, -1) : piece, table.classes)
    return { type: 'word', element, optional }
  })
  const first = elements.find(({ type }) => type !== 'start')
  if (first?.type !== 'word' || first.optional || elements.at(-1)?.type === 'gap') {
    throw new Error(`"${source}" does not begin and end with a word`)
  }
  return { elements }
}

/** The number of the word a pattern begins with. */
export function firstElement(pattern: Pattern): number {
  return pattern.elements.find((element) => element.type === 'word')!.element
}

/** What macros stood for at each word of one message, so that it is looked for once. */
export type MacroMemo = Map<number, readonly number[] | undefined>

/**
 * Matches a pattern from one word on. The work is bounded by the pattern alone, since gaps are.
 *
 * @returns the positions of the words it stands for, or undefined.
 */
export function matchAt(
  pattern: Pattern,
  cells: readonly Cell[],
  start: number,
  memo: MacroMemo,
): number[] | undefined {
  const { elements } = pattern
  const part = cells[start]?.part
  const positions: number[] = []
  const from = (index: number, at: number): boolean => {
    const element = elements[index]
    if (element === undefined) return true
    switch (element.type) {
      case 'start':
        return cells[at - 1]?.part !== part && from(index + 1, at)
      case 'end':
        return cells[at]?.part !== part && from(index + 1, at)
      case 'gap':
        for (let skipped = 0; skipped <= element.most; skipped += 1) {
          if (from(index + 1, at + skipped)) return true
          const over = cells[at + skipped]
          if (over === undefined || over.part !== part || over.stop) return false
        }
        return false
      case 'macro': {
        const found = cells[at]?.part === part ? matchMacro(element.macro, cells, at, memo) : undefined
        if (found === undefined) return false
        positions.push(...found)
        return true
      }
      default: {
        const cell = cells[at]
        if (cell !== undefined && cell.part === part && cell.elements.set.has(element.element)) {
          positions.push(at)
          if (from(index + 1, at + 1)) return true
          positions.pop()
        }
        return element.optional && from(index + 1, at)
      }
    }
  }
  return from(0, start) ? positions : undefined
}

function matchMacro(macro: Macro, cells: readonly Cell[], at: number, memo: MacroMemo): readonly number[] | undefined {
  const key = macro.number * cells.length + at
  if (memo.has(key)) return memo.get(key)
  let found: readonly number[] | undefined
  for (const way of macro.ways) {
    found = matchAt(way, cells, at, memo)
    if (found !== undefined) break
  }
  memo.set(key, found)
  return found
}
