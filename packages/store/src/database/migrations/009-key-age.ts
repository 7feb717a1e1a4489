import type { Migration } from './migration.ts'

/** Idempotency keys can be found by their age, so that old ones can be forgotten without a look at all. */
export const keyAgeMigration: Migration = {
  id: 9,
  name: 'key-age',
  sql: `create index on holdfast.idempotency_keys (tenant, created_at);`,
}
