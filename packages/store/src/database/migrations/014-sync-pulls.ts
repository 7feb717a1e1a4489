import { guard } from './migration.ts'
import type { Migration } from './migration.ts'

/** How the last pull of each source of a tenant went (`run` is of who is at it: somebody later takes it over by another), and when a client of the store was changed last. */
export const syncPullsMigration: Migration = {
  id: 14,
  name: 'sync-pulls',
  sql: `
create table holdfast.sync_pulls (
  tenant text not null default holdfast.current_tenant() references holdfast.tenants (id),
  source text not null,
  run uuid not null,
  state text not null check (state in ('running', 'done', 'failed')),
  started_at timestamptz not null,
  ended_at timestamptz,
  succeeded_at timestamptz,
  failures integer not null default 0,
  failure jsonb,
  counts jsonb not null default '{}',
  primary key (tenant, source)
);
-- A client is known to have changed by this time, whoever has changed him.
create function holdfast.touch() returns trigger language plpgsql as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end $$;
create trigger touch before update on holdfast.clients for each row when (old.* is distinct from new.*) execute function holdfast.touch();
${guard('sync_pulls', { app: ['select'], worker: ['select', 'insert', 'update', 'delete'] })}
`,
}
