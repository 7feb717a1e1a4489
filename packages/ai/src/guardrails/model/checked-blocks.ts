import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { CheckedText } from './output.ts'

type Part = LanguageModelV4StreamPart
type Delta = Extract<Part, { type: 'text-delta' | 'reasoning-delta' }>

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
  readonly #checked: CheckedText
  readonly #emit: (part: Part) => void
  /** What is kept back, and what must not go out before it. All `chars` together are what the check holds. */
  #waiting: (Kept | Part)[] = []

  constructor(type: Delta['type'], checked: CheckedText, emit: (part: Part) => void) {
    this.#type = type
    this.#checked = checked
    this.#emit = emit
  }

  /** @throws HoldfastError ANSWER_BLOCKED. */
  push(part: Delta): void {
    const { id, delta } = part
    const out = this.#checked.push(delta)
    const waiting = this.#waiting
    const [first] = waiting
    if (first === undefined || (waiting.length === 1 && isKept(first) && first.id === id)) {
      const { held } = this.#checked
      if (held === 0) waiting.length = 0
      else if (first === undefined) waiting.push({ id, chars: held })
      else (first as Kept).chars = held
      // What a provider adds to a part goes out with it, even if its words are kept back.
      if (out !== '' || part.providerMetadata !== undefined) this.#emit(out === delta ? part : { ...part, delta: out })
      return
    }
    waiting.push({ id, chars: delta.length })
    if (part.providerMetadata !== undefined) waiting.push({ ...part, delta: '' })
    this.#release(out)
  }

  /** The start or the end of a block. */
  bound(part: Part): void {
    if (this.#waiting.length === 0) this.#emit(part)
    else this.#waiting.push(part)
  }

  /** Nothing follows that would belong to what is kept back. @throws HoldfastError ANSWER_BLOCKED. */
  flush(): void {
    if (this.#waiting.length > 0) this.#release(this.#checked.flush())
  }

  /** Lets starts and ends out, but nothing of what is kept back. */
  drop(): void {
    for (const item of this.#waiting) if (!isKept(item)) this.#emit(item)
    this.#waiting = []
  }

  /** Gives each block what is its own of a text. Where something was put in the place of something else, it goes to where that began, as far as lengths tell. */
  #release(out: string): void {
    const waiting = this.#waiting
    const { held } = this.#checked
    let gone = waiting.reduce((sum, item) => sum + (isKept(item) ? item.chars : 0), -held)
    if (gone < 0) {
      waiting.findLast(isKept)!.chars -= gone
      gone = 0
    }
    let at = 0
    let rest = out
    for (; at < waiting.length; at += 1) {
      const item = waiting[at]!
      if (!isKept(item)) {
        this.#emit(item)
        continue
      }
      const taken = Math.min(item.chars, gone)
      gone -= taken
      item.chars -= taken
      const delta = gone === 0 ? rest : rest.slice(0, taken)
      rest = rest.slice(delta.length)
      if (delta !== '') this.#emit({ type: this.#type, id: item.id, delta })
      if (item.chars > 0) break
    }
    this.#waiting = waiting.slice(at)
  }
}

/** What may go out of each of the texts, all of them read as one. @throws HoldfastError ANSWER_BLOCKED. */
export function checkedTexts(texts: readonly string[], checked: CheckedText): string[] {
  const out = texts.map(() => '')
  const blocks = new CheckedBlocks('text-delta', checked, (part) => {
    if (part.type === 'text-delta') out[Number(part.id)] += part.delta
  })
  for (const [at, delta] of texts.entries()) blocks.push({ type: 'text-delta', id: String(at), delta })
  blocks.flush()
  return out
}

function isKept(item: Kept | Part): item is Kept {
  return 'chars' in item
}
