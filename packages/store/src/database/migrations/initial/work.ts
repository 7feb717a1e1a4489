/** What runs in the background, what went wrong, and what everybody is told of. */
export const WORK = `
create table holdfast.tickets (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id text not null check (length(id) between 1 and 64),
  conversation_id uuid,
  user_id text,
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'emergency')),
  status text not null default 'open' check (status in ('open', 'in-progress', 'resolved', 'closed')),
  summary text not null check (length(summary) between 1 and 2000),
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, user_id) references holdfast.users (tenant, id),
  foreign key (tenant, conversation_id) references holdfast.conversations (tenant, id) on delete set null (conversation_id)
);
create index tickets_status on holdfast.tickets (tenant, status, created_at desc);
create index tickets_conversation on holdfast.tickets (tenant, conversation_id);
create index tickets_user on holdfast.tickets (tenant, user_id);

create table holdfast.job_results (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  queue text not null check (length(queue) between 1 and 64),
  key text not null check (length(key) between 1 and 200),
  request_id uuid,
  status text not null check (status in ('succeeded', 'failed', 'cancelled')),
  attempts integer not null default 1 check (attempts >= 0),
  result jsonb,
  error jsonb,
  started_at timestamptz,
  finished_at timestamptz not null default now(),
  primary key (tenant, queue, key),
  foreign key (tenant, request_id) references holdfast.requests (tenant, id)
);
create index job_results_request on holdfast.job_results (tenant, request_id);
create index job_results_finished on holdfast.job_results (tenant, finished_at);

create table holdfast.idempotency_keys (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  key text not null check (length(key) between 1 and 200),
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  result jsonb,
  at timestamptz not null default now(),
  primary key (tenant, key)
);
create index idempotency_keys_at on holdfast.idempotency_keys (tenant, at);

create table holdfast.activities (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  request_id uuid,
  agent text not null check (length(agent) between 1 and 64),
  activity text not null check (length(activity) between 1 and 200),
  metadata jsonb not null default '{}',
  at timestamptz not null default clock_timestamp(),
  primary key (tenant, id),
  foreign key (tenant, request_id) references holdfast.requests (tenant, id)
);
create index activities_at on holdfast.activities (tenant, at desc);
create index activities_request on holdfast.activities (tenant, request_id, at desc);

create table holdfast.audit (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  actor text not null default coalesce(app.user_id(), current_user) check (length(actor) between 1 and 200),
  action text not null check (length(action) between 1 and 200),
  subject text check (length(subject) between 1 and 400),
  details jsonb not null default '{}',
  at timestamptz not null default clock_timestamp(),
  primary key (tenant, id)
);
create index audit_at on holdfast.audit (tenant, at desc);

create table holdfast.incidents (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  title text not null check (length(title) between 1 and 500),
  severity text not null check (severity in ('info', 'warning', 'critical')),
  status text not null default 'open' check (status in ('open', 'mitigated', 'closed')),
  details jsonb not null default '{}',
  opened_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (tenant, id)
);
create index incidents_status on holdfast.incidents (tenant, status, opened_at desc);

create table holdfast.alerts (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  incident_id uuid,
  rule text not null check (length(rule) between 1 and 200),
  severity text not null check (severity in ('info', 'warning', 'critical')),
  status text not null default 'raised' check (status in ('raised', 'acknowledged', 'resolved')),
  message text not null check (length(message) between 1 and 2000),
  details jsonb not null default '{}',
  raised_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  resolved_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, incident_id) references holdfast.incidents (tenant, id)
);
create index alerts_status on holdfast.alerts (tenant, status, raised_at desc);
create index alerts_incident on holdfast.alerts (tenant, incident_id);
`
