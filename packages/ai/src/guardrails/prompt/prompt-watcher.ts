import { readings, type Readings } from './disguises.ts'
import type { GuardedPrompt } from './guarded-prompt.ts'
import type { Leak, PromptWatch } from './prompt-guard.ts'

/** Compares an answer with a prompt, letter by letter, and keeps back what may become a leak. */
export class PromptWatcher implements PromptWatch {
  readonly #guarded: GuardedPrompt
  readonly #readings: Readings
  /** What is kept back. */
  #held: string = ''
  /** Where in it the part begins that must be; undefined if all may go out. */
  #holdFrom: number | undefined
  #leak: Leak | undefined
  /** Of the latest letters, which come from pieces of the prompt: a ring. */
  readonly #pieces: Uint8Array
  #inPieces: number = 0
  #letters: number = 0
  /** Up to which letter pieces have been counted. */
  #counted: number = 0

  constructor(guarded: GuardedPrompt) {
    this.#guarded = guarded
    this.#pieces = new Uint8Array(guarded.windowLetters)
    this.#readings = readings(guarded.forward, guarded.backward, () => this.#count())
  }

  get leak(): Leak | undefined {
    return this.#leak
  }

  push(piece: string): string {
    if (this.#leak !== undefined) return ''
    let at = this.#held.length
    const text = this.#held + piece
    while (at < text.length) {
      const code = text.codePointAt(at)!
      // The first half of a character whose second half is in the next piece.
      if (at + 1 === text.length && code >= 0xd800 && code < 0xdc00) break
      this.#readings.next(code)
      if (this.#judge(at)) return this.#release(text, at)
      at += code > 0xffff ? 2 : 1
    }
    const whole = at
    const out = this.#release(text, whole)
    return out
  }

  flush(): string {
    if (this.#leak !== undefined) return ''
    const rest = this.#held
    this.#held = ''
    this.#holdFrom = undefined
    return rest
  }

  /** Lets out what comes before the part that must be held back, and at most what has been read. */
  #release(text: string, read: number): string {
    const end = Math.min(this.#holdFrom ?? read, read)
    if (this.#leak !== undefined) {
      this.#held = ''
      return text.slice(0, end)
    }
    this.#held = text.slice(end)
    if (this.#holdFrom !== undefined) this.#holdFrom -= end
    return text.slice(0, end)
  }

  /** Looks where the readings have come to with the character at `at`. @returns whether there is a leak. */
  #judge(at: number): boolean {
    let holds = false
    for (const { cursor, disguise } of this.#readings.all) {
      if (!cursor.holds) continue
      holds = true
      const rule = cursor.leak
      if (rule !== undefined) this.#leak ??= { rule, disguise }
    }
    if (holds) this.#holdFrom ??= at
    else this.#holdFrom = undefined
    if (this.#inPieces > this.#guarded.mostLetters) this.#leak ??= { rule: 'pieces', disguise: 'plain' }
    return this.#leak !== undefined
  }

  /** Counts the letters of passages of three words and more among the latest ones. */
  #count(): void {
    const size = this.#pieces.length
    const slot = this.#letters % size
    this.#inPieces -= this.#pieces[slot]!
    this.#pieces[slot] = 0
    this.#letters += 1
    const { cursor } = this.#readings.all[0]!
    if (!cursor.holds) return
    const from = Math.max(this.#counted, this.#letters - cursor.length, this.#letters - size)
    for (let letter = from; letter < this.#letters; letter += 1) {
      const place = letter % size
      if (this.#pieces[place] === 0) {
        this.#pieces[place] = 1
        this.#inPieces += 1
      }
    }
    this.#counted = this.#letters
  }
}
