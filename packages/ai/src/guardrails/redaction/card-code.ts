import { codeAt, isDigit, isWord } from '../text/characters.ts'
import { type Detector, LOOK_BACK, MORE, NONE } from '../scan/detector.ts'
import { plain } from './card.ts'

/** What may stand between the name of a code and the code: `CVV code is: 123`, `cvv (3 digits) = "123"`, `il CVV è 123`. */
const BETWEEN =
  /(?:[\s:=#,.()"'\u2013-]{1,3}(?:code|number|num|nr|no|value|is|was|it's|è|e'|of|on|the|my|back|card|digits|cifre|codice|numero|della|carta|[34])(?![\p{L}\p{N}])){0,5}[\s:=#,.()"'\u2013-]{0,4}$/u
    .source

/** Names that stand for nothing else. */
const NAMED = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:cvv2?|cvc2?|cvn2?)${BETWEEN}`, 'iu')

/** Names that other things have too: only beside a card. */
const NAMED_BESIDE_CARD = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:csc|cid|sec(?:urity)? code|(?:card )?verification (?:code|number|value)|codice di (?:sicurezza|verifica)|codice)${BETWEEN}`,
  'iu',
)
const CARD = /\d(?:[ .\-\u00a0]?\d){12,18}(?!\d)/

/** A card and when it expires: what comes then has no need of a name. */
const CARD_AND_EXPIRY =
  /\d(?:[ .\-\u00a0]?\d){12,18}[\s,;|/]{1,3}(?:(?:exp(?:iry|ires|\.)?|valid (?:thru|until)|scad(?:enza|e|\.)?)[\s:]{1,2})?(?:0?[1-9]|1[0-2])\s?[/|-]\s?(?:20)?\d{2}[\s,;|/]{1,3}$/i

/** The three or four digits that prove that somebody has the card (CVV, CVC), where they are named so, or stand beside a card. */
export const cardCode: Detector<'card'> = {
  kind: 'card',
  begins: '0123456789',
  beginsBeyond: true,
  match(text, at, final) {
    let end = at
    while (end < at + 5 && isDigit(plain(codeAt(text, end)))) end += 1
    if (end === at || end > at + 4) return NONE
    const after = codeAt(text, end)
    if (after < 0 && !final) return MORE
    if (end < at + 3 || isWord(after)) return NONE
    // An amount, a time or a longer number; a point that ends a sentence is none of these.
    if (after === 44 || after === 45 || after === 46 || after === 47 || after === 58) {
      const next = plain(codeAt(text, end + 1))
      if (next < 0 && !final) return MORE
      if (isDigit(next)) return NONE
    }
    const before = text.slice(Math.max(0, at - LOOK_BACK), at)
    const isCode =
      NAMED.test(before) || CARD_AND_EXPIRY.test(before) || (NAMED_BESIDE_CARD.test(before) && CARD.test(before))
    return isCode ? end : NONE
  },
}
