import { createHash } from 'node:crypto'
import type { JournalRecord } from '../journal/journal.ts'

/** A name for a record that is the same after every restart, tells nothing of its key, and fits into a header: 43 characters of base64url. */
export function idempotencyKeyOf({ tenant, kind, key }: Pick<JournalRecord, 'tenant' | 'kind' | 'key'>): string {
  return createHash('sha256')
    .update(JSON.stringify([tenant, kind, key]))
    .digest('base64url')
}
