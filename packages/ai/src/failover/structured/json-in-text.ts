/** A piece of text that is JSON, and what it says. */
export interface FoundJson {
  readonly text: string
  readonly value: unknown
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING = [0x5b, 0x7b]
const CLOSING = [0x5d, 0x7d]
const MOST_PIECES = 64

/**
 * The JSON in what a model has written: the whole text, what is in the one fence around it, or else every object and list that stands in it, whatever is said before,
 * between and after. A text that ends within an object or a list was cut, and has none: nothing is completed, and nothing taken out of the middle of a larger piece.
 */
export function jsonIn(text: string): readonly FoundJson[] {
  const whole = parsed(text)
  if (whole !== undefined) return [whole]
  const inner = parsed(withoutFence(text))
  if (inner !== undefined) return [inner]
  return piecesOf(text).flatMap((piece) => parsed(piece) ?? [])
}

function parsed(text: string): FoundJson | undefined {
  try {
    return { text, value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function withoutFence(text: string): string {
  // A byte order mark is white space here, and none to a parser.
  const inner = text.trim()
  return inner.length > 6 && inner.startsWith('```') && inner.endsWith('```')
    ? inner
        .slice(3, -3)
        .replace(/^[\w-]*(?=\s)/, '')
        .trim()
    : inner
}

/** The outermost pieces in brackets. None where one is not closed, or where there are so many that they cannot be an answer. */
function piecesOf(text: string): string[] {
  const pieces: string[] = []
  let start = 0
  let depth = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const char = text.charCodeAt(index)
    if (quoted) {
      if (char === BACKSLASH) index += 1
      else if (char === QUOTE) quoted = false
    } else if (char === QUOTE) {
      // Outside of brackets it is a mark of the language.
      quoted = depth > 0
    } else if (OPENING.includes(char)) {
      if (depth === 0) start = index
      depth += 1
    } else if (CLOSING.includes(char) && depth > 0) {
      depth -= 1
      if (depth > 0) continue
      if (pieces.length === MOST_PIECES) return []
      pieces.push(text.slice(start, index + 1))
    }
  }
  return depth > 0 ? [] : pieces
}
