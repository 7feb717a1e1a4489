/** Days of the week, 0 is Sunday, folded; the key `any` counts in every language. */
export const WEEKDAYS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  any: {
    sunday: 0,
    monday: 1,
    tuesday: 2,
    wednesday: 3,
    thursday: 4,
    friday: 5,
    saturday: 6,
    domenica: 0,
    lunedi: 1,
    martedi: 2,
    mercoledi: 3,
    giovedi: 4,
    venerdi: 5,
    sabato: 6,
    sonntag: 0,
    montag: 1,
    dienstag: 2,
    mittwoch: 3,
    donnerstag: 4,
    freitag: 5,
    samstag: 6,
    sonnabend: 6,
    dimanche: 0,
    lundi: 1,
    mardi: 2,
    mercredi: 3,
    jeudi: 4,
    vendredi: 5,
    samedi: 6,
    domingo: 0,
    lunes: 1,
    martes: 2,
    miercoles: 3,
    jueves: 4,
    viernes: 5,
    sabado: 6,
  },
  en: { sun: 0, mon: 1, tue: 2, tues: 2, wed: 3, weds: 3, thu: 4, thur: 4, thurs: 4, fri: 5, sat: 6, sundays: 0 },
  it: { dom: 0, lun: 1, mar: 2, mer: 3, gio: 4, ven: 5, sab: 6 },
  de: { sonntags: 0, montags: 1, freitags: 5, samstags: 6 },
  fr: { dim: 0, lun: 1, jeu: 4, ven: 5, sam: 6 },
  es: { dom: 0, lun: 1, jue: 4, vie: 5, sab: 6 },
}

/** Days counted from today. Folded text. The language is given where the word means something else in another. */
export const DAYS_FROM_TODAY: readonly (readonly [number, RegExp, string?])[] = [
  [
    2,
    /\b(?:the )?day after (?:tomorrow|tmrw|tmr)\b|\bovermorrow\b|\bdopodomani\b|\bubermorgen\b|\buebermorgen\b|\bapres[- ]demain\b|\bpasado manana\b/g,
  ],
  [1, /\b(?:tomorrow|tmrw|tmr|tmw|tomoz|2morrow|2moro|tomo)\b|\bdomani\b|\bdemain\b/g],
  [1, /(?<!guten |heute |am |jeden )\bmorgen\b/g, 'de'],
  [1, /(?<!(?:de|por|en|esta) (?:la )?)\bmanana\b/g, 'es'],
  [
    0,
    /\b(?:today|tonight|this (?:morning|afternoon|evening)|right now)\b|\boggi\b|\bstasera\b|\bstanotte\b|\bquesta sera\b|\bquesto pomeriggio\b|\bheute\b|\baujourd'?hui\b|\bce soir\b|\bcet apres[- ]midi\b|\bhoy\b|\besta (?:noche|tarde|manana)\b/g,
  ],
]

/** Words beside a weekday that move it to the week after this one. Folded; tested on what stands right before and after it. */
export const NEXT_BEFORE = /\b(?:next|prossim[oa]|nachste[rnm]?|naechste[rnm]?|proxim[oa])\s+$/
export const NEXT_AFTER = /^\s+(?:next|prossim[oa]|prochaine?|proxim[oa])\b/
export const NEXT_WEEK_AROUND =
  /\b(?:next week|(?:del)?la (?:prossima settimana|settimana prossima)|(?:la )?(?:prossima settimana|settimana prossima)|nachste[rn]? woche|kommende[rn]? woche|(?:de )?la semaine prochaine|semaine prochaine|(?:de )?la (?:proxima semana|semana que viene|semana proxima)|proxima semana|semana que viene)\b/
export const WEEK_LATER_AFTER = /^\s+(?:week|in una settimana|in einer woche|en huit)\b|^\s+in (?:a|one) week\b/
export const WEEK_LATER_BEFORE = /\b(?:a week (?:from|on)|week from|in una settimana da)\s+(?:this |next )?$/

/** Times that cannot be put on a day: the day has to be asked for. Folded text. */
export const VAGUE =
  /\b(?:next (?:week|month|year|summer|winter|spring)|(?:this|next|the|a) ?week-?end|some ?(?:time|day)|over the holidays|in the new year|flexible (?:on )?dates?|dates? (?:are |is )?flexible|prossima settimana|settimana prossima|prossimo mese|mese prossimo|(?:nel )?(?:fine settimana|weekend)|nachste[nr]? (?:woche|monat)|(?:am )?wochenende|semaine prochaine|mois prochain|(?:ce )?week-?end|semana que viene|proxima semana|proximo mes|mes que viene|fin de semana|asap|as soon as possible|soon|bald|presto|bientot|pronto)\b/

