/** The ticket desk keeps tickets in a journal: an id is given when the ticket is on the disk. */
export { createTicketDesk, TICKET_DESK_DEFAULTS } from './ticket-desk.ts'
export type { NewTicket, TicketDesk, TicketDeskOptions } from './ticket-desk.ts'
