/** Words before a place that say which end of a leg it is, by language. Compared with folded text. */
export const FROM_WORDS: Readonly<Record<string, readonly string[]>> = {
  en: [
    'from',
    'out of',
    'leaving',
    'leaving from',
    'departing',
    'departing from',
    'depart',
    'ex',
    'starting in',
    'starting from',
    'based in',
    "i'm in",
    'we are in',
    "we're in",
    'i am in',
    'leave',
    'pick up in',
    'pickup in',
    'fm',
    'frm',
    'form',
    'origin',
    'departure',
  ],
  it: [
    'da',
    'dal',
    'dalla',
    "dall'",
    'dall',
    'dallo',
    'dai',
    'partenza da',
    'partendo da',
    'partenza',
    'in partenza da',
  ],
  de: ['von', 'ab', 'aus', 'vom', 'abflug', 'abflug von', 'abflug in', 'start in'],
  fr: ['de', 'depuis', 'du', "d'", 'd', 'au depart de', 'depart de', 'depart', 'au depart d', 'partant de'],
  pt: ['de', 'do', 'da', 'desde', 'saindo de', 'partindo de', 'saida de', 'partida de'],
  es: ['de', 'desde', 'del', 'saliendo de', 'salida de', 'salida desde', 'salgo de', 'salida'],
}

export const TO_WORDS: Readonly<Record<string, readonly string[]>> = {
  en: [
    'to',
    'into',
    'towards',
    'toward',
    'for',
    'bound for',
    'headed to',
    'heading to',
    'arriving in',
    'arriving at',
    'arrive in',
    'visit',
    'reach',
    'ot',
    'destination',
    'then',
    'onto',
    'on to',
    'onwards to',
    'then on to',
    'then to',
    'and then',
  ],
  it: ['a', 'ad', 'al', 'alla', "all'", 'all', 'verso', 'per', 'fino a', 'destinazione', 'poi', 'poi a'],
  de: ['nach', 'bis', 'zu', 'zum', 'zur', 'richtung', 'gen', 'bis nach', 'dann', 'dann nach', 'weiter nach', 'ziel'],
  fr: ['a', 'vers', 'pour', 'au', 'aux', "jusqu'a", 'jusqu a', 'destination', 'puis', 'ensuite', 'puis a'],
  pt: ['a', 'para', 'pra', 'pro', 'ate', 'ao', 'rumo a', 'para o', 'pro o', 'destino', 'depois'],
  es: ['a', 'hasta', 'hacia', 'para', 'al', 'destino', 'luego a', 'despues a', 'luego'],
}

/** Words before a place where the aircraft stops on the way. */
export const VIA_WORDS: readonly string[] = [
  'via',
  'uber',
  'with a stop in',
  'with a stop at',
  'a stop in',
  'stop in',
  'stopping in',
  'stopping at',
  'stopover in',
  'tech stop in',
  'passando per',
  'pasando por',
  'en passant par',
  'con scalo a',
  'mit zwischenstopp in',
  'avec escale a',
  'con escala en',
  'com escala em',
]

/** Words that mean "to" or only "about": "a jet for Nice", "a quote for Nice - London". */
export const WEAK_TO_WORDS: readonly string[] = ['for', 'per', 'pour', 'fur', 'fuer', 'para']

/** Words before a place that say where something is; the start of a leg when the other end is known. */
export const AT_WORDS: readonly string[] = [
  'in',
  'at',
  'near',
  'around',
  'en',
  'im',
  'bei',
  'pres de',
  'vicino a',
  'cerca de',
]

/** Says that it is flown there and back, wherever it stands. Folded text. */
export const ROUND_TRIP_WORDS =
  /\b(?:round ?-?trips?|there and back|r\/t|rt\b|return (?:trip|flight|charter|journey)|a\/r|andata e ritorno|andata\/ritorno|hin und (?:zuruck|ruck)\w*|hin-? ?und ?-?ruckflug|aller-?\s?retour|aller et retour|ida y vuelta|ida e volta)\b/g

