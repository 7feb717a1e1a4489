import { guard } from './migration.ts'
import type { Migration, TableGuard } from './migration.ts'

/** Workers bring it, people look at it. */
const BROUGHT: TableGuard = { app: ['select'], worker: ['select', 'insert', 'update', 'delete'] }
const OWN: TableGuard = { app: [], worker: ['select', 'insert', 'update', 'delete'] }

const tenant = `tenant text not null default holdfast.current_tenant() references holdfast.tenants (id)`

/** What several sources say of the same things: one row for a record of a source, the keys it is recognised by, what waits for a person, and how far each source was read. */
export const syncMigration: Migration = {
  id: 7,
  name: 'sync',
  sql: `
create table holdfast.sync_records (
  ${tenant},
  kind text not null,
  ref text not null,
  source text not null,
  source_id text not null,
  component text not null,
  fields jsonb not null default '{}',
  deleted jsonb,
  decisions jsonb not null default '{}',
  deleted_at timestamptz,
  primary key (tenant, kind, ref)
);
create index on holdfast.sync_records (tenant, kind, component);
create index on holdfast.sync_records (tenant, deleted_at) where deleted_at is not null;
create table holdfast.sync_keys (
  tenant text not null default holdfast.current_tenant(),
  kind text not null,
  key text not null,
  ref text not null,
  primary key (tenant, kind, key, ref),
  foreign key (tenant, kind, ref) references holdfast.sync_records (tenant, kind, ref) on delete cascade
);
create index on holdfast.sync_keys (tenant, kind, ref);
create table holdfast.sync_conflicts (
  ${tenant},
  kind text not null,
  id text not null,
  component text not null,
  body jsonb not null,
  opened_at timestamptz not null default now(),
  primary key (tenant, kind, id)
);
create index on holdfast.sync_conflicts (tenant, kind, component);
create table holdfast.sync_cursors (
  ${tenant},
  source text not null,
  cursor jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (tenant, source)
);
create table holdfast.sync_watermarks (
  ${tenant},
  kind text not null,
  source text not null,
  stamp jsonb not null,
  primary key (tenant, kind, source)
);
create table holdfast.sync_forgotten (
  ${tenant},
  digest text not null,
  forgotten_at timestamptz not null default now(),
  primary key (tenant, digest)
);
${guard('sync_records', BROUGHT)}
${guard('sync_keys', OWN)}
${guard('sync_conflicts', BROUGHT)}
${guard('sync_cursors', BROUGHT)}
${guard('sync_watermarks', OWN)}
${guard('sync_forgotten', { app: [], worker: ['select', 'insert'] })}
`,
}
