/** A word of a text: letters and digits without what stands between them. */
export interface Token {
  /** As typed. */
  readonly raw: string
  /** Lower case, without accents. */
  readonly word: string
  readonly start: number
  readonly end: number
}

const SIGNATURE =
  /\n\s*(?:(?:best|kind|warm|many|with best|with kind) ?(?:regards|wishes|thanks)?|regards|cheers|sincerely|yours(?: truly| sincerely)?|thanks|thank you|thx|sent from my \w+|cordiali saluti|distinti saluti|saluti|un saluto|mit freundlichen grüßen|freundliche grüße|viele grüße|liebe grüße|beste grüße|lg|mfg|vg|cordialement|bien cordialement|bien à vous|salutations|saludos(?: cordiales)?|un saludo|atentamente|atenciosamente|abraços|cumprimentos|--)[\s,.!]*\n[\s\S]{0,300}$/i
const SALUTATION =
  /^\s*(?:(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening)|morning|ciao|salve|buon ?giorno|buona ?sera|hallo|guten (?:tag|morgen|abend)|moin|bonjour|bonsoir|salut|hola|buen[oa]s (?:días|dias|tardes|noches)|olá|ola|oi|bom dia|boa (?:tarde|noite))(?: (?:there|team|all|everyone|everybody|guys|folks|desk|charter desk|sir|madam|a tutti|zusammen|à tous|equipo|pessoal|equipe))?[,.!;:]*\s+)(?=\S+\s+\S)/i

/** Brings a text into the form all rules expect: composed letters, plain quotes, single spaces, lines joined by semicolons, no signature. */
export function tidy(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[’‘`´]/g, "'")
    .replaceAll(/[“”„«»]/g, '"')
    .trim()
    .replace(SIGNATURE, '')
    .replaceAll(/\s*\n\s*/g, '\n')
    .replaceAll(/(?<=[,;:.!?])\n/g, ' ')
    .replaceAll('\n', '; ')
    .replaceAll(/\s+/g, ' ')
}

/** Without the words of greeting before a request. A greeting alone stays. */
export function withoutSalutation(text: string): string {
  return text
    .replace(SALUTATION, '')
    .replace(/^(?:please|pls|bitte|per favore|por favor|s'il vous plaît)[, ]+(?=\S)/i, '')
}

/** Whether a text is written in capitals throughout, so that capitals mean nothing in it. */
export function isShouting(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const small = text.match(/\p{Ll}/gu)?.length ?? 0
  return letters > 12 && small <= letters * 0.05
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
  // Most names are plain, and there are thousands of them.
  if (/^[\x20-\x7e]*$/.test(text))
    return text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, ' ')
      .trim()
  return tokenize(text)
    .map((token) => token.word)
    .join(' ')
}
