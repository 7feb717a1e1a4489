/** Number words, folded. `a`/`one` words that are also articles are left out: they count only where a pattern asks for them. */
export const NUMBER_WORDS: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  eighteen: 18,
  twenty: 20,
  dozen: 12,
  'a dozen': 12,
  'half a dozen': 6,
  uno: 1,
  due: 2,
  tre: 3,
  quattro: 4,
  cinque: 5,
  sei: 6,
  sette: 7,
  otto: 8,
  nove: 9,
  dieci: 10,
  undici: 11,
  dodici: 12,
  quindici: 15,
  venti: 20,
  'una decina': 10,
  'una decina di': 10,
  'una dozzina': 12,
  'una dozzina di': 12,
  eins: 1,
  ein: 1,
  eine: 1,
  einen: 1,
  zwei: 2,
  zwo: 2,
  drei: 3,
  vier: 4,
  funf: 5,
  fuenf: 5,
  sechs: 6,
  sieben: 7,
  acht: 8,
  neun: 9,
  zehn: 10,
  elf: 11,
  zwolf: 12,
  zwoelf: 12,
  'ein dutzend': 12,
  'zu zweit': 2,
  'zu dritt': 3,
  'zu viert': 4,
  'zu funft': 5,
  'zu fuenft': 5,
  'zu sechst': 6,
  'zu siebt': 7,
  'zu acht': 8,
  'zu neunt': 9,
  'zu zehnt': 10,
  un: 1,
  une: 1,
  deux: 2,
  trois: 3,
  quatre: 4,
  cinq: 5,
  sept: 7,
  huit: 8,
  neuf: 9,
  dix: 10,
  onze: 11,
  douze: 12,
  quinze: 15,
  vingt: 20,
  'une dizaine': 10,
  'une dizaine de': 10,
  'une douzaine': 12,
  'une douzaine de': 12,
  dos: 2,
  tres: 3,
  cuatro: 4,
  cinco: 5,
  seis: 6,
  siete: 7,
  ocho: 8,
  nueve: 9,
  diez: 10,
  once: 11,
  doce: 12,
  'una docena': 12,
  'una docena de': 12,
  'una decena': 10,
  'una decena de': 10,
  'a couple': 2,
  'a couple of': 2,
  'una coppia': 2,
  'una pareja': 2,
  'un couple': 2,
  'ein paar': 2,
}

/** A number of people written with its noun. `N` stands for a number; the first group is the number. Folded text. */
export const PASSENGER_NOUNS =
  'pax|paxs|passengers?|passangers?|pasengers?|passenegers?|people|ppl|peeps|persons?|pers|adults?|guests?|of us|travell?ers?|seats?|heads|execs|executives flying|colleagues and me|persone|passegger[io]|adulti|ospiti|viaggiatori|posti|personen|passagieren?|passagiere|leuten?|gaste|gasten?|erwachsenen?|reisenden?|platze|mann|personnes?|passagers?|adultes?|voyageurs?|places|invites|personas?|pasajeros?|adultos?|plazas|viajeros|gente'

/** Nouns of children and others that are added to the adults. */
export const EXTRA_NOUNS =
  'kids?|children|child|infants?|toddlers?|bambin[ioa]|figli|neonat[io]|kindern?|kind|babys?|babies|enfants?|bebes?|ninos?|ninas?|hijos'

/** Other ways to say how many. `N` stands for a number. */
export const PASSENGER_PHRASES: readonly string[] = [
  '(?:party|group|family|team|crew|bunch) (?:of|o) N',
  "(?:we are|we're|we will be|we'll be|were|there are|there will be|there'll be|there's|it's|its|it is|it'll be|that's) (?:just |only |now |going to be |actually |about |around )*N(?= *(?:$|[.,;!?)]|in total|total|of us|flying|travell?ing|now|this time|altogether|and |this|with|from|to\\b|on\\b))",
  '(?:make it|make that|change (?:it |that |the \\w+ )?to|now|bump (?:it )?(?:up )?to|up it to|say|actually|actually it.s) N(?= *(?:$|[.,;!?]|instead|of us|this|please|now))',
  '(?:siamo|saremo|saremmo|in tutto|siamo in|saremo in|gruppo di|famiglia di|viaggiamo in|partiamo in|voliamo in) (?:in |circa )?N',
  '(?:wir sind|wir waren|wir werden|wir fliegen|sind wir|gruppe von|familie mit|fliegen wir|zu|insgesamt) (?:jetzt |nur |etwa |doch |ca\\.? )*N(?! *(?:uhr|euro|prozent))',
  '(?:nous sommes|nous serons|on est|on sera|on serait|nous serions|sommes|groupe de|famille de|serons|en tout) (?:a |environ |en fait |finalement )*N',
  '(?:somos|seremos|seriamos|seremos unos|somos unos|grupo de|familia de|vamos|viajamos|iremos) N',
]

