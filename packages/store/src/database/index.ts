/*
 * Where everything is kept: tenants, conversations, requests, quotes, tickets, audit and events, on PostgreSQL inside the process or on a server, guarded by row-level security.
 */
export { createApiKey } from './api-keys.ts'
export type { NewApiKey } from './api-keys.ts'
export type { Claims } from './claims.ts'
export { forgetEvents } from './forget-events.ts'
export { forgetKeys } from './forget-keys.ts'
export { keyReused, once } from './once.ts'
export type { OnceResult } from './once.ts'
export { openStore } from './open-store.ts'
export { STORE_DEFAULTS } from './options.ts'
export type { StoreOptions } from './options.ts'
export { json } from './schema.ts'
export type { Json, JsonText, Moment, NewRow, RowChange, Schema, StoredRow, WorkflowRunState } from './schema.ts'
export type { SignedTopic, Signs } from './signs.ts'
export type { Transaction } from './session-dialect.ts'
export type { BackupResult, FoundApiKey, Store, StoreStatus, TransactionOptions } from './store.ts'
export type { MigrationResult } from './migrations/migrate.ts'
