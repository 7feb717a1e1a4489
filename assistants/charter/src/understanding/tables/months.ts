const BY_NUMBER: readonly string[] = [
  'january jan gennaio gen januar jaenner janner janvier janv enero ene janeiro',
  'february feb febbraio febr februar fevrier fevr fev febrero fevereiro',
  'march mar marzo marz maerz mars marco',
  'april apr aprile avril avr abril abr',
  'may maggio mag mai mayo maio',
  'june jun giugno giu juni juin junio junho',
  'july jul luglio lug juli juillet juil julio julho',
  'august aug agosto ago aout',
  'september sep sept settembre set septembre septiembre setiembre setembro',
  'october oct ottobre ott oktober okt octobre octubre outubro out',
  'november nov novembre noviembre novembro',
  'december dec dicembre dic dezember dez decembre diciembre dezembro',
]

/** Months by their names and abbreviations in six languages, folded; 1 is January. */
export const MONTHS: ReadonlyMap<string, number> = new Map(
  BY_NUMBER.flatMap((names, index) => names.split(' ').map((name): [string, number] => [name, index + 1])),
)

const ORDINALS: readonly string[] =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first'.split(
    ' ',
  )

/** Days of the month in words, folded. */
export const DAY_WORDS: ReadonlyMap<string, number> = new Map([
  ...ORDINALS.flatMap((word, index): [string, number][] => [
    [word, index + 1],
    [word.replace('-', ' '), index + 1],
  ]),
  ['primo', 1],
  ['premier', 1],
  ['ersten', 1],
  ['erster', 1],
  ['zweiten', 2],
  ['dritten', 3],
  ['primero', 1],
  ['primeiro', 1],
])

/** Zones in which 3/8 is 8 March. Everywhere else it is 3 August. */
export const MONTH_FIRST_ZONES =
  /^(?:US\/|America\/(?:New_York|Detroit|Chicago|Denver|Boise|Phoenix|Los_Angeles|Anchorage|Juneau|Sitka|Nome|Adak|Menominee|Indiana|Indianapolis|Kentucky|Louisville|North_Dakota|Puerto_Rico|St_Thomas)|Pacific\/(?:Honolulu|Guam))/
