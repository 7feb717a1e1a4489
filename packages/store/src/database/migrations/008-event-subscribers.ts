import { guard } from './migration.ts'
import type { Migration } from './migration.ts'

/**
 * Who in this program is told of events, and what he has yet to be told: a delivery is made in the transaction of its event, and is there while it is owed. So nothing is passed over that happened
 * while nobody worked, and what was told needs no place to be remembered in.
 */
export const eventSubscribersMigration: Migration = {
  id: 8,
  name: 'event-subscribers',
  sql: `
create table holdfast.event_subscribers (
  tenant text not null default holdfast.current_tenant() references holdfast.tenants (id),
  name text not null check (name <> '' and length(name) <= 60),
  events jsonb not null,
  primary key (tenant, name)
);
create table holdfast.event_deliveries (
  tenant text not null default holdfast.current_tenant(),
  subscriber text not null,
  topic text not null,
  seq bigint not null,
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  lease uuid,
  primary key (tenant, subscriber, topic, seq),
  foreign key (tenant, subscriber) references holdfast.event_subscribers (tenant, name) on delete cascade,
  foreign key (tenant, topic, seq) references holdfast.outbox (tenant, topic, seq) on delete cascade
);
create index on holdfast.event_deliveries (tenant, subscriber, next_at);
create index on holdfast.event_deliveries (tenant, topic, seq);

create function holdfast.owe_event() returns trigger language plpgsql as $$
begin
  insert into holdfast.event_deliveries (tenant, subscriber, topic, seq)
    select s.tenant, s.name, new.topic, new.seq from holdfast.event_subscribers s
    where s.tenant = new.tenant and s.events @> to_jsonb(new.event);
  return null;
end $$;
create trigger owe_event after insert on holdfast.outbox for each row execute function holdfast.owe_event();

${guard('event_subscribers', { app: ['select'], worker: ['select', 'insert', 'update', 'delete'] })}
${guard('event_deliveries', { app: ['insert'], worker: ['select', 'insert', 'update', 'delete'] })}
`,
}
