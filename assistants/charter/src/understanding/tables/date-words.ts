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
  de: { sonntags: 0, montags: 1, freitags: 5, samstags: 6, mo: 1, di: 2, mi: 3, do: 4, fr: 5, sa: 6, so: 0 },
  fr: { dim: 0, lun: 1, jeu: 4, ven: 5, sam: 6 },
  pt: {
    segunda: 1,
    terca: 2,
    quarta: 3,
    quinta: 4,
    sexta: 5,
    seg: 1,
    ter: 2,
    qua: 3,
    qui: 4,
    sex: 5,
    sab: 6,
    dom: 0,
  },
  es: { dom: 0, lun: 1, jue: 4, vie: 5, sab: 6 },
}

/** Days counted from today. Folded text. The language is given where the word means something else in another. */
export const DAYS_FROM_TODAY: readonly (readonly [number, RegExp, string?])[] = [
  [
    2,
    /\b(?:the )?day after (?:tomorrow|tmrw|tmr)\b|\bovermorrow\b|\bdopodomani\b|\bubermorgen\b|\buebermorgen\b|\bapres[- ]demain\b|\bpasado manana\b|\bdepois de amanha\b/g,
  ],
  [
    1,
    /\b(?:tomorrow|tmrw|tmr|tmw|tomoz|2morrow|2moro|tomo)\b|\bdomani\b|\bdomattina\b|\bdomani mattina\b|\bdemain\b|\bamanha\b/g,
  ],
  [1, /(?<!guten |heute |am |jeden )\bmorgen\b/g, 'de'],
  [1, /(?<!(?:de|por|en|esta) (?:la )?)\bmanana\b/g, 'es'],
  [
    0,
    /\b(?:today|tonight|this (?:morning|afternoon|evening)|right now)\b|\boggi\b|\bstasera\b|\bstanotte\b|\bquesta sera\b|\bquesto pomeriggio\b|\bheute\b|\baujourd'?hui\b|\bce soir\b|\bcet apres[- ]midi\b|\bhoy\b|\besta (?:noche|tarde|manana|noite)\b|\bhoje\b/g,
  ],
]

/** Words beside a weekday that move it to the week after this one, in English. Folded; tested on what stands right before it. */
export const NEXT_BEFORE = /\bnext\s+$/
export const NEXT_WEEK_AROUND =
  /\b(?:next week|(?:del)?la (?:prossima settimana|settimana prossima)|(?:la )?(?:prossima settimana|settimana prossima)|nachste[rn]? woche|naechste[rn]? woche|kommende[rn]? woche|(?:de )?la semaine prochaine|semaine prochaine|(?:de )?la (?:proxima semana|semana que viene|semana proxima)|(?:da |na )?(?:proxima semana|semana que vem)|proxima semana|semana que viene)\b/
export const WEEK_LATER_AFTER =
  /^\s+(?:week|in una settimana|in einer woche|en huit)\b(?! at)|^\s+in (?:a|one) week\b|^,? (?:the )?week after next\b/
/** "Two weeks from Friday": group 1 is the number. */
export const WEEKS_LATER_BEFORE = /\b(two|three|four|2|3|4) weeks (?:from|on)\s+(?:this |next |coming )?$/
export const WEEK_LATER_BEFORE =
  /\b(?:a week (?:from|on)|(?:one )?week from|in una settimana da|in einer woche am|heute in einer woche)\s+(?:this |next |coming )?$/
/** "in 8 days", "fra tre giorni": days from today. Group 1 is the number. Folded text. */
export const IN_DAYS =
  /\b(?:in|tra|fra|dans|en|dentro de|daqui a|em) (\d{1,2}|[a-z]+) (?:days?|giorni|tagen|jours|dias)\b(?! ?(?:later|dopo|spater))/g
