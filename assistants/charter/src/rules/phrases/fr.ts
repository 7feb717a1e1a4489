import type { Phrases } from './phrases.ts'

export const fr: Phrases = {
  locale: 'fr',
  directNotice: 'Réponse donnée directement, sans notre système habituel.',
  rulesNotice: 'Réponse tirée directement des systèmes de vol et de contacts, sans modèle de langage.',
  greeting:
    'Bonjour, ici le bureau d’affrètement. Dites-moi d’où à où vous souhaitez voler, quel jour et à combien, et je cherche des avions.',
  help: 'Je peux chercher des avions pour votre voyage, montrer la flotte, demander des devis aux opérateurs et les lire, et trouver des personnes et des entreprises à contacter. Par exemple : « Paris - Nice vendredi, 4 personnes ».',
  refuseScope:
    'Je ne peux aider que pour les vols privés et les contacts qui s’y rapportent. Y a-t-il un voyage dont je peux m’occuper ?',
  refuseMisuse: 'Je ne peux pas aider pour cela. Si vous souhaitez organiser un vol, je m’en occupe volontiers.',
  ask: 'Volontiers. Il me manque encore :',
  missing: {
    from: 'd’où vous partez',
    to: 'où vous allez',
    date: 'le jour de chaque vol',
    passengers: 'le nombre de passagers',
    requestId: 'le numéro de la demande de devis (il commence par « arfq- »)',
    person: 'de qui il s’agit : une adresse e-mail, ou un nom et une entreprise',
    people: 'quel genre de personnes : une fonction, un lieu, un secteur ou une entreprise',
    organisation: 'quel genre d’entreprise : un secteur, un lieu ou un nom',
    sequence: 'le nom de la séquence',
  },
  anything: 'quelques précisions',
  leg: (from, to, date, time) => `${from} - ${to}, ${date}${time === undefined ? '' : ` à ${time}`}`,
  passengers: (count) => (count === 1 ? '1 passager' : `${count} passagers`),
  offersFound: (count, shown) =>
    count === 1
      ? 'J’ai trouvé un avion :'
      : count === shown
        ? `J’ai trouvé ${count} avions :`
        : `J’ai trouvé ${count} avions. Les ${shown} premiers :`,
  offersNone: 'Aucun avion n’est proposé pour ce voyage. Un autre jour, une autre heure ou catégorie peut aider.',
  seats: (count) => `jusqu’à ${count} passagers`,
  estimate: (price) => `environ ${price}`,
  flightTime: (duration) => `${duration} de vol`,
  offersNext:
    'Les prix sont des estimations. Écrivez « demander un devis » et je demande des prix fermes aux opérateurs.',
  fleetFound: (count, shown) =>
    count === 1 ? 'Un avion :' : count === shown ? `${count} avions :` : `${count} avions. Les ${shown} premiers :`,
  fleetNone: 'Aucun avion ne correspond.',
  fleetNext: 'Donnez-moi un trajet, un jour et le nombre de passagers, et je regarde lesquels sont libres.',
  quoteSent: (id) => `La demande de devis est partie vers les opérateurs. Son numéro est **${id}**.`,
  quoteNext: (id) => `Demandez « devis pour ${id} » pour voir ce qui est arrivé.`,
  quotesFound: (count, id) =>
    count === 1 ? `Un devis est arrivé pour ${id} :` : `${count} devis sont arrivés pour ${id} :`,
  quotesNone: (id, asked) => `Aucun devis n’est encore arrivé pour ${id} ; ${asked} avions ont été demandés.`,
  quotesCancelled: (id) => `La demande ${id} a été annulée.`,
  quotesUnknown: (id) => `Aucune demande ne porte le numéro ${id}. Vérifiez le numéro ou demandez au bureau.`,
  noPrice: 'pas encore de prix',
  quotesNext: 'Pour en accepter un, contactez le bureau.',
  peopleFound: (total, shown) =>
    total === 1
      ? 'Une personne correspond :'
      : total > shown
        ? `${total} personnes correspondent. Les ${shown} premières :`
        : `${total} personnes correspondent :`,
  peopleNone: 'Personne ne correspond. Un lieu plus large ou une autre fonction peut aider.',
  peopleNext:
    'Demandez les coordonnées de l’une d’elles avec son nom et son entreprise pour obtenir une adresse e-mail.',
  personNone: 'Aucune personne connue ne correspond.',
  personChoice: 'Plusieurs personnes portent ce nom. Pour quelle entreprise travaille-t-elle ?',
  companiesFound: (total, shown) =>
    total === 1
      ? 'Une entreprise correspond :'
      : total > shown
        ? `${total} entreprises correspondent. Les ${shown} premières :`
        : `${total} entreprises correspondent :`,
  companiesNone: 'Aucune entreprise ne correspond.',
  employees: (count) => `${count} salariés`,
  sequenceAdded: (emails, sequence) => `Ajoutés à la séquence **${sequence}** : ${emails}.`,
  sequenceSkipped: (emails) => `Non ajoutés : ${emails}.`,
  sequenceNext: 'La séquence écrit selon son propre calendrier.',
  sequenceUnknown: (name) =>
    `Aucune séquence ne se reconnaît au nom **${name}** ; personne n’a été ajouté. Vérifiez le nom.`,
  base: (place) => `basé à ${place}`,
  notAccepted:
    'Le système qui devrait le faire ne l’a pas accepté tel quel. Rien n’a été envoyé ; le bureau peut le voir avec vous.',
  mayBeSent:
    'C’est peut-être déjà envoyé, bien qu’aucune confirmation ne nous soit parvenue. Merci de ne pas l’envoyer à nouveau : une personne peut voir si c’est parti.',
  alreadySent: (id) =>
    `C’est déjà envoyé${id === undefined ? '' : `, sous le numéro **${id}**`}. Rien n’a été envoyé une seconde fois.`,
  stale: (age) =>
    `Nos systèmes ne sont pas joignables pour le moment. Voici la réponse à la même question, donnée ${age} ; prix et disponibilités ont pu changer.`,
  offline: (down) => `Je suis désolé, je ne peux pas répondre pour le moment. Injoignable : ${down}.`,
  lasting: (duration) => `depuis ${duration}`,
  offlineUnknown: 'Je suis désolé, je ne peux pas répondre pour le moment.',
  contact: (name, ways, hours) =>
    `Pour joindre une personne : ${name}${ways === '' ? '' : `, ${ways}`}${hours === '' ? '' : ` (${hours})`}.`,
  offlineTry:
    'Ce que vous pouvez essayer : redemander dans quelques minutes, les connexions sont retentées d’elles-mêmes ; ou reposer une question déjà posée, je me souviens peut-être de la réponse.',
  offlineNothingDone: 'Rien n’a été réservé ni envoyé avec ce message.',
  offlineMayBeDone:
    'Si vous avez demandé une demande de devis ou un envoi, il se peut que ce soit fait sans que la confirmation nous soit parvenue : demandez d’abord à une personne avant de l’envoyer à nouveau.',
  call: 'téléphone',
  write: 'e-mail',
  or: 'ou',
  services: {
    n8n: 'l’assistant habituel',
    llm: 'le modèle de langage',
    apollo: 'la base de contacts',
    avinode: 'la place de marché des vols',
  },
}
