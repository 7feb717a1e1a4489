/** The signal that the client has answered. */
export const CLIENT_ANSWERED = 'client-answered'

/** The signal that a quote has come, was revised or withdrawn, to a request that waits for a person or for quotes. */
export const OFFERS_CHANGED = 'offers-changed'