/** Says that the last leg is flown back, when it stands after a place. Folded text. */
export const RETURN_WORDS =
  /\b(?:and back|& back|way back|back (?:from there|home)|return(?:ing|s)?(?! (?:to (?:me|us)|of|my call|your|the call|call|policy|on investment)\b)|(?:come|coming|came|flying|fly|get|getting|heading|head|going|go|be) (?:back|home)(?! (?:on (?:arfq|rfq|my)|to (?:me|us)|with)\b)|inbound|back (?:on|the|again|in|at|same|next|around|by|\d+\w*)|back (?:sun|mon|tue|wed|thu|fri|sat|tomorrow|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|back,|ritorno|rientro|rientrando|tornando|tornare|torniamo|torno|ruckflug|ruckreise|zuruck|retour|revenir|revenant|revient|rentrer|rentrant|rentre|vuelta|regres(?:o|ando|ar|amos)|volviendo|volver|volvemos|volta|voltando|voltar|voltamos|retorno|regresso|regressando)\b/g

/** Asks for the way back alone. Folded text. */
export const ONLY_BACK =
  /\b(?:only|just|solo|soltanto|nur|seulement|juste|so|apenas|solamente)\b.{0,24}\b(?:way back|return|inbound|ritorno|ruckflug|ruckweg|retour|vuelta|regreso|volta|regresso)\b|\b(?:way back|return|inbound|ritorno|ruckflug|retour|vuelta|volta) (?:only|alone|leg only|flight only)\b/

/** Says that nothing is flown back. */
export const ONE_WAY_WORDS =
  /\b(?:one[- ]?way|no return|solo andata|sola andata|nur hinflug|einfach(?:er)? flug|ohne ruckflug|aller simple|sans retour|solo ida|sin vuelta|so ida|somente ida|sem volta|don't need (?:a |the )?return|not returning|(?:skip|drop|cancel|forget|remove|lose|scrap|no|leave out) (?:the |a |our )?(?:return|way back|inbound|return leg|ritorno|retour|vuelta|volta)|without (?:a |the )?return)\b/

/** Swaps the ends of the trip. Folded text. */
export const REVERSE_WORDS =
  /\b(?:(?:the )?other way (?:a?round)|in reverse|(?:the )?reverse(?:d)?(?: it| route| direction| trip)?|opposite (?:direction|way)|al contrario|viceversa|vice versa|umgekehrt|andersherum|(?:dans )?l'autre sens|(?:en )?sens inverse|al reves|a la inversa|ao contrario)\b/

/** Says that all legs are flown on one day. */
export const SAME_DAY_WORDS =
  /\b(?:same (?:day|evening|night|afternoon|morning)|day ?trip|there and back|in giornata|stesso giorno|am selben tag|am gleichen tag|selber tag|tagesausflug|meme jour|dans la journee|mismo dia|en el dia|later that day|that (?:night|evening)|that same (?:evening|night|day)|la sera stessa|mesmo dia|no proprio dia|bate e volta|(?:back|return\w*|rientro|ritorno|tornando|zuruck|retour|vuelta|regreso|volta) (?:in |on |la |el |the |le |am |a |por |por la |de |da |that |same |later )*(?:evening|serata|sera|abend|abends|soir|noche|noite))\b/

/** Letters in capitals that are never an airport among flights, whatever IATA says. */
export const NEVER_CODES: ReadonlySet<string> = new Set(
  'pax jet vip etd eta rfq asap usd eur gbp lcl loc utc est pst cet apt dep arr req qty ceo cfo coo'.split(' '),
)

/** Place names that are also everyday words: they count only with a capital letter or after a word of direction. */
export const EVERYDAY_NAMES: ReadonlySet<string> = new Set(
  'eagle rifle bend marathon stuart kos dole elba goa maun brest wilmington madison salem nice como la split cork porto bari reading mobile orange rio avon lech sion vineyard hamptons sf dc capri faro bath essen tours nancy van bar male island best same date party jackson jordan sofia bergen rom sal reagan kennedy hobby midway centennial addison republic orly jersey hollywood berne vienne hailey carmel georgetown lome sale vichy salt sion linz tivat lucca date cali ica'.split(
    ' ',
  ),
)

/** Letters that are an airport's code and also a word of the language: they count only in capitals, among codes or after a word of direction. */
export const CODE_LOOKALIKES: Readonly<Record<string, ReadonlySet<string>>> = {
  any: words(
    'was for and can sun the are you not but all any get has had her him his how its may new now off old one our out own per put say see she six ten too try two use via way who why yes yet day man men big bad end far few got let lot mad max min net non nor nov oct dec jan feb mar apr jun jul aug sep mon tue wed thu fri sat set sit son sum tea tie top van war win won add ago aim air art ask bar bed bet bid bit box boy bus buy car cat cut dad die dry due eat egg eye fat fee fit fix fly fun gas god guy hit hot ice ill job key kid law lay led leg lie lip log low map met mix mom oil pay pen pet pop pot raw red rid row run sad sea sex shy sir ski sky tax tip tom toy wet zoo est pm am asap pax jet vip ceo cfo coo cto cmo cio eas pas hr rfq gmt utc cet edt pst usd eur gbp same',
  ),
  it: words(
    'una uno con del dei che chi fra sia mio mia tuo suo noi voi gli nel sul dal qua qui due tre sei ore tot poi dom lun mer gio ven sab sao sto',
  ),
  de: words(
    'der das den dem des ein und von mit bei aus auf ich sie wir ihr uns nur wer wie wen wem zum zur tag uhr ist hat bin bis mai mal nun vor vier acht neun ber',
  ),
  fr: words(
    'les des une aux sur est ont mes tes ses nos vos lui moi toi que ete pas peu mai dim jeu sam cet ces vol par',
  ),
  es: words('los las del con por sin mis tus sus que hay muy mas una uno dos mil dia mes ayer vez voy ida hoy'),
  pt: words('dos das uma com por sem meu sua que dia mes vez vou ida sao tem mil mas nos'),
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/))
}
