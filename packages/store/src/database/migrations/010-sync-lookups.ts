import type { Migration } from './migration.ts'

/**
 * Each key of the synchronised records begins with what is asked for. Where two began with the tenant and the kind, a planner without statistics (the embedded database never gathers them, a server not while a table is
 * filled) took both for equally good, and looked through all records of a tenant for each one that it wanted; also where a foreign key was checked.
 */
export const syncLookupsMigration: Migration = {
  id: 10,
  name: 'sync lookups',
  sql: `
alter table holdfast.sync_keys drop constraint sync_keys_tenant_kind_ref_fkey;
alter table holdfast.sync_records drop constraint sync_records_pkey;
alter table holdfast.sync_records add primary key (ref, kind, tenant);
drop index holdfast.sync_records_tenant_kind_component_idx;
create index on holdfast.sync_records (component, kind, tenant);
alter table holdfast.sync_keys drop constraint sync_keys_pkey;
alter table holdfast.sync_keys add primary key (key, kind, tenant, ref);
drop index holdfast.sync_keys_tenant_kind_ref_idx;
create index on holdfast.sync_keys (ref, kind, tenant);
alter table holdfast.sync_keys add foreign key (tenant, kind, ref) references holdfast.sync_records (tenant, kind, ref) on delete cascade;
alter table holdfast.sync_conflicts drop constraint sync_conflicts_pkey;
alter table holdfast.sync_conflicts add primary key (tenant, id, kind);
drop index holdfast.sync_conflicts_tenant_kind_component_idx;
create index on holdfast.sync_conflicts (component, kind, tenant);
`,
}
