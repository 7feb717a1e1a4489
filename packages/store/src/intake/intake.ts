import type { ErrorCategory } from '@holdfast/core'
import type { Author, Entries, EntryKind } from './entries.ts'

/** What an entry may be told. */
export interface AcceptOptions {
  /** Stands for this one entry of its kind and tenant, however often it is offered: 1 to 200 characters. */
  readonly idempotencyKey: string
  /** The caller's abort. The entry may be kept all the same; offering it again with its key does not double it. */
  readonly signal?: AbortSignal | undefined
  /** The request this belongs to, for events. */
  readonly requestId?: string | undefined
}

/** An entry that is on the disk. */
export interface AcceptedEntry {
  readonly where: 'store' | 'journal'
  /** Of its row, now or later: a UUID, the same each time it is offered. */
  readonly id: string
}

/** An entry that the store will not have. */
export interface EntrySetAside {
  readonly id: string
  /** As it was given; one of `EntryKind`, unless a later version has written it. */
  readonly kind: string
  readonly tenant: string
  readonly idempotencyKey: string
  readonly entry: unknown
  /** When it was accepted: wall time in milliseconds since the Unix epoch. */
  readonly acceptedAt: number
  /** Why: the code and the words of the error, without values of rows. */
  readonly reason: { readonly code: string; readonly message: string }
}

/** How an intake is. */
export interface IntakeStatus {
  readonly state: 'open' | 'closed'
  /** `away`: entries go to the journal without asking the store, which is tried again meanwhile. */
  readonly store: 'there' | 'away'
  /** Entries in the journal that the store is to have. */
  readonly waiting: number
  /** Entries that the store will not have. Known once the journal has been gone through after the start; until then they count as waiting. */
  readonly setAside: number
  /** Records of the journal that cannot be read: its disk is damaged. */
  readonly unreadable: number
  /** Until the store is tried again. */
  readonly nextReplayInMs?: number
  /** Wall time in milliseconds since the Unix epoch. */
  readonly lastFailure?: { readonly code: string; readonly category: ErrorCategory; readonly at: number }
}

/** Takes in what must never be lost. */
export interface Intake {
  /**
   * Resolves when the entry is on the disk: in the store, in the name of its author, or while the store is away in the journal. With a key that was accepted before it keeps nothing new.
   *
   * @throws HoldfastError `INTAKE_ENTRY_INVALID`, `INTAKE_ENTRY_TOO_LARGE`, `INVALID_CLAIMS`, `IDEMPOTENCY_KEY_REUSED`; what the store refuses the row with (`client`); what the journal rejects with, when neither takes it;
   * `INTAKE_TIMEOUT`, after which it may be kept all the same; `INTAKE_CLOSED`; the reason of an abort
   */
  accept<Kind extends EntryKind>(
    kind: Kind,
    author: Author,
    entry: Entries[Kind],
    options: AcceptOptions,
  ): Promise<AcceptedEntry>
  status(): IntakeStatus
  /** What the store will not have, in the order in which it was accepted. */
  setAside(): Promise<readonly EntrySetAside[]>
  /**
   * Offers one of those to the store again, after what was wrong was put right.
   * @throws HoldfastError `INTAKE_ENTRY_UNKNOWN`; what the store rejects with: then it stays where it is
   */
  retry(id: string): Promise<void>
  /** Gives one of those up. @throws HoldfastError `INTAKE_ENTRY_UNKNOWN` */
  discard(id: string): Promise<void>
  /** Takes no more, waits for what is being accepted, and stops the replay. Store and journal stay open: they are somebody else's. */
  close(): Promise<void>
}
