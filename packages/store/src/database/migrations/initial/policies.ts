/**
 * Who sees and does what. A tenant's rows are everybody's of that tenant, with three exceptions: API keys, who the users are and
 * what they may, and reading the audit trail are for its administrators. Nobody bypasses the policies: not the worker, not the owner. `holdfast_backup` alone reads and writes all
 * of it, and no connection of an application may become that.
 */
export const POLICIES = `
do $$
declare
  name text;
  mine text;
begin
  for name in select tablename from pg_tables where schemaname = 'holdfast' loop
    execute format('alter table holdfast.%I enable row level security', name);
    execute format('alter table holdfast.%I force row level security', name);
    if name <> 'migrations' then
      mine := case name when 'tenants' then 'id' else 'tenant' end || ' = (select app.tenant())';
      execute format('create policy select_own on holdfast.%I for select to holdfast_app, holdfast_worker using (%s)', name, mine);
      execute format('create policy insert_own on holdfast.%I for insert to holdfast_app, holdfast_worker with check (%s)', name, mine);
      execute format('create policy update_own on holdfast.%I for update to holdfast_app, holdfast_worker using (%s) with check (%s)', name, mine, mine);
      execute format('create policy delete_own on holdfast.%I for delete to holdfast_app, holdfast_worker using (%s)', name, mine);
      execute format('create policy read_all on holdfast.%I for select to holdfast_backup using (true)', name);
      execute format('create policy write_all on holdfast.%I for insert to holdfast_backup with check (true)', name);
      execute format('grant select, insert on holdfast.%I to holdfast_backup', name);
    end if;
  end loop;
end $$;

create policy read on holdfast.migrations for select using (true);
create policy record on holdfast.migrations for insert to holdfast_owner with check (true);
grant select on holdfast.migrations to holdfast_app, holdfast_worker, holdfast_backup;
grant update on sequence holdfast.events_id_seq to holdfast_backup;

create policy read_by_administrators on holdfast.api_keys as restrictive for select to holdfast_app
  using ((select app.has_role('admin')));
create policy insert_by_administrators on holdfast.api_keys as restrictive for insert to holdfast_app
  with check ((select app.has_role('admin')));
create policy update_by_administrators on holdfast.api_keys as restrictive for update to holdfast_app
  using ((select app.has_role('admin')));
create policy insert_by_administrators on holdfast.users as restrictive for insert to holdfast_app
  with check ((select app.has_role('admin')));
create policy update_by_administrators on holdfast.users as restrictive for update to holdfast_app
  using ((select app.has_role('admin')));
create policy read_by_administrators on holdfast.audit as restrictive for select to holdfast_app
  using ((select app.has_role('admin')));

grant select on all tables in schema holdfast to holdfast_app, holdfast_worker;

grant insert, update on holdfast.tenants to holdfast_worker;
grant insert, update on
  holdfast.users, holdfast.api_keys, holdfast.conversations, holdfast.clients, holdfast.leads, holdfast.requests, holdfast.rfps,
  holdfast.quotes, holdfast.proposals, holdfast.tickets, holdfast.idempotency_keys, holdfast.incidents, holdfast.alerts
  to holdfast_app, holdfast_worker;
grant insert on holdfast.messages to holdfast_app, holdfast_worker;
grant insert, update, delete on holdfast.job_results to holdfast_worker;
grant delete on holdfast.conversations, holdfast.messages, holdfast.clients, holdfast.leads to holdfast_app, holdfast_worker;
grant delete on holdfast.idempotency_keys to holdfast_worker;

-- What is only ever added to. Numbers, times and transactions are the database's to give.
grant insert (tenant, request_id, agent, activity, metadata) on holdfast.activities to holdfast_app, holdfast_worker;
grant insert (tenant, action, subject, details) on holdfast.audit to holdfast_app;
grant insert (tenant, actor, action, subject, details) on holdfast.audit to holdfast_worker;
grant insert (tenant, topic, event, payload) on holdfast.events to holdfast_app, holdfast_worker;
grant delete on holdfast.events, holdfast.activities to holdfast_worker;

revoke execute on function app.announce_event(), app.touch() from public;
`
