/** The signal that the client has answered. */
export const CLIENT_ANSWERED = 'client-answered'
