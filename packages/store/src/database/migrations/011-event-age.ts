import type { Migration } from './migration.ts'

/** Events can be found by their age, and workers may take old ones away. */
export const eventAgeMigration: Migration = {
  id: 11,
  name: 'event-age',
  sql: `
create index on holdfast.outbox (tenant, created_at);
grant delete on holdfast.outbox to holdfast_worker;
create policy holdfast_worker_delete on holdfast.outbox for delete to holdfast_worker
  using (tenant = (select holdfast.current_tenant()));
`,
}
