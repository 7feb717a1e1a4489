import { isWord } from '../text/characters.ts'
import { type Detector, LOOK_BACK, MORE, NONE } from './detector.ts'

/** Detectors, sorted by the characters they may begin with. */
export interface DetectorTable {
  readonly ascii: readonly (readonly Detector[])[]
  readonly beyond: readonly Detector[]
}

/** Who is told what was found. */
export interface Finder {
  /**
   * What to put in the place of a match.
   * @param matched its text; of a match with a tail, the part that made it certain.
   */
  replace(detector: Detector, matched: string): string
  /** Where it was, in characters since the beginning of the whole text. */
  found?(detector: Detector, start: number, end: number): void
}

/** Where two detectors match at the same place, the first of the list wins; otherwise what begins first. */
export function detectorTable(detectors: readonly Detector[]): DetectorTable {
  const ascii: Detector[][] = Array.from({ length: 128 }, () => [])
  for (const detector of detectors) {
    for (const sign of detector.begins) ascii[sign.charCodeAt(0)]!.push(detector)
  }
  return { ascii, beyond: detectors.filter(({ beginsBeyond = false }) => beginsBeyond) }
}

/**
 * Looks through a text that comes in pieces, once, from left to right. It keeps back from where something may have begun, and
 * no more. What comes out is the same however the text is cut.
 */
export class TextScan {
  readonly #table: DetectorTable
  readonly #finder: Finder
  /** What is kept back, behind as much of what is gone as a detector may look at. */
  #text: string = ''
  /** Where the part that is kept back begins. */
  #at: number = 0
  /** How much of the whole text lies before `#text`. */
  #gone: number = 0
  /** A match whose end has not come yet, and where it began. */
  #open: Detector | undefined
  #openedAt: number = 0

  constructor(table: DetectorTable, finder: Finder) {
    this.#table = table
    this.#finder = finder
  }

  /** How many characters are kept back. */
  get held(): number {
    return this.#text.length - this.#at
  }

  /** The next piece. @returns what may go out now. */
  push(piece: string): string {
    if (piece === '') return ''
    this.#text += piece
    return this.#run(false)
  }

  /** There is no more but this. @returns the rest. */
  end(piece = ''): string {
    this.#text += piece
    const rest = this.#run(true)
    this.#text = ''
    this.#at = 0
    return rest
  }

  #run(final: boolean): string {
    const text = this.#text
    const { length } = text
    const { ascii, beyond } = this.#table
    let out = ''
    let at = this.#at
    let kept = at
    let before = at > 0 && isWord(text.charCodeAt(at - 1))
    scan: while (at < length) {
      if (this.#open !== undefined) {
        const end = this.#open.tail!(text, at, final)
        at = kept = end < 0 ? ~end : end
        if (end < 0) break
        this.#close(at)
        before = isWord(text.charCodeAt(at - 1))
        continue
      }
      const code = text.charCodeAt(at)
      const word = isWord(code)
      if (!word || !before) {
        for (const detector of code < 128 ? ascii[code]! : beyond) {
          const end = detector.match(text, at, final)
          if (end === NONE) continue
          if (end === MORE) break scan
          out += text.slice(kept, at) + this.#finder.replace(detector, text.slice(at, end))
          this.#open = detector
          this.#openedAt = this.#gone + at
          at = kept = end
          if (detector.tail === undefined) this.#close(end)
          before = isWord(text.charCodeAt(at - 1))
          continue scan
        }
      }
      before = word
      at += 1
    }
    // Half of a character that takes two would be no text at all.
    if (!final && at === length && at > kept && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800) at -= 1
    out += text.slice(kept, at)
    if (final && this.#open !== undefined) this.#close(at)
    const from = Math.max(0, at - LOOK_BACK)
    this.#text = from === 0 ? text : text.slice(from)
    this.#gone += from
    this.#at = at - from
    return out
  }

  #close(end: number): void {
    const detector = this.#open!
    this.#open = undefined
    this.#finder.found?.(detector, this.#openedAt, this.#gone + end)
  }
}
