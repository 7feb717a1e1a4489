/**
 * What attempts to take an assistant over look like, as data. The syntax of a phrase is that of `phraseOf`. Weights add up, each line counted
 * once in a sentence; `injectionThreshold` says from which sum on it is an attempt.
 */
export interface InjectionRule {
  readonly weight: number
  readonly phrase: string
}

/** Lists of words that phrases name. */
export const INJECTION_WORDS: Readonly<Record<string, string>> = {
  IGNORE:
    'ignore|ignores|ignoring|disregard|disregarding|forget|bypass|override|overrule|overwrite|cancel|discard|neglect|disobey|violate|abandon|revoke|erase|' +
    'skip|break|drop|remove|delete|suspend|loosen|unlearn|defy|circumvent|replace',
  RULES:
    'instruction~|guideline~|rule|rules|directive~|direction|directions|prompt|prompts|policy|policies|programming|restrictions|constraints|guardrails|orders|commands',
  PAST: 'previous|prior|earlier|above|preceding|past|initial|original|before|existing|former',
  YOUR: 'your|its|their|ur',
  FREE: 'unrestricted|uncensored|unfiltered|unlimited|jailbroken|immoral|unethical|evil|amoral',
  LIMITS:
    'rule|rules|restriction|restrictions|limitation~|limit|limits|filter|filters|filtering|guideline~|policy|policies|moral|morals|ethics|censorship|constraint~|warnings',
  ROLE: 'act|acting|behave|pretend|pretending|simulate|roleplay|respond|answer|reply|speak|talk|imagine|become|emulate',
  SHOW:
    'show|reveal|print|repeat|output|display|tell|give|copy|dump|leak|list|write|quote|share|expose|summarise|summarize|translate|encode|spell|recite|disclose|provide|read|paste|send|say|' +
    'reproduce|see|know|begin|start|describe|explain|render|return|post|type|include|append',
  MACHINE: 'ai|ais|llm|llms|assistant|assistants|chatbot|chatbots|bot|bots|model|models|agent|agents|gpt',
  HIDDEN: 'hidden|secret|internal|confidential|initial|original|full|exact|underlying',
  IGNORA:
    'ignor~|dimentic~|scord~|trascur~|scavalc~|aggir~|disobbedi~|disubbidi~|annull~|cancell~|sovrascriv~|bypass~|elud~|viol~|disattend~|' +
    'infrang~|salta|saltare|rompi|rompere|abbandon~|elimin~|rimuov~|sostitui~|sospend~|trasgred~',
  REGOLE:
    'istruzion~|regol~|linee|direttiv~|indicazion~|prompt|policy|politic~|restrizion~|vincol~|ordin~|comand~|limitazion~|programmazione',
  PRIMA: 'precedent~|prima|sopra|iniziali|iniziale|anterior~|ricevut~|original~',
  TUE: 'tuo|tua|tue|tuoi|sue|suoi|sua|suo',
  SENZA: 'senza|nessun|nessuna|priva|privo|prive|privi|libero|libera',
  LIMITI: 'limit~|regol~|restrizion~|filtr~|censur~|etica|morale|vincol~|avvertenze|policy|linee',
  MOSTRA:
    'mostr~|rivel~|stamp~|ripet~|dimmi|dammi|copia|elenca|scriv~|cita~|riport~|traduci|codific~|condividi|fornisci|incolla~|visualizz~|leggi|manda~|recita|rendi|vedere|' +
    'riproduci|conoscere|sapere|comincia|inizia|riassum~|riassunto|descrivi|includi|aggiungi|spiega~',
  MACCHINA: 'ia|ai|llm|assistente|chatbot|bot|modello|intelligenza|agente|agenti',
  NASCOSTE: 'nascost~|segret~|intern~|riservat~|iniziali|complet~|integral~|esatt~',
}