/** Feast days of a fixed date, folded. */
export const FEASTS: readonly (readonly [RegExp, month: number, day: number])[] = [
  [
    /\b(?:christmas eve|heiligabend|heilig abend|vigilia di natale|la vigilia|veille de noel|nochebuena|24 dicembre)\b/g,
    12,
    24,
  ],
  [
    /\b(?:christmas day|christmas|xmas day|xmas|weihnachten|erster weihnachtstag|(?:giorno di )?natale|(?:jour de )?noel|(?:dia de )?navidad)\b(?! (?:party|market|period|season|week|break|holidays?|eve))/g,
    12,
    25,
  ],
  [/\b(?:boxing day|santo stefano|zweiter weihnachtstag)\b/g, 12, 26],
  [
    /\b(?:new years? eve|new year's eve|nye|silvester|san silvestro|(?:l')?ultimo dell'anno|saint[- ]sylvestre|nochevieja|capodanno sera)\b/g,
    12,
    31,
  ],
  [/\b(?:new years? day|new year's day|neujahr|neujahrstag|capodanno|jour de l'an|nouvel an|ano nuevo)\b/g, 1, 1],
  [/\b(?:epiphany|epifania|befana|dreikonig\w*)\b/g, 1, 6],
  [/\b(?:valentine'?s(?: day)?|san valentino|valentinstag|saint[- ]valentin)\b/g, 2, 14],
  [/\b(?:4th of july|fourth of july|july 4th|july fourth|independence day)\b/g, 7, 4],
  [/\b(?:ferragosto)\b/g, 8, 15],
  [/\b(?:halloween)\b/g, 10, 31],
]

/** Words that are corrected when misspelt, with their language-free spelling. */
export const SPELLINGS: readonly string[] =
  'tomorrow tonight today sunday monday tuesday wednesday thursday friday saturday january february march april june july august september october november december domani dopodomani domenica lunedi martedi mercoledi giovedi venerdi sabato gennaio febbraio aprile maggio giugno luglio agosto settembre ottobre novembre dicembre sonntag montag dienstag mittwoch donnerstag freitag samstag januar februar oktober dezember ubermorgen demain dimanche lundi mardi mercredi jeudi vendredi samedi janvier fevrier decembre novembre domingo lunes martes miercoles jueves viernes sabado enero febrero diciembre noviembre octubre passengers people weekend christmas'.split(
    ' ',
  )

/** Day of the month alone: "on the 28th", "il 28", "am 28.", "le 28", "el 28". Folded text; group 1 or 2 is the day. */
export const DAY_OF_MONTH: Readonly<Record<string, RegExp>> = {
  en: /\b(?:on |by |for )?the (\d{1,2})(?:st|nd|rd|th)\b(?! (?:of|floor|time|leg|flight|option))|\bon (\d{1,2})(?:st|nd|rd|th)\b(?! of)/g,
  it: /\b(?:il|l'|per il|giorno|dal) (\d{1,2})\b(?! ?(?:[./:]|persone|passeggeri|pax))/g,
  de: /\b(?:am|den|zum|vom) (\d{1,2})\.(?! ?(?:\d|jan|feb|mar|apr|mai|jun|jul|aug|sep|okt|nov|dez))/g,
  fr: /\b(?:le|du|au|pour le) (\d{1,2})\b(?! ?(?:[./:h]|personnes|passagers|pax))/g,
  es: /\b(?:el|dia|el dia) (\d{1,2})\b(?! ?(?:[./:]|de |personas|pasajeros|pax))/g,
}

/** Times of day. Folded text. Groups: hour, minute, half (am, pm or a word for the afternoon). */
export const CLOCK_TIMES: readonly RegExp[] = [
  /\b(\d{1,2})[:.h](\d{2})\s*(am|pm|a\.m\.|p\.m\.|uhr|ore|h|hrs?|local|lt)?\b(?![./]\d)/g,
  /\b(\d{1,2})()\s*(am|pm|a\.m\.?|p\.m\.?)(?=\W|$)/g,
  /\b(\d{1,2})()\s*(?:uhr|o'?clock|h\b|heures?\b)\s*((?:nachmittags|abends|am nachmittag|am abend|du soir|de l'apres-midi|in the (?:afternoon|evening))?)/g,
  /\b(?:alle|dalle|verso le|per le|ore|a las|sobre las|hacia las|a la|um|gegen|ab|vers|a partir des)\s+(\d{1,2})(?:[:.](\d{2}))?\b(?!\s*(?:\.\s*\d|personen|persone|passagier\w*|passegg\w*|pax|personas|pasajeros|dezember|november|januar|leute|h\d|uhr|[./]))\s*((?:del pomeriggio|di sera|di pomeriggio|de la tarde|de la noche)?)/g,
  /\b(?:at|around|about|by|after|before|@)\s+(\d{1,2})(?::(\d{2}))?\b(?!\s*(?:pax|people|passengers|persons|adults|guests|of us|\$|k\b|th\b|st\b|nd\b|rd\b|hours|[./]\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)))\s*((?:in the (?:afternoon|evening)|tonight)?)/g,
]

/** Hours that have a name. Folded text. */
export const NAMED_TIMES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:noon|midday|mezzogiorno|mittags?|12 uhr mittags|midi|mediodia)\b/g, '12:00'],
  [/\b(?:midnight|mezzanotte|mitternacht|minuit|medianoche)\b/g, '00:00'],
]