/** A bare "for N": a number of people only when nothing follows that makes it something else. */
export const FOR_PHRASES: readonly string[] = ['for N', 'x N', 'per N', 'fur N', 'fuer N', 'pour N', 'para N']

/** What may not follow a bare "for N". */
export const NOT_PEOPLE =
  '(?! *(?:am\\b|pm\\b|:|h\\b|hrs?|hours?|days?|nights?|weeks?|months?|minutes?|min\\b|years?|o.?clock|uhr|ore|giorni|notti|settimane|stunden|tage|nachte|wochen|heures|jours|nuits|semaines|horas|dias|noches|semanas|%|\\$|€|k\\b|usd|eur|euros?|dollars|legs?|trips?|flights?|aircraft|jets?|planes|quotes?|options|bags|dogs?|companies|prospects|leads|contacts|st\\b|nd\\b|rd\\b|th\\b|[./-]\\d|january|february|march|april|may|june|july|august|september|october|november|december|dec|nov|jan|feb|dicembre|gennaio|dezember|januar|decembre|janvier|diciembre|enero|de (?:dic|ene)|\\d))'

/** Named companions: "me and my wife". Each entry: pattern of folded text and how many it makes. */
export const COMPANIES: readonly (readonly [RegExp, number])[] = [
  [
    /\b(?:just|only) (?:me|myself)\b|\bon my own\b|\btravell?ing alone\b|\bflying (?:solo|alone)\b|\bsolo (?:traveller|traveler|passenger)\b|\bjust the one\b|\bsolo io\b|\bda sol[oa]\b|\bviaggio sol[oa]\b|\bnur ich\b|\bich alleine?\b|\balleine?\b|\bjuste moi\b|\bmoi seule?\b|\bseulement moi\b|\btout seul\b|\bsolo yo\b|\byo sol[oa]\b|\bviajo sol[oa]\b/,
    1,
  ],
  [
    /\b(?:me|myself|i) (?:and|&|\+|plus|with) (?:my |the )?(?:wife|husband|partner|girlfriend|boyfriend|spouse|boss|son|daughter|mother|father|mom|dad|brother|sister|colleague|assistant|friend|fiancee?|business partner|mum|client|ceo|one other|a friend|a colleague)\b/,
    2,
  ],
  [
    /\bmy (?:wife|husband|partner|girlfriend|boyfriend|spouse|boss|son|daughter|mother|father|brother|sister|colleague|assistant|friend|fiancee?|business partner|mum|mom|dad|client|ceo) (?:and|&) (?:i|me|myself)\b/,
    2,
  ],
  [/\b(?:the |just the )two of us\b|\bjust us two\b|\bwe two\b|\bboth of us\b/, 2],
  [/\b(?:io e (?:mia|mio) \w+|(?:mia|mio) \w+ ed? io|noi due|in due)\b/, 2],
  [/\b(?:ich und meine?n? \w+|meine?n? \w+ und (?:ich|mich)|mich und meine?n? \w+|wir zwei|wir beide)\b/, 2],
  [/\b(?:moi et (?:ma|mon) \w+|(?:ma|mon) \w+ et moi|nous deux|a deux)\b/, 2],
  [/\b(?:yo y mi \w+|mi \w+ y yo|nosotros dos|los dos)\b/, 2],
]

/** "me plus three", "myself and two colleagues": the number said and the speaker. */
export const SPEAKER_PLUS: readonly string[] = [
  '(?:me|myself|i) (?:and|plus|\\+|&|with) (?:my |another )?N(?: (?:others?|more|colleagues?|friends?|kids|children|people|guests|clients|partners|sons|daughters|of my \\w+|team))?',
  '(?:io e|io piu|io con) (?:altri |altre |i miei )?N',
  '(?:ich und|ich plus|ich mit) (?:meine |meinen |noch )?N',
  '(?:moi et|moi plus|moi avec) (?:mes )?N',
  '(?:yo y|yo mas|yo con) (?:mis )?(?:otros )?N',
]
