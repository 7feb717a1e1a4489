import { guard } from './migration.ts'
import type { Migration } from './migration.ts'

/**
 * Writes to other systems, by their idempotency keys: claimed before they are made, and with their result after. Only workers see them. The key of the table begins with what is asked for, as those of the synchronised
 * records do.
 */
export const outsideWritesMigration: Migration = {
  id: 13,
  name: 'outside-writes',
  sql: `
create table holdfast.outside_writes (
  tenant text not null default holdfast.current_tenant() references holdfast.tenants (id),
  service text not null,
  key text not null,
  fingerprint text not null,
  state text not null default 'claimed' check (state in ('claimed', 'made', 'unconfirmed')),
  claim uuid not null,
  result jsonb,
  claimed_at timestamptz not null default now(),
  primary key (key, service, tenant)
);
create index on holdfast.outside_writes (tenant, state, claimed_at);
${guard('outside_writes', { app: [], worker: ['select', 'insert', 'update', 'delete'] })}`,
}
