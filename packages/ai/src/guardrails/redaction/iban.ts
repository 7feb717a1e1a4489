import { codeAt, DIGIT, isDigit, isOf, isWord, LETTER, UPPER } from '../text/characters.ts'
import { type Detector, MORE, NONE } from '../scan/detector.ts'

/** How long an IBAN of each country is (ISO 13616, the registry of SWIFT). */
const LENGTHS = new Map<string, number>(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 ' +
    'FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 ' +
    'MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ' +
    'SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** An account number whose two check digits are right (ISO 7064, modulo 97), in groups or in one piece. */
export const iban: Detector<'iban'> = {
  kind: 'iban',
  begins: LETTERS + LETTERS.toLowerCase(),
  match(text, at, final) {
    const second = codeAt(text, at + 1)
    if (second < 0) return final ? NONE : MORE
    if (!isOf(second, LETTER)) return NONE
    const third = codeAt(text, at + 2)
    if (third >= 0 && !isDigit(third) && !isSeparator(third)) return NONE
    const length = LENGTHS.get(text.slice(at, at + 2).toUpperCase())
    if (length === undefined) return NONE
    let remainder = 0
    let read = 0
    let next = at
    let head = 0
    while (read < length) {
      const code = codeAt(text, next)
      if (code < 0) return final ? NONE : MORE
      if (!isOf(code, LETTER | DIGIT)) {
        // One separator between groups, none within the first pair.
        if (!isSeparator(code) || read < 2 || isSeparator(codeAt(text, next - 1))) return NONE
        next += 1
        continue
      }
      if ((read === 2 || read === 3) && !isDigit(code)) return NONE
      const value = isDigit(code) ? code - 48 : (isOf(code, UPPER) ? code : code - 32) - 55
      // The first four are counted last.
      if (read < 4) head = head * (value > 9 ? 100 : 10) + value
      else remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
      read += 1
      next += 1
    }
    const after = codeAt(text, next)
    if (after < 0 && !final) return MORE
    if (after >= 0 && isWord(after)) return NONE
    return (remainder * 1_000_000 + head) % 97 === 1 ? next : NONE
  },
}

function isSeparator(code: number): boolean {
  return code === 32 || code === 45 || code === 46 || code === 0xa0
}
