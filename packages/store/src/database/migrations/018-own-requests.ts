import type { Migration, Right } from './migration.ts'

const mine = `tenant = (select holdfast.current_tenant())`
/** In a subquery it is called once a statement, and not once a row. */
const all = `(select holdfast.sees_tenant())`

/** What of a table a person sees who does not see all of his tenant. By functions, which are planned once a session, and run for such people alone: with the subqueries themselves in the policies every statement paid for planning them. */
const OWN: Readonly<Record<string, string>> = {
  requests: `user_id = (select holdfast.current_user_id())`,
  clients: `id in (select holdfast.own_clients())`,
  rfps: `request_id in (select holdfast.own_requests())`,
  quotes: `rfp_id in (select holdfast.own_rfps())`,
  proposals: `request_id in (select holdfast.own_requests())`,
  activities: `request_id in (select holdfast.own_requests())`,
  leads: 'false',
}

/** What such a person writes; the rest is for those who see all. */
const WRITES: Readonly<Record<string, Partial<Record<Right, string>>>> = {
  requests: { insert: OWN['requests']!, update: OWN['requests']!, delete: OWN['requests']! },
  activities: { insert: `request_id is null or ${OWN['activities']!}` },
  // He may leave one.
  leads: { insert: 'true' },
}

/** Policies for the app in place of those that let everybody of a tenant at all of its rows. */
function policiesOf(table: string): string {
  const rights: readonly Right[] =
    table === 'activities' ? ['select', 'insert'] : ['select', 'insert', 'update', 'delete']
  return rights
    .map((right) => {
      const own = right === 'select' ? OWN[table] : WRITES[table]?.[right]
      const condition = `${mine} and (${all}${own === undefined ? '' : ` or ${own}`})`
      const using = right === 'insert' ? '' : ` using (${condition})`
      const check = right === 'insert' || right === 'update' ? ` with check (${condition})` : ''
      return `drop policy holdfast_app_${right} on holdfast.${table};
create policy holdfast_app_${right} on holdfast.${table} for ${right} to holdfast_app${using}${check};
`
    })
    .join('')
}

/** Within a tenant people see their own requests and what hangs on them; those who work there see all. Approvals are given by who may, in his own name. */
export const ownRequestsMigration: Migration = {
  id: 18,
  name: 'own requests',
  sql: `
create function holdfast.sees_tenant() returns boolean language sql stable as
  $$ select coalesce(holdfast.claims() -> 'roles' ?| array['staff', 'broker', 'admin'], false) $$;
create function holdfast.may_approve() returns boolean language sql stable as
  $$ select coalesce(holdfast.claims() -> 'roles' ?| array['staff', 'admin'], false) $$;
create function holdfast.own_requests() returns setof uuid language plpgsql stable rows 100 as
  $$ begin return query select r.id from holdfast.requests r
     where r.tenant = holdfast.current_tenant() and r.user_id = holdfast.current_user_id(); end $$;
-- One look by the index for each request of his: joined, all rfps of the tenant may be read.
create function holdfast.own_rfps() returns setof uuid language plpgsql stable rows 100 as
  $$ begin return query select f.id from holdfast.own_requests() r (id), lateral (
       select i.id from holdfast.rfps i where i.tenant = holdfast.current_tenant() and i.request_id = r.id offset 0) f; end $$;
create function holdfast.own_clients() returns setof uuid language plpgsql stable rows 100 as
  $$ begin return query select r.client_id from holdfast.requests r
     where r.tenant = holdfast.current_tenant() and r.user_id = holdfast.current_user_id() and r.client_id is not null; end $$;
${Object.keys(OWN).map(policiesOf).join('')}
-- Whose client a request is of is not for him to say: he would see that one.
create function holdfast.check_request() returns trigger language plpgsql as $$
begin
  if not holdfast.sees_tenant() and new.client_id is distinct from (case tg_op when 'UPDATE' then old.client_id end) then
    raise insufficient_privilege using message = 'the client of a request';
  end if;
  return new;
end $$;
create trigger check_request before insert or update on holdfast.requests
  for each row when (current_user = 'holdfast_app') execute function holdfast.check_request();

create function holdfast.check_approval() returns trigger language plpgsql as $$
declare
  before holdfast.proposals;
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  if (new.approved_by, new.approved_at) is distinct from (before.approved_by, before.approved_at)
    and not (holdfast.may_approve() and new.approved_by is not distinct from holdfast.current_user_id()) then
    raise insufficient_privilege using message = 'an approval';
  end if;
  return new;
end $$;
create trigger check_approval before insert or update on holdfast.proposals
  for each row when (current_user = 'holdfast_app') execute function holdfast.check_approval();
`,
}
