/** Job titles as Apollo spells them, by what people write (folded, as one alternation). */
export const TITLES: readonly (readonly [string, string])[] = [
  [
    'executive assistant',
    'executive assistants?|exec(?:utive)? assts?|exec assistants?|eas?(?= to\\b| at\\b| in\\b| of\\b| for\\b)|executive asistants?|excutive assistants?|assistenti? (?:di direzione|esecutiv[oi]|personali? del? (?:ceo|presidente))|chefsekretar\\w*|vorstandsassisten\\w*|vorstandssekretar\\w*|assistent(?:innen|in|en)? der geschaftsfuhrung|assistantes? de direction|assistants? de direction|asistentes? ejecutiv[oa]s?|asistentes? de direccion|assistentes? executiv[oa]s?|secretari[oa]s? de direccion|direktionsassisten\\w*|assistenz der geschaftsfuhrung',
  ],
  [
    'personal assistant',
    'personal assistants?|pas(?= to\\b| at\\b| in\\b| of\\b| for\\b)|assistenti? personal[ei]|personliche[nr]? assistent\\w*|assistante?s? personnel(?:le)?s?|asistentes? personal(?:es)?',
  ],
  ['chief of staff', 'chiefs? of staff|capo di gabinetto|stabschef\\w*|jefes? de gabinete'],
  [
    'chief executive officer',
    'ceos?|chief executives?(?: officers?)?|amministrator[ei] delegat[oi]|consejer[oa]s? delegad[oa]s?|diretor(?:es|as)?[- ]executiv[oa]s?|pdg|president[es]*[- ]directeurs? general|vorstandsvorsitzende\\w*',
  ],
  [
    'chief financial officer',
    'cfos?|chief financial officers?|finance chiefs?|(?:direttor[ei]|direttric[ei]) finanziari[oaei]?|direttor[ei] finanziar[oi]|finanzvorstand\\w*|finanzchefs?|directeurs? financiers?|directrices? financieres?|diretor(?:es|as|a)? financeir[oa]s?|director(?:es|as?)? financier[oa]s?|daf',
  ],
  ['chief operating officer', 'coos?|chief operating officers?|direttor[ei] operativ[oi]'],
  [
    'chief technology officer',
    'ctos?|chief technology officers?|chief technical officers?|direttor[ei] tecnic[oi]|directeurs? techniques?',
  ],
  ['chief marketing officer', 'cmos?|chief marketing officers?|direttor[ei] marketing'],
  ['chief information officer', 'cios?|chief information officers?'],
  ['chief procurement officer', 'cpos?|chief procurement officers?'],
  ['chief investment officer', 'chief investment officers?'],
  [
    'managing director',
    'managing directors?|mds(?= at\\b| in\\b| of\\b)|geschaftsfuhrer(?:innen|in|n)?|geschaeftsfuehrer\\w*|direttor[ei] general[ei]|directeurs? generaux|directeurs? general|director(?:es)? general(?:es)?|gerentes? generales?|diretor(?:es|as|a)? ger(?:al|ais)|gerentes? ger(?:al|ais)',
  ],
  ['general manager', 'general managers?|gms'],
  [
    'founder',
    'founders?|co-?founders?|fondator[ei]|grunder(?:innen|in|n)?|fondateurs?|fundador(?:es|as|a)?|startup founders?',
  ],
  [
    'owner',
    'owners?|business owners?|proprietar[io]|inhaber\\w*|proprietaires?|propietari[oa]s?|proprietari[oa]s?|donos?|donas?|due[nñ]os?',
  ],
  ['president', 'presidents?|presidenti?|prasident\\w*'],
  ['chairman', 'chairm[ae]n|chairwom[ae]n|chairpersons?|chairs? of the board'],
  [
    'travel manager',
    'travel managers?|(?:runs|handles|manages|books|organi[sz]es|arranges|responsible for|in charge of|looks after|heads|coordinates|oversees|book|handle|arrange|manage) (?:the |their |executive |corporate |company |business )*travel|corporate travel managers?|travel coordinators?|responsabil[ei] viaggi|travel manager aziendal[ei]|reisemanager\\w*|reiseverantwortliche\\w*|responsables? (?:des )?voyages?|responsables? de viajes|gestor(?:es)? de viajes|leiter reisemanagement',
  ],
  ['head of travel', '(?:global )?heads? of (?:corporate )?travel|travel heads?'],
  ['director of travel', 'travel directors?|directors? of travel'],
  ['office manager', 'office managers?'],
  ['event manager', 'event managers?|events managers?|event planners?|eventmanager\\w*|responsabil[ei] eventi'],
  ['tour manager', 'tour managers?'],
  ['family office manager', 'family office (?:managers?|directors?|heads?)'],
  [
    'procurement manager',
    'procurement managers?|purchasing managers?|einkaufsleiter\\w*|responsabil[ei] acquisti|responsables? (?:des )?achats|(?:responsables?|jef[ea]s?|directora?(?:es)?|gerentes?) de compras|responsaveis de compras|einkaufschefs?',
  ],
  ['general counsel', 'general counsels?'],
  ['investor', 'investors?|angel investors?|investitori|investoren'],
  ['managing partner', 'managing partners?'],
  ['partner', '(?<!managing |my |business )partners?(?= at\\b| in\\b| of\\b)'],
  ['hotel manager', 'hotel managers?'],
  ['flight department manager', 'flight department managers?|directors? of aviation|chief pilots?'],
  [
    'human resources director',
    'hr directors?|human resources (?:directors?|managers?|heads?)|heads? of (?:hr|human resources)|hr heads?|personalleiter\\w*|drh|direttor[ei] (?:del personale|risorse umane)',
  ],
  [
    'marketing director',
    'marketing directors?|directors? of marketing|heads? of marketing|marketingleiter\\w*|directeurs? marketing|director(?:es|as?)? de marketing|directrices? marketing|diretor(?:es|as|a)? de marketing',
  ],
  [
    'sales director',
    'sales directors?|directors? of sales|heads? of sales|vertriebsleiter\\w*|direttor[ei] (?:commercial[ei]|vendite)|directeurs? commercia(?:l|ux)|director(?:es)? comercial(?:es)?|director(?:es)? de ventas|diretor(?:es|as|a)? (?:comercia(?:l|is)|de vendas)',
  ],
]

