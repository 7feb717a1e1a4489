import type { EmbeddedDatabase } from './engine/engine.ts'
import type { IntegrationSnapshot } from '@holdfast/core'
import type { Claims } from './claims.ts'
import type { MigrationResult } from './migrations/migrate.ts'
import type { Transaction } from './session-dialect.ts'
import type { SignedTopic } from './signs.ts'

/** What a transaction may be told. */
export interface TransactionOptions {
  /** The caller's abort: everything is rolled back. */
  readonly signal?: AbortSignal | undefined
  /** The request this belongs to, for events and logs. */
  readonly requestId?: string | undefined
  /** For the whole of it, in ms, if that is less than the store's own limit. */
  readonly timeoutMs?: number | undefined
}

/** How a store is. */
export interface StoreStatus {
  readonly engine: 'pglite' | 'postgres'
  readonly migrations: number
  /** What should be otherwise, in words; empty when all is well. */
  readonly warnings: readonly string[]
  readonly health: IntegrationSnapshot
}

/** Whose an API key is. */
export interface FoundApiKey {
  readonly tenant: string
  readonly id: string
  readonly label: string
  readonly roles: readonly string[]
  /** Left out of one that never does. */
  readonly expiresAt?: Date
}

/** Where everything is kept. There is no way to a row but in somebody's name. */
export interface Store {
  readonly engine: 'pglite' | 'postgres'
  /**
   * The database inside the process, for a library that keeps tables in a schema of its own, such as a queue: two of them would take the memory twice. It stands above all claims; nothing
   * that knows of a tenant belongs there. `undefined` on a server.
   */
  readonly embedded: EmbeddedDatabase | undefined
  /** What was done to the schema when the store was opened. */
  readonly migrated: MigrationResult
  /**
   * Runs a function in one transaction, in the name of a person. What it resolves to is the result once everything is committed; when it rejects, nothing has been done, and its own error comes out as it is.
   *
   * @throws HoldfastError `INVALID_CLAIMS`; `NOT_ALLOWED`, `CONFLICT`, `REFERENCE_MISSING` and others for statements (`client`); of category `network`, `timeout`, `overloaded` and others when the database is not there, which the
   * integration counts. `mayHaveTakenEffect` is true only when the connection was lost during the commit.
   */
  withClaims<T>(
    claims: Claims,
    work: (transaction: Transaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>
  /** The same in the name of a tenant's workers, who set up tenants, users and keys, and write what apps may only read. */
  asWorker<T>(tenant: string, work: (transaction: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Whose key this is, as long as it has neither been revoked nor expired. */
  findApiKey(key: string, options?: TransactionOptions): Promise<FoundApiKey | undefined>
  /** Calls back when events of a topic have come, or may have come, by the database and by `signs`: after a break of either `undefined`, and everybody has to look. @returns what ends it. */
  onEvents(listener: (topic: SignedTopic | undefined) => void): Promise<() => Promise<void>>
  /**
   * Writes everything to a file, which either engine can restore; as it was at one moment, while everybody goes on.
   * @throws HoldfastError `BACKUP_EXISTS` when there is such a file.
   */
  backup(path: string, options?: TransactionOptions): Promise<BackupResult>
  /**
   * Puts back what {@link Store.backup} has written, all of it or nothing.
   * @throws HoldfastError `STORE_NOT_EMPTY`, `BACKUP_DAMAGED`, `BACKUP_OF_ANOTHER_VERSION`.
   */
  restore(path: string, options?: TransactionOptions): Promise<BackupResult>
  status(): Promise<StoreStatus>
  /** Waits for what is under way. */
  close(): Promise<void>
}

/** What was written, or read. */
export interface BackupResult {
  /** Rows in each table. */
  readonly rows: Readonly<Record<string, number>>
}
