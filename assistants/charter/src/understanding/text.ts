/** A word of a text: letters and digits without what stands between them. */
export interface Token {
  /** As typed. */
  readonly raw: string
  /** Lower case, without accents. */
  readonly word: string
  readonly start: number
  readonly end: number
}

/** Brings a text into the form all rules expect: composed letters, plain quotes and dashes. */
export function tidy(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[’‘`´]/g, "'")
    .replaceAll(/[“”„«»]/g, '"')
    .replaceAll(/\s/g, ' ')
}

/** Lower case without accents, letter by letter: positions stay what they were in a tidy text. */
export function fold(text: string): string {
  let folded = ''
  for (let i = 0; i < text.length; i += 1) {
    const letter = text.charAt(i)
    const plain = letter < '\u0080' ? letter.toLowerCase() : foldLetter(letter)
    folded += plain.length === 1 ? plain : letter
  }
  return folded
}

function foldLetter(letter: string): string {
  if (letter === 'ß') return 's'
  if (letter === 'ø' || letter === 'Ø') return 'o'
  return letter.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

/** Splits a text into its words. */
export function tokenize(text: string): Token[] {
  return [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map((match) => ({
    raw: match[0],
    word: fold(match[0]),
    start: match.index,
    end: match.index + match[0].length,
  }))
}

/** The words of a text joined by one space: the form in which names are compared. */
export function nameKey(text: string): string {
  return tokenize(text)
    .map((token) => token.word)
    .join(' ')
}
