import { guard } from './migration.ts'
import type { Migration, TableGuard } from './migration.ts'

const ALL: TableGuard = {
  app: ['select', 'insert', 'update', 'delete'],
  worker: ['select', 'insert', 'update', 'delete'],
}
/** What is written stays as it is. */
const APPENDED: TableGuard = { app: ['select', 'insert'], worker: ['select', 'insert'] }
/** What only workers write. */
const WATCHED: TableGuard = { app: ['select'], worker: ['select', 'insert', 'update'] }

const OWN_CONVERSATION = `user_id = (select holdfast.current_user_id()) or (select holdfast.has_role('staff'))`

const tenant = `tenant text not null default holdfast.current_tenant() references holdfast.tenants (id)`
const row = `${tenant},
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  primary key (tenant, id)`
const object = `jsonb not null default '{}'`

// Every key begins with the tenant: a reference or a uniqueness that went beyond it would tell one tenant what another has.
const sql = `
create table holdfast.tenants (
  id text primary key check (id <> '' and length(id) <= 200),
  name text not null,
  created_at timestamptz not null default now()
);
create table holdfast.users (
  ${tenant},
  id text not null,
  email text,
  name text,
  roles jsonb not null default '[]',
  created_at timestamptz not null default now(),
  primary key (tenant, id)
);
create table holdfast.api_keys (
  ${row},
  label text not null,
  prefix text not null,
  hash bytea not null check (octet_length(hash) = 32),
  roles jsonb not null default '[]',
  expires_at timestamptz,
  revoked_at timestamptz,
  unique (tenant, label)
);
-- Not unique, which could be felt from outside: a key is 256 random bits.
create index on holdfast.api_keys (hash);
create table holdfast.conversations (
  ${row},
  user_id text not null,
  assistant text not null,
  title text
);
create index on holdfast.conversations (tenant, user_id, created_at);
create table holdfast.messages (
  ${row},
  conversation_id uuid not null,
  role text not null check (role in ('user', 'assistant', 'system', 'tool')),
  content text not null,
  provenance jsonb,
  foreign key (tenant, conversation_id) references holdfast.conversations (tenant, id) on delete cascade
);
create index on holdfast.messages (tenant, conversation_id, created_at);
create table holdfast.clients (
  ${row},
  email text,
  name text not null,
  phone text,
  profile ${object},
  source text,
  updated_at timestamptz not null default now(),
  unique (tenant, email)
);
create table holdfast.leads (
  ${row},
  client_id uuid,
  source text not null,
  status text not null default 'new',
  details ${object},
  foreign key (tenant, client_id) references holdfast.clients (tenant, id)
);
create index on holdfast.leads (tenant, client_id);
create table holdfast.requests (
  ${row},
  user_id text not null,
  client_id uuid,
  status text not null default 'new',
  text text not null,
  criteria ${object},
  updated_at timestamptz not null default now(),
  foreign key (tenant, client_id) references holdfast.clients (tenant, id)
);
create index on holdfast.requests (tenant, user_id, created_at);
create index on holdfast.requests (tenant, client_id);
create table holdfast.rfps (
  ${row},
  request_id uuid not null,
  external_id text,
  status text not null default 'new',
  details ${object},
  unique (tenant, external_id),
  foreign key (tenant, request_id) references holdfast.requests (tenant, id) on delete cascade
);
create index on holdfast.rfps (tenant, request_id);
create table holdfast.quotes (
  ${row},
  rfp_id uuid not null,
  external_id text,
  operator text,
  aircraft text,
  amount numeric,
  currency text,
  details ${object},
  unique (tenant, external_id),
  foreign key (tenant, rfp_id) references holdfast.rfps (tenant, id) on delete cascade
);
create index on holdfast.quotes (tenant, rfp_id);
create table holdfast.proposals (
  ${row},
  request_id uuid not null,
  status text not null default 'draft',
  ranking jsonb not null default '[]',
  approved_by text,
  approved_at timestamptz,
  foreign key (tenant, request_id) references holdfast.requests (tenant, id) on delete cascade
);
create index on holdfast.proposals (tenant, request_id);
create table holdfast.tickets (
  ${row},
  number text not null,
  status text not null default 'open',
  message text not null,
  details ${object},
  unique (tenant, number)
);
create table holdfast.job_results (
  ${tenant},
  job_id text not null,
  queue text not null,
  state text not null,
  result jsonb,
  finished_at timestamptz not null default now(),
  primary key (tenant, job_id)
);
create table holdfast.idempotency_keys (
  ${tenant},
  key text not null,
  fingerprint text not null,
  result jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant, key)
);
create table holdfast.activities (
  ${row},
  request_id uuid,
  agent text not null,
  activity text not null,
  details ${object},
  foreign key (tenant, request_id) references holdfast.requests (tenant, id) on delete cascade
);
create index on holdfast.activities (tenant, request_id, created_at);
create table holdfast.audit (
  ${row},
  actor text not null,
  action text not null,
  target text,
  details ${object}
);
create index on holdfast.audit (tenant, created_at);
create table holdfast.alerts (
  ${row},
  rule text not null,
  severity text not null,
  state text not null default 'active',
  details ${object},
  resolved_at timestamptz
);
create table holdfast.incidents (
  ${row},
  integration text not null,
  summary text not null,
  details ${object},
  resolved_at timestamptz
);
`

