import { randomUUID } from 'node:crypto'
import { toHoldfastError } from '@holdfast/core'
import type { Author, Entries, Intake } from '@holdfast/store/intake'
import { onCallMessage } from '../emergency/on-call-message.ts'
import type { KeptTicket } from '../emergency/on-call-message.ts'
import type { Log } from '../http/context.ts'

/** Puts what has happened into the store. Neither rejects: what has happened must not fail for it, and the log says what was not kept. */
export interface Keeper {
  /** A ticket of an emergency, once for its id. */
  ticket(ticket: KeptTicket): Promise<void>
  /** That somebody has changed something. */
  audit(author: Author, entry: Entries['audit']): Promise<void>
}

/** Keeps by an intake. */
export function createKeeper({ accept }: Pick<Intake, 'accept'>, log: Log): Keeper {
  const noted = async (kept: Promise<unknown>, what: string): Promise<void> => {
    await kept.catch((error: unknown) => {
      const { code } = toHoldfastError(error)
      // The same ticket, told in other words: it is there.
      if (code !== 'IDEMPOTENCY_KEY_REUSED') log.error({ code }, `${what} was not kept for the store`)
    })
  }
  return {
    ticket(kept) {
      const { id: number, message, tenant, ...details } = onCallMessage(kept).ticket
      const entry = { number, message: message.toWellFormed().replaceAll('\0', ''), details }
      return noted(accept('ticket', { tenant }, entry, { idempotencyKey: number }), 'a ticket')
    },
    audit: (author, entry) => noted(accept('audit', author, entry, { idempotencyKey: randomUUID() }), 'an audit entry'),
  }
}
