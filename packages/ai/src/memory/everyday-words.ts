import { LANGUAGE_WORDS } from '../text/language-words.ts'

/**
 * Words, without accents, in which two questions that mean the same may differ; beside those of `LANGUAGE_WORDS`. Leave out what
 * is also the name of a place (nice, reading, bath, split), and what two questions may hang on (dog, bag, invoice).
 */
const MORE_WORDS = `a an as so like well ill id hed shed theyre lets s d m t ll re ve ca wo ye oh ah
    one ones thing things way ways kind sort lot bit else even ever yet already really actually maybe perhaps possibly possible currently
    able use using used try trying tried ask asking asked question questions answer answers wonder wondering know knows find finding found
    look looking search searching show shows list give gives provide provides offer offers offered have having carry carries include includes
    included let lets lot allow allows allowed permit permitted mean means explain describe inform information info detail details
    go goes travel travelling traveling trip trips journey fly flying flown flight flights plane planes airplane airplanes aircraft jet jets
    cost costs costing pricing prices fare fares rate rates charge charges charged fee fees quotation quotations quotes estimate amount total
    available availability board onboard hour hours day days minute minutes
    person persons passenger passengers service services support assist assistance
    bring brings bringing take takes taking could would should might please kindly hear hello dear there here regarding concerning related
    required require requires requirement requirements necessary needed needs wants wanted wish wishes interested
    happen happens happened issue issues problem problems fix solve resolve do done make made makes making put set
    rule rules policy policies condition conditions term terms option options choice choices type types
    e o ed od in per no non l d c m s t v un nell dell all dall sull quest quell com dov quand mezz
    al col coi ne si sara saro sarebbe avrei avrebbe essendo avendo puoi potrei potrebbe potremmo dovrei dovrebbe vorrebbe
    modo maniera tipo cose qualche qualsiasi ogni altro altra altri altre certo certa proprio davvero forse magari circa
    sapere so sai sa sapete dire dimmi ditemi dirmi spiegare spiegarmi informazione informazioni dettaglio dettagli
    trovare trovo trova cercare cerco cerca vedere mostra mostrami mostrare elenco dare darmi dammi dai danno
    offrite offre offrire avete disponibile disponibili disponibilita esiste esistono possibile possibilita permesso consentito permette
    andare viaggio viaggi viaggiare volare volo voli aereo aerei velivolo velivoli jet
    costare costano costo costi costerebbe prezzi tariffa tariffe quota importo totale spesa spese pagare
    ora orario orari ore giorno giorni minuto minuti
    persona persone passeggero passeggeri servizio servizi assistenza bordo
    qual quali portare porto portiamo bisogno necessario necessaria serve servono vuole vogliono desidero desideriamo interessa interessato interessati
    domanda domande risposta risposte chiedere chiedo problema problemi risolvere regola regole condizione condizioni opzione opzioni
    favore cortesia gentilmente cortese signore signora egregi`

/** Everyday words of English and Italian. */
export const EVERYDAY_WORDS: ReadonlySet<string> = /* @__PURE__ */ (() =>
  new Set([MORE_WORDS, ...Object.values(LANGUAGE_WORDS)].flatMap((words) => words.split(/\s+/))))()

