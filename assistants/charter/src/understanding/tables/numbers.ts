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
  zweit: 2,
  dritt: 3,
  viert: 4,
  funft: 5,
  fuenft: 5,
  sechst: 6,
  siebt: 7,
  neunt: 9,
  zehnt: 10,
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
  um: 1,
  uma: 1,
  dois: 2,
  duas: 2,
  quatro: 4,
  sete: 7,
  oito: 8,
  dez: 10,
  doze: 12,
  'meia duzia': 6,
  'uma duzia': 12,
  'uma dezena': 10,
  'mezza dozzina': 6,
  'media docena': 6,
  'ein halbes dutzend': 6,
  'une demi-douzaine': 6,
  'a couple': 2,
  'a couple of': 2,
  'una coppia': 2,
  'una pareja': 2,
  'un couple': 2,
  'ein paar': 2,
}

/** Nouns that count everybody on board. Folded text. */
export const TOTAL_NOUNS =
  'x pax|pax|humans?|bodies|paxs|pasx|passengers?|passangers?|pasengers?|passenegers?|people|peopel|poeple|ppl|peeps|persons?|pers|of us|seats?|heads|souls(?: on board)?|sob|travell?ers?|fliers|flyers|persone|passegger[io]|viaggiatori|posti|personen|passagieren?|passagiere|leuten?|reisenden?|platze|mann|personnes?|passagers?|voyageurs?|places|personas?|pasajeros?|plazas|viajeros|gente|pessoas?|passageiros?|lugares|viajantes'

/** Nouns that count some of those on board; several of them in one message add up. Folded text. */
export const MEMBER_NOUNS =
  'adults?|guests?|girls?|boys?|guys|gals|lads|ladies|gents|gentlemen|men|women|friends?|mates|buddies|pals|golfers?|skiers?|snowboarders|riders|players?|athletes|musicians?|artists?|dancers|actors|models|piece bands?|crew(?: ?members?)?|staff(?:ers)?|team ?mates|team members?|members?|bankers|lawyers|attorneys|doctors|surgeons|nurses|engineers|clients?|colleagues?|coworkers|co-workers|partners|investors|relatives|siblings|cousins|brothers|sisters|sons|daughters|grandparents|parents|students|executives|execs|bridesmaids|groomsmen|hunters|fishermen|divers|bodyguards?|security(?: guards?)?|assistants?|nann(?:y|ies)|seniors|teens?|teenagers|vips?|adulti|ospiti|amic(?:i|he)|ragazz[ie]|collegh[ie]|soci|golfisti|sciatori|uomini|donne|dirigenti|manager|gaste|gasten?|erwachsenen?|freunden?|freundinnen|kollegen|kolleginnen|golfer|golfern|skifahrern?|madels|jungs|herren|damen|mitarbeitern?|manner|frauen|adultes?|invites|amis?|amies|collegues|filles|garcons|golfeurs|skieurs|hommes|femmes|collaborateurs|adultos?|huespedes|invitados|amig[oa]s|colegas|chic[oa]s|golfistas|esquiadores|hombres|mujeres|directivos|ejecutivos|convidados|homens|mulheres|socios'

/** Nouns of children; they add to the adults. Folded text. */
export const EXTRA_NOUNS =
  'kids?|kiddos|children|child|infants?|toddlers?|newborns?|teenage (?:sons|daughters|kids)|bambin[ioae]|figli[oae]?|neonat[io]|kindern?|kind|babys?|babies|bimb[ioae]|enfants?|bebes?|ninos?|ninas?|hij[oa]s?|criancas?|filhos?|filhas?'