/** "in two weeks", "a week from today", "heute in einer Woche". Group 1 is the number of weeks, absent for one. Folded text. */
/** Group 1 is the number of weeks. */
export const IN_SOME_WEEKS =
  /\b(?:in|tra|fra|dans|en|dentro de|daqui a|em) (a|one|two|three|four|una|due|tre|quattro|einer|zwei|drei|vier|une|deux|trois|quatre|dos|tres|cuatro|uma|duas|[1-8]) (?:weeks?|settiman[ae]|wochen?|semaines?|semanas?)\b(?! time)/g
export const IN_WEEKS =
  /\b(?:a week (?:from )?(?:today|now)|(?:today|tomorrow) week|oggi a otto|heute in einer woche)\b/g

/** What is put before a day to mean the one after or before it. Folded; tested on what stands right before it. */
export const DAY_AFTER_BEFORE =
  /\b(?:(?:the )?(?:day|morning) after|il giorno dopo|der tag nach|am tag nach|tag nach|le lendemain d[eu]|lendemain d[eu]|el dia (?:despues|siguiente) (?:de|a)|o dia (?:depois|seguinte) [dao]e?)\s+(?:of )?$/
export const DAY_BEFORE_BEFORE =
  /\b(?:(?:the )?(?:day|night) before|(?:on )?the eve of|il giorno prima di|der tag vor|am tag vor|la veille d[eu]|el dia antes de|la vispera de|o dia antes d[eo]|a vespera d[eo])\s+$/

