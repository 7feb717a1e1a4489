interface TicketEvent<Type extends string> {
  readonly type: Type
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly assistant: string
  readonly requestId: string
  readonly tenant: string
  readonly ticketId: string
}

/** A message was an emergency, and is being answered. */
export interface EmergencyAnswered extends TicketEvent<'emergency-answered'> {
  readonly score: number
  /** Ids of what counted. */
  readonly reasons: readonly string[]
  readonly confirmed: boolean
  readonly durationMs: number
}
/** The answer went out although the ticket was not certainly kept by then. */
export interface EmergencyTicketUncertain extends TicketEvent<'emergency-ticket-unconfirmed'> {
  readonly code: string
}
/** A ticket that could not be confirmed in time was kept after all. */
export interface EmergencyTicketLate extends TicketEvent<'emergency-ticket-confirmed-late'> {}
/** Telling somebody of a ticket failed. */
export interface EmergencyNotifyFailed extends TicketEvent<'emergency-notify-failed'> {
  readonly code: string
}

/** What an emergency tier reports. */
export type EmergencyEvent = EmergencyAnswered | EmergencyTicketUncertain | EmergencyTicketLate | EmergencyNotifyFailed
