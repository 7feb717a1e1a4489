/** Categories of aircraft by what people call them; folded text, the first that fits counts. */
export const CATEGORIES: readonly (readonly [string, RegExp])[] = [
  [
    'turboprop',
    /\b(?:turbo-?props?|turboelic(?:a|he)|turbopropulseurs?|turbo-?(?:helices?|elices?)|pc-?12|pilatus|king ?air|kingair|tbm)\b/,
  ],
  [
    'super-midsize',
    /\b(?:super[ -]?mids?(?:-?size)?d?|supermid(?:size)?|super medio|challenger (?:300|350|3500)|citation (?:x|longitude|latitude)|praetor(?: \d+)?|g280|gulfstream 280|legacy 5\d\d|falcon 50)\b/,
  ],
  [
    'ultra-long-range',
    /\b(?:ultra[ -]?long[ -]?range|ulr|ultra lungo raggio|langstreckenjet|global (?:6000|6500|7500|8000|express)|g650(?:er)?|g700|g800|g550|gulfstream (?:650|700|550)|falcon (?:8x|7x|10x)|long[ -]?range jet)\b/,
  ],
  ['very-light', /\b(?:very[ -]?light|vlj|phenom 100|citation mustang|mustang|hondajet|eclipse)\b/],
  [
    'midsize',
    /\b(?:mid(?:-| )?size[d]?|medium(?:-| )?(?:size[d]?)? (?:jet|plane|aircraft)|medium jets?|jet medio|mittelgross\w*|mid-?cabin|mid jets?|jets? moyens?|taille moyenne|tamano medio|jets? medi[oi]|jets? medianos?|mediano|medi[oi] raggio|jatos? medios?|mittlere[rn]? jets?|hawker|learjet (?:60|45|75)|citation (?:xls|excel|sovereign))\b/,
  ],
  [
    'light',
    /\b(?:light jets?|lite jets?|lightjets?|light aircraft|light ones?|small(?:er)? jets?|a light|jet legger[io]|legger[io]|leichte[rn]? jet\w*|leichtjets?|legers?|ligeros?|jatos? leves?|leves?|jatinhos? leves?|phenom 300e?s?|citations?(?! (?:x|l|s|m|e))|citation (?:cj\d\+?|m2|jet)|cj[234]|learjet 35|nextant)\b/,
  ],
  [
    'heavy',
    /\b(?:heavy|heavies|large[ -]?cabin|large(?:r)? jets?|big jets?|jets? pesant[ei]|pesant[ei]|jet grandi?|jets? grandes?|jatos? pesados?|grosse[rn]? jets?|grossraum\w*|schwere[rn]? jet|gros porteur|jet lourds?|lourds?|jets? pesados?|pesado|falcon (?:900|2000)|challenger (?:604|605|650)|legacy 6\d\d|g450|g-?iv|giv|gulfstreams?|falcons?)\b/,
  ],
  ['airliner', /\b(?:vip airliner|airliner|bbj|boeing business jet|acj|airbus corporate jet|737|a320|a319)\b/],
]

/** Any aircraft will do: what was said about its kind before is off. Folded text. */
export const ANY_CATEGORY =
  /\b(?:any (?:category|size|kind|type|aircraft|jet|plane)|whatever (?:size|aircraft|jet|plane|category)|no preference|(?:size|category|type) (?:does ?n.?t|does not) matter|all categories|drop the (?:category|\w+ ?jet|midsize|light|heavy)|qualsiasi (?:aereo|jet|categoria|velivolo)|egal welche[rs]?|beliebig\w*|n'importe quel\w*|peu importe|cualquier (?:avion|jet|categoria|tamano)|qualquer (?:aviao|jato|aeronave|categoria))\b/
