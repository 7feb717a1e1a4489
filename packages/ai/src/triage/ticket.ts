import type { Assessment } from './options.ts'

/** An emergency, as it is to be kept. */
export interface EmergencyTicket {
  /** `EMG-20261125-7Q2K9F3M`: the day (UTC) and 40 random bits. */
  readonly id: string
  /** Of the tenant and the request: the same for a request that comes again, so that it is kept once. */
  readonly key: string
  readonly requestId: string
  readonly tenant: string
  readonly sessionId?: string
  /** Wall time in ms since the Unix epoch. */
  readonly at: number
  readonly assessment: Assessment
  /** What the customer said, at most {@link LONGEST_MESSAGE} characters of it. For the people on call; not for a log. */
  readonly message: string
}

/** How much of what the customer said goes into a ticket, in characters. */
export const LONGEST_MESSAGE = 4_000

/** Crockford's base 32: no letters that are heard or read wrong. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const RANDOM_LETTERS = 8

/** A new id for a ticket opened at this wall time. */
export function ticketId(at: number): string {
  const day = new Date(at).toISOString().slice(0, 10).replaceAll('-', '')
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_LETTERS))
  return `EMG-${day}-${Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join('')}`
}