/** Titles that follow a pattern: kept as written, in the singular. */
export const TITLE_PATTERN =
  /\b((?:senior |global |corporate |regional )*(?:heads?|directors?|vps?|vice presidents?|svps?|evps?|managers?|leads?) of (?!the |a |my )[a-z]+(?: (?:and|&) [a-z]+| (?:operations|relations|development|affairs|services|management|resources|planning|partnerships))?)\b/g

/** A trade with people's usual nouns: "wealth managers", "film producers". Kept as written, in the singular. Folded text. */
export const TRADE_PATTERN =
  /\b((?!(?:for|the|of|at|find|me|and|to|from|all|some|any|our|your|more|jet|charter|aircraft|flight|department|top|senior|these|those|what|which|who|are|with|in|on)\b)[a-z-]+ (?:managers|directors|officers|planners|agents|producers|brokers|advisors|advisers|consultants|lawyers|attorneys|architects|surgeons|buyers|coordinators|recruiters|engineers|developers|designers|analysts|secretaries|concierges|promoters|coaches|scouts|bookers|editors|curators|chefs|trustees|principals|executives|bankers|traders|investors|dealers|collectors|hosts|organi[sz]ers|fundraisers|strategists|controllers|treasurers|comptrollers|accountants|auditors|scientists|researchers))\b|\b(concierges|producers|promoters|attorneys|lawyers|surgeons|recruiters|secretaries|philanthropists|trustees|board members|influencers|athletes|sports agents|talent agents)\b(?= (?:in|at|from|of|for|working|who|based)\b)/g

/** Groups of people by seniority, in Apollo's words. */
export const SENIORITIES: readonly (readonly [string, string])[] = [
  [
    'c_suite',
    'c-?suite|c[- ]levels?|c-?level execs?|c-?level executives?|top executives?|senior executives?|top managers?|top management|executives?(?! assist| jets?| travel)|execs?(?! assist)|dirigenti|fuhrungskrafte|dirigeants?|ejecutiv[oa]s?(?! asist)|directivos|vorstande?',
  ],
  ['vp', 'vps?|vice[- ]presidents?|svps?|evps?'],
  ['director', 'directors?|direttori|direktor(?:en)?|directeurs|directores|diretor(?:es|as|a)?'],
  ['head', 'department heads?|abteilungsleiter\\w*'],
  ['manager', 'managers?'],
  ['founder', 'founders?|co-?founders?'],
  ['owner', 'owners?'],
]