/** Words of which one may not stand for another of another line, nor for nothing. The words of a line mean the same here. */
const SENSES: Readonly<Record<string, string>> = {
  not: `not no non never none nobody nothing nowhere neither nor cannot without dont doesnt didnt cant couldnt wont wouldnt shouldnt isnt
    arent wasnt werent hasnt havent hadnt unable impossible unavailable forbidden prohibited banned mai nessuno nessuna nessun niente nulla
    senza neanche nemmeno neppure impossibile vietato vietata proibito proibita`,
  except: 'except excluding besides unless tranne eccetto escluso esclusa salvo meno',
  only: 'only solo soltanto solamente unicamente',
  morning: 'morning mornings mattina mattino stamattina',
  afternoon: 'afternoon afternoons pomeriggio',
  evening: 'evening evenings sera',
  night: 'night nights overnight notte',
  noon: 'noon midday mezzogiorno',
  midnight: 'midnight mezzanotte',
  weekend: 'weekend weekends',
  week: 'week weeks settimana settimane',
  month: 'month months monthly mese mesi',
  year: 'year years yearly anno anni',
  before: 'before prior prima',
  after: 'after following dopo',
  until: 'until till fino entro',
  since: 'since',
  next: 'next prossimo prossima prossimi prossime',
  last: 'last latest previous ultimo ultima scorso scorsa precedente',
  more: 'more over above exceed maggiore maggiori oltre',
  less: 'less fewer under below minore minori sotto',
  most: 'most maximum max massimo massima',
  least: 'least minimum min minimo minima',
  cheap: 'cheap cheaper cheapest economico economica economici',
  expensive: 'expensive costly costoso costosa caro cara',
  large: 'large larger largest big bigger biggest grande grandi',
  small: 'small smaller smallest piccolo piccola piccoli',
  fast: 'fast faster fastest quick quickest veloce veloci rapido',
  slow: 'slow slower slowest lento lenta',
  early: 'early earlier earliest presto anticipo',
  late: 'late later tardi ritardo delay delayed delays',
  new: 'new nuovo nuova nuovi nuove',
  old: 'old vecchio vecchia vecchi',
  arrive:
    'arrive arrives arrived arriving arrival arrivals land lands landing landed arrivare arriva arrivo arrivi atterrare atterra',
  depart: `depart departs departed departing departure departures leave leaves leaving left takeoff partire parte parto partenza partenze
    decollo decollare`,
  return: 'return returns returning round ritorno tornare',
  inbound: 'inbound incoming',
  outbound: 'outbound outgoing andata',
  book: 'book books booking bookings booked reserve reserved reservation reservations prenotare prenoto prenotazione prenotazioni prenotato',
  cancel: `cancel cancels canceled cancelled canceling cancelling cancellation cancellations cancellare cancello cancellazione annullare
    annullo annullamento disdire disdetta`,
  change:
    'change changes changed changing modify modified move moved reschedule cambiare cambio modificare modifica spostare',
  refund: 'refund refunds refunded refundable rimborso rimborsi rimborsare rimborsabile',
  confirm: 'confirm confirms confirmed confirmation confermare conferma confermato',
  pay: 'pay pays paid paying payment payments pagare pagamento pagamenti',
  buy: 'buy buys buying bought purchase comprare acquistare acquisto',
  sell: 'sell sells selling sold vendere vendita',
  open: 'open opens opening aprire apre aperto aperta apertura',
  close: 'close closes closing closed shut chiudere chiude chiuso chiusa chiusura',
  start: 'start starts starting begin begins beginning inizio iniziare inizia',
  stop: 'stop stops stopping end ends ending finish fine finire finisce',
  on: 'enable enabled enabling activate activated attivare attiva',
  off: 'off disable disabled disabling deactivate deactivated disattivare disattiva',
  add: 'add adds adding added insert aggiungere aggiungo',
  remove: 'remove removes removing removed delete deletes deleted rimuovere eliminare togliere',
  send: 'send sends sending sent inviare invio spedire mandare',
  receive: 'receive receives receiving received ricevere ricevo',
  increase: 'increase increases raise upgrade aumentare aumento',
  decrease: 'decrease decreases reduce downgrade ridurre riduzione diminuire',
  up: 'up',
  down: 'down giu',
  out: 'out',
  all: 'all every each everyone everybody always tutto tutta tutti tutte ogni ognuno sempre',
  some: 'some few somebody someone alcuni alcune qualche pochi poche',
  other: 'other others another else altro altra altri altre',
  own: 'mine yours ours theirs hers',
  hour: 'hour hours hourly ora ore orario orari',
  day: 'day days daily giorno giorni giornaliero',
  come: 'come comes coming came venire viene vieni venite vengo',
  they: 'they',
  them: 'them',
  he: 'he him his',
  she: 'she her',
  when: 'when quando',
  where: 'where dove',
  who: 'who whom whose chi',
  why: 'why perche xke xche',
  many: 'many quanti quante',
  long: 'long',
  far: 'far lontano',
  child: 'child children kid kids bambino bambina bambini',
  adult: 'adult adults adulto adulti',
}

export const SENSE_OF: ReadonlyMap<string, string> = /* @__PURE__ */ byWord(SENSES)

/** Numbers, weekdays and months in words, as they count as figures. */
const FIGURES: Readonly<Record<string, string>> = {
  2: 'two due couple',
  3: 'three tre',
  4: 'four quattro',
  5: 'five cinque',
  6: 'six sei',
  7: 'seven sette',
  8: 'eight otto',
  9: 'nine nove',
  10: 'ten dieci',
  11: 'eleven undici',
  12: 'twelve dodici dozen dozzina',
  13: 'thirteen tredici',
  14: 'fourteen quattordici',
  15: 'fifteen quindici',
  16: 'sixteen sedici',
  17: 'seventeen diciassette',
  18: 'eighteen diciotto',
  19: 'nineteen diciannove',
  20: 'twenty venti',
  30: 'thirty trenta',
  40: 'forty quaranta',
  50: 'fifty cinquanta',
  60: 'sixty sessanta',
  70: 'seventy settanta',
  80: 'eighty ottanta',
  90: 'ninety novanta',
  100: 'hundred hundreds cento',
  1000: 'thousand thousands mille mila',
  1000000: 'million millions milione milioni',
  half: 'half mezzo mezza',
  double: 'double twice doppio doppia',
  first: 'first primo',
  second: 'second secondo seconda',
  third: 'third terzo terza',
  fourth: 'fourth quarto quarta',
  today: 'today oggi',
  tomorrow: 'tomorrow domani',
  yesterday: 'yesterday ieri',
  tonight: 'tonight stasera stanotte',
  monday: 'monday mondays mon lunedi',
  tuesday: 'tuesday tuesdays tue tues martedi',
  wednesday: 'wednesday wednesdays wed mercoledi',
  thursday: 'thursday thursdays thu thurs giovedi',
  friday: 'friday fridays fri venerdi',
  saturday: 'saturday saturdays sabato',
  sunday: 'sunday sundays domenica',
  january: 'january jan gennaio',
  february: 'february feb febbraio',
  march: 'march marzo',
  april: 'april apr aprile',
  may: 'maggio',
  june: 'june jun giugno',
  july: 'july jul luglio',
  august: 'august aug agosto',
  september: 'september sep sept settembre',
  october: 'october oct ottobre',
  november: 'november nov novembre',
  december: 'december dec dicembre',
}

export const FIGURE_OF: ReadonlyMap<string, string> = /* @__PURE__ */ byWord(FIGURES)

/** What stands before the place where a way begins. */
export const FROM_WORDS: ReadonlySet<string> = /* @__PURE__ */ (() =>
  new Set('from departing leaving da dal dallo dalla dai dall von desde'.split(' ')))()

/** What stands between two places of a way. */
export const TO_WORDS: ReadonlySet<string> = /* @__PURE__ */ (() =>
  new Set('to into towards toward for verso per a ad al alla allo all nach hasta'.split(' ')))()

/** What each word of a table stands for. */
function byWord(table: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(table).flatMap(([form, words]) => words.split(/\s+/).map((word) => [word, form])))
}
