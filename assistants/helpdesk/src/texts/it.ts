import type { HelpdeskTexts } from './texts.ts'

const REACH = `{{contact}}{{#phone}}, telefono {{phone}}{{/phone}}{{#email}}, mail {{email}}{{/email}}{{#hours}} ({{hours}}){{/hours}}`
const ELSE = `Se non basta, ci pensa un tecnico: ${REACH}.`

/** What the help desk says in Italian. */
export const ITALIAN_TEXTS: HelpdeskTexts = {
  templates: {
    greeting: `Buongiorno{{#customer}} {{customer}}{{/customer}}, parla con l'assistenza informatica di {{company}}. Come posso aiutarla?`,
    thanks: `Prego. Se le serve altro mi scriva qui, oppure si rivolga a ${REACH}.`,
    help: `Posso aiutarla con stampanti, rete e VPN, posta, computer lenti, password e ticket, dirle come e quando contattarci e metterla in contatto con una persona: ${REACH}.`,
    quote: `Grazie per l'interesse. Per un preventivo ci dica che cosa le serve, per quante persone ed entro quando: ${REACH}.`,
    hours: `{{#hours}}Siamo disponibili {{hours}}.{{/hours}}{{^hours}}Non ho i nostri orari a portata di mano.{{/hours}} Per contattarci: {{contact}}{{#phone}}, telefono {{phone}}{{/phone}}{{#email}}, mail {{email}}{{/email}}.`,
    contact: `Ecco come contattarci: ${REACH}.`,
    human: `Sono un assistente automatico. Un tecnico sarà lieto di aiutarla: ${REACH}.`,
    status: `Al momento non posso consultare i ticket. Tenga il numero a portata di mano e chieda a ${REACH}.`,
    password: `Una password si reimposta solo quando sappiamo chi la chiede. Si rivolga a ${REACH}. Non scriva mai una password in questa chat.`,
    printer: `Che cosa di solito aiuta con una stampante:\n\n1. Guardi sul display se mancano carta o toner, o se uno sportello è aperto.\n2. La spenga, aspetti dieci secondi e la riaccenda.\n3. Annulli i lavori in coda e stampi di nuovo.\n\n${ELSE}`,
    network: `Che cosa di solito aiuta con la connessione:\n\n1. Disattivi e riattivi il Wi-Fi, o ricolleghi il cavo di rete.\n2. Se usa la VPN, la scolleghi e la ricolleghi.\n3. Riavvii il computer, e veda se un collega vicino ha lo stesso problema.\n\n${ELSE}`,
    mail: `Che cosa di solito aiuta con la posta:\n\n1. Chiuda il programma di posta e lo riapra.\n2. Provi la casella nel browser: se lì funziona, la causa è il programma.\n3. Veda se la casella è piena, e se il messaggio ha un allegato molto grande.\n\n${ELSE}`,
    slow: `Che cosa di solito aiuta con un computer lento o bloccato:\n\n1. Salvi quello che può e lo riavvii; chiudere il coperchio non è un riavvio.\n2. Chiuda i programmi e le schede del browser che non le servono.\n3. Lasci finire gli aggiornamenti in corso, con l'alimentatore collegato.\n\n${ELSE}`,
  },
  replies: {
    greeting: "Buongiorno, e grazie per aver scritto all'assistenza informatica.",
    help: 'Al momento posso aiutarla solo in poche cose, ma un tecnico può aiutarla in tutto.',
    quote: "Grazie per l'interesse. Saremo lieti di farle un'offerta: ci dica che cosa le serve e per quante persone.",
    general: 'Mi dispiace, al momento non posso rispondere. Un tecnico può farlo.',
  },
  remembered: 'Questa risposta è stata data {{age}}; al momento non si può verificare.',
  similar: 'Questa risposta è stata data {{age}} a una domanda simile; al momento non si può verificare.',
}
