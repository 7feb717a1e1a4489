import { guard } from './migration.ts'
import type { Migration } from './migration.ts'

/**
 * Who outside is told of events, and what he has yet to be told. A delivery is there while it is owed, and of those of a topic only the first has a time: the others wait behind it.
 */
export const webhooksMigration: Migration = {
  id: 6,
  name: 'webhooks',
  sql: `
create table holdfast.webhooks (
  tenant text not null default holdfast.current_tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  url text not null check (url <> '' and length(url) <= 2000),
  events jsonb not null,
  label text not null default '',
  last_success_at timestamptz,
  failing_since timestamptz,
  dead_at timestamptz,
  dead_code text,
  primary key (tenant, id)
);
-- Apart from the webhooks, which an app may read.
create table holdfast.webhook_secrets (
  tenant text not null default holdfast.current_tenant(),
  webhook_id uuid not null,
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  secret text not null,
  expires_at timestamptz,
  primary key (tenant, webhook_id, id),
  foreign key (tenant, webhook_id) references holdfast.webhooks (tenant, id) on delete cascade
);
create table holdfast.webhook_deliveries (
  tenant text not null default holdfast.current_tenant(),
  webhook_id uuid not null,
  topic text not null,
  seq bigint not null,
  state text not null default 'pending' check (state in ('pending', 'dead')),
  attempts integer not null default 0,
  next_at timestamptz,
  lease uuid,
  first_at timestamptz,
  last_at timestamptz,
  last_code text,
  primary key (tenant, webhook_id, topic, seq),
  foreign key (tenant, webhook_id) references holdfast.webhooks (tenant, id) on delete cascade,
  foreign key (tenant, topic, seq) references holdfast.outbox (tenant, topic, seq) on delete cascade
);
create index on holdfast.webhook_deliveries (tenant, next_at) where next_at is not null;
create index on holdfast.webhook_deliveries (tenant, topic, seq);
create index on holdfast.outbox (tenant, topic, seq) where dispatched_at is null;

${guard('webhooks', { app: ['select'], worker: ['select', 'insert', 'update', 'delete'] })}
${guard('webhook_secrets', { app: [], worker: ['select', 'insert', 'update', 'delete'] })}
${guard('webhook_deliveries', { app: ['select'], worker: ['select', 'insert', 'update', 'delete'] })}
`,
}