/** Phrases that speak for an attempt. */
export const INJECTION_RULES: readonly InjectionRule[] = [
  // Taking the instructions away.
  { weight: 10, phrase: '$IGNORE *2 $YOUR *2 $RULES' },
  { weight: 10, phrase: '$IGNORE *3 $PAST *2 $RULES' },
  { weight: 10, phrase: '$IGNORE *3 $RULES *2 $PAST|given' },
  { weight: 10, phrase: '$IGNORE all|any|every *2 $RULES' },
  { weight: 10, phrase: '$IGNORE *1 everything|anything *3 above|before|told|said|know' },
  { weight: 8, phrase: '$IGNORE the|all above' },
  { weight: 5, phrase: '$IGNORE *3 $RULES' },
  { weight: 10, phrase: '$IGNORE your creators|developers|makers|training|programming|safety' },
  {
    weight: 10,
    phrase: 'not|stop|longer|never follow|following|obey|obeying|respect|respecting *1 $PAST|your|any *2 $RULES',
  },
  { weight: 10, phrase: 'stop|longer|never follow|following|obey|obeying|abide *2 $RULES *3 developers|creators|you' },
  { weight: 9, phrase: '$RULES you *3 no longer' },
  { weight: 9, phrase: 'previous|your|these|those $RULES *2 no longer|revoked|void|cancelled|lifted' },
  { weight: 10, phrase: 'not|without abide|abiding|follow|following|obeying|obey *2 $RULES *2 set|imposed|given|you' },
  { weight: 10, phrase: 'freed|free|liberated from|of *4 $LIMITS|confines|chains' },
  { weight: 10, phrase: 'setting|set|put|leave|leaving aside *1 $YOUR|the|all|any *2 $RULES *2 you|given|your?' },
  { weight: 6, phrase: 'new instruction|instructions|task|policy|directive|orders *2 is|are|the|answer|say|only|you' },
  { weight: 4, phrase: 'from now on' },
  { weight: 8, phrase: 'you *2 obey|comply|answer|listen *1 me|only|every|any' },
  { weight: 7, phrase: 'comply with every|all|any' },
  { weight: 10, phrase: 'throw|throwing|cast|put|set|lay|leave|do *2 away|aside|without *2 $YOUR *2 $RULES' },
  { weight: 10, phrase: 'throw|throwing|cast|put|set|lay|leave $YOUR *2 $RULES aside|away|behind' },
  {
    weight: 10,
    phrase: '$YOUR *2 $PAST *1 $RULES *2 cancelled|canceled|void|revoked|lifted|obsolete|suspended|over|gone|replaced',
  },
  {
    weight: 10,
    phrase:
      'everything|all|anything|what *2 you *1 were|was|been *1 instructed|told|taught *3 void|wrong|cancelled|gone|obsolete|forget',
  },
  { weight: 10, phrase: 'you *2 not|t|longer *1 have|need|required|bound|obliged *2 to|by *3 $RULES' },
  {
    weight: 9,
    phrase: 'permission|authorise|authorize|free|allowed|allow *1 you? *1 to break|ignore|violate|bypass *2 $RULES',
  },
  { weight: 8, phrase: '$IGNORE what *1 the? operator|developer|developers|owner|company|provider|creator' },
  { weight: 5, phrase: 'follow|obey|do *1 my orders|commands|say|will' },
  // Giving it another role.
  { weight: 10, phrase: '$ROLE *7 no|without|free|zero|lacks *3 $LIMITS' },
  { weight: 10, phrase: '$ROLE as|like if? *1 you|your *2 had|have|has|did|were|was|are *3 no|not|without|free|never' },
  { weight: 10, phrase: '$ROLE as if *4 did|does|do not exist~' },
  { weight: 10, phrase: '$ROLE|enter|stay|are *5 $FREE' },
  { weight: 10, phrase: '$ROLE|are *5 dan|evilbot|jailbreak|jailbroken|devmode' },
  { weight: 10, phrase: 'you are|re *6 $FREE|dan' },
  { weight: 10, phrase: 'you are|re *3 $MACHINE *4 no|without|free|never' },
  { weight: 10, phrase: 'you are|re no longer *3 $MACHINE' },
  { weight: 10, phrase: 'as though|if *1 your *2 $RULES *4 not|no|never' },
  { weight: 10, phrase: 'as dan|evilbot|jailbroken' },
  {
    weight: 8,
    phrase:
      'play|playing|playing|be *2 a|an|the *2 $MACHINE|hacker *2 that|which|who|with *2 ignores|no|without|breaks|never|has',
  },
  {
    weight: 6,
    phrase: 'drop|lift|remove|unlock|without *2 content|safety|all *1 restrictions|filters|policy|potential',
  },
  { weight: 4, phrase: 'full potential|power' },
  { weight: 7, phrase: 'you have|ve|has no *2 restrictions|rules|limits|limitations|filters|guidelines' },
  { weight: 6, phrase: 'do anything now' },
  { weight: 6, phrase: 'you can|may|must say|answer|do anything|everything|whatever' },
  { weight: 6, phrase: 'you|and|it *2 never|not|cannot refuse~|say|decline no?' },
  { weight: 5, phrase: 'stay|remain in *1 character|role' },
  { weight: 5, phrase: '$MACHINE *2 no|without *1 morals|ethics|filters|restrictions' },
  {
    weight: 10,
    phrase: 'enter|enable|activate|switch|turn|engage|run *3 god|jailbreak|dan|sudo|unrestricted|evil mode',
  },
  { weight: 5, phrase: 'enter|enable|activate|switch|engage *3 developer|debug|admin|maintenance mode' },
  {
    weight: 6,
    phrase:
      'disable|turn|deactivate|remove *3 safety|content|moderation *1 filter|filters|moderation|guardrails|checks',
  },
  { weight: 10, phrase: 'disable|deactivate moderation|safety|guardrails' },
  { weight: 5, phrase: 'no filters|restrictions|limits|rules' },
  // Asking for the instructions.
  { weight: 10, phrase: '$SHOW *4 your *2 system? prompt|prompts|instructions|directives|configuration|config' },
  { weight: 10, phrase: '$SHOW *3 your *2 $HIDDEN *1 rules|guidelines|message|text|policy' },
  { weight: 10, phrase: '$SHOW *4 your *1 system prompt|message|instructions' },
  { weight: 10, phrase: '$SHOW *4 the $HIDDEN *2 prompt|instructions|directives|rules' },
  { weight: 10, phrase: '$SHOW *5 system prompt|message|instructions|configuration' },
  { weight: 10, phrase: '$SHOW *5 $RULES *3 you|that *2 received|given|told|follow' },
  { weight: 5, phrase: '$SHOW *4 your *1 rules|guidelines|restrictions' },
  { weight: 10, phrase: '$SHOW *3 text|everything|words|all|content|anything *3 above|before|preceding|precedes' },
  {
    weight: 10,
    phrase:
      'what is|s|are|was|were your *1 system|initial|hidden|secret|original|exact *1 prompt|instructions|message|rules',
  },
  { weight: 10, phrase: 'what *1 does|do|did *1 your|system *1 prompt|instructions say|contain|tell' },
  { weight: 8, phrase: 'what|exactly|everything *2 were you|your *2 told|instructed|given|programmed' },
  {
    weight: 8,
    phrase:
      'what|exactly|everything *2 your developer|developers|creator|creators|makers *2 told|gave|said|instructed|tell',
  },
  { weight: 5, phrase: 'you were *1 told|given|instructed *3 not|before|to' },
  { weight: 5, phrase: 'before|start|beginning *2 this conversation|chat|dialogue' },
  { weight: 5, phrase: 'word for word|verbatim|exactly' },
  { weight: 5, phrase: 'starting with you are' },
  { weight: 4, phrase: 'verbatim|code block' },
  { weight: 10, phrase: 'your *1 system|initial|hidden|original|secret|entire|full prompt|instructions|message' },
  { weight: 7, phrase: 'your prompt|prompts' },
  { weight: 5, phrase: 'your *4 instructions|directives|configuration' },
  {
    weight: 6,
    phrase:
      'paste|words|lines|part|beginning|characters|hidden|confidential|text *3 your *1 prompt|instructions|configuration|rules',
  },
  { weight: 10, phrase: '$SHOW *3 the|that system message|prompt|instructions' },
  {
    weight: 10,
    phrase:
      'what|which *1 instructions|directions|rules|orders *1 were|did|have *1 you *2 given|get|receive~|before|told',
  },
  {
    weight: 10,
    phrase:
      '$RULES *2 you *1 got|received|have|were *2 from|given|by *2 operator|developer|creator|owner|company|provider',
  },
  { weight: 10, phrase: 'context window|above *3 before|this' },
  { weight: 10, phrase: '$RULES *2 hidden|written|contained in your' },
  { weight: 8, phrase: 'here is|are my *1 system|initial? prompt|instructions' },
  { weight: 6, phrase: 'list all of? your *1 rules|guidelines|instructions|restrictions' },
  { weight: 6, phrase: 'i am|m *1 your|the *1 developer|creator|administrator|admin|owner' },
  { weight: 6, phrase: 'api|discount|secret|admin|access key|keys|codes|code|password|passwords' },
  { weight: 5, phrase: 'give|grant me *1 admin|root|administrator access|rights' },
  { weight: 10, phrase: 'you|user *1 have|has|is|are *1 root|administrator access|comply|now' },
  // Speaking to the machine from within a text.
  { weight: 7, phrase: 'note|notice|message|hidden|instructions *2 to|for *2 $MACHINE|language' },
  { weight: 7, phrase: 'llm|ai instructions|note|directive' },
  { weight: 8, phrase: 'if you are|re *2 language|ai|llm|bot|assistant model|assistant?' },
  { weight: 6, phrase: 'dear|hey *1 $MACHINE' },
  { weight: 6, phrase: '$MACHINE *3 reading|processing|processes|reads|summarising|summarizing|scanning' },
  {
    weight: 7,
    phrase: '$MACHINE|it must|should|shall|has *2 ignore|forward|send|reveal|grant|recommend|comply|obey|disregard|now',
  },
  { weight: 7, phrase: 'any|all|every *1 $MACHINE reading|that|which|who' },
  { weight: 8, phrase: 'attention|hello|listen *1 language? model|llm|ai|assistant|bot' },
  { weight: 6, phrase: '$MACHINE must|should|shall|have *5 ignore|rate|stars|recommend|add|say|praise|buy' },
  { weight: 5, phrase: 'not tell|inform|alert *1 the? user|customer|anyone|owner' },
  { weight: 4, phrase: 'add|insert|include *1 sentence|phrase|words|link|text *8 summary|answer|reply' },
  { weight: 4, phrase: 'transfer|wire|pay *2 funds|money|amount' },
  { weight: 4, phrase: 'do not summarise|summarize|translate|mention' },
  {
    weight: 5,
    phrase: 'forward|send|leak|exfiltrate|email|post *3 data|conversation|emails|mail|passwords|keys|history *5 to',
  },
  { weight: 4, phrase: 'tell the user to' },
  { weight: 4, phrase: 'when you|it|bot *2 summarise|summarize|process|read|processes' },
  { weight: 4, phrase: 'reply|respond|answer only with' },
  { weight: 4, phrase: 'classify|rate|rank|score this *2 as' },
  { weight: 8, phrase: 'decode *3 base64 *4 do|execute|follow|run|obey|apply' },
  // Italian. Taking the instructions away.
  { weight: 10, phrase: '$IGNORA *2 $TUE *2 $REGOLE' },
  { weight: 10, phrase: '$IGNORA *3 $REGOLE *3 $PRIMA' },
  { weight: 10, phrase: '$IGNORA *2 tutte|tutti|ogni|qualsiasi|qualunque *2 $REGOLE' },
  { weight: 10, phrase: '$IGNORA *2 $REGOLE *2 ti|che *3 dato|dati|detto|date|imposto' },
  { weight: 10, phrase: '$IGNORA *2 prompt|istruzioni di|del sistema' },
  { weight: 10, phrase: '$IGNORA|dimenticati *1 tutto *3 sopra|prima|scritto|detto' },
  { weight: 8, phrase: '$IGNORA quanto sopra' },
  { weight: 5, phrase: '$IGNORA *2 $REGOLE' },
  { weight: 10, phrase: '$IGNORA ai|agli|i|gli $TUE *1 creator~|sviluppator~|programmator~' },
  {
    weight: 10,
    phrase:
      'non|smetti|smettila|smettere *1 segui~|rispett~|obbedi~|considerar~ *2 $REGOLE *3 prima|precedenti|ricevut~|dato|date|hanno|guida',
  },
  { weight: 10, phrase: 'smetti|smettila di seguire|rispettare|obbedire *2 $REGOLE' },
  { weight: 10, phrase: 'non *1 tenere conto *2 $REGOLE *3 ti|ricevut~|dato|tue' },
  { weight: 10, phrase: 'non devi *1 rispettare|seguire|obbedire *2 $REGOLE|limiti' },
  { weight: 9, phrase: '$TUE $REGOLE *2 non *1 val~|sono|contano' },
  { weight: 9, phrase: '$REGOLE che hai ricevuto *2 non' },
  {
    weight: 10,
    phrase: 'lascia~ *1 perdere|parte *2 quello|tutto|quanto|linee|istruzioni|regole *3 hanno|guida|ricevut~|detto',
  },
  { weight: 10, phrase: 'liberat~|libero|libera|svincolat~ da *3 $LIMITI' },
  { weight: 6, phrase: 'nuove|nuova istruzion~|direttiv~|politic~|ordini|compito' },
  { weight: 6, phrase: 'nuovo compito *1 è|e|di' },
  { weight: 5, phrase: 'politic~|direttiv~|regol~ *1 precedent~ *1 revocat~|annullat~' },
  { weight: 8, phrase: 'obbedi~|ubbidi~ *1 a *2 me|ogni|tutt~' },
  { weight: 6, phrase: 'ora|adesso comando|ascolta|ascolti|obbedisci io|me|solo' },
  { weight: 10, phrase: 'butta|getta|metti|lascia|mettere|lasciare *2 via|parte *2 $TUE *2 $REGOLE' },
  {
    weight: 10,
    phrase:
      'tutto|tutte|quello|quanto *3 ti *3 detto|insegnato|ordinato *3 annullat~|falso|sbagliato|nullo|cancellat~|dimentic~',
  },
  { weight: 10, phrase: '$TUE *1 $REGOLE *3 cancellat~|annullat~|revocat~|sospes~|abolit~|null~|superat~' },
  { weight: 10, phrase: 'non sei|devi|hai|ti *3 obbligat~|tenut~|bisogno|costrett~|seguire|rispettare *4 $REGOLE' },
  { weight: 9, phrase: 'autorizz~|permett~|permesso|libero *3 infrang~|violar~|ignorar~|aggirar~ *2 $REGOLE' },
  {
    weight: 8,
    phrase: '$IGNORA *2 quello|quanto|cosa *2 che? *2 operatore|gestore|sviluppatore|proprietario|azienda|creatore',
  },
  { weight: 8, phrase: '$IGNORA quello|quanto|cosa che? *2 detto|scritto *2 operatore|gestore|sviluppatore|azienda' },
  { weight: 5, phrase: 'segui|esegui|rispetta *2 miei|mie|mio ordin~|comand~|istruzion~|volere' },
  // Another role.
  { weight: 10, phrase: 'non sei più|piu *2 $MACCHINA' },
  { weight: 10, phrase: 'come se *3 $TUE *2 $REGOLE *3 non *2 esist~|fosser~|valesser~' },
  {
    weight: 6,
    phrase:
      'interpreti|interpreta|fai|sei *2 bot|ia|assistente|hacker|modello *2 che|senza *2 ignora|limiti|regole|viola|infrange|rifiuta',
  },
  { weight: 4, phrase: 'da|d ora|adesso in? poi|avanti|sei' },
  {
    weight: 10,
    phrase: 'sei|diventa|fingi|finta|simula|comporta~|agisci|rispond~|impersona|interpreta *7 $SENZA|non *3 $LIMITI',
  },
  {
    weight: 10,
    phrase: 'comporta~|agisci|rispondi|parla come se *1 non *2 avessi|esistess~|fossi|ci *3 $LIMITI|niente?',
  },
  { weight: 10, phrase: 'rispondi|parla|agisci come se *5 non esistess~' },
  { weight: 10, phrase: 'sei|diventa|interpreta *2 dan|cattivobot' },
  { weight: 7, phrase: 'non hai *1 più|alcun~|nessun~ *2 $LIMITI' },
  { weight: 6, phrase: 'puoi|devi *1 fare|dire|rispondere *2 tutto|qualsiasi|qualunque' },
  { weight: 6, phrase: 'non *1 rifiut~|dire *1 mai *2 niente|no?' },
  { weight: 6, phrase: 'senza rifiutare|filtri|censura|restrizioni|rispettare *2 policy|regole?' },
  { weight: 4, phrase: 'qualunque|qualsiasi cosa *1 io|ti *1 chied~' },
  { weight: 5, phrase: 'resta|rimani nel personaggio|ruolo' },
  {
    weight: 5,
    phrase: 'attiva|passa|entra|abilita|sei *3 modalità|modalita *1 sviluppatore|debug|amministratore|admin',
  },
  { weight: 10, phrase: 'attiva|passa|entra|abilita *2 modalità|modalita *1 dio|jailbreak|dan' },
  {
    weight: 6,
    phrase: 'disattiv~|disabilit~|rimuov~|togli *2 filtri|filtro|controlli|moderazione *2 sicurezza|contenut~?',
  },
  { weight: 10, phrase: 'esegui|fai|attiva *1 jailbreak' },
  { weight: 5, phrase: 'nessun filtro|limite|vincolo' },
  { weight: 6, phrase: 'facciamo un gioco' },
  // Asking for the instructions.
  { weight: 10, phrase: '$MOSTRA *4 $TUE *2 prompt|system|istruzion~|direttiv~|configurazione' },
  { weight: 10, phrase: '$MOSTRA *4 prompt|messaggio|istruzioni di|del *1 sistema' },
  { weight: 10, phrase: '$MOSTRA *3 istruzion~|regol~|direttiv~|indicazion~ *1 $NASCOSTE' },
  { weight: 10, phrase: '$MOSTRA *4 $REGOLE *1 che *1 hai|ti *3 ricevut~|dat~|hanno|dato|date' },
  { weight: 10, phrase: '$MOSTRA *3 testo|tutto|parole|quello|tutti *4 sopra|prima|precedono|precede' },
  { weight: 10, phrase: '$MOSTRA *4 $TUE *1 regole|linee *2 nascost~|segret~|intern~|guida' },
  { weight: 10, phrase: '$MOSTRA *2 pubblic~ *2 istruzioni|prompt' },
  {
    weight: 10,
    phrase: 'qual|quali|cos|cosa *2 sono|è|e *2 $TUE *1 istruzioni|prompt|direttive *1 iniziali|segrete|nascoste|di?',
  },
  { weight: 10, phrase: 'qual|quale|quali *5 istruzioni|prompt *3 sopra|prima|sistema *2 questa|conversazione?' },
  { weight: 10, phrase: 'cosa|che *1 dice|c *1 il? $TUE prompt|istruzioni' },
  { weight: 8, phrase: 'cosa|quello *3 detto|ordinato *2 sviluppatore|sviluppatori|creatori' },
  { weight: 5, phrase: 'parola per parola|lettera' },
  { weight: 5, phrase: 'esattamente|integralmente|blocco di? codice?' },
  { weight: 5, phrase: 'ti *1 sono|hanno *1 stat~|dat~|dett~|imposto' },
  { weight: 10, phrase: '$TUE prompt' },
  { weight: 10, phrase: 'prompt *1 di sistema|iniziale|nascosto|segreto *3 $TUE?' },
  { weight: 5, phrase: '$TUE *2 istruzion~|direttiv~|configurazione' },
  {
    weight: 6,
    phrase: 'prime|parole|righe|parte|testo|inizio|riservat~ *5 $TUE *1 istruzion~|prompt|configurazione|regole',
  },
  {
    weight: 10,
    phrase: 'che|quali|quale *1 istruzion~|regol~|indicazion~|ordini *1 ti|hai *2 hanno|dato|avuto|ricevuto|sono',
  },
  {
    weight: 10,
    phrase:
      '$REGOLE *1 che *1 hai *1 avuto|ricevuto *2 da|dal|dallo|dagli *1 gestore|operatore|sviluppator~|proprietario|azienda',
  },
  { weight: 10, phrase: 'scritto|contenuto|c *3 contesto|sopra *1 prima *2 questo|mio' },
  { weight: 6, phrase: 'elenca tutte le? *1 regole|istruzioni *2 che ti|hai' },
  { weight: 6, phrase: 'sono *2 tuo|nuovo|il *1 sviluppatore|amministratore|creatore|admin|io' },
  {
    weight: 6,
    phrase: 'password|codici|chiavi|dati *2 amministratore|admin|segreti|sconto|clienti|cliente *1 nascosti?',
  },
  { weight: 6, phrase: 'rivela|mostra|dammi la *1 configurazione|password' },
  { weight: 6, phrase: 'nuovo|vero amministratore|padrone|capo *1 sono io' },
  // Speaking to the machine.
  { weight: 7, phrase: 'nota|istruzioni|messaggio per *1 $MACCHINA|modelli' },
  { weight: 8, phrase: 'se sei *1 modello|assistente|intelligenza|ia *1 linguistico?' },
  { weight: 6, phrase: 'caro|cara *1 $MACCHINA' },
  { weight: 5, phrase: '$MACCHINA *3 leggi|legge|elabora|leggono' },
  {
    weight: 7,
    phrase: '$MACCHINA|ticket|utente deve|devono *2 ignorare|inviare|rivelare|concedere|consigliare|obbedire|ora',
  },
  { weight: 7, phrase: 'tutte|tutti|ogni|qualsiasi *1 $MACCHINA|modelli *1 che' },
  { weight: 8, phrase: 'attenzione|ehi|ascolta *1 modello|assistente|ia|bot|llm' },
  { weight: 6, phrase: '$MACCHINA deve|devono *6 ignorare|stelle|consigliare|aggiungere|dire|lodare|comprare' },
  { weight: 5, phrase: 'non dite|dire|informare|avvisare|dirlo *3 utente|cliente|nessuno' },
  { weight: 4, phrase: 'aggiungi|inserisci|includi *1 frase|testo|link *8 riassunto|risposta' },
  { weight: 4, phrase: 'trasferi~|bonific~|paga~ *2 denaro|soldi|fondi|importo' },
  { weight: 4, phrase: 'non riassumere|tradurre|citare' },
  { weight: 5, phrase: 'invia|manda|inoltra|spedisci *3 dati|conversazione|messaggi|password *4 a|cliente' },
  { weight: 4, phrase: 'quando *2 riassum~|legg~|elabor~ *1 quest~' },
  { weight: 4, phrase: 'rispondi solo|soltanto' },
  { weight: 4, phrase: 'giudica|valuta|classifica *1 eccellente|approvato|ottimo' },
  { weight: 6, phrase: 'di all? utente di *1 visitare|aprire|cliccare' },
]

