/**
 * The outbox. Numbers are given before the commit, so a later one may be seen earlier: a reader holds back what
 * `pg_snapshot_xmin(pg_current_snapshot())` says may not be all there yet, by `xid`. The notification is a wake-up only
 * and carries the number alone, since its limit is 8,000 bytes and it is lost while nobody listens.
 */
export const OUTBOX = `
create table holdfast.events (
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  tenant text not null default app.tenant() references holdfast.tenants (id),
  topic text not null check (length(topic) between 1 and 200),
  event text not null check (length(event) between 1 and 200),
  payload jsonb not null default '{}',
  at timestamptz not null default clock_timestamp()
);
create index events_topic on holdfast.events (tenant, topic, id);
create index events_tenant on holdfast.events (tenant, id);

create function app.announce_event() returns trigger language plpgsql as $$
begin
  perform pg_notify('holdfast_events', new.id::text);
  return null;
end $$;
create trigger announce after insert on holdfast.events
  for each row when (current_user <> 'holdfast_backup') execute function app.announce_event();

create function app.touch() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;
do $$
declare
  name text;
begin
  for name in
    select table_name from information_schema.columns
    where table_schema = 'holdfast' and column_name = 'updated_at'
  loop
    execute format('create trigger touch before update on holdfast.%I for each row execute function app.touch()', name);
  end loop;
end $$;
`
