import type { Migration, Right } from './migration.ts'

const mine = `tenant = (select holdfast.current_tenant())`
/** In subqueries they are called once a statement, and not once a row. */
const all = `(select holdfast.sees_tenant())`

/** What of a table a person sees who does not see all of his tenant. */
const OWN: Readonly<Record<string, string>> = {
  requests: `user_id = (select holdfast.current_user_id())`,
  // What is to be seen of the requests is decided there, as for the other tables below.
  clients: `exists (select from holdfast.requests r where r.tenant = clients.tenant and r.client_id = clients.id)`,
  rfps: `exists (select from holdfast.requests r where r.tenant = rfps.tenant and r.id = rfps.request_id)`,
  quotes: `exists (select from holdfast.rfps r where r.tenant = quotes.tenant and r.id = quotes.rfp_id)`,
  proposals: `exists (select from holdfast.requests r where r.tenant = proposals.tenant and r.id = proposals.request_id)`,
  activities: `exists (select from holdfast.requests r where r.tenant = activities.tenant and r.id = activities.request_id)`,
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
  id: 19,
  name: 'own requests',
  sql: `
create function holdfast.sees_tenant() returns boolean language sql stable as
  $$ select coalesce(holdfast.claims() -> 'roles' ?| array['staff', 'broker', 'admin'], false) $$;
create function holdfast.may_approve() returns boolean language sql stable as
  $$ select coalesce(holdfast.claims() -> 'roles' ?| array['staff', 'admin'], false) $$;
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
