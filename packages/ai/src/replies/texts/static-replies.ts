/** The fixed replies of one language. `general` is for everything that has none of its own. */
export type StaticReplies = Readonly<Record<string, string>> & { readonly general: string }

/** The replies that come with the package, by ISO 639-1. The contact is added to each. */
export const STATIC_REPLIES: Readonly<Record<string, StaticReplies>> = Object.freeze({
  en: Object.freeze({
    greeting: 'Hello, and thank you for writing to us.',
    help: 'I can help with only a little at the moment, but a person can help with everything.',
    quote:
      'Thank you for your interest. We will be glad to make you an offer: tell us what you need and for how many people.',
    general: 'I am sorry, I cannot answer that at the moment. A person can.',
  }),
  it: Object.freeze({
    greeting: 'Buongiorno, e grazie per averci scritto.',
    help: 'Al momento posso aiutarla solo in poche cose, ma una persona può aiutarla in tutto.',
    quote: "Grazie per l'interesse. Saremo lieti di farle un'offerta: ci dica che cosa le serve e per quante persone.",
    general: 'Mi dispiace, al momento non posso rispondere. Una persona può farlo.',
  }),
})
