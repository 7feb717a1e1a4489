import { rolesMigration } from './001-roles.ts'
import { tablesMigration } from './002-tables.ts'
import { outboxMigration } from './003-outbox.ts'
import { intakeMigration } from './004-intake.ts'
import { workflowsMigration } from './005-workflows.ts'
import { webhooksMigration } from './006-webhooks.ts'
import { syncMigration } from './007-sync.ts'
import { eventSubscribersMigration } from './008-event-subscribers.ts'
import { keyAgeMigration } from './009-key-age.ts'
import { syncLookupsMigration } from './010-sync-lookups.ts'
import { eventAgeMigration } from './011-event-age.ts'
import { toldInReplyMigration } from './012-told-in-reply.ts'
import { outsideWritesMigration } from './013-outside-writes.ts'
import { syncPullsMigration } from './014-sync-pulls.ts'
import { budgetSpendingMigration } from './015-budget-spending.ts'
import { writeInputsMigration } from './016-write-inputs.ts'
import { keyExpiryMigration } from './017-key-expiry.ts'
import { ownRequestsMigration } from './018-own-requests.ts'
import type { Migration } from './migration.ts'

/** The steps of the schema, in their order. */
export const MIGRATIONS: readonly Migration[] = Object.freeze([
  rolesMigration,
  tablesMigration,
  outboxMigration,
  intakeMigration,
  workflowsMigration,
  webhooksMigration,
  syncMigration,
  eventSubscribersMigration,
  keyAgeMigration,
  syncLookupsMigration,
  eventAgeMigration,
  toldInReplyMigration,
  outsideWritesMigration,
  syncPullsMigration,
  budgetSpendingMigration,
  writeInputsMigration,
  keyExpiryMigration,
  ownRequestsMigration,
])
