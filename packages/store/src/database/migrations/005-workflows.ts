import { guard } from './migration.ts'
import type { Migration, TableGuard } from './migration.ts'

/** What only workers write, and take away when it is old. */
const KEPT: TableGuard = { app: ['select'], worker: ['select', 'insert', 'update', 'delete'] }

const run = `tenant text not null default holdfast.current_tenant() references holdfast.tenants (id),
  run_id uuid not null`
const ofRun = `foreign key (tenant, run_id) references holdfast.workflow_runs (tenant, id) on delete cascade`

/** Who finds the runs that are due, of all tenants. */
export const SWEEPER = 'holdfast_sweeper'

/**
 * Runs of workflows, their steps, and what was signalled to them. `wake_at` is when somebody has to look at a run: the end of its wait, or of the lease of whoever is at it. `fence` counts
 * the leases, so that one who has lost his can write nothing more.
 */
export const workflowsMigration: Migration = {
  id: 5,
  name: 'workflows',
  sql: `
create table holdfast.workflow_runs (
  tenant text not null default holdfast.current_tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  workflow text not null check (workflow <> '' and length(workflow) <= 64),
  version integer not null check (version > 0),
  state text not null default 'pending' check (state in ('pending', 'running', 'waiting', 'completed', 'failed', 'cancelled')),
  input jsonb not null,
  output jsonb,
  failure jsonb,
  request_id uuid,
  started_by text not null,
  idempotency_key text check (length(idempotency_key) <= 200),
  fingerprint text,
  deadline_at timestamptz,
  wake_at timestamptz,
  is_wanted boolean not null default false,
  fence bigint not null default 0,
  lost_leases integer not null default 0,
  signals integer not null default 0,
  cancellation jsonb,
  unknown_since timestamptz,
  parent_run uuid,
  parent_step text,
  parent_signal text,
  ended_at timestamptz,
  primary key (tenant, id),
  unique (tenant, idempotency_key),
  foreign key (tenant, request_id) references holdfast.requests (tenant, id) on delete cascade
);
create index on holdfast.workflow_runs (tenant, created_at);
create index on holdfast.workflow_runs (tenant, request_id);
create index on holdfast.workflow_runs (tenant) where ended_at is null;
create index on holdfast.workflow_runs (tenant, parent_run) where parent_run is not null;
create index on holdfast.workflow_runs (wake_at) where wake_at is not null;
create index on holdfast.workflow_runs (ended_at) where ended_at is not null;
create table holdfast.workflow_steps (
  ${run},
  name text not null check (name <> '' and length(name) <= 1000),
  scope text not null,
  position integer not null,
  kind text not null,
  state text not null check (state in ('running', 'waiting', 'completed', 'failed', 'cancelled')),
  attempts integer not null default 0,
  failures integer not null default 0,
  spec jsonb not null default '{}',
  result jsonb,
  failure jsonb,
  wake_at timestamptz,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (tenant, run_id, name),
  unique (tenant, run_id, scope, position),
  ${ofRun}
);
create table holdfast.workflow_signals (
  ${run},
  seq integer not null,
  created_at timestamptz not null default now(),
  signal text not null check (signal <> '' and length(signal) <= 100),
  source text,
  payload jsonb,
  sent_by text not null,
  idempotency_key text check (length(idempotency_key) <= 200),
  fingerprint text,
  taken_by text,
  primary key (tenant, run_id, seq),
  unique (tenant, run_id, idempotency_key),
  ${ofRun}
);
${guard('workflow_runs', KEPT)}
${guard('workflow_steps', KEPT)}
${guard('workflow_signals', KEPT)}
-- Whoever drives runs has to find those that are due, of all tenants: by a function that can tell whose and which they are, and nothing of what is in them.
do $$ begin
  if not exists (select from pg_roles where rolname = 'holdfast_sweeper') then
    create role holdfast_sweeper nologin nosuperuser nobypassrls noinherit;
  end if;
  grant holdfast_sweeper to current_user;
end $$;
grant usage on schema holdfast to holdfast_sweeper;
create policy due_runs on holdfast.workflow_runs for select to holdfast_sweeper using (true);
grant select (tenant, id, wake_at, ended_at) on holdfast.workflow_runs to holdfast_sweeper;
create function holdfast.due_workflow_runs(due_before timestamptz, ended_before timestamptz, most integer)
  returns table (tenant text, id uuid, due_at timestamptz, is_over boolean)
  language sql stable security definer set search_path = holdfast, pg_temp as
  $$ (select r.tenant, r.id, r.wake_at, false from workflow_runs r where r.wake_at <= due_before order by r.wake_at limit most)
     union all
     (select r.tenant, r.id, null, true from workflow_runs r where r.ended_at < ended_before order by r.ended_at limit most) $$;
revoke all on function holdfast.due_workflow_runs(timestamptz, timestamptz, integer) from public;
grant execute on function holdfast.due_workflow_runs(timestamptz, timestamptz, integer) to holdfast_worker;
grant create on schema holdfast to holdfast_sweeper;
alter function holdfast.due_workflow_runs(timestamptz, timestamptz, integer) owner to holdfast_sweeper;
revoke create on schema holdfast from holdfast_sweeper;
`,
}
