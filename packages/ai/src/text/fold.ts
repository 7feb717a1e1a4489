/** Contractions with "not", which must stay one word: `can't`, `isn't`. */
const NOT = /n['’‘ʼ`´]t(?![\p{L}\p{N}])/gu

/**
 * A text in the form in which words are compared: NFKC, lower case, without accents, invisible characters and letters that
 * are drawn out (`heeelp`). Its length is bounded; of a longer text the beginning and the end are taken, since that is
 * where people say what they want.
 *
 * @param maxChars how much of it is looked at.
 */
export function fold(text: string, maxChars: number): string {
  const head = Math.ceil(maxChars * 0.75)
  const cut = text.length <= maxChars ? text : `${text.slice(0, head)}\n${text.slice(text.length - (maxChars - head))}`
  // One character may become eighteen (NFKC), or a letter wear a hundred accents: cut again.
  const compatible = cut.normalize('NFKC').slice(0, 2 * maxChars)
  return compatible
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[\p{M}\p{Cf}]/gu, '')
    .replaceAll(NOT, 'nt')
    .replaceAll(/(\p{L})\1{2,}/gu, '$1')
    .slice(0, maxChars + 1)
}
