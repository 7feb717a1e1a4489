import { createHash } from 'node:crypto'
import type { Db, SendOptions } from 'pg-boss'
import type { Envelope } from '../driver.ts'

/** Who may add jobs in transactions of the store (`@holdfast/store/database`), each for the tenant of its claims. */
const STORE_ROLES = ['holdfast_app', 'holdfast_worker'] as const

/** Any number, as long as nobody else takes the same one. */
const LOCK = 4_600_470_017

/**
 * Makes the function by which a job is added in somebody's transaction. The roles of the store have nothing else in the schema of the jobs, so they neither see nor change jobs, and what they add belongs to the tenant
 * of their claims: the job, and the key that it has for itself. Queues of pg-boss's own, whose names have a dot, are not for them.
 *
 * @returns whether the roles of the store are there, and may call it.
 */
export async function makeAddJob(db: Db, schema: string): Promise<boolean> {
  // One after the other: two processes that begin at once would replace it under each other.
  await db.executeSql(`select pg_advisory_xact_lock(${LOCK}); ${functionOf(schema)}${grantsOf(schema)}`)
  return hasStoreRoles(db)
}

/** Whether there is a store in this database server, whose roles are to add jobs. */
export async function hasStoreRoles(db: Db): Promise<boolean> {
  const { rows } = await db.executeSql(`select count(*)::int as roles from pg_roles where rolname = any ($1)`, [
    STORE_ROLES,
  ])
  return (rows as { readonly roles: number }[])[0]?.roles === STORE_ROLES.length
}

/** Adds a job by that function. @returns its id, or that of the one in whose place it would have been. */
export async function addJob(
  db: Db,
  schema: string,
  { queue, envelope, options }: { readonly queue: string; readonly envelope: Envelope; readonly options: SendOptions },
): Promise<string> {
  const { startAfter, ...rest } = options
  const job = { ...rest, data: envelope, ...(startAfter === undefined ? {} : { startAfter }) }
  const { rows } = await db.executeSql(`select ${schema}.add_job($1::text, $2::text::jsonb) as id`, [
    queue,
    JSON.stringify(job),
  ])
  return (rows as { readonly id: string }[])[0]!.id
}

/** pg-boss tells its workers on it. */
function channelOf(schema: string): string {
  return `pgboss_${createHash('sha224').update(schema).digest('hex').slice(0, 24)}`
}

function functionOf(schema: string): string {
  return `
create or replace function ${schema}.add_job(job_queue text, job jsonb) returns uuid
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
declare
  wanted uuid := job ->> 'id';
  owner text := job #>> '{data,tenant}';
  key text := job ->> 'singletonKey';
  claims text := nullif(current_setting('request.jwt.claims', true), '');
  starts_at timestamptz := coalesce((job ->> 'startAfter')::timestamptz, ${schema}.job_now());
  found_id uuid;
begin
  -- Whoever stands in for the owner of the jobs could do all of it by himself.
  if claims is not null or current_setting('role') not in ('none', current_user) or not pg_has_role(session_user, current_user, 'member') then
    if owner is distinct from claims::jsonb ->> 'tenant' or owner is null then
      raise insufficient_privilege using message = 'a job of another tenant';
    end if;
    if job_queue !~ '^[a-z0-9][a-z0-9-]*$' then
      raise insufficient_privilege using message = 'not a queue for jobs';
    end if;
    if wanted is null or key is distinct from wanted::text and key::jsonb ->> 0 is distinct from owner then
      raise insufficient_privilege using message = 'a key of another tenant';
    end if;
  end if;
  -- One that is in the way may have ended by the time that it is looked for.
  for attempt in 1 .. 10 loop
    insert into ${schema}.job (id, name, data, priority, start_after, created_on, singleton_key, expire_seconds, deletion_seconds, keep_until,
      retry_limit, retry_delay, retry_backoff, retry_delay_max, policy, dead_letter, heartbeat_seconds)
    select wanted, q.name, job -> 'data', coalesce((job ->> 'priority')::int, 0), starts_at, ${schema}.job_now(), key, q.expire_seconds, q.deletion_seconds,
      starts_at + q.retention_seconds * interval '1s', coalesce((job ->> 'retryLimit')::int, q.retry_limit), coalesce((job ->> 'retryDelay')::int, q.retry_delay),
      coalesce((job ->> 'retryBackoff')::bool, q.retry_backoff), coalesce((job ->> 'retryDelayMax')::int, q.retry_delay_max), q.policy, q.dead_letter, q.heartbeat_seconds
    from ${schema}.queue q where q.name = job_queue
    on conflict do nothing returning id into found_id;
    if found_id is not null then
      if starts_at <= ${schema}.job_now() then
        perform pg_notify('${channelOf(schema)}', job_queue);
      end if;
      return found_id;
    end if;
    select j.id into found_id from ${schema}.job j
    where j.name = job_queue and j.data ->> 'tenant' = owner and (j.id = wanted or j.singleton_key = key and j.state <= 'active')
    order by j.id = wanted desc limit 1;
    if found_id is not null then
      return found_id;
    end if;
  end loop;
  raise unique_violation using message = 'no place for this job in its queue';
end $function$;
revoke all on function ${schema}.add_job(text, jsonb) from public;
`
}

function grantsOf(schema: string): string {
  const grants = STORE_ROLES.map(
    (role) => `
  if exists (select from pg_roles where rolname = '${role}') then
    grant usage on schema ${schema} to ${role};
    grant execute on function ${schema}.add_job(text, jsonb) to ${role};
  end if;`,
  )
  return `do $grants$ begin${grants.join('')}
end $grants$;`
}
