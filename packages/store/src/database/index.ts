/**
 * The database of the house: PGlite inside the process, or PostgreSQL. Every query runs in a transaction as somebody, and sees the rows of
 * that tenant only.
 */
export { sql } from 'kysely'
export { createApiKey } from './api-keys.ts'
export type { ApiKeyOwner, CreatedApiKey, NewApiKey } from './api-keys.ts'
export type { BackupResult } from './backup/backup.ts'
export type { Claims } from './claims.ts'
export { classifyDatabase } from './classify.ts'
export type { StoreClosed, StoreConnectionLost, StoreEvent, StoreMigrationApplied, StoreOpened } from './events.ts'
export { json } from './json.ts'
export { once } from './once.ts'
export type { OnceOptions } from './once.ts'
export { openStore, restoreStore } from './open-store.ts'
export type { RestoreResult } from './open-store.ts'
export { STORE_DEFAULTS } from './options.ts'
export type { StoreOptions } from './options.ts'
export type { Json, Schema } from './schema.ts'
export type { Store, StoreStatus, StoreTransaction, TransactionOptions } from './store.ts'
