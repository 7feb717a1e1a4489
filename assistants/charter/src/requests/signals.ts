/** The signal that the client has answered. */
export const CLIENT_ANSWERED = 'client-answered'

/** The signal that a quote has come, was revised or withdrawn, to a request that waits for a person or for quotes. */
export const OFFERS_CHANGED = 'offers-changed'

/** The signal that an offer is to be made of prices that only the desk has seen. */
export const MAKE_OFFER = 'make-offer'
