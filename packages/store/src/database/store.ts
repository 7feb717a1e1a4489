import type { Transaction } from 'kysely'
import type { ApiKeyOwner } from './api-keys.ts'
import type { BackupResult } from './backup/backup.ts'
import type { Claims } from './claims.ts'
import type { Schema } from './schema.ts'

/** A transaction under way: Kysely's, with the tables of {@link Schema}. It ends with the function that was given it. */
export type StoreTransaction = Transaction<Schema>

export interface TransactionOptions {
  /** The caller's abort: rejects at once with its reason, and rolls back. An abort while the commit is under way may come too late. */
  readonly signal?: AbortSignal | undefined
  /** Total time, waiting for a connection included, in ms. 1 to 86,400,000. Default: the store's `deadlineMs`. */
  readonly deadlineMs?: number | undefined
}

/** A frozen copy of what a store knows about itself. */
export interface StoreStatus {
  readonly state: 'open' | 'closing' | 'closed'
  readonly engine: 'pglite' | 'postgres'
  /** Its directory, or host and database, without credentials. */
  readonly where: string
  /** PostgreSQL's, `18.6`. */
  readonly version: string
  /** The migrations it has. */
  readonly migrations: readonly string[]
  /** What weakens a promise of it, in words for whoever runs it. */
  readonly warnings: readonly string[]
  /** Transactions that run now, that wait for a connection, and that may run at once. */
  readonly running: number
  readonly waiting: number
  readonly poolSize: number
}

/** The database of the house. */
export interface Store {
  /**
   * Runs a function in one transaction, as somebody: its queries see and change the rows of the tenant in the claims, and no others, whatever they ask for. The
   * transaction is committed when the function resolves, and rolled back when it throws, at an abort and at the deadline. With an integration that
   * retries, the function may be called again after a transaction that was certainly rolled back; so let it do nothing but queries.
   * @throws what the function throws; the reason of `signal`; HoldfastError, see the reference
   */
  withClaims<T>(
    claims: Claims,
    work: (transaction: StoreTransaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>
  /** The same for work in the background: for one tenant, under the same policies, with a few more rights (to write job results, to remove what is old). */
  asWorker<T>(
    tenant: string,
    work: (transaction: StoreTransaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>
  /** Whose an API key is; `undefined` when there is no such key, or it has expired, was revoked, or its tenant is suspended. */
  findApiKey(key: string, options?: TransactionOptions): Promise<ApiKeyOwner | undefined>
  /**
   * Writes all of it to a file, as it is at one moment, while others go on. With PostgreSQL the login of `url` has to be a member of `holdfast_backup`, as the one that
   * migrates is.
   * @throws HoldfastError `STORE_BACKUP_FAILED`, and what a transaction throws
   */
  backup(file: string, options?: TransactionOptions): Promise<BackupResult>
  /** Asks the database for a sign of life. @throws HoldfastError */
  check(options?: TransactionOptions): Promise<void>
  status(): StoreStatus
  /** Takes no more transactions, waits for those under way (`closeGraceMs`, then they are rolled back), and gives its connections and its lock back. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
