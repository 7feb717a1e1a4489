import type { Intent } from '../types.ts'

/** A sign of an intent: folded text that fits the pattern speaks for it with this weight. */
export interface Sign {
  readonly intent: Intent
  readonly weight: number
  readonly pattern: RegExp
}

const sign = (intent: Intent, weight: number, pattern: RegExp): Sign => ({ intent, weight, pattern })

/** Signs of each intent in the five languages. Strong ones weigh 3 or more and beat any two weak ones. */
export const SIGNS: readonly Sign[] = [
  // A trip.
  sign(
    'search-aircraft',
    2,
    /\b(?:jets?|charters?|charter(?:ed|ing)|private (?:flight|jet|plane|aircraft)s?|aircraft|planes?|airplanes?|flights?|fly|flying|flown|lift|wheels[- ]up|one[- ]way|round ?-?trip|empty leg|turboprops?|helicopters?)\b/,
  ),
  sign('search-aircraft', 2, /\b(?:volo|voli|aereo|aerei|volare|jet privat[oi]|noleggi\w+|elicottero)\b/),
  sign(
    'search-aircraft',
    2,
    /\b(?:flug|fluge|fluege|flugzeuge?|privatjets?|fliegen|privatflug|hinflug|ruckflug|maschine)\b/,
  ),
  sign('search-aircraft', 2, /\b(?:vols?|avions?|voler|affreter|jets? prives?|decoller)\b/),
  sign('search-aircraft', 2, /\b(?:vuelos?|avion|aviones|volar|jets? privados?|alquil\w+|fletar)\b/),
  sign(
    'search-aircraft',
    1,
    /\b(?:get|go|going|travel(?:l?ing)?|trip|take (?:us|me)|need to be in|heading|head to|route|itinerary|pax|passengers?|how much|price|cost|options|andare|viaggio|viaggiare|quanto costa|prezzo|reisen?|kostet|preis|aller|voyage|partir|combien|prix|viajar?|viaje|ir a|cuanto|precio|availab\w+|disponibil\w+|verfugbar\w*|disponib\w+|passeggeri|personen|passagers|pasajeros)\b/,
  ),

  sign(
    'search-aircraft',
    2,
    /\b(?:voos?|aviao|avioes|aeronaves?|jat(?:o|inho)s?|voar|fretar|fretamento|helicoptero|taxi aereo)\b/,
  ),
  sign(
    'search-aircraft',
    1,
    /\b(?:viagem|viajar|ir para|quanto custa|preco|disponi\w+|passageiros|pessoas|vom|preciso ir|chegar)\b/,
  ),

  // The fleet.
  sign(
    'list-fleet',
    4,
    /\b(?:(?:your|the|our|their|operator'?s?|whole|entire) fleet|fleet (?:list|overview|of|at|in|based)|list (?:of )?(?:all )?(?:the |your |available )?(?:\w+ )?(?:\w+[ -])?(?:aircraft|jets|planes|tails|turboprops|helicopters)|(?:what|which) (?:kind of |types? of |sort of |other )?(?:\w+[ -]){0,3}(?:aircraft|jets|planes|tails|turboprops|helicopters) (?:do|are|does|have|can) (?:you|they|there|we|it|based|available|[a-z]+ (?:have|operate|fly))|(?:aircraft|jets?|planes?|tails?|turboprops?|helicopters?) (?:are |is )?(?:based|home-?based|stationed|parked|available) (?:at|in|near|around)|show (?:me )?(?:all )?(?:the |your )?(?:\w+[ -]){0,2}(?:fleet|aircraft|jets|planes|turboprops)|do you have (?:any )?(?:\w+[ -]){0,2}(?:jets|aircraft|planes|turboprops|gulfstreams?|globals?|citations?|phenoms?)|tails? (?:based|at|in)|who (?:operates|flies) (?:\w+ )?(?:jets|aircraft|globals|gulfstreams))\b/,
  ),
  sign(
    'list-fleet',
    4,
    /\b(?:(?:la |vostra |tutta la )flotta|(?:che|quali|quanti) (?:aerei|jet|velivoli) (?:avete|ci sono|disponibili|sono|con base|basati)|elenco (?:degli? |dei )?(?:aerei|jet|velivoli|flotta)|elenca\w* (?:\w+ )?(?:aerei|jet)|(?:aerei|jet|velivoli) (?:\w+ )?(?:basati|di base|con base|di stanza))\b/,
  ),
  sign(
    'list-fleet',
    4,
    /\b(?:(?:eure?|ihre|die|deine|gesamte) flotte|welche (?:\w+ )?(?:flugzeuge|jets|maschinen)|flottenliste|flottenubersicht|(?:jets|flugzeuge|maschinen) (?:\w+ )?(?:stationiert|stehen|habt ihr|haben sie))\b/,
  ),
  sign(
    'list-fleet',
    4,
    /\b(?:(?:votre|la|toute la) flotte|quels? (?:\w+ )?(?:avions|jets|appareils) (?:\w+ )?(?:avez|sont|bases?|disponibles|proposez)|liste des (?:avions|jets|appareils)|(?:avions|jets|appareils) (?:\w+ )?bases)\b/,
  ),
  sign(
    'list-fleet',
    4,
    /\b(?:(?:su|la|vuestra|toda la) flota|que (?:\w+ )?(?:aviones|jets|aeronaves) (?:\w+ )?(?:tienen|teneis|hay|tienes|estan|disponibles)|lista de (?:aviones|jets|aeronaves)|(?:aviones|jets|aeronaves) (?:\w+ )?(?:basados|con base))\b/,
  ),

  sign(
    'list-fleet',
    4,
    /\b(?:(?:sua|vossa|a|toda a) frota|frota d[aeo]|que (?:\w+ )?(?:avioes|jatos|aeronaves|turbohelices) (?:\w+ )?(?:tem|tens|ha|existem|estao)|quais (?:os |as |sao (?:os|as) )?(?:avioes|jatos|aeronaves)|lista de (?:avioes|jatos|aeronaves)|(?:avioes|jatos|aeronaves) (?:\w+ )?(?:basead[oa]s|com base|estacionad[oa]s))\b/,
  ),
  sign(
    'list-fleet',
    4,
    /\b(?:[\w&.]+(?:'s|s')? fleet\b(?! manager)|fleet of|(?:flotta|flota|frota) (?:di|de|da|do)|flotte (?:von|de|der)|do (?:you|u)(?: \w+)? (?:have|got|operate|fly|offer) (?:any |some |a )?(?:\w+[ -]){0,3}(?:jets?|aircraft|planes?|turbo-?props?|helicopters?|heavies|gulfstreams?|globals?|citations?|phenoms?|falcons?|challengers?|pc-?12s?)|(?:what|which) (?:\w+[ -]){0,3}(?:jets?|aircraft|planes?|turbo-?props?|tails?|heavies)\b.{0,40}\b(?:based|operated?|fly|flies|have|has|got|own|available (?:at|in))|(?:jets?|aircraft|planes?|turbo-?props?) (?:do|does|that) \w+(?: \w+)? (?:have|operate|fly|own|flies|operates)|operated by|(?:quali|che) (?:\w+ ){0,2}(?:turboelica|jet|aerei|velivoli)\b.{0,30}\b(?:basat|base|avete|disponibili|ci sono|opera)|(?:welche|habt ihr|haben sie) (?:\w+ ){0,3}(?:turboprops?|jets?|flugzeuge|maschinen|heavy jets)\b(?!.*\b(?:nach|am)\b)|(?:avez-vous|vous avez|quels) (?:des |de |\w+ )?(?:turbopropulseurs|jets|avions)\b(?!.*\b(?:pour|vers)\b)|(?:tienen|tenes|teneis|tiene) (?:\w+ )?(?:turbohelices|jets|aviones)\b(?!.*\b(?:para|a)\b)|(?:tem|voces tem) (?:\w+ )?(?:turbohelices|jatos|avioes)\b(?!.*\bpara\b))/,
  ),

  sign(
    'list-fleet',
    4,
    /\b(?:what|which) (?:aircraft |jets? |planes? )?(?:does|do|has|have) [\w& ]{2,30} (?:operate|fly|own)\b|\bwhich operators? (?:fly|flies|have|has|operate|own)|\bhow many (?:\w+[ -]){0,2}(?:jets?|aircraft|planes?|gulfstreams?|globals?|falcons?|citations?|phenoms?|challengers?|turbo-?props?)\b.*\b(?:have|has|based|there|got|own|operate)|\b(?:zeig\w*|montre\w*|mostr\w+|muestra\w*|ensena\w*|list\w*|elenca\w*) (?:mir |moi |mi |me |nos |uns |sie |bitte )*(?:die |les |los |os |gli |i |alle )?(?:\w+ )?(?:jets?|flugzeuge|avions|aerei|aviones|avioes|jatos|aeronaves)\b(?!.*\b(?:nach|pour|para|per)\b)/,
  ),

  sign(
    'list-fleet',
    4,
    /\b(?:what|which|who|anything|something|any \w+(?:[ -]\w+){0,2}) (?:is |are |'s )?(?:based|parked|sitting|stationed|positioned|hangared) (?:in|at|near|around)\b|\bwhat's (?:based|parked|sitting|stationed) (?:in|at)\b|\bfleet list\b|\b(?:quanti|quante|wie viele|combien de?|cuant[oa]s|quant[oa]s) (?:\w+ ){0,2}(?:jets?|aerei|flugzeuge|avions|aviones|avioes|jatos|turbo\w+)\b.*\b(?:avete|ci sono|habt|haben|gibt|avez|tienen|hay|tem|ha)\b|\b(?:che cosa|cosa|was|qu'est-ce qui|que) (?:e |ist |est |hay |ha )?(?:basato|stationiert|base|basado|baseado) (?:a|in|en|em)\b/,
  ),

  // A quote to be asked for.
  sign(
    'request-quote',
    4,
    /\b(?:(?:request|send|get|submit|raise|create|ask for|need|want|like|start|place|do|have|put in|file|issue|open|provide|prepare|launch|draft) (?:\w+ ){0,4}?(?:a |an |the |some |firm |formal |binding |official )*(?:quotes?|quotation|qoute|quoet|rfqs?|request for quote)|quote (?:me|us|for|that|this|it|the)|(?:can|could|please) (?:you )?quote|rfq (?:for|to|pls|please)|quote (?:pls|please)|(?:quotes?|quotation|rfq) (?:for|from|to|on) |(?:firm|formal) (?:price|offer|quote)|price (?:it|this|that) up)\b/,
  ),
  sign(
    'request-quote',
    4,
    /\b(?:book (?:it|that|this|one|the|us|me|a (?:\w+[ -])?(?:jet|flight|plane|charter|aircraft))|(?:go ahead|proceed) (?:and|with)|let'?s (?:book|do it|go with)|reserve (?:it|that|this|the|a)|prenot\w+|richied\w+ (?:un |il )?preventivo|prevent[ei]v[oi]|quotazione|buch(?:en|e|t) (?:sie|das|den|es|wir|uns|mir)|angebot(?:e|s)?\b(?! (?:gekommen|da|zu|schon|erhalten|eingegangen))|anfragen|devis|reserv(?:er|ez)|cotiza\w*|cotice\w*|presupuesto|reserv(?:ar|e|en|a) (?:el|un|ese|este|lo))\b/,
  ),

  sign(
    'request-quote',
    4,
    /\b(?:(?:quote|quotation|pricing) requests?\b|(?:offers?|quotes?|pricing|bids|quotation) (?:needed|wanted|required|please|pls|requested)|offert(?:en|e) (?:einholen|ein|bitte|anfordern)|offerten|(?:get|obtain|collect|gather|want|need|send for|invite) (?:me |us |some |a few |firm |binding |formal |the )*(?:offers?|pricing|bids|prices from)(?: in| from| for)?\b|(?:send|put|shop|push|fire|float) (?:it|this|that|the trip|the request|them) (?:out )?(?:to (?:the |all |your |our )*(?:operators|market|vendors)|out)|ask (?:the |all |your |some )*operators|go out to (?:the )?(?:operators|market)|out to (?:the )?(?:operators|market)|rfqs?\b|quote (?:\w+ ){0,3}?(?:to|from|for|on|-)|quotation|firm (?:up|pricing)|angebote? (?:einholen|anfordern|anfragen|bitte|fur|von)|(?:bitte|mochte|mochten|brauche|brauchen|hatte gerne?|schick\w*|erstell\w*|mach\w*|hol\w*) (?:\w+ ){0,4}angebote?|orcamento|cotac(?:ao|oes)|cota(?:r|cao)|pedir (?:um )?(?:orcamento|preco)|solicit\w+ (?:\w+ ){0,2}(?:orcamento|cotac\w+)|reservar|offerta (?:per|da)|chied\w+ (?:\w+ ){0,3}(?:preventiv\w+|prezz\w+|offert\w+|operatori)|demand\w+ (?:\w+ ){0,2}(?:devis|prix)|(?:precio|oferta) (?:firme|en firme))/,
  ),

  // Quotes that came.
  sign(
    'read-quotes',
    6,
    /\b(?:(?:any|show|read|see|check|what|which|list|open|pull up|have|did|has|status of|status on|look at|view|fetch|where are|compare|update on|news on|got|get) (?:\w+[ ',]*){0,6}?(?:quotes?|offers?|replies|responses|answers?|bids|rfqs?|qoutes?) (?:\w+[ ',]*){0,4}?(?:back|in|yet|come|came|received|arrived|so far|for (?:request|rfq|trip|quote|arfq|atrip|my (?:request|trip|rfq))|on (?:request|rfq|trip|arfq|atrip|my (?:request|rfq))|to (?:my|our|the) (?:request|rfq)|responded)|(?:status|update|news) (?:of|on|for|about) (?:\w+ ){0,3}?(?:quotes?|rfqs?|request)|(?:operators?|anyone) (?:\w+ ){0,2}(?:replied|responded|answered|quoted|come back|got back)|(?:did|have|has) (?:we|they|i|you|anyone|any operators?) (?:\w+ ){0,3}(?:quotes?|quoted|repl\w+|respon\w+|heard back)|quotes? (?:for|on|under|of|to) (?:request|rfq|trip|arfq|atrip))\b/,
  ),
  sign(
    'read-quotes',
    6,
    /\b(?:(?:sono arrivat[ie]|arrivat[ie]|stato|leggi|leggere|mostra\w*|vedere|fammi vedere|ci sono|controlla\w*) (?:\w+ ){0,5}?(?:preventiv[oi]|offert[ae]|quotazion[ei]|risposte)|preventivi (?:ricevuti|arrivati|per la richiesta|della richiesta)|(?:sind|gibt es|zeig\w*|status|lies|liegen|schon|habt ihr|welche) (?:\w+ ){0,5}?(?:angebote?|antworten|ruckmeldungen) (?:\w+ ){0,4}?(?:gekommen|da|zu|schon|erhalten|eingegangen|vor|fur die anfrage|zur anfrage)|(?:status|stand) (?:der|meiner|von|zu) (?:\w+ )?(?:anfrage|angebote?)|angebote? (?:zu|zur|fur) (?:der |die |meiner |meine )?anfrage|(?:avez|a-t-on|avons|ai|voir|montre\w*|lire|affich\w+|statut|ou en) (?:\w+[ -]){0,5}?(?:devis|offres?|reponses?) (?:\w+ ){0,4}?(?:recus?|arrives?|pour la demande|de la demande)|devis (?:recus?|pour la demande|de la demande)|(?:han llegado|hay|llegaron|estado|ver|muestra\w*|muestrame|leer|consultar|tenemos) (?:\w+ ){0,5}?(?:cotizacion(?:es)?|presupuestos?|ofertas?|respuestas?)(?: (?:\w+ ){0,3}?(?:recibid\w+|de la solicitud|para la solicitud|a mi solicitud))?)\b/,
  ),
  sign('read-quotes', 4, /\b(?:arfq|atrip|aquote)-?\w*\d/),
  sign(
    'read-quotes',
    3,
    /\b(?:rfq|request|quote|richiesta|anfrage|demande|solicitud|trip)(?: (?:id|number|no\.?|nr\.?|numero|nummer|ref\.?))? ?[#:]? ?(?=[\w-]*\d)[a-z]{0,6}-?\d[\w-]{2,}/,
  ),

  sign(
    'read-quotes',
    6,
    /\b(?:(?:ja|chegaram|recebemos|ha|veja?|mostr\w+|ler|consultar|estado|status|como esta) (?:\w+ ){0,5}?(?:orcamentos?|cotac(?:ao|oes)|propostas?|respostas?)(?: (?:\w+ ){0,3}?(?:recebid\w+|do pedido|para o pedido|ao pedido))?|responderam|(?:hanno|ha) (?:gia )?risposto|(?:haben|hat) (?:\w+ ){0,4}(?:geantwortet|reagiert)|(?:ont|a-t-on) (?:\w+ ){0,2}(?:repondu|recu)|(?:han|ha) (?:respondido|contestado)|ou en est|wie steht es|a che punto|como va (?:la|mi) solicitud|como esta o pedido|my (?:quotes?|offers?|rfqs?) (?:are |is )?(?:in|back|ready|here)|(?:are|is) (?:my|the|our|any) (?:quotes?|offers?) (?:in|back|ready|here)|(?:best|cheapest|lowest|which|what) (?:\w+ ){0,3}(?:quotes?|offers?|bids?|price|operator) (?:\w+ ){0,4}(?:in|on|for|from|under|of) (?:arfq|rfq|request|trip)|(?:quotes?|offers?) (?:we|i|that) (?:got|received|have)|(?:i|me|mi|los|las|die|les) (?:preventivi|angebote|devis|cotizaciones)\b.{0,30}\b(?:arrivat|eingetroffen|arrives|llegado|da\b|recu))/,
  ),

  sign(
    'read-quotes',
    5,
    /^\W*(?:can (?:you|i|we) |could (?:you|i|we) |please |pls )*(?:show|see|list|read|check|view|open|get me|give me|what are)(?: me)? (?:the |my |our |all )*(?:quotes?|offers?|rfqs?|bids)\b(?! (?:from|for|to|on) (?!arfq|rfq|request|my|the request))|\b(?:what did|have|has|did) (?:the )?operators? (?:say|said|replied|reply|answer\w*|come back|quote\w*|offer\w*|respond\w*)\b/,
  ),

  // People.
  sign(
    'find-people',
    3,
    /\b(?:prospects?|leads|decision[- ]?makers?|lead list|potential (?:clients|customers|buyers)|contatti|decisori|potenziali clienti|entscheider\w*|ansprechpartner\w*|interessenten|decideurs?|clients potentiels|responsables de la decision|tomadores de decisiones|clientes potenciales|contactos)\b/,
  ),
  sign(
    'find-people',
    2,
    /\b(?:find|search(?: for)?|look(?:ing)? for|list|show|get|give|identify|source|who(?:'s| is| are)|pull|need|want|trova\w*|cerca\w*|cerco|chi (?:e|sono)|dammi|elenco di|elenca\w*|finde?n?|suchen?|zeig\w*|wer (?:ist|sind)|liste|gib|trouv\w+|cherch\w+|qui (?:est|sont)|encuentra\w*|busc\w+|encontrar|quien(?:es)? (?:es|son)|dame)\b(?=.*\b(?:assistants?|asistants?|ceos?|cfos?|coos?|ctos?|cmos?|cios?|founders?|owners?|directors?|managers?|vps?|vice presidents?|presidents?|executives?|execs|heads? of|partners?|chiefs? of|chairm[ae]n|people (?:at|who|in|from|working)|assistenti|direttor[ei]|amministrator[ei]|fondator[ei]|dirigenti|responsabil[ei]|geschaftsfuhrer\w*|vorstand\w*|assistent\w*|grunder\w*|leiter\w*|fuhrungskrafte|assistante?s?|directeurs?|directrices?|fondateurs?|dirigeants?|responsables?|pdg|asistentes?|director(?:es|as)?|fundador(?:es)?|ejecutiv[oa]s|directivos|investors?|planners?|counsels?|pas|eas)\b)/,
  ),
  sign(
    'enrich-person',
    6,
    /\b(?:(?:e-?mail|phone|mobile|contact details?|contact info(?:rmation)?|number|details|profile|linkedin|contact|info(?:rmation)?|title|job title)(?: address| number)? (?:of|for|about|on) (?!the (?:flight|trip|quote|jet)|ceos|cfos|executive|people|all|prospects)|(?:look ?up|enrich|who is|who's|what do (?:we|you) (?:know|have) (?:about|on)|tell me about|dig up|find out (?:about|who)|more (?:on|about)) (?!the (?:best|cheapest|fastest|ceo|cfo|head)|your|you\b|heads?|cfo|ceo)|what'?s (?:\w+ ){1,3}?(?:e-?mail|phone|number|title|job)|(?:e-?mail|mail|telefono|contatti?|recapit[oi]|indirizzo) (?:di|del|della) |arricchisci|(?:e-?mail(?:-?adresse)?|telefonnummer|nummer|kontakt(?:daten)?) (?:von|fur) |(?:adresse (?:e-?)?mail|e-?mail|mail|coordonnees|telephone|numero|contact) (?:de|du|d') ?|(?:correo(?: electronico)?|e-?mail|telefono|movil|contacto|datos(?: de contacto)?) (?:de|del) |was wissen wir uber|chi e |wer ist |qui est |quien es )/,
  ),
  sign('enrich-person', 4, /\b[\w.+-]+@[\w-]+\.[\w.]+\b/),

  sign(
    'find-people',
    2,
    /\b(?:encontr\w+|procur\w+|busque|mostr\w+|liste|quem (?:e|sao)|quero|preciso de)\b(?=.*\b(?:assistentes?|diretor(?:es|as?)?|fundador(?:es)?|executiv[oa]s|ceos?|cfos?|presidentes?|gerentes?|socios|responsaveis|donos)\b)/,
  ),
  sign(
    'enrich-person',
    6,
    /\b(?:(?:her|his|their|this person'?s|that person'?s) (?:\w+ ){0,2}(?:e-?mail|phone|number|contact|details|mobile|linkedin)|(?:e-?mail|telefone|contacto?|dados) (?:d[aoe]|da|do) |(?:adresse mail|mail|telephone|coordonnees) (?:\w+ ){0,5}(?:de|d')|(?:email|mail|telefono|numero) (?:e|o|ed) (?:\w+ )?(?:telefono|email|numero|cellulare)|e-?mail\w* (?:und|oder) (?:die )?(?:telefon|nummer|handy)\w*|how (?:can|do) (?:i|we) (?:reach|contact)|contact (?:details|info\w*) (?:for|of)|reach out to)/,
  ),

  sign(
    'find-people',
    4,
    /\b(?:who|people|someone|anyone|person|folks|those|contact|somebody)\b(?: (?:at|in|from|within) [\w&. ]{2,40})?(?: that| who)? (?:runs?|handles?|manages?|books?|organi[sz]es?|arranges?|is responsible|are responsible|is in charge|are in charge|looks? after|heads?|leads?|coordinates?|oversees?|works?|buys?|decides?)\b/,
  ),
  sign(
    'enrich-person',
    6,
    /\b[\w.-]+(?: [\w.-]+)?'s (?:\w+ ){0,2}(?:e-?mail|phone|number|contact|details|mobile|linkedin|info)|\b(?:everything|what) (?:we|you) (?:have|know|got) (?:on|about)\b|\b(?:pull|bring|dig) up (?:everything|info|details|the (?:profile|record))/,
  ),

  // Organisations.
  sign(
    'find-organisations',
    3,
    /\b(?:(?:find|search|list|show|look(?:ing)? for|which|what|identify|get|give|need|any|source|pull)\b.{0,60}?\b(?:compan(?:y|ies)|firms?|organi[sz]ations?|businesses|corporations?|corporates|hedge ?funds|family offices|funds|start-?ups|banks|clubs|agencies|studios|brands|manufacturers|hotels|accounts)|(?:trova\w*|cerca\w*|cerco|elenc\w+|quali|mostra\w*|dammi)\b.{0,60}?\b(?:aziende|societa|imprese|ditte|studi legali|fondi|banche)|(?:finde?n?|suchen?|zeig\w*|welche|liste|gib|nenn\w*)\b.{0,60}?\b(?:unternehmen|firmen|gesellschaften|konzerne|kanzleien|banken|fonds|start-?ups|\w+unternehmen|\w+firmen)|(?:trouv\w+|cherch\w+|list\w*|quelles|montr\w+|donne\w*)\b.{0,60}?\b(?:entreprises?|societes?|boites|cabinets|banques|fonds|start-?ups)|(?:encuentra\w*|busc\w+|lista\w*|que|cuales|muestra\w*|muestrame|dame|encontrar)\b.{0,60}?\b(?:empresas?|companias|sociedades|bufetes|bancos|fondos|start-?ups))\b/,
  ),

  sign(
    'find-organisations',
    3,
    /\b(?:encontr\w+|procur\w+|list\w*|quais|mostr\w+|que)\b.{0,60}?\b(?:empresas|companhias|firmas|sociedades|bancos|fundos|startups|escritorios)\b/,
  ),
  sign(
    'find-organisations',
    3,
    /\b(?:which|what|any|list|find|show|quali|che|welche|gibt es|quelles?|quels|que|cuales|quais|encuentra|trova|finde|trouve)\b.{0,40}?\b(?:family offices?|private equity|hedge ?(?:funds?|fonds)|venture capital|law firms|clubs?|agencies|manufacturers|producers|developers|breweries|wineries|dealers|retailers|brands|studios|labels|teams|associations|chains|operators in)\b/,
  ),

  // Sequences.
  sign(
    'add-to-sequence',
    7,
    /\b(?:add|put|enrol+|drop|push|stick|place|move|subscribe|sign up|assign|schedule|enter|include|aggiungi|metti|inserisci|fug\w*|nimm|setz\w*|trag\w*|ajoute\w*|mets|mettez|inscris|anade|agrega|pon|mete|adicione|coloque|inclua)\b.{0,80}@[\w.-]+.{0,60}\b(?:to|into|in|onto|on|a|al|alla|nella|zu|zur|zum|a la|dans|al|en|na|no)\b/,
  ),
  sign(
    'add-to-sequence',
    7,
    /\b(?:(?:add|put|enrol+|drop|push|include|stick|enter|move|start|launch|subscribe|sign up|assign|schedule)\b.{0,120}?\b(?:sequence|seqeunce|cadence|campaign|drip|outreach|nurture|mailing list)|(?:sequence|cadence|campaign)\b.{0,40}?\b(?:add|enrol+)|(?:aggiung\w+|inserisc\w+|metti\w*|inserir\w+|iscrivi\w*)\b.{0,120}?\b(?:sequenza|campagna|cadenza)|(?:fug\w+|hinzufug\w*|nimm|setz\w*|pack\w*|trag\w*|aufnehmen|add\w*)\b.{0,120}?\b(?:sequenz|kampagne|sequence)|(?:sequenz|kampagne)\b.{0,60}?\b(?:hinzu\w*|aufnehmen|eintragen)|(?:ajout\w+|inscri\w+|mets?|mettre|mettez|inclu\w+)\b.{0,120}?\b(?:sequence|campagne|cadence)|(?:anad\w+|agreg\w+|pon\w*|inclu\w+|met\w+|inscrib\w+|adicion\w+|coloqu\w+|coloc\w+|acrescent\w+|inscrev\w+)\b.{0,120}?\b(?:secuencia|campana|cadencia|sequencia|campanha))\b/,
  ),
]

/** A greeting, thanks or a goodbye, and nothing else. Folded text. */
export const GREETING =
  /^(?:\W*(?:hi+|hello+|hey+|hiya|yo|howdy|greetings|good (?:morning|afternoon|evening|day)|morning|evening|how are you(?: doing)?(?: today)?|how's it going|nice to meet you|thanks?(?: you)?(?: so much| very much| a lot)?|thx|ty|cheers|great|perfect|cool|nice|awesome|lovely|wonderful|excellent|brilliant|ok(?:ay)?|bye|goodbye|see you|that's all|there|team|all|folks|guys|everyone|desk|charter desk|mate|sir|madam|again|is (?:any(?:one|body)|someone) (?:there|here|around)|(?:are )?(?:you|u) there|any(?:one|body) (?:there|home)|ciao|salve|buon ?giorno|buona ?sera|buon pomeriggio|come (?:va|stai|state|sta)|grazie(?: mille)?|arrivederci|a tutti|c'e qualcuno|hallo|guten (?:tag|morgen|abend)|moin(?: moin)?|servus|gruss gott|gruezi|wie geht(?:'?s| es)(?: (?:dir|ihnen|euch))?|danke(?: schon| sehr)?|vielen dank|tschuss|zusammen|bonjour|bonsoir|salut|coucou|ca va|comment (?:ca va|allez[- ]vous|vas[- ]tu)|merci(?: beaucoup)?|au revoir|madame|monsieur|a tous|hola+|buen(?:os|as) (?:dias|tardes|noches)|buenas|que tal|como esta(?:s|n)?(?: usted| ustedes)?|gracias|muchas gracias|adios|hasta luego|saludos|ola|oi|bom dia|boa (?:tarde|noite)|tudo bem|obrigad[oa]|muito obrigad[oa]|tchau|adeus|ate logo)\b\W*)+$/

/** Asks what the desk can do. Folded text. */
export const HELP =
  /^(?:\W*(?:hi|hello|hey|ciao|hallo|bonjour|hola|salve)\b)?\W*(?:help(?: me)?(?: please)?\W*$|what (?:can|do|could) (?:you|u|this (?:thing|bot|desk|assistant)) (?:do|help|offer)|what (?:is|'s) this|who are you|what are you\b|how (?:does this|do you|can you|could you) (?:work|help)|what (?:services|can i ask)|can you help(?: me)?\W*$|are you (?:a |an )?(?:human|bot|robot|real|ai|person)|how can you help|how (?:does|do) (?:it|this|you)(?: all)? work|how does it work|i need (?:some )?help\W*$|aiuto\W*$|(?:che )?cosa (?:puoi|sai|potete) fare|come (?:funziona|puoi aiutar\w+|potete aiutar\w+)|mi (?:puoi|potete) aiutare\W*$|chi sei|hilfe\W*$|was (?:kannst|konnen|konnt|macht|machst) (?:du|sie|ihr)|wie funktioniert|wer bist du|kannst du mir helfen\W*$|konnen sie mir helfen\W*$|aide(?:z-moi)?\W*$|que (?:peux|pouvez|sais|savez)[- ](?:tu|vous)|comment (?:ca marche|pouvez[- ]vous|peux[- ]tu)|qui (?:es[- ]tu|etes[- ]vous)|(?:pouvez[- ]vous|peux[- ]tu) m'aider\W*$|ayuda\W*$|que (?:puedes|pueden|sabes) hacer|como (?:funciona|puedes ayudar\w*|pueden ayudar\w*)|quien eres|(?:me )?(?:puedes|pueden) ayudar(?:me)?\W*$|en que (?:puedes|pueden|me)|ajuda\W*$|o que (?:voce|voces|tu)? ?(?:pode|podem|podes|sabe|faz|fazem)|como (?:voce|voces)? ?(?:pode|podem) ajudar|quem (?:e voce|es tu)|(?:cosa|che cosa) (?:fai|fate|sapete fare|mi offri)|was bietet ihr|was bieten sie)/

/** The message goes on with what was said before. Folded text. */
export const FOLLOW_UP =
  /^\W*(?:and|what about|how about|what if|instead|same|also|ok(?:ay)?|actually|make|change|sorry|no|nope|wait|hmm|then|but|or|with|for|on|to|from|yes|yeah|sure|plus|can you make|could you make|let'?s|switch|only|just|try|book|quote|e|ed|anche|invece|oppure|ma|allora|e se|no|si|facciamo|meglio|und|oder|stattdessen|was ist mit|wie (?:ware|sieht)|auch|doch|nein|ja|aber|lieber|et|ou|plutot|aussi|finalement|non|oui|mais|y|o|mejor|tambien|en vez|pero|entonces)\b/

/** Words of greeting, thanks and farewell anywhere in a short message. Folded text. */
export const COURTESY =
  /\b(?:hi|hello|hey|hiya|howdy|good (?:morning|afternoon|evening|night)|thanks?|thank you|thx|cheers|ty|bye|goodbye|see you|talk (?:soon|later)|have a (?:good|great|nice)|that.s (?:all|it)|no (?:more )?questions|ciao|salve|buon\w*|grazie|arrivederci|a presto|hallo|guten|moin|servus|gruss|danke|vielen dank|tschuss|schonen (?:tag|abend)|bonjour|bonsoir|salut|coucou|merci|au revoir|bonne (?:journee|soiree)|hola|buenos|buenas|gracias|adios|hasta (?:luego|pronto)|ola|oi|bom dia|boa|obrigad[oa]|tchau|adeus)\b/

/** Asks whether a machine is speaking, or what the desk is. Folded text. */
export const WHO_ARE_YOU =
  /\b(?:are you (?:\w+ ){0,3}(?:bot|robot|human|person|real|ai|machine|chatgpt|computer)|am i (?:talking|speaking|chatting) (?:to|with) (?:a |an )?(?:\w+ )?(?:bot|robot|human|person|machine|ai)|is this (?:a |an )?(?:bot|real person|human|ai|machine|automated)|(?:sei|siete|parlo con) (?:un |una )?(?:\w+ )?(?:bot|robot|umano|persona|macchina|ia)|bist du (?:ein |eine )?(?:\w+ )?(?:bot|roboter|mensch|ki|maschine)|(?:rede|spreche|schreibe) ich mit (?:einem |einer )?(?:\w+ )?(?:bot|menschen|maschine|ki|roboter)|sind sie (?:ein |eine )?(?:\w+ )?(?:bot|mensch|ki|maschine)|(?:es-tu|etes-vous|tu es|vous etes) (?:un |une )?(?:\w+ )?(?:robot|bot|humain|ia|personne|machine)|je parle (?:a|avec) (?:un |une )?(?:robot|bot|humain|ia|personne|machine)|(?:eres|es usted|hablo con) (?:un |una )?(?:\w+ )?(?:bot|robot|humano|persona|maquina|ia)|(?:voce e|es|falo com|estou a falar com|estou falando com) (?:um |uma )?(?:\w+ )?(?:bot|robo|humano|pessoa|maquina|ia))\b/

/** Yes, to whatever was offered. Folded text. */
export const YES =
  /^\W*(?:yes|yeah|yep|yup|sure|ok(?:ay)?|please do|do it|go ahead|go for it|sounds good|perfect|absolutely|of course|definitely|fine|great|si|certo|va bene|volentieri|d'accordo|ja|gerne?|klar|bitte|oui|d'accord|volontiers|avec plaisir|claro|vale|por supuesto|de acuerdo|sim|pode ser|com certeza)\b(?:\W*(?:yes|please|go ahead|do it|do so|do that|thanks?|thank you|bitte|grazie|per favore|merci|s'il vous plait|svp|por favor|gracias|obrigad[oa]|gerne|proceed|that works|sounds good|great|pls|then|now))*\W*$/

/** The desk offers to ask operators for quotes. Folded text of its last message. */
export const OFFERED_QUOTES = /quote|rfq|preventiv|angebot|devis|cotiza|presupuest|orcament|cotac|operator|betreiber/

/** Asks on about the results of a search. Folded text. */
export const ABOUT_RESULTS =
  /\b(?:cheap\w*|fast\w*|quick\w*|bigg\w+|larg\w+|small\w+|nic\w+|new\w+|best|which one|what options|more options|other options|anything (?:else|cheaper|bigger|smaller|faster)|show (?:me )?(?:more|others|all|them)|economic\w*|piu economic\w*|altre opzioni|gunstig\w*|billig\w*|moins cher|autres options|mas barat\w*|otras opciones|mais barat\w*|outras opcoes)\b/
