/** Letters of other scripts that look like a Latin one, in pairs. */
const LOOKALIKES = new Map<string, string>(
  (
    'аaеeоoрpсcхxуyіiјjѕsԁdһhӏlвbкkмmнhтtгrзeпnԛqԝwɡgαaεeοoρpτtυuνvιiκkχxγyηnωwσoβbμmɑaıiłløoðdđdħhæaœoßsþp' +
    'ʀrꜱsᴀaʙbᴄcᴅdᴇeɢgʜhɪiᴊjᴋkʟlᴍmɴnᴏoᴘpᴛtᴜuᴠvᴡwʏyᴢz'
  )
    .match(/../gu)!
    .map((pair) => {
      const [lookalike = '', latin = ''] = pair
      return [lookalike, latin]
    }),
)

const ascii: readonly string[] = Array.from({ length: 128 }, (_, code) => {
  const sign = String.fromCharCode(code).toLowerCase()
  return /[a-z\d]/.test(sign) ? sign : ' '
})

/** Folded forms of characters beyond ASCII, as they are met; forgotten when there are too many. */
const folded = new Map<number, string>()
const MOST_FOLDED = 4_096

/**
 * What is left of a character where only the letter counts: lower case, without accents, compatibility forms (full width, mathematical,
 * ligatures) and lookalikes of other scripts written plainly. Empty for what cannot be seen, a space for everything that is no letter or digit.
 */
export function fold(codePoint: number): string {
  if (codePoint < 128) return ascii[codePoint]!
  const known = folded.get(codePoint)
  if (known !== undefined) return known
  const made = foldAnew(String.fromCodePoint(codePoint))
  if (folded.size >= MOST_FOLDED) folded.clear()
  folded.set(codePoint, made)
  return made
}

function foldAnew(character: string): string {
  if (isInvisible(character)) return ''
  let out = ''
  for (const part of character.normalize('NFKD').toLowerCase().normalize('NFKD')) {
    if (/\p{M}/u.test(part)) continue
    out += LOOKALIKES.get(part) ?? (/[\p{L}\p{N}]/u.test(part) ? part : ' ')
  }
  // A mark alone belongs to the letter before it.
  return out === '' && /\p{M}/u.test(character) ? '' : out.trim() === '' ? ' ' : out.replaceAll(' ', '')
}

/** Characters that are not drawn: zero width, joiners, soft hyphens, direction marks, tags, selectors. */
export function isInvisible(character: string): boolean {
  return /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(character)
}

/** The letter that a digit or sign stands for when it is written among letters: `1gn0re`. */
export const STANDS_FOR: ReadonlyMap<string, string> = new Map([
  ['0', 'o'],
  ['1', 'i'],
  ['3', 'e'],
  ['4', 'a'],
  ['5', 's'],
  ['7', 't'],
  ['@', 'a'],
  ['$', 's'],
])
