import type { Migration } from './migration.ts'

/** The roles that everything is done in. */
export const ROLES: readonly string[] = ['holdfast_app', 'holdfast_worker', 'holdfast_backup', 'holdfast_keys']

/** Made once for all databases of a server, so they may be there already. */
const roles = ROLES.map(
  (role) => `
  if not exists (select from pg_roles where rolname = '${role}') then
    create role ${role} nologin nosuperuser nobypassrls noinherit;
  end if;
  grant ${role} to current_user;`,
).join('')

/** Who may do something, and how the database knows for whom it is done. */
export const rolesMigration: Migration = {
  id: 1,
  name: 'roles and claims',
  sql: `
do $$ begin ${roles}
end $$;

revoke all on schema holdfast from public;
grant usage on schema holdfast to ${ROLES.join(', ')};

-- The setting is empty, and not null, on a connection whose last transaction had one.
create function holdfast.claims() returns jsonb language sql stable as
  $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create function holdfast.current_tenant() returns text language sql stable as
  $$ select holdfast.claims() ->> 'tenant' $$;
create function holdfast.current_user_id() returns text language sql stable as
  $$ select holdfast.claims() ->> 'user' $$;
create function holdfast.has_role(role text) returns boolean language sql stable as
  $$ select coalesce(holdfast.claims() -> 'roles' ? role, false) $$;
`,
}
