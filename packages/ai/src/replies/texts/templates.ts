/** Templates by language (ISO 639-1) and intent. */
export type ReplyTemplates = Readonly<Record<string, Readonly<Record<string, string>>>>

/** How to reach a person, with what is known of it. */
const REACH_EN = `{{contact}}{{#phone}}, call {{phone}}{{/phone}}{{#email}}, write to {{email}}{{/email}}{{#hours}} ({{hours}}){{/hours}}`
const REACH_IT = `{{contact}}{{#phone}}, telefono {{phone}}{{/phone}}{{#email}}, mail {{email}}{{/email}}{{#hours}} ({{hours}}){{/hours}}`

/** The templates that come with the package, for the intents that come with it. */
export const REPLY_TEMPLATES: ReplyTemplates = Object.freeze({
  en: Object.freeze({
    greeting: `Hello{{#customer}} {{customer}}{{/customer}}, you are talking to {{company}}. How can I help?`,
    thanks: `You are welcome. If there is anything else, write to me here, or reach ${REACH_EN}.`,
    help: `I can tell you how to reach us and when, take you to a person, and say what to do about prices, tickets and passwords. For everything else: ${REACH_EN}.`,
    quote: `Thank you for your interest. For a quote please tell us what you need, for how many people, and by when: ${REACH_EN}. We will get back to you with a figure.`,
    hours: `{{#hours}}We are here {{hours}}.{{/hours}}{{^hours}}I do not have our opening hours at hand.{{/hours}} To reach us: {{contact}}{{#phone}}, call {{phone}}{{/phone}}{{#email}}, write to {{email}}{{/email}}.`,
    contact: `This is how to reach us: ${REACH_EN}.`,
    human: `I am an automatic assistant. A person will be glad to help you: ${REACH_EN}.`,
    status: `I cannot look up tickets at the moment. Please have its number at hand and ask ${REACH_EN}.`,
    password: `For your safety a password is reset only after we know who is asking. Please turn to ${REACH_EN}. Never send a password in this chat.`,
  }),
  it: Object.freeze({
    greeting: `Buongiorno{{#customer}} {{customer}}{{/customer}}, parla con {{company}}. Come posso aiutarla?`,
    thanks: `Prego. Se le serve altro mi scriva qui, oppure si rivolga a ${REACH_IT}.`,
    help: `Posso dirle come e quando contattarci, metterla in contatto con una persona e spiegarle come fare per prezzi, ticket e password. Per tutto il resto: ${REACH_IT}.`,
    quote: `Grazie per l'interesse. Per un preventivo ci dica che cosa le serve, per quante persone ed entro quando: ${REACH_IT}. Le risponderemo con una cifra.`,
    hours: `{{#hours}}Siamo disponibili {{hours}}.{{/hours}}{{^hours}}Non ho i nostri orari a portata di mano.{{/hours}} Per contattarci: {{contact}}{{#phone}}, telefono {{phone}}{{/phone}}{{#email}}, mail {{email}}{{/email}}.`,
    contact: `Ecco come contattarci: ${REACH_IT}.`,
    human: `Sono un assistente automatico. Una persona sarà lieta di aiutarla: ${REACH_IT}.`,
    status: `Al momento non posso consultare i ticket. Tenga il numero a portata di mano e chieda a ${REACH_IT}.`,
    password: `Per la sua sicurezza una password si reimposta solo quando sappiamo chi la chiede. Si rivolga a ${REACH_IT}. Non scriva mai una password in questa chat.`,
  }),
})
