import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { CheckedText } from './output.ts'

type Part = LanguageModelV4StreamPart
type Delta = Extract<Part, { type: 'text-delta' | 'reasoning-delta' }>
type End = Extract<Part, { type: 'text-end' | 'reasoning-end' }>

/** So many characters of a block are kept back. */
interface Kept {
  readonly id: string
  chars: number
}

/**
 * The blocks of one answer, checked as the one text that readers make of them. What is kept back at the end of a block waits for what follows, and with it
 * its end and the starts of the next ones, so that every word goes out within its own block.
 */
export class CheckedBlocks {
  readonly #type: Delta['type']
  readonly #begin: () => CheckedText
  /** All blocks. */
  readonly #checked: CheckedText
  /**
   * What goes out of a block, alone, by its id: readers who do not join blocks must not see what only a neighbour hides. Of the first block it is what was
   * kept back at its end; all before has been checked as it is.
   */
  readonly #own: Map<string, CheckedText> = new Map()
  #first: string | undefined
  readonly #emit: (part: Part) => void
  /** What is kept back, and what must not go out before it. All `chars` together are what the check holds. */
  #waiting: (Kept | Part)[] = []

  /** @param begin makes the check of one text. */
  constructor(type: Delta['type'], begin: () => CheckedText, emit: (part: Part) => void) {
    this.#type = type
    this.#begin = begin
    this.#checked = begin()
    this.#emit = emit
  }

  /** @throws HoldfastError ANSWER_BLOCKED. */
  push(part: Delta): void {
    const { id, delta } = part
    this.#first ??= id
    if (id !== this.#first && !this.#own.has(id)) this.#own.set(id, this.#begin())
    const out = this.#checked.push(delta)
    const waiting = this.#waiting
    const [first] = waiting
    if (first === undefined || (waiting.length === 1 && isKept(first) && first.id === id)) {
      const { held } = this.#checked
      if (held === 0) waiting.length = 0
      else if (first === undefined) waiting.push({ id, chars: held })
      else first.chars = held
      this.#say(out === delta ? part : { ...part, delta: out })
      return
    }
    waiting.push({ id, chars: delta.length })
    if (part.providerMetadata !== undefined) waiting.push({ ...part, delta: '' })
    this.#release(out)
  }

  start(part: Part): void {
    if (this.#waiting.length === 0) this.#emit(part)
    else this.#waiting.push(part)
  }

  /** @throws HoldfastError ANSWER_BLOCKED. */
  end(part: End): void {
    if (this.#waiting.length === 0) this.#close(part)
    else {
      if (part.id === this.#first) this.#own.set(part.id, this.#begin())
      this.#waiting.push(part)
    }
  }

  /** Nothing follows that would belong to what is kept back. @throws HoldfastError ANSWER_BLOCKED. */
  flush(): void {
    if (this.#waiting.length > 0) this.#release(this.#checked.flush())
    for (const id of this.#own.keys()) this.#finish(id)
  }

  /** Lets starts and ends out, but nothing of what is kept back. */
  drop(): void {
    for (const item of this.#waiting) if (!isKept(item)) this.#emit(item)
    this.#waiting = []
    this.#own.clear()
  }

  #say(part: Delta): void {
    const delta = this.#own.get(part.id)?.push(part.delta) ?? part.delta
    // What a provider adds to a part goes out with it, even if its words are kept back.
    if (delta !== '' || part.providerMetadata !== undefined)
      this.#emit(delta === part.delta ? part : { ...part, delta })
  }

  #close(part: End): void {
    this.#finish(part.id)
    this.#emit(part)
  }

  #finish(id: string): void {
    const delta = this.#own.get(id)?.flush() ?? ''
    this.#own.delete(id)
    if (delta !== '') this.#emit({ type: this.#type, id, delta })
  }

  /** Gives each block what is its own of a text. Where something was put in the place of something else, it goes to where that began, as far as lengths tell. */
  #release(out: string): void {
    const waiting = this.#waiting
    let gone = waiting.reduce((sum, item) => sum + (isKept(item) ? item.chars : 0), -this.#checked.held)
    if (gone < 0) {
      waiting.findLast(isKept)!.chars -= gone
      gone = 0
    }
    let at = 0
    let rest = out
    for (; at < waiting.length; at += 1) {
      const item = waiting[at]!
      if (!isKept(item)) {
        if (item.type === 'text-end' || item.type === 'reasoning-end') this.#close(item)
        else if (item.type === this.#type) this.#say(item)
        else this.#emit(item)
        continue
      }
      const taken = Math.min(item.chars, gone)
      gone -= taken
      item.chars -= taken
      const delta = gone === 0 ? rest : rest.slice(0, taken)
      rest = rest.slice(delta.length)
      if (delta !== '') this.#say({ type: this.#type, id: item.id, delta })
      if (item.chars > 0) break
    }
    this.#waiting = waiting.slice(at)
  }
}

/** What may go out of each of the texts, all of them read as one. @throws HoldfastError ANSWER_BLOCKED. */
export function checkedTexts(texts: readonly string[], begin: () => CheckedText): string[] {
  const out = texts.map(() => '')
  const blocks = new CheckedBlocks('text-delta', begin, (part) => {
    if (part.type === 'text-delta') out[Number(part.id)] += part.delta
  })
  for (const [at, delta] of texts.entries()) {
    const id = String(at)
    blocks.push({ type: 'text-delta', id, delta })
    blocks.end({ type: 'text-end', id })
  }
  blocks.flush()
  return out
}

function isKept(item: Kept | Part): item is Kept {
  return 'chars' in item
}
