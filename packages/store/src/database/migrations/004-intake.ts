import { guard } from './migration.ts'
import type { Migration } from './migration.ts'

const row = `tenant text not null default holdfast.current_tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  primary key (tenant, id)`

/** What else is taken in: conversations that a person is to take over, and mails that are to be sent. */
export const intakeMigration: Migration = {
  id: 4,
  name: 'hand-overs and mails',
  sql: `
create table holdfast.handovers (
  ${row},
  reason text not null,
  summary text,
  -- As whoever asks knows it: it need not be one of ours.
  conversation text,
  status text not null default 'open',
  details jsonb not null default '{}'
);
create index on holdfast.handovers (tenant, status, created_at);
create table holdfast.mails (
  ${row},
  recipients jsonb not null check (jsonb_typeof(recipients) = 'array'),
  subject text not null,
  body text not null,
  details jsonb not null default '{}',
  sent_at timestamptz
);
create index on holdfast.mails (tenant, created_at) where sent_at is null;

${guard('handovers', { app: ['select', 'insert', 'update'], worker: ['select', 'insert', 'update'] })}
${guard('mails', { app: ['select', 'insert'], worker: ['select', 'insert', 'update'] })}
`,
}
