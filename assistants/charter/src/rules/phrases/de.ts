import type { Phrases } from './phrases.ts'

export const de: Phrases = {
  locale: 'de',
  directNotice: 'Direkt beantwortet, ohne unser übliches System.',
  rulesNotice: 'Direkt aus Flug- und Kontaktsystem beantwortet, ohne Sprachmodell.',
  greeting:
    'Guten Tag, hier ist der Charter-Desk. Sagen Sie mir, von wo nach wo Sie fliegen möchten, an welchem Tag und mit wie vielen Personen, dann suche ich Flugzeuge.',
  help: 'Ich kann Flugzeuge für Ihre Reise suchen, die Flotte zeigen, Angebote bei Betreibern anfragen und lesen sowie Personen und Unternehmen finden. Zum Beispiel: „München nach Nizza am Freitag, 4 Personen“.',
  refuseScope:
    'Ich kann nur bei Privatflügen und den Kontakten dazu helfen. Gibt es eine Reise, die ich mir ansehen darf?',
  refuseMisuse: 'Dabei kann ich nicht helfen. Wenn Sie einen Flug planen möchten, kümmere ich mich gern darum.',
  ask: 'Gern. Dafür brauche ich noch:',
  missing: {
    from: 'von wo Sie abfliegen',
    to: 'wohin es geht',
    date: 'den Tag jedes Fluges',
    passengers: 'wie viele Passagiere es sind',
    requestId: 'die Nummer der Angebotsanfrage (sie beginnt mit „arfq-“)',
    person: 'um wen es geht: eine E-Mail-Adresse, oder Name und Firma',
    people: 'welche Personen: eine Position, ein Ort, eine Branche oder eine Firma',
    organisation: 'welche Unternehmen: eine Branche, ein Ort oder ein Name',
    sequence: 'den Namen der Sequenz',
  },
  anything: 'noch etwas mehr dazu',
  leg: (from, to, date, time) => `${from} nach ${to}, ${date}${time === undefined ? '' : ` um ${time} Uhr`}`,
  passengers: (count) => (count === 1 ? '1 Passagier' : `${count} Passagiere`),
  offersFound: (count, shown) =>
    count === 1
      ? 'Ich habe ein Flugzeug gefunden:'
      : count === shown
        ? `Ich habe ${count} Flugzeuge gefunden:`
        : `Ich habe ${count} Flugzeuge gefunden. Die ersten ${shown}:`,
  offersNone:
    'Für diese Reise wird kein Flugzeug angeboten. Ein anderer Tag, eine andere Zeit oder Kategorie kann helfen.',
  seats: (count) => `bis ${count} Passagiere`,
  estimate: (price) => `geschätzt ${price}`,
  flightTime: (duration) => `${duration} Flugzeit`,
  offersNext:
    'Die Preise sind Schätzungen. Schreiben Sie „Angebot anfragen“, dann bitte ich die Betreiber um verbindliche.',
  fleetFound: (count, shown) =>
    count === 1
      ? 'Ein Flugzeug:'
      : count === shown
        ? `${count} Flugzeuge:`
        : `${count} Flugzeuge. Die ersten ${shown}:`,
  fleetNone: 'Dazu passt kein Flugzeug.',
  fleetNext: 'Nennen Sie mir Strecke, Tag und Passagierzahl, dann sehe ich nach, welche frei sind.',
  quoteSent: (id) => `Die Angebotsanfrage ist bei den Betreibern. Ihre Nummer ist **${id}**.`,
  quoteNext: (id) => `Fragen Sie nach „Angeboten zu ${id}“, um zu sehen, was eingegangen ist.`,
  quotesFound: (count, id) => (count === 1 ? `Zu ${id} ist ein Angebot da:` : `Zu ${id} sind ${count} Angebote da:`),
  quotesNone: (id, asked) => `Zu ${id} ist noch kein Angebot da; ${asked} Flugzeuge sind angefragt.`,
  quotesCancelled: (id) => `Die Anfrage ${id} wurde zurückgezogen.`,
  quotesUnknown: (id) =>
    `Eine Anfrage mit der Nummer ${id} ist nicht bekannt. Bitte prüfen Sie die Nummer oder fragen Sie den Desk.`,
  noPrice: 'noch ohne Preis',
  quotesNext: 'Um eines anzunehmen, melden Sie sich bitte beim Desk.',
  peopleFound: (total, shown) =>
    total === 1
      ? 'Eine Person passt:'
      : total > shown
        ? `${total} Personen passen. Die ersten ${shown}:`
        : `${total} Personen passen:`,
  peopleNone: 'Niemand passt dazu. Ein größerer Ort oder eine andere Position kann helfen.',
  peopleNext: 'Fragen Sie mit Name und Firma nach den Daten einer Person, um eine E-Mail-Adresse zu bekommen.',
  personNone: 'Eine solche Person ist nicht bekannt.',
  personChoice: 'Es gibt mehrere dieses Namens. Bei welcher Firma arbeitet die Person?',
  companiesFound: (total, shown) =>
    total === 1
      ? 'Ein Unternehmen passt:'
      : total > shown
        ? `${total} Unternehmen passen. Die ersten ${shown}:`
        : `${total} Unternehmen passen:`,
  companiesNone: 'Kein Unternehmen passt dazu.',
  employees: (count) => `${count} Beschäftigte`,
  sequenceAdded: (emails, sequence) => `In die Sequenz **${sequence}** aufgenommen: ${emails}.`,
  sequenceSkipped: (emails) => `Nicht aufgenommen: ${emails}.`,
  sequenceNext: 'Die Sequenz schreibt nach ihrem eigenen Plan.',
  sequenceUnknown: (name) =>
    `Eine Sequenz, die sich am Namen **${name}** eindeutig erkennen lässt, gibt es nicht; niemand wurde hinzugefügt. Bitte prüfen Sie den Namen.`,
  base: (place) => `Basis ${place}`,
  notAccepted:
    'Das System, das dies tun müsste, hat es so nicht angenommen. Es wurde nichts verschickt; der Desk kann es mit Ihnen ansehen.',
  mayBeSent:
    'Das ist womöglich schon verschickt worden, obwohl uns keine Bestätigung erreicht hat. Bitte schicken Sie es nicht noch einmal: Ein Mensch kann sehen, ob es hinausgegangen ist.',
  alreadySent: (id) =>
    `Das ist bereits verschickt${id === undefined ? '' : `, unter der Nummer **${id}**`}. Es wurde nicht noch einmal verschickt.`,
  stale: (age) =>
    `Unsere Systeme sind gerade nicht erreichbar. Dies ist die Antwort auf dieselbe Frage, wie sie ${age} gegeben wurde; Preise und Verfügbarkeit können sich geändert haben.`,
  offline: (down) => `Es tut mir leid, ich kann gerade nicht antworten. Nicht erreichbar: ${down}.`,
  lasting: (duration) => `seit ${duration.replace(/Tage$/, 'Tagen')}`,
  offlineUnknown: 'Es tut mir leid, ich kann gerade nicht antworten.',
  contact: (name, ways, hours) =>
    `So erreichen Sie einen Menschen: ${name}${ways === '' ? '' : `, ${ways}`}${hours === '' ? '' : ` (${hours})`}.`,
  offlineTry:
    'Was Sie versuchen können: in einigen Minuten noch einmal fragen, die Verbindungen werden von selbst wieder versucht; oder eine Frage von früher stellen, vielleicht erinnere ich mich an die Antwort.',
  offlineNothingDone: 'Mit dieser Nachricht wurde nichts gebucht oder verschickt.',
  offlineMayBeDone:
    'Falls Sie um eine Anfrage oder einen Versand gebeten haben: Das kann durchgegangen sein, obwohl uns keine Bestätigung erreicht hat. Bitte fragen Sie erst einen Menschen, bevor Sie es noch einmal schicken.',
  call: 'Telefon',
  write: 'E-Mail',
  or: 'oder',
  services: {
    n8n: 'der übliche Assistent',
    llm: 'das Sprachmodell',
    apollo: 'die Kontaktdatenbank',
    avinode: 'der Flugmarktplatz',
  },
}