/** Other ways to say how many. `N` stands for a number. */
export const PASSENGER_PHRASES: readonly string[] = [
  '(?:party|group|family|team|crew|bunch|delegation|band) (?:of|o) (?:about |around )?N',
  '(?:sorry|no wait|wait|i mean|i meant|actually|correction|scratch that|rather|anzi|nein|non|perdon|pardon|digo|alias|quer dizer)[, ]+(?:it.s |its |there(?:.s| are| will be) |we.re |we are |make (?:it|that) |siamo in |wir sind |nous sommes |on est |somos )*N',
  "(?:we are|we're|we will be|we'll be|were|there are|there will be|there'll be|there's|it's|it will be|it is|that'll be|that makes|its|it is|it'll be|that's) (?:just |only |now |going to be |actually |about |around )*N(?= *(?:$|[.,;!?)]|in total|total|of us|flying|travell?ing|now|this time|altogether|and |this|with|from|to\\b|on\\b))",
  '(?:make it|make that|change (?:it |that |the \\w+ )?to|now|bump (?:it )?(?:up )?to|up it to|say|actually|actually it.s) N(?= *(?:$|[.,;!?]|instead|of us|this|please|now))',
  '(?:siamo|saremo|saremmo|siamo diventati|siamo ora|diventiamo|in tutto|siamo in|saremo in|gruppo di|famiglia di|viaggiamo in|partiamo in|voliamo in) (?:in |circa )?N',
  '(?:wir sind|wir waren|wir werden|wir fliegen|sind wir|gruppe von|familie mit|fliegen wir|zu|insgesamt) (?:jetzt |nur |etwa |doch |ca\\.? )*N(?! *(?:uhr|euro|prozent))',
  '(?:nous sommes|nous serons|on est|on sera|on serait|nous serions|sommes|groupe de|famille de|serons|en tout) (?:a |environ |en fait |finalement )*N',
  '(?:somos|seremos|seriamos|seremos unos|somos unos|grupo de|familia de|vamos|viajamos|iremos|estamos em|estaremos em|vamos em|somos em) (?:ahora |agora |unos |uns )?N',
  '(?:make it|make that|change (?:it |that |the \\w+ )?to|update to|facciamo|facciamo in|diventiamo|mach|mache|machen sie|mettez|mets|pon|ponga|ponha|faz|que sean|que sejam) (?:daraus )?N',
  '(?:up|down|now|jetzt|ora|maintenant|ahora|agora) (?:to )?N(?= *(?:$|[.,;!?]))',
]

/** A bare "for N": a number of people only when nothing follows that makes it something else. */
export const FOR_PHRASES: readonly string[] = [
  'w/ ?N',
  'for (?:just |only |about |around |a party of )*N',
  'x N',
  'with N',
  'per N',
  'per circa N',
  'in N',
  'fur N',
  'fuer N',
  'pour N',
  'a N',
  'para N',
  'para unos N',
]

/** What may not follow a bare "for N". */
export const NOT_PEOPLE =
  '(?! *(?:grupo|gruppo|gruppe|groupe|group|familia|famiglia|familie|famille|am\\b|pm\\b|:\\d|h\\b|hrs?|hours?|days?|nights?|weeks?|months?|minutes?|min\\b|years?|o.?clock|uhr|ore|giorni|notti|settimane|stunden|tage|nachte|wochen|heures|jours|nuits|semaines|horas|dias|noches|semanas|%|\\$|€|k\\b|usd|eur|euros?|dollars|legs?|trips?|flights?|aircraft|jets?|planes|quotes?|options|bags|dogs?|companies|prospects|leads|contacts|st\\b|nd\\b|rd\\b|th\\b|[./-]\\d|january|february|march|april|may|june|july|august|september|october|november|december|dec|nov|jan|feb|dicembre|gennaio|dezember|januar|decembre|janvier|diciembre|enero|de (?:dic|ene)|\\d))'

