/** States and provinces by the letters that follow a city: "Austin, TX". */
export const STATES: Readonly<Record<string, string>> = Object.fromEntries(
  'al alabama|ak alaska|az arizona|ar arkansas|ca california|co colorado|ct connecticut|de delaware|fl florida|ga georgia|hi hawaii|id idaho|il illinois|in indiana|ia iowa|ks kansas|ky kentucky|la louisiana|me maine|md maryland|ma massachusetts|mi michigan|mn minnesota|ms mississippi|mo missouri|mt montana|ne nebraska|nv nevada|nh new hampshire|nj new jersey|nm new mexico|ny new york|nc north carolina|nd north dakota|oh ohio|ok oklahoma|or oregon|pa pennsylvania|ri rhode island|sc south carolina|sd south dakota|tn tennessee|tx texas|ut utah|vt vermont|va virginia|wa washington|wv west virginia|wi wisconsin|wy wyoming|dc district of columbia|on ontario|bc british columbia|qc quebec|ab alberta'
    .split('|')
    .map((entry) => [entry.slice(0, 2), entry.slice(3)]),
)

/** Parts of the world that are no country, state or city, and countries as people call them. Folded. */
export const AREAS: readonly string[] =
  'usa|us|u.s.|u.s.a.|the states|america|uk|u.k.|england|inghilterra|angleterre|inglaterra|great britain|britain|scotland|wales|holland|olanda|uae|emirates|new england|east coast|west coast|midwest|europe|europa|middle east|asia|africa|north america|south america|bavaria|bayern|tuscany|toscana|lombardy|lombardia|scandinavia|benelux|dach|latin america|caribbean|bay area|silicon valley|tri-state area|nordics'.split(
    '|',
  )

/** Countries by short names that are not their usual ones. Folded. */
export const COUNTRY_NICKNAMES: Readonly<Record<string, string>> = {
  usa: 'US',
  us: 'US',
  'u s': 'US',
  'u s a': 'US',
  america: 'US',
  uk: 'GB',
  'u k': 'GB',
  england: 'GB',
  inghilterra: 'GB',
  angleterre: 'GB',
  inglaterra: 'GB',
  'great britain': 'GB',
  britain: 'GB',
  scotland: 'GB',
  wales: 'GB',
  holland: 'NL',
  olanda: 'NL',
  uae: 'AE',
  gb: 'GB',
}

/** Countries of time zones in which a city's name may mean the one at home. */
export const ZONE_COUNTRIES: Readonly<Record<string, string>> = {
  'America/Caracas': 'VE',
  'America/Santiago': 'CL',
  'America/Santo_Domingo': 'DO',
  'America/Buenos_Aires': 'AR',
  'America/Bogota': 'CO',
  'America/Mexico_City': 'MX',
  'America/Monterrey': 'MX',
  'America/Cancun': 'MX',
  'America/Merida': 'MX',
  'America/Tijuana': 'MX',
  'America/Costa_Rica': 'CR',
  'America/La_Paz': 'BO',
  'America/Managua': 'NI',
  'America/Sao_Paulo': 'BR',
  'America/Bahia': 'BR',
  'America/Toronto': 'CA',
  'America/Vancouver': 'CA',
  'America/Denver': 'US',
  'America/Chicago': 'US',
  'America/New_York': 'US',
  'America/Los_Angeles': 'US',
  'Europe/Madrid': 'ES',
  'Atlantic/Canary': 'ES',
  'Europe/Lisbon': 'PT',
  'Europe/London': 'GB',
  'Europe/Moscow': 'RU',
}
