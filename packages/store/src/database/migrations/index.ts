import { rolesMigration } from './001-roles.ts'
import { tablesMigration } from './002-tables.ts'
import { outboxMigration } from './003-outbox.ts'
import { webhooksMigration } from './006-webhooks.ts'
import type { Migration } from './migration.ts'

/** The steps of the schema, in their order. */
export const MIGRATIONS: readonly Migration[] = Object.freeze([
  rolesMigration,
  tablesMigration,
  outboxMigration,
  webhooksMigration,
])