/** Days counted from another day that was named: "two days later", "einen Tag früher". Group 1 is the number, absent for one. */
export const DAYS_LATER: readonly (readonly [sign: 1 | -1, unit: 1 | 7, RegExp])[] = [
  [
    1,
    1,
    /\b(?:(?:a |one |a single )|(\d{1,2}|two|three|four|five|six) )(?:days?|nights?) (?:later|after(?:wards)?)\b(?! (?:tomorrow|tmrw|[a-z]+mas|thanksgiving))/g,
  ],
  [-1, 1, /\b(?:(?:a |one )|(\d{1,2}|two|three|four|five|six) )(?:days?|nights?) (?:earlier|before|sooner)\b/g],
  [
    1,
    1,
    /\b(?:the |on the |il |al )?(?:next|following) day\b|\bthe day after(?=$|[?.!,;]| instead)|\bday after that\b|\bthe morning after\b/g,
  ],
  [-1, 1, /\b(?:the )?(?:day|night|evening|afternoon|morning) before(?=$|[?.!,;]| instead)|\bthe previous day\b/g],
  [
    1,
    7,
    /\b(?:(?:a |one )|(\d|two|three|four) )weeks? later\b|\bthe week after(?=$|[?.!,;])|\b(?:the |a )?following week\b|\bnext week instead\b|\bsame day the (?:week after|following week)\b/g,
  ],
  [-1, 7, /\b(?:(?:a |one )|(\d|two|three|four) )weeks? (?:earlier|before)\b/g],
  [
    1,
    1,
    /\b(?:un|(\d{1,2}|due|tre|quattro)) giorn[oi] (?:dopo|piu tardi)\b|\bil giorno (?:dopo|seguente|successivo)\b(?! (?:il|di|natale))|\bl'indomani\b/g,
  ],
  [-1, 1, /\b(?:un|(\d{1,2}|due|tre|quattro)) giorn[oi] prima\b|\bil giorno prima\b(?! di)/g],
  [
    1,
    1,
    /\b(?:einen?|(\d{1,2}|zwei|drei|vier)) tage? (?:spater|spaeter|danach|drauf)\b|\bam (?:nachsten|naechsten|folgenden) tag\b|\bam tag (?:danach|darauf)\b|\btags darauf\b/g,
  ],
  [
    -1,
    1,
    /\b(?:einen?|(\d{1,2}|zwei|drei|vier)) tage? (?:fruher|frueher|vorher|davor)\b|\bam (?:tag (?:davor|vorher)|vortag)\b/g,
  ],
  [
    1,
    7,
    /\b(?:eine|(\d|zwei|drei)) wochen? spater\b|\buna settimana (?:dopo|piu tardi)\b|\bune semaine (?:plus tard|apres)\b|\buna semana (?:despues|mas tarde)\b|\buma semana depois\b/g,
  ],
  [
    1,
    1,
    /\b(?:un|(\d{1,2}|deux|trois|quatre)) jours? (?:plus tard|apres)\b|\ble (?:lendemain|jour suivant|jour d'apres)\b(?! d[eu] )/g,
  ],
  [-1, 1, /\b(?:un|(\d{1,2}|deux|trois)) jours? (?:plus tot|avant)\b|\bla veille\b(?! d[eu] )|\ble jour d'avant\b/g],
  [
    1,
    1,
    /\b(?:un|um|(\d{1,2}|dos|tres|cuatro|dois|quatro)) dias? (?:despues|mas tarde|depois|mais tarde)\b(?! d[eo])|\b(?:el|al|o|no) dia (?:siguiente|despues|seguinte)\b(?! (?:de|a) )/g,
  ],
  [
    -1,
    1,
    /\b(?:un|um|(\d{1,2}|dos|tres|dois)) dias? (?:antes|mais cedo)\b(?! d[eo])|\b(?:el|o|no) dia (?:anterior|antes)\b(?! d[eo])/g,
  ],
]

/** Times that cannot be put on a day: the day has to be asked for. Folded text. */
export const VAGUE =
  /\b(?:next (?:week|month|year|summer|winter|spring)|(?:this|next|the|a) ?week-?end|some ?(?:time|day)|over the holidays|in the new year|flexible (?:on )?dates?|dates? (?:are |is )?flexible|prossima settimana|settimana prossima|prossimo mese|mese prossimo|(?:nel )?(?:fine settimana|weekend)|nachste[nr]? (?:woche|monat)|(?:am )?wochenende|semaine prochaine|mois prochain|(?:ce )?week-?end|semana que viene|proxima semana|proximo mes|mes que viene|fin de semana|asap|as soon as possible|soon|bald|presto|bientot|pronto|semana que vem|proximo mes|mes que vem|fim de semana|em breve)\b/

/** Feast days of a fixed date, folded. */
export const FEASTS: readonly (readonly [RegExp, month: number, day: number])[] = [
  [
    /\b(?:(?:christmas|xmas|x-mas) eve|heiligabend|heilig abend|vigilia di natale|la vigilia|veille de noel|nochebuena|vespera de natal)\b/g,
    12,
    24,
  ],
  [
    /\b(?:christmas day|christmas|xmas day|xmas|weihnachten|erster weihnachtstag|(?:giorno di )?natale|(?:jour de )?noel|(?:dia de )?navidad|dia de natal)\b(?! (?:party|market|period|season|week|break|holidays?|eve))/g,
    12,
    25,
  ],
  [/\b(?:boxing day|santo stefano|zweiter weihnachtstag)\b/g, 12, 26],
  [
    /\b(?:new years? eve|new year's eve|nye|silvester|san silvestro|(?:l')?ultimo dell'anno|saint[- ]sylvestre|nochevieja|reveillon|vespera de ano novo|capodanno sera)\b/g,
    12,
    31,
  ],
  [
    /\b(?:new years? day|new year's day|neujahr|neujahrstag|capodanno|jour de l'an|nouvel an|ano nuevo|ano novo)\b/g,
    1,
    1,
  ],
  [/\b(?:epiphany|epifania|befana|dreikonig\w*)\b/g, 1, 6],
  [/\b(?:valentine'?s(?: day)?|san valentino|valentinstag|saint[- ]valentin)\b/g, 2, 14],
  [/\b(?:4th of july|fourth of july|july 4th|july fourth|independence day)\b/g, 7, 4],
  [/\b(?:ferragosto)\b/g, 8, 15],
  [/\b(?:halloween)\b/g, 10, 31],
  [/\b(?:st\.? patrick'?s(?: day)?|saint patrick'?s(?: day)?)\b/g, 3, 17],
  [/\b(?:cinco de mayo)\b/g, 5, 5],
  [/\b(?:veterans day|armistice day|armistice|11 novembre)\b/g, 11, 11],
  [/\b(?:juneteenth)\b/g, 6, 19],
  [/\b(?:all saints(?: day)?|ognissanti|(?:la )?toussaint|allerheiligen|todos los santos|todos os santos)\b/g, 11, 1],
  [/\b(?:l'immacolata|immacolata|la inmaculada)\b/g, 12, 8],
  [/\b(?:tag der deutschen einheit)\b/g, 10, 3],
  [/\b(?:bastille day|quatorze juillet|fete nationale)\b/g, 7, 14],
  [
    /\b(?:tag der arbeit|festa del lavoro|fete du travail|dia del trabajo|dia do trabalho|labou?r day \(1 may\)|may day)\b/g,
    5,
    1,
  ],
  [/\b(?:(?:festa della )?liberazione)\b/g, 4, 25],
  [/\b(?:festa della repubblica)\b/g, 6, 2],
  [/\b(?:dia de reyes|reyes)\b/g, 1, 6],
]

/** Feast days on a certain weekday of a month: month, weekday (0 is Sunday), which one (-1 is the last), days added. Folded text. */
export const MOVING_FEASTS: readonly (readonly [RegExp, month: number, weekday: number, nth: number, plus: number])[] =
  [
    [/\bthanksgiving(?: day)?\b(?! (?:break|week|weekend|holidays?))/g, 11, 4, 4, 0],
    [/\bblack friday\b/g, 11, 4, 4, 1],
    [/\bmemorial day\b(?! weekend)/g, 5, 1, -1, 0],
    [/\blabou?r day\b(?! weekend)/g, 9, 1, 1, 0],
    [/\b(?:mlk|martin luther king)(?: jr\.?)? day\b/g, 1, 1, 3, 0],
    [/\bpresident.?s.? day\b(?! week)/g, 2, 1, 3, 0],
    [/\bcolumbus day\b/g, 10, 1, 2, 0],
    [/\b(?:mother.?s day|muttertag|festa della mamma)\b/g, 5, 0, 2, 0],
    [/\bfather.?s day\b/g, 6, 0, 3, 0],
  ]

/** Feast days counted from Easter Sunday. Folded text. */
export const EASTER_FEASTS: readonly (readonly [RegExp, days: number])[] = [
  [/\b(?:good friday|karfreitag|venerdi santo|vendredi saint|viernes santo|sexta-feira santa)\b/g, -2],
  [/\b(?:maundy thursday|grundonnerstag|jueves santo)\b/g, -3],
  [/\b(?:easter monday|ostermontag|pasquetta|lunedi dell'angelo|lundi de paques|lunes de pascua)\b/g, 1],
  [
    /\b(?:easter sunday|easter|ostersonntag|ostern|pasqua|(?:dimanche de )?paques|domingo de (?:pascua|resurreccion)|domingo de pascoa|pascoa)\b(?! (?:week|break|holidays?|weekend|ferien|monday))/g,
    0,
  ],
  [/\b(?:ascension(?: day)?|christi himmelfahrt|himmelfahrt|ascensione|jeudi de l'ascension)\b/g, 39],
  [/\b(?:whit sunday|pentecost|pfingstsonntag|pfingsten|pentecoste|pentecote)\b/g, 49],
  [/\b(?:whit monday|pfingstmontag|lundi de pentecote)\b/g, 50],
  [/\b(?:fronleichnam|corpus christi|corpus domini)\b/g, 60],
]

/** "The first Monday of December", "the last Friday in November". Folded text; groups: which, weekday, month (absent: this or the next one). */
export const LAST_DAY =
  /\b(?:the )?last day of (this|the|next) month\b|\b(?:l')?ultimo giorno del (?:prossimo )?mese\b|\bletzter? tag (?:des|dieses) monats\b|\b(?:le )?dernier jour du mois\b|\b(?:el )?ultimo dia (?:del|do) mes\b/g
export const NTH_WEEKDAY =
  /\b(?:the )?(first|second|third|fourth|last|1st|2nd|3rd|4th) (sunday|monday|tuesday|wednesday|thursday|friday|saturday) (?:of|in)(?: the)? (next month|this month|month|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b/g

/** Words that are corrected when misspelt, with their language-free spelling. */
export const SPELLINGS: readonly string[] =
  'tomorrow tonight today sunday monday tuesday wednesday thursday friday saturday january february march april june july august september october november december domani dopodomani domenica lunedi martedi mercoledi giovedi venerdi sabato gennaio febbraio aprile maggio giugno luglio agosto settembre ottobre novembre dicembre sonntag montag dienstag mittwoch donnerstag freitag samstag januar februar oktober dezember ubermorgen demain dimanche lundi mardi mercredi jeudi vendredi samedi janvier fevrier decembre novembre domingo segunda terca quarta quinta sexta amanha lunes martes miercoles jueves viernes sabado enero febrero diciembre noviembre octubre passengers people weekend christmas'.split(
    ' ',
  )

/** Day of the month alone: "on the 28th", "il 28", "am 28.", "le 28", "el 28". Folded text; a group is the day. */
export const DAY_OF_MONTH: Readonly<Record<string, RegExp>> = {
  en: /\b(\d{1,2})(?:st|nd|rd|th)\b(?= ?(?:to|-|–|until|through|thru|and|or) ?(?:the )?\d)|\bthe (\d{1,2})(?:st|nd|rd|th)\b(?! (?:of|floor|time|leg|flight|option|birthday|anniversary))|\b(?:on|for|by|meant|not|back|return(?:ing)?|and|or|to|leaving) (\d{1,2})(?:st|nd|rd|th)\b(?! (?:of|floor|birthday|anniversary))|^\W*(\d{1,2})(?:st|nd|rd|th)\W*$|\b(?:on|for|by|until|till|make (?:that|it)|not|meant|to|back|or|and|leaving|returning|sorry|say) the ((?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)\b(?! (?:one|option|leg|flight|aircraft|jet|offer|quote|plane|time|half|class|two|three|of))/g,
  it: /\b(?:il|l'|per il|giorno|dal|al|del) ?(\d{1,2})\b(?! ?(?:[./:]|persone|passegg|pax|%|mila|posti|ore))/g,
  de: /\b(?:am|den|zum|vom|der|bis|ab dem) (\d{1,2})(?:\.|ten\b)(?! ?(?:\d|jan|feb|mar|apr|mai|jun|jul|aug|sep|okt|nov|dez))/g,
  fr: /\b(?:le|du|au|pour le) (\d{1,2})\b(?! ?(?:[./:h]|personnes|passagers|pax|%))/g,
  es: /\b(?:el|dia|al|del) (\d{1,2})\b(?! ?(?:[./:]|de |personas|pasajeros|pax|%))/g,
  pt: /\b(?:dia|no dia|ao?|do) (\d{1,2})\b(?! ?(?:[./:h]|de |pessoas|passageiros|pax|%))/g,
}

const HOUR =
  '(\\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|una|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|eins|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|elf|zwolf|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|duas|quatro|sete|oito|dez)'
const LATE =
  '(nachmittags|abends|am nachmittag|am abend|du soir|de l.apres-midi|in the (?:afternoon|evening)|at night|tonight|del pomeriggio|di sera|di pomeriggio|de la tarde|de la noche|da tarde|da noite|pm|p\\.m\\.?|am|a\\.m\\.?)?'
const NOT_A_TIME =
  '(?! ?(?:pax|people|ppl|passengers?|persons?|adults?|guests?|of us|hours|days|nights|weeks|am see|personen|persone|passagier|passegg|personas|pasajeros|personnes|passagers|pessoas|passageiros|leute|\\$|€|k\\b|%|th\\b|st\\b|nd\\b|rd\\b|jan|feb|mar\\b|march|apr|may\\b|jun|jul|aug|sep|oct|nov|dec|dicembre|gennaio|dezember|januar|de (?:ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic|jan|mai|set|out|dez)))(?![./]\\d|\\.\\d)'

/** Times of day. Folded text. Groups: hour, minute, and a word that puts it in one half of the day. */
export const CLOCK_TIMES: readonly RegExp[] = [
  // 14:30, 9.30 Uhr, 14h30
  new RegExp(`(?<![\\d.])(\\d{1,2})[:h](\\d{2})\\s*(?:uhr|ore|h|hrs?|local|lcl|lt|l)?\\s*${LATE}\\b(?![./]\\d)`, 'g'),
  /(?<![\d./])(\d{1,2})\.(\d{2})\s*(am|pm|uhr|ore|h|hrs)\b/g,
  // 1400 LCL, 0900L, ETD 1400
  /\b([01]\d|2[0-3])([0-5]\d)\s*(?:l|lt|lcl|loc|local|z|utc|hrs?|h|uhr|ore)\b/g,
  /\b(?:etd|std|dep(?:arture|arting|art)?|departs?|off blocks|wheels up|slot|out|back|return|inbound|at|@|um|alle|a las|as)\s*:?\s*(?:at )?([01]\d|2[0-3])([0-5]\d)\b(?!\s*(?:pax|people|usd|eur|\$))/g,
  // ..., 0900, ...
  /(?<=[,;@] ?|\b(?:mon|tue|wed|thu|fri|sat|sun)\w*,? |\/\d{1,2},? |\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|today|tomorrow)[a-z]*\.? (?:\d{1,2}(?:st|nd|rd|th)?,? )?)([01]\d|2[1-3])([0-5][05])(?=$|[ ,;.)-])(?! ?(?:usd|eur|\$|pax|people|km|nm|lbs?|kg))/g,
  // h 9.30
  /\bh\.? ?(\d{1,2})(?:[.:](\d{2}))?\b/g,
  // half past nine, quarter to ten
  new RegExp(`\\b(half past|half) ${HOUR}\\b ?${LATE}`, 'g'),
  new RegExp(`\\b(quarter past|quarter to|viertel nach|viertel vor|halb) ${HOUR}\\b ?${LATE}`, 'g'),
  // 9am, nine pm
  new RegExp(`\\b${HOUR}()\\s*(am|pm|a\\.m\\.?|p\\.m\\.?|a|p)(?=[\\s,.;!?)]|$)(?! (?:few|little|lot|couple))`, 'g'),
  // 630pm
  /\b(\d{1,2})(\d{2})\s*(am|pm)\b/g,
  // 9 Uhr, 9h, nine o'clock
  new RegExp(`\\b${HOUR}()\\s*(?:uhr|o'?clock|ish|h\\b|heures?|horas?)\\s*${LATE}`, 'g'),
  // alle 9, um 9, a las 9, at 9
  new RegExp(
    `\\b(?:alle|dalle|verso le|per le|ore|a las|sobre las|hacia las|desde las|a la|um|gegen|ab|vers|a partir des|as|pelas)\\s+${HOUR}(?:[:.h](\\d{2})|( e mezz[ao]| y media| et demie| e meia| e un quarto| y cuarto))?\\b${NOT_A_TIME}\\s*${LATE}`,
    'g',
  ),
  new RegExp(
    `\\b(?:at|around|about|after|@|circa|leave|leaving|departing|etd)\\s+(?:about |around )?${HOUR}(?:[:.](\\d{2})|( thirty| fifteen))?\\b${NOT_A_TIME}\\s*${LATE}`,
    'g',
  ),
]

/** Hours that have a name. Folded text. */
export const NAMED_TIMES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:noon|midday|mezzogiorno|mittags?|12 uhr mittags|midi|mediodia|meio[- ]dia)\b/g, '12:00'],
  [/\b(?:midnight|mezzanotte|mitternacht|minuit|medianoche|meia[- ]noite)\b/g, '00:00'],
]
