/** States, provinces and countries: they qualify a city ("Portland, Maine") and are places of people, never airports. */
export const REGIONS: readonly string[] =
  'alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york state|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington state|west virginia|wisconsin|wyoming|ontario|british columbia|alberta|usa|united states|us|u.s.|america|stati uniti|etats unis|estados unidos|canada|mexico|messico|brazil|brasile|argentina|united kingdom|uk|england|inghilterra|angleterre|inglaterra|great britain|scotland|wales|ireland|irlanda|irland|france|francia|frankreich|germany|germania|deutschland|allemagne|alemania|italy|italia|italien|italie|spain|spagna|spanien|espagne|espana|portugal|portogallo|switzerland|svizzera|schweiz|suisse|suiza|austria|osterreich|autriche|belgium|belgio|belgien|belgique|netherlands|olanda|holland|niederlande|denmark|sweden|norway|finland|poland|greece|grecia|griechenland|grece|turkey|turchia|turkei|turquie|croatia|croazia|kroatien|croatie|uae|emirates|saudi arabia|qatar|israel|india|china|japan|australia|new england|east coast|west coast|midwest|europe|europa|middle east|asia|bavaria|bayern|tuscany|toscana|lombardy|lombardia|scandinavia|benelux|dach|latin america|caribbean|bay area|silicon valley'.split(
    '|',
  )

/** US states and Canadian provinces as they follow a city: "Austin, TX". */
export const STATE_CODES: ReadonlySet<string> = new Set(
  'al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc on bc qc ab uk usa us'.split(
    ' ',
  ),
)
