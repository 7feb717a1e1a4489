import { HoldfastError } from '@holdfast/core'

/** The tables, each after those that it refers to. */
export const TABLES: readonly string[] = Object.freeze([
  'tenants',
  'users',
  'api_keys',
  'conversations',
  'messages',
  'clients',
  'leads',
  'requests',
  'rfps',
  'quotes',
  'proposals',
  'tickets',
  'handovers',
  'mails',
  'job_results',
  'idempotency_keys',
  'outside_writes',
  'activities',
  'audit',
  'alerts',
  'incidents',
  'outbox_topics',
  'outbox',
  // After the events: those that are put back are owed to nobody anew.
  'event_subscribers',
  'event_deliveries',
  'workflow_runs',
  'workflow_steps',
  'workflow_signals',
  'sync_records',
  'sync_keys',
  'sync_conflicts',
  'sync_cursors',
  'sync_watermarks',
  'sync_forgotten',
  'sync_pulls',
  'budget_spending',
  'webhooks',
  'webhook_secrets',
  'webhook_deliveries',
])

/** What a backup begins with. */
export interface BackupHeader {
  readonly format: 'holdfast-backup'
  readonly version: 1
  /** The schema that its rows are of. */
  readonly migrations: number
}

/** A line of a backup: its header, a row, or its end with the checksum of all before it. */
export type BackupLine =
  | BackupHeader
  | readonly [table: string, row: unknown]
  | { readonly end: string; readonly rows: Readonly<Record<string, number>> }

export function damaged(what: string): HoldfastError {
  return backupError('BACKUP_DAMAGED', `The backup cannot be restored: ${what}`)
}

export function backupError(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, category: 'validation', message, retryable: false, mayHaveTakenEffect: false })
}
