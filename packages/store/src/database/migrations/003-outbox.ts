import { guard } from './migration.ts'
import type { Migration } from './migration.ts'

/**
 * Events, written in the transaction of what they tell of. Each topic counts for itself, and its counter is held until the commit: so its events become visible in their order and without
 * a gap, and the numbers say nothing about other topics.
 */
export const outboxMigration: Migration = {
  id: 3,
  name: 'outbox',
  sql: `
create table holdfast.outbox_topics (
  tenant text not null references holdfast.tenants (id),
  topic text not null check (topic <> '' and length(topic) <= 200),
  last_seq bigint not null,
  primary key (tenant, topic)
);
create table holdfast.outbox (
  tenant text not null default holdfast.current_tenant(),
  topic text not null,
  seq bigint not null,
  event text not null check (event <> '' and length(event) <= 200),
  payload jsonb not null default '{}',
  created_at timestamptz not null default now(),
  dispatched_at timestamptz,
  primary key (tenant, topic, seq),
  foreign key (tenant, topic) references holdfast.outbox_topics (tenant, topic)
);
create index on holdfast.outbox (tenant, created_at) where dispatched_at is null;

create function holdfast.number_event() returns trigger language plpgsql as $$
begin
  -- One that comes from a backup has its number.
  if new.seq is null then
    insert into holdfast.outbox_topics as t (tenant, topic, last_seq) values (new.tenant, new.topic, 1)
      on conflict (tenant, topic) do update set last_seq = t.last_seq + 1
      returning last_seq into new.seq;
  end if;
  return new;
end $$;
create trigger number_event before insert on holdfast.outbox for each row execute function holdfast.number_event();

-- A wake-up, no more: who is woken reads the table under claims of his own. It may be missed.
create function holdfast.tell_event() returns trigger language plpgsql as $$
begin
  perform pg_notify('holdfast_events', json_build_array(new.tenant, new.topic)::text);
  return null;
end $$;
create trigger tell_event after insert on holdfast.outbox for each row execute function holdfast.tell_event();

${guard('outbox_topics', { app: ['select', 'insert', 'update'], worker: ['select', 'insert', 'update'] })}
${guard('outbox', { app: ['select', 'insert'], worker: ['select', 'insert', 'update'] })}
`,
}