/** An app reads who there is, and a worker sets them up. */
const guards: Readonly<Record<string, TableGuard>> = {
  tenants: { app: ['select'], worker: ['select', 'insert', 'update'], owner: 'id' },
  users: { app: ['select'], worker: ['select', 'insert', 'update', 'delete'] },
  api_keys: { app: [], worker: ['select', 'insert', 'update', 'delete'] },
  conversations: { ...ALL, appSees: OWN_CONVERSATION },
  messages: {
    app: ['select', 'insert'],
    worker: ['select', 'insert', 'update', 'delete'],
    // What is to be seen of the conversations is decided there.
    appSees: `exists (select from holdfast.conversations c where c.tenant = messages.tenant and c.id = messages.conversation_id)`,
  },
  clients: ALL,
  leads: ALL,
  requests: ALL,
  rfps: ALL,
  quotes: ALL,
  proposals: ALL,
  tickets: { app: ['select', 'insert', 'update'], worker: ['select', 'insert', 'update'] },
  job_results: WATCHED,
  idempotency_keys: { app: ['select', 'insert', 'update'], worker: ['select', 'insert', 'update', 'delete'] },
  activities: APPENDED,
  audit: APPENDED,
  alerts: WATCHED,
  incidents: WATCHED,
}

/** What there is to keep. */
export const tablesMigration: Migration = {
  id: 2,
  name: 'tables',
  sql: `${sql}
${Object.entries(guards)
  .map(([table, guarded]) => guard(table, guarded))
  .join('')}
-- A key says whose it is, so it is looked for before there are claims: by a function that can do nothing else, for a hash of 256 bits that nobody guesses.
create policy keys_lookup on holdfast.api_keys for select to holdfast_keys using (true);
grant select on holdfast.api_keys to holdfast_keys;
create function holdfast.find_api_key(wanted bytea)
  returns table (tenant text, id uuid, label text, roles jsonb)
  language sql stable security definer set search_path = holdfast, pg_temp as
  $$ select k.tenant, k.id, k.label, k.roles from holdfast.api_keys k
     where k.hash = wanted and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) $$;
revoke all on function holdfast.find_api_key(bytea) from public;
grant execute on function holdfast.find_api_key(bytea) to holdfast_app;
grant create on schema holdfast to holdfast_keys;
alter function holdfast.find_api_key(bytea) owner to holdfast_keys;
revoke create on schema holdfast from holdfast_keys;
`,
}