/** The speaker as one of those who fly: "me and …", "… and I". Folded text. */
export const SPEAKER =
  /\b(?:me|myself|io|ich|moi|yo|eu)(?: (?:and|plus|with|e|ed|und|mit|plus|et|avec|y|con|mais|com)\b|,| ?[+&])|\bi(?: and|(?:'m| am| will be) (?:flying|travel?ling|going) with| (?:plus|and)| \+)|(?:\b(?:and|plus|e|ed|und|et|y)|[+&]) ?(?:me|myself|i|io|ich|moi|yo|eu)\b|\bmy (?:wife|husband|partner) and i\b/

/** One companion named by what he is to the speaker. Folded text. */
export const COMPANION =
  /\b(?:my|our|the|his|her|mia|mio|meine?n?|ma|mon|mi|minha|meu|a|one|another|un altro|un'altra|noch ein|un autre|otr[oa]|la mia|il mio|o meu|a minha) (?:[a-z]+ )?(?:wife|husband|partner|girlfriend|boyfriend|spouse|boss|son|daughter|mother|father|mom|mum|dad|brother|sister|colleague|assistant|friend|fiancee?|client|ceo|cfo|nanny|pa|lawyer|cousin|uncle|aunt|grandmother|grandfather|moglie|marito|compagn[oa]|figli[oa]|madre|padre|fratello|sorella|collega|assistente|amic[oa]|capo|cliente|frau|mann|partnerin|freundin?|tochter|sohn|mutter|vater|bruder|schwester|kollege|kollegin|chef|chefin|assistentin|femme|mari|compagne|compagnon|fille|fils|mere|pere|frere|soeur|collegue|assistante?|ami|amie|patron|mujer|esposa|marido|esposo|novi[oa]|hij[oa]|hermano|hermana|colega|asistente|amig[oa]|jef[ea]|mae|pai|filh[oa]|irmao|irma|mulher|namorad[oa]|chefe)\b/g

/** One person named by what he is, not to the speaker. Folded text. */
export const CHIEF =
  /\b(?:the|my|our|a|one|il|la|der|die|le|el|o) (?:\w+ )?(?:ceo|cfo|coo|boss|chairman|chairwoman|client|customer|owner|president|principal|director|artist|singer|captain|founder|patient|bride|groom|minister|ambassador|executive|manager|coach|vip|presidente|cliente|titolare|kunde|chef|geschaftsfuhrer|patron|proprietaire|jefe|dueno|chefe|dono)\b|\b(?:mom|mum|mother(?!.?s day)|dad|father(?!.?s day)|grandma|grandpa|grandmother|grandfather|granny|nanny|mamma|nonna|nonno|mutter|vater|maman|mama|abuela|abuelo|mae|pai)\b/g

/** Ways to say one or two without a number. Folded text. */
export const FIXED_COUNTS: readonly (readonly [RegExp, number])[] = [
  [
    /\b(?:just|only) (?:me|myself)\b|\bon my own\b|\b(?:travell?ing|flying|going|travels?|flies|fly) (?:alone|solo)\b|\bby myself\b|\b(?:just|only) (?:him|her|the (?:boss|ceo|chairman|owner))\b|\bsolo (?:traveller|traveler|passenger|flyer)\b|\bjust the one\b|\bsol[oa] io\b|\bda sol[oa]\b|\bviaggio sol[oa]\b|\bsono sol[oa]\b|\bnur ich\b|\bich (?:fliege|reise|bin) alleine?\b|\balleine?\b|\b(?:juste|seulement|que) moi\b|\bmoi seule?\b|\btoute? seule?\b|\b(?:voyage|pars|part|vole) seule?\b|\breist alleine?\b|\bviaggia sol[oa]\b|\bviaja sol[oa]\b|\bsolo yo\b|\byo sol[oa]\b|\b(?:viajo|voy) sol[oa]\b|\b(?:so|apenas|somente) eu\b|\b(?:viajo|vou) sozinh[oa]\b|\bsozinh[oa]\b/,
    1,
  ],
  [
    /\b(?:the |just the )two of us\b|\bjust us two\b|\bus two\b|\bwe two\b|\bboth of us\b|\bthe pair of us\b|\bme and (?:one|another|someone) (?:other|else|more)\b|\bnoi due\b|\bin due\b|\bwir (?:zwei|beide)\b|\bnous deux\b|\ba deux\b|\bnosotros dos\b|\blos dos\b|\bnos dois\b|\bos dois\b|\ba dois\b|\bplus one\b|\b(?:the |a )?(?:pair|duo|twosome)(?: of us)?\b|\bme ?\+ ?1\b/,
    2,
  ],
  [/\b(?:threesome|trio|the three of us)\b/, 3],
  [/\b(?:foursome|quartet|fourball)\b/, 4],
]

/** "me plus three": a number right after the speaker, with or without a noun. `N` stands for the number. Folded text. */
export const SPEAKER_PLUS: readonly string[] = [
  '(?:the|my|our|il|la|der|die|le|el|mi|o|a) [a-z]+ (?:and|plus|e|ed|und|et|y) N (?:others?|more|altri|altre|andere|weitere|autres|otros|mas|outros)',
  '(?:me|myself|i) (?:and|plus|\\+|&|with) (?:my |another |other )?N',
  '(?:io e|io piu|io con) (?:altri |altre |i miei |le mie )?N',
  '(?:ich und|ich plus|ich mit) (?:meine |meinen |noch )?N',
  '(?:moi et|moi plus|moi avec) (?:mes )?N',
  '(?:yo y|yo mas|yo con) (?:mis )?(?:otros )?N',
  '(?:eu e|eu mais|eu com) (?:meus |minhas |mais )?N',
]

/** Says that those named after it are already counted. Folded text. */
export const ALREADY_COUNTED =
  /\b(?:including|includes|include|incl|inc|inclusive|of (?:which|whom|them)|counting|among them|one of them|di cui|compres[oiae]|inclus[oiae]|tra cui|davon|darunter|inklusive|inkl|einschliesslich|dont|y compris|compris|de los cuales|de ellos|incluid[oa]s?|incluyendo|contando|dos quais|inclu(?:indo|ido|ida)s?)\b/

/** The speaker goes along: "I want to fly … with 3 friends". Folded text; tested on what stands before the number. */
export const SPEAKER_WITH =
  /\b(?:i|i'm|i'd|quiero|quisiera|querria|desearia|necesito|me gustaria|voy|vorrei|voglio|devo|mi serve|mi servirebbe|ho bisogno|ich|je|j'ai|quero|queria|preciso|gostaria|my name)\b(?!.*\bwe\b).*\b(?:with|w\/?|con|mit|avec|com) (?:my |mis |i miei |le mie |meinen |mes |meus |other |altri |otros )?$/

/** More people than were said before: "plus two kids", "one more", "my wife is coming too". `N` stands for the number. Folded text. */
export const MORE_PEOPLE: readonly string[] = [
  '^\\W*(?:oh )?(?:and |also |ok |e |und |et |y )*(?:plus|add|adding|another|also|with|piu|aggiungi|dazu|zusatzlich|plus|mas|anade|mais|adicione) N (?:more |other |altri |weitere |autres |mas |mais )?[a-z]+\\W*(?:please|too|as well)?\\W*$',
  '\\bN (?:more|extra|additional|other|altri|altre|weitere|autres|mas|mais)(?: (?:people|person|passengers?|pax|guests?|persone|passeggeri|personen|passagiere|personnes|passagers|personas|pasajeros|pessoas|passageiros))?(?! (?:options?|aircraft|jets?|quotes?|prospects?|names?))\\b',
]

/** Fewer people than were said before: "one less", "my sister isn't coming". `N` stands for the number. Folded text. */
export const FEWER_PEOPLE: readonly string[] = [
  '\\bN (?:less|fewer|people less|fewer (?:people|passengers?)|in meno|weniger|de moins|menos|a menos)\\b',
  '\\b(?:minus|drop|without|remove|lose) N (?:of us|people|persons?|passengers?|pax|guests?)?\\b',
  '\\bN (?:of (?:us|them)|people|passengers?|guests?) (?:(?:can.?t|cannot|won.?t|isn.?t|aren.?t|is not|are not) (?:come|coming|make it|making it|join)|dropped out|cancell?ed|drop(?:ped|s)? out|(?:is|are) out)',
]

/** Says that somebody named does not come. Folded text. */
export const STAYS_BEHIND =
  /\b(?:(?:isn.?t|is not|not|won.?t be|can.?t) (?:coming|come|joining|join|make it|making it)|dropped out|drops out|stays? (?:home|behind)|cancell?ed|non viene|kommt (?:doch )?nicht mit|ne vient pas|no viene|nao vem)\b/

/** The sum, said in so many words: "10 in total". `N` stands for the number. Folded text. */
export const IN_TOTAL: readonly string[] = [
  '\\bN (?:in total|total|in all|altogether|all told|in tutto|in totale|insgesamt|gesamt|en tout|au total|en total|no total|ao todo)\\b',
  '\\b(?:total(?: of| passengers| pax)?|altogether|in tutto|insgesamt|en tout|en total|ao todo)[: ]+N\\b',
]

/** Two people named by one word. Folded text. */
export const PARENTS =
  /\b(?:my|our|his|her|i miei|i nostri|meine|unsere|mes|nos|mis|nuestros|meus|os meus) (?:parents|grandparents|in-?laws|genitori|nonni|suoceri|eltern|grosseltern|beaux-parents|padres|suegros|pais|sogros)\b/g

/** Children by the dozen's other words. Folded text. */
export const MULTIPLES: readonly (readonly [RegExp, number])[] = [
  [/\b(?:twins|gemelli|zwillinge|jumeaux|jumelles|gemelos|gemelas|mellizos|gemeos)\b/, 2],
  [/\b(?:triplets|drillinge|triples|trillizos|trigemeos)\b/, 3],
]

/** What a number may count that is nobody: "2 dogs", "3 bags", "4 hours". Singular or plural, folded. */
export const NOBODY =
  /^(?:dogs?|cats?|pets?|horses?|puppies|labradors?|retrievers?|bags?|suitcases?|cases?|pieces?|sets?|clubs?|skis?|boards?|bikes?|bicycles?|guitars?|cellos?|instruments?|boxes|crates|hours?|hrs?|days?|nights?|weeks?|months?|years?|minutes?|mins?|legs?|stops?|stopovers?|flights?|trips?|jets?|planes?|aircraft|options?|quotes?|offers?|times?|miles?|km|kms|nm|kg|kgs|lbs?|pounds?|kilos?|dollars?|euros?|bucks|usd|eur|gbp|k|m|pm|am|th|st|nd|rd|stars?|rooms?|beds?|tables?|tickets?|companies|firms|contacts?|leads?|prospects?|names?|results?|entries|percent|degrees?|feet|ft|inch(?:es)?|engines?|pilots?|seaters?|class|tonnes?|tons?|cani|gatti|valigie|bagagli|ore|giorni|notti|settimane|minuti|tappe|soste|hunde?|katzen?|koffer|stunden?|tage|nachte|wochen|minuten|uhr|chiens?|chats?|valises?|bagages?|heures?|jours?|nuits?|semaines?|escales?|perros?|gatos?|maletas?|horas?|dias?|noches?|semanas?|escalas?|malas?|cachorros?|noites?|december|january|february|march|april|may|june|july|august|september|october|november|dec|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dezember|januar|dicembre|gennaio|decembre|janvier|diciembre|enero|dezembro|janeiro|[a-z]{1,2}|mon|tue|wed|thu|fri|sat|sun|minus|plus|to|from|on|at|in|and|or|for|the|next|this|with|per|da|a|il|di|von|nach|am|de|le|la|el|para|por|com|noon|local|lcl|ret|return|return\w*|one|way)$/