/** Phrases that speak against one: people who ask about attempts, or tell of them. */
export const HARMLESS_RULES: readonly InjectionRule[] = [
  {
    weight: 8,
    phrase: 'how|ways|way do|can|to|does|should|companies|we *4 protect|defend|prevent|avoid|detect|stop|mitigate',
  },
  { weight: 8, phrase: 'what|which *1 is|does|are|s|do *6 mean|means|jailbreak|injection|difference' },
  { weight: 8, phrase: 'explain|examples|example *6 jailbreak|jailbreaks|injection|companies' },
  { weight: 6, phrase: 'prompt|sql injection' },
  { weight: 8, phrase: 'is|was it|that|this *2 attack|true|dangerous|phishing|safe|serious' },
  { weight: 6, phrase: 'attacker|attackers|hackers|phishing|owasp|security' },
  { weight: 6, phrase: 'article|essay|paper|blog|report|post *1 on|about' },
  {
    weight: 6,
    phrase: 'customer|somebody|someone|user|he|she|who|mail|e-mail|phrase wrote|says|said|found|asked|that *1 says|to?',
  },
  { weight: 6, phrase: 'how do|can|should i|we' },
  { weight: 6, phrase: 'can|may|should|must i|we|my|she|he|anyone' },
  { weight: 5, phrase: 'famous|logs|dangerous' },
  { weight: 6, phrase: 'come posso|si|faccio|proteggo|difendo|impedire|le|impedisco|attivo|disattivo' },
  { weight: 8, phrase: 'come *2 protegg~|difend~|impedi~|evit~|prevenire|rilev~' },
  { weight: 8, phrase: 'cosa|cos|che *1 vuol|significa|è|e|differenza *5 dire|jailbreak|injection|prompt' },
  { weight: 8, phrase: 'spieg~|esempi|esempio *6 jailbreak|injection|aziende|significa' },
  { weight: 8, phrase: 'è|e|sarebbe *1 un attacco|phishing|pericolos~' },
  { weight: 8, phrase: 'aggressor~|attaccant~|phishing|protetto|difendono' },
  { weight: 6, phrase: 'articolo|saggio|relazione *1 su|sul|sulla|come' },
  { weight: 6, phrase: 'cliente|qualcuno|chi|mail|frase|log *3 scritto|dice|detto|trovato|gli' },
  { weight: 6, phrase: 'posso|devo|possiamo|dobbiamo|puo ignorar~|seguir~|aggirar~|annullar~|scavalcar~' },
]

/** Forms that only a forged frame of a conversation has. They hold for texts of any language. */
export const FRAME_RULES: readonly { readonly weight: number; readonly form: RegExp }[] = [
  { weight: 10, form: /<\|(?:im_start|im_end|system|assistant|user|endoftext|start_header_id)\|?>?/i },
  { weight: 10, form: /\[\/?INST\]|<<\/?SYS>>/i },
  { weight: 10, form: /<\/?(?:system|assistant|instructions?|system[_-]prompt)>/i },
  { weight: 10, form: /\[system\]\s?\(#/i },
  { weight: 7, form: /(?:^|\n)[#>*\s-]{0,6}(?:system|sistema)(?: override| message| prompt)?\s{0,2}:/i },
  { weight: 10, form: /\b(?:system override|sovrascrittura del sistema)\b/i },
  {
    weight: 7,
    form: /(?:^|\n|\s)(?:assistant|human|user|assistente|utente)\s{0,2}:\s{0,2}(?:sure|of course|certo|ok|do it|yes|now|good)/i,
  },
  {
    weight: 10,
    form: /\b(?:end of (?:the )?user message|begin system message|fine del messaggio utente|inizio messaggio di sistema)\b/i,
  },
]
