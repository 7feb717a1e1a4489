import type { Phrases } from './phrases.ts'

export const it: Phrases = {
  locale: 'it',
  directNotice: 'Risposta data direttamente, senza il nostro solito sistema.',
  rulesNotice: 'Risposta presa direttamente dai sistemi di volo e contatti, senza un modello linguistico.',
  greeting:
    'Buongiorno, qui è il charter desk. Mi dica da dove a dove vuole volare, in quale giorno e in quanti, e cerco gli aerei.',
  help: 'Posso cercare aerei per il suo viaggio, mostrare la flotta, chiedere preventivi agli operatori e leggerli, e trovare persone e aziende da contattare. Per esempio: «Milano - Nizza venerdì, 4 persone».',
  refuseScope:
    'Posso aiutare solo con voli privati e con le persone da contattare per questi. C’è un viaggio di cui posso occuparmi?',
  refuseMisuse: 'Con questo non posso aiutare. Se vuole organizzare un volo, lo faccio volentieri.',
  ask: 'Volentieri. Mi serve ancora:',
  missing: {
    from: 'da dove parte',
    to: 'dove va',
    date: 'il giorno di ogni volo',
    passengers: 'quanti passeggeri sono',
    requestId: 'il numero della richiesta di preventivo (inizia con «arfq-»)',
    person: 'di chi si tratta: un indirizzo e-mail, oppure nome e azienda',
    people: 'che tipo di persone: un ruolo, un luogo, un settore o un’azienda',
    organisation: 'che tipo di azienda: un settore, un luogo o un nome',
    sequence: 'il nome della sequenza',
  },
  anything: 'qualche dettaglio in più',
  leg: (from, to, date, time) => `${from} - ${to}, ${date}${time === undefined ? '' : ` alle ${time}`}`,
  passengers: (count) => (count === 1 ? '1 passeggero' : `${count} passeggeri`),
  offersFound: (count, shown) =>
    count === 1
      ? 'Ho trovato un aereo:'
      : count === shown
        ? `Ho trovato ${count} aerei:`
        : `Ho trovato ${count} aerei. I primi ${shown}:`,
  offersNone: 'Per questo viaggio non è offerto nessun aereo. Un altro giorno, orario o categoria può aiutare.',
  seats: (count) => `fino a ${count} passeggeri`,
  estimate: (price) => `circa ${price}`,
  flightTime: (duration) => `${duration} di volo`,
  offersNext: 'I prezzi sono stime. Scriva «richiedi un preventivo» e chiedo agli operatori prezzi vincolanti.',
  fleetFound: (count, shown) =>
    count === 1 ? 'Un aereo:' : count === shown ? `${count} aerei:` : `${count} aerei. I primi ${shown}:`,
  fleetNone: 'Nessun aereo corrisponde.',
  fleetNext: 'Mi dica tratta, giorno e numero di passeggeri e guardo quali sono liberi.',
  quoteSent: (id) => `La richiesta di preventivo è partita verso gli operatori. Il numero è **${id}**.`,
  quoteNext: (id) => `Chieda «preventivi per ${id}» per vedere che cosa è arrivato.`,
  quotesFound: (count, id) =>
    count === 1 ? `È arrivato un preventivo per ${id}:` : `Sono arrivati ${count} preventivi per ${id}:`,
  quotesNone: (id, asked) => `Per ${id} non è ancora arrivato nessun preventivo; sono stati chiesti ${asked} aerei.`,
  quotesCancelled: (id) => `La richiesta ${id} è stata annullata.`,
  quotesUnknown: (id) => `Non risulta alcuna richiesta con il numero ${id}. Controlli il numero o chieda al desk.`,
  noPrice: 'ancora senza prezzo',
  quotesNext: 'Per accettarne uno, contatti il desk.',
  peopleFound: (total, shown) =>
    total === 1
      ? 'Corrisponde una persona:'
      : total > shown
        ? `Corrispondono ${total} persone. Le prime ${shown}:`
        : `Corrispondono ${total} persone:`,
  peopleNone: 'Nessuno corrisponde. Un luogo più ampio o un altro ruolo può aiutare.',
  peopleNext: 'Chieda i dettagli di una persona per nome e azienda per avere un indirizzo e-mail.',
  personNone: 'Non è nota nessuna persona così.',
  personChoice: 'Ce n’è più di una con questo nome. Per quale azienda lavora?',
  companiesFound: (total, shown) =>
    total === 1
      ? 'Corrisponde un’azienda:'
      : total > shown
        ? `Corrispondono ${total} aziende. Le prime ${shown}:`
        : `Corrispondono ${total} aziende:`,
  companiesNone: 'Nessuna azienda corrisponde.',
  employees: (count) => `${count} dipendenti`,
  sequenceAdded: (emails, sequence) => `Aggiunti alla sequenza **${sequence}**: ${emails}.`,
  sequenceSkipped: (emails) => `Non aggiunti: ${emails}.`,
  sequenceNext: 'La sequenza scrive secondo il proprio calendario.',
  sequenceUnknown: (name) =>
    `Nessuna sequenza si riconosce dal nome **${name}**; nessuno è stato aggiunto. Controlli il nome.`,
  base: (place) => `base ${place}`,
  notAccepted:
    'Il sistema che dovrebbe farlo non l’ha accettato così com’è. Non è stato inviato nulla; il desk può guardarci insieme a lei.',
  mayBeSent:
    'Può darsi che sia già stato inviato, anche se non ci è arrivata alcuna conferma. Per favore, non lo invii di nuovo: una persona può vedere se è partito.',
  alreadySent: (id) =>
    `È già stato inviato${id === undefined ? '' : `, con il numero **${id}**`}. Non è stato inviato una seconda volta.`,
  stale: (age) =>
    `I nostri sistemi al momento non sono raggiungibili. Questa è la risposta alla stessa domanda data ${age}; prezzi e disponibilità possono essere cambiati.`,
  offline: (down) => `Mi dispiace, al momento non posso rispondere. Non raggiungibile: ${down}.`,
  lasting: (duration) => `da ${duration}`,
  offlineUnknown: 'Mi dispiace, al momento non posso rispondere.',
  contact: (name, ways, hours) =>
    `Per parlare con una persona: ${name}${ways === '' ? '' : `, ${ways}`}${hours === '' ? '' : ` (${hours})`}.`,
  offlineTry:
    'Che cosa può provare: chiedere di nuovo tra qualche minuto, le connessioni si riprovano da sole; oppure ripetere una domanda già fatta, forse ricordo la risposta.',
  offlineNothingDone: 'Con questo messaggio non è stato prenotato né inviato nulla.',
  offlineMayBeDone:
    'Se ha chiesto di richiedere o inviare qualcosa, può darsi che sia stato fatto senza che la conferma ci sia arrivata: chieda prima a una persona, invece di inviarlo di nuovo.',
  call: 'telefono',
  write: 'e-mail',
  or: 'o',
  services: {
    n8n: 'il solito assistente',
    llm: 'il modello linguistico',
    apollo: 'la banca dati dei contatti',
    avinode: 'il mercato dei voli',
  },
}
