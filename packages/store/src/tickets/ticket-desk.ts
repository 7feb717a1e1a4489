import { createHash } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import { invalid } from '../journal/errors.ts'
import type { Journal } from '../journal/journal.ts'

/** What a ticket needs to be kept; the rest of it is kept as it is. */
export interface NewTicket {
  /** Stands for this one ticket, however often it is opened: any text that is not empty. */
  readonly key: string
  /** Whose it is: 1 to 200 characters. */
  readonly tenant: string
}

/** Keeps tickets. */
export interface TicketDesk {
  /**
   * Resolves to the id of the ticket when it is on the disk. With a key that was opened before, also before a restart, it keeps nothing new
   * and resolves to the same id, for as long as the journal remembers the key.
   * @throws HoldfastError what `append` of the journal rejects with
   */
  open(ticket: NewTicket & Readonly<Record<string, unknown>>): Promise<string>
  /** The id and the key of the record that a ticket gets, or would get. */
  recordOf(ticket: NewTicket): { readonly id: string; readonly kind: string; readonly key: string }
}

export interface TicketDeskOptions {
  readonly journal: Journal
  /** Of the journal's records: 1 to 64 lower-case letters, digits and `-`. Default: `ticket`. */
  readonly kind?: string | undefined
  /** Stands before the id. 1 to 16 capital letters and digits. Default: `EMG`. */
  readonly prefix?: string | undefined
}

/** What {@link TicketDeskOptions} fall back to. */
export const TICKET_DESK_DEFAULTS: Readonly<{ kind: string; prefix: string }> = Object.freeze({
  kind: 'ticket',
  prefix: 'EMG',
})

/** Crockford's base 32: no letters that are heard or read wrong. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ID_LETTERS = 8

/**
 * Keeps tickets in a journal. An id is made of the key alone (40 bits of its SHA-256), so that a ticket that comes again has it
 * again, and nothing but the key has to be remembered.
 *
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createTicketDesk(options: TicketDeskOptions): TicketDesk {
  const { journal, kind = TICKET_DESK_DEFAULTS.kind, prefix = TICKET_DESK_DEFAULTS.prefix } = options
  if (typeof prefix !== 'string' || !/^[A-Z0-9]{1,16}$/.test(prefix)) {
    throw invalid('INVALID_OPTION', 'ticketDesk.prefix must be 1 to 16 capital letters and digits')
  }
  if (typeof kind !== 'string' || !/^[a-z0-9-]{1,64}$/.test(kind)) {
    throw invalid('INVALID_OPTION', "ticketDesk.kind must be 1 to 64 lower-case letters, digits and '-'")
  }
  /** A second opening must not be told of a ticket that may yet fail to reach the disk. */
  const onTheirWay = new Map<string, Promise<void>>()

  const recordOf: TicketDesk['recordOf'] = ({ tenant, key }) => {
    const digest = createHash('sha256')
      .update(JSON.stringify([tenant, key]))
      .digest()
    const letters = Array.from(digest.subarray(0, ID_LETTERS), (byte) => LETTERS[byte % LETTERS.length])
    return { id: `${prefix}-${letters.join('')}`, kind, key: digest.toString('hex') }
  }

  const keep = async (key: string, id: string, ticket: NewTicket): Promise<void> => {
    try {
      await journal.append({ kind, tenant: ticket.tenant, key, data: { ...ticket, id } })
    } catch (error) {
      // The same ticket with another time or wording: it is there already.
      if (!HoldfastError.isInstance(error) || error.code !== 'JOURNAL_KEY_REUSED') throw error
    }
  }

  return Object.freeze<TicketDesk>({
    recordOf,
    async open(ticket): Promise<string> {
      const { id, key } = recordOf(ticket)
      const before = onTheirWay.get(key)
      if (before !== undefined) {
        await before
        return id
      }
      const kept = keep(key, id, ticket)
      onTheirWay.set(key, kept)
      try {
        await kept
        return id
      } finally {
        onTheirWay.delete(key)
      }
    },
  })
}
